"""What a shift hands over, read from what happened: made, open stops, alarms, quarantine, notes, people, the plan."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from django.db import connection

from masterdata.models import Plant
from mes.models import Downtime, Handover, OperationRun
from mes.selectors.alarms import open_alarms
from mes.selectors.attention import open_quarantine
from mes.selectors.quality import holds

Content = dict[str, Any]

_MADE = """
    SELECT m.code, w.number, o.name, t.name, u.code, sum(e.good_qty), sum(e.scrap_qty), sum(e.rework_qty)
    FROM mes_executionevent e JOIN masterdata_machine m ON m.id = e.machine_id
    JOIN masterdata_workcentre c ON c.id = m.work_centre_id AND c.plant_id = %s
    JOIN erp_workorderoperation o ON o.id = e.operation_id JOIN erp_workorder w ON w.id = o.work_order_id
    JOIN masterdata_material t ON t.id = w.material_id JOIN masterdata_unit u ON u.id = t.unit_id
    LEFT JOIN mes_quarantine q ON q.event_id = e.id
    WHERE e.kind IN ('report', 'finish') AND e.corrected_at >= %s AND e.corrected_at < %s
        AND (q.id IS NULL OR q.state = 'accepted')
        AND NOT EXISTS (SELECT 1 FROM mes_executionevent x WHERE x.corrects_id = e.id)
    GROUP BY m.code, w.number, o.sequence, o.name, t.name, u.code
    HAVING sum(e.good_qty + e.scrap_qty + e.rework_qty) > 0
    ORDER BY m.code, w.number, o.sequence
"""
# Minutes of work that each machine should have done by the plan it was told, less what it has done.
_PLAN = """
    SELECT m.code, sum(k.work * (k.due - k.done)) FROM mes_dispatch d
    JOIN masterdata_machine m ON m.id = d.machine_id
    JOIN erp_workorderoperation o ON o.id = d.operation_id JOIN erp_workorder w ON w.id = o.work_order_id
    CROSS JOIN LATERAL (SELECT
        o.setup_min + o.run_min_per_unit * coalesce(o.quantity, w.quantity) AS work,
        CASE WHEN %(at)s >= d.planned_end_at THEN 1 WHEN %(at)s <= d.planned_start_at THEN 0
            ELSE extract(epoch FROM %(at)s - d.planned_start_at)
                / extract(epoch FROM d.planned_end_at - d.planned_start_at) END AS due,
        CASE WHEN o.finished_at IS NOT NULL THEN 1
            ELSE least(1, (o.good_qty + o.scrap_qty) / nullif(coalesce(o.quantity, w.quantity), 0)) END AS done) k
    WHERE d.plant_id = %(plant)s AND (o.finished_at IS NULL OR d.planned_end_at > %(at)s)
    GROUP BY m.code HAVING abs(sum(k.work * (k.due - k.done))) >= 1 ORDER BY 2 DESC, 1
"""
_WORKED = """
    SELECT e.name, min(a.since_at), CASE WHEN bool_or(a.until_at IS NULL) THEN NULL ELSE max(a.until_at) END
    FROM mes_attendance a JOIN masterdata_employee e ON e.id = a.person_id
    WHERE a.plant_id = %s AND a.since_at < %s AND coalesce(a.until_at, %s) > %s
    GROUP BY e.id ORDER BY e.name
"""
_NOTES = """
    SELECT e.corrected_at, coalesce(p.name, ''), coalesce(m.code, ''), coalesce(w.number, ''),
        coalesce(e.payload->>'text', '')
    FROM mes_executionevent e LEFT JOIN masterdata_employee p ON p.id = e.operator_id
    LEFT JOIN masterdata_machine m ON m.id = e.machine_id
    LEFT JOIN masterdata_workcentre c ON c.id = m.work_centre_id
    LEFT JOIN erp_workorderoperation o ON o.id = e.operation_id LEFT JOIN erp_workorder w ON w.id = o.work_order_id
    WHERE e.kind = %s AND e.corrected_at >= %s AND e.corrected_at < %s
        AND coalesce(e.plant_id, c.plant_id, w.plant_id, p.plant_id) = %s
        AND NOT EXISTS (SELECT 1 FROM mes_executionevent x WHERE x.corrects_id = e.id)
    ORDER BY e.corrected_at
"""


def content_of(handover: Handover) -> Content:
    """As it was signed; until then as it is."""
    return (
        handover.content
        if handover.content is not None
        else fill(plant=handover.plant, since=handover.starts_at, until=handover.ends_at)
    )


def fill(*, plant: Plant, since: dt.datetime, until: dt.datetime) -> Content:
    """The shift from what happened, as plain data that can be kept."""
    with connection.cursor() as cursor:
        cursor.execute(_MADE, [plant.pk, since, until])
        keys = ("machine", "work_order", "operation", "material", "unit", "good", "scrap", "rework")
        made = [dict(zip(keys, map(_plain, row), strict=True)) for row in cursor.fetchall()]
        cursor.execute(_PLAN, {"plant": plant.pk, "at": until})
        plan = [
            {"machine": code, "behind_min": round(minutes), "ahead_min": -round(minutes)}
            for code, minutes in cursor.fetchall()
        ]
        cursor.execute(_WORKED, [plant.pk, until, until, since])
        people = [{"name": n, "since": a.isoformat(), "until": b and b.isoformat()} for n, a, b in cursor.fetchall()]
        notes = _told(cursor, "note", plant, since, until)
        faults = _told(cursor, "nonconformance", plant, since, until)
    kept = list(open_quarantine([plant.pk]))
    waiting = Counter(one.event.operation_id for one in kept if one.code == "quality_hold")
    return {
        "made": made,
        "plan": plan,
        "people": people,
        "notes": notes,
        "faults": faults,
        "stops": _stops(plant),
        "alarms": _alarms(plant),
        "holds": [
            {
                "work_order": one.operation.work_order.number,
                "operation": one.operation.name,
                "reason": one.reason,
                "since": one.since_at.isoformat(),
                "waiting": waiting.get(one.operation_id, 0),
            }
            for one in holds().filter(plant=plant, released_at=None).order_by("since_at", "pk")
        ],
        "quarantine": [
            {
                "at": one.since_at.isoformat(),
                "sentence": one.sentence,
                "who": str(one.event.operator or ""),
                "machine": one.event.machine.code if one.event.machine else "",
            }
            for one in kept
        ],
    }


def _told(cursor: Any, kind: str, plant: Plant, since: dt.datetime, until: dt.datetime) -> list[Content]:
    cursor.execute(_NOTES, [kind, since, until, plant.pk])
    return [
        {"at": at.isoformat(), "who": who, "machine": machine, "work_order": number, "text": text}
        for at, who, machine, number, text in cursor.fetchall()
    ]


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else format(value.normalize(), "f")


def _stops(plant: Plant) -> list[Content]:
    """Machines that are down, and jobs that are paused."""
    down = Downtime.objects.filter(machine__work_centre__plant=plant, until_at=None).select_related("machine", "reason")
    found = [
        {"machine": one.machine.code, "since": one.since_at.isoformat(), "why": str(one.reason or ""), "job": "",
         "until": one.estimated_until_at and one.estimated_until_at.isoformat()}
        for one in down.order_by("since_at")
    ]  # fmt: skip
    paused = OperationRun.objects.filter(state="paused", machine__work_centre__plant=plant)
    paused = paused.select_related("machine", "pause_reason", "operation__work_order").order_by("started_at")
    return found + [
        {"machine": one.machine.code, "since": None, "why": str(one.pause_reason or ""), "until": None,
         "job": f"{one.operation.work_order.number} {one.operation.name}"}
        for one in paused
    ]  # fmt: skip


def _alarms(plant: Plant) -> list[Content]:
    return [
        {"machine": one.machine.code, "text": one.text, "since": one.raised_at.isoformat(),
         "owner": str(one.acknowledged_by or "")}
        for one in open_alarms(plant_ids=[plant.pk]).order_by("raised_at")
    ]  # fmt: skip


def with_moments(content: Content) -> Content:
    """The content with its moments as moments, for a page."""
    return {
        key: [{name: _moment(name, value) for name, value in row.items()} for row in rows]
        for key, rows in content.items()
    }


def _moment(name: str, value: Any) -> Any:
    return dt.datetime.fromisoformat(value) if value and name in ("at", "since", "until") else value
