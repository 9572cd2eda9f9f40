"""Local search behind a valid plan: move operations, time what the move touches, keep what is better or nearly so.

The budget is counted in moves, so that the same seed gives the same plan on any machine.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aps.engine.arrays import FREE, PINNED, Arrays, Shop, Times, shop_of
from aps.engine.compiled import NEVER, Ints, apart, inner, jit
from aps.engine.crew import enter, leave, regroup
from aps.engine.decode import by_time, decode, fill_setups
from aps.engine.dice import patience, trust
from aps.engine.lanes import Lanes, lanes_of
from aps.engine.neighbourhood import propose
from aps.engine.net import LATEST, OVERLAPS, Net, net_of
from aps.engine.objective import MACHINE as MOVED_TO
from aps.engine.objective import STABLE_FOR, span_of, total
from aps.engine.picking import AT, INTO, LOW, MACHINE, OPTION, SIZE, Draft, draft_for, note_late
from aps.engine.problem import Plan, Problem
from aps.engine.retime import forget, link, raise_floor, settle, unlink
from aps.engine.wake import BLOCK, COST, ENDED, HEAPED, LOGGED, RAISED, push

Progress = Callable[[int, int], None]
Cancelled = Callable[[], bool]
NOW, LEAST, UNSAVED, KEPT = range(4)
CHUNK = 2000
"""Moves between two looks at `cancelled`; some 50 ms."""
WARMTH = 30
"""One part in so many of the points per operation is how much worse a move may be on average at the beginning."""
RELIST = 512
"""After so many moves the late orders are listed anew."""


def improve(
    problem: Problem,
    plan: Plan,
    *,
    moves: int,
    seed: int = 1,
    published: Plan | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Plan:
    """A plan that is never worse than `plan`, after at most `moves` moves.

    `published` is the plan against which stability counts. `progress` gets (moves so far, best objective) and
    `cancelled` is asked about every 50 ms. Deterministic for the same problem, plan, seed and moves.
    """
    shop = shop_of(problem, published)
    return shop.plan(searched(shop, shop.times(plan), moves, seed, progress, cancelled))


def searched(
    shop: Shop,
    times: Times,
    moves: int,
    seed: int,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Times:
    """Improve in arrays; returns `times` itself when nothing better was found."""
    if moves <= 0 or not (shop.a.state == FREE).any():
        return times
    climb, done = Climb(shop, times, seed), 0
    begin = total(shop, times)
    while done < moves and not (cancelled is not None and cancelled()):
        step = min(CHUNK, moves - done)
        climb.go(step, climb.least // (WARMTH * len(shop.a.state)) * (moves - done) // moves)
        done += step
        if progress is not None:
            progress(done, min(begin, climb.least))
    return climb.best() if climb.least < begin else times


def floors(shop: Shop, times: Times) -> Ints:
    """When each operation may start at the earliest, as long as it is not moved itself.

    What is published for the next hours is not pulled earlier, nor is work that another must follow within some time.
    """
    a = shop.a
    soon = (a.base_machine >= 0) & (a.base_start < a.now + a.weights[STABLE_FOR])
    floor = np.where(soon, np.minimum(a.base_start, times.start), 0)
    if shop.is_tied:
        held = a.before[a.before_most < NEVER]
        floor[held] = times.start[held]
    return floor


class Climb:
    """A search that stands on a plan, and the best plan it has seen."""

    def __init__(self, shop: Shop, times: Times, seed: int, mine: Ints | None = None) -> None:
        """`mine` is 1 for machines on which it may change anything (default: all)."""
        a = shop.a
        count = len(a.state)
        floor = floors(shop, times)
        self.shop, self.floor = shop, floor
        self.times = decode(shop, by_time(shop, times.start), times.option, floor, np.zeros(count, np.int64))
        is_full = bool((a.capacity > 1).any() or (a.option_run == 0).any()) or a.units > 0 or shop.is_tied
        self.is_exact = not is_full and not bool((a.state == PINNED).any())
        if not self.is_exact and total(shop, self.times) > total(shop, times):
            self.times = times.copy()
        cost = total(shop, self.times)
        self.net, self.lanes = net_of(shop, self.times, floor, cost)
        self.draft = draft_for(a, self.times, shop.topological, seed, mine)
        self.marks = np.array([cost, cost, 0, 0], np.int64)
        self.found = self.state()

    @property
    def least(self) -> int:
        """The points of the best plan seen."""
        return int(self.marks[LEAST])

    @property
    def now(self) -> int:
        """The points of the plan on which it stands."""
        return int(self.marks[NOW])

    def go(self, moves: int, heat: int) -> None:
        """Make so many moves; `heat` is by how many points on average a move may be worse than the one before."""
        explore(self.shop.a, self.times, self.net, self.lanes, self.draft, self.found, self.marks, moves, heat)

    def best(self) -> Times:
        """The best plan seen as the decoder times it, or as it stands where that is better.

        The decoder may fill batches, go around pins, share people and order what starts together differently.
        """
        a = self.shop.a
        start, option, floor, end, setup = self.state() if self.marks[UNSAVED] == 1 else self.found
        decoded = decode(self.shop, by_time(self.shop, start), option.copy(), floor, np.zeros(len(start), np.int64))
        if self.is_exact:
            return decoded
        machine = np.where(option >= 0, a.option_machine[option], self.times.machine)
        found = Times(machine.astype(np.int64), option, start, end, setup, start.copy())
        fill_setups(a, lanes_of(a, found), found)
        return min(found, decoded, key=lambda one: total(self.shop, one))

    def state(self) -> Ints:
        """Start, option, floor, end and setup of each operation now."""
        now = self.times
        return np.stack([now.start, now.option, self.net.floor, now.end, now.setup])


@jit
def explore(
    a: Arrays,
    times: Times,
    net: Net,
    lanes: Lanes,
    draft: Draft,
    found: Ints,
    marks: Ints,
    moves: int,
    heat: int,
) -> None:
    """Make `moves` moves. marks: points now, the least so far, whether that plan is not in `found` yet, moves kept.

    `found` are start, option, floor, end and setup of the best plan; it is written when the search leaves that plan.
    """
    for number in range(moves):
        if number % RELIST == 0:
            note_late(a, net, draft)
        if not propose(a, times, net, lanes, draft):
            continue
        limit = marks[NOW] + patience(draft.dice, heat)
        points = net.tally[COST]
        old_option = times.option[draft.block[0]]
        old_ahead = net.ahead[draft.block[0]]
        shift(a, times, net, lanes, draft)
        fits = settle(a, times, net, limit, trust(draft.dice))
        cost = net.tally[COST] + span_of(a, net.ends)
        if fits and cost <= limit:
            if cost >= marks[LEAST] and marks[UNSAVED] == 1:
                save(times, net, draft, old_option, found)
                marks[UNSAVED] = 0
            elif cost < marks[LEAST]:
                marks[LEAST] = cost
                marks[UNSAVED] = 1
            marks[NOW] = cost
            marks[KEPT] += 1
            reseat(lanes, draft, a.option_machine[old_option])
            net.tally[HEAPED], net.tally[LOGGED], net.tally[ENDED], net.tally[RAISED] = 0, 0, 0, 0
        else:
            forget(net, times, points)
            shift_back(a, times, net, draft, old_option, old_ahead)


@inner
def shift(a: Arrays, times: Times, net: Net, lanes: Lanes, draft: Draft) -> None:
    """Move the block in the chains of its machines and its people and let all that it touches be timed."""
    size, machine, option, into = draft.to[SIZE], draft.to[MACHINE], draft.to[OPTION], draft.to[INTO]
    first, last = draft.block[0], draft.block[size - 1]
    for at in range(size):
        raise_floor(net, draft.block[at], 0)
        push(net.wake, a.state, draft.block[at], BLOCK * draft.to[LOW] + at + 1, True)
    is_far = len(a.travel) + net.has[OVERLAPS] > 0 and option != times.option[first]
    for k in range(net.first_after[first], net.first_after[first + 1] if is_far else 0):
        push(net.wake, a.state, net.lead[net.after[k]], BLOCK * times.start[net.after[k]], True)
    before = lanes.sequence[machine, into - 1] if into > 0 else -1
    for step in range(2):
        push(net.wake, a.state, net.behind[last], BLOCK * times.start[net.behind[last]], True)
        if step == 0:
            unlink(net, a.option_machine[times.option[first]], first, last)
            link(net, machine, first, last, before)
    if net.has[LATEST] == 1:
        let_start(a, times, net, draft)
    base = a.base_machine[first]
    if base >= 0:
        net.tally[COST] += a.weights[MOVED_TO] * (int(machine != base) - int(times.machine[first] != base))
    if a.units > 0:
        regroup(net.crew, net.wake, times, a.state, draft.block, size, option, draft.to[LOW])
    times.option[first], times.machine[first] = option, machine


@apart
def let_start(a: Arrays, times: Times, net: Net, draft: Draft) -> None:
    """What was held back for the sake of the block need not wait for where the block was."""
    for at in range(draft.to[SIZE]):
        for k in range(a.first_before[draft.block[at]], a.first_before[draft.block[at] + 1]):
            before = a.before[k]
            if a.before_most[k] < NEVER and net.floor[before] > 0 and a.base_machine[before] < 0:
                raise_floor(net, before, 0 if a.state[before] == FREE else net.floor[before])
                push(net.wake, a.state, net.lead[before], BLOCK * times.start[net.lead[before]], True)


@inner
def shift_back(a: Arrays, times: Times, net: Net, draft: Draft, option: int, before: int) -> None:
    """Put the block back behind `before`, the first of it on its old option."""
    size = draft.to[SIZE]
    first, last = draft.block[0], draft.block[size - 1]
    machine = a.option_machine[option]
    unlink(net, draft.to[MACHINE], first, last)
    link(net, machine, first, last, before)
    if a.units > 0:
        leave(net.crew, times.option, draft.block, size, net.crew.new)
    times.option[first], times.machine[first] = option, machine
    if a.units > 0:
        enter(net.crew, times.option, draft.block, size, net.crew.old)


@inner
def save(times: Times, net: Net, draft: Draft, option: int, found: Ints) -> None:
    """Write the plan as it was before the move into `found`."""
    for operation in range(len(net.floor)):
        found[0, operation] = times.start[operation]
        found[1, operation] = times.option[operation]
        found[2, operation] = net.floor[operation]
        found[3, operation] = times.end[operation]
        found[4, operation] = times.setup[operation]
    for at in range(net.tally[LOGGED] - 1, -1, -1):
        operation = net.logged[at]
        found[0, operation], found[3, operation] = net.old_start[at], net.old_end[at]
        found[4, operation] = net.old_setup[at]
    for at in range(net.tally[RAISED] - 1, -1, -1):
        found[2, net.raised[at]] = net.old_floor[at]
    found[1, draft.block[0]] = option


@inner
def reseat(lanes: Lanes, draft: Draft, machine: int) -> None:
    """Write the move into the lanes: out of `machine`, into the one it went to."""
    size, here, into, there = draft.to[SIZE], draft.to[AT], draft.to[INTO], draft.to[MACHINE]
    row = lanes.sequence[machine]
    lanes.used[machine] -= size
    for k in range(here, lanes.used[machine]):
        row[k] = row[k + size]
    if machine == there and into > here:
        into -= size
    row = lanes.sequence[there]
    for k in range(lanes.used[there] - 1, into - 1, -1):
        row[k + size] = row[k]
    for at in range(size):
        row[into + at] = draft.block[at]
    lanes.used[there] += size
