"""What the worker computes between its transactions: repair, search, rebase, and the figures of a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import numpy as np

from aps.engine import bounds, frozen, limits, objective, portfolio, repair, search, validate
from aps.engine.arrays import shop_of
from aps.engine.problem import Id, Problem, State, topological
from aps.engine.problem import Plan as EnginePlan
from aps.models import Plan, PlanWish
from aps.problem import Snapshot
from aps.services.publication import Figures
from aps.services.watching import Pace
from masterdata.lateness import GRACE

REBASES = 5
GRACE_MIN = GRACE // timedelta(minutes=1)
FIRST_ROUND = 2000
EXACT_SHARE = 0.05
"""Of the seconds, in CP-SAT's deterministic time, whose unit takes some three seconds."""
LONG_SECONDS = 30
"""A search that has at least so long asks CP-SAT about parts of a large plan as well."""


@dataclass(frozen=True)
class Improved:
    """A plan, how it came about, how many moves the search made, and what it and the first valid one are worth."""

    plan: EnginePlan
    origin: str
    moves: int
    before: Worth | None = None
    after: Worth | None = None


@dataclass(frozen=True)
class Worth:
    """The points of a plan by part, and its figures."""

    points: objective.Objective
    figures: Figures


def repaired(snap: Snapshot) -> EnginePlan:
    """The first valid plan; see `repaired_with_figures`."""
    return repaired_with_figures(snap)[0]


def repaired_with_figures(snap: Snapshot) -> tuple[EnginePlan, Figures]:
    """The first valid plan, the better of two: all machines keep their sequence and what an event touches pushes the
    rest to the right, or what it touches goes into gaps and nothing else moves. What is new goes into gaps.

    The arrays are built once for both and for what they are worth. Raises HorizonTooShortError.
    """
    if not snap.published:
        plan = portfolio.plan(snap.problem).plan
        return plan, figures(snap, plan)
    shop = shop_of(snap.problem)
    known = shop.times(snap.published)
    judged = replace(shop, a=shop.a._replace(base_start=known.start, base_machine=known.machine))
    best = repair.shifted(shop, known)
    if touched := [shop.operation_at[key] for key in _touched(snap)]:
        spared = repair.shifted(shop, repair.without(known, np.array(touched, np.int64)))
        best = min(best, spared, key=partial(objective.total, judged))
    plan = shop.plan(best)
    return plan, figures_of(snap.problem, plan, objective.objective_of(judged, best))


def _touched(snap: Snapshot) -> set[Id]:
    """Published work that cannot stay: in a machine's hole or not begun in time, and what waits for it."""
    holes = {machine.id: machine.holes for machine in snap.problem.machines}
    found: set[Id] = set()
    for at in topological(snap.problem.operations):
        one = snap.problem.operations[at]
        place = snap.published.get(one.id)
        if place is None or one.state is not State.FREE:
            continue
        begin = place.start if place.setup_start is None else place.setup_start
        hit = any(start < place.end and begin < end for start, end in holes[place.machine])
        if hit or begin < snap.problem.now_min or any(before in found for before, _ in one.predecessors):
            found.add(one.id)
    return found


def _without(plan: EnginePlan, keys: set[Id]) -> EnginePlan:
    return EnginePlan({key: one for key, one in plan.items() if key not in keys})


def must_move_now(snap: Snapshot, plan: EnginePlan) -> bool:
    """Whether a machine went down under published work, so that lines must hear of it before the search is done."""
    alarmed = PlanWish.objects.filter(
        plant_id=snap.inputs.plant.pk,
        version__gt=snap.inputs.planned_version,
        version__lte=snap.inputs.wanted_version,
        reason=PlanWish.Reason.BREAKDOWN,
    ).exists()
    return alarmed and any(plan.get(key) != one for key, one in snap.published.items())


def improved(snap: Snapshot, plan: EnginePlan, watch: Pace) -> Improved | None:
    """The best plan found within the watch's budget, never worse than `plan`; None when a machine went down meanwhile.

    `watch` is told how far the search is, and ends it.
    """
    budget, seconds = watch.budget.moves, watch.budget.seconds
    snap = replace(snap, problem=frozen.held(snap.problem, snap.published))
    snap, incumbent = _with_room_again(snap, plan)
    before = worth(snap, plan)
    watch.count(0, before.points.total)
    outcome = portfolio.plan(
        snap.problem,
        incumbent,
        published=snap.published,
        moves=FIRST_ROUND if budget is None else budget,
        exact_effort=_exact_effort(snap, seconds) if budget is None else 0.0,
        progress=watch.count,
        cancelled=watch.is_over,
    )
    best, least = outcome.plan, outcome.objective.total
    if _points(snap, plan) < least:
        best, least = plan, _points(snap, plan)
    found = _more_rounds(snap, best, least, watch) if budget is None else best
    if watch.alarmed:
        return None
    origin = _origin((*outcome.steps, "search") if found is not best else outcome.steps)
    return Improved(found, origin, watch.moves, before, worth(snap, found))


def _exact_effort(snap: Snapshot, seconds: float) -> float:
    """CP-SAT's part: of what it can take whole, or when a planner gives time; else its windows would take all of it."""
    free = sum(one.state is State.FREE for one in snap.problem.operations)
    return seconds * EXACT_SHARE if free <= limits.WHOLE or seconds >= LONG_SECONDS else 0.0


def lower_bound(snap: Snapshot) -> int:
    """Points that no plan of the problem can beat; the load of machines counts for a makespan only, and is left out."""
    return bounds.bounds(shop_of(snap.problem, snap.published), lambda: True).points


def worth(snap: Snapshot, plan: EnginePlan) -> Worth:
    """What a plan's points are made of."""
    points = objective.objective(snap.problem, plan, snap.published)
    return Worth(points, figures_of(snap.problem, plan, points))


def _with_room_again(snap: Snapshot, plan: EnginePlan) -> tuple[Snapshot, EnginePlan]:
    """What the search is to keep to, and where it begins: the repaired plan, new work left to be inserted.

    A machine works again: what has not begun and could run on it, and what waits for that, is not held to its published
    time any more; it is put into gaps anew when that is better.
    """
    if not snap.published:
        return snap, plan
    known = EnginePlan({key: one for key, one in plan.items() if key in snap.published})
    free = _freed(snap)
    if not free:
        return snap, known
    loose = replace(snap, published=_without(snap.published, free))
    starts = (known, _without(known, free))
    candidates = [portfolio.plan(snap.problem, one or None, published=loose.published).plan for one in starts]
    return loose, min(candidates, key=lambda one: _points(loose, one))


def _freed(snap: Snapshot) -> set[Id]:
    """Operations that may use the machines of which the wishes say that they work again, and those behind them."""
    inputs = snap.inputs
    machine_ids = PlanWish.objects.filter(
        plant_id=inputs.plant.pk,
        version__gt=inputs.planned_version,
        version__lte=inputs.wanted_version,
        reason=PlanWish.Reason.MACHINE_UP,
    ).values_list("machine_id", flat=True)
    again = {inputs.machines[key].code for key in machine_ids if key in inputs.machines}
    found: set[Id] = set()
    for at in topological(snap.problem.operations):
        one = snap.problem.operations[at]
        follows = any(before in found for before, _ in one.predecessors)
        if one.state is State.FREE and (follows or any(option.machine in again for option in one.options)):
            found.add(one.id)
    return found


def _more_rounds(snap: Snapshot, plan: EnginePlan, least: int, watch: Pace) -> EnginePlan:
    """Rounds of search, each twice as long, until the time is over or two in a row found nothing better.

    A longer search that a planner asked for goes on as long as anything better is possible.
    """
    idle, moves, seed = 0, FIRST_ROUND, 2
    while (idle < 2 or watch.goes_on_below(least)) and not watch.is_over():
        moves, seed = 2 * moves, seed + 1
        candidate = search.improve(
            snap.problem,
            plan,
            moves=moves,
            seed=seed,
            published=snap.published,
            progress=watch.count,
            cancelled=watch.is_over,
        )
        value = _points(snap, candidate)
        idle = 0 if value < least else idle + 1
        if value < least:
            plan, least = candidate, value
    return plan


def _origin(steps: tuple[str, ...]) -> str:
    if "search" in steps or "exact" in steps:
        return Plan.Origin.SEARCH
    if "insert" in steps or "construct" in steps:
        return Plan.Origin.INSERT
    return Plan.Origin.REPAIR


def rebased(snap: Snapshot, plan: EnginePlan) -> tuple[Snapshot, EnginePlan]:
    """The result on top of what the shop did meanwhile: started work where it is, the rest to the right.

    Work that the result does not know stays as published. When the published plan, shifted the same way, is better (a
    rush order was taken meanwhile, say), that one.
    """
    both = EnginePlan({**snap.published.placements, **plan.placements})
    moved = repair.right_shift(snap.problem, both)
    kept = repair.right_shift(snap.problem, snap.published)
    return snap, min(moved, kept, key=lambda one: _points(snap, one))


def _points(snap: Snapshot, plan: EnginePlan) -> int:
    return objective.objective(snap.problem, plan, snap.published).total


def on_top_of(snap: Snapshot, plan: EnginePlan, plan_no: int) -> Snapshot:
    """The snapshot as it is once `plan` was published as `plan_no`."""
    return replace(snap, inputs=replace(snap.inputs, plan_no=plan_no), published=plan)


def problems_of(snap: Snapshot, plan: EnginePlan) -> str:
    """The first broken rule in a sentence; empty when the plan is legal."""
    found = validate.violations(snap.problem, plan)
    return found[0].sentence if found else ""


def figures(snap: Snapshot, plan: EnginePlan) -> Figures:
    """What the plan is worth."""
    return figures_of(snap.problem, plan, objective.objective(snap.problem, plan, snap.published))


def figures_of(problem: Problem, plan: EnginePlan, worth: objective.Objective) -> Figures:
    """The points of a plan as its page shows them."""
    return figures_with(problem, sum(one.setup_min for one in plan.values()), worth)


def figures_with(problem: Problem, setup_min: int, worth: objective.Objective) -> Figures:
    """The same where the setups are counted already."""
    return Figures(
        late_lines=sum(minutes >= GRACE_MIN for minutes in worth.late_min.values()),
        lateness_min=worth.lateness // max(1, problem.weights.lateness),
        setup_min=setup_min,
        objective=worth.total,
    )
