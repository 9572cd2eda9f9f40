"""Rush: take an option. Order, plan, displaced promises, their notices and the request commit together, or nothing."""

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
from masterdata.errors import Refusal, StaleVersion
from masterdata.models import FactRecord, User
from suite.asks import answers, offer
from suite.deeds import ask_rush, rush_orders


class StaleOffer(Refusal):
    """Plan or request moved on, or the answer is too old; nothing was taken. `values["answer"]` is the new answer."""

    code = "stale_offer"


class OptionImpossible(Refusal):
    """A card without a date cannot be taken."""

    code = "option_impossible"


class _MovedOn(Exception):
    """The option no longer holds; `why` stands in the sentence."""

    def __init__(self, why: str = "The plan has changed since {number} was answered") -> None:
        super().__init__(why)
        self.why = why


def accept_rush(*, option_id: int, now: dt.datetime, by: User | None = None) -> erp.SalesOrder:
    """Take the option and return the confirmed order, or the one that comes earlier. The same option again: the same.

    Call it outside any transaction: when the world has moved on, nothing is taken, the request is answered again in a
    transaction of its own, and StaleOffer carries the new answer. Locks, in this order: the plant's planning and dates,
    the request, the orders that move, then what confirming and publishing lock. Raises RushNeedsApproval.
    """
    return _taken(option_id, now, by, None)


def approve_and_take(*, approval_id: int, now: dt.datetime, by: User | None = None) -> erp.SalesOrder:
    """Say yes to what somebody asked, and take it, in one transaction; as `accept_rush`. Raises ApprovalNotOpen."""
    option_id = crm_now.rush_approval(approval_id=approval_id).option_id
    return _taken(option_id, now, by, approval_id)


def _taken(option_id: int, now: dt.datetime, by: User | None, approval_id: int | None) -> erp.SalesOrder:
    why = _MovedOn().why
    try:
        return _take(option_id, now, by, approval_id)
    except _MovedOn as moved:
        why = moved.why
    except (aps.StaleOffer, erp.MaterialGone, StaleVersion):
        pass
    raise _answered_again(crm_now.option_now(option_id=option_id).request.pk, now, why)


@transaction.atomic
def _take(option_id: int, now: dt.datetime, by: User | None, approval_id: int | None) -> erp.SalesOrder:
    first = crm_now.option_now(option_id=option_id)
    plant_id = first.option.plant_id or first.request.plant_id
    aps.locked_planning(plant_id)
    erp.hold_plan_dates(plant_id=plant_id)
    request = crm.lock_rush(request_id=first.request.pk)
    card = crm_now.option_now(option_id=option_id)
    if card.is_taken and request.taken_order is not None:
        return request.taken_order
    _refuse_stale(card, request, plant_id, now)
    if card.option.ask_first:
        raise OptionImpossible(card.option.ask_first, option_id=option_id)
    if not card.option.is_possible or card.option.offer_key is None:
        raise OptionImpossible("This option has no date: take another one.", option_id=option_id)
    with facts.acting(by):
        if approval_id is not None:
            crm.approve_rush(approval_id=approval_id, now=now, by=by)
        else:
            crm.refuse_unapproved(card.option, request, by)
        return _commit(card, card.option.offer_key, request, now, by)


def _refuse_stale(card: crm_now.OptionNow, request: crm.RushRequest, plant_id: int, now: dt.datetime) -> None:
    """Raises _MovedOn when the option rests on another plan than this, or was answered too long ago."""
    version = card.option.input_version or request.input_version
    if not card.is_open or version != aps_now.input_version(plant_id):
        raise _MovedOn
    if request.holds_until is not None and now > request.holds_until:
        raise _MovedOn("The answer to {number} no longer holds")


def _commit(
    card: crm_now.OptionNow, offer_key: uuid.UUID, request: crm.RushRequest, now: dt.datetime, by: User | None
) -> erp.SalesOrder:
    plant_id = card.option.plant_id or request.plant_id
    givers = crm_now.giving_operations(option_id=card.option.pk)
    crm.lock_displaced(operation_ids=[*aps_now.moved_operations(offer_key), *givers])
    is_new = request.for_order_id is None
    order = rush_orders.made(card.option, request, now, by) if is_new else rush_orders.hurried(request)
    plan = aps.take_offer(key=offer_key, order_id=order.pk, now=now, is_new=is_new)
    later = _apply(plant_id, plan.number)
    taken = crm.mark_rush_taken(option_id=card.option.pk, order=order, now=now, by=by)
    _promise(card, request, order, plan.number, taken, now)
    cause = Cause("rush", f"Rush order {order.number} for {request.customer.name} was taken first", taken.pk)
    with facts.because(taken):
        crm.renew_promises(plant_id=plant_id, plan_no=plan.number, cause=cause, line_ids=later, now=now)
    return order


def _promise(
    card: crm_now.OptionNow,
    request: crm.RushRequest,
    order: erp.SalesOrder,
    plan_no: int,
    taken: FactRecord,
    now: dt.datetime,
) -> None:
    """The dates of what was asked for: first promises, or earlier ones of the order that comes sooner."""
    if request.for_order_id is None:
        crm.promise_rush(order_id=order.pk, deliver_at=card.option.deliver_at, plan_no=plan_no, fact=taken, now=now)
        return
    cause = Cause("customer", f"Asked for earlier in {request.number}", taken.pk)
    with facts.because(taken):
        until = card.option.deliver_at if card.option.rest_at is not None else None
        crm.bring_forward(order_id=order.pk, plan_no=plan_no, cause=cause, now=now, until=until)


def _apply(plant_id: int, plan_no: int) -> list[int]:
    """Write the new plan's dates; the order lines that are now expected later than before."""
    before = crm_now.expected_dates(plant_id)
    spread = aps_now.plan_to_spread(plant_id=plant_id, plan_no=plan_no)
    if spread is None:
        raise _MovedOn
    erp.apply_plan(plant_id=plant_id, plan_no=plan_no, placements=spread.placements)
    after = crm_now.expected_dates(plant_id)
    return [line_id for line_id, expected_at in after.items() if line_id in before and expected_at > before[line_id]]


def _answered_again(request_id: int, now: dt.datetime, why: str) -> StaleOffer:
    request = crm_now.rush_request(request_id=request_id)
    order = request.taken_order
    if order is not None:
        if request.for_order_id is not None:
            return StaleOffer(
                f"{request.number} is taken already: {order.number} comes earlier.",
                request_id=request_id,
                order_id=order.pk,
            )
        reply = offer.ask_and_wait(ask_rush.question_of(request_id=request_id, now=now, keep=False))
        return StaleOffer(
            f"{request.number} is taken already, as order {order.number}. "
            "For another order like it, ask again: the answer as of now is attached.",
            request_id=request_id,
            order_id=order.pk,
            answer=answers.reply_to_json(reply),
        )
    ask_rush.ask_again(request_id=request_id, now=now)
    return StaleOffer(
        f"{why.format(number=request.number)}, and nothing was taken. Here are the options as of now: choose again.",
        request_id=request_id,
        answer=crm_now.rush_answer(request_id=request_id),
    )
