"""Columns of lists and fields of detail pages: where a value comes from, how it is shown, sorted and exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from html import unescape
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from masterdata import drawn, line, shown
from masterdata.markup import filled

Source = str | Callable[[Any], Any]


@dataclass(frozen=True)
class Column:
    """A value of a row as text.

    `source` is a dotted path ("customer.name") or a function of the row; `sort` the field to order by (empty: not
    sortable); `link` makes the cell open the row's page; `css` goes on head and cells (`w-1` shrinks, `wide` grows);
    `second` is a second, quieter line under the value; `empty` says why a value may be missing.
    """

    source: Source
    label: Any
    sort: str = ""
    link: bool = False
    css: str = ""
    second: Source = ""
    empty: Any = ""
    exported: bool = True

    @property
    def key(self) -> str:
        return self.source if isinstance(self.source, str) else str(self.label)

    @property
    def classes(self) -> str:
        return f"num {self.css}".strip() if self.is_numeric else self.css

    @property
    def is_numeric(self) -> bool:
        return False

    def value(self, row: Any) -> Any:
        return read(row, self.source)

    def cell(self, row: Any) -> Any:
        """What stands in the table."""
        value = self.value(row)
        shown_value = drawn.dash(self.empty) if value is None or value == "" else self.show(value, row)
        if not self.second:
            return shown_value
        second = read(row, self.second)
        if second in (None, ""):
            return shown_value
        return filled('{} <small class="second">{}</small>', shown_value, second)

    def show(self, value: Any, row: Any) -> Any:
        return str(value)

    def plain(self, row: Any) -> Any:
        """What goes into an export: numbers and dates stay what they are, moments are in the plant's time."""
        value = self.value(row)
        if isinstance(value, datetime):
            return timezone.localtime(value).replace(tzinfo=None)
        if value is None or isinstance(value, (int, Decimal, date)):
            return value
        return str(value)


class Code(Column):
    """A number or code: set as a word."""

    def show(self, value: Any, row: Any) -> Any:
        return filled('<span class="tl-code id">{}</span>', value)


@dataclass(frozen=True)
class Number(Column):
    places: int | None = None

    @property
    def is_numeric(self) -> bool:
        return True

    def show(self, value: Any, row: Any) -> Any:
        return shown.number(value, self.places)


@dataclass(frozen=True)
class Money(Column):
    """An amount. The currency stands in the head (`label`) or, when rows differ, before the amount (`currency`)."""

    currency: Source = ""
    places: int = 2

    @property
    def is_numeric(self) -> bool:
        return True

    def show(self, value: Any, row: Any) -> Any:
        return shown.money(value, read(row, self.currency) if self.currency else "", self.places)


@dataclass(frozen=True)
class Quantity(Column):
    unit: Source = ""

    @property
    def is_numeric(self) -> bool:
        return True

    def show(self, value: Any, row: Any) -> Any:
        return shown.quantity(value, read(row, self.unit) if self.unit else "")


class Percent(Number):
    def show(self, value: Any, row: Any) -> Any:
        return shown.percent(value, self.places or 0)


class Day(Column):
    """A date: "Thu 26 Nov"."""

    def show(self, value: Any, row: Any) -> Any:
        return drawn.timed(value, shown.day(value))

    def plain(self, row: Any) -> Any:
        value = super().plain(row)
        return value.date() if isinstance(value, datetime) else value


class When(Column):
    """A moment in the plant's time: "Thu 26 Nov, 14:30"."""

    def show(self, value: Any, row: Any) -> Any:
        return drawn.timed(value, shown.when(value))


@dataclass(frozen=True)
class Expected(Column):
    """The expected date with its distance to the due date: "Fri 4 Dec  2 days late"."""

    due: Source = ""

    def show(self, value: Any, row: Any) -> Any:
        day = drawn.timed(value, shown.day(value))
        due = read(row, self.due)
        return day if due is None else filled('{} <span class="s12">{}</span>', day, drawn.late(due, value))


@dataclass(frozen=True)
class State(Column):
    """A chip; `word` is where the label is (default: the row's get_..._display)."""

    word: Source = ""

    def show(self, value: Any, row: Any) -> Any:
        return drawn.chip(str(value), self._word(row))

    def plain(self, row: Any) -> Any:
        return str(self._word(row) or self.value(row))

    def _word(self, row: Any) -> Any:
        if self.word:
            return read(row, self.word)
        display = getattr(row, f"get_{self.key}_display", None)
        return display() if display else ""


class YesNo(Column):
    def show(self, value: Any, row: Any) -> Any:
        return _("Yes") if value else _("No")

    def plain(self, row: Any) -> Any:
        return _("Yes") if self.value(row) else _("No")


class Rail(Column):
    """The line, small; the source gives stations."""

    def show(self, value: Any, row: Any) -> Any:
        return drawn.rail_small(value)

    def plain(self, row: Any) -> Any:
        return line.caption(self.value(row) or [])


class Operations(Column):
    """A work order's operations as a small rail; the source gives `OperationBar`s."""

    def show(self, value: Any, row: Any) -> Any:
        return drawn.rail_operations(value)

    def plain(self, row: Any) -> Any:
        return ", ".join(f"{bar.label} {int(bar.percent)} %" for bar in self.value(row) or [])


class Html(Column):
    """Markup that the source returns already escaped (format_html); a file gets its words."""

    def show(self, value: Any, row: Any) -> Any:
        return value

    def plain(self, row: Any) -> Any:
        value = self.value(row)
        words = " ".join(unescape(strip_tags(str(value or "").replace("<", " <"))).split())
        return None if not words or words.startswith(shown.DASH) else words


def read(row: Any, source: Source) -> Any:
    """The value at a dotted path, calling what can be called; a missing middle is no value, and so is the row that a
    one-to-one relation does not have yet."""
    if callable(source):
        return source(row)
    value = row
    for name in source.split("."):
        if value is None:
            return None
        try:
            value = value.get(name) if isinstance(value, dict) else getattr(value, name)
        except ObjectDoesNotExist:
            return None
        if callable(value) and not hasattr(value, "all"):
            value = value()
    return value
