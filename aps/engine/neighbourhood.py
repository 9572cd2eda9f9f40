"""What the search tries next with an operation: another machine, another place, alone or with its family."""

from __future__ import annotations

from aps.engine.arrays import FREE, Arrays, Times
from aps.engine.compiled import NEVER, Ints, apart, inner
from aps.engine.crew import overtaken
from aps.engine.dice import hops, throw
from aps.engine.lanes import Lanes
from aps.engine.net import Net
from aps.engine.picking import AT, INTO, LOW, MACHINE, OPTION, SIZE, Draft, arrived, pick

NEAR = 60
"""Positions around an operation in which others of its family are looked for."""


@inner
def spot(start: Ints, lane: Ints, low: int, high: int, t: int) -> int:
    """The first position from `low` on of a lane `high` long whose operation starts at or after `t`."""
    while low < high:
        middle = (low + high) // 2
        if start[lane[middle]] >= t:
            high = middle
        else:
            low = middle + 1
    return low


@inner
def ready_before(a: Arrays, times: Times, operation: int) -> int:
    """When material and predecessors let the operation start."""
    ready: int = max(a.now, a.release[operation])
    for k in range(a.first_before[operation], a.first_before[operation + 1]):
        ready = max(ready, arrived(a, times, k))
    return ready


@inner
def earlier(a: Arrays, times: Times, net: Net, lanes: Lanes, draft: Draft, operation: int) -> None:
    """Ahead of some of those on its machine that it need not wait for."""
    machine, here = draft.to[MACHINE], draft.to[AT]
    first = max(
        net.begun[machine],
        spot(
            times.start,
            lanes.sequence[machine],
            net.begun[machine],
            lanes.used[machine],
            ready_before(a, times, operation),
        )
        - 1,
    )
    if first < here:
        draft.to[INTO] = here - hops(draft.dice, here - first)


@inner
def later(net: Net, lanes: Lanes, draft: Draft) -> None:
    """Behind some of those that follow it on its machine."""
    machine, here = draft.to[MACHINE], draft.to[AT]
    most = min(lanes.used[machine] - here - 1, 24)
    if most > 0:
        draft.to[INTO] = here + 1 + hops(draft.dice, most)


@inner
def beside(a: Arrays, net: Net, lanes: Lanes, draft: Draft, family: int, here: int) -> int:
    """The position next to the nearest run of the family, on a thrown side of `here`; -1 when there is none near."""
    machine = draft.to[MACHINE]
    if throw(draft.dice, 3) > 0:
        for at in range(here - 1, max(net.begun[machine], here - NEAR) - 1, -1):
            if a.family[lanes.sequence[machine, at]] == family:
                return at + 1
    else:
        for at in range(here, min(lanes.used[machine], here + NEAR)):
            if a.family[lanes.sequence[machine, at]] == family:
                return at
    return -1


@inner
def elsewhere(a: Arrays, times: Times, net: Net, lanes: Lanes, draft: Draft, operation: int) -> None:
    """On another machine: around the time when it is ready, or at its old time, or next to its family there."""
    choices = a.first_option[operation + 1] - a.first_option[operation]
    option = a.first_option[operation] + throw(draft.dice, choices)
    machine = a.option_machine[option]
    if option == times.option[operation] or a.capacity[machine] > 1:
        return
    draft.to[OPTION], draft.to[MACHINE] = option, machine
    first = spot(
        times.start, lanes.sequence[machine], net.begun[machine], lanes.used[machine], ready_before(a, times, operation)
    )
    here = spot(times.start, lanes.sequence[machine], net.begun[machine], lanes.used[machine], times.start[operation])
    into = here
    if throw(draft.dice, 2) == 0 and first < here:
        into = here - hops(draft.dice, here - first + 1)
    if throw(draft.dice, 2) == 0 and a.family[operation] > 0:
        near = beside(a, net, lanes, draft, a.family[operation], into)
        if near >= 0:
            into = near
    draft.to[INTO] = max(net.begun[machine], into)


@inner
def is_of(a: Arrays, operation: int, family: int) -> bool:
    """Whether the operation is of the family and may be moved."""
    free: bool = a.family[operation] == family and a.state[operation] == FREE
    return free


@inner
def run_of(a: Arrays, net: Net, lanes: Lanes, draft: Draft) -> tuple[int, int]:
    """First and last position of the run of its family in which the operation stands."""
    machine, here = draft.to[MACHINE], draft.to[AT]
    family = a.family[lanes.sequence[machine, here]]
    first, last = here, here
    if family > 0:
        while first > max(net.begun[machine], here - 30) and is_of(a, lanes.sequence[machine, first - 1], family):
            first -= 1
        while last + 1 < min(lanes.used[machine], here + 30) and is_of(a, lanes.sequence[machine, last + 1], family):
            last += 1
    return first, last


@inner
def take(times: Times, lanes: Lanes, draft: Draft, first: int, last: int) -> None:
    """The block is what stands from `first` to `last` on the machine."""
    for at in range(first, last + 1):
        draft.block[at - first] = lanes.sequence[draft.to[MACHINE], at]
    draft.to[SIZE], draft.to[OPTION] = last - first + 1, times.option[draft.block[0]]
    draft.to[AT] = first


@inner
def grouped(a: Arrays, times: Times, net: Net, lanes: Lanes, draft: Draft, operation: int) -> None:
    """Alone, or with the rest of its run, next to another run of its family."""
    first, last = run_of(a, net, lanes, draft)
    here, family = draft.to[AT], a.family[operation]
    thrown = throw(draft.dice, 3)
    if thrown == 0:
        take(times, lanes, draft, here, last)
    elif thrown == 1:
        take(times, lanes, draft, first, last)
    machine = draft.to[MACHINE]
    if throw(draft.dice, 3) > 0:
        for at in range(first - 1, max(net.begun[machine], first - NEAR) - 1, -1):
            if a.family[lanes.sequence[machine, at]] == family:
                draft.to[INTO] = at + 1
                return
    else:
        for at in range(last + 1, min(lanes.used[machine], last + NEAR)):
            if a.family[lanes.sequence[machine, at]] == family:
                draft.to[INTO] = at
                return


@inner
def swapped(a: Arrays, times: Times, net: Net, lanes: Lanes, draft: Draft) -> None:
    """The whole run, or what follows in it, ahead of the run before it."""
    machine, here = draft.to[MACHINE], draft.to[AT]
    first, last = run_of(a, net, lanes, draft)
    if throw(draft.dice, 2) == 0:
        first = here
    into = first
    for _ in range(1 + throw(draft.dice, 3)):
        if into <= net.begun[machine]:
            break
        into -= 1
        family = a.family[lanes.sequence[machine, into]]
        while into > net.begun[machine] and family > 0 and a.family[lanes.sequence[machine, into - 1]] == family:
            into -= 1
    take(times, lanes, draft, first, last)
    draft.to[INTO] = into


@inner
def propose(a: Arrays, times: Times, net: Net, lanes: Lanes, draft: Draft) -> bool:
    """Draft a move; False when it is none or might end in a circle. Batches stay as the rules have filled them."""
    operation = pick(a, times, net, draft)
    option = times.option[operation]
    machine = times.machine[operation]
    if a.state[operation] != FREE or a.capacity[machine] > 1 or draft.mine[machine] == 0:
        return False
    here = spot(times.start, lanes.sequence[machine], net.begun[machine], lanes.used[machine], times.start[operation])
    while lanes.sequence[machine, here] != operation:
        here += 1
    draft.block[0] = operation
    draft.to[SIZE], draft.to[OPTION], draft.to[MACHINE] = 1, option, machine
    draft.to[AT] = draft.to[INTO] = here
    thrown = throw(draft.dice, 100)
    if thrown < 25:
        elsewhere(a, times, net, lanes, draft, operation)
    elif thrown < 45 and a.family[operation] > 0:
        grouped(a, times, net, lanes, draft, operation)
    elif thrown < 60 and a.family[operation] > 0:
        swapped(a, times, net, lanes, draft)
    elif a.units > 0 and thrown < 75:
        return is_clear(a, times, net, lanes, draft)
    elif thrown < 90:
        earlier(a, times, net, lanes, draft, operation)
    else:
        later(net, lanes, draft)
    return is_clear(a, times, net, lanes, draft)


@inner
def is_clear(a: Arrays, times: Times, net: Net, lanes: Lanes, draft: Draft) -> bool:
    """Whether the move moves something, and all that must stay ahead of it starts before all that must stay behind.

    Then old starts, and times between the two for the block, are keys that grow along every path: no circle. On the
    rings of its people the block goes in between, whoever is there.
    """
    machine, first, size, behind = draft.to[MACHINE], draft.block[0], draft.to[SIZE], draft.to[INTO]
    if machine == a.option_machine[times.option[first]] and draft.to[AT] <= behind <= draft.to[AT] + size:
        if a.units == 0 or a.first_held[draft.to[OPTION]] == a.first_held[draft.to[OPTION] + 1]:
            return False
        draft.to[INTO] = draft.to[AT]
        behind = draft.to[AT] + size
    low, high = limits(a, times, net, draft)
    if draft.to[INTO] > 0:
        low = max(low, times.start[lanes.sequence[machine, draft.to[INTO] - 1]])
    if behind < lanes.used[machine]:
        high = min(high, times.start[lanes.sequence[machine, behind]])
    if a.units > 0 and low < high:
        low = between(a, times, net, lanes, draft, low, high)
    draft.to[LOW] = low
    return low < high


@inner
def limits(a: Arrays, times: Times, net: Net, draft: Draft) -> tuple[int, int]:
    """The latest start of what the block waits for, and the earliest of what waits for it."""
    low, high = -NEVER, NEVER
    for at in range(draft.to[SIZE]):
        operation = draft.block[at]
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            low = max(low, times.start[a.before[k]])
        for k in range(net.first_after[operation], net.first_after[operation + 1]):
            high = min(high, times.start[net.after[k]])
    return low, high


@apart
def between(a: Arrays, times: Times, net: Net, lanes: Lanes, draft: Draft, low: int, high: int) -> int:
    """A time from `low` on and before `high`: on the rings of its people the block goes behind what starts until then.

    In place: ahead of some whom it waits for. Else at `low`, when it might start, or between the two.
    """
    machine, into, first = draft.to[MACHINE], draft.to[INTO], draft.block[0]
    low = max(low, a.now - 1)
    thrown = throw(draft.dice, 3)
    about = low
    if draft.to[AT] == into and draft.to[OPTION] == times.option[first]:
        about = overtaken(net.crew, times, first, hops(draft.dice, 6)) - 1
    elif thrown > 0:
        about = ready_before(a, times, first)
        if into > 0:
            about = max(about, times.end[lanes.sequence[machine, into - 1]])
        if thrown == 2 and about > low:
            about = low + throw(draft.dice, about - low + 1)
    return min(max(low, about), high - 1)
