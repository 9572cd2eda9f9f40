"""Rework: a step that is added to a released work order and mends pieces of one of its operations."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from erp.facts import SupplyPlanned, WorkOrderChanged
from erp.production.models import WorkOrder, WorkOrderOperation
from erp.production.services.floor import Floor, hold_floor
from erp.production.services.keeping import WorkOrderEnded
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import User, WorkCentre
from masterdata.numbers import ZERO
from masterdata.units import check_quantity


class NothingToRework(Refusal):
    """No piece of the operation waits for rework, or fewer than that; `waiting` says how many."""

    code: ClassVar[str] = "nothing_to_rework"


@transaction.atomic
def add_rework_step(
    *,
    work_order_id: int,
    operation_id: int,
    name: str,
    work_centre_id: int,
    quantity: Decimal,
    run_min_per_unit: Decimal,
    now: dt.datetime,
    setup_min: Decimal = ZERO,
    by: User | None = None,
    expected_version: int | None = None,
) -> WorkOrderOperation:
    """Say where and how `quantity` pieces of the operation that wait for rework are mended: an operation of the same
    work order, planned and reported like any other, minutes at 100 % speed.

    It costs as rework, on the same work order and sales order. The frozen operations stay as they are; the step stands
    at the next free number behind the one that it mends. Locks as a report. Raises NothingToRework, WorkOrderEnded,
    InvalidInput, StaleVersion. States SupplyPlanned, for the plan, and WorkOrderChanged.
    """
    if not WorkOrderOperation.objects.filter(pk=operation_id, work_order=work_order_id).exists():
        raise InvalidInput("Choose an operation of the work order.", field="operation")
    floor = hold_floor(operation_id)
    order = floor.work_order
    if expected_version is not None and order.version != expected_version:
        raise StaleVersion(f"{order.number} was changed meanwhile: look at it again.")
    centre = _checked(floor, name, work_centre_id, setup_min, run_min_per_unit)
    check_quantity(material=order.material, quantity=quantity, field="quantity")
    _check_waiting(floor, quantity)
    step = WorkOrderOperation.objects.create(
        work_order=order,
        sequence=_free_number(floor),
        name=name.strip(),
        work_centre=centre,
        setup_min=setup_min,
        run_min_per_unit=run_min_per_unit,
        mends=floor.operation,
        quantity=quantity,
    )
    WorkOrder.objects.filter(pk=order.pk).update(version=order.version + 1)
    _tell(floor, f"{quantity.normalize():f} {order.material.unit.code} of {floor.operation.name}: {step.name}")
    return step


def _checked(floor: Floor, name: str, work_centre_id: int, setup_min: Decimal, run_min_per_unit: Decimal) -> WorkCentre:
    order = floor.work_order
    if order.state != WorkOrder.State.RELEASED:
        raise WorkOrderEnded(
            f"Work order {order.number} is {WorkOrder.State(order.state).label.lower()}: nothing of it is in rework.",
            work_order_id=order.pk,
            state=order.state,
        )
    if not name.strip():
        raise InvalidInput("Say what is done to the pieces.", field="name")
    for field, minutes in (("setup_min", setup_min), ("run_min_per_unit", run_min_per_unit)):
        if minutes < 0:
            raise InvalidInput("Enter zero or more minutes.", field=field)
    centre = WorkCentre.objects.filter(pk=work_centre_id).first()
    if centre is None or centre.plant_id != order.plant_id:
        raise InvalidInput(f"Choose a work centre of {order.plant.name}.", field="work_centre")
    return centre


def _check_waiting(floor: Floor, quantity: Decimal) -> None:
    waiting, unit = floor.waiting_qty, floor.work_order.material.unit.code
    if quantity > waiting:
        said = f"{waiting.normalize():f} {unit} wait" if waiting else "Nothing waits"
        raise NothingToRework(
            f"{said} for rework at {floor.operation.name}. Report pieces as rework there first.",
            field="quantity",
            operation_id=floor.operation.pk,
            waiting=str(waiting),
        )


def _free_number(floor: Floor) -> int:
    taken = {one.sequence for one in (*floor.operations, *floor.steps)}
    number = floor.operation.sequence + 1
    while number in taken:
        number += 1
    return number


def _tell(floor: Floor, text: str) -> None:
    order = floor.work_order
    orders = (floor.sales_order_id,) if floor.sales_order_id else ()
    facts.state(SupplyPlanned(plant_id=order.plant_id, work_order_ids=(order.pk,), order_ids=orders))
    facts.state(WorkOrderChanged(work_order_id=order.pk, plant_id=order.plant_id, what="rework", text=text))
    if floor.sales_order_id is not None:
        live.publish("order", floor.sales_order_id)
