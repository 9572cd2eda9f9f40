"""A week of the published plan for paper: what each machine does, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.db.models.functions import Coalesce

from aps.models import PlannedOperation
from masterdata.models import Machine, Plant
from masterdata.shown import number
from masterdata.worktime import worked_minutes, working_times

DAY = dt.timedelta(days=1)
FARTHEST = 50
"""Years from today in which a week is looked at."""


class SheetRow(NamedTuple):
    """An operation on paper, times in the plant's zone. `pieces` is what it is for; without an order it is stock."""

    machine_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    setup_min: int
    operation: str
    family: str
    is_finished: bool
    work_order: str
    material: str
    pieces: Decimal
    unit: str
    order: str | None
    customer: str | None
    promised_at: dt.datetime | None
    wanted_on: dt.date | None

    @property
    def starts_on(self) -> dt.date:
        """The day."""
        return self.starts_at.date()

    @property
    def due(self) -> dt.datetime | dt.date | None:
        """What was promised, else wanted."""
        return self.promised_at or self.wanted_on


@dataclass(frozen=True, slots=True)
class SheetDay:
    """A day of a machine; `rows` are what begins on it, on the first day also what was begun before."""

    on: dt.date
    rows: list[SheetRow]


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
    of_machine = {pk: list(found) for pk, found in groupby(_rows(rows, zone), key=attrgetter("machine_id"))}
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
        sheets.append(Sheet(one, list(_days(own, monday)), whole, busy))
    return sheets


def _rows(planned: QuerySet[PlannedOperation], zone: ZoneInfo) -> Iterator[SheetRow]:
    """By machine and time; plain values: a week has thousands, and models of each would take longer than the query."""
    work = "operation__work_order"
    line = f"{work}__sales_order_line"
    is_finished = ExpressionWrapper(Q(operation__finished_at__isnull=False), output_field=BooleanField())
    found = planned.order_by("machine_id", "starts_at", "operation_id").values_list(
        *("machine_id", "starts_at", "ends_at", "setup_min", "operation__name", "operation__setup_family", is_finished),
        *(f"{work}__number", f"{work}__material__name", Coalesce("operation__quantity", f"{work}__quantity")),
        *(f"{work}__material__unit__code", f"{line}__order__number", f"{line}__order__customer__name"),
        *(f"{line}__promised_at", f"{line}__wanted_on"),
    )
    for machine_id, starts_at, ends_at, *others in found:
        yield SheetRow(machine_id, starts_at.astimezone(zone), ends_at.astimezone(zone), *others)


def _days(rows: list[SheetRow], monday: dt.date) -> Iterator[SheetDay]:
    for on, found in groupby(rows, key=lambda row: max(monday, row.starts_on)):
        yield SheetDay(on, list(found))
