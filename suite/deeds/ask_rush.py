"""Rush: note the request, ask for its options, keep them all from one input version. Answered again whenever asked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import partial

from django.db import transaction

from crm import selectors as crm_now
from crm import services as crm
from masterdata import numbers
from masterdata.models import User
from suite.asks import computing, offer
from suite.asks.answers import OfferQuestion, OfferReply
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
        return _store(request.pk, reply, request.quantity * request.unit_price, now)


def ask_again(*, request_id: int, now: dt.datetime) -> crm.RushRequest:
    """A new answer to an open request; options of older answers become stale. Raises RushNotOpen."""
    request = crm_now.rush_request(request_id=request_id)
    crm.refuse_unless_open(request)
    reply = offer.ask_and_wait(question_of(request_id=request_id, now=now))
    return _store(request.pk, reply, request.quantity * request.unit_price, now)


def question_of(*, request_id: int, now: dt.datetime, keep: bool = True) -> OfferQuestion:
    """What the request asks of planning."""
    request = crm_now.rush_request(request_id=request_id)
    return OfferQuestion(
        material_id=request.material_id,
        quantity=request.quantity,
        plant_id=request.plant_id,
        wanted_on=request.wanted_on,
        now=now,
        keep=keep,
    )


@transaction.atomic
def _store(request_id: int, reply: OfferReply, net: Decimal, now: dt.datetime) -> crm.RushRequest:
    from suite.deeds import ask_levers

    request = crm.answer_rush(
        request_id=request_id,
        input_version=reply.input_version,
        options=[
            crm.RushOptionInput(
                key=choice.key,
                label=choice.label,
                is_possible=choice.is_possible,
                deliver_at=choice.deliver_at,
                cause=choice.cause,
                extra_cost=choice.extra_cost,
                cost=choice.cost,
                margin_percent=computing.margin_percent(numbers.money(net), choice.cost),
                offer_key=choice.offer_key,
                bound_at=choice.bound_at,
                drivers=[(SETUP, choice.extra_cost)] if choice.extra_cost else [],
                victims=[
                    crm.RushVictimInput(victim.order_line_id, victim.old_end_at, victim.new_end_at)
                    for victim in choice.victims
                ],
            )
            for choice in reply.options
        ],
        now=now,
        note=reply.note,
    )
    more = partial(ask_levers.ask_levers, request_id=request.pk, answer_no=request.answer_no)
    transaction.on_commit(more)
    return request
