"""The critical path and what a move off it would cost: fast estimates, exact along the operations that move."""

from __future__ import annotations

from aps.engine.compiled import Ints, inner
from aps.engine.dice import throw
from aps.engine.rigid.net import Net, Selection

TOO_LONG = 1 << 61
"""The cost of a move that is not worth adding up."""


@inner
def path_of(net: Net, s: Selection, length: int, dice: Ints) -> int:
    """Write one of the critical paths, chosen at random, from its end to its start; how many operations it has."""
    ties, operation = 0, -1
    for one in range(len(s.head)):
        if s.head[one] + s.run[one] + net.after[one] == length:
            ties += 1
            if ties == 1 or throw(dice, ties) == 0:
                operation = one
    count = 0
    while operation >= 0:
        s.path[count] = operation
        count += 1
        operation = critical_before(net, s, operation, dice)
    return count


@inner
def critical_before(net: Net, s: Selection, operation: int, dice: Ints) -> int:
    """One of those whose end lets the operation start when it does; -1 when its release does."""
    ties, found = 0, -1
    up = s.lane[s.at[operation] - 1]
    if up >= 0 and s.head[up] + s.run[up] == s.head[operation]:
        ties, found = 1, up
    for k in range(net.first_before[operation], net.first_before[operation + 1]):
        before = net.before[k]
        if before != up and s.head[before] + s.run[before] + net.before_lag[k] == s.head[operation]:
            ties += 1
            if ties == 1 or throw(dice, ties) == 0:
                found = before
    return found


@inner
def end_of(s: Selection, operation: int) -> int:
    """When it ends; 0 for nobody."""
    return int(s.head[operation] + s.run[operation]) if operation >= 0 else 0


@inner
def way_from(s: Selection, operation: int) -> int:
    """The longest way from its start to the end of all; 0 for nobody."""
    return int(s.run[operation] + s.tail[operation]) if operation >= 0 else 0


@inner
def behind_cost(s: Selection, i: int, j: int, limit: int) -> int:
    """The longest way through the operations in lane places i to j when the first goes behind the last.

    Balas and Vazacopoulos (1998). Gives up with TOO_LONG once it is more than `limit`.
    """
    first, end = s.lane[i], end_of(s, s.lane[i - 1])
    for k in range(i + 1, j + 1):
        one = s.lane[k]
        s.fore[k - i] = max(s.ready[one], end)
        end = s.fore[k - i] + s.run[one]
        if end + s.rest[one] > limit:
            return TOO_LONG
    to_end = s.run[first] + max(s.rest[first], way_from(s, s.lane[j + 1]))
    cost = max(s.ready[first], end) + to_end
    for k in range(j, i, -1):
        if cost > limit:
            return TOO_LONG
        one = s.lane[k]
        to_end = s.run[one] + max(s.rest[one], to_end)
        cost = max(cost, s.fore[k - i] + to_end)
    return int(cost)


@inner
def before_cost(s: Selection, i: int, j: int, limit: int) -> int:
    """As behind_cost when the last goes before the first."""
    last = s.lane[j]
    start = max(s.ready[last], end_of(s, s.lane[i - 1]))
    end = start + s.run[last]
    cost = end + s.rest[last]
    for k in range(i, j):
        if cost > limit:
            return TOO_LONG
        one = s.lane[k]
        s.fore[k - i] = max(s.ready[one], end)
        end = s.fore[k - i] + s.run[one]
        cost = max(cost, end + s.rest[one])
    to_end = way_from(s, s.lane[j + 1])
    for k in range(j - 1, i - 1, -1):
        one = s.lane[k]
        to_end = s.run[one] + max(s.rest[one], to_end)
        cost = max(cost, s.fore[k - i] + to_end)
    return int(max(cost, start + s.run[last] + to_end))


@inner
def first_late(s: Selection, low: int, high: int, ready: int) -> int:
    """The first lane place in [low, high) whose operation ends after `ready`; `high` when none does."""
    while low < high:
        middle = (low + high) // 2
        one = s.lane[middle]
        if s.head[one] + s.run[one] > ready:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def first_short(s: Selection, low: int, high: int, rest: int) -> int:
    """The first lane place in [low, high) whose operation has no longer way to the end than `rest`."""
    while low < high:
        middle = (low + high) // 2
        one = s.lane[middle]
        if s.run[one] + s.tail[one] <= rest:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def insertion(net: Net, s: Selection, operation: int, option: int, dice: Ints) -> tuple[int, int]:
    """The best place for the operation on another machine and the longest way through it there.

    Mastrolilli and Gambardella (2000): behind all that have a longer way to the end only, before all that end later
    only; there no circle can arise.
    """
    machine = net.option_machine[option]
    low = net.first_lane[machine]
    high = low + s.used[machine]
    late = first_late(s, low, high, s.ready[operation])
    short = first_short(s, low, high, s.rest[operation])
    run = net.option_run[option]
    if late >= short:
        return short + throw(dice, late - short + 1), s.ready[operation] + run + s.rest[operation]
    best, spot, ties = 1 << 60, late, 0
    for k in range(late, short + 1):
        start, rest = s.ready[operation], s.rest[operation]
        if k > low:
            up = s.lane[k - 1]
            start = max(start, s.head[up] + s.run[up])
        if k < high:
            down = s.lane[k]
            rest = max(rest, s.run[down] + s.tail[down])
        cost = start + run + rest
        ties = 1 if cost < best else ties + 1
        if cost < best or (cost == best and throw(dice, ties) == 0):
            best, spot = cost, k
    return spot, best
