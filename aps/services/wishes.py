"""Wishes: events that make a plant want a plan. A wish is one row; fifty of them cost one or two solves."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.db import transaction
from django.utils import timezone

from aps import wake
from aps.models import PlannedOperation, PlantPlanning, PlanWish
from aps.progress import expected_end
from erp.models import WorkOrder, WorkOrderOperation
from masterdata import live, shown
from masterdata.models import FactRecord

FOLLOWS_AFTER = dt.timedelta(minutes=15)


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
    planned = (
        PlannedOperation.objects.filter(operation_id=operation_id)
        .select_related("operation__work_order", "machine__work_centre")
        .first()
    )
    if planned is None:
        return None
    if is_finished:
        ends_at = fact.stated_at
    else:
        operation = planned.operation
        left = operation.pieces_of(operation.work_order) - operation.reported_qty
        ends_at = expected_end(planned, left, fact.stated_at)
    off = ends_at - planned.ends_at
    if abs(off) <= FOLLOWS_AFTER:
        return None
    minutes = round(abs(off).total_seconds() / 60)
    what = f"{planned.operation.work_order.number}/{planned.operation.sequence} on {planned.machine.code}"
    text = f"{what} ends {shown.duration(minutes)} {'later' if off > dt.timedelta(0) else 'earlier'} than planned"
    return want_plan(
        plant_id=planned.plant_id,
        reason=PlanWish.Reason.PROGRESS,
        text=text,
        fact=fact,
        machine_id=planned.machine_id,
    )
