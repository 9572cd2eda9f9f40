"""Rush: note the request, ask for its options, keep them all from one input version. Answered again whenever asked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial

from django.db import transaction

from crm import selectors as crm_now
from crm import services as crm
from masterdata.models import User
from masterdata.numbers import ZERO
from suite.asks import computing, offer, sureness
from suite.asks.answers import OfferChoice, OfferQuestion, OfferReply
from suite.asks.ground import SETUP


def ask_rush(
    *,
    customer_id: int,
    material_id: int,
    quantity: Decimal,
    plant_id: int,
    wanted_on: dt.date,
    unit_price: Decimal | None,
    now: dt.datetime,
    by: User | None = None,
) -> crm.RushRequest:
    """A new rush request with its first answer.

    Computed before anything is written, so nothing is locked while planning thinks. Raises InvalidInput and what
    planning refuses.
    """
    question = OfferQuestion(
        material_id=material_id, quantity=quantity, plant_id=plant_id, wanted_on=wanted_on, now=now, keep=True
    )
    reply = offer.ask_and_wait(question)
    with transaction.atomic():
        request = crm.open_rush(
            customer_id=customer_id,
            material_id=material_id,
            quantity=quantity,
            plant_id=plant_id,
            wanted_on=wanted_on,
            unit_price=unit_price,
            now=now,
            by=by,
        )
        return _store(request.pk, reply, now)


def ask_rush_for_quotation(
    *, quotation_id: int, wanted_on: dt.date, now: dt.datetime, by: User | None = None
) -> crm.RushRequest:
    """Can all of the quotation be there by then? Its lines are asked together; taking an option accepts it.

    Raises what `crm.source_of_quotation` and planning refuse.
    """
    source = crm.source_of_quotation(quotation_id=quotation_id, now=now)
    reply = offer.ask_and_wait(_question(source, wanted_on, now))
    with transaction.atomic():
        request = crm.open_rush_from(
            lines=source.lines,
            plant_id=source.plant_id,
            wanted_on=wanted_on,
            now=now,
            by=by,
            quotation_id=quotation_id,
        )
        return _store(request.pk, reply, now)


def ask_rush_for_order(
    *, order_id: int, wanted_on: dt.date, now: dt.datetime, by: User | None = None
) -> crm.RushRequest:
    """Can the order come earlier? Its own work is what is moved; no other order is made.

    Raises what `crm.source_of_order` and planning refuse, NothingToHurry among it.
    """
    source = crm.source_of_order(order_id=order_id)
    reply = offer.ask_and_wait(_question(source, wanted_on, now, order_id))
    with transaction.atomic():
        request = crm.open_rush_from(
            lines=source.lines, plant_id=source.plant_id, wanted_on=wanted_on, now=now, by=by, order_id=order_id
        )
        return _store(request.pk, reply, now)


def ask_again(*, request_id: int, now: dt.datetime) -> crm.RushRequest:
    """A new answer to an open request; options of older answers become stale. Raises RushNotOpen.

    What comes from a quotation or an order is asked as that stands by now.
    """
    request = crm_now.rush_request(request_id=request_id)
    crm.refuse_unless_open(request)
    source = _source(request, now)
    if source is None:
        reply = offer.ask_and_wait(question_of(request_id=request_id, now=now))
        return _store(request.pk, reply, now)
    reply = offer.ask_and_wait(_question(source, request.wanted_on, now, request.for_order_id))
    with transaction.atomic():
        request = crm.lock_rush(request_id=request_id)
        crm.refuse_unless_open(request)
        crm.rewrite_rush_lines(request=request, lines=source.lines, source_version=source.version)
        return _store(request.pk, reply, now)


def _source(request: crm.RushRequest, now: dt.datetime) -> crm.RushSource | None:
    if request.quotation_id is not None:
        return crm.source_of_quotation(quotation_id=request.quotation_id, now=now)
    return crm.source_of_order(order_id=request.for_order_id) if request.for_order_id is not None else None


def _question(
    source: crm.RushSource, wanted_on: dt.date, now: dt.datetime, order_id: int | None = None
) -> OfferQuestion:
    first, *rest = source.lines
    return OfferQuestion(
        material_id=first.material_id,
        quantity=first.quantity,
        plant_id=source.plant_id,
        wanted_on=wanted_on,
        now=now,
        keep=True,
        further=tuple((line.material_id, line.quantity) for line in rest),
        order_id=order_id,
    )


def question_of(*, request_id: int, now: dt.datetime, keep: bool = True) -> OfferQuestion:
    """What the request asks of planning."""
    request = crm_now.rush_request(request_id=request_id)
    _, *rest = request.lines.all()
    return OfferQuestion(
        material_id=request.material_id,
        quantity=request.quantity,
        plant_id=request.plant_id,
        wanted_on=request.wanted_on,
        now=now,
        keep=keep,
        further=tuple((line.material_id, line.quantity) for line in rest),
        order_id=request.for_order_id,
    )


def net_of(request: crm.RushRequest) -> Decimal:
    """What the customer pays for all of it, in the company's currency."""
    return sum((line.net_amount for line in request.lines.all()), ZERO)


@transaction.atomic
def _store(request_id: int, reply: OfferReply, now: dt.datetime) -> crm.RushRequest:
    from suite.deeds import ask_levers

    request = crm_now.rush_request(request_id=request_id)
    net = net_of(request)
    spread = sureness.spread_for(request.plant_id, request.wanted_on, now)
    request = crm.answer_rush(
        request_id=request_id,
        input_version=reply.input_version,
        options=[_card(choice, net, spread) for choice in reply.options],
        now=now,
        note=reply.note,
        base_cost=reply.cost,
    )
    more = partial(ask_levers.ask_levers, request_id=request.pk, answer_no=request.answer_no)
    transaction.on_commit(more)
    return request


def _card(choice: OfferChoice, net: Decimal, spread: sureness.Sureness) -> crm.RushOptionInput:
    return crm.RushOptionInput(
        key=choice.key,
        label=choice.label,
        is_possible=choice.is_possible,
        deliver_at=choice.deliver_at,
        cause=choice.cause,
        extra_cost=choice.extra_cost,
        cost=choice.cost,
        margin_percent=computing.margin_percent(net, choice.cost),
        offer_key=choice.offer_key,
        bound_at=choice.bound_at,
        moved_count=choice.moved_count,
        drivers=[(SETUP, choice.extra_cost)] if choice.extra_cost else [],
        victims=[
            crm.RushVictimInput(victim.order_line_id, victim.old_end_at, victim.new_end_at) for victim in choice.victims
        ],
        **spread.of(choice.deliver_at),
    )
