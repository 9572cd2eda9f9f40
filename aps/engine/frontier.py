"""Quality against calm after an event: a few plans from the calmest to the freest, none of them beaten by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aps.engine.arrays import shop_of
from aps.engine.construct import best_plan
from aps.engine.frozen import held
from aps.engine.objective import objective
from aps.engine.problem import Id, Plan, Problem, State
from aps.engine.repair import right_shift
from aps.engine.run import Budget, Cancelled, Clock, Run

SHIFT, ANEW, FREE = "right shift", "all anew", "free"
STIFFNESS = (("calm", 4, 1), ("usual", 1, 1), ("loose", 1, 4))
"""Searches with so many times, over so many, of the points that calm has in the problem's weights."""


@dataclass(frozen=True)
class Calm:
    """What a plan changes against the published one, in numbers; see `calm_of`."""

    published_soon: int
    moved_soon: int
    machine_changes: int
    newly_late: tuple[Id, ...]


@dataclass(frozen=True)
class Choice:
    """A plan and its figures. `late_min` are minutes after due, unweighted; `points` are without stability."""

    key: str
    plan: Plan
    calm: Calm
    late_min: int
    points: int

    def beats(self, other: Choice) -> bool:
        """Whether it is as good in everything and better in something; fewer orders newly late are a subset of them."""
        mine, its = self._numbers(), other._numbers()
        late, its_late = set(self.calm.newly_late), set(other.calm.newly_late)
        if not late <= its_late or any(one > its_one for one, its_one in zip(mine, its, strict=True)):
            return False
        return late < its_late or mine != its

    def _numbers(self) -> tuple[int, int, int]:
        return self.calm.moved_soon, self.calm.machine_changes, self.points


@dataclass(frozen=True)
class Frontier:
    """The choices, the calmest first, and the one to take when promises count."""

    choices: tuple[Choice, ...]
    chosen: Choice


def frontier(
    before: Problem,
    problem: Problem,
    published: Plan,
    *,
    moves: int | None = None,
    seconds: float | None = None,
    workers: int = 1,
    seed: int = 1,
    cancelled: Cancelled | None = None,
    clock: Clock | None = None,
) -> Frontier:
    """Plans of `problem`, which is `before` with what has happened, from the calmest to the freest.

    The right shift; searches with more and with less weight on calm, each behind the one before; everything anew by the
    rules, and a search behind the best of all that ignores calm. Each has an equal share of `moves` or `seconds`. With
    moves alone the answer is the same on any machine. `cancelled` ends it with what is there: the shift and the
    first rule at least.

    `chosen` is the calmest plan that makes no order newly late which the plan made anew would have saved. There is
    one: the plan made anew is such a plan, and another takes its place only when it makes nobody newly late whom that
    one does not (`Choice.beats`). Raises HorizonTooShortError.
    """
    problem = held(problem, published)
    shift, fresh = right_shift(problem, published), shop_of(problem)
    anew = fresh.plan(best_plan(fresh, cancelled))
    found = [_choice(SHIFT, shift, before, problem, published), _choice(ANEW, anew, before, problem, published)]
    levels = [(name, _with_calm(problem, many, over)) for name, many, over in STIFFNESS]
    levels.append((FREE, _with_calm(problem, 0, 1)))
    tick = clock or (lambda: 0.0)
    began, start = tick(), shift
    for number, (name, wanted) in enumerate(levels, 1):
        if cancelled is not None and cancelled():
            break
        if name == FREE:
            start = min(found, key=lambda one: one.points).plan
        left = None if seconds is None else seconds * number / len(levels) - (tick() - began)
        if left is not None and left <= 0:
            continue
        share = None if moves is None else moves // len(levels)
        start = _searched(wanted, published, start, Budget(left, share, cancelled, tick), workers, seed)
        found.append(_choice(name, start, before, problem, published))
    return _frontier(found)


def _frontier(found: Sequence[Choice]) -> Frontier:
    """What is left of the plans, and the one to take; of equal ones the first."""
    anew = next(one for one in found if one.key == ANEW)
    left = [
        one
        for at, one in enumerate(found)
        if not any(other.beats(one) for other in found) and not any(other.plan == one.plan for other in found[:at])
    ]
    left.sort(key=lambda one: (one.calm.moved_soon, one.calm.machine_changes, one.points))
    saved = [one for one in left if set(one.calm.newly_late) <= set(anew.calm.newly_late)]
    return Frontier(tuple(left), saved[0])


def _with_calm(problem: Problem, many: int, over: int) -> Problem:
    weights = problem.weights
    moved, machine = weights.moved * many // over, weights.machine * many // over
    return replace(problem, weights=replace(weights, moved=moved, machine=machine))


def _searched(problem: Problem, published: Plan, start: Plan, budget: Budget, workers: int, seed: int) -> Plan:
    run = Run(problem, published, budget, workers, None)
    run.begin(start)
    run.search(seed)
    assert run.times is not None
    return run.shop.plan(run.times)


def _choice(key: str, plan: Plan, before: Problem, problem: Problem, published: Plan) -> Choice:
    worth = objective(problem, plan)
    return Choice(key, plan, calm_of(before, problem, published, plan), sum(worth.late_min.values()), worth.total)


def calm_of(before: Problem, problem: Problem, published: Plan, plan: Plan) -> Calm:
    """What `plan` of `problem` changes against `published` of `before`.

    `published_soon` counts published work of the next `stable_for_min` that has not begun, `moved_soon` what of it
    moves by more than `moved_after_min`; `machine_changes` counts all work on another machine than published;
    `newly_late` are orders that are late now and were not before.
    """
    weights, now = problem.weights, problem.now_min
    open_work = [one.id for one in problem.operations if one.state in (State.FREE, State.PINNED)]
    known = [(published[key], plan[key]) for key in open_work if key in published]
    soon = [(old, new) for old, new in known if now <= old.start < now + weights.stable_for_min]
    was_late = objective(before, published).late_min
    return Calm(
        published_soon=len(soon),
        moved_soon=sum(abs(new.start - old.start) > weights.moved_after_min for old, new in soon),
        machine_changes=sum(new.machine != old.machine for old, new in known),
        newly_late=tuple(order for order in objective(problem, plan).late_min if order not in was_late),
    )
