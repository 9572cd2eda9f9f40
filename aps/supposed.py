"""The changes of a scenario in plain words, and what each is about."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from aps.models import ChangeKind, ScenarioChange
from masterdata import shown
from masterdata.worktime import shop_time

WEIGHT_WORDS = {
    "setup_hour_min": "an hour of setup counts {} min",
    "sooner_day_min": "a day later counts {} min",
    "moved_min": "a moved job counts {} min",
    "machine_min": "another machine counts {} min",
    "moved_after_min": "moved means by more than {} min",
    "stable_for_h": "the floor was told about {} h",
    "frozen_h": "nothing moves within {} h",
}
NAMED = ("machine", "work_centre", "calendar", "order_line__order", "material__unit", "scenario__plant")


def changes_of(scenario_ids: list[int]) -> QuerySet[ScenarioChange]:
    """The changes of scenarios with everything that their words need; one query."""
    return ScenarioChange.objects.filter(scenario__in=scenario_ids).select_related(*NAMED).order_by("scenario", "pk")


def sentence(change: ScenarioChange) -> str:
    """ "SAW-1 at 120 % speed"; times in the plant's zone."""
    kind = ChangeKind(change.kind)
    if kind == ChangeKind.WEIGHTS:
        said = ", ".join(WEIGHT_WORDS[name].format(value) for name, value in change.weights.items())
        return said[:1].upper() + said[1:]
    if kind == ChangeKind.NEW_ORDER and change.material is not None:
        weight = f", weight {change.weight}" if change.weight != 1 else ""
        quantity = shown.quantity(change.quantity, change.material.unit.code)
        return f"{quantity} of {change.material.name} for {day(change.due_on)}{weight}"
    return {
        ChangeKind.MACHINE_OFF: f"{subject(change)} does not work {span(change)}",
        ChangeKind.MACHINE_ON: f"{subject(change)} works {span(change)}",
        ChangeKind.MACHINE_COPY: f"One more {subject(change)}, at {change.speed_percent} % speed",
        ChangeKind.SPEED: f"{subject(change)} at {change.speed_percent} % speed",
        ChangeKind.CALENDAR: f"{subject(change)} works by calendar {change.calendar}",
        ChangeKind.OVERTIME: f"{subject(change)} works overtime {span(change)}",
        ChangeKind.LINE_DUE: f"{subject(change)} is due {day(change.due_on)}",
        ChangeKind.LINE_WEIGHT: f"{subject(change)} has weight {change.weight}",
        ChangeKind.LINE_OUT: f"{subject(change)} is left out",
    }[kind]


def subject(change: ScenarioChange) -> str:
    """What it is about: "SAW-1", "SO-17/10"."""
    if change.machine is not None:
        return change.machine.code
    if change.work_centre is not None:
        return change.work_centre.name
    if change.order_line is not None:
        return f"{change.order_line.order.number}/{change.order_line.line_no}"
    return change.material.code if change.material is not None else str(change.get_kind_display())


def span(change: ScenarioChange) -> str:
    """ "from Mon 23 Nov, 10:00 to 14:00" in the plant's zone."""
    if change.from_at is None or change.until_at is None:
        return ""
    zone = ZoneInfo(change.scenario.plant.time_zone)
    until = change.until_at.astimezone(zone)
    same_day = until.date() == change.from_at.astimezone(zone).date()
    last = f"{until:%H:%M}" if same_day else shop_time(change.until_at, zone.key)
    return f"from {shop_time(change.from_at, zone.key)} to {last}"


def day(on: dt.date | None) -> str:
    """ "Fri 27 Nov 2026"."""
    return "" if on is None else f"{on:%a} {on.day} {on:%b %Y}"
