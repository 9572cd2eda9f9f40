"""Wishes: events that make a plant want a plan. A wish is one row; fifty of them cost one or two solves."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.db import transaction
from django.utils import timezone

from aps import wake
from aps.models import PlantPlanning, PlanWish
from aps.progress import expected_end
from erp.models import WorkOrder, WorkOrderOperation
from masterdata import live, shown, statements
from masterdata.models import FactRecord

FOLLOWS_AFTER = dt.timedelta(minutes=15)
_PLANNED = """
    SELECT p.plant_id, p.machine_id, p.ends_at,
           coalesce(o.quantity, w.quantity) - o.good_qty - o.scrap_qty - o.rework_qty, o.run_min_per_unit,
           coalesce(m.calendar_id, c.calendar_id), m.speed_percent, w.number, o.sequence, m.code
    FROM aps_plannedoperation p JOIN erp_workorderoperation o ON o.id = p.operation_id
    JOIN erp_workorder w ON w.id = o.work_order_id
    JOIN masterdata_machine m ON m.id = p.machine_id JOIN masterdata_workcentre c ON c.id = m.work_centre_id
    WHERE p.operation_id = %s
"""


def locked_planning(plant_id: int) -> PlantPlanning:
    """The plant's planning row, locked; made when the plant has none. Call inside a transaction."""
    PlantPlanning.objects.bulk_create([PlantPlanning(plant_id=plant_id)], ignore_conflicts=True)
    return PlantPlanning.objects.select_for_update().order_by("pk").get(plant_id=plant_id)


@transaction.atomic
def want_plan(
    *,
    plant_id: int,
    reason: str,
    text: str,
    fact: FactRecord | None = None,
    machine_id: int | None = None,
    seconds: int | None = None,
) -> int:
    """Raise the plant's wanted version and say why; wakes a planning worker after the commit.

    `seconds`: how long it is to be searched (see `optimise_plant`). The same fact again changes nothing. Returns the
    version that covers the wish. Locks the plant's planning row.
    """
    planning = locked_planning(plant_id)
    if fact is not None:
        known = PlanWish.objects.filter(plant_id=plant_id, fact=fact).values_list("version", flat=True).first()
        if known is not None:
            return known
    planning.wanted_version += 1
    planning.failures, planning.retry_at = 0, None
    planning.save(update_fields=["wanted_version", "failures", "retry_at"])
    PlanWish.objects.create(
        plant_id=plant_id,
        version=planning.wanted_version,
        reason=PlanWish.Reason(reason),
        text=text[:200],
        machine_id=machine_id,
        fact=fact,
        seconds=seconds,
        wished_at=fact.stated_at if fact else timezone.now(),
    )
    live.publish("planning", plant_id, planning.wanted_version, plant_id=plant_id)
    transaction.on_commit(partial(wake.wake_plant, plant_id))
    return planning.wanted_version


def want_plan_for_order(*, plant_id: int, order_id: int, text: str, fact: FactRecord) -> int | None:
    """Want a plan for a confirmed order's new work; nothing when the plan knows all of it (a rush order was taken)."""
    unplanned = WorkOrderOperation.objects.filter(
        work_order__plant_id=plant_id,
        work_order__sales_order_line__order_id=order_id,
        work_order__state__in=[WorkOrder.State.FIRM, WorkOrder.State.RELEASED],
        finished_at__isnull=True,
        planned__isnull=True,
    )
    if not unplanned.exists():
        return None
    return want_plan(plant_id=plant_id, reason=PlanWish.Reason.ORDER, text=text, fact=fact)


def follow_progress(*, operation_id: int, is_finished: bool, fact: FactRecord) -> int | None:
    """Want a plan when work will end, or ended, more than 15 minutes from where the plan has it.

    Finished: the report's time against the planned end. Running: the planned end against the report's time plus what
    remains at the machine's speed, when nothing but working time lies between.
    """
    found = statements.run(_PLANNED, [operation_id])
    if not found:
        return None
    plant_id, machine_id, planned_end, left, run_min, calendar_id, speed, number, sequence, code = found[0]
    ends_at = fact.stated_at
    if not is_finished:
        ends_at = expected_end(calendar_id, left * run_min * 100 / speed, fact.stated_at) or planned_end
    off = ends_at - planned_end
    if abs(off) <= FOLLOWS_AFTER:
        return None
    minutes = round(abs(off).total_seconds() / 60)
    than = "later" if off > dt.timedelta(0) else "earlier"
    return want_plan(
        plant_id=plant_id,
        reason=PlanWish.Reason.PROGRESS,
        text=f"{number}/{sequence} on {code} ends {shown.duration(minutes)} {than} than planned",
        fact=fact,
        machine_id=machine_id,
    )
