"""Rush: take an option. Order, plan, displaced promises and the request commit together, or nothing does."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from aps import selectors as aps_now
from aps import services as aps
from crm import selectors as crm_now
from crm import services as crm
from erp import services as erp
from masterdata import facts
from masterdata.causes import Cause
from masterdata.errors import Refusal
from masterdata.models import User
from suite.asks import answers, offer
from suite.deeds import ask_rush


class StaleOffer(Refusal):
    """The plan or the request moved on; nothing was taken. `values["answer"]` is the new answer."""

    code = "stale_offer"


class OptionImpossible(Refusal):
    """A card without a date cannot be taken."""

    code = "option_impossible"


class _MovedOn(Exception):
    """The option no longer holds."""


def accept_rush(*, option_id: int, now: dt.datetime, by: User | None = None) -> erp.SalesOrder:
    """Take the option and return the confirmed order. The same option again gives the same order.

    Call it outside any transaction: when the world has moved on, nothing is taken, the request is answered again in a
    transaction of its own, and StaleOffer carries the new answer. Locks, in this order: the plant's planning and dates,
    the request, the orders that move, then what confirming and publishing lock.
    """
    try:
        return _take(option_id, now, by)
    except (_MovedOn, aps.StaleOffer, erp.MaterialGone):
        option = crm_now.option_now(option_id=option_id)
        raise _answered_again(option.request.pk, now) from None


@transaction.atomic
def _take(option_id: int, now: dt.datetime, by: User | None) -> erp.SalesOrder:
    first = crm_now.option_now(option_id=option_id)
    plant_id = first.option.plant_id or first.request.plant_id
    aps.locked_planning(plant_id)
    erp.hold_plan_dates(plant_id=plant_id)
    request = crm.lock_rush(request_id=first.request.pk)
    card = crm_now.option_now(option_id=option_id)
    if card.is_taken and request.order is not None:
        return request.order
    version = card.option.input_version or request.input_version
    if not card.is_open or version != aps_now.input_version(plant_id):
        raise _MovedOn
    if card.option.ask_first:
        raise OptionImpossible(card.option.ask_first, option_id=option_id)
    if not card.option.is_possible or card.option.offer_key is None:
        raise OptionImpossible("This option has no date: take another one.", option_id=option_id)
    with facts.acting(by):
        return _commit(card, card.option.offer_key, request, now)


def _commit(
    card: crm_now.OptionNow, offer_key: uuid.UUID, request: crm.RushRequest, now: dt.datetime
) -> erp.SalesOrder:
    plant_id = card.option.plant_id or request.plant_id
    materials = list(card.option.materials.all())
    givers = crm_now.giving_operations(option_id=card.option.pk)
    crm.lock_displaced(operation_ids=[*aps_now.moved_operations(offer_key), *givers])
    order = erp.create_order(
        company=request.plant.company,
        customer=request.customer,
        currency=request.plant.company.currency,
        lines=_lines(card, request, plant_id),
        now=now,
        is_rush=True,
    )
    takes = [erp.Take(one.need_id, one.quantity) for one in materials if one.need_id is not None]
    if takes:
        order = erp.confirm_with_material(order_id=order.pk, takes=takes, now=now)
    else:
        order = erp.confirm_order(order_id=order.pk, now=now, hurried=[one.material_id for one in materials])
    plan = aps.take_offer(key=offer_key, order_id=order.pk, now=now)
    later = _apply(plant_id, plan.number)
    taken = crm.mark_rush_taken(option_id=card.option.pk, order=order, now=now)
    crm.promise_rush(order_id=order.pk, deliver_at=card.option.deliver_at, plan_no=plan.number, fact=taken, now=now)
    cause = Cause("rush", f"Rush order {order.number} for {request.customer.name} was taken first", taken.pk)
    with facts.because(taken):
        crm.renew_promises(plant_id=plant_id, plan_no=plan.number, cause=cause, line_ids=later, now=now)
    return order


def _lines(card: crm_now.OptionNow, request: crm.RushRequest, plant_id: int) -> list[erp.OrderLineInput]:
    """One line, or the part that comes first and the rest."""
    first = card.option.first_qty
    return [
        erp.OrderLineInput(
            plant_id=plant_id,
            material_id=request.material_id,
            quantity=quantity,
            unit_price=request.unit_price,
            wanted_on=request.wanted_on,
        )
        for quantity in ([request.quantity] if first is None else [first, request.quantity - first])
    ]


def _apply(plant_id: int, plan_no: int) -> list[int]:
    """Write the new plan's dates; the order lines that are now expected later than before."""
    before = crm_now.expected_dates(plant_id)
    spread = aps_now.plan_to_spread(plant_id=plant_id, plan_no=plan_no)
    if spread is None:
        raise _MovedOn
    erp.apply_plan(plant_id=plant_id, plan_no=plan_no, placements=spread.placements)
    after = crm_now.expected_dates(plant_id)
    return [line_id for line_id, expected_at in after.items() if line_id in before and expected_at > before[line_id]]


def _answered_again(request_id: int, now: dt.datetime) -> StaleOffer:
    request = crm_now.rush_request(request_id=request_id)
    if request.order is not None:
        reply = offer.ask_and_wait(ask_rush.question_of(request_id=request_id, now=now, keep=False))
        return StaleOffer(
            f"{request.number} is taken already, as order {request.order.number}. "
            "For another order like it, ask again: the answer as of now is attached.",
            request_id=request_id,
            order_id=request.order_id,
            answer=answers.reply_to_json(reply),
        )
    ask_rush.ask_again(request_id=request_id, now=now)
    return StaleOffer(
        f"The plan has changed since {request.number} was answered, and nothing was taken. "
        "Here are the options as of now: choose again.",
        request_id=request_id,
        answer=crm_now.rush_answer(request_id=request_id),
    )
