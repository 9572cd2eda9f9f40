"""Rows of a week on paper, drawn without a template: there are tens of thousands, and it takes a second for 6,000."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from aps.selectors import Sheet, SheetRow
from masterdata import drawn, shown


class DrawnDay(NamedTuple):
    """A day of a sheet with its table's rows."""

    on: dt.date
    rows: SafeString


class DrawnSheet(NamedTuple):
    """A sheet with what is drawn of its days."""

    sheet: Sheet
    days: list[DrawnDay]


def drawn_sheets(sheets: Sequence[Sheet]) -> Iterator[DrawnSheet]:
    """The sheets in the active time zone and language."""
    pen = _Pen()
    for sheet in sheets:
        days = [
            DrawnDay(day.on, mark_safe("".join(pen.row(row, day.on) for row in day.rows)))  # noqa: S308 - escaped there
            for day in sheet.days
        ]
        yield DrawnSheet(sheet, days)


class _Pen:
    """Draws rows; days are drawn once."""

    def __init__(self) -> None:
        self.stock = escape(_("Stock"))
        self.known: dict[dt.datetime | dt.date | None, str] = {None: ""}

    def row(self, row: SheetRow, on: dt.date) -> str:
        """A row of the table."""
        buyer = f"{escape(row.order)}<br><small>{escape(row.customer)}</small>" if row.order else self.stock
        setup = self.setup(row.setup_min, row.family)
        return (
            f'<tr><td class="num">{self.clock(row.starts_at, on)}</td>'
            f'<td class="num">{self.clock(row.ends_at, on)}</td>'
            f"<td><strong>{escape(row.work_order)}</strong><br><small>{escape(row.material)}</small></td>"
            f"<td>{escape(row.operation)}{f'<br><small>{setup}</small>' if setup else ''}</td>"
            f'<td class="num">{escape(shown.quantity(row.pieces, row.unit))}</td>'
            f"<td>{buyer}</td><td>{self.day(row.due)}</td>"
            f'<td class="print-tick">{"✓" if row.is_finished else "☐"}</td></tr>'
        )

    def clock(self, at: dt.datetime, on: dt.date) -> str:
        """The time, behind its day when that is another one."""
        return f"{at:%H:%M}" if at.date() == on else f"{self.day(at)} {at:%H:%M}"

    def day(self, at: dt.datetime | dt.date | None) -> str:
        """The day with its exact time for machines."""
        if at not in self.known:
            self.known[at] = drawn.timed(at, shown.day(at))
        return self.known[at]

    def setup(self, minutes: int, family: str) -> str:
        """Setup in words, and the family that the machine is set up for."""
        words = _("setup %(setup)s") % {"setup": shown.duration(minutes)} if minutes else ""
        return escape(f"{words} {family}".strip())
