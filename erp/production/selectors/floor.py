"""Questions from the shop floor and about single work orders."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db.models import QuerySet

from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from masterdata.numbers import ZERO


def operation_for_floor(operation_id: int) -> WorkOrderOperation:
    """The operation with work order, material, unit, order, customer, work centre and machine, in one query."""
    return WorkOrderOperation.objects.select_related(
        "work_order__material__unit",
        "work_order__plant",
        "work_order__sales_order_line__order__customer",
        "work_centre",
        "machine",
    ).get(pk=operation_id)


def components_of(operation: WorkOrderOperation) -> QuerySet[WorkOrderMaterial]:
    """What the operation uses, with material and unit."""
    rows = WorkOrderMaterial.objects.filter(work_order=operation.work_order_id, operation_sequence=operation.sequence)
    return rows.select_related("material", "unit").order_by("line_no")


def waiting_for_rework(operations: Collection[WorkOrderOperation]) -> dict[int, Decimal]:
    """Of a work order's operations those with pieces in rework that no open rework step has, with how many."""
    waiting: dict[int, Decimal] = {one.pk: one.rework_qty for one in operations if one.mends_id is None}
    for one in operations:
        if one.mends_id is not None and one.finished_at is None:
            waiting[one.mends_id] -= (one.quantity or ZERO) - one.reported_qty
    return {pk: pieces for pk, pieces in waiting.items() if pieces}


def work_order_number(work_order_id: int) -> str:
    """The work order's number, as shown in a cause."""
    return WorkOrder.objects.values_list("number", flat=True).get(pk=work_order_id)


def work_orders(*, plant_id: int | None = None, order_id: int | None = None) -> QuerySet[WorkOrder]:
    """Work orders with material and order, newest first."""
    rows = WorkOrder.objects.select_related("material__unit", "plant", "sales_order_line__order")
    chosen = {"plant": plant_id, "sales_order_line__order": order_id}
    return rows.filter(**{name: value for name, value in chosen.items() if value is not None}).order_by("-id")
