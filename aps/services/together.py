"""Several lines of one wish, asked for together: each from what those before it leave of the plan; nobody moves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from aps import offering, warm
from aps.engine import validate
from aps.engine.problem import HorizonTooShortError, Operation, Order
from aps.engine.together import Together, together
from aps.problem import CannotPlan
from aps.services import solving
from aps.services.offers import NoOffer, OfferOption, from_stock, option_of, plain_moves, plain_places
from aps.warm import Live
from erp.selectors import Explosion


@dataclass(frozen=True)
class WantedLine:
    """What is asked of planning for a line; `name` stands in the causes of the lines behind it."""

    explosion: Explosion
    wanted_on: dt.date | None
    name: str


@dataclass(frozen=True)
class TogetherAnswer:
    """An option of each line, in their sequence, and `whole`: the option that has all of them, for keeping."""

    plant_id: int
    input_version: str
    lines: tuple[OfferOption, ...]
    whole: OfferOption | None


def offer_together(*, plant_id: int, lines: Sequence[WantedLine], now: dt.datetime) -> TogetherAnswer:
    """Answer from the live plan, line after line; writes nothing. The lines were exploded together. Raises NoOffer.

    Without lines that need work there is no `whole`: it is no plan's business.
    """
    try:
        live, found = _insert(warm.live(plant_id, now), lines)
    except CannotPlan as error:
        raise NoOffer(str(error)) from error
    offers = iter(found.offers if found else ())
    options = [
        option_of(live, next(offers), line.explosion)
        if line.explosion.work_orders
        else from_stock(live, line.explosion, now)[0]
        for line in lines
    ]
    whole = _whole(live, found, options) if found else None
    return TogetherAnswer(plant_id, live.version, tuple(options), whole)


def read_anew(*, plant_ids: Collection[int], now: dt.datetime) -> None:
    """Read the plants' plans and floors again whatever is kept: an answer from it could not be taken."""
    for plant_id in plant_ids:
        with suppress(CannotPlan):  # whoever asks next is told why
            warm.renewed(plant_id, warm.stamp_of(plant_id), now, at_least=True)


def _insert(live: Live, lines: Sequence[WantedLine]) -> tuple[Live, Together | None]:
    """The engine's answer, which its judge finds legal, and the live plan, long enough. Raises CannotPlan."""
    made = [line for line in lines if line.explosion.work_orders]
    while made:
        try:
            found = together(live.arrays, [_asked(live, line) for line in made])
        except HorizonTooShortError:
            live = warm.longer(live)
            continue
        if validate.violations_since(found.problem, found.applied(live.plan), live.plan):
            raise CannotPlan("Planning found no place that holds for all of it: ask again in a minute")
        return live, found
    return live, None


def _asked(live: Live, line: WantedLine) -> tuple[Order, list[Operation]]:
    operations = offering.operations_of(live.snapshot, line.explosion.work_orders, line.name)
    return offering.order_of(live.snapshot, line.wanted_on, line.name), operations


def _whole(live: Live, found: Together, options: Sequence[OfferOption]) -> OfferOption:
    """All lines as one option: it is there when the last of them is."""
    last = max(options, key=lambda one: one.deliver_at)
    machine_min: dict[int, int] = {}
    for one in options:
        for machine_id, spent in one.machine_min.items():
            machine_min[machine_id] = machine_min.get(machine_id, 0) + spent
    return OfferOption(
        key="A",
        ends_at=last.ends_at,
        deliver_at=last.deliver_at,
        cause=last.cause,
        victims=(),
        moved_count=0,
        setup_min=found.setup_min,
        machine_min=machine_min,
        placements=plain_places(live, found.placements),
        moves=partial(_moves, live, found),
        figures=solving.figures_with(live.snapshot.problem, live.setup_min + found.setup_min, found.worth),
    )


def _moves(live: Live, found: Together) -> tuple[tuple[object, ...], ...]:
    return plain_moves(live, found.applied(live.plan))
