"""What a board shows of a machine now: state, job, pieces against the plan, what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal

from django.db import connection

from masterdata.models import Machine
from masterdata.worktime import worked_minutes
from mes.counted import COUNTS
from mes.held import HELD, shown_sql
from mes.oee import Period
from mes.selectors.machine_time import calendars_of

BEHIND_PIECES, BEHIND_SHARE = Decimal(5), Decimal("0.1")

_TILES = f"""
    SELECT mc.id, mc.code, mc.name, wc.name, p.id, coalesce(s.state, 'unknown'), s.since_at,
        coalesce(before.state, ''), coalesce(rc.name, drc.name, ''), (dn.id IS NOT NULL), coalesce(al.text, ''),
        o.id, {shown_sql("coalesce(r.state, '')", "o.id")},
        coalesce(so.number, w.number, ''), coalesce(m.name, ''), coalesce(o.name, ''),
        coalesce(o.quantity, w.quantity), r.good_qty, r.scrap_qty,
        d.planned_start_at, d.planned_end_at, coalesce(d.setup_min, 0), nxt.planned_start_at,
        coalesce(em.name, ''), s.id
    FROM masterdata_machine mc
    JOIN masterdata_workcentre wc ON wc.id = mc.work_centre_id
    JOIN masterdata_plant p ON p.id = wc.plant_id
    LEFT JOIN mes_machinestate s ON s.machine_id = mc.id AND s.until_at IS NULL
    LEFT JOIN mes_machinestate before ON before.machine_id = mc.id AND before.until_at = s.since_at
        AND s.state = 'unknown'
    LEFT JOIN masterdata_reasoncode rc ON rc.id = s.reason_id
    LEFT JOIN mes_downtime dn ON dn.machine_id = mc.id AND dn.until_at IS NULL
    LEFT JOIN masterdata_reasoncode drc ON drc.id = dn.reason_id
    LEFT JOIN mes_alarm al ON al.id = dn.alarm_id
    LEFT JOIN mes_operationrun r ON r.operation_id = s.operation_id AND r.state <> 'finished'
    LEFT JOIN masterdata_employee em ON em.id = r.operator_id
    LEFT JOIN erp_workorderoperation o ON o.id = r.operation_id
    LEFT JOIN erp_workorder w ON w.id = o.work_order_id
    LEFT JOIN masterdata_material m ON m.id = w.material_id
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    LEFT JOIN erp_salesorder so ON so.id = l.order_id
    LEFT JOIN mes_dispatch d ON d.operation_id = o.id
    LEFT JOIN LATERAL (
        SELECT min(x.planned_start_at) AS planned_start_at FROM mes_dispatch x
        JOIN erp_workorderoperation xo ON xo.id = x.operation_id
        WHERE x.machine_id = mc.id AND xo.finished_at IS NULL AND x.operation_id IS DISTINCT FROM o.id) nxt ON true
    WHERE {{where}} AND mc.is_active
    ORDER BY wc.code, mc.code
"""  # noqa: S608 - our own text
_TODAY = f"""
    SELECT coalesce(sum(e.good_qty), 0) FROM mes_executionevent e
    WHERE e.machine_id = ANY(%s) AND e.kind IN ('report', 'finish') AND e.corrected_at >= %s AND e.corrected_at < %s
      AND {COUNTS}
"""  # noqa: S608 - our own text
# Plans leave out what is finished, and the lists lose it: of that the operation knows when and where it was planned.
_PLANNED = """
    SELECT d.machine_id, d.planned_start_at, d.planned_end_at, d.setup_min, coalesce(o.quantity, w.quantity)
    FROM mes_dispatch d JOIN erp_workorderoperation o ON o.id = d.operation_id
    JOIN erp_workorder w ON w.id = o.work_order_id
    WHERE d.machine_id = ANY(%(machines)s) AND d.planned_start_at < %(end)s AND d.planned_end_at > %(start)s
    UNION ALL
    SELECT o.planned_machine_id, o.planned_start_at, o.planned_end_at, o.setup_min::int,
        coalesce(o.quantity, w.quantity)
    FROM erp_workorderoperation o JOIN erp_workorder w ON w.id = o.work_order_id
    WHERE o.planned_machine_id = ANY(%(machines)s) AND o.finished_at IS NOT NULL
        AND o.planned_start_at < %(end)s AND o.planned_end_at > %(start)s
        AND NOT EXISTS (SELECT 1 FROM mes_dispatch d WHERE d.operation_id = o.id)
"""


@dataclass(frozen=True, slots=True)
class Tile:
    """One machine now. `planned_qty` is what the plan has made by now; empty without a job in a plan. `stay_id` is the
    interval that lasts."""

    id: int
    code: str
    name: str
    centre: str
    plant_id: int
    state: str
    since: dt.datetime | None
    before: str
    reason: str
    is_down: bool
    alarm: str
    operation_id: int | None
    run_state: str
    document: str
    material: str
    operation: str
    quantity: Decimal | None
    good: Decimal | None
    scrap: Decimal | None
    planned_start: dt.datetime | None
    planned_end: dt.datetime | None
    setup_min: int
    next_at: dt.datetime | None
    operator: str
    stay_id: int | None
    planned_qty: Decimal | None = None

    @property
    def shown(self) -> str:
        """The state that counts: down before held before all else."""
        if self.is_down:
            return "fault"
        return HELD if self.run_state == HELD else self.state

    @property
    def ahead(self) -> Decimal | None:
        """Good pieces more than the plan by now; below zero: behind."""
        return None if self.planned_qty is None or self.good is None else self.good - self.planned_qty

    @property
    def is_behind(self) -> bool:
        """From 5 pieces or a tenth of the job behind."""
        ahead, quantity = self.ahead, self.quantity
        if ahead is None or quantity is None:
            return False
        return ahead <= -BEHIND_PIECES or (ahead < 0 and -ahead >= BEHIND_SHARE * quantity)

    @property
    def good_percent(self) -> int:
        return _percent(self.good, self.quantity)

    @property
    def plan_percent(self) -> int | None:
        return None if self.planned_qty is None else _percent(self.planned_qty, self.quantity)


def _percent(part: Decimal | None, whole: Decimal | None) -> int:
    return min(100, int(part * 100 / whole)) if part and whole else 0


def tiles(*, plant_id: int, machines: Sequence[Machine], now: dt.datetime) -> list[Tile]:
    """The plant's machines as a board shows them, in the order of the factory."""
    found = _tiles("wc.plant_id = %s", plant_id)
    return _with_plan(found, machines, now)


def tile(*, machine: Machine, now: dt.datetime) -> Tile:
    """One machine as a board shows it."""
    return _with_plan(_tiles("mc.id = %s", machine.pk), [machine], now)[0]


def _tiles(where: str, value: int) -> list[Tile]:
    with connection.cursor() as cursor:
        cursor.execute(_TILES.format(where=where), [value])
        return [Tile(*row) for row in cursor.fetchall()]


def _with_plan(found: list[Tile], machines: Sequence[Machine], now: dt.datetime) -> list[Tile]:
    begins = min((one.planned_start for one in found if one.planned_start), default=now)
    ends = max((one.planned_end for one in found if one.planned_end), default=now)
    calendars = calendars_of(machines, min(begins, now), max(ends, now) + dt.timedelta(seconds=1))
    return [replace(one, planned_qty=_planned(one, calendars.get(one.id, ()), now)) for one in found]


def _planned(one: Tile, calendar: Sequence[Period], now: dt.datetime) -> Decimal | None:
    if one.planned_start is None or one.planned_end is None or one.quantity is None:
        return None
    return planned_by(one.quantity, one.planned_start, one.planned_end, one.setup_min, calendar, now)


def planned_by(
    quantity: Decimal,
    start: dt.datetime,
    end: dt.datetime,
    setup_min: int,
    calendar: Sequence[Period],
    now: dt.datetime,
) -> Decimal:
    """Whole pieces that the plan has made by now: even in working time, after the setup."""
    whole = worked_minutes(calendar, start, end) - setup_min
    done = worked_minutes(calendar, start, min(end, now)) - setup_min
    if now >= end:
        return quantity
    if whole <= 0 or done <= 0:
        return Decimal(0)
    return min(quantity, (quantity * done / whole).to_integral_value(ROUND_FLOOR))


def good_today(*, machine_ids: Collection[int], start: dt.datetime, now: dt.datetime) -> Decimal:
    """Good pieces reported on the machines since the day began."""
    with connection.cursor() as cursor:
        cursor.execute(_TODAY, [sorted(machine_ids), start, now])
        found: Decimal = cursor.fetchone()[0]
        return found


def planned_today(
    *, machines: Sequence[Machine], start: dt.datetime, end: dt.datetime, now: dt.datetime
) -> tuple[Decimal, Decimal]:
    """Pieces that the lines' plan makes from the day's beginning until now, and until its end."""
    with connection.cursor() as cursor:
        cursor.execute(_PLANNED, {"machines": sorted(one.pk for one in machines), "start": start, "end": end})
        rows = cursor.fetchall()
    first, last = min([start, *(row[1] for row in rows)]), max([end, *(row[2] for row in rows)])
    calendars = calendars_of(machines, first, last)
    by_now, by_end = Decimal(0), Decimal(0)
    for machine_id, begins, ends, setup_min, quantity in rows:
        calendar = calendars.get(machine_id, ())
        before, then, whole = (planned_by(quantity, begins, ends, setup_min, calendar, at) for at in (start, now, end))
        by_now += then - before
        by_end += whole - before
    return by_now, by_end
