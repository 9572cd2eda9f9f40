"""An order that is planned already is to come earlier: its own work is taken out of the plan and put in anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from aps import offering, warm
from aps.engine import validate
from aps.engine.offer import LivePlan, Offer
from aps.engine.problem import HorizonTooShortError, Id, Operation, Order, Plan, State
from aps.minutes import minute_after, minute_of, time_of
from aps.problem import CannotPlan, Snapshot
from aps.services import solving
from aps.services.offers import (
    KEYS,
    LEAST_GAIN_MIN,
    NoOffer,
    OfferAnswer,
    OfferOption,
    OfferVictim,
    option_of,
    plain_moves,
)
from aps.warm import Live
from erp import selectors as erp_now
from erp.selectors import Explosion, OpenOperation
from masterdata.errors import Refusal
from masterdata.numbers import ZERO


class NothingToHurry(Refusal):
    """None of the order's work is planned and still to begin."""

    code = "nothing_to_hurry"


@dataclass(frozen=True)
class OwnWork:
    """The order's work that may still move, taken out of the plan: `arrays` and `kept` are that without it.

    `operations` are put in anew as `order`. All of it is at the customer at `ends_by` as it is planned now; what is not
    taken out, because it has begun or needs no work, is there at `stays_until` whatever happens (0: there is none).
    """

    live: Live
    kept: Plan
    arrays: LivePlan
    order: Order
    operations: tuple[Operation, ...]
    work: tuple[OpenOperation, ...]
    ends_by: int
    stays_until: int

    @property
    def planned_at(self) -> dt.datetime:
        """When all of it is at the customer as it is planned now."""
        return time_of(self.ends_by)

    @property
    def has_begun(self) -> bool:
        """Whether any of it stays where it is."""
        return len(self.operations) < len(self.work)

    def ends_at(self, end_min: int) -> int:
        """When all of the order is there, if what was put in anew is there at `end_min`."""
        return max(end_min, self.stays_until)


def offer_sooner(*, plant_id: int, order_id: int, now: dt.datetime, wanted_on: dt.date | None = None) -> OfferAnswer:
    """Options A, B and C for all work of the order in the plant that has not begun; writes nothing.

    What has begun, or stands in the frozen window, stays, and the order is there when that is there, too. An option
    that ends no earlier than the plan has it by now is left out; B also where it is A or C. Raises NoOffer,
    NothingToHurry.
    """
    return answer_sooner(own_work(plant_id=plant_id, order_id=order_id, now=now, wanted_on=wanted_on), wanted_on)


def answer_sooner(own: OwnWork, wanted_on: dt.date | None, keys: Sequence[str] = KEYS) -> OfferAnswer:
    """The same for work that is taken out of the plan already."""
    first, plant = own.work[0], own.live.snapshot.inputs.plant
    options = tuple(_asked(own, keys))
    return OfferAnswer(plant.pk, first.material_id, first.quantity, wanted_on, own.live.version, options)


def own_work(
    *,
    plant_id: int,
    order_id: int,
    now: dt.datetime,
    wanted_on: dt.date | None = None,
    line_ids: Collection[int] | None = None,
) -> OwnWork:
    """What of the order, or of these lines of it, may still move, taken out of the live plan. Raises NoOffer,
    NothingToHurry."""
    try:
        live = warm.live(plant_id, now)
    except CannotPlan as error:
        raise NoOffer(str(error)) from error
    work = tuple(
        one
        for one in live.snapshot.inputs.work
        if one.order_id == order_id and (line_ids is None or one.line_id in line_ids)
    )
    own = {one.operation_id for one in work}
    out = [one for one in live.snapshot.problem.operations if one.id in own and _is_free(live, one)]
    if not out:
        raise NothingToHurry(
            "None of its work can be moved any more: it has begun, is about to, or nothing is made for it.",
            order_id=order_id,
        )
    snap, gone = live.snapshot, {one.id for one in out}
    rest = replace(snap.problem, operations=[one for one in snap.problem.operations if one.id not in gone])
    kept = Plan({key: one for key, one in live.plan.items() if key not in gone})
    order = offering.order_of(snap, wanted_on)
    stays_until = _end_of(live, own - gone)
    if line_ids is None:
        stays_until = max(stays_until, _bought_by(plant_id, order_id, work))
    return OwnWork(
        live=live,
        kept=kept,
        arrays=LivePlan(rest, kept),
        order=order,
        operations=tuple(replace(one, order=order.id) for one in out),
        work=work,
        ends_by=max(_end_of(live, own), stays_until),
        stays_until=stays_until,
    )


def _end_of(live: Live, keys: Collection[Id]) -> int:
    """When the last of them is at the customer, as planned."""
    ends = [live.plan.placements[key].end for key in keys if key in live.plan.placements]
    return max(ends) + live.snapshot.inputs.plant.transport_min if ends else 0


def _bought_by(plant_id: int, order_id: int, work: Sequence[OpenOperation]) -> int:
    """When the last of the lines for which nothing is made any more is at the customer."""
    made = {one.line_id for one in work}
    at = erp_now.expected_without(order_id=order_id, plant_id=plant_id, line_ids=made)
    return minute_of(at) if at is not None else 0


def _is_free(live: Live, one: Operation) -> bool:
    placed = live.plan.placements.get(one.id)
    frozen_until = live.snapshot.problem.now_min + live.snapshot.problem.frozen_min
    frozen = live.snapshot.problem.frozen_min > 0 and placed is not None and placed.start < frozen_until
    return one.state is State.FREE and placed is not None and not frozen


def _asked(own: OwnWork, keys: Sequence[str]) -> list[OfferOption]:
    try:
        found = own.arrays.offers(own.order, own.operations, keys=keys)
    except HorizonTooShortError:
        return []
    whole = own.arrays.shop.problem.joined([own.order], own.operations)
    legal = [one for one in found if not validate.violations(whole, one.applied(own.kept))]
    sooner = [one for one in legal if own.ends_at(one.end_min) < own.ends_by]
    ends = {one.key: one.end_min for one in sooner}
    if ends.get("B") == ends.get("C") or ("A" in ends and ends.get("B", 0) > ends["A"] - LEAST_GAIN_MIN):
        sooner = [one for one in sooner if one.key != "B"]
    return [told(own, one) for one in sooner]


def calm_of(own: OwnWork, operations: Sequence[Operation]) -> Offer | None:
    """The earliest place of the operations with nobody else moved, which the engine's judge finds legal."""
    try:
        found = own.arrays.offers(own.order, operations, keys=("A",))
    except HorizonTooShortError:
        return None
    whole = own.arrays.shop.problem.joined([own.order], operations)
    return next((one for one in found if not validate.violations(whole, one.applied(own.kept))), None)


def sooner_with_material(own: OwnWork, *, ready_times: Mapping[tuple[int, int], dt.datetime]) -> OfferOption | None:
    """The date with nobody else moved when material of the work (work order, operation sequence) comes at
    `ready_times`, and what is not named there is there at once; writes nothing."""
    steps = {one.operation_id: (one.work_order_id, one.sequence) for one in own.work}
    waits = {key: ready_times.get(step) for key, step in steps.items()}
    operations = [
        replace(one, release_min=minute_after(at) if (at := waits[int(one.id)]) is not None else 0)
        for one in own.operations
    ]
    found = calm_of(own, operations)
    return None if found is None else told(own, found)


def told(own: OwnWork, one: Offer) -> OfferOption:
    """The option with all that it moves of the published plan, its own work among it."""
    live, plan = own.live, one.applied(own.kept)
    before = sum(live.plan.placements[operation.id].setup_min for operation in own.operations)
    setup_min = one.setup_min - before
    end_min = own.ends_at(one.end_min)
    found = option_of(live, replace(one, placements={}, end_min=end_min), _NOTHING_NEW)
    return replace(
        found,
        cause=_cause(live.snapshot, one) if end_min == one.end_min else _STAYS,
        bound_at=found.bound_at if found.bound_at is None or end_min == one.end_min else found.deliver_at,
        victims=(*found.victims, *_own_later(own, plan)),
        moves=partial(plain_moves, live, plan),
        moved_count=len(one.moved),
        setup_min=setup_min,
        figures=solving.figures_with(live.snapshot.problem, live.setup_min + setup_min, one.worth),
    )


def _own_later(own: OwnWork, plan: Plan) -> list[OfferVictim]:
    """Lines of the order itself that end late, and later than they are planned: all of it is earlier, they are not."""
    transport = own.live.snapshot.inputs.plant.transport_min
    found = []
    for line_id, work in {one.line_id: one for one in own.work if one.line_id is not None and one.due_at}.items():
        keys = [one.operation_id for one in own.work if one.line_id == line_id and one.operation_id in plan.placements]
        old, new = (max(p.placements[key].end for key in keys) + transport for p in (own.live.plan, plan))
        due = minute_of(work.due_at) + transport if work.due_at is not None else new
        if new > old and new > due:
            names = line_id, work.order_no or "", work.line_no or 0
            found.append(OfferVictim(*names, time_of(old), time_of(new), new - due, old <= due))
    return found


def _cause(snap: Snapshot, one: Offer) -> str:
    names = {work.operation_id: work for work in snap.inputs.work}
    key = one.cause.operation
    work = names.get(int(key)) if str(key).isdecimal() else None
    return f"{work.name if work else 'It'} {offering.worded(snap, one.cause)}"


_STAYS = "What of the order has begun, or is not made here, is not there earlier"
_NOTHING_NEW = Explosion(0, 0, ZERO, (), (), ZERO, None)
