"""Machines now: state, job, downtime."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection

from masterdata.models import Machine
from mes.held import HELD, shown_sql

_NOW = f"""
    SELECT mc.id, mc.code, mc.name, wc.code AS work_centre, wc.name AS work_centre_name, wc.kind,
           p.code AS plant, p.name AS plant_name,
           coalesce(s.state, 'unknown') AS state, s.since_at, w.number AS work_order, o.name AS operation,
           r.operation_id, {shown_sql("coalesce(hr.state, '')", "hr.operation_id")} AS run_state,
           dt.since_at AS down_since_at, dt.estimated_until_at, rc.name AS down_reason,
           a.id AS alarm_id, a.text AS alarm, a.state AS alarm_state, a.count AS alarm_count
    FROM masterdata_machine mc
    JOIN masterdata_workcentre wc ON wc.id = mc.work_centre_id
    JOIN masterdata_plant p ON p.id = wc.plant_id
    LEFT JOIN mes_machinestate s ON s.machine_id = mc.id AND s.until_at IS NULL
    LEFT JOIN mes_operationrun r ON r.machine_id = mc.id AND r.state = 'running'
    LEFT JOIN mes_operationrun hr ON hr.operation_id = s.operation_id AND hr.state <> 'finished'
    LEFT JOIN erp_workorderoperation o ON o.id = r.operation_id
    LEFT JOIN erp_workorder w ON w.id = o.work_order_id
    LEFT JOIN mes_downtime dt ON dt.machine_id = mc.id AND dt.until_at IS NULL
    LEFT JOIN masterdata_reasoncode rc ON rc.id = dt.reason_id
    LEFT JOIN mes_alarm a ON a.id = dt.alarm_id AND a.state NOT IN ('cleared', 'closed')
    WHERE {{where}} AND mc.is_active
    ORDER BY p.code, wc.code, mc.code
"""  # noqa: S608 - our own text


@dataclass(frozen=True)
class MachineNow:
    """One machine on the floor's board; states are mes.MachineState.State."""

    id: int
    code: str
    name: str
    work_centre: str
    work_centre_name: str
    kind: str
    plant: str
    plant_name: str
    state: str
    since_at: dt.datetime | None
    work_order: str | None
    operation: str | None
    operation_id: int | None
    run_state: str
    down_since_at: dt.datetime | None
    estimated_until_at: dt.datetime | None
    down_reason: str | None
    alarm_id: int | None
    alarm: str | None
    alarm_state: str | None
    alarm_count: int | None
    people: str = ""

    @property
    def is_down(self) -> bool:
        return self.down_since_at is not None

    @property
    def is_held(self) -> bool:
        """Quality holds the job that it is at, which stands then."""
        return self.run_state == HELD


def machines_now(*, plant_ids: list[int]) -> list[MachineNow]:
    """Every active machine of the plants with what it does now. One query."""
    return _machines("wc.plant_id = ANY(%(plants)s)", {"plants": plant_ids})


def machine_now(*, machine_id: int) -> MachineNow:
    """What one active machine does now. One query."""
    return _machines("mc.id = %(machine)s", {"machine": machine_id})[0]


def _machines(where: str, values: dict[str, Any]) -> list[MachineNow]:
    with connection.cursor() as cursor:
        cursor.execute(_NOW.format(where=where), values)
        names = [column[0] for column in cursor.description]
        return [MachineNow(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def machine_by_code(code: str) -> Machine | None:
    """The machine with this code, with its work centre and plant."""
    return Machine.objects.select_related("work_centre__plant").filter(code=code).first()
