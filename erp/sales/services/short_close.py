"""Closing a work order short: what is not made yet is not made by it, and an order gets it by other work."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.db import transaction

from erp.facts import WorkOrderChanged
from erp.production.models import WorkOrder, WorkOrderOperation
from erp.production.services import add_rework_step, hold_floor
from erp.production.services.keeping import WorkOrderEnded
from erp.sales.services.reporting import report_operation
from erp.stock.models import OwedIssue
from masterdata import facts
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import User
from masterdata.numbers import ZERO


class OwesMaterial(Refusal):
    """Pieces made have used components that are not booked: their cost is not known yet. `materials` names them."""

    code: ClassVar[str] = "owes_material"


@transaction.atomic
def close_short(
    *,
    work_order_id: int,
    reason: str,
    now: dt.datetime,
    by: User | None = None,
    expected_version: int | None = None,
) -> WorkOrder:
    """End every operation with what is reported. What a sales order lacks by it is supplied again, as lost pieces are;
    what is kept for the work order is let go, and its cost goes where the last piece's would.

    Pieces between two operations and in rework are lost. Locks as a report that loses pieces. Raises WorkOrderEnded,
    OwesMaterial, InvalidInput, StaleVersion, PeriodClosed. States WorkOrderChanged, and what the reports state.
    """
    if not reason.strip():
        raise InvalidInput("Say why the rest is not made.", field="reason")
    operations = WorkOrderOperation.objects.filter(work_order=work_order_id, mends=None).order_by("sequence")
    open_ids = list(operations.filter(finished_at=None).values_list("pk", flat=True))
    order = hold_floor(open_ids[0]).work_order if open_ids else WorkOrder.objects.get(pk=work_order_id)
    _check(order, bool(open_ids), expected_version)
    missing = order.quantity - order.good_qty
    _give_up_rework(order, now)
    for pk in open_ids:
        if operations.filter(pk=pk, finished_at=None).exists():  # an earlier one may have ended it
            report_operation(operation_id=pk, good_qty=ZERO, scrap_qty=ZERO, worked_min=ZERO, finish=True, now=now)
    text = f"{missing.normalize():f} not made: {reason.strip()}"
    facts.state(WorkOrderChanged(work_order_id=order.pk, plant_id=order.plant_id, what="short", text=text))
    return WorkOrder.objects.get(pk=order.pk)


def _give_up_rework(order: WorkOrder, now: dt.datetime) -> None:
    """What is in rework becomes scrap of the operation: the steps' pieces there, what waits for one by a step of its
    own."""
    none: dict[str, Any] = {"good_qty": ZERO, "worked_min": ZERO, "finish": True, "now": now}
    for one in WorkOrderOperation.objects.filter(work_order=order, rework_qty__gt=0, mends=None).order_by("sequence"):
        for pk in one.rework_steps.filter(finished_at=None).order_by("sequence").values_list("pk", flat=True):
            left = hold_floor(pk).remaining_qty
            report_operation(operation_id=pk, scrap_qty=left, **none)
        if waiting := hold_floor(one.pk).waiting_qty:
            step = add_rework_step(
                work_order_id=order.pk,
                operation_id=one.pk,
                name="Given up",
                work_centre_id=one.work_centre_id,
                quantity=waiting,
                run_min_per_unit=ZERO,
                now=now,
            )
            report_operation(operation_id=step.pk, scrap_qty=waiting, **none)


def _check(order: WorkOrder, is_open: bool, expected_version: int | None) -> None:
    if expected_version is not None and order.version != expected_version:
        raise StaleVersion(f"{order.number} was changed meanwhile: look at it again.")
    owed = OwedIssue.objects.filter(work_order_material__work_order=order, settled_at=None)
    codes = sorted(set(owed.values_list("work_order_material__material__code", flat=True)))
    if codes:
        raise OwesMaterial(
            f"{order.number} has used {', '.join(codes)} that is not booked. Receive it, count it or scan it first.",
            work_order_id=order.pk,
            materials=codes,
        )
    if order.state not in (WorkOrder.State.FIRM, WorkOrder.State.RELEASED) or not is_open:
        raise WorkOrderEnded(
            f"Work order {order.number} is {WorkOrder.State(order.state).label.lower()}: it cannot be closed short.",
            work_order_id=order.pk,
            state=order.state,
        )
