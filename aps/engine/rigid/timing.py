"""Heads and tails of a selection: from scratch, and only where a move has changed them."""

from __future__ import annotations

from aps.engine.compiled import Ints, inner, jit
from aps.engine.rigid.net import Net, Selection


@inner
def ready_of(net: Net, s: Selection, operation: int) -> int:
    """When material and predecessors let the operation start."""
    ready = net.release[operation]
    for k in range(net.first_before[operation], net.first_before[operation + 1]):
        before = net.before[k]
        ready = max(ready, s.head[before] + s.run[before] + net.before_lag[k])
    return int(ready)


@inner
def rest_of(net: Net, s: Selection, operation: int) -> int:
    """The longest way from the operation's end to the end of all through its followers."""
    rest = net.after[operation]
    for k in range(net.first_behind[operation], net.first_behind[operation + 1]):
        behind = net.behind[k]
        rest = max(rest, net.behind_lag[k] + s.run[behind] + s.tail[behind])
    return int(rest)


@jit
def build(net: Net, s: Selection, order: Ints, option: Ints) -> int:
    """Take over a plan given as options and an order in which no operation precedes what it waits for; its makespan."""
    s.used[:] = 0
    s.lane[:] = -1
    for k in range(len(order)):
        operation = order[k]
        s.topo[k], s.place[operation] = operation, k
        machine = net.option_machine[option[operation]]
        s.option[operation], s.machine[operation] = option[operation], machine
        s.run[operation] = net.option_run[option[operation]]
        s.at[operation] = net.first_lane[machine] + s.used[machine]
        s.lane[s.at[operation]] = operation
        s.used[machine] += 1
        s.ready[operation] = ready_of(net, s, operation)
        up = s.lane[s.at[operation] - 1]
        s.head[operation] = s.ready[operation]
        if up >= 0:
            s.head[operation] = max(s.ready[operation], s.head[up] + s.run[up])
    for k in range(len(order) - 1, -1, -1):
        operation = order[k]
        s.rest[operation] = rest_of(net, s, operation)
        down = s.lane[s.at[operation] + 1]
        s.tail[operation] = s.rest[operation]
        if down >= 0:
            s.tail[operation] = max(s.rest[operation], s.run[down] + s.tail[down])
    return longest(net, s)


@inner
def longest(net: Net, s: Selection) -> int:
    """The end of all."""
    length = 0
    for operation in range(len(s.head)):
        length = max(length, s.head[operation] + s.run[operation] + net.after[operation])
    return length


@inner
def mark(s: Selection, operation: int) -> int:
    """Note that the operation has to be timed again; 1 when that is new."""
    if operation < 0 or s.dirty[operation] == 1:
        return 0
    s.dirty[operation] = 1
    return 1


@inner
def push_heads(net: Net, s: Selection, k: int, left: int) -> None:
    """Time again the `left` marked operations from place k on, and whatever starts otherwise because of them."""
    while left > 0:
        operation = s.topo[k]
        k += 1
        if s.dirty[operation] == 0:
            continue
        s.dirty[operation] = 0
        left -= 1
        ready = ready_of(net, s, operation)
        s.ready[operation] = ready
        up = s.lane[s.at[operation] - 1]
        if up >= 0:
            ready = max(ready, s.head[up] + s.run[up])
        if ready != s.head[operation]:
            s.head[operation] = ready
            left += mark(s, s.lane[s.at[operation] + 1])
            for arc in range(net.first_behind[operation], net.first_behind[operation + 1]):
                left += mark(s, net.behind[arc])


@inner
def push_tails(net: Net, s: Selection, k: int, left: int) -> None:
    """As push_heads, against the arcs: from place k down."""
    while left > 0:
        operation = s.topo[k]
        k -= 1
        if s.dirty[operation] == 0:
            continue
        s.dirty[operation] = 0
        left -= 1
        rest = rest_of(net, s, operation)
        s.rest[operation] = rest
        down = s.lane[s.at[operation] + 1]
        if down >= 0:
            rest = max(rest, s.run[down] + s.tail[down])
        if rest != s.tail[operation]:
            s.tail[operation] = rest
            left += mark(s, s.lane[s.at[operation] - 1])
            for arc in range(net.first_before[operation], net.first_before[operation + 1]):
                left += mark(s, net.before[arc])
