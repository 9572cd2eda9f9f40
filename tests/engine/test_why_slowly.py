"""What each wait says about a plan, worked out again from the problem's own words, minute by minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
import pytest

from aps.engine.explain import Link
from aps.engine.explain import chain as reasons
from aps.engine.portfolio import plan as planned
from aps.engine.problem import Id, Machine, Operation, Plan, Problem, State, Window
from tests.engine.rich import rich_factory
from tests.engine.shops import random_factory

Minutes = npt.NDArray[np.bool_]
FIXED = {State.STARTED: "started", State.DONE: "done", State.PINNED: "pinned"}


class Slow:
    """A plan as minutes: who works when, and what would have let an operation start when."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        """Open every machine and everybody until well behind the plan."""
        self.problem, self.plan = problem, plan
        self.by_id = {one.id: one for one in problem.operations}
        self.machines = {one.id: one for one in problem.machines}
        self.last = max(place.end for place in plan.values()) + 10_000
        self.open = {one.id: self.minutes(one.windows, one.holes) for one in problem.machines}
        self.there = {one.id: self.minutes(one.windows, one.holes) for one in problem.resources}

    def minutes(self, windows: Iterable[Window], holes: Iterable[Window] = ()) -> Minutes:
        """The open minutes."""
        found = np.zeros(self.last, np.bool_)
        for start, end in windows:
            found[start:end] = True
        for start, end in holes:
            found[max(0, start) : max(0, end)] = False
        return found

    def people(self, one: Operation) -> list[Id]:
        """Who is at its run."""
        return list(self.plan[one.id].resources[: len(one.needs)])

    def run(self, one: Operation) -> int:
        """Its minutes on its machine."""
        return next(option.run_min for option in one.options if option.machine == self.plan[one.id].machine)

    def first(self, one: Operation, t: int, machine: Minutes | None = None, alone: bool = False) -> tuple[int, int]:
        """The first place from `t` on in the hours of its machine and, unless `alone`, its people."""
        hours = (self.open[self.plan[one.id].machine] if machine is None else machine).copy()
        for who in [] if alone else self.people(one):
            hours &= self.there[who]
        hours[:t] = False
        worked = np.flatnonzero(hours)
        run = self.run(one)
        if one.splittable:
            return int(worked[0]), int(worked[run - 1]) + 1
        whole = np.flatnonzero(worked[run - 1 :] - worked[: len(worked) - run + 1] == run - 1)
        start = int(worked[whole[0]])
        return start, start + run

    def way(self, before: Id, one: Operation) -> int:
        """Minutes between the sites of the two."""
        sites = [self.machines[self.plan[key].machine].site for key in (before, one.id)]
        return self.problem.transports.get((sites[0], sites[1]), 0)

    def lets(self, one: Operation, before: Id, lag: int) -> int:
        """When a predecessor lets it start."""
        there = self.plan[before].end
        if before in one.overlaps:
            first, batch = self.by_id[before], one.overlaps[before].first_min
            hours = self.open[self.plan[before].machine].copy()
            for who in self.people(first) if first.state is not State.STARTED else []:
                hours &= self.there[who]
            hours[: max(0, self.plan[before].start)] = False
            worked = np.flatnonzero(hours)
            there = min(there, int(worked[batch - 1]) + 1 if batch else int(worked[0]))
        return there + lag + self.way(before, one)

    def ready(self, one: Operation) -> int:
        """When all of its predecessors let it start."""
        return max([self.problem.now_min, *(self.lets(one, *before) for before in one.predecessors)])

    def ahead(self, one: Operation) -> list[Id]:
        """What its machine does before it."""
        mine = self.plan[one.id]
        others = ((key, place) for key, place in self.plan.items() if self.by_id[key].state is not State.DONE)
        return [key for key, place in others if place.machine == mine.machine and place.start < mine.start]

    def busy(self, who: Id, start: int, end: int, but: Id) -> bool:
        """Whether somebody is at something else in [start, end)."""
        rows = [place for key, place in self.plan.items() if key != but and who in place.resources]
        begins = [place.start if place.setup_start is None else place.setup_start for place in rows]
        return any(begin < end and place.end > start for begin, place in zip(begins, rows, strict=True))


def machine_of(slow: Slow, one: Operation) -> Machine:
    return slow.machines[slow.plan[one.id].machine]


def material(slow: Slow, one: Operation, link: Link) -> bool:
    """Its material comes behind everything before it, and it starts in the first hours from then on."""
    later = one.release_min > slow.ready(one) == link.since
    return later and slow.first(one, one.release_min)[0] == link.until


def machine(slow: Slow, one: Operation, link: Link) -> bool:
    """Whoever is named ends on the machine while it waits; a free machine would have let it start earlier."""
    begin = max(slow.ready(one), one.release_min)
    names = {slow.by_id[key].order for key in slow.ahead(one) if slow.plan[key].end > link.since}
    last = max(slow.ahead(one), key=lambda key: slow.plan[key].start)
    same = slow.plan[last].start == slow.plan[link.behind or ""].start
    return (
        link.since == begin
        and same
        and slow.first(one, begin)[0] < link.until
        and set(link.orders) <= names | {slow.by_id[last].order}
    )


def setup(slow: Slow, one: Operation, link: Link) -> bool:
    """Nothing is ahead of it, and it would start earlier if nothing had to be set up."""
    wanted = next(option.setup_min for option in one.options if option.machine == link.machine)
    return not slow.ahead(one) and wanted > 0 and slow.first(one, link.since)[0] < link.until


def predecessor(slow: Slow, one: Operation, link: Link) -> bool:
    """It starts when the one before it lets it."""
    return slow.lets(one, link.behind or "", dict(one.predecessors)[link.behind or ""]) == link.until == link.since


def transport(slow: Slow, one: Operation, link: Link) -> bool:
    """It starts when it has come from the other site."""
    before = link.behind or ""
    return slow.lets(one, before, dict(one.predecessors)[before]) == link.until and (
        slow.way(before, one) == link.wait_min > 0
    )


def person(slow: Slow, one: Operation, link: Link) -> bool:
    """At each earlier start somebody who is at it, or sets up for it, is busy elsewhere."""
    if " to set " in link.sentence:
        return setter(slow, one, link)
    for t in range(link.since, link.until):
        start, end = slow.first(one, t)
        if start == t and not any(slow.busy(who, start, end, one.id) for who in slow.people(one)):
            return False
    return link.behind is None or bool(set(slow.people(one)) & set(slow.plan[link.behind].resources))


def setter(slow: Slow, one: Operation, link: Link) -> bool:
    """Whoever sets up is busy when it would have to be set up for the earlier start."""
    place = slow.plan[one.id]
    who, begin = place.resources[-1], place.setup_start or 0
    hours = slow.open[place.machine] & slow.there[who]
    hours[link.since :] = False
    earlier = int(np.flatnonzero(hours)[-place.setup_min])
    return place.setup_min > 0 and slow.busy(who, earlier, begin, one.id)


def down(slow: Slow, one: Operation, link: Link) -> bool:
    """It starts as early as its machine lets it, and earlier if the machine had no holes."""
    whole = slow.minutes(machine_of(slow, one).windows)
    return slow.first(one, link.since, whole)[0] < link.until == slow.first(one, link.since)[0]


def absent(slow: Slow, one: Operation, link: Link) -> bool:
    """It starts as early as machine and people let it, and earlier if nobody were needed."""
    return slow.first(one, link.since, alone=True)[0] < link.until == slow.first(one, link.since)[0]


def shift(slow: Slow, one: Operation, link: Link) -> bool:
    """It starts in the first hours since it is ready, which would be no earlier without holes."""
    whole = slow.minutes(machine_of(slow, one).windows)
    since = max(slow.ready(one), one.release_min) == link.since < link.until
    return since and slow.first(one, link.since)[0] == slow.first(one, link.since, whole)[0] == link.until


def now(slow: Slow, one: Operation, link: Link) -> bool:
    """It starts now, or with its material at once behind what is before it."""
    return link.until == link.since == max(slow.problem.now_min, one.release_min)


def batch(slow: Slow, one: Operation, link: Link) -> bool:
    """Somebody starts with it in an oven."""
    mine, mate = slow.plan[one.id], slow.plan[link.behind or ""]
    return machine_of(slow, one).capacity > 1 and (mine.machine, mine.start) == (mate.machine, mate.start)


def overlap(slow: Slow, one: Operation, link: Link) -> bool:
    """From the earlier start it would end before the last batch of what it overlaps with."""
    before = link.behind or ""
    hours = slow.open[link.machine].copy()
    for who in slow.people(one):
        hours &= slow.there[who]
    end = slow.plan[before].end + dict(one.predecessors)[before] + slow.way(before, one)
    hours[:end] = False
    batch = one.overlaps[before].last_min
    least = int(np.flatnonzero(hours)[batch - 1]) + 1 if batch else end
    return slow.first(one, link.since)[1] < least <= slow.plan[one.id].end


def latest(slow: Slow, one: Operation, link: Link) -> bool:
    """From the earlier start its follower would begin too long behind it."""
    follower = slow.by_id[link.behind or ""]
    return slow.plan[follower.id].start > slow.first(one, link.since)[1] + follower.latest[one.id]


def kept(slow: Slow, one: Operation, link: Link) -> bool:
    """Everything but people who set up would have let it start earlier."""
    ahead = all(slow.plan[key].end <= link.since for key in slow.ahead(one))
    return ahead and max(slow.ready(one), one.release_min) <= link.since == slow.first(one, link.since)[0] < link.until


def fixed(slow: Slow, one: Operation, link: Link) -> bool:
    """The shop has decided it."""
    return FIXED[one.state] == link.kind


CHECKS: dict[str, Callable[[Slow, Operation, Link], bool]] = {
    "material": material,
    "machine": machine,
    "setup": setup,
    "predecessor": predecessor,
    "transport": transport,
    "person": person,
    "down": down,
    "absent": absent,
    "shift": shift,
    "now": now,
    "batch": batch,
    "overlap": overlap,
    "latest": latest,
    "kept": kept,
    "started": fixed,
    "done": fixed,
    "pinned": fixed,
}
ROOTS = CHECKS.keys() - {"machine", "predecessor", "transport", "batch", "overlap", "latest"}


def explained(problem: Problem) -> Counter[str]:
    """Check the whole chain of each operation; how many links of each kind there were."""
    slow = Slow(problem, planned(problem).plan)
    seen: Counter[str] = Counter()
    for one in problem.operations:
        found = reasons(problem, slow.plan, one.id)
        for link in found:
            seen[link.kind] += 1
            assert link.since <= link.until == slow.plan[link.operation].start
            assert CHECKS[link.kind](slow, slow.by_id[link.operation], link), link
        assert [link.behind for link in found[:-1]] == [link.operation for link in found[1:]]
        last, been = found[-1], {link.operation for link in found}
        assert (last.behind is None and last.kind in ROOTS) or last.behind in been or len(found) == 40
    return seen


@pytest.mark.parametrize("seed", range(12))
def test_each_wait_is_what_it_says(seed: int) -> None:
    """Shifts, holes, families, lags, releases, started and pinned work."""
    seen = explained(random_factory(seed))
    assert sum(seen.values()) > 20


@pytest.mark.parametrize("seed", range(12))
def test_each_wait_is_what_it_says_where_everything_is_shared(seed: int) -> None:
    """The same with people, setters, ovens, latest starts, transfer batches and sites."""
    seen = explained(rich_factory(seed))
    assert sum(seen.values()) > 10
