"""OEE of plants, work centres and machines; by day, week or shift; of orders: hours and yield."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from masterdata import worktime
from masterdata.models import Machine, WorkCentre
from masterdata.worktime import instant
from mes.counted import COUNTS
from mes.oee import Figures, Period, total
from mes.selectors.machine_time import MachineTime, machine_time

DAY = dt.timedelta(days=1)
NOTHING = Figures()

_ORDERS = f"""
    SELECT w.number, coalesce(so.number, ''), so.id, o.id, o.sequence, o.name, m.name,
        coalesce(t.producing, 0), coalesce(t.setup, 0), coalesce(t.stopped, 0),
        coalesce(q.good, 0), coalesce(q.scrap, 0), coalesce(q.rework, 0),
        (o.setup_min + o.run_min_per_unit * coalesce(o.quantity, w.quantity))
    FROM (
        SELECT s.operation_id,
            sum(extract(epoch FROM least(coalesce(s.until_at, %(end)s), %(end)s) - greatest(s.since_at, %(start)s)))
                FILTER (WHERE s.state = 'producing') / 60 AS producing,
            sum(extract(epoch FROM least(coalesce(s.until_at, %(end)s), %(end)s) - greatest(s.since_at, %(start)s)))
                FILTER (WHERE s.state = 'setup') / 60 AS setup,
            sum(extract(epoch FROM least(coalesce(s.until_at, %(end)s), %(end)s) - greatest(s.since_at, %(start)s)))
                FILTER (WHERE s.state IN ('stopped', 'fault')) / 60 AS stopped
        FROM mes_machinestate s
        WHERE s.machine_id = ANY(%(machines)s) AND s.operation_id IS NOT NULL
          AND s.since_at < %(end)s AND (s.until_at IS NULL OR s.until_at > %(start)s)
        GROUP BY s.operation_id
    ) t
    JOIN erp_workorderoperation o ON o.id = t.operation_id
    JOIN erp_workorder w ON w.id = o.work_order_id
    JOIN masterdata_material m ON m.id = w.material_id
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    LEFT JOIN erp_salesorder so ON so.id = l.order_id
    LEFT JOIN LATERAL (
        SELECT sum(e.good_qty) AS good, sum(e.scrap_qty) AS scrap, sum(e.rework_qty) AS rework
        FROM mes_executionevent e
        WHERE e.operation_id = o.id AND e.machine_id = ANY(%(machines)s) AND e.kind IN ('report', 'finish')
          AND e.corrected_at >= %(start)s AND e.corrected_at < %(end)s AND {COUNTS}
    ) q ON true
    ORDER BY coalesce(so.number, w.number), w.number, o.sequence
"""  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True)
class Rolled:
    """Figures of something that contains others: of a work centre its machines, of a plant its work centres.

    `asked` names it in an address: "machine=7", "centre=2", "plant=1".
    """

    code: str
    name: str
    figures: Figures
    parts: tuple[Rolled, ...] = ()
    machine_id: int | None = None
    asked: str = ""


@dataclass(frozen=True, slots=True)
class OrderHours:
    """Minutes and pieces of one operation in the period; planned are the minutes of the whole operation."""

    work_order: str
    order: str
    order_id: int | None
    operation_id: int
    sequence: int
    operation: str
    material: str
    producing: Decimal
    setup: Decimal
    stopped: Decimal
    good: Decimal
    scrap: Decimal
    rework: Decimal
    planned: Decimal

    @property
    def yield_(self) -> Decimal | None:
        made = self.good + self.scrap + self.rework
        return self.good / made if made else None


def measured_machines(*, plant_ids: Collection[int]) -> list[Machine]:
    """Active machines of the plants with their work centres and plants, in the order of the factory."""
    rows = Machine.objects.filter(is_active=True, work_centre__plant__in=plant_ids)
    return list(
        rows.select_related("work_centre__plant").order_by("work_centre__plant__code", "work_centre__code", "code")
    )


def rolled_up(machines: Sequence[Machine], time: MachineTime, period: Period | None = None) -> list[Rolled]:
    """Plants over work centres over machines, numerators and denominators added."""
    plants: dict[int, dict[int, list[Rolled]]] = {}
    centres: dict[int, WorkCentre] = {}
    for machine in machines:
        centre = machine.work_centre
        centres[centre.pk] = centre
        asked = f"machine={machine.pk}"
        one = Rolled(machine.code, machine.name, time.figures(machine.pk, period), (), machine.pk, asked)
        plants.setdefault(centre.plant_id, {}).setdefault(centre.pk, []).append(one)
    found = []
    for by_centre in plants.values():
        parts = tuple(
            Rolled(
                centres[pk].code,
                centres[pk].name,
                total(one.figures for one in rows),
                tuple(rows),
                asked=f"centre={pk}",
            )
            for pk, rows in by_centre.items()
        )
        plant = centres[next(iter(by_centre))].plant
        whole = total(one.figures for one in parts)
        found.append(Rolled(plant.code, plant.name, whole, parts, asked=f"plant={plant.pk}"))
    return found


def trend(machines: Sequence[Machine], time: MachineTime, periods: Sequence[Period]) -> list[tuple[Period, Figures]]:
    """All the machines together in each of the periods."""
    return [(period, total(time.figures(machine.pk, period) for machine in machines)) for period in periods]


def days(start: dt.datetime, end: dt.datetime, zone: str) -> list[Period]:
    """The local days that the period touches, cut to it."""
    return list(_cut(_midnights(start, end, zone, 1), start, end))


def weeks(start: dt.datetime, end: dt.datetime, zone: str) -> list[Period]:
    """The weeks from Monday on, cut to the period."""
    return list(_cut(_midnights(start, end, zone, 7), start, end))


def shifts(start: dt.datetime, end: dt.datetime, calendar_id: int) -> list[tuple[str, Period]]:
    """The shifts of a calendar that begin in the period, breaks and all: their words ("06:00 to 14:00") and times."""
    pattern = worktime.patterns([calendar_id]).get(calendar_id)
    if pattern is None:
        return []
    zone = ZoneInfo(pattern.time_zone)
    found, on = [], start.astimezone(zone).date() - DAY
    while on <= end.astimezone(zone).date():
        for shift in pattern.shifts:
            if shift.weekday == on.weekday():
                last = on + DAY if shift.ends <= shift.starts else on
                begins = instant(dt.datetime.combine(on, shift.starts), zone)
                ends = instant(dt.datetime.combine(last, shift.ends), zone)
                if start <= begins < end:
                    found.append((f"{shift.starts:%H:%M} to {shift.ends:%H:%M}", (begins, ends)))
        on += DAY
    return sorted(found, key=lambda one: one[1])


def order_hours(
    *, machine_ids: Collection[int], start: dt.datetime, end: dt.datetime, now: dt.datetime
) -> list[OrderHours]:
    """Hours and yield of what ran on the machines in the period, by order. One query."""
    values: dict[str, Any] = {"machines": sorted(machine_ids), "start": start, "end": min(end, now)}
    with connection.cursor() as cursor:
        cursor.execute(_ORDERS, values)
        return [OrderHours(*row) for row in cursor.fetchall()]


def figures_of(
    *, machines: Sequence[Machine], start: dt.datetime, end: dt.datetime, now: dt.datetime
) -> tuple[MachineTime, list[Rolled]]:
    """The machines' time of the period and their figures rolled up."""
    time = machine_time(machines=machines, start=start, end=end, now=now)
    return time, rolled_up(machines, time)


def _midnights(start: dt.datetime, end: dt.datetime, zone: str, step: int) -> Iterator[Period]:
    local = ZoneInfo(zone)
    on = start.astimezone(local).date()
    on -= dt.timedelta(days=on.weekday() if step == 7 else 0)
    while (begins := instant(dt.datetime.combine(on, dt.time(0)), local)) < end:
        on += step * DAY
        yield begins, instant(dt.datetime.combine(on, dt.time(0)), local)


def _cut(periods: Iterator[Period], start: dt.datetime, end: dt.datetime) -> Iterator[Period]:
    for begins, ends in periods:
        if max(begins, start) < min(ends, end):
            yield max(begins, start), min(ends, end)
