"""What would make an order earlier: each change is made, decoded and judged before it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from aps.engine.arrays import FREE, Shop, Times
from aps.engine.compiled import Ints
from aps.engine.decode import by_time
from aps.engine.inserting import fits, placed, set_up
from aps.engine.lanes import lanes_of
from aps.engine.objective import ends_of
from aps.engine.problem import Id, Plan, Problem, Window
from aps.engine.remedies import Case, Remedy, case_of, longer, remedies
from aps.engine.repair import shifted
from aps.engine.validate import violations


@dataclass(frozen=True, slots=True)
class Delayed:
    """An order that ends later for it; `late_min` minutes after due, transport included."""

    order: Id
    old_end: int
    new_end: int
    late_min: int


@dataclass(frozen=True)
class Change:
    """One change, the order's end with it, and a legal plan of `problem`, the one in which it is made.

    Kinds: gap (nothing but moving it into gaps that are free), material, overtime, up (a machine), behind (an order
    ahead of it goes behind), person, transport, pinned, frozen, shipping, delivery. In `plan` only the order's own
    operations, those of its component orders and of those `delayed` begin at other times. `sentence` holds `{from}` and
    `{until}` for the caller's way of writing a time.
    """

    kind: str
    operation: Id
    machine: Id | None
    window: Window
    sentence: str
    end_min: int
    gain_min: int
    delayed: tuple[Delayed, ...]
    problem: Problem
    plan: Plan

    def said(self, write: Callable[[int], str] = str) -> str:
        """The sentence, with times as `write` has them."""
        return self.sentence.replace("{from}", write(self.window[0])).replace("{until}", write(self.window[1]))


def sooner(problem: Problem, plan: Plan, order: Id) -> list[Change]:
    """The changes that bring anything, the greatest gain first; when none does all with gain 0 and the plan as it is.

    `plan` is legal. Each is tried alone, and must bring more than moving the order into free gaps does. Some 0.2 s
    at 2,000 operations, 1 to 3 s at 10,000. Raises ProblemError when nothing of the order is planned.
    """
    case = case_of(problem, plan, order)
    end = int(ends_of(case.plain, case.times)[case.order])
    still = Remedy("gap", case.path[0][1].operation, f"if {case.name} is moved into gaps that are free", case.shop)
    alone = _tried(case, still, end)
    found, idle = [alone] if alone is not None else [], []
    least = end if alone is None else alone.end_min
    for remedy in remedies(case):
        change = _tried(case, remedy, least)
        if change is not None:
            change = _trimmed(case, remedy, change, least)
            found.append(replace(change, gain_min=end - change.end_min))
        elif remedy.kind != "behind":
            idle.append(_idle(case, remedy, end))
    told = {(one.sentence, one.window, one.end_min): one for one in found}
    return sorted(told.values(), key=lambda one: -one.gain_min) if told else idle


def _idle(case: Case, remedy: Remedy, end: int) -> Change:
    """The plan as it is, in the problem as it is: hours over which work rests do not make its end legal."""
    return _change(replace(remedy, shop=case.plain), end, 0, (), case.plan)


def _change(remedy: Remedy, end: int, gain: int, delayed: tuple[Delayed, ...], plan: Plan) -> Change:
    return Change(
        remedy.kind,
        remedy.operation,
        remedy.machine,
        remedy.window,
        remedy.sentence,
        end,
        gain,
        delayed,
        remedy.shop.problem,
        plan,
    )


def _tried(case: Case, remedy: Remedy, least: int) -> Change | None:
    """The change made and decoded; None when the order does not end before `least`, or no legal plan comes of it."""
    ways = []
    for times in _ways(case, remedy):
        ends = ends_of(remedy.shop, times)
        if ends[case.order] < least:
            ways.append((int(ends[case.order]), times, ends))
    for end, times, ends in sorted(ways, key=lambda way: way[0]):
        plan = remedy.shop.plan(times)
        if not violations(remedy.shop.problem, plan):
            return _change(remedy, end, least - end, _delayed(case, ends), plan)
    return None


def _ways(case: Case, remedy: Remedy) -> Iterator[Times]:
    """Its own operations into gaps as early as they can, on the machines that they have and on whichever is best."""
    shop = remedy.shop
    times = shop.times(case.plan)
    own = np.array(sorted(at for at in case.own if shop.a.state[at] == FREE), np.int64)
    if remedy.reopens:
        before, times = times, shifted(shop, times)
        others = np.setdiff1d(np.arange(len(times.start)), own)
        if (before.start != times.start)[others].any() or (before.machine != times.machine)[others].any():
            return
    for forced in (times.option, np.full(len(times.option), -1, np.int64)):
        found = _put(shop, times, own, np.array(remedy.behind, np.int64), forced)
        if found is not None:
            yield found


def _put(shop: Shop, times: Times, own: Ints, behind: Ints, forced: Ints) -> Times | None:
    """Own operations first, then those that go behind, not before they began and where they were; others stay."""
    a, out = shop.a, np.concatenate([own, behind])
    bare, count = times.copy(), len(times.start)
    bare.machine[out] = -1
    sequence = by_time(shop, times.start)
    first, then = (sequence[np.isin(sequence, one)] for one in (own, behind))
    forced, floor = forced.copy(), np.zeros(count, np.int64)
    forced[behind], floor[behind] = times.option[behind], times.start[behind]
    found, lanes = placed(shop, bare, lambda: lanes_of(a, bare), np.concatenate([first, then]), forced, floor)
    if not fits(found):
        return None
    set_up(shop, lanes, found, np.concatenate([times.machine[out], found.machine[out]]))
    return found


def _delayed(case: Case, ends: Ints) -> tuple[Delayed, ...]:
    """The other orders that end later than they did, the latest first."""
    mine = {int(case.shop.a.order[at]) for at in case.own}
    old, orders = ends_of(case.plain, case.times), case.shop.problem.orders
    found = []
    for at in sorted(set(np.flatnonzero(ends > old).tolist()) - mine):
        due, end = orders[at].due_min, int(ends[at])
        found.append(Delayed(orders[at].id, int(old[at]), end, 0 if due is None else max(0, end - due)))
    return tuple(sorted(found, key=lambda one: (-one.late_min, str(one.order))))


def _trimmed(case: Case, remedy: Remedy, change: Change, least: int) -> Change:
    """Overtime for no longer than it is used: from the end of a shift on, or up to the begin of the next."""
    if remedy.kind != "overtime":
        return change
    (low, high), at = remedy.window, case.shop.operation_at[remedy.operation]
    used = []
    for one in case.own:
        place = change.plan[case.shop.operations[one].id]
        begin = place.start if place.setup_start is None else place.setup_start
        if place.machine == remedy.machine and begin < high and place.end > low:
            used.append((max(low, begin), min(high, place.end)))
    if not used:
        return change
    worked = sum(end - begin for begin, end in used)
    window = (high - worked, high) if remedy.ahead else (low, max(end for _, end in used))
    shorter = longer(case, at, window, remedy.ahead) if window != remedy.window else None
    found = None if shorter is None else _tried(case, shorter, least)
    return change if found is None else found
