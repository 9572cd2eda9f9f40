"""Releasing work orders and starting their operations."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import transaction

from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.stock import services as stock
from erp.stock.intents import StockDemand
from erp.stock.models import Reservation
from masterdata import live
from masterdata.errors import Refusal
from masterdata.models import Machine, User

State = WorkOrder.State


class WorkOrderEnded(Refusal):
    """The work order is closed, cancelled, or only proposed."""

    code: ClassVar[str] = "work_order_not_open"


class OperationFinished(Refusal):
    """The operation has been finished."""

    code: ClassVar[str] = "operation_finished"


class WrongMachine(Refusal):
    """The machine is not one of the operation's work centre."""

    code: ClassVar[str] = "wrong_machine"


@transaction.atomic
def release_work_order(*, work_order_id: int, now: dt.datetime, by: User | None = None) -> WorkOrder:
    """Freeze the work order and reserve its components hard, as far as there are any; what is short may still come.

    Locks the work order, then balances. Releasing a released one changes nothing. Raises WorkOrderEnded.
    """
    order = (
        WorkOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("sales_order_line")
        .order_by("pk")
        .get(pk=work_order_id)
    )
    release_held(order, now)
    return order


def release_held(order: WorkOrder, now: dt.datetime) -> None:
    """Release a work order that the caller has locked; one that is released stays as it is."""
    if order.state == State.RELEASED:
        return
    if order.state != State.FIRM:
        raise WorkOrderEnded(
            f"Work order {order.number} is {State(order.state).label.lower()}: only a firm one can be released.",
            work_order_id=order.pk,
            state=order.state,
        )
    needs = list(WorkOrderMaterial.objects.filter(work_order=order).order_by("line_no"))
    stock.harden_reservations(work_order_material_ids=[need.pk for need in needs])
    _reserve_rest(order, needs, now)
    order.state = State.RELEASED
    order.released_at = now
    order.version += 1
    order.save(update_fields=["state", "released_at", "version"])


def _reserve_rest(order: WorkOrder, needs: list[WorkOrderMaterial], now: dt.datetime) -> None:
    """Reserve what nothing covers yet; what the order makes itself comes from its own stock, unreserved."""
    covered = {need.pk: need.issued_qty for need in needs}
    for need_id, quantity in Reservation.objects.filter(work_order_material__in=needs, quantity__gt=0).values_list(
        "work_order_material_id", "quantity"
    ):
        covered[need_id or 0] += quantity
    own = set()
    if order.sales_order_line is not None:
        own = set(
            WorkOrder.objects.filter(
                sales_order_line__order=order.sales_order_line.order_id,
                plant=order.plant_id,
                material__in=[need.material_id for need in needs],
            )
            .exclude(state=State.CANCELLED)
            .values_list("material_id", flat=True)
        )
    stock.reserve(
        demands=[
            StockDemand(
                plant_id=order.plant_id,
                material_id=need.material_id,
                quantity=need.quantity - covered[need.pk],
                work_order_material_id=need.pk,
                kind=Reservation.Kind.HARD,
            )
            for need in needs
            if need.material_id not in own and need.quantity > covered[need.pk]
        ],
        now=now,
    )


@transaction.atomic
def start_operation(*, operation_id: int, machine_id: int, now: dt.datetime) -> WorkOrderOperation:
    """The operation runs on the machine from `now`; a firm work order is released. The first start is kept.

    Locks the work order, then the operation. Raises WorkOrderEnded, OperationFinished, WrongMachine.
    """
    order_id = WorkOrderOperation.objects.values_list("work_order_id", flat=True).get(pk=operation_id)
    order = (
        WorkOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("sales_order_line")
        .order_by("pk")
        .get(pk=order_id)
    )
    operation = WorkOrderOperation.objects.select_for_update(no_key=True).order_by("pk").get(pk=operation_id)
    check_machine(operation, machine_id)
    if operation.finished_at is not None:
        raise OperationFinished(
            f"Operation {operation.sequence} of {order.number} is finished: nothing more can be started there.",
            operation_id=operation_id,
        )
    release_held(order, now)
    operation.started_at = operation.started_at or now
    operation.machine_id = machine_id
    operation.save(update_fields=["started_at", "machine"])
    if order.sales_order_line is not None:
        live.publish("order", order.sales_order_line.order_id)
    return operation


def check_machine(operation: WorkOrderOperation, machine_id: int) -> None:
    """Raises WrongMachine unless the machine belongs to the operation's work centre."""
    machine = Machine.objects.select_related("work_centre").get(pk=machine_id)
    if machine.work_centre_id != operation.work_centre_id:
        raise WrongMachine(
            f"{machine.code} is in {machine.work_centre.name}. Choose a machine that does {operation.name.lower()}.",
            field="machine_id",
            operation_id=operation.pk,
            machine_id=machine_id,
        )
