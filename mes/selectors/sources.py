"""What was told of a machine: events of people, messages of the machine, downtimes, in one list."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

_TOLD = """
    SELECT * FROM (
        SELECT 'event', e.id::text, e.kind, e.corrected_at, e.received_at,
            coalesce(em.name, u.first_name || ' ' || u.last_name, ''), coalesce(d.name, ''),
            coalesce(so.number, w.number, ''), coalesce(o.name, ''), coalesce(rc.name, ''),
            e.good_qty, e.scrap_qty, e.rework_qty, coalesce(q.state, ''), c.id IS NOT NULL
        FROM mes_executionevent e
        LEFT JOIN masterdata_employee em ON em.id = e.operator_id
        LEFT JOIN masterdata_user u ON u.id = e.by_id
        LEFT JOIN mes_device d ON d.id = e.device_id
        LEFT JOIN erp_workorderoperation o ON o.id = e.operation_id
        LEFT JOIN erp_workorder w ON w.id = o.work_order_id
        LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
        LEFT JOIN erp_salesorder so ON so.id = l.order_id
        LEFT JOIN masterdata_reasoncode rc ON rc.id = e.reason_id
        LEFT JOIN mes_quarantine q ON q.event_id = e.id
        LEFT JOIN mes_executionevent c ON c.corrects_id = e.id
        WHERE e.machine_id = %(machine)s AND e.corrected_at >= %(start)s AND e.corrected_at <= %(end)s
        UNION ALL
        SELECT 'message', m.id, m.state, m.happened_at, m.received_at, '', '', '', '', m.code, 0, 0, 0, '', false
        FROM mes_machineevent m
        WHERE m.machine_id = %(machine)s AND m.happened_at >= %(start)s AND m.happened_at <= %(end)s
        UNION ALL
        SELECT 'downtime', n.id::text, 'down', n.since_at, n.since_at, coalesce(em.name, ''), '', '', '',
            coalesce(rc.name, a.text, ''), 0, 0, 0, '', false
        FROM mes_downtime n LEFT JOIN masterdata_employee em ON em.id = n.reported_by_id
        LEFT JOIN masterdata_reasoncode rc ON rc.id = n.reason_id LEFT JOIN mes_alarm a ON a.id = n.alarm_id
        WHERE n.machine_id = %(machine)s AND n.since_at >= %(start)s AND n.since_at <= %(end)s
    ) told
    ORDER BY 4 DESC, 1, 2 LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing told of a machine; `source` is event, message or downtime. `received_at` later: it came late."""

    source: str
    id: str
    kind: str
    at: dt.datetime
    received_at: dt.datetime
    who: str
    device: str
    document: str
    operation: str
    reason: str
    good: Decimal
    scrap: Decimal
    rework: Decimal
    quarantine: str
    is_corrected: bool

    @property
    def late_min(self) -> int:
        """Minutes between the moment and its arrival."""
        return int((self.received_at - self.at).total_seconds() // 60)


def told_of(*, machine_id: int, start: dt.datetime, end: dt.datetime, limit: int = 300) -> list[Told]:
    """The newest first, both ends included. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, {"machine": machine_id, "start": start, "end": end, "limit": limit})
        return [Told(*row) for row in cursor.fetchall()]
