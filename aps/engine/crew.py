"""People and tools as chains: who is ahead and behind at each of them, so that a move touches only its neighbours."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aps.engine.arrays import PINNED, STARTED, Arrays, Times
from aps.engine.compiled import NEVER, Ints, apart
from aps.engine.wake import BLOCK, Wake, push


class Crew(NamedTuple):
    """What each resource does, in the order of its starts: a ring of nodes that begins and ends at the resource itself.

    The operation `o` holds the resource number `k` of its mode at the node `o * width + k`; behind all of those,
    from `home` on, comes a node per resource. A setup holds whoever sets up before the start, a run holds the others
    from start to end. Where there is no setup the setter's node holds nobody; it only keeps its place: nothing on the
    ring starts before what is ahead of it. `until`: when started work lets go. `old` and `new` are scratch: behind
    whom the nodes were before the move, and behind whom they go. The other columns are those of the arrays.
    """

    width: int
    home: int
    ahead: Ints
    behind: Ints
    until: Ints
    old: Ints
    new: Ints
    first_held: Ints
    held: Ints
    held_setup: Ints


def crew_of(a: Arrays, times: Times, lead: Ints) -> Crew:
    """The rings of a plan; of a batch only the leader holds anybody."""
    width = int(np.diff(a.first_held).max(initial=0)) if a.units else 0
    home = len(a.state) * width
    nodes = home + a.units
    ahead, behind = np.full(nodes, -1, np.int64), np.full(nodes, -1, np.int64)
    until = np.full(a.units, a.now, np.int64)
    rings: list[list[tuple[int, int, int, int, int]]] = [[] for _ in range(a.units)]
    for at in np.flatnonzero(a.state == STARTED).tolist() if a.units else ():
        for unit in a.fixed_held[a.first_fixed[at] : a.first_fixed[at + 1]].tolist():
            until[unit] = max(until[unit], times.end[at])
    for at in np.flatnonzero((a.state <= PINNED) & (lead == np.arange(len(lead)))).tolist() if a.units else ():
        first, option = int(a.first_held[times.option[at]]), times.option[at]
        for k in range(first, int(a.first_held[option + 1])):
            start, end, is_setup = int(times.start[at]), int(times.end[at]), int(a.held_setup[k])
            begin = int(times.begin[at]) if times.setup[at] > 0 else start
            span = (start, start, begin) if is_setup else (start, end, start)
            rings[int(a.held[k])].append((*span, -is_setup, at * width + k - first))
    for unit, ring in enumerate(rings):
        chain = [home + unit, *(row[-1] for row in sorted(ring)), home + unit]
        ahead[chain[1:]], behind[chain[:-1]] = chain[:-1], chain[1:]
    old = np.zeros(BLOCK * width, np.int64)
    return Crew(width, home, ahead, behind, until, old, old.copy(), a.first_held, a.held, a.held_setup)


@apart
def holds(crew: Crew, times: Times, node: int) -> bool:
    """Whether the node holds its resource: a setter's does not where there is no setup."""
    operation = node // crew.width
    is_setup = crew.held_setup[crew.first_held[times.option[operation]] + node % crew.width]
    held: bool = is_setup == 0 or times.setup[operation] > 0
    return held


@apart
def holder(crew: Crew, times: Times, operation: int, node: int) -> int:
    """The node ahead of the operation's `node` that last held the resource; one from `home` on when nobody did."""
    other = crew.ahead[node]
    while other < crew.home and (other // crew.width == operation or not holds(crew, times, other)):
        other = crew.ahead[other]
    return int(other)


@apart
def let_go(crew: Crew, times: Times, node: int) -> int:
    """When the node lets its resource go: a setup at the start, a run at the end."""
    if node >= crew.home:
        return int(crew.until[node - crew.home])
    operation = node // crew.width
    if crew.held_setup[crew.first_held[times.option[operation]] + node % crew.width] == 1:
        return int(times.start[operation])
    return int(times.end[operation])


@apart
def awaited(crew: Crew, times: Times, operation: int) -> tuple[int, int]:
    """When those whom the run needs are free and what is ahead has started; and when who sets up is free."""
    run, setup = 0, 0
    first = crew.first_held[times.option[operation]]
    for k in range(first, crew.first_held[times.option[operation] + 1]):
        node = operation * crew.width + k - first
        other = crew.ahead[node]
        if other < crew.home and other // crew.width != operation:
            run = max(run, times.start[other // crew.width])
        free = let_go(crew, times, holder(crew, times, operation, node))
        if crew.held_setup[k] == 1:
            setup = max(setup, free)
        else:
            run = max(run, free)
    return int(run), int(setup)


@apart
def awaits(crew: Crew, times: Times, operation: int) -> int:
    """The operation that lets go last of somebody whom this one needs, -1 nobody."""
    found, latest = -1, -NEVER
    first = crew.first_held[times.option[operation]]
    for k in range(first, crew.first_held[times.option[operation] + 1]):
        if crew.held_setup[k] == 1 and times.setup[operation] == 0:
            continue
        other = holder(crew, times, operation, operation * crew.width + k - first)
        free = let_go(crew, times, other)
        if other < crew.home and free > latest:
            found, latest = other // crew.width, free
    return int(found)


@apart
def overtaken(crew: Crew, times: Times, operation: int, count: int) -> int:
    """When the operation starts that is so many ahead of this one on the ring of whom it waits for; -NEVER beyond."""
    found, latest = -1, -NEVER
    first = crew.first_held[times.option[operation]]
    for k in range(first, crew.first_held[times.option[operation] + 1]):
        node = operation * crew.width + k - first
        free = let_go(crew, times, holder(crew, times, operation, node))
        if free > latest:
            found, latest = node, free
    for _ in range(count):
        found = crew.ahead[found]
        while found < crew.home and found // crew.width == operation:
            found = crew.ahead[found]
        if found >= crew.home:
            return -NEVER
    return int(times.start[found // crew.width])


@apart
def wake_crew(crew: Crew, wake: Wake, times: Times, state: Ints, operation: int, falls: bool) -> None:
    """Let be timed anew whatever waits for the operation's people: on each ring up to the next that holds."""
    first = crew.first_held[times.option[operation]]
    for k in range(first, crew.first_held[times.option[operation] + 1]):
        node = crew.behind[operation * crew.width + k - first]
        while node < crew.home:
            other = node // crew.width
            if other != operation:
                push(wake, state, other, BLOCK * times.start[other], falls)
                if holds(crew, times, node):
                    break
            node = crew.behind[node]


@apart
def leave(crew: Crew, option: Ints, block: Ints, size: int, old: Ints) -> None:
    """Take the block off its rings, and note in `old` behind whom it was."""
    for at in range(size):
        first = crew.first_held[option[block[at]]]
        for slot in range(crew.first_held[option[block[at]] + 1] - first - 1, -1, -1):
            node = block[at] * crew.width + slot
            old[at * crew.width + slot] = crew.ahead[node]
            crew.behind[crew.ahead[node]] = crew.behind[node]
            crew.ahead[crew.behind[node]] = crew.ahead[node]


@apart
def seek(crew: Crew, times: Times, block: Ints, size: int, t: int, new: Ints) -> None:
    """Write behind whom the block goes on the rings of its modes: behind all that starts at `t` or before."""
    for at in range(size):
        first = crew.first_held[times.option[block[at]]]
        for k in range(first, crew.first_held[times.option[block[at]] + 1]):
            before = crew.home + crew.held[k]
            after = crew.behind[before]
            while after < crew.home and times.start[after // crew.width] <= t:
                before, after = after, crew.behind[after]
            new[at * crew.width + k - first] = before


@apart
def enter(crew: Crew, option: Ints, block: Ints, size: int, new: Ints) -> None:
    """Put the block on its rings, each node behind the one in `new`, in the opposite order of `leave`.

    So it takes back what `leave` did; of what goes behind the same node the block keeps its order, and a setup, which
    is the last of its mode, is ahead of its own run.
    """
    for at in range(size - 1, -1, -1):
        first = crew.first_held[option[block[at]]]
        for slot in range(crew.first_held[option[block[at]] + 1] - first):
            node, before = block[at] * crew.width + slot, new[at * crew.width + slot]
            crew.ahead[node], crew.behind[node] = before, crew.behind[before]
            crew.ahead[crew.behind[before]] = node
            crew.behind[before] = node


@apart
def regroup(crew: Crew, wake: Wake, times: Times, state: Ints, block: Ints, size: int, option: int, t: int) -> None:
    """Move the block on the rings of its people to behind all that starts at `t` or before, its first to a new mode.

    Whoever waits there, before and after, is timed anew.
    """
    for at in range(size):
        wake_crew(crew, wake, times, state, block[at], True)
    leave(crew, times.option, block, size, crew.old)
    old = times.option[block[0]]
    times.option[block[0]] = option
    seek(crew, times, block, size, t, crew.new)
    enter(crew, times.option, block, size, crew.new)
    for at in range(size):
        wake_crew(crew, wake, times, state, block[at], True)
    times.option[block[0]] = old
