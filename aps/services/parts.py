"""A lever: as much as can be there on the wanted day, of one line or several, and the rest as soon as it can."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial

from aps import offering, warm
from aps.engine import validate
from aps.engine.objective import objective
from aps.engine.offer import LivePlan, Offer
from aps.engine.problem import HorizonTooShortError, Operation, Order, Problem
from aps.engine.problem import Plan as EnginePlan
from aps.minutes import minute_of, time_of
from aps.problem import CannotPlan
from aps.services import solving
from aps.services.offers import OfferOption, from_stock, option_of, plain_moves, plain_places
from aps.warm import Live
from erp.selectors import Explosion, Make, Need, Supply
from masterdata.numbers import ZERO
from masterdata.worktime import end_of_day

REST = "the rest of it"


@dataclass(frozen=True)
class PartsOffer:
    """`option` gives the date of what comes first, `first` of each line; the rest is there at `rest_at`.

    They become the lines of one order: what comes first of each line, then the rest of each; nothing is no line.
    """

    option: OfferOption
    first: tuple[Decimal, ...]
    rest_at: dt.datetime


@dataclass(frozen=True)
class Asked:
    """What is asked of which plan: `lines` (material, quantity), each in its step, by `due`, a minute."""

    live: Live
    supply: Supply
    lines: Sequence[tuple[int, Decimal]]
    steps: Sequence[Decimal]
    wanted_on: dt.date
    due: int
    is_time_up: Callable[[], bool]

    def part(self, quantities: Sequence[Decimal]) -> list[tuple[int, Decimal]]:
        """The lines with these quantities, without those of which there is nothing."""
        both = zip(self.lines, quantities, strict=True)
        return [(material_id, quantity) for (material_id, _), quantity in both if quantity]


def offer_in_parts(
    *,
    supply: Supply,
    lines: Sequence[tuple[int, Decimal]],
    steps: Sequence[Decimal],
    wanted_on: dt.date,
    now: dt.datetime,
    is_time_up: Callable[[], bool] = lambda: False,
) -> PartsOffer | None:
    """The most of these lines (material, quantity), each in whole steps, that is at the customer on the wanted day;
    nobody moves and nothing is written.

    As many whole lines as can be, those that are there soonest alone before others; then of each other line the largest
    part, halving the steps. When `is_time_up`, what fits by then is offered. Nothing when all of it or none of it can
    be, or when the rest finds no place. A larger part is taken to end no earlier than a smaller one, which a gap in the
    plan may belie: what is answered is then right, but not the largest.
    """
    try:
        live = warm.live(supply.plant_id, now)
        due = minute_of(end_of_day(wanted_on, live.snapshot.inputs.plant.time_zone))
        asked = Asked(live, supply, lines, steps, wanted_on, due, is_time_up)
        first = _first(asked)
        rest = [quantity - part for (_, quantity), part in zip(lines, first, strict=True)]
        return _in_two(asked, first, rest) if any(first) and any(rest) else None
    except (CannotPlan, HorizonTooShortError):
        return None


def _first(asked: Asked) -> list[Decimal]:
    first = [ZERO for _ in asked.lines]
    left = _soonest_first(asked)
    for at in list(left):
        whole = asked.lines[at][1]
        if len(left) > 1 and not asked.is_time_up() and _fits(asked, first, at, whole):
            first[at] = whole
            left.remove(at)
    for at in left:
        first[at] = _largest(asked, first, at)
    return first


def _soonest_first(asked: Asked) -> list[int]:
    """The lines in the sequence in which they would be there, each by itself."""
    found = list(range(len(asked.lines)))
    if len(found) == 1 or asked.is_time_up():
        return found
    alone = [_end(asked, [line]) for line in asked.lines]
    return sorted(found, key=lambda at: (alone[at] is None, alone[at] or 0, at))


def _largest(asked: Asked, first: Sequence[Decimal], at: int) -> Decimal:
    """Of line `at`, beside what comes first of the others."""
    step = asked.steps[at]
    low, high = 0, int((asked.lines[at][1] / step).to_integral_value())
    while high - low > 1 and not asked.is_time_up():
        middle = (low + high) // 2
        low, high = (middle, high) if _fits(asked, first, at, middle * step) else (low, middle)
    return low * step


def _fits(asked: Asked, first: Sequence[Decimal], at: int, quantity: Decimal) -> bool:
    """Whether so much of line `at` can be there on the day with what comes first already."""
    lines = asked.part([quantity if number == at else part for number, part in enumerate(first)])
    end = _end(asked, lines, by=asked.due)
    return end is not None and end <= asked.due


def _end(asked: Asked, lines: Sequence[tuple[int, Decimal]], by: int | None = None) -> int | None:
    """The minute at which these lines are all at the customer; nothing when they find no place.

    When it is later than `by`, the earliest is looked for.
    """
    live, explosion = asked.live, asked.supply.explode_lines(lines)
    there = _there_at(live, explosion.tops)
    if not explosion.work_orders:
        return there
    order, operations = _work(asked, explosion.work_orders)
    try:
        found = _calm(live.arrays, order, operations, by)
    except HorizonTooShortError:
        return None
    return max(there, found.end_min) if found else None


def _calm(live: LivePlan, order: Order, operations: Sequence[Operation], by: int | None = None) -> Offer | None:
    """Put in moving nobody; the earliest, as far as it can be proved, when the first that is found ends after `by`."""
    found = next(iter(live.offers(order, operations, keys=("A",))), None)
    if found is None or by is None or found.end_min <= by:
        return found
    return live.proof(order, operations, (), found)


def _there_at(live: Live, tops: Sequence[Need]) -> int:
    """The minute at which what of it is not made is at the customer."""
    now = live.snapshot.inputs.now
    return minute_of(_bought_at(tops) or now) + live.snapshot.inputs.plant.transport_min


def _bought_at(tops: Sequence[Need]) -> dt.datetime | None:
    """When what of it is not made has all come; nothing when it waits for none of that."""
    return max((top.ready_at for top in tops if top.make is None and top.ready_at is not None), default=None)


def _work(asked: Asked, makes: Sequence[Make], name: str = offering.NEW) -> tuple[Order, list[Operation]]:
    snap = asked.live.snapshot
    return offering.order_of(snap, asked.wanted_on, name), offering.operations_of(snap, makes, name)


@dataclass(frozen=True)
class _Placed:
    """A plan with work put into it; `offer` is what was put in last, if anything had to be made. `arrays` where they
    are there already."""

    problem: Problem
    plan: EnginePlan
    arrays: LivePlan | None = None
    offer: Offer | None = None

    def then(
        self, asked: Asked, makes: Sequence[Make], name: str = offering.NEW, by: int | None = None
    ) -> _Placed | None:
        """With this work in it, moving nobody, if it can be by then; nothing when it finds no place."""
        if not makes:
            return replace(self, offer=None)
        order, operations = _work(asked, makes, name)
        arrays = self.arrays or LivePlan(self.problem, self.plan)
        found = _calm(arrays, order, operations, by)
        if found is None:
            return None
        return _Placed(self.problem.joined([order], operations), found.applied(self.plan), None, found)


def _in_two(asked: Asked, first: Sequence[Decimal], rest: Sequence[Decimal]) -> PartsOffer | None:
    """Both netted together, the rest behind what comes first; its work is planned behind it too."""
    live, lines = asked.live, asked.part(first)
    both = asked.supply.explode_lines([*lines, *asked.part(rest)])
    now, after = _split(both, len(lines))
    one = _Placed(live.snapshot.problem, live.plan, live.arrays).then(asked, now.work_orders, by=asked.due)
    two = one.then(asked, after.work_orders, REST) if one is not None else None
    if one is None or two is None:
        return None
    if validate.violations_since(two.problem, two.plan, live.plan):
        return None
    placed = {**(one.offer.placements if one.offer else {}), **(two.offer.placements if two.offer else {})}
    option = replace(
        option_of(live, one.offer, now) if one.offer else from_stock(live, now, live.snapshot.inputs.now)[0],
        placements=plain_places(live, placed),
        moves=partial(plain_moves, live, two.plan),
        setup_min=sum(offer.setup_min for offer in (one.offer, two.offer) if offer is not None),
        figures=solving.figures_of(two.problem, two.plan, objective(two.problem, two.plan, live.snapshot.published)),
    )
    rest_min = max(_there_at(live, after.tops), two.offer.end_min if two.offer else 0)
    return PartsOffer(option, tuple(first), time_of(rest_min))


def _split(both: Explosion, count: int) -> tuple[Explosion, Explosion]:
    """What was netted together: the first `count` lines, and those behind them."""
    return _only(both, range(1, count + 1)), _only(both, range(count + 1, len(both.tops) + 1))


def _only(both: Explosion, numbers: Sequence[int]) -> Explosion:
    own = {str(number) for number in numbers}
    tops = tuple(top for top in both.tops if top.path in own)
    makes = tuple(make for make in both.work_orders if make.path.partition(".")[0] in own)
    bought_at = _bought_at(tops)
    late = sorted(tops, key=lambda top: top.ready_at is not None and top.ready_at == bought_at, reverse=True)
    return replace(
        both,
        work_orders=makes,
        tops=tuple(late),
        ready_at=None if makes else bought_at,
        bought_at=bought_at if makes else None,
    )
