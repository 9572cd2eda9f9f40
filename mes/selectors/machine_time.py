"""What machines did in a period: their states with orders and reasons, what was reported on them, their calendars."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from masterdata import statements, worktime
from masterdata.models import Machine
from mes.counted import COUNTS
from mes.oee import Figures, Output, Period, Span, measure

_STAYS = """
    SELECT s.id, s.machine_id, s.state, s.since_at, s.until_at, s.reason_id, coalesce(rc.name, ''), s.operation_id,
           coalesce(o.name, ''), coalesce(w.number, ''), coalesce(so.number, ''), s.event_id::text, s.machine_event,
           s.downtime_id, s.reason_event_id::text
    FROM mes_machinestate s
    LEFT JOIN masterdata_reasoncode rc ON rc.id = s.reason_id
    LEFT JOIN erp_workorderoperation o ON o.id = s.operation_id
    LEFT JOIN erp_workorder w ON w.id = o.work_order_id
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    LEFT JOIN erp_salesorder so ON so.id = l.order_id
    WHERE s.machine_id = ANY(%s::bigint[]) AND s.since_at < %s::timestamptz
      AND (s.until_at IS NULL OR s.until_at > %s::timestamptz)
    ORDER BY s.machine_id, s.since_at
"""
_REPORTS = f"""
    SELECT e.machine_id, e.id::text, e.corrected_at, e.operation_id, o.run_min_per_unit * 100 / mc.speed_percent,
           e.good_qty, e.scrap_qty, e.rework_qty, o.name, coalesce(so.number, w.number), coalesce(em.name, ''),
           coalesce(rc.name, '')
    FROM mes_executionevent e
    JOIN erp_workorderoperation o ON o.id = e.operation_id
    JOIN erp_workorder w ON w.id = o.work_order_id
    JOIN masterdata_machine mc ON mc.id = e.machine_id
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    LEFT JOIN erp_salesorder so ON so.id = l.order_id
    LEFT JOIN masterdata_employee em ON em.id = e.operator_id
    LEFT JOIN masterdata_reasoncode rc ON rc.id = e.reason_id
    WHERE e.machine_id = ANY(%s::bigint[]) AND e.kind IN ('report', 'finish')
      AND e.corrected_at >= %s::timestamptz AND e.corrected_at < %s::timestamptz
      AND (e.good_qty > 0 OR e.scrap_qty > 0 OR e.rework_qty > 0) AND {COUNTS}
    ORDER BY e.machine_id, e.corrected_at
"""  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True)
class Stay:
    """A machine in one state; `until` empty: still. The ids name what began it and what gave its reason."""

    id: int
    machine_id: int
    state: str
    since: dt.datetime
    until: dt.datetime | None
    reason_id: int | None
    reason: str
    operation_id: int | None
    operation: str
    work_order: str
    order: str
    event_id: str | None
    machine_event: str
    downtime_id: int | None
    reason_event_id: str | None

    @property
    def is_stop(self) -> bool:
        return self.state in ("stopped", "fault")

    @property
    def document(self) -> str:
        """The number that people know it by: the customer's order, else the work order."""
        return self.order or self.work_order


@dataclass(frozen=True, slots=True)
class Reported:
    """Pieces of one report, and the planned run time of a piece on that machine in minutes."""

    machine_id: int
    event_id: str
    at: dt.datetime
    operation_id: int
    planned_min: Decimal
    good: Decimal
    scrap: Decimal
    rework: Decimal
    operation: str
    document: str
    who: str
    reason: str

    @property
    def planned_run(self) -> Decimal:
        """Planned minutes of all its pieces."""
        return self.planned_min * (self.good + self.scrap + self.rework)

    @property
    def planned_good(self) -> Decimal:
        """Planned minutes of its good pieces."""
        return self.planned_min * self.good

    @property
    def output(self) -> Output:
        return Output(self.planned_min, self.good, self.scrap, self.rework)


@dataclass(frozen=True, slots=True)
class MachineTime:
    """Everything of some machines in a period, by machine id; nothing of the future."""

    start: dt.datetime
    end: dt.datetime
    stays: Mapping[int, Sequence[Stay]]
    reports: Mapping[int, Sequence[Reported]]
    calendars: Mapping[int, Sequence[Period]]

    def figures(self, machine_id: int, period: Period | None = None) -> Figures:
        """The figures of a machine, of the whole time or of a part of it."""
        start, end = period or (self.start, self.end)
        period = max(start, self.start), min(end, self.end)
        if period[0] >= period[1]:
            return Figures()
        made = [one.output for one in self.reports.get(machine_id, ()) if period[0] <= one.at < period[1]]
        return measure(self.spans(machine_id), made, self.calendars.get(machine_id, ()), period)

    def spans(self, machine_id: int) -> list[Span]:
        """Its stays as the figures want them, in the same order."""
        return [
            Span(stay.since, stay.until or self.end, stay.state, stay.operation_id is not None)
            for stay in self.stays.get(machine_id, ())
        ]


def machine_time(
    *, machines: Collection[Machine], start: dt.datetime, end: dt.datetime, now: dt.datetime
) -> MachineTime:
    """Read it: three queries and the calendars, however many machines. `machines` with their work centres."""
    end = min(end, now)
    ids = statements.array(sorted(machine.pk for machine in machines))
    stays, reports = defaultdict[int, list[Stay]](list), defaultdict[int, list[Reported]](list)
    found, made = statements.together((_STAYS, [ids, end, start]), (_REPORTS, [ids, start, end]))
    for row in found:
        stays[row[1]].append(Stay(*row))
    for row in made:
        reports[row[0]].append(Reported(*row))
    return MachineTime(start, end, stays, reports, calendars_of(machines, start, end))


def calendars_of(machines: Collection[Machine], start: dt.datetime, end: dt.datetime) -> dict[int, Sequence[Period]]:
    """The shift calendar of each machine: its own, else its work centre's."""
    keys = {machine.pk: machine.calendar_id or machine.work_centre.calendar_id for machine in machines}
    working = worktime.working_times(keys.values(), start, end)
    return {pk: working.get(key, ()) for pk, key in keys.items()}
