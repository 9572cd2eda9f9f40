"""Splitting a work order: a part of its pieces goes its own way, with all that is kept, coming and planned for them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from erp.facts import SupplyPlanned, WorkOrderChanged
from erp.production.models import WorkOrder, WorkOrderOperation
from erp.production.services import Floor, hold_floor, report_operation
from erp.production.services.keeping import WorkOrderEnded
from erp.production.services.parting import part_work_order
from erp.stock.services import share_reservations
from erp.supply.services.sharing import hold_pegs_of, share_demand, share_supply
from masterdata import facts, live
from masterdata.errors import Refusal, StaleVersion
from masterdata.models import User
from masterdata.numbers import ZERO
from masterdata.units import check_quantity


class NothingToSplit(Refusal):
    """So many pieces are not free to go: what is reported stays with the work order; `most` says how many may go."""

    code: ClassVar[str] = "nothing_to_split"


@transaction.atomic
def split_work_order(
    *,
    work_order_id: int,
    quantity: Decimal,
    now: dt.datetime,
    reason: str = "",
    by: User | None = None,
    expected_version: int | None = None,
) -> WorkOrder:
    """`quantity` pieces of which nothing is reported become a work order of their own, which is the answer.

    Needs, reservations, pegs, planned cost and what was issued beyond the first's share are parted so that the parts
    sum to the whole; both have the operations, each with its setup. When all of the first's pieces are reported, its
    operations end. Locks sales order < work order < operations < purchase lines < balances < number. Raises
    WorkOrderEnded, NothingToSplit, InvalidInput, StaleVersion, PeriodClosed. States WorkOrderChanged for both, and
    SupplyPlanned: the plan lacks the new one.
    """
    first = WorkOrderOperation.objects.filter(work_order=work_order_id, mends=None).order_by("sequence").first()
    if first is None:
        raise NothingToSplit("It has no operations: cancel it and make two.", field="quantity", most="0")
    floor = hold_floor(first.pk)
    order = floor.work_order
    _check(floor, quantity, expected_version)
    hold_pegs_of(order.pk)
    second, parted = part_work_order(floor=floor, quantity=quantity, now=now)
    wants = [(pair.first.pk, pair.second.pk, pair.first.quantity - pair.first.issued_qty) for pair in parted]
    room = share_reservations(shares=wants, now=now)
    for pair in parted:
        share_demand(
            first_id=pair.first.pk,
            second_id=pair.second.pk,
            quantity=pair.first.quantity,
            room=room[pair.first.pk],
        )
    share_supply(first_id=order.pk, second_id=second.pk, material_id=order.material_id, keeps=floor.yield_qty)
    _tell(floor, second, quantity, reason.strip())
    _end_what_is_done(floor, now)
    return WorkOrder.objects.get(pk=second.pk)


def _check(floor: Floor, quantity: Decimal, expected_version: int | None) -> None:
    order, unit = floor.work_order, floor.work_order.material.unit.code
    if expected_version is not None and order.version != expected_version:
        raise StaleVersion(f"{order.number} was changed meanwhile: look at it again.")
    if order.state not in (WorkOrder.State.FIRM, WorkOrder.State.RELEASED):
        raise WorkOrderEnded(
            f"Work order {order.number} is {WorkOrder.State(order.state).label.lower()}: only firm or released work "
            "is split.",
            work_order_id=order.pk,
            state=order.state,
        )
    check_quantity(material=order.material, quantity=quantity, field="quantity")
    first = floor.operations[0]
    reported = first.reported_qty
    most = order.quantity - (reported or order.material.unit.rounding)
    if first.finished_at is not None:
        most = ZERO  # what it ended without is lost, and made again
    if quantity > most:
        said = (
            f"{reported.normalize():f} {unit} of {order.number} are reported and stay with it"
            if reported
            else (f"Something has to stay with {order.number}")
        )
        raise NothingToSplit(
            f"{said}: at most {max(most, ZERO).normalize():f} {unit} can go.",
            field="quantity",
            work_order_id=order.pk,
            most=str(max(most, ZERO)),
        )


def _end_what_is_done(floor: Floor, now: dt.datetime) -> None:
    """What was reported was all that is left of the first one."""
    operation = floor.operations[0]
    done = operation.reported_qty == floor.work_order.quantity and not operation.rework_qty
    if done and operation.finished_at is None:
        report_operation(
            operation_id=operation.pk, good_qty=ZERO, scrap_qty=ZERO, worked_min=ZERO, finish=True, now=now
        )


def _tell(floor: Floor, second: WorkOrder, quantity: Decimal, reason: str) -> None:
    order, pieces = floor.work_order, f"{quantity.normalize():f} {floor.work_order.material.unit.code}"
    because = f": {reason}" if reason else ""
    for one, text in (
        (order, f"{pieces} went to {second.number}{because}"),
        (second, f"{pieces} of {order.number}{because}"),
    ):
        facts.state(WorkOrderChanged(work_order_id=one.pk, plant_id=order.plant_id, what="split", text=text))
    orders = (floor.sales_order_id,) if floor.sales_order_id else ()
    facts.state(SupplyPlanned(plant_id=order.plant_id, work_order_ids=(second.pk,), order_ids=orders))
    if floor.sales_order_id is not None:
        live.publish("order", floor.sales_order_id)
