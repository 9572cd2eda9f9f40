"""The published plan of a plant, and what is owed to it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Max

from aps.causes import dominant
from aps.models import Plan, PlannedOperation, PlantPlanning
from aps.rows import published_rows
from erp.models import WorkOrder, WorkOrderOperation
from erp.production.placement import Placement
from masterdata.causes import Cause


@dataclass(frozen=True)
class Spread:
    """What a plan tells the rest of the house: the placements that are new to it and the cause of what changed.

    `planned_ids` are all operations of the plan.
    """

    placements: list[Placement]
    planned_ids: list[int]
    cause: Cause


def plan_to_spread(*, plant_id: int, plan_no: int, told_no: int | None = None) -> Spread | None:
    """What the plan changes and its cause; None when a newer plan is published (its own run spreads it).

    Placements are those that differ from the last plan that ERP took over, and from plan `told_no`: the last one that
    the lines were told (None: they are not asked).
    Plans that were overtaken before they were spread lend their cause: no order hides the breakdown before it.
    """
    planning = PlantPlanning.objects.filter(plant_id=plant_id).first()
    if planning is None or planning.plan_no != plan_no:
        return None
    spread_no = WorkOrderOperation.objects.filter(
        work_order__plant_id=plant_id, work_order__state__in=[WorkOrder.State.FIRM, WorkOrder.State.RELEASED]
    ).aggregate(last=Max("plan_no"))["last"]
    first = min((spread_no or 0) + 1, plan_no)
    plans = Plan.objects.filter(plant_id=plant_id, number__gte=first, number__lte=plan_no).order_by("number")
    causes = [Cause(plan.reason, plan.cause, plan.cause_fact_id) for plan in plans]
    known = (spread_no or 0) if told_no is None else min(spread_no or 0, told_no)
    rows = published_rows(plant_id, after=known)
    planned = PlannedOperation.objects.filter(plant_id=plant_id).order_by()
    ids = list(planned.values_list("operation_id", flat=True))
    return Spread([row.placement for row in rows], ids, dominant(causes))


def input_version(plant_id: int) -> str:
    """What an offer rests on: "plan number.wanted version". It changes with every publication and every wish."""
    found = PlantPlanning.objects.filter(plant_id=plant_id).values_list("plan_no", "wanted_version").first()
    plan_no, wanted = found or (0, 0)
    return f"{plan_no}.{wanted}"


def unplanned_plants(order_id: int) -> tuple[int, ...]:
    """The plants where the confirmed order has work that no plan knows yet, by id."""
    rows = WorkOrderOperation.objects.filter(
        work_order__sales_order_line__order=order_id,
        work_order__state__in=[WorkOrder.State.FIRM, WorkOrder.State.RELEASED],
        finished_at__isnull=True,
        planned__isnull=True,
    )
    return tuple(sorted(set(rows.order_by().values_list("work_order__plant_id", flat=True))))


def plants_being_planned() -> list[int]:
    """Plants whose newest wish no plan covers yet: their dates may move again in a moment."""
    waits = PlantPlanning.objects.filter(wanted_version__gt=F("planned_version"))
    return list(waits.order_by("plant_id").values_list("plant_id", flat=True))
