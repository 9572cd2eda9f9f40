"""Rush: further options of an answer, one by one behind the first cards. They are written to that answer or to none."""

from __future__ import annotations

from decimal import Decimal

import structlog
from django.db import transaction

from aps import selectors as aps_now
from aps import services as aps
from crm import selectors as crm_now
from crm import services as crm
from masterdata import numbers
from suite.asks import computing, levers, warm
from suite.asks.ground import Lever
from suite.deeds import ask_rush

log = structlog.get_logger(__name__)


def ask_levers(*, request_id: int, answer_no: int) -> None:
    """Have them worked out by the warm worker, else here. Call it when the answer is committed."""
    _next(request_id, answer_no, 0)


def answer_lever(*, request_id: int, answer_no: int, at: int) -> None:
    """Work out lever number `at`, add it to the answer, go on with the next; stops when the answer is no longer open.

    Locks the request while it writes. Everything is worked out from the version that the answer rests on; when the plan
    has moved on there are no more levers for it, and that is written.
    """
    request = crm_now.rush_request(request_id=request_id)
    if request.answer_no != answer_no:
        return
    found, is_last = None, at + 1 >= len(levers.FINDERS)
    if aps_now.input_version(request.plant_id) == request.input_version:
        question = ask_rush.question_of(request_id=request_id, now=request.answered_at or request.asked_at)
        found = levers.lever(at, question)
    else:
        is_last = True
    if found is not None and found.plant_id is None and found.answer.input_version != request.input_version:
        found, is_last = None, True
    net = numbers.money(request.quantity * request.unit_price)
    with transaction.atomic():
        options = [_input(found, net, request)] if found is not None else []
        is_open = crm.add_levers(request_id=request_id, answer_no=answer_no, options=options, is_last=is_last)
    if is_open and not is_last:
        _next(request_id, answer_no, at + 1)


def _next(request_id: int, answer_no: int, at: int) -> None:
    from suite import tasks

    if warm.is_there():
        try:
            tasks.ask_lever.apply_async((request_id, answer_no, at), expires=warm.KEPT_FOR_S)
            return
        except warm.UNREACHABLE as error:
            log.warning("lever_not_sent", error=str(error))
    answer_lever(request_id=request_id, answer_no=answer_no, at=at)


def _input(found: Lever, net: Decimal, request: crm.RushRequest) -> crm.RushOptionInput:
    option = found.option
    key = None
    if not found.ask_first:
        key = aps.keep_offer(answer=found.answer, option=option, now=request.answered_at or request.asked_at)
    return crm.RushOptionInput(
        key=found.key,
        label=found.label,
        is_possible=True,
        deliver_at=option.deliver_at,
        cause=found.cause,
        extra_cost=sum((amount for _, amount in found.drivers), Decimal(0)),
        cost=found.cost,
        margin_percent=computing.margin_percent(net, found.cost),
        offer_key=key,
        victims=[crm.RushVictimInput(one.line_id, one.old_end_at, one.new_end_at) for one in option.victims],
        drivers=found.drivers,
        lever=found.kind,
        ask_first=found.ask_first,
        plant_id=found.plant_id,
        input_version=found.answer.input_version if found.plant_id else "",
        first_qty=found.first_qty,
        rest_at=found.rest_at,
        materials=[crm.RushMaterialInput(one.material_id, one.need_id, one.quantity) for one in found.materials],
    )
