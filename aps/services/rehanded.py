"""A lever: the new order takes another's material, and the other's work is timed anew behind its replacement."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace

from aps import offering, warm
from aps.engine import repair, validate
from aps.engine.objective import objective
from aps.engine.offer import LivePlan, Offer
from aps.engine.problem import HorizonTooShortError, Id, Operation, Order, Plan, Problem, State
from aps.minutes import minute_after, time_of
from aps.problem import CannotPlan, Snapshot, label_of
from aps.services import solving
from aps.services.offers import OfferOption, OfferVictim, option_of, plain_moves
from aps.warm import Live
from erp.selectors import Explosion


def offer_with_taken(
    *,
    plant_id: int,
    explosion: Explosion,
    ready_times: Mapping[tuple[int, int], dt.datetime],
    now: dt.datetime,
    wanted_on: dt.date | None = None,
) -> OfferOption | None:
    """The date with `explosion`, which has the material, when operations (work order, sequence) of another order get
    theirs at `ready_times`; writes nothing.

    What waits for the material is taken out of the plan with all that follows it, the new order goes in where it moves
    nobody, and what was taken out goes back where it moves nobody. All of its lines that end later are victims. Nothing
    when that work has begun, stands in the frozen window, or finds no place.
    """
    try:
        live = warm.live(plant_id, now)
    except CannotPlan:
        return None
    problem = live.snapshot.problem
    waits = {
        work.operation_id: minute_after(ready_times[work.work_order_id, work.sequence])
        for work in live.snapshot.inputs.work
        if (work.work_order_id, work.sequence) in ready_times
    }
    out = _behind(problem, waits)
    if any(not _is_free(live, one) for one in problem.operations if one.id in out):
        return None
    later = [replace(one, release_min=max(one.release_min, waits.get(int(one.id), 0))) for one in problem.operations]
    try:
        return _retimed(live, later, out, explosion, wanted_on)
    except HorizonTooShortError:
        return None


def _behind(problem: Problem, waits: Collection[int]) -> set[Id]:
    """The operations that wait, and everything that follows them."""
    found: set[Id] = set(waits)
    grown = True
    while grown:
        more = {
            one.id
            for one in problem.operations
            if one.id not in found and any(before in found for before, _ in one.predecessors)
        }
        found |= more
        grown = bool(more)
    return found


def _is_free(live: Live, one: Operation) -> bool:
    placed = live.plan.placements.get(one.id)
    frozen_until = live.snapshot.problem.now_min + live.snapshot.problem.frozen_min
    frozen = placed is not None and live.snapshot.problem.frozen_min > 0 and placed.start < frozen_until
    return one.state is State.FREE and not frozen


def _retimed(
    live: Live, later: list[Operation], out: set[Id], explosion: Explosion, wanted_on: dt.date | None
) -> OfferOption | None:
    snap = live.snapshot
    order = offering.order_of(snap, wanted_on)
    operations = offering.operations_of(snap, explosion.work_orders)
    rest = replace(snap.problem, operations=[one for one in later if one.id not in out])
    shifted = repair.right_shift(rest, Plan({key: one for key, one in live.plan.items() if key not in out}))
    found = LivePlan(rest, shifted).offers(order, operations, keys=("A",))
    if not found:
        return None
    new = found[0]
    plan = _put_back(rest.joined([order], operations), new.applied(shifted), [one for one in later if one.id in out])
    whole = replace(snap.problem, operations=later).joined([order], operations)
    if plan is None or validate.violations(whole, plan):
        return None
    return _told(live, new, explosion, whole, plan)


def _put_back(problem: Problem, plan: Plan, operations: list[Operation]) -> Plan | None:
    """The operations that were taken out, order by order, where they move nobody."""
    by_order: dict[Id, list[Operation]] = {}
    for one in operations:
        by_order.setdefault(one.order, []).append(one)
    known = {order.id: order for order in problem.orders}
    for label, rows in by_order.items():
        again = Order(f"{label} again", known[label].due_min, known[label].weight, known[label].transport_min)
        moved = [replace(one, order=again.id) for one in rows]
        found = LivePlan(problem, plan).offers(again, moved, keys=("A",))
        if not found:
            return None
        plan = found[0].applied(plan)
        problem = problem.joined([again], moved)
    return plan


def _told(live: Live, new: Offer, explosion: Explosion, whole: Problem, plan: Plan) -> OfferOption:
    known = Plan({key: one for key, one in plan.items() if key in live.plan.placements})
    moves = plain_moves(live, known)
    option = option_of(live, replace(new, placements={key: plan.placements[key] for key in new.placements}), explosion)
    return replace(
        option,
        victims=_victims(live.snapshot, live.plan, known),
        moves=lambda: moves,
        moved_count=len(moves),
        setup_min=sum(one.setup_min for one in plan.values()) - sum(one.setup_min for one in live.plan.values()),
        figures=solving.figures_of(whole, plan, objective(whole, plan, live.snapshot.published)),
    )


def _victims(snap: Snapshot, before: Plan, after: Plan) -> tuple[OfferVictim, ...]:
    """Every line that ends later, late or not: what is taken from it is never silent."""
    orders = {order.id: order for order in snap.problem.orders}
    old, new = _ends(snap.problem, before), _ends(snap.problem, after)
    lines = {label_of(work): work for work in snap.inputs.work if work.line_id is not None}
    found = []
    for label, end in new.items():
        if end <= old.get(label, end) or str(label) not in lines:
            continue
        work, due = lines[str(label)], orders[label].due_min
        found.append(
            OfferVictim(
                line_id=work.line_id or 0,
                order_number=work.order_no or "",
                line_no=work.line_no or 0,
                old_end_at=time_of(old[label]),
                new_end_at=time_of(end),
                late_min=max(0, end - due) if due is not None else 0,
                newly_late=due is not None and old[label] <= due < end,
            )
        )
    return tuple(sorted(found, key=lambda one: (-one.late_min, one.order_number)))


def _ends(problem: Problem, plan: Plan) -> dict[Id, int]:
    """When each order is at the customer."""
    transport = {order.id: order.transport_min for order in problem.orders}
    found: dict[Id, int] = {}
    for one in problem.operations:
        placed = plan.placements.get(one.id)
        if placed is not None:
            found[one.order] = max(found.get(one.order, 0), placed.end + transport[one.order])
    return found
