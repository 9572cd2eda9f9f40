"""A lever: as many as can be there on the wanted day, and the rest as soon as it can; nobody moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from aps import offering, warm
from aps.engine import validate
from aps.engine.objective import objective
from aps.engine.offer import LivePlan, Offer
from aps.engine.problem import HorizonTooShortError
from aps.minutes import minute_of, time_of
from aps.problem import CannotPlan
from aps.services import solving
from aps.services.offers import OfferOption, insert, option_of, plain_moves, plain_places
from aps.warm import Live
from erp.selectors import Explosion, Supply
from masterdata.worktime import end_of_day

REST = "the rest of it"


@dataclass(frozen=True)
class PartsOffer:
    """`option` gives the date of the first `first_qty`; the rest is there at `rest_at`. Lines 1 and 2 of one order."""

    option: OfferOption
    first_qty: Decimal
    rest_at: dt.datetime


def offer_in_parts(
    *,
    supply: Supply,
    quantity: Decimal,
    step: Decimal,
    wanted_on: dt.date,
    now: dt.datetime,
    is_time_up: Callable[[], bool] = lambda: False,
) -> PartsOffer | None:
    """The largest part that is at the customer on the wanted day, halving the steps; writes nothing.

    When `is_time_up`, what fits by then is offered.

    Nothing when all of it or none of it can be, or when the rest finds no place. A larger part is taken to end no
    earlier than a smaller one, which a gap in the plan may belie: what is answered is then right, but not the largest.
    """
    try:
        live = warm.live(supply.plant_id, now)
        first_qty = _largest(live, supply, quantity, step, wanted_on, is_time_up)
        return _in_two(live, supply, first_qty, quantity - first_qty, wanted_on) if first_qty else None
    except (CannotPlan, HorizonTooShortError):
        return None


def _largest(
    live: Live,
    supply: Supply,
    quantity: Decimal,
    step: Decimal,
    wanted_on: dt.date,
    is_time_up: Callable[[], bool],
) -> Decimal:
    low, high = 0, int((quantity / step).to_integral_value())
    while high - low > 1 and not is_time_up():
        middle = (low + high) // 2
        fits = _is_there(live, supply.explode(middle * step), wanted_on)
        low, high = (middle, high) if fits else (low, middle)
    return low * step


def _is_there(live: Live, explosion: Explosion, wanted_on: dt.date) -> bool:
    plant = live.snapshot.inputs.plant
    due = minute_of(end_of_day(wanted_on, plant.time_zone))
    if not explosion.work_orders:
        ready = explosion.ready_at or live.snapshot.inputs.now
        return minute_of(ready) + plant.transport_min <= due
    _, found = insert(live, explosion, wanted_on, ("A",))
    return bool(found) and found[0].end_min <= due


def _in_two(live: Live, supply: Supply, first_qty: Decimal, rest: Decimal, wanted_on: dt.date) -> PartsOffer | None:
    """Both lines netted together; the second is planned behind the first."""
    snap = live.snapshot
    both = supply.explode(first_qty, rest)
    makes = {line: [make for make in both.work_orders if make.path.split(".")[0] == line] for line in ("1", "2")}
    if not makes["1"] or not makes["2"]:
        return None
    order, after = offering.order_of(snap, wanted_on), offering.order_of(snap, wanted_on, REST)
    operations = offering.operations_of(snap, makes["1"])
    others = offering.operations_of(snap, makes["2"], REST)
    first = _calm(live.arrays.offers(order, operations, keys=("A",)))
    if first is None:
        return None
    plan, shop = first.applied(live.plan), snap.problem.joined([order], operations)
    second = _calm(LivePlan(shop, plan).offers(after, others, keys=("A",)))
    if second is None:
        return None
    whole, plan = shop.joined([after], others), second.applied(plan)
    if validate.violations(whole, plan):
        return None
    option = replace(
        option_of(live, first, both),
        placements=plain_places(live, {**first.placements, **second.placements}),
        moves=partial(plain_moves, live, plan),
        setup_min=first.setup_min + second.setup_min,
        figures=solving.figures_of(whole, plan, objective(whole, plan, snap.published)),
    )
    return PartsOffer(option, first_qty, time_of(second.end_min))


def _calm(found: list[Offer]) -> Offer | None:
    return found[0] if found else None
