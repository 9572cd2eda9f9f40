"""Rush requests: asked, answered with options that all hold for one input version, taken or dropped."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from crm import facts as crm_facts
from crm.models import RushDriver, RushMaterial, RushOption, RushRequest, RushVictim
from erp import services as erp
from erp.models import SalesOrder, WorkOrder, WorkOrderOperation
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import FactRecord, Material, Partner, Plant, User
from masterdata.numbering import next_numbers


class RushNotOpen(Refusal):
    """Taken or dropped already."""

    code = "rush_not_open"


@dataclass(frozen=True)
class RushVictimInput:
    """An order line that an option makes late or later."""

    order_line_id: int
    old_end_at: dt.datetime
    new_end_at: dt.datetime


@dataclass(frozen=True)
class RushMaterialInput:
    """A material to be ordered fast, or `quantity` of it taken from what a work order's need holds."""

    material_id: int
    need_id: int | None = None
    quantity: Decimal = Decimal(0)


@dataclass(frozen=True)
class RushOptionInput:
    """One card of an answer; money in the company's currency, `offer_key` is the plan kept for it in planning."""

    key: str
    label: str
    is_possible: bool
    deliver_at: dt.datetime | None
    cause: str
    extra_cost: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    margin_percent: Decimal | None = None
    offer_key: uuid.UUID | None = None
    victims: Sequence[RushVictimInput] = ()
    drivers: Sequence[tuple[str, Decimal]] = ()
    lever: str = ""
    ask_first: str = ""
    plant_id: int | None = None
    input_version: str = ""
    first_qty: Decimal | None = None
    rest_at: dt.datetime | None = None
    bound_at: dt.datetime | None = None
    materials: Sequence[RushMaterialInput] = ()


@transaction.atomic
def open_rush(
    *,
    customer_id: int,
    material_id: int,
    quantity: Decimal,
    plant_id: int,
    wanted_on: dt.date,
    unit_price: Decimal | None,
    now: dt.datetime,
    by: User | None = None,
) -> RushRequest:
    """Note who asks for what by when; without a price the list price is taken."""
    customer = Partner.objects.filter(pk=customer_id, is_customer=True, is_active=True).first()
    material = Material.objects.select_related("unit").filter(pk=material_id, is_active=True).first()
    plant = Plant.objects.select_related("company").filter(pk=plant_id).first()
    if customer is None:
        raise InvalidInput("Choose a customer from the list.", field="customer")
    if plant is None:
        raise InvalidInput("Choose a plant from the list.", field="plant")
    if material is None:
        raise InvalidInput("Choose a material from the list.", field="material")
    price = material.list_price if unit_price is None else unit_price
    erp.check_wish(
        material=material,
        quantity=quantity,
        unit_price=price,
        wanted_on=wanted_on,
        time_zone=plant.time_zone,
        now=now,
    )
    request = RushRequest.objects.create(
        number=next_numbers(company=plant.company, kind="RR", year=now.year)[0],
        customer=customer,
        plant=plant,
        material=material,
        quantity=quantity,
        unit_price=price,
        wanted_on=wanted_on,
        asked_at=now,
        asked_by=by,
    )
    live.publish("rush", request.pk, plant_id=plant.pk)
    return request


@transaction.atomic
def answer_rush(
    *, request_id: int, input_version: str, options: Sequence[RushOptionInput], now: dt.datetime, note: str = ""
) -> RushRequest:
    """Store a new answer; older options become stale. Locks the request. Raises RushNotOpen.

    `note` says how planning answered when it did not answer as usual.
    """
    request = lock_rush(request_id=request_id)
    refuse_unless_open(request)
    RushOption.objects.filter(request=request, state=RushOption.State.OPEN).update(state=RushOption.State.STALE)
    request.answer_no += 1
    request.answered_at = now
    request.input_version = input_version
    request.note = note[:160]
    request.save(update_fields=["answer_no", "answered_at", "input_version", "note"])
    _write_options(request, options)
    live.publish("rush", request.pk, request.answer_no, plant_id=request.plant_id)
    return request


@transaction.atomic
def add_levers(*, request_id: int, answer_no: int, options: Sequence[RushOptionInput], is_last: bool = False) -> bool:
    """More options of the answer, once each; False when the request was answered again or is no longer open.

    Locks the request. `is_last`: no more will come for this answer.
    """
    request = lock_rush(request_id=request_id)
    if request.state != RushRequest.State.OPEN or request.answer_no != answer_no:
        return False
    known = set(RushOption.objects.filter(request=request, answer_no=answer_no).values_list("key", flat=True))
    _write_options(request, [one for one in options if one.key not in known])
    if is_last:
        request.levers_no = answer_no
        request.save(update_fields=["levers_no"])
    live.publish("rush", request.pk, request.answer_no, plant_id=request.plant_id)
    return True


@transaction.atomic
def mark_rush_taken(*, option_id: int, order: SalesOrder, now: dt.datetime) -> FactRecord:
    """The option became `order`; its siblings are closed with it. Locks the request. Raises RushNotOpen.

    Returns the fact, which displaced promises name as their cause.
    """
    option = RushOption.objects.get(pk=option_id)
    request = lock_rush(request_id=option.request_id)
    refuse_unless_open(request)
    RushOption.objects.filter(pk=option.pk).update(state=RushOption.State.TAKEN)
    RushOption.objects.filter(request=request, state=RushOption.State.OPEN).update(state=RushOption.State.STALE)
    request.state = RushRequest.State.TAKEN
    request.order = order
    request.save(update_fields=["state", "order"])
    live.publish("rush", request.pk, request.answer_no, plant_id=request.plant_id)
    return facts.state(crm_facts.RushTaken(request_id=request.pk, order_id=order.pk))


@transaction.atomic
def drop_rush(*, request_id: int, now: dt.datetime) -> RushRequest:
    """The customer does not want it any more. Locks the request. Raises RushNotOpen."""
    request = lock_rush(request_id=request_id)
    refuse_unless_open(request)
    RushOption.objects.filter(request=request, state=RushOption.State.OPEN).update(state=RushOption.State.STALE)
    request.state = RushRequest.State.DROPPED
    request.save(update_fields=["state"])
    live.publish("rush", request.pk, request.answer_no, plant_id=request.plant_id)
    return request


def lock_displaced(*, operation_ids: Sequence[int]) -> None:
    """Hold the sales orders and work orders of operations that will move, until the caller's transaction ends.

    Taken before anything of stock is locked: who reports on those operations locks in the same order.
    """
    orders = SalesOrder.objects.select_for_update(no_key=True).order_by("pk")
    list(orders.filter(pk__in=_orders_of(operation_ids)).values_list("pk", flat=True))
    work_orders = WorkOrder.objects.select_for_update(no_key=True).order_by("pk")
    moved = WorkOrderOperation.objects.filter(pk__in=operation_ids).values("work_order_id")
    list(work_orders.filter(pk__in=moved).values_list("pk", flat=True))


def _orders_of(operation_ids: Sequence[int]) -> list[int]:
    found = WorkOrderOperation.objects.filter(
        pk__in=operation_ids, work_order__sales_order_line__isnull=False
    ).values_list("work_order__sales_order_line__order_id", flat=True)
    return sorted({order_id for order_id in found if order_id is not None})


def lock_rush(*, request_id: int) -> RushRequest:
    """The request, locked until the caller's transaction ends, with what its answer needs."""
    return (
        RushRequest.objects.select_for_update(of=("self",))
        .select_related("customer__currency", "plant__company__currency", "material", "order")
        .order_by("pk")
        .get(pk=request_id)
    )


def refuse_unless_open(request: RushRequest) -> None:
    """Raises RushNotOpen that says what became of it."""
    if request.state == RushRequest.State.TAKEN and request.order is not None:
        raise RushNotOpen(
            f"{request.number} is taken already, as order {request.order.number}.", order_id=request.order_id
        )
    if request.state == RushRequest.State.DROPPED:
        raise RushNotOpen(f"{request.number} was dropped: ask again with a new request.")


def _write_options(request: RushRequest, options: Sequence[RushOptionInput]) -> None:
    """The cards with their victims, drivers and what they do about materials: one INSERT a table."""
    written = RushOption.objects.bulk_create([_option(request, given) for given in options])
    pairs = list(zip(written, options, strict=True))
    RushVictim.objects.bulk_create(
        RushVictim(
            option=option,
            order_line_id=victim.order_line_id,
            old_end_at=victim.old_end_at,
            new_end_at=victim.new_end_at,
        )
        for option, given in pairs
        for victim in given.victims
    )
    RushDriver.objects.bulk_create(
        RushDriver(option=option, text=text[:120], amount=amount)
        for option, given in pairs
        for text, amount in given.drivers
    )
    RushMaterial.objects.bulk_create(
        RushMaterial(option=option, material_id=one.material_id, need_id=one.need_id, quantity=one.quantity)
        for option, given in pairs
        for one in given.materials
    )


def _option(request: RushRequest, given: RushOptionInput) -> RushOption:
    return RushOption(
        request=request,
        answer_no=request.answer_no,
        key=given.key,
        label=given.label[:60],
        is_possible=given.is_possible,
        deliver_at=given.deliver_at,
        extra_cost=given.extra_cost,
        cost=given.cost,
        margin_percent=given.margin_percent,
        cause=given.cause[:240],
        offer_key=given.offer_key,
        lever=given.lever,
        ask_first=given.ask_first[:160],
        plant_id=given.plant_id,
        input_version=given.input_version,
        first_qty=given.first_qty,
        rest_at=given.rest_at,
        bound_at=given.bound_at,
    )
