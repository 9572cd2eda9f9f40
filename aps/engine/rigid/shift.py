"""Moving one operation to another place: lanes, topological order, heads and tails, only where they change."""

from __future__ import annotations

from aps.engine.compiled import inner
from aps.engine.rigid.net import Net, Selection
from aps.engine.rigid.timing import mark, push_heads, push_tails


@inner
def take(net: Net, s: Selection, operation: int) -> None:
    """Close the gap that the operation leaves on its machine."""
    machine = s.machine[operation]
    s.used[machine] -= 1
    end = net.first_lane[machine] + s.used[machine]
    for k in range(s.at[operation], end):
        s.lane[k] = s.lane[k + 1]
        s.at[s.lane[k]] = k
    s.lane[end] = -1


@inner
def give(net: Net, s: Selection, operation: int, option: int, spot: int) -> None:
    """Put the operation, which is on no machine, at a place of the option's lane."""
    machine = net.option_machine[option]
    for k in range(net.first_lane[machine] + s.used[machine], spot, -1):
        s.lane[k] = s.lane[k - 1]
        s.at[s.lane[k]] = k
    s.used[machine] += 1
    s.lane[spot] = operation
    s.at[operation] = spot
    s.option[operation], s.machine[operation] = option, machine
    s.run[operation] = net.option_run[option]


@inner
def waits_for_marked(net: Net, s: Selection, operation: int) -> int:
    """Whether a marked operation is right before it, on its machine or by an arc."""
    up = s.lane[s.at[operation] - 1]
    if up >= 0 and s.dirty[up] == 1:
        return 1
    for arc in range(net.first_before[operation], net.first_before[operation + 1]):
        if s.dirty[net.before[arc]] == 1:
            return 1
    return 0


@inner
def has_marked_behind(net: Net, s: Selection, operation: int) -> int:
    """Whether a marked operation is right behind it, on its machine or by an arc."""
    down = s.lane[s.at[operation] + 1]
    if down >= 0 and s.dirty[down] == 1:
        return 1
    for arc in range(net.first_behind[operation], net.first_behind[operation + 1]):
        if s.dirty[net.behind[arc]] == 1:
            return 1
    return 0


@inner
def later(net: Net, s: Selection, operation: int, goal: int) -> bool:
    """Bring the operation and all that follows it behind `goal` in the topological order; False when goal follows it.

    Pearce and Kelly (2006), on the stretch between the two only.
    """
    low, high = s.place[operation], s.place[goal]
    s.dirty[operation] = 1
    for k in range(low + 1, high + 1):
        other = s.topo[k]
        s.dirty[other] = waits_for_marked(net, s, other)
    legal: bool = s.dirty[goal] == 0
    count = 0
    for k in range(low, high + 1):
        other = s.topo[k]
        if s.dirty[other] == 1:
            s.dirty[other] = 0
            s.held[count] = other
            count += 1
        elif legal:
            s.topo[k - count], s.place[other] = other, k - count
    for k in range(count if legal else 0):
        other = s.held[k]
        s.topo[high + 1 - count + k], s.place[other] = other, high + 1 - count + k
    return legal


@inner
def sooner(net: Net, s: Selection, operation: int, goal: int) -> bool:
    """As `later`: the operation and all that it follows before `goal`."""
    low, high = s.place[goal], s.place[operation]
    s.dirty[operation] = 1
    for k in range(high - 1, low - 1, -1):
        other = s.topo[k]
        s.dirty[other] = has_marked_behind(net, s, other)
    legal: bool = s.dirty[goal] == 0
    count = 0
    for k in range(high, low - 1, -1):
        other = s.topo[k]
        if s.dirty[other] == 1:
            s.dirty[other] = 0
            s.held[count] = other
            count += 1
        elif legal:
            s.topo[k + count], s.place[other] = other, k + count
    for k in range(count if legal else 0):
        other = s.held[k]
        s.topo[low - 1 + count - k], s.place[other] = other, low - 1 + count - k
    return legal


@inner
def shift(net: Net, s: Selection, operation: int, option: int, spot: int) -> bool:
    """Move the operation to `spot` of the option's lane (counted without it); False, and stay, if that is a circle."""
    old, home = s.option[operation], s.at[operation]
    left, right = s.lane[home - 1], s.lane[home + 1]
    take(net, s, operation)
    give(net, s, operation, option, spot)
    up, down = s.lane[spot - 1], s.lane[spot + 1]
    legal = True
    if up >= 0 and s.place[up] > s.place[operation]:
        legal = later(net, s, operation, up)
    elif down >= 0 and s.place[down] < s.place[operation]:
        legal = sooner(net, s, operation, down)
    if not legal:
        take(net, s, operation)
        give(net, s, operation, old, home)
        return False
    retime(net, s, operation, left, right)
    return True


@inner
def retime(net: Net, s: Selection, operation: int, left: int, right: int) -> None:
    """Heads and tails after a move away from between `left` and `right`."""
    down, up = s.lane[s.at[operation] + 1], s.lane[s.at[operation] - 1]
    s.head[operation] = -1
    first = s.place[operation]
    if right >= 0:
        first = min(first, s.place[right])
    push_heads(net, s, first, mark(s, operation) + mark(s, right) + mark(s, down))
    s.tail[operation] = -1
    last = s.place[operation]
    if left >= 0:
        last = max(last, s.place[left])
    push_tails(net, s, last, mark(s, operation) + mark(s, left) + mark(s, up))
