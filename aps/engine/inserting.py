"""Putting new work into a plan in arrays: into gaps, into the slack of others, or before everybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from aps.engine.arrays import DONE, Shop, Times
from aps.engine.compiled import NEVER, Ints
from aps.engine.decode import MENDS, by_time, decode, fill_setups, fill_setups_of, mend, serial, torn
from aps.engine.gaps import Guests, guests_of, least_ends
from aps.engine.lanes import Lanes, lanes_of
from aps.engine.objective import delivery_of, ends_of, work_by
from aps.engine.slack import all_latest, slack_of, squeeze_in

STEPS = (1, 2, 3)
"""Quarters of the way from as early as possible to nobody moved, at which people's plans are tried."""


@dataclass(frozen=True)
class Asked:
    """A question in arrays: the joined shop, how many operations it had `before`, and the plan without the new ones.

    `ends` are the ends of the orders of the plan, `lanes` its lanes with `room` on each machine.
    """

    shop: Shop
    before: int
    times: Times
    ends: Ints
    lanes: Lanes
    room: int

    @property
    def order(self) -> int:
        """The new order: the last one."""
        return len(self.shop.a.due) - 1

    @cached_property
    def news(self) -> Ints:
        """The new operations, those with the longest work behind them first, so predecessors first."""
        return by_tail(self.shop, self.before)

    @cached_property
    def relaxed(self) -> tuple[Guests, Ints]:
        """The new operations one by one: the earliest ends that gaps allow."""
        guests = guests_of(self.shop, self.before)
        return guests, least_ends(self.shop, guests, self.lanes, self.times, self.news)

    def released(self) -> Asked:
        """The same question if all material of the new operations were there."""
        release = self.shop.a.release.copy()
        release[self.before :] = 0
        found = replace(self, shop=replace(self.shop, a=self.shop.a._replace(release=release)))
        vars(found)["news"] = self.news
        return found

    def filled(self) -> Lanes:
        """The lanes of the plan, to be filled with new operations."""
        a, more = self.shop.a, len(self.times.start) - self.before
        if more > self.room or a.units > 0:
            return lanes_of(a, self.times, more)
        copied = Lanes(*(column.copy() for column in self.lanes))
        load = np.concatenate([copied.load, np.zeros(more, np.int64)]) if len(copied.load) else copied.load
        return copied._replace(load=load)


def fits(times: Times) -> bool:
    """Whether everything has a place."""
    return bool((times.machine >= 0).all() and (times.end < NEVER).all())


def into_gaps(asked: Asked) -> tuple[Times, Lanes]:
    """Each new operation into the earliest gap, the others where they are; the lanes with all of them."""
    return _put(asked, asked.news, *_anywhere(asked))


def end_in_gaps(asked: Asked) -> int:
    """When the new order would end so; NEVER when it fits nowhere."""
    times, _ = placed(asked.shop, asked.times, asked.filled, asked.news, *_anywhere(asked))
    return int(ends_of(asked.shop, times)[-1]) if fits(times) else NEVER


def _anywhere(asked: Asked) -> tuple[Ints, Ints]:
    """On any machine, from any time on."""
    count = len(asked.times.start)
    return np.full(count, -1, np.int64), np.zeros(count, np.int64)


def _put(asked: Asked, sequence: Ints, forced: Ints, floor: Ints) -> tuple[Times, Lanes]:
    times, lanes = placed(asked.shop, asked.times, asked.filled, sequence, forced, floor)
    on = times.machine[sequence]
    set_up(asked.shop, lanes, times, on[on >= 0])
    return times, lanes


def placed(
    shop: Shop, stand: Times, filled: Callable[[], Lanes], sequence: Ints, forced: Ints, floor: Ints
) -> tuple[Times, Lanes]:
    """The operations of `sequence`, predecessors first, one by one into gaps between those that stand in `filled`.

    Work whose follower would start too late behind it is held back, MENDS times at most; if that does not help, nothing
    is placed. Setups are left to `set_up`.
    """
    gaps, others = np.ones(len(floor), np.int64), np.ones(len(floor), bool)
    others[sequence] = False
    for _ in range(MENDS if shop.is_tied else 1):
        times, lanes = stand.copy(), filled()
        serial(shop.a, lanes, times, sequence, forced, floor, gaps)
        if not shop.is_tied or mend(shop.a, times, floor) == 0 or floor[others].any():
            break
    if shop.is_tied and torn(shop.a, times) > 0:
        times.machine[sequence] = -1
    return times, lanes


def set_up(shop: Shop, lanes: Lanes, times: Times, machines: Ints) -> None:
    """The setups on these machines."""
    for machine in np.unique(machines).tolist():
        fill_setups_of(shop.a, lanes, times, machine, machine + 1)


def bound(asked: Asked) -> int:
    """No answer that moves nobody lets the order end earlier."""
    _, heads = asked.relaxed
    return int(ends_of(asked.shop, asked.times._replace(end=heads, machine=np.abs(asked.times.machine)))[-1])


def proved(asked: Asked, end: int, effort: float) -> tuple[int, tuple[Times, Lanes] | None]:
    """What no answer that moves nobody can beat, `end` at most, and a better one than `end` if there is any."""
    from aps.engine import proof

    shop, (guests, heads) = asked.shop, asked.relaxed
    target = work_by(shop, asked.order, end - 1)
    try:
        question = proof.Question(shop, guests, asked.lanes, asked.times, asked.news, heads, asked.order, target)
    except proof.TooWideError:
        return bound(asked), None
    least, answer = question.solve(effort)
    least = delivery_of(shop, asked.order, least) if least <= target else end
    if answer is None:
        return least, None
    forced, floor = np.full(len(heads), -1, np.int64), np.zeros(len(heads), np.int64)
    for at, (start, option) in answer.items():
        forced[at], floor[at] = option, start
    rank = {at: place for place, at in enumerate(asked.news.tolist())}
    sequence = np.array(sorted(answer, key=lambda at: (answer[at][0], rank[at])), np.int64)
    times, lanes = _put(asked, sequence, forced, floor)
    if fits(times) and int(ends_of(shop, times)[-1]) < end:
        return least, (times, lanes)
    return least, None


def pushed(asked: Asked) -> Times:
    """The new operations first, the others as they were or as little later as they must."""
    return _behind(asked, np.zeros(len(asked.times.start), np.int64))


def _behind(asked: Asked, floor: Ints) -> Times:
    """The new operations not before their `floor`, ahead of all that starts later; the others as little later as they
    must.
    """
    shop, times = asked.shop, asked.times
    known = times.machine >= 0
    sequence = by_time(shop, np.where(known, np.maximum(times.start, 0) * 2 + 1, floor * 2))
    if not floor.any():
        old = by_time(shop, np.where(known, times.start, NEVER))
        sequence = np.concatenate([asked.news, old[old < asked.before]])
    return decode(shop, sequence, times.option, np.where(known, times.start, floor), np.ones(len(floor), np.int64))


def deadlines(asked: Asked) -> Ints:
    """By when each order of the plan must be done so that it is not late, or not later than it is; NEVER for others."""
    a, known = asked.shop.a, len(asked.ends)
    found = np.full(len(a.due), NEVER, np.int64)
    found[:known] = np.where(a.due[:known] < NEVER, np.maximum(a.due[:known], asked.ends), NEVER)
    return found


def harms(asked: Asked, times: Times) -> bool:
    """Whether an order of the plan is late because of the new one, or later than it was."""
    return bool((ends_of(asked.shop, times) > deadlines(asked)).any())


def into_slack(asked: Asked, until: int | None = None) -> Times | None:
    """The new operations as early as nobody becomes late, or later; None when they do not fit so, or not by `until`."""
    shop, times, lanes = asked.shop, asked.times.copy(), asked.filled()
    if bool((shop.a.option_run == 0).any()):
        return None
    due = deadlines(asked)
    for order in np.flatnonzero(due < NEVER).tolist():
        due[order] = work_by(shop, order, int(due[order]))
    slack = slack_of(shop, due)
    known = np.flatnonzero((times.machine >= 0) & (shop.a.state != DONE))
    backwards = known[np.lexsort((times.end[known], times.start[known]))][::-1].copy()
    all_latest(shop.a, lanes, times, slack, backwards)
    latest = NEVER if until is None else until
    if squeeze_in(shop.a, lanes, times, slack, asked.news, latest) < len(asked.news):
        return None
    fill_setups(shop.a, lanes, times)
    return times if fits(times) and torn(shop.a, times) == 0 and not harms(asked, times) else None


def harmless(asked: Asked, pushed: Times, until: int | None) -> Times | None:
    """The new order as early as nobody becomes late, or later: before everybody else if that harms nobody, else within
    the slack of others, or between where people and tools are shared. None when it would not be done by `until`.
    """
    if fits(pushed) and not harms(asked, pushed):
        return pushed
    return _between(asked, pushed) if asked.shop.a.units > 0 else into_slack(asked, until)


def _between(asked: Asked, pushed: Times) -> Times | None:
    """A few ways between as early as possible and nobody moved."""
    gap, _ = into_gaps(asked)
    if not (fits(pushed) and fits(gap)):
        return None
    way = np.maximum(0, gap.start - pushed.start)
    for quarter in STEPS:
        floor = np.where(asked.times.machine >= 0, 0, pushed.start + way * quarter // 4)
        found = _behind(asked, floor)
        if fits(found) and not harms(asked, found):
            return found
    return None


def by_tail(shop: Shop, first: int) -> Ints:
    """The joined operations, from `first` on: those with the longest work behind them first, so predecessors first."""
    a = shop.a
    tail = dict.fromkeys(range(first, len(a.state)), 0)
    for at in shop.topological[first:][::-1].tolist():
        tail[at] += _shortest(a.option_run[a.first_option[at] : a.first_option[at + 1]].tolist())
        for k in range(a.first_before[at], a.first_before[at + 1]):
            before = int(a.before[k])
            if before >= first:
                tail[before] = max(tail[before], tail[at] + int(a.before_lag[k]))
    return np.array(sorted(tail, key=lambda at: (-tail[at], at)), np.int64)


def _shortest(minutes: Iterable[int]) -> int:
    return min(minutes, default=1)
