"""A plan that is changed move by move: only what a move touches is timed anew, and it can be taken back.

The decoder stays the only source of truth about time: what stands here equals `decode.retime` after every move.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aps.engine.arrays import FREE, PINNED, STARTED, Arrays, Shop, Times
from aps.engine.calendar import add_work, place
from aps.engine.compiled import NEVER, Ints, inner, jit
from aps.engine.decode import ready_at
from aps.engine.lanes import Lanes, arrival, lanes_of, setup_before
from aps.engine.objective import MAKESPAN, delivered, own_points, saved_points
from aps.engine.precedence import followers

HEAPED, LOGGED, ENDED, FALLS, COST = range(5)
BLOCK = 64
"""Operations that one move may take along."""


class Wake(NamedTuple):
    """What is to be timed anew: a heap of operations by key; `queued` is 1, or 2 when it may become earlier."""

    heap: Ints
    key: Ints
    queued: Ints
    tally: Ints


class Net(NamedTuple):
    """A plan as a graph: who waits for whom, and who is `ahead` and `behind` on the machine, -1 nobody.

    `front` is the first on each machine, `begun` counts the started there, who are done at `begun_until`. Of a batch
    only the leader stands on the machine; `lead` is each one's leader and `mate` the next behind it. `floor` is when
    each may start at the earliest; `ends` are those of the work of each order, `of` the operations by order. What the
    last move has timed stands in the log: `logged` with old start, end and setup, and `turned` orders with their old
    ends. `tally` counts heap, log, turned orders and those that may become earlier, and holds the points without the
    makespan.
    """

    first_after: Ints
    after: Ints
    first_of: Ints
    of: Ints
    ahead: Ints
    behind: Ints
    front: Ints
    begun: Ints
    begun_until: Ints
    lead: Ints
    mate: Ints
    floor: Ints
    ends: Ints
    wake: Wake
    logged: Ints
    old_start: Ints
    old_end: Ints
    old_setup: Ints
    turned: Ints
    old_ends: Ints
    tally: Ints


def can_retime(shop: Shop) -> bool:
    """Whether moves can be timed one by one here; if not, the whole plan is decoded after each move.

    Pins cannot (an appended operation goes ahead of a pin or behind it, as it fits), nor can people and tools that
    several machines share, transfer batches, and latest starts.
    """
    a = shop.a
    tied = shop.is_tied or bool((a.before_first >= 0).any())
    return not (tied or a.units > 0 or bool((a.state == PINNED).any()))


def in_batches(a: Arrays, times: Times, lanes: Lanes) -> tuple[Ints, Ints]:
    """The leader of each operation's batch (itself when it is alone), and who is next in the batch, -1 nobody."""
    lead, mate = np.arange(len(a.state)), np.full(len(a.state), -1, np.int64)
    leaders: dict[tuple[int, int], int] = {}
    for machine in np.flatnonzero(a.capacity > 1).tolist():
        for leader in lanes.sequence[machine, : lanes.used[machine]].tolist():
            if a.state[leader] == FREE:
                leaders[machine, int(times.start[leader])] = leader
    for operation in np.flatnonzero((a.state == FREE) & (a.capacity[times.machine] > 1)).tolist():
        leader = leaders[int(times.machine[operation]), int(times.start[operation])]
        if leader != operation:
            lead[operation], mate[operation], mate[leader] = leader, mate[leader], operation
    return lead.astype(np.int64), mate


def net_of(shop: Shop, times: Times, floor: Ints, cost: int) -> tuple[Net, Lanes]:
    """The graph of a plan that the decoder made with `floor`, and its points."""
    a = shop.a
    ends = np.full(len(a.due), -1, np.int64)
    np.maximum.at(ends, a.order, times.end)
    count, lanes = len(a.state), lanes_of(a, times)
    ahead, behind = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    front = np.full(len(a.machine_family), -1, np.int64)
    for machine, used in enumerate(lanes.used.tolist()):
        lane = lanes.sequence[machine, :used]
        ahead[lane[1:]], behind[lane[:-1]] = lane[:-1], lane[1:]
        front[machine] = lane[0] if used else -1
    first_after, after = followers(a.first_before, a.before)
    own = np.argsort(a.order, kind="stable").astype(np.int64)
    started = (a.state == STARTED) & (times.machine >= 0)
    zero = np.zeros(count, np.int64)
    begun_until = np.full(len(a.machine_family), a.now, np.int64)
    np.maximum.at(begun_until, times.machine[started], times.end[started])
    lead, mate = in_batches(a, times, lanes)
    tally = np.array([0, 0, 0, 0, 0], np.int64)
    net = Net(
        first_after=first_after,
        after=after,
        first_of=np.concatenate([[0], np.cumsum(np.bincount(a.order, minlength=len(a.due)))]).astype(np.int64),
        of=own,
        ahead=ahead,
        behind=behind,
        front=front,
        begun=np.bincount(times.machine[started], minlength=len(a.machine_family)).astype(np.int64),
        begun_until=begun_until,
        lead=lead,
        mate=mate,
        floor=floor.copy(),
        ends=ends,
        wake=Wake(zero, zero.copy(), zero.copy(), tally),
        logged=zero.copy(),
        old_start=zero.copy(),
        old_end=zero.copy(),
        old_setup=zero.copy(),
        turned=zero.copy(),
        old_ends=zero.copy(),
        tally=tally,
    )
    tally[COST] = cost - span_of(a, ends)
    return net, lanes


@inner
def push(wake: Wake, state: Ints, operation: int, key: int, falls: bool) -> None:
    """Let the operation be timed anew, those with the smallest key first."""
    if operation < 0 or state[operation] != FREE:
        return
    if falls and wake.queued[operation] != 2:
        wake.tally[FALLS] += 1
    if wake.queued[operation] > 0:
        if falls:
            wake.queued[operation] = 2
        return
    wake.queued[operation] = 2 if falls else 1
    wake.key[operation] = key
    at = wake.tally[HEAPED]
    wake.tally[HEAPED] += 1
    while at > 0:
        parent = (at - 1) // 2
        other = wake.heap[parent]
        if wake.key[other] <= key:
            break
        wake.heap[at] = other
        at = parent
    wake.heap[at] = operation


@inner
def pop(wake: Wake) -> int:
    """Take the operation with the smallest key off."""
    first: int = wake.heap[0]
    if wake.queued[first] == 2:
        wake.tally[FALLS] -= 1
    wake.queued[first] = 0
    wake.tally[HEAPED] -= 1
    length = wake.tally[HEAPED]
    one = wake.heap[length]
    at, child = 0, 1
    while child < length:
        if child + 1 < length and wake.key[wake.heap[child + 1]] < wake.key[wake.heap[child]]:
            child += 1
        other = wake.heap[child]
        if wake.key[one] <= wake.key[other]:
            break
        wake.heap[at] = other
        at = child
        child = 2 * at + 1
    wake.heap[at] = one
    return first


@inner
def settle(a: Arrays, times: Times, net: Net, limit: int, trust: int) -> bool:
    """Time what waits, in the order of the keys; False when it costs more than `limit` or does not fit.

    The keys are old starts, which every precedence and every machine respects: nothing is timed twice. Once nothing
    can become earlier any more the points can only rise, so it ends as soon as they are above the limit; with things
    that may still become earlier it ends after `trust` changed operations.
    """
    while net.tally[HEAPED] > 0:
        if (net.tally[FALLS] == 0 or net.tally[LOGGED] >= trust) and net.tally[COST] > limit:
            return False
        if not timed(a, times, net, pop(net.wake)):
            return False
    return True


@inner
def ready_together(a: Arrays, times: Times, net: Net, operation: int, machine: int) -> int:
    """When the whole batch that the operation leads may start on the machine."""
    ready: int = max(a.now, net.begun_until[machine])
    while operation >= 0:
        ready = max(ready, ready_at(a, times, operation), net.floor[operation])
        if len(a.travel) > 0:
            ready = max(ready, arrival(a, times, operation, machine))
        operation = net.mate[operation]
    return ready


@inner
def timed(a: Arrays, times: Times, net: Net, operation: int) -> bool:
    """Time one operation and its batch behind what they wait for; wake those behind. False: it fits nowhere."""
    option, last = times.option[operation], net.ahead[operation]
    machine = a.option_machine[option]
    ready = ready_together(a, times, net, operation, machine)
    free = max(a.now, net.begun_until[machine])
    if last >= 0:
        free = max(free, times.end[last])
    setup = setup_before(a, machine, last, operation, option)
    if setup > 0:
        row = a.option_setting[option]
        free = add_work(a.starts[row], a.ends[row], a.windows[row], free, setup)
    row = a.option_calendar[option]
    whole = a.splittable[operation]
    start, end = place(a.starts[row], a.ends[row], a.windows[row], max(free, ready), a.option_run[option], whole)
    if end >= NEVER:
        return False
    while operation >= 0:
        spread(a, times, net, operation, start, end, setup)
        operation, setup = net.mate[operation], 0
    return True


@inner
def spread(a: Arrays, times: Times, net: Net, operation: int, start: int, end: int, setup: int) -> None:
    """Write the times of one operation and wake those behind it when its end moves."""
    old = times.end[operation]
    if start != times.start[operation] or end != old or setup != times.setup[operation]:
        note(a, times, net, operation, start, end, setup)
    if end == old:
        return
    turn(a, times, net, a.order[operation], old, end)
    for k in range(net.first_after[operation] - 1, net.first_after[operation + 1]):
        follower = net.lead[net.after[k]] if k >= net.first_after[operation] else net.behind[operation]
        push(net.wake, a.state, follower, BLOCK * times.start[follower], end < old)


@inner
def note(a: Arrays, times: Times, net: Net, operation: int, start: int, end: int, setup: int) -> None:
    """Write new times, the old ones into the log."""
    at = net.tally[LOGGED]
    net.tally[LOGGED] += 1
    net.logged[at] = operation
    net.old_start[at], net.old_end[at] = times.start[operation], times.end[operation]
    net.old_setup[at] = times.setup[operation]
    net.tally[COST] -= own_points(a, times, operation)
    times.start[operation], times.end[operation], times.setup[operation] = start, end, setup
    net.tally[COST] += own_points(a, times, operation)


@inner
def turn(a: Arrays, times: Times, net: Net, order: int, old: int, end: int) -> None:
    """Follow the end of one of its operations with the end of the order's work."""
    before = net.ends[order]
    latest = max(before, end)
    if end < old and old == before:
        latest = -1
        for k in range(net.first_of[order], net.first_of[order + 1]):
            latest = max(latest, times.end[net.of[k]])
    if latest != before:
        at = net.tally[ENDED]
        net.tally[ENDED] += 1
        net.turned[at], net.old_ends[at] = order, before
        net.ends[order] = latest
        net.tally[COST] += saved_points(a, order, latest, before)


@inner
def unlink(net: Net, machine: int, first: int, last: int) -> None:
    """Take the operations from `first` to `last` out of their machine's chain."""
    before, next_one = net.ahead[first], net.behind[last]
    if before >= 0:
        net.behind[before] = next_one
    else:
        net.front[machine] = next_one
    if next_one >= 0:
        net.ahead[next_one] = before


@inner
def link(net: Net, machine: int, first: int, last: int, before: int) -> None:
    """Put the operations from `first` to `last` behind `before` (-1: at the front) on the machine."""
    next_one = net.behind[before] if before >= 0 else net.front[machine]
    net.ahead[first], net.behind[last] = before, next_one
    if before >= 0:
        net.behind[before] = first
    else:
        net.front[machine] = first
    if next_one >= 0:
        net.ahead[next_one] = last


@inner
def forget(net: Net, times: Times, cost: int) -> None:
    """Take back all times since the last move that was kept; `cost` were the points then."""
    for at in range(net.tally[HEAPED]):
        net.wake.queued[net.wake.heap[at]] = 0
    for at in range(net.tally[LOGGED]):
        operation = net.logged[at]
        times.start[operation], times.end[operation] = net.old_start[at], net.old_end[at]
        times.setup[operation] = net.old_setup[at]
    for at in range(net.tally[ENDED] - 1, -1, -1):
        net.ends[net.turned[at]] = net.old_ends[at]
    net.tally[:COST] = 0
    net.tally[COST] = cost


@jit
def span_of(a: Arrays, ends: Ints) -> int:
    """The points of the makespan when the work of the orders ends so."""
    if a.weights[MAKESPAN] == 0:
        return 0
    last = a.now
    for order in range(len(ends)):
        if ends[order] >= 0:
            last = max(last, delivered(a, order, ends[order]))
    return int(a.weights[MAKESPAN] * (last - a.now))
