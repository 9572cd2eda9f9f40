"""A plan as a graph, in which a move changes a few links: what the search stands on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aps.engine.arrays import PINNED, STARTED, Arrays, Shop, Times
from aps.engine.compiled import NEVER, Ints, jit
from aps.engine.crew import Crew, crew_of
from aps.engine.decode import ready_at
from aps.engine.lanes import Lanes, lanes_of
from aps.engine.objective import span_of
from aps.engine.precedence import followers
from aps.engine.wake import BLOCK, COST, Wake

OVERLAPS, LATEST = range(2)


class Net(NamedTuple):
    """Who waits for whom, and who is `ahead` and `behind` on the machine, -1 nobody; people and tools in `crew`.

    `after` are the followers of each operation and `arc` the rows of those links. `front` is the first on each machine,
    `begun` counts the started there, who are done at `begun_until`. Of a batch only the leader stands on the machine;
    `lead` is each one's leader and `mate` the next behind it. `floor` is when each may start at the earliest, `strict`
    1 for a pin that only material and predecessors may delay. `ends` are those of the work of each order, `of` the
    operations by order. `has` says whether there are OVERLAPS and LATEST starts.

    What the last move has timed stands in the log: `logged` with old start, end and setup, `turned` orders with their
    old ends, `raised` operations with their old floors. `tally` counts heap, log, turned orders, raised floors and what
    may become earlier, and holds the points without the makespan.
    """

    first_after: Ints
    after: Ints
    arc: Ints
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
    strict: Ints
    ends: Ints
    has: Ints
    crew: Crew
    wake: Wake
    logged: Ints
    old_start: Ints
    old_end: Ints
    old_setup: Ints
    turned: Ints
    old_ends: Ints
    raised: Ints
    old_floor: Ints
    tally: Ints


def in_batches(a: Arrays, times: Times, lanes: Lanes) -> tuple[Ints, Ints]:
    """The leader of each operation's batch (itself when it is alone), and who is next in the batch, -1 nobody."""
    lead, mate = np.arange(len(a.state)), np.full(len(a.state), -1, np.int64)
    leaders: dict[tuple[int, int], int] = {}
    for machine in np.flatnonzero(a.capacity > 1).tolist():
        for leader in lanes.sequence[machine, : lanes.used[machine]].tolist():
            if a.state[leader] <= PINNED:
                leaders[machine, int(times.start[leader])] = leader
    for operation in np.flatnonzero((a.state <= PINNED) & (a.capacity[times.machine] > 1)).tolist():
        leader = leaders[int(times.machine[operation]), int(times.start[operation])]
        if leader != operation:
            lead[operation], mate[operation], mate[leader] = leader, mate[leader], operation
    return lead.astype(np.int64), mate


@jit
def mark_strict(a: Arrays, times: Times, strict: Ints) -> None:
    """Mark the pins that must hold from now on: all but those that stand late though predecessors let them start."""
    for pin in range(len(strict)):
        if a.state[pin] == PINNED:
            late = times.start[pin] > a.fixed_start[pin]
            strict[pin] = 0 if late and ready_at(a, times, pin) <= a.fixed_start[pin] else 1


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
    first_after, after, arc = followers(a.first_before, a.before)
    started = (a.state == STARTED) & (times.machine >= 0)
    begun_until = np.full(len(a.machine_family), a.now, np.int64)
    np.maximum.at(begun_until, times.machine[started], times.end[started])
    lead, mate = in_batches(a, times, lanes)
    tally = np.zeros(6, np.int64)
    tally[COST] = cost - span_of(a, ends)
    room = 2 * count + BLOCK
    strict = np.zeros(count, np.int64)
    mark_strict(a, times, strict)
    net = Net(
        first_after=first_after,
        after=after,
        arc=arc,
        first_of=np.concatenate([[0], np.cumsum(np.bincount(a.order, minlength=len(a.due)))]).astype(np.int64),
        of=np.argsort(a.order, kind="stable").astype(np.int64),
        ahead=ahead,
        behind=behind,
        front=front,
        begun=np.bincount(times.machine[started], minlength=len(a.machine_family)).astype(np.int64),
        begun_until=begun_until,
        lead=lead,
        mate=mate,
        floor=np.where(a.state == PINNED, np.maximum(floor, a.fixed_start), floor),
        strict=strict,
        ends=ends,
        has=np.array([(a.before_first >= 0).any(), (a.before_most < NEVER).any()], np.int64),
        crew=crew_of(a, times, lead),
        wake=Wake(np.zeros(count, np.int64), np.zeros(count, np.int64), np.zeros(count, np.int64), tally),
        logged=np.zeros(room, np.int64),
        old_start=np.zeros(room, np.int64),
        old_end=np.zeros(room, np.int64),
        old_setup=np.zeros(room, np.int64),
        turned=np.zeros(room, np.int64),
        old_ends=np.zeros(room, np.int64),
        raised=np.zeros(room, np.int64),
        old_floor=np.zeros(room, np.int64),
        tally=tally,
    )
    return net, lanes
