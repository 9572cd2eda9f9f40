"""An order that is planned already is to come earlier: its own work is taken out of the plan and put in anew."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial

from aps import offering, warm
from aps.engine import validate
from aps.engine.offer import LivePlan, Offer
from aps.engine.problem import HorizonTooShortError, Id, Operation, Plan, State
from aps.problem import CannotPlan, Snapshot
from aps.services import solving
from aps.services.offers import KEYS, LEAST_GAIN_MIN, NoOffer, OfferAnswer, OfferOption, option_of, plain_moves
from aps.warm import Live
from erp.selectors import Explosion
from masterdata.errors import Refusal
from masterdata.numbers import ZERO


class NothingToHurry(Refusal):
    """None of the order's work is planned and still to begin."""

    code = "nothing_to_hurry"


def offer_sooner(*, plant_id: int, order_id: int, now: dt.datetime, wanted_on: dt.date | None = None) -> OfferAnswer:
    """Options A, B and C for all work of the order in the plant that has not begun; writes nothing.

    What has begun, or stands in the frozen window, stays. An option that ends no earlier than the plan has it by now is
    left out; B also where it is A or C. Raises NoOffer, NothingToHurry.
    """
    try:
        live = warm.live(plant_id, now)
    except CannotPlan as error:
        raise NoOffer(str(error)) from error
    own = {one.operation_id for one in live.snapshot.inputs.work if one.order_id == order_id}
    out = [one for one in live.snapshot.problem.operations if one.id in own and _is_free(live, one)]
    if not out:
        raise NothingToHurry(
            "None of its work can be moved any more: it has begun, is about to, or nothing is made for it.",
            order_id=order_id,
        )
    ends_by = max(live.plan.placements[key].end for key in own if key in live.plan.placements)
    options = _asked(live, out, ends_by, wanted_on)
    first = next(one for one in live.snapshot.inputs.work if one.operation_id in own)
    return OfferAnswer(plant_id, first.material_id, first.quantity, wanted_on, live.version, tuple(options))


def _is_free(live: Live, one: Operation) -> bool:
    placed = live.plan.placements.get(one.id)
    frozen_until = live.snapshot.problem.now_min + live.snapshot.problem.frozen_min
    frozen = live.snapshot.problem.frozen_min > 0 and placed is not None and placed.start < frozen_until
    return one.state is State.FREE and placed is not None and not frozen


def _asked(live: Live, out: list[Operation], ends_by: int, wanted_on: dt.date | None) -> list[OfferOption]:
    snap, gone = live.snapshot, {one.id for one in out}
    rest = replace(snap.problem, operations=[one for one in snap.problem.operations if one.id not in gone])
    kept = Plan({key: one for key, one in live.plan.items() if key not in gone})
    order = offering.order_of(snap, wanted_on)
    again = [replace(one, order=order.id) for one in out]
    try:
        found = LivePlan(rest, kept).offers(order, again, keys=KEYS)
    except HorizonTooShortError:
        return []
    whole = rest.joined([order], again)
    legal = [one for one in found if not validate.violations(whole, one.applied(kept))]
    transport = snap.inputs.plant.transport_min
    sooner = [one for one in legal if one.end_min < ends_by + transport]
    ends = {one.key: one.end_min for one in sooner}
    if ends.get("B") == ends.get("C") or ("A" in ends and ends.get("B", 0) > ends["A"] - LEAST_GAIN_MIN):
        sooner = [one for one in sooner if one.key != "B"]
    return [_told(live, one, kept, gone) for one in sooner]


def _told(live: Live, one: Offer, kept: Plan, gone: set[Id]) -> OfferOption:
    """The option with all that it moves of the published plan, its own work among it."""
    plan = one.applied(kept)
    before = sum(live.plan.placements[key].setup_min for key in gone)
    setup_min = one.setup_min - before
    return replace(
        option_of(live, replace(one, placements={}), _NOTHING_NEW),
        cause=_cause(live.snapshot, one),
        moves=partial(plain_moves, live, plan),
        moved_count=len(one.moved),
        setup_min=setup_min,
        figures=solving.figures_with(live.snapshot.problem, live.setup_min + setup_min, one.worth),
    )


def _cause(snap: Snapshot, one: Offer) -> str:
    names = {work.operation_id: work for work in snap.inputs.work}
    key = one.cause.operation
    work = names.get(int(key)) if str(key).isdecimal() else None
    return f"{work.name if work else 'It'} {offering.worded(snap, one.cause)}"


_NOTHING_NEW = Explosion(0, 0, ZERO, (), (), ZERO, None)
