"""Releasing work orders and starting their operations."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.db import transaction
from django.db.models import Q

from erp.facts import WorkOrderChanged
from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.production.services.keeping import (
    ON_THE_FLOOR,
    RELEASES,
    Shortage,
    ended,
    keep_for_release,
)
from erp.stock import services as stock
from masterdata import facts, live, statements
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Machine, User

State = WorkOrder.State
UNSAID = "No reason was given"

_WORK_ORDER = "SELECT work_order_id FROM erp_workorderoperation WHERE id = %s"
_STANDS_THERE = "SELECT 1 FROM masterdata_machine WHERE id = %s AND work_centre_id = %s"


class OperationFinished(Refusal):
    """The operation has been finished."""

    code: ClassVar[str] = "operation_finished"


class WrongMachine(Refusal):
    """The machine is not one of the operation's work centre."""

    code: ClassVar[str] = "wrong_machine"


class MaterialShort(Refusal):
    """Not everything that the work order needs can be kept for it now; `shortages` lists what lacks."""

    code: ClassVar[str] = "material_short"


class AlreadyBegun(Refusal):
    """Something was reported or issued: the work order stays released."""

    code: ClassVar[str] = "already_begun"


@transaction.atomic
def release_work_order(
    *,
    work_order_id: int,
    now: dt.datetime,
    by: User | None = None,
    despite_shortage: bool = False,
    reason: str = "",
    expected_version: int | None = None,
) -> WorkOrder:
    """Freeze the work order and keep all that it needs for it: everything, or nothing and a refusal that lists what
    lacks. `despite_shortage`, with a `reason`, keeps what there is.

    What the order makes itself needs no keeping: its parts lie in its own stock, where nobody else takes them. Locks
    the work order, then balances. A released one stays as it is. Raises WorkOrderEnded, MaterialShort, InvalidInput,
    StaleVersion.
    """
    order = _hold(work_order_id, expected_version)
    if order.state == State.RELEASED:
        return order
    missing = release_held(order, now, reason=reason.strip() or UNSAID)
    if missing and not despite_shortage:
        raise MaterialShort(
            f"{order.number} lacks {'; '.join(map(str, missing))}. Wait, or release it all the same and say why.",
            work_order_id=order.pk,
            shortages=[
                {
                    "material": one.material_id,
                    "code": one.code,
                    "missing": str(one.missing),
                    "comes_at": one.comes_at and one.comes_at.isoformat(),
                }
                for one in missing
            ],
        )
    if missing and not reason.strip():
        raise InvalidInput("Say why it is released although material is missing.", field="reason")
    facts.state(_changed(order, "released", order.short_reason))
    return order


@transaction.atomic
def unrelease_work_order(
    *, work_order_id: int, now: dt.datetime, by: User | None = None, expected_version: int | None = None
) -> WorkOrder:
    """Take a release back while nothing was reported or issued: what is kept may go elsewhere again.

    Locks the work order. Raises WorkOrderEnded, AlreadyBegun, StaleVersion.
    """
    order = _hold(work_order_id, expected_version)
    if order.state != State.RELEASED:
        raise ended(order, "only a released one can be taken back")
    begun = WorkOrderOperation.objects.filter(work_order=order).filter(
        Q(started_at__isnull=False) | Q(worked_min__gt=0) | Q(good_qty__gt=0) | Q(scrap_qty__gt=0) | Q(rework_qty__gt=0)
    )
    needs = WorkOrderMaterial.objects.filter(work_order=order)
    if begun.exists() or needs.filter(issued_qty__gt=0).exists():
        raise AlreadyBegun(
            f"{order.number} has begun: give back what was issued, or close it short.", work_order_id=order.pk
        )
    stock.soften_reservations(work_order_material_ids=list(needs.values_list("pk", flat=True)))
    order.state, order.released_at, order.short_reason = State.FIRM, None, ""
    order.version += 1
    order.save(update_fields=["state", "released_at", "short_reason", "version"])
    facts.state(_changed(order, "unreleased"))
    return order


def _hold(work_order_id: int, expected_version: int | None) -> WorkOrder:
    order = (
        WorkOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("sales_order_line")
        .order_by("pk")
        .get(pk=work_order_id)
    )
    if expected_version is not None and order.version != expected_version:
        raise StaleVersion(f"{order.number} was changed meanwhile: look at it again.")
    return order


def _changed(order: WorkOrder, what: str, text: str = "") -> WorkOrderChanged:
    return WorkOrderChanged(work_order_id=order.pk, plant_id=order.plant_id, what=what, text=text)


def release_held(order: WorkOrder, now: dt.datetime, *, reason: str = ON_THE_FLOOR) -> list[Shortage]:
    """Release a work order that the caller has locked with what there is; what lacks, which `reason` is kept for.

    One that is released stays as it is: the floor is never refused for what lacks.
    """
    if order.state == State.RELEASED:
        return []
    needs = WorkOrderMaterial.objects.filter(work_order=order).select_related("material", "unit").order_by("line_no")
    missing = keep_for_release(order, list(needs), now, reason=reason)
    order.save(update_fields=RELEASES)
    return missing


def work_order_of(operation_id: int) -> int:
    """The operation's work order. Raises WorkOrderOperation.DoesNotExist."""
    for (order_id,) in statements.run(_WORK_ORDER, [operation_id]):
        return int(order_id)
    raise WorkOrderOperation.DoesNotExist(f"There is no operation {operation_id}.")


@transaction.atomic
def start_operation(*, operation_id: int, machine_id: int, now: dt.datetime) -> WorkOrderOperation:
    """The operation runs on the machine from `now`; a firm work order is released. The first start is kept.

    Locks the work order, then the operation. Raises WorkOrderEnded, OperationFinished, WrongMachine.
    """
    order_id = work_order_of(operation_id)
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


@transaction.atomic
def end_operation_later(*, operation_id: int, at: dt.datetime) -> None:
    """It has ended, but no earlier than `at`: the floor knows of work there until then.

    Locks the operation; its orders must be locked. Nothing when it has not ended.
    """
    rows = WorkOrderOperation.objects.select_for_update(no_key=True).order_by("pk")
    operation = rows.get(pk=operation_id)
    if operation.finished_at is not None and operation.finished_at < at:
        operation.finished_at = at
        operation.save(update_fields=["finished_at"])


@transaction.atomic
def unstart_operation(*, operation_id: int) -> None:
    """Nobody has begun the operation after all; its work order stays released. Raises AlreadyBegun when something was
    reported there. Locks the work order, then the operation."""
    order_id = work_order_of(operation_id)
    WorkOrder.objects.select_for_update(no_key=True, of=("self",)).order_by("pk").get(pk=order_id)
    operation = WorkOrderOperation.objects.select_for_update(no_key=True).order_by("pk").get(pk=operation_id)
    if operation.reported_qty or operation.worked_min:
        raise AlreadyBegun(
            f"{operation.name} has reported pieces or minutes. Take its reports back first.", operation_id=operation_id
        )
    operation.started_at = None
    operation.save(update_fields=["started_at"])


def refuse_machine(*, operation_id: int, machine_id: int) -> None:
    """Raise WrongMachine unless the machine can do the operation."""
    check_machine(WorkOrderOperation.objects.get(pk=operation_id), machine_id)


def check_machine(operation: WorkOrderOperation, machine_id: int) -> None:
    """Raises WrongMachine unless the machine belongs to the operation's work centre."""
    if statements.run(_STANDS_THERE, [machine_id, operation.work_centre_id]):
        return
    machine = Machine.objects.select_related("work_centre").get(pk=machine_id)
    if machine.work_centre_id != operation.work_centre_id:
        raise WrongMachine(
            f"{machine.code} is in {machine.work_centre.name}. Choose a machine that does {operation.name.lower()}.",
            field="machine_id",
            operation_id=operation.pk,
            machine_id=machine_id,
        )
