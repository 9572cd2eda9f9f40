"""Rush requests: asked, answered with options that all hold for one input version, taken or dropped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from crm import facts as crm_facts
from crm.models import Quotation, RushApproval, RushLine, RushOption, RushRequest
from crm.services.rush_policy import rush_policy_of
from erp import services as erp
from erp.models import SalesOrder, WorkOrder, WorkOrderOperation
from masterdata import facts, live, numbers
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import FactRecord, Material, Partner, Plant, User
from masterdata.numbering import next_numbers


class RushNotOpen(Refusal):
    """Taken, dropped or expired already."""

    code = "rush_not_open"


@dataclass(frozen=True)
class RushLineInput:
    """One thing that is asked for; `net_amount` in the company's currency, `order_line_id` of what is to be earlier."""

    material_id: int
    quantity: Decimal
    net_amount: Decimal
    order_line_id: int | None = None


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
    net = numbers.money(quantity * price, plant.company.currency.decimals)
    _write_lines(request, [RushLineInput(material.pk, quantity, net)])
    live.publish("rush", request.pk, plant_id=plant.pk)
    return request


@transaction.atomic
def open_rush_from(
    *,
    lines: Sequence[RushLineInput],
    plant_id: int,
    wanted_on: dt.date,
    now: dt.datetime,
    by: User | None = None,
    quotation_id: int | None = None,
    order_id: int | None = None,
) -> RushRequest:
    """Note that a whole quotation, or an order, is wanted by then; one of the two is given."""
    quotation = Quotation.objects.get(pk=quotation_id) if quotation_id is not None else None
    order = SalesOrder.objects.get(pk=order_id) if order_id is not None else None
    source = quotation or order
    if source is None or not lines:
        raise ValueError("a rush request comes from a quotation or an order with lines")
    plant = Plant.objects.select_related("company").get(pk=plant_id)
    first = lines[0]
    request = RushRequest.objects.create(
        number=next_numbers(company=plant.company, kind="RR", year=now.year)[0],
        customer_id=source.customer_id,
        plant=plant,
        material_id=first.material_id,
        quantity=first.quantity,
        unit_price=numbers.money(first.net_amount / first.quantity, 6),
        wanted_on=wanted_on,
        asked_at=now,
        asked_by=by,
        quotation=quotation,
        for_order=order,
        source_version=source.version,
    )
    _write_lines(request, lines)
    live.publish("rush", request.pk, plant_id=plant.pk)
    return request


def rewrite_rush_lines(*, request: RushRequest, lines: Sequence[RushLineInput], source_version: int) -> None:
    """What its quotation or order says by now. The caller answers the request anew in the same transaction."""
    RushLine.objects.filter(request=request).delete()
    _write_lines(request, lines)
    first = lines[0]
    request.material_id, request.quantity, request.source_version = first.material_id, first.quantity, source_version
    request.unit_price = numbers.money(first.net_amount / first.quantity, 6)
    request.save(update_fields=["material", "quantity", "unit_price", "source_version"])


def _write_lines(request: RushRequest, lines: Sequence[RushLineInput]) -> None:
    RushLine.objects.bulk_create(
        RushLine(
            request=request,
            line_no=number,
            material_id=one.material_id,
            quantity=one.quantity,
            net_amount=one.net_amount,
            order_line_id=one.order_line_id,
        )
        for number, one in enumerate(lines, start=1)
    )


def close_options(request: RushRequest) -> None:
    """None of its open options may be taken any more, and nobody needs to approve one. The request is locked."""
    RushOption.objects.filter(request=request, state=RushOption.State.OPEN).update(state=RushOption.State.STALE)
    asked = RushApproval.objects.filter(request=request, state=RushApproval.State.ASKED)
    asked.update(state=RushApproval.State.STALE)


@transaction.atomic
def mark_rush_taken(*, option_id: int, order: SalesOrder, now: dt.datetime, by: User | None = None) -> FactRecord:
    """The option became `order`, or that order comes earlier; its siblings are closed with it. Locks the request.
    Raises RushNotOpen.

    Returns the fact, which displaced promises name as their cause.
    """
    option = RushOption.objects.get(pk=option_id)
    request = lock_rush(request_id=option.request_id)
    refuse_unless_open(request)
    RushOption.objects.filter(pk=option.pk).update(state=RushOption.State.TAKEN)
    close_options(request)
    request.state = RushRequest.State.TAKEN
    request.order = None if request.for_order_id else order
    request.taken_at, request.taken_by = now, by
    request.save(update_fields=["state", "order", "taken_at", "taken_by"])
    live.publish("rush", request.pk, request.answer_no, plant_id=request.plant_id)
    return facts.state(crm_facts.RushTaken(request_id=request.pk, order_id=order.pk))


@transaction.atomic
def reopen_rush(*, request_id: int, now: dt.datetime) -> tuple[RushRequest, FactRecord]:
    """It was taken and is given back: open again, without options until it is answered. Locks the request.

    Raises RushNotOpen when it is not taken. Returns the fact, which promises that hold again name as their cause.
    """
    request = lock_rush(request_id=request_id)
    order = request.taken_order
    if request.state != RushRequest.State.TAKEN or order is None:
        raise RushNotOpen(f"{request.number} is not taken: there is nothing to take back.")
    RushOption.objects.filter(request=request, state=RushOption.State.TAKEN).update(state=RushOption.State.STALE)
    request.state, request.order = RushRequest.State.OPEN, None
    request.taken_at = request.taken_by = None
    request.save(update_fields=["state", "order", "taken_at", "taken_by"])
    live.publish("rush", request.pk, request.answer_no, plant_id=request.plant_id)
    return request, facts.state(crm_facts.RushUndone(request_id=request.pk, order_id=order.pk))


@transaction.atomic
def drop_rush(*, request_id: int, now: dt.datetime) -> RushRequest:
    """The customer does not want it any more. Locks the request. Raises RushNotOpen."""
    request = lock_rush(request_id=request_id)
    refuse_unless_open(request)
    _end(request, RushRequest.State.DROPPED)
    return request


def expire_rush(*, now: dt.datetime) -> int:
    """Nobody took them in the days of their company's policy: they wait no longer. How many; each in its own
    transaction."""
    waiting = RushRequest.objects.filter(state=RushRequest.State.OPEN).order_by("pk")
    ended = 0
    for pk, company_id, since in waiting.values_list("pk", "plant__company_id", "asked_at"):
        if since + dt.timedelta(days=rush_policy_of(company_id).expires_days) <= now:
            ended += _expire(pk)
    return ended


@transaction.atomic
def _expire(request_id: int) -> bool:
    request = lock_rush(request_id=request_id)
    if request.state != RushRequest.State.OPEN:
        return False
    _end(request, RushRequest.State.EXPIRED)
    return True


def _end(request: RushRequest, state: str) -> None:
    close_options(request)
    request.state = state
    request.save(update_fields=["state"])
    live.publish("rush", request.pk, request.answer_no, plant_id=request.plant_id)


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
        .select_related("customer__currency", "plant__company__currency", "material", "order", "for_order", "quotation")
        .order_by("pk")
        .get(pk=request_id)
    )


def refuse_unless_open(request: RushRequest) -> None:
    """Raises RushNotOpen that says what became of it."""
    order = request.taken_order
    if request.state == RushRequest.State.TAKEN and order is not None:
        raise RushNotOpen(f"{request.number} is taken already, as order {order.number}.", order_id=order.pk)
    if request.state == RushRequest.State.EXPIRED:
        raise RushNotOpen(f"{request.number} has waited too long: ask again with a new request.")
    if request.state == RushRequest.State.DROPPED:
        raise RushNotOpen(f"{request.number} was dropped: ask again with a new request.")
