"""What a tablet keeps of its machine, so that a shift without a connection goes on: one JSON with all that is shown.

Times are ISO, quantities strings. Only what a shift shows is in it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from erp import selectors as erp_now
from masterdata import drawn
from masterdata.models import Employee, Machine, ReasonCode
from masterdata.services import pins
from masterdata.shown import plain
from mes.models import ExecutionEvent
from mes.reason_pictures import picture
from mes.selectors.alarms import open_alarms
from mes.selectors.checks import DueCheck, due_at_operations
from mes.selectors.dispatch import DispatchItem, dispatch_list
from mes.selectors.how import how_kept
from mes.selectors.instructions import how_of_jobs
from mes.selectors.jobs import Component, JobDetails, JobStep, details_of_jobs, good_pieces, lots_of, people_of
from mes.selectors.leads import leads_of
from mes.selectors.machines import MachineNow, machine_now

FORMAT = 1
MOST_JOBS = 60  # more than any machine does in a shift and a half
NOTES_FOR = dt.timedelta(hours=36)
MOST_NOTES = 20
OLDEST = dt.timedelta(days=8)  # older events are not taken
KNOWN_FOR = dt.timedelta(hours=12)
MOST_LOTS = 300  # of one material
MOST_KNOWN = 400  # more than a machine says in a shift


def snapshot(*, machine: Machine, now: dt.datetime, midnight: dt.datetime) -> dict[str, Any]:
    """Everything of one machine. A constant number of queries, however long the list."""
    plant = machine.work_centre.plant
    told = dispatch_list(machine_id=machine.pk)
    items = told[:MOST_JOBS]
    ids = [item.operation_id for item in items]
    details = details_of_jobs(operation_ids=ids)
    how = how_of_jobs(ids)
    due = due_at_operations(ids, now)
    status = erp_now.order_status([item.order_id for item in items if item.order_id])
    jobs = []
    for item in items:
        found = status.get(item.order_id) if item.order_id else None
        rail = str(drawn.rail_small(found.stations, with_caption=True)) if found else ""
        kept = how_kept(how[item.operation_id], machine.code)
        job = _job(item, details[item.operation_id])
        checks = [_check(one) for one in due.get(item.operation_id, ())]
        jobs.append({**job, "checks": checks, "rail": rail, "how": kept})
    return {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "plant": {"id": plant.pk, "name": plant.name, "zone": plant.time_zone},
        "machine": _machine(machine, machine_now(machine_id=machine.pk)),
        "told_at": _iso(max((item.told_at for item in items), default=None)),
        "good_today": plain(good_pieces(machine_id=machine.pk, since_at=midnight)),
        "job_count": len(told),
        "last_end": _iso(max((item.planned_end_at for item in told), default=None)),
        "jobs": jobs,
        "people": [_person(one) for one in people_of(plant_id=plant.pk)],
        "leads": leads_of(plant),
        "reasons": _reasons(),
        "lots": _lots(plant.pk, {part.material_id for one in details.values() for part in one.components}),
        "notes": _notes(machine, now),
        "alarms": [
            {"machine": one.machine.code, "text": one.text, "state": one.state, "since": one.raised_at.isoformat()}
            for one in open_alarms(plant_ids=[plant.pk])[:5]
        ],
        "known": _known(machine, now),
    }


def _known(machine: Machine, now: dt.datetime) -> list[str]:
    """The events that have come here lately, read last: what the snapshot shows already, the tablet does not add."""
    rows = ExecutionEvent.objects.filter(
        machine=machine, corrected_at__gte=now - OLDEST, received_at__gte=now - KNOWN_FOR
    )
    return [str(pk) for pk in rows.order_by("-received_at").values_list("pk", flat=True)[:MOST_KNOWN]]


def badge_print(badge: str, salt: str) -> str:
    """A badge as the tablet compares it: nobody reads a badge number out of a lost tablet."""
    return hashlib.sha256(f"{salt}:{badge}".encode()).hexdigest()


def _iso(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None


def _job(item: DispatchItem, details: JobDetails) -> dict[str, Any]:
    return {
        "id": item.operation_id,
        "name": item.name,
        "sequence": item.sequence,
        "no": item.work_order,
        "code": item.material_code,
        "material": item.material,
        "unit": item.unit.lower(),
        "quantity": plain(item.quantity),
        "good": plain(item.good_qty),
        "scrap": plain(item.scrap_qty),
        "rework": plain(item.rework_qty),
        "input": plain(item.input_qty),
        "before": item.before_name if item.has_before else "",
        "starts": item.planned_start_at.isoformat(),
        "ends": item.planned_end_at.isoformat(),
        "setup": item.setup_min,
        "order": item.order_number or "",
        "customer": item.customer or "",
        "promised": _iso(item.promised_at),
        "is_late": item.is_late,
        "state": item.state,
        "shown_state": item.shown_state,
        "is_held": item.is_held,
        "resumed": _iso(item.resumed_at),
        "started": _iso(item.started_at),
        "unbooked_sec": item.unbooked_sec or 0,
        "short": item.short_materials,
        "parts": [_part(one) for one in details.components],
        "steps": [_step(one) for one in details.steps],
    }


def _lots(plant_id: int, material_ids: set[int]) -> dict[int, list[str] | None]:
    """Lots of each part that lie here; None: too many to keep on a tablet."""
    found = lots_of(plant_id=plant_id, material_ids=material_ids)
    kept = {material_id: found.get(material_id, []) for material_id in material_ids}
    return {material_id: lots if len(lots) <= MOST_LOTS else None for material_id, lots in kept.items()}


def _check(one: DueCheck) -> dict[str, Any]:
    """A check that is due, as the sheet asks for it; `line` is the characteristic's id."""
    return {
        "plan": one.plan.pk,
        "name": one.plan.name,
        "due": one.due,
        "piece": one.piece_no,
        "is_due": True,
        "is_overdue": one.is_overdue,
        "is_blocking": one.is_blocking,
        "instruction": one.plan.instruction,
        "needs_gauge": one.needs_gauge,
        "needs_photo": one.needs_photo,
        "characteristics": [
            {
                "line": row.pk,
                "name": row.name,
                "kind": row.kind,
                "unit": row.unit,
                "lower": None if row.lower is None else plain(row.lower),
                "upper": None if row.upper is None else plain(row.upper),
                "subgroup": row.subgroup,
                "mark": row.mark,
            }
            for row in one.characteristics
        ],
    }


def _part(one: Component) -> dict[str, Any]:
    return {
        "material": one.material_id,
        "code": one.code,
        "name": one.name,
        "unit": one.unit.lower(),
        "quantity": plain(one.quantity),
        "used": plain(one.issued_qty),
        "ready": plain(one.ready_qty),
        "missing": plain(one.missing_qty),
    }


def _step(one: JobStep) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "machine": one.machine or "",
        "good": plain(one.good_qty),
        "quantity": plain(one.quantity),
        "tone": one.tone,
        "starts": _iso(one.starts_at),
    }


def _machine(machine: Machine, now: MachineNow) -> dict[str, Any]:
    return {
        "id": machine.pk,
        "code": machine.code,
        "name": machine.name,
        "centre": machine.work_centre.name,
        "state": "fault" if now.is_down else now.state,
        "since": _iso(now.down_since_at or now.since_at),
        "down_reason": now.down_reason or "",
        "back_at": _iso(now.estimated_until_at),
        "alarm_state": now.alarm_state or "",
    }


def _person(one: Employee) -> dict[str, Any]:
    parts = pins.parts(one.pin_hash)
    return {
        "id": one.pk,
        "name": one.name,
        "badge": badge_print(one.badge, f"badge-{one.pk}"),
        "pin": {"rounds": parts.rounds, "salt": parts.salt, "hash": parts.hash} if parts else None,
    }


def _reasons() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {"scrap": [], "pause": [], "downtime": []}
    for one in ReasonCode.objects.filter(kind__in=found).order_by("kind", "code"):
        found[one.kind].append({"id": one.pk, "name": one.name, "picture": str(picture(one))})
    return found


def _notes(machine: Machine, now: dt.datetime) -> list[dict[str, Any]]:
    """What was written at this machine in the shifts before."""
    rows = (
        ExecutionEvent.objects.filter(
            machine=machine, kind__in=["note", "handover"], corrected_at__gte=now - NOTES_FOR, corrections=None
        )
        .select_related("operator")
        .order_by("-corrected_at")[:MOST_NOTES]
    )
    return [
        {
            "id": str(one.pk),
            "text": str(one.payload.get("text", "")),
            "by": one.operator.name if one.operator else "",
            "at": one.corrected_at.isoformat(),
            "operation": one.operation_id,
            "is_handover": one.kind == "handover",
        }
        for one in rows
    ]
