"""A plan that is changed move by move: only what a move touches is timed anew, and it can be taken back.

After every move each operation stands as early as its machine, its people, what it waits for and its floor let it.
"""

from __future__ import annotations

from aps.engine.arrays import FREE, Arrays, Times
from aps.engine.calendar import add_work, back_work, place
from aps.engine.compiled import NEVER, apart, inner
from aps.engine.crew import awaited, wake_crew
from aps.engine.decode import is_torn, ready_at
from aps.engine.lanes import arrival, finish_by, setup_before
from aps.engine.net import LATEST, OVERLAPS, Net
from aps.engine.objective import own_points, saved_points
from aps.engine.wake import BLOCK, COST, ENDED, FALLS, HEAPED, LOGGED, RAISED, pop, push

MENDS = 8
"""How often a move may hold work back for the sake of a follower that starts too long behind it."""


@inner
def settle(a: Arrays, times: Times, net: Net, limit: int, trust: int) -> bool:
    """Time what waits, in the order of the keys; False when it costs more than `limit` or does not fit.

    The keys are old starts, which every precedence and every machine respects: nothing is timed twice, unless work
    starts together. Once nothing can become earlier any more the points can only rise, so it ends as soon as they are
    above the limit; with things that may still become earlier it ends after `trust` changed operations.
    """
    mended = 0
    while True:
        while net.tally[HEAPED] > 0:
            if (net.tally[FALLS] == 0 or net.tally[LOGGED] >= trust) and net.tally[COST] > limit:
                return False
            if net.tally[LOGGED] + len(times.start) > len(net.logged) or not timed(a, times, net, pop(net.wake)):
                return False
        if net.has[LATEST] == 0:
            return True
        held = hold_back(a, times, net)
        if held <= 0 or mended >= MENDS:
            return held == 0
        mended += 1


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
    """Time one operation and its batch behind what they wait for; wake those behind.

    False: it fits nowhere, or is a pin that could be kept.
    """
    option, last = times.option[operation], net.ahead[operation]
    machine = a.option_machine[option]
    ready = ready_together(a, times, net, operation, machine)
    begin = ready
    free = max(a.now, net.begun_until[machine])
    if last >= 0:
        free = max(free, times.end[last])
    setup = setup_before(a, machine, last, operation, option)
    if a.units > 0:
        run_from, setup_from = awaited(net.crew, times, operation)
        begin = max(begin, run_from)
        free = max(free, setup_from if setup > 0 else free)
    if setup > 0:
        row = a.option_setting[option]
        free = add_work(a.starts[row], a.ends[row], a.windows[row], free, setup)
    start, end = ended(a, times, net, operation, option, max(free, begin))
    if end >= NEVER:
        return False
    if net.mate[operation] >= 0:
        ready = -NEVER
    while operation >= 0:
        if net.strict[operation] == 1 and ready <= a.fixed_start[operation] < start:
            return False
        spread(a, times, net, operation, start, end, setup)
        operation, setup = net.mate[operation], 0
    return True


@inner
def ended(a: Arrays, times: Times, net: Net, operation: int, option: int, t: int) -> tuple[int, int]:
    """First (start, end) of the batch that the operation leads at or after `t`, no end before a last batch is there."""
    row, run, whole = a.option_calendar[option], a.option_run[option], a.splittable[operation]
    starts, ends, windows = a.starts[row], a.ends[row], a.windows[row]
    mate = net.mate[operation]
    while mate >= 0:
        whole = min(whole, a.splittable[mate])
        mate = net.mate[mate]
    start, end = place(starts, ends, windows, t, run, whole)
    if net.has[OVERLAPS] == 1:
        least = 0
        while operation >= 0:
            least = max(least, finish_by(a, times, operation, times.option[operation]))
            operation = net.mate[operation]
        while end < least and end < NEVER:
            t = max(start + 1, back_work(starts, ends, windows, least, run))
            start, end = place(starts, ends, windows, t, run, whole)
    return start, end


@inner
def spread(a: Arrays, times: Times, net: Net, operation: int, start: int, end: int, setup: int) -> None:
    """Write the times of one operation and wake those behind it when its end moves."""
    old, begun, cleared = times.end[operation], times.start[operation], times.setup[operation]
    if start != begun or end != old or setup != cleared:
        note(a, times, net, operation, start, end, setup)
        if a.units > 0 and net.lead[operation] == operation:
            wake_crew(net.crew, net.wake, times, a.state, operation, end < old or start < begun or setup < cleared)
    falls = end < old
    if net.has[OVERLAPS] == 1:
        falls = falls or start < begun
    if end == old and (start == begun or net.has[OVERLAPS] == 0):
        return
    if end != old:
        turn(a, times, net, a.order[operation], old, end)
    for k in range(net.first_after[operation] - 1, net.first_after[operation + 1]):
        follower = net.lead[net.after[k]] if k >= net.first_after[operation] else net.behind[operation]
        push(net.wake, a.state, follower, BLOCK * times.start[follower], falls)


@apart
def hold_back(a: Arrays, times: Times, net: Net) -> int:
    """Raise the floors of work whose follower starts too long behind it; how many, -1 when one cannot wait.

    Only what the move has timed is looked at.
    """
    held = 0
    for at in range(net.tally[LOGGED]):
        operation = net.logged[at]
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            if a.before_most[k] < NEVER and is_torn(a, times, operation, k):
                if not delay(a, times, net, a.before[k], times.start[operation] - a.before_most[k]):
                    return -1
                held += 1
        for j in range(net.first_after[operation], net.first_after[operation + 1]):
            if a.before_most[net.arc[j]] < NEVER and is_torn(a, times, net.after[j], net.arc[j]):
                if not delay(a, times, net, operation, times.start[net.after[j]] - a.before_most[net.arc[j]]):
                    return -1
                held += 1
    return held


@inner
def delay(a: Arrays, times: Times, net: Net, operation: int, wanted: int) -> bool:
    """Let free work end at `wanted` or later; False when it is not free."""
    option = times.option[operation]
    if a.state[operation] != FREE or option < 0:
        return False
    row = a.option_calendar[option]
    start = back_work(a.starts[row], a.ends[row], a.windows[row], wanted, a.option_run[option])
    start = max(start, times.start[operation] + 1)
    raise_floor(net, operation, max(start, net.floor[operation]))
    leader = net.lead[operation]
    push(net.wake, a.state, leader, BLOCK * times.start[leader], False)
    return True


@inner
def raise_floor(net: Net, operation: int, floor: int) -> None:
    """Write a new floor, the old one into the log; when that is full the floor stays."""
    at = net.tally[RAISED]
    if at < len(net.raised) and net.floor[operation] != floor:
        net.tally[RAISED] += 1
        net.raised[at], net.old_floor[at] = operation, net.floor[operation]
        net.floor[operation] = floor


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
    """Take back all times and floors since the last move that was kept; `cost` were the points then."""
    for at in range(net.tally[HEAPED]):
        net.wake.queued[net.wake.heap[at]] = 0
    for at in range(net.tally[LOGGED] - 1, -1, -1):
        operation = net.logged[at]
        times.start[operation], times.end[operation] = net.old_start[at], net.old_end[at]
        times.setup[operation] = net.old_setup[at]
    for at in range(net.tally[ENDED] - 1, -1, -1):
        net.ends[net.turned[at]] = net.old_ends[at]
    for at in range(net.tally[RAISED] - 1, -1, -1):
        net.floor[net.raised[at]] = net.old_floor[at]
    net.tally[:COST] = 0
    net.tally[COST] = cost
