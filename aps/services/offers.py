"""Offers for an order not in the plan yet: nobody moved (A), nobody newly late (B), as early as possible (C)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from aps import offering, warm
from aps.engine import validate
from aps.engine.offer import Offer
from aps.engine.problem import HorizonTooShortError, Id, Placement, Problem
from aps.engine.problem import Plan as EnginePlan
from aps.minutes import time_of
from aps.problem import CannotPlan
from aps.rows import plain
from aps.services import solving
from aps.services.publication import Figures
from aps.warm import Live
from erp import selectors as erp_now
from erp.selectors import Explosion
from masterdata.errors import Refusal

KEYS = ("A", "B", "C")
LEAST_GAIN_MIN = 60
"""Minutes by which B has to be earlier than A to be worth moving others."""
Plain = tuple[object, ...]


class NoOffer(Refusal):
    """The plant cannot make it as its master data stand; the sentence says what to do."""

    code = "no_offer"


@dataclass(frozen=True)
class OfferVictim:
    """A line that the option makes late, or later than it is; ends are at the customer, transport included."""

    line_id: int
    order_number: str
    line_no: int
    old_end_at: dt.datetime
    new_end_at: dt.datetime
    late_min: int
    newly_late: bool


@dataclass(frozen=True)
class OfferOption:
    """One answer. `setup_min` is what it adds to the whole plan; `machine_min` its own run minutes by machine.

    `placements` and `moved` are as KeptOffer stores them; `figures` are those of the whole plan with it. `moved` is
    worked out when somebody asks for it: of thousands of operations it takes longer than the answer.
    """

    key: str
    ends_at: dt.datetime
    deliver_at: dt.datetime
    cause: str
    victims: tuple[OfferVictim, ...]
    moved_count: int
    setup_min: int
    machine_min: Mapping[int, int]
    placements: tuple[Plain, ...]
    moves: Callable[[], tuple[Plain, ...]]
    figures: Figures
    bound_at: dt.datetime | None = None

    @property
    def moved(self) -> tuple[Plain, ...]:
        """What it moves of the published plan."""
        return self.moves()

    @property
    def is_proved(self) -> bool:
        """Whether nothing earlier is possible with nobody moved: what `bound_at` says, of A only."""
        return self.bound_at is not None and self.bound_at >= self.deliver_at


@dataclass(frozen=True)
class OfferAnswer:
    """Options A, B and C (A is missing when it fits into no gap), and the version of the plan that they rest on.

    B is missing when it is no other than A or C.
    """

    plant_id: int
    material_id: int
    quantity: Decimal
    wanted_on: dt.date | None
    input_version: str
    options: tuple[OfferOption, ...]


def offer(
    *,
    plant_id: int,
    material_id: int,
    quantity: Decimal,
    now: dt.datetime,
    wanted_on: dt.date | None = None,
    explosion: Explosion | None = None,
    keys: Sequence[str] = KEYS,
) -> OfferAnswer:
    """Answer from the live plan, which the process keeps; writes nothing. Raises NoOffer and erp's NoRouting.

    `explosion`: what has to be made and bought, when it is to be otherwise than `erp.explode` says.
    """
    if explosion is None:
        explosion = erp_now.explode(plant_id=plant_id, material_id=material_id, quantity=quantity, now=now)
    try:
        live = warm.live(plant_id, now)
        live, found = insert(live, explosion, wanted_on, keys)
    except CannotPlan as error:
        raise NoOffer(str(error)) from error
    options = [option_of(live, one, explosion) for one in found] or from_stock(live, explosion, now)
    return OfferAnswer(plant_id, material_id, quantity, wanted_on, live.version, tuple(options))


def insert(
    live: Live,
    explosion: Explosion,
    wanted_on: dt.date | None,
    keys: Sequence[str] = KEYS,
) -> tuple[Live, list[Offer]]:
    """The engine's answers that its judge finds legal, and the live plan that reaches far enough. Raises CannotPlan.

    B is left out when it is A or C. Nothing is found for what needs no work.
    """
    while explosion.work_orders:
        order = offering.order_of(live.snapshot, wanted_on)
        operations = offering.operations_of(live.snapshot, explosion.work_orders)
        try:
            found = live.arrays.offers(order, operations, keys=keys)
        except HorizonTooShortError:
            live = warm.longer(live)
            continue
        found = [live.arrays.proof(order, operations, (), one) if one.key == "A" else one for one in found]
        legal = live.snapshot.problem.joined([order], operations)
        found = [one for one in found if _is_legal(legal, one, live)]
        ends = {one.key: one.end_min for one in found}
        useless = _is_useless(ends)
        return live, [one for one in found if one.key != "B" or not useless]
    return live, []


def _is_useless(ends: Mapping[str, int]) -> bool:
    """Whether B says nothing beside A and C: it is C, or hardly earlier than A, for which others would be moved."""
    if "B" not in ends:
        return True
    return ends["B"] == ends.get("C") or ("A" in ends and ends["B"] > ends["A"] - LEAST_GAIN_MIN)


def _is_legal(legal: Problem, one: Offer, live: Live) -> bool:
    """By the engine's judge."""
    return not validate.violations_since(legal, one.applied(live.plan), live.plan)


def option_of(live: Live, one: Offer, explosion: Explosion) -> OfferOption:
    """An engine's answer in the shop's terms."""
    ids = {machine.code: machine.id for machine in live.snapshot.inputs.machines.values()}
    transport = live.snapshot.inputs.plant.transport_min
    ends_at = time_of(one.end_min - transport)
    if explosion.bought_at is not None:
        ends_at = max(ends_at, explosion.bought_at)
    return OfferOption(
        key=one.key,
        ends_at=ends_at,
        deliver_at=ends_at + dt.timedelta(minutes=transport),
        cause=offering.sentence_of(live, one, explosion),
        victims=_victims(live, one),
        moved_count=len(one.moved),
        setup_min=one.setup_min,
        machine_min={ids[str(code)]: spent for code, spent in one.work_min.items()},
        placements=plain_places(live, one.placements),
        moves=partial(_moves, live, one),
        figures=solving.figures_with(live.snapshot.problem, live.setup_min + one.setup_min, one.worth),
        bound_at=None if one.bound_min is None or one.key != "A" else time_of(one.bound_min),
    )


def _victims(live: Live, one: Offer) -> tuple[OfferVictim, ...]:
    lines = live.lines
    return tuple(
        OfferVictim(
            line_id=lines[str(victim.order)].line_id or 0,
            order_number=lines[str(victim.order)].order_no or "",
            line_no=lines[str(victim.order)].line_no or 0,
            old_end_at=time_of(victim.old_end),
            new_end_at=time_of(victim.new_end),
            late_min=victim.late_min,
            newly_late=victim.newly_late,
        )
        for victim in one.victims
        if str(victim.order) in lines
    )


def from_stock(live: Live, explosion: Explosion, now: dt.datetime) -> list[OfferOption]:
    """Nothing has to be made: it leaves when it is there."""
    if explosion.work_orders:
        return []
    ends_at = max(explosion.ready_at or now, now)
    deliver_at = ends_at + dt.timedelta(minutes=live.snapshot.inputs.plant.transport_min)
    wait = erp_now.material_wait(explosion, path=explosion.tops[0].path, sequence=0) if ends_at > now else None
    cause = f"It {offering.material_words(wait, live.snapshot.inputs.plant.time_zone)}" if wait else "It is in stock"
    figures = solving.figures(live.snapshot, live.plan)
    return [OfferOption(key, ends_at, deliver_at, cause, (), 0, 0, {}, (), tuple, figures) for key in ("A", "C")]


def plain_places(live: Live, placements: Mapping[Id, Placement]) -> tuple[Plain, ...]:
    """The new operations' places as KeptOffer stores them."""
    return tuple((path, step, *plain(row)[1:]) for path, step, row in offering.new_rows(live, placements))


def _moves(live: Live, one: Offer) -> tuple[Plain, ...]:
    return plain_moves(live, one.applied(live.plan))


def plain_moves(live: Live, plan: EnginePlan) -> tuple[Plain, ...]:
    """What `plan` moves of the published one, as KeptOffer stores it."""
    return tuple(plain(row) for row in offering.moved_rows(live, plan))
