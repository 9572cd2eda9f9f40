"""Rush: further options of an answer, one by one behind the first cards. They are written to that answer or to none."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from aps import selectors as aps_now
from aps import services as aps
from crm import selectors as crm_now
from crm import services as crm
from suite.asks import computing, pulling, sureness, warm
from suite.asks.ground import Lever, NoLever
from suite.deeds import ask_rush

log = structlog.get_logger(__name__)


def ask_levers(*, request_id: int, answer_no: int) -> None:
    """Have them worked out by the warm worker, else here. Call it when the answer is committed."""
    _next(request_id, answer_no, 0)


def answer_lever(*, request_id: int, answer_no: int, at: int) -> None:
    """Work out lever number `at`, add it to the answer, go on with the next; stops when the answer is no longer open.

    Locks the request while it writes. Everything is worked out from the version that the answer rests on; when the plan
    has moved on there are no more levers for it, and that is written. So is, for each that is not worked out some
    seconds after the question (THROUGHLINE_RUSH_SECONDS), that there was no time for it.
    """
    request = crm_now.rush_request(request_id=request_id)
    if request.answer_no != answer_no:
        return
    found, is_last = _found(request, at)
    with transaction.atomic():
        options = [_input(one, request) for one in found]
        is_open = crm.add_levers(request_id=request_id, answer_no=answer_no, options=options, is_last=is_last)
    if is_open and not is_last:
        _next(request_id, answer_no, at + 1)


def _found(request: crm.RushRequest, at: int) -> tuple[list[Lever | NoLever], bool]:
    """What lever number `at` brings, and whether no other is looked for behind it."""
    if aps_now.input_version(request.plant_id) != request.input_version:
        return [], True
    asked_at = request.answered_at or request.asked_at
    left = settings.THROUGHLINE_RUSH_SECONDS - (timezone.now() - asked_at).total_seconds()
    if left <= 0:
        return list(pulling.not_looked_for(at, request.for_order_id)), True
    question = ask_rush.question_of(request_id=request.pk, now=asked_at)
    found = pulling.lever(at, question, time.monotonic() + left)
    if found is None:
        return [], True
    is_other = isinstance(found, Lever) and found.plant_id is None
    if is_other and found.answer.input_version != request.input_version:  # type: ignore[union-attr]
        return [], True
    return [found], at + 1 >= len(pulling.finders(request.for_order_id))


def _next(request_id: int, answer_no: int, at: int) -> None:
    from suite import tasks

    if warm.is_there():
        try:
            tasks.ask_lever.apply_async((request_id, answer_no, at), expires=warm.KEPT_FOR_S)
            return
        except warm.UNREACHABLE as error:
            log.warning("lever_not_sent", error=str(error))
    answer_lever(request_id=request_id, answer_no=answer_no, at=at)


def _input(found: Lever | NoLever, request: crm.RushRequest) -> crm.RushOptionInput:
    if isinstance(found, NoLever):
        return _nothing(found, request)
    option = found.option
    key = None
    asked_at: dt.datetime = request.answered_at or request.asked_at
    if not found.ask_first:
        key = aps.keep_offer(answer=found.answer, option=option, now=asked_at)
    spread = sureness.spread_for(found.plant_id or request.plant_id, request.wanted_on, asked_at)
    return crm.RushOptionInput(
        key=found.key,
        label=found.label,
        is_possible=True,
        deliver_at=option.deliver_at,
        cause=found.cause,
        extra_cost=sum((amount for _, amount in found.drivers), Decimal(0)),
        cost=found.cost,
        margin_percent=computing.margin_percent(ask_rush.net_of(request), found.cost),
        offer_key=key,
        victims=[crm.RushVictimInput(one.line_id, one.old_end_at, one.new_end_at) for one in option.victims],
        drivers=found.drivers,
        lever=found.kind,
        ask_first=found.ask_first,
        plant_id=found.plant_id,
        input_version=found.answer.input_version if found.plant_id else "",
        parts=[crm.RushPartInput(one.line_no, one.material_id, one.quantity, one.first_qty) for one in found.parts],
        rest_at=found.rest_at,
        moved_count=option.moved_count,
        materials=[
            crm.RushMaterialInput(one.material_id, one.need_id, one.quantity, one.instead_of_id)
            for one in found.materials
        ],
        **spread.of(option.deliver_at),
    )


def _nothing(found: NoLever, request: crm.RushRequest) -> crm.RushOptionInput:
    """A card that says why this brings nothing earlier."""
    return crm.RushOptionInput(
        key=found.key,
        label=found.label,
        is_possible=False,
        deliver_at=None,
        cause=found.reason,
        cost=request.base_cost or Decimal(0),
        lever=found.kind,
    )
