"""Figures of plans side by side, each difference in words, with a colour and an icon that say whether it is good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext

from aps.models import ScenarioFigures
from aps.selectors import Comparison
from masterdata import shown

GOOD, BAD, EVEN = "done", "late", "planned"


@dataclass(frozen=True)
class Cell:
    """A figure of one plan; `said` is its difference to the plan in force, in words."""

    text: str
    said: str = ""
    tone: str = EVEN
    icon: str = "equal"


@dataclass(frozen=True)
class Line:
    """One figure of all plans, the plan in force first."""

    label: Any
    hint: Any
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Kpi:
    """How a figure is shown. `is_cost` False: neither more nor less of it is good by itself."""

    name: str
    label: Promise | str
    hint: Promise | str
    text: Callable[[Any], str]
    difference: Callable[[int], str]
    is_cost: bool = True


def count(value: Any) -> str:
    """ "1,204"."""
    return shown.number(value, 0)


def fewer(by: int) -> str:
    """ "3 more", "2 fewer"."""
    return _("%(n)s more") % {"n": count(by)} if by > 0 else _("%(n)s fewer") % {"n": count(-by)}


def less(by: int) -> str:
    """ "1 h more", "40 min less"."""
    said = {"time": shown.duration(abs(by))}
    return _("%(time)s more") % said if by > 0 else _("%(time)s less") % said


def sooner(by: int) -> str:
    """ "1 h later", "40 min sooner"."""
    said = {"time": shown.duration(abs(by))}
    return _("%(time)s later") % said if by > 0 else _("%(time)s sooner") % said


def moment(value: dt.datetime | None) -> str:
    """ "Thu 26 Nov, 14:30"."""
    return shown.when(value) if value else shown.DASH


KPIS = (
    Kpi("late_lines", _l("Late lines"), _l("15 min or more after their date"), count, fewer),
    Kpi("lateness_min", _l("Delay, weighted"), _l("minutes late times weight, all together"), shown.duration, less),
    Kpi("mean_late_min", _l("Mean delay"), _l("per order line, those in time count 0"), shown.duration, less),
    Kpi("worst_late_min", _l("Worst delay"), _l("of the latest order line"), shown.duration, less),
    Kpi("setup_min", _l("Setup"), _l("of all operations that are still open"), shown.duration, less),
    Kpi("ends_at", _l("All done"), _l("the end of the last operation"), moment, sooner),
    Kpi("moved", _l("Operations moved"), _l("by more than 15 min, against the plan in force"), count, fewer, False),
    Kpi("machine_changes", _l("Other machine"), _l("than in the plan in force"), count, fewer, False),
)


def lines(found: Comparison) -> list[Line]:
    """A line for each figure; empty without results."""
    if found.was is None:
        return []
    was = found.was
    return [
        Line(
            kpi.label,
            kpi.hint,
            (Cell(kpi.text(getattr(was, kpi.name))), *(_cell(kpi, was, one) for one in found.results)),
        )
        for kpi in KPIS
    ]


def _cell(kpi: Kpi, was: ScenarioFigures, now: ScenarioFigures) -> Cell:
    old, new = getattr(was, kpi.name), getattr(now, kpi.name)
    by = _minutes_between(old, new) if kpi.name == "ends_at" else new - old
    if not by:
        return Cell(kpi.text(new), _("the same"))
    tone = (BAD if by > 0 else GOOD) if kpi.is_cost else EVEN
    return Cell(kpi.text(new), kpi.difference(by), tone, "arrow-up" if by > 0 else "arrow-down")


def _minutes_between(old: dt.datetime | None, new: dt.datetime | None) -> int:
    return round((new - old).total_seconds() / 60) if old is not None and new is not None else 0


def centres(found: Comparison) -> list[Line]:
    """Utilisation of each work centre; more or less is neither good nor bad by itself."""
    return [Line(one.name, "", tuple(_percents(one.percents))) for one in found.centres]


def _percents(values: Sequence[float | None]) -> list[Cell]:
    was = values[0]
    cells = [Cell(_percent(was))]
    for value in values[1:]:
        by = round(value) - round(was) if value is not None and was is not None else 0
        more = ngettext("%(n)d point more", "%(n)d points more", by)
        if by < 0:
            more = ngettext("%(n)d point less", "%(n)d points less", -by)
        icon = "arrow-up" if by > 0 else "arrow-down" if by < 0 else "equal"
        cells.append(Cell(_percent(value), more % {"n": abs(by)} if by else _("the same"), EVEN, icon))
    return cells


def _percent(value: float | None) -> str:
    return shown.DASH if value is None else f"{value:.0f} %"


def verdict(was: ScenarioFigures, now: ScenarioFigures) -> list[tuple[str, str]]:
    """What the scenario brings: parts of one sentence, each with its tone."""
    late, delay, setup = (
        getattr(now, name) - getattr(was, name) for name in ("late_lines", "lateness_min", "setup_min")
    )
    said = []
    if late > 0:
        said.append((ngettext("%(n)d late line more", "%(n)d late lines more", late) % {"n": late}, BAD))
    elif late < 0:
        said.append((ngettext("%(n)d late line fewer", "%(n)d late lines fewer", -late) % {"n": -late}, GOOD))
    if delay:
        said.append((_("%(difference)s delay") % {"difference": less(delay)}, BAD if delay > 0 else GOOD))
    if setup:
        said.append((_("%(difference)s setup") % {"difference": less(setup)}, BAD if setup > 0 else GOOD))
    return said or [(_("Delay and setup stay as they are"), EVEN)]
