"""Blocks: a machine that is down is a hole in its calendar, and the plant wants a plan around it."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from aps.models import PlanWish, ResourceBlock
from aps.services.wishes import locked_planning, want_plan
from masterdata.models import FactRecord, Machine
from masterdata.worktime import shop_time

UNKNOWN_LASTS = dt.timedelta(hours=4)
ALARM_LASTS = dt.timedelta(seconds=1)


@transaction.atomic
def block_machine(
    *,
    machine_id: int,
    source: str,
    since_at: dt.datetime,
    until_at: dt.datetime | None = None,
    fact: FactRecord | None = None,
    is_answered: bool = False,
) -> ResourceBlock:
    """Block the machine from `since_at` and want a plan. The same `source` again changes nothing.

    Nobody knows until when: four hours from when it was told are assumed, the wish says so, and free_machine ends it.
    `is_answered`: another process is about to call `answer_alarm`; planning leaves the first plan to it for a second.
    """
    machine = Machine.objects.select_related("work_centre__plant").get(pk=machine_id)
    plant = machine.work_centre.plant
    planning = locked_planning(plant.pk)
    known = ResourceBlock.objects.filter(source=source).first()
    if known is not None:
        return known
    told_at = max(fact.stated_at, since_at) if fact else since_at
    ends_at = until_at if until_at is not None and until_at > since_at else told_at + UNKNOWN_LASTS
    text = f"Machine {machine.code} is down since {shop_time(since_at, plant.time_zone)}"
    if until_at is None:
        text += f" (until when is not known, {shop_time(ends_at, plant.time_zone)} assumed)"
    block = ResourceBlock.objects.create(
        machine=machine,
        starts_at=since_at,
        ends_at=ends_at,
        is_estimate=True,
        cause=text[:200],
        source=source,
    )
    if is_answered:
        planning.alarm_until = timezone.now() + ALARM_LASTS
        planning.save(update_fields=["alarm_until"])
    want_plan(plant_id=plant.pk, reason=PlanWish.Reason.BREAKDOWN, text=text, fact=fact, machine_id=machine_id)
    return block


@transaction.atomic
def free_machine(
    *, machine_id: int, source: str, until_at: dt.datetime, fact: FactRecord | None = None
) -> ResourceBlock | None:
    """End the block of `source` at `until_at` and want a plan; what was pushed behind it may come forward."""
    machine = Machine.objects.select_related("work_centre__plant").get(pk=machine_id)
    plant = machine.work_centre.plant
    locked_planning(plant.pk)
    block = ResourceBlock.objects.filter(source=source, lifted_at__isnull=True).first()
    if block is None:
        return None
    block.ends_at = max(until_at, block.starts_at + dt.timedelta(minutes=1))
    block.is_estimate, block.lifted_at = False, until_at
    block.save(update_fields=["ends_at", "is_estimate", "lifted_at"])
    text = f"Machine {machine.code} works again since {shop_time(until_at, plant.time_zone)}"
    want_plan(plant_id=plant.pk, reason=PlanWish.Reason.MACHINE_UP, text=text, fact=fact, machine_id=machine_id)
    return block


@transaction.atomic
def keep_free(
    *, machine_id: int, source: str, from_at: dt.datetime, until_at: dt.datetime, cause: str
) -> ResourceBlock:
    """Keep the machine free from `from_at` until `until_at`, as planned, and want a plan around it.

    The same `source` again changes nothing.
    """
    machine = Machine.objects.select_related("work_centre__plant").get(pk=machine_id)
    plant = machine.work_centre.plant
    locked_planning(plant.pk)
    known = ResourceBlock.objects.filter(source=source).first()
    if known is not None:
        return known
    block = ResourceBlock.objects.create(
        machine=machine, starts_at=from_at, ends_at=until_at, is_estimate=False, cause=cause[:200], source=source
    )
    text = f"Machine {machine.code} is kept free from {shop_time(from_at, plant.time_zone)}"
    want_plan(plant_id=plant.pk, reason=PlanWish.Reason.PLANNER, text=text, machine_id=machine_id)
    return block
