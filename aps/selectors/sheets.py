"""A week of the published plan for paper: what each machine does, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from zoneinfo import ZoneInfo

from aps.models import PlannedOperation
from masterdata.models import Machine, Plant
from masterdata.shown import number
from masterdata.worktime import worked_minutes, working_times

DAY = dt.timedelta(days=1)
FARTHEST = 50
"""Years from today in which a week is looked at."""


@dataclass(frozen=True, slots=True)
class SheetDay:
    """A day of a machine; `rows` are what begins on it, on the first day also what was begun before."""

    on: dt.date
    rows: list[PlannedOperation]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One machine's week. `open_min` is the working time of its calendar, `busy_min` what of that the plan takes."""

    machine: Machine
    days: list[SheetDay] = field(default_factory=list)
    open_min: int = 0
    busy_min: int = 0

    @property
    def busy_h(self) -> str:
        """Hours, to a tenth."""
        return number(Decimal(self.busy_min) / 60, 1)

    @property
    def open_h(self) -> str:
        """Hours, to a tenth."""
        return number(Decimal(self.open_min) / 60, 1)

    @property
    def load(self) -> int | None:
        """Per cent of the working time; none when the machine does not work in the week."""
        return round(100 * self.busy_min / self.open_min) if self.open_min else None


def monday_of(text: str, today: dt.date) -> dt.date:
    """The Monday of "2026-W49"; of the week of `today` when it says no week."""
    try:
        year, _, week = text.partition("-W")
        found = dt.date.fromisocalendar(int(year), int(week), 1)
    except ValueError:
        found = dt.date.min
    return found if abs(found.year - today.year) <= FARTHEST else today - DAY * today.weekday()


def machine_sheets(plant: Plant, monday: dt.date, machine_ids: Collection[int] = ()) -> list[Sheet]:
    """A sheet per machine, by work centre and code: of those named, else of all that have work in the week.

    Days are the plant's. The number of queries does not depend on how many machines or operations there are.
    """
    zone = ZoneInfo(plant.time_zone)
    first, last = (dt.datetime.combine(day, dt.time(0), tzinfo=zone) for day in (monday, monday + 7 * DAY))
    rows = PlannedOperation.objects.filter(plant=plant, starts_at__lt=last, ends_at__gt=first)
    if machine_ids:
        rows = rows.filter(machine__in=machine_ids)
    related = "operation__work_order__material__unit", "operation__work_order__sales_order_line__order__customer"
    rows = rows.select_related(*related).order_by("machine_id", "starts_at", "operation_id")
    of_machine = {pk: list(found) for pk, found in groupby(rows, key=lambda row: row.machine_id)}
    wanted = set(machine_ids) or set(of_machine)
    machines = Machine.objects.filter(pk__in=wanted, work_centre__plant=plant).select_related("work_centre")
    known = list(machines.order_by("work_centre__code", "code"))
    calendars = {one.pk: one.calendar_id or one.work_centre.calendar_id for one in known}
    times = working_times(calendars.values(), first.astimezone(dt.UTC), last.astimezone(dt.UTC))
    sheets = []
    for one in known:
        own, open_at = of_machine.get(one.pk, []), times[calendars[one.pk]]
        busy = sum(worked_minutes(open_at, row.starts_at, row.ends_at) for row in own)
        whole = worked_minutes(open_at, first, last)
        sheets.append(Sheet(one, list(_days(own, monday, zone)), whole, busy))
    return sheets


def _days(rows: list[PlannedOperation], monday: dt.date, zone: ZoneInfo) -> Iterator[SheetDay]:
    for row in rows:
        row.pieces = row.operation.pieces_of(row.operation.work_order)  # type: ignore[attr-defined]
    for on, found in groupby(rows, key=lambda row: max(monday, row.starts_at.astimezone(zone).date())):
        yield SheetDay(on, list(found))
