"""One click from a quotation to the schedule: accepted, and put into the gaps of the published plan at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
from suite.asks import offer
from suite.asks.quote_answers import KeptFor, LineAsked, QuoteQuestion, QuoteReply

Ask = Callable[[QuoteQuestion], QuoteReply]
TRIES = 3
"""So often it is answered anew when a plant's plan moves on in between; after that the planner places it."""


@dataclass(frozen=True)
class Scheduled:
    """The confirmed order; `is_placed`: it stands in the plan already, else planning has been asked for a place.

    `late_lines` of it are expected after what was offered.
    """

    order: erp.SalesOrder
    is_placed: bool
    late_lines: int


class MovedOn(Exception):
    """The plan that the answer rests on is no longer the published one; `is_stale`: the floor is not where it was."""

    def __init__(self, plant_id: int, *, is_stale: bool = False) -> None:
        super().__init__(plant_id)
        self.plant_id, self.is_stale = plant_id, is_stale


def schedule_quotation(
    *,
    quotation_id: int,
    now: dt.datetime,
    by: User | None = None,
    expected_version: int | None = None,
    credit_reason: str = "",
    ask: Ask = offer.quote_and_wait,
) -> Scheduled:
    """Accept it and give its work the places that the live answer showed: nobody else moves.

    Call it outside any transaction: planning is asked before anything is locked. When the plan moves on in between, it
    is answered anew; after `TRIES` for one plant, or when planning has no place, the order is confirmed and the planner
    places it. The same quotation again gives the same order. `ask` is the way to planning.

    Locks, in this order: the plants' planning and dates, the quotation, then what confirming and publishing lock.
    Raises what `crm.accept_quotation` raises, and then nothing is written.
    """

    def attempt(anew: bool) -> Scheduled | None:
        kept = _asked(quotation_id, now, ask, anew)
        return None if kept is None else _commit(quotation_id, kept, now, by, expected_version, credit_reason)

    return tried(attempt) or _commit(quotation_id, (), now, by, expected_version, credit_reason)


def tried(attempt: Callable[[bool], Scheduled | None]) -> Scheduled | None:
    """What `attempt` gives, told whether the plans have to be read anew; nothing when a plan never rests.

    Each plant's plan may move on by itself: how often is counted for each, so two plants are as patient as one.
    """
    moved: Counter[int] = Counter()
    anew = False
    while max(moved.values(), default=0) < TRIES:
        try:
            return attempt(anew)
        except MovedOn as one:
            moved[one.plant_id] += 1
            anew = one.is_stale
    return None


def _asked(quotation_id: int, now: dt.datetime, ask: Ask, anew: bool) -> Sequence[KeptFor] | None:
    """The insertion of its lines, kept; nothing when planning has none for all of them."""
    lines = crm_now.lines_to_order(quotation_id)
    if not lines:
        return None
    question = QuoteQuestion(
        lines=tuple(
            LineAsked(
                key=str(line.line_no),
                plant_id=line.plant_id,
                material_id=line.material_id,
                quantity=line.quantity,
                wanted_on=line.wanted_on,
            )
            for line in lines
        ),
        now=now,
        keep=True,
        anew=anew,
    )
    try:
        reply = ask(question)
    except Refusal:
        return None
    return None if any(line.refused for line in reply.lines) else reply.kept


@transaction.atomic
def _commit(
    quotation_id: int,
    kept: Sequence[KeptFor],
    now: dt.datetime,
    by: User | None,
    expected_version: int | None,
    credit_reason: str,
) -> Scheduled:
    hold_plans(kept)
    before = crm.lock_quotation(quotation_id=quotation_id)
    done = crm.scheduled_already(quotation_id=quotation_id)
    if done is not None:
        return Scheduled(done.order, done.is_placed, done.late_lines)
    with facts.acting(by):
        order = crm.accept_quotation(
            quotation_id=quotation_id,
            now=now,
            expected_version=expected_version,
            credit_reason=credit_reason,
            by=by,
        )
        numbers = take_places(order, kept, now)
        made = crm.note_scheduling(
            quotation_id=quotation_id,
            order=order,
            state_before=before.state,
            plan_numbers=numbers,
            is_placed=bool(kept),
            now=now,
            by=by,
        )
    return Scheduled(order, made.is_placed, made.late_lines)


def hold_plans(kept: Sequence[KeptFor]) -> None:
    """Lock the plants' planning and dates, by id. Raises MovedOn when a plan is no longer the one that was asked."""
    for one in sorted(kept, key=lambda one: one.plant_id):
        aps.locked_planning(one.plant_id)
        erp.hold_plan_dates(plant_id=one.plant_id)
        if one.input_version != aps_now.input_version(one.plant_id):
            raise MovedOn(one.plant_id)


def take_places(order: erp.SalesOrder, kept: Sequence[KeptFor], now: dt.datetime) -> list[int]:
    """Publish what was kept, write its dates, promise what has no promise yet; the numbers of the plans.

    Raises MovedOn.
    """
    numbers = []
    for one in kept:
        if one.offer_key is None:
            continue
        cause = Cause("order", f"Order {order.number} scheduled at once")
        try:
            plan = aps.take_offer(key=one.offer_key, order_id=order.pk, now=now, origin="order", cause=cause)
        except aps.StaleOffer as stale:
            raise MovedOn(one.plant_id, is_stale=True) from stale
        spread = aps_now.plan_to_spread(plant_id=one.plant_id, plan_no=plan.number)
        if spread is None:
            raise MovedOn(one.plant_id)
        erp.apply_plan(plant_id=one.plant_id, plan_no=plan.number, placements=spread.placements)
        unpromised = order.lines.filter(plant=one.plant_id, promised_at__isnull=True).values_list("pk", flat=True)
        crm.renew_promises(plant_id=one.plant_id, plan_no=plan.number, cause=cause, line_ids=list(unpromised), now=now)
        numbers.append(plan.number)
    return numbers
