"""Quality against calm after an event: a few plans from the calmest to the freest, none of them beaten by another."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace

from aps.engine.arrays import shop_of
from aps.engine.construct import best_plan
from aps.engine.frozen import held
from aps.engine.objective import objective
from aps.engine.problem import Id, Plan, Problem, State
from aps.engine.repair import right_shift
from aps.engine.run import Budget, Cancelled, Clock, Run

SHIFT, ANEW = "right shift", "all anew"
CALM, USUAL, PROMISES, RESCUE, CALMER, FREE = SEARCHES = (
    "calm", "usual", "promises", "rescue", "all anew, calmer", "free",
)  # fmt: skip
PROMISE, LOST = 50, 20
"""How many times the weight an order gets that was on time, and one besides that a plan made anew would have saved."""


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

    The right shift; searches with four times the weight on calm, with the usual one, and with PROMISE times the weight
    of what was on time; one behind that in which what a plan made anew would still save weighs LOST times more, and
    calm a quarter; everything anew by the rules, and that brought back towards what is published; and a search behind
    the best of all that ignores calm. Each has an equal share of `moves` or `seconds`. With moves alone the answer is
    the same on any machine. `cancelled` ends it with what is there: the shift and the first rule at least.

    `chosen` is the calmest plan that makes no order newly late which the plan made anew would have saved. There is
    one: the plan made anew is such a plan, and another takes its place only when it makes nobody newly late whom that
    one does not (`Choice.beats`). Raises HorizonTooShortError.
    """
    problem = held(problem, published)
    fresh = shop_of(problem)
    anew = fresh.plan(best_plan(fresh, cancelled))
    case = _Case(before, problem, published, _on_time(before, published))
    found = {SHIFT: case.choice(SHIFT, right_shift(problem, published)), ANEW: case.choice(ANEW, anew)}
    tick = clock or (lambda: 0.0)
    began = tick()
    for number, name in enumerate(SEARCHES, 1):
        if cancelled is not None and cancelled():
            break
        wanted = case.search(name, found)
        left = None if seconds is None else seconds * number / len(SEARCHES) - (tick() - began)
        if wanted is None or (left is not None and left <= 0):
            continue
        share = None if moves is None else moves // len(SEARCHES)
        plan = _searched(*wanted, published, Budget(left, share, cancelled, tick), workers, seed)
        found[name] = case.choice(name, plan)
    return _frontier(list(found.values()))


@dataclass(frozen=True)
class _Case:
    """What happened, and which orders were on time before."""

    before: Problem
    problem: Problem
    published: Plan
    on_time: frozenset[Id]

    def choice(self, key: str, plan: Plan) -> Choice:
        worth = objective(self.problem, plan)
        calm = calm_of(self.before, self.problem, self.published, plan)
        return Choice(key, plan, calm, sum(worth.late_min.values()), worth.total)

    def search(self, name: str, found: Mapping[str, Choice]) -> tuple[Problem, Plan] | None:
        """What is searched, and from which plan; None when there is nothing to be gained."""
        start = found.get(PROMISES) or found.get(USUAL) or found.get(CALM) or found[SHIFT]
        late = set(found[ANEW].calm.newly_late)
        lost = set(start.calm.newly_late) - late
        if name in (RESCUE, CALMER) and not lost:
            return None
        if name == FREE:
            best = min(found.values(), key=lambda one: one.points)
            return with_calm(self.problem, 0, 1), best.plan
        if name == CALMER:
            return with_calm(urged(self.problem, self.on_time - late, PROMISE), 8, 1), found[ANEW].plan
        wanted = with_calm(self.problem, 4 if name == CALM else 1, 4 if name == RESCUE else 1)
        if name in (PROMISES, RESCUE):
            wanted = urged(wanted, self.on_time, PROMISE)
        return urged(wanted, lost, LOST) if name == RESCUE else wanted, start.plan


def _on_time(before: Problem, published: Plan) -> frozenset[Id]:
    late = objective(before, published).late_min
    return frozenset(one.id for one in before.orders if one.due_min is not None and one.id not in late)


def urged(problem: Problem, orders: Container[Id], times: int) -> Problem:
    """The problem in which these orders weigh so many times as much."""
    rows = [replace(one, weight=max(1, one.weight) * times) if one.id in orders else one for one in problem.orders]
    return replace(problem, orders=rows)


def with_calm(problem: Problem, times: int, over: int) -> Problem:
    """The problem in which moves and other machines cost so many times, over so many, as much."""
    weights = problem.weights
    moved, machine = weights.moved * times // over, weights.machine * times // over
    return replace(problem, weights=replace(weights, moved=moved, machine=machine))


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


def _searched(problem: Problem, start: Plan, published: Plan, budget: Budget, workers: int, seed: int) -> Plan:
    run = Run(problem, published, budget, workers, None)
    run.begin(start)
    run.search(seed)
    assert run.times is not None
    return run.shop.plan(run.times)


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
