"""From an order of operations to times: the calendar-exact serial decoder, the only source of truth on time."""

from __future__ import annotations

import heapq

import numpy as np

from aps.engine.arrays import DONE, FREE, PINNED, STARTED, Arrays, Shop, Times, empty_times
from aps.engine.calendar import add_work, back_work
from aps.engine.compiled import NEVER, Ints, inner, jit
from aps.engine.lanes import Lanes, clear, first_batch, first_gap, hold_all, insert, lanes_for, put, setup_before, slot

MENDS = 300
"""How often work is held back for the sake of its follower before the plan is given up as illegal."""


@inner
def ready_at(a: Arrays, times: Times, operation: int) -> int:
    """When material and predecessors let the operation start; predecessors not planned yet are ignored."""
    ready: int = max(a.now, a.release[operation])
    for k in range(a.first_before[operation], a.first_before[operation + 1]):
        before = a.before[k]
        if times.machine[before] < 0:
            continue
        if a.before_first[k] < 0:
            ready = max(ready, times.end[before] + a.before_lag[k])
        else:
            ready = max(ready, first_batch(a, times, before, a.before_first[k]) + a.before_lag[k])
    return ready


@inner
def put_best(a: Arrays, lanes: Lanes, times: Times, operation: int, forced: int, ready: int, gaps: int) -> None:
    """Place on the option that ends first (then the first given); `gaps` 1: between others, 0: behind the tail."""
    best_start, best_end, best_at, best_option = NEVER, NEVER, -1, -1
    for option in range(a.first_option[operation], a.first_option[operation + 1]):
        if forced >= 0 and option != forced:
            continue
        machine = a.option_machine[option]
        at = first_gap(lanes, times, machine, ready) if gaps == 1 else lanes.tail[machine]
        start, end, at = slot(a, lanes, times, operation, option, ready, at, best_end - 1)
        if end < best_end:
            best_start, best_end, best_at, best_option = start, end, at, option
    if best_option >= 0:
        put(a, lanes, times, operation, best_option, best_start, best_end, best_at)


@jit
def option_on(a: Arrays, operation: int, machine: int) -> int:
    """The operation's option on the machine, -1 without one."""
    found = -1
    for option in range(a.first_option[operation], a.first_option[operation + 1]):
        if a.option_machine[option] == machine:
            found = int(option)
    return found


@inner
def put_started(a: Arrays, lanes: Lanes, times: Times, operation: int) -> None:
    """Started work stays on its machine; what remains of it is done from now on, behind other started work there."""
    machine = a.fixed_machine[operation]
    at = lanes.used[machine]
    end = max(a.now, a.fixed_start[operation])
    if at > 0 and a.capacity[machine] == 1:
        end = max(end, times.end[lanes.sequence[machine, at - 1]])
    rest = a.fixed_rest[operation]
    if rest > 0:
        end = add_work(a.starts[machine], a.ends[machine], a.windows[machine], end, rest)
    while at > 0 and times.end[lanes.sequence[machine, at - 1]] > end:
        at -= 1
    insert(lanes, machine, at, operation)
    lanes.tail[machine] = lanes.used[machine]
    times.machine[operation] = machine
    times.option[operation] = option_on(a, operation, machine)
    times.start[operation] = a.fixed_start[operation]
    times.end[operation] = end
    if a.units > 0:
        hold_all(a, lanes, times, operation)


@jit
def put_fixed(a: Arrays, lanes: Lanes, times: Times, fixed: Ints, loose: Ints) -> None:
    """Place what the shop has decided: done and started work where it is, pins at their start or the first legal one.

    `fixed` are those operations as fixed_operations gives them; a pin marked in `loose` is left out. Pins lie ahead of
    the tail, so that appended work goes around them.
    """
    for operation in fixed:
        machine = a.fixed_machine[operation]
        if a.state[operation] == DONE:
            times.machine[operation] = machine
            times.start[operation] = a.fixed_start[operation]
            times.end[operation] = a.fixed_rest[operation]
        elif a.state[operation] == STARTED:
            put_started(a, lanes, times, operation)
        elif loose[operation] == 0:
            tail = lanes.tail[machine]
            put_pin(a, lanes, times, operation, machine)
            lanes.tail[machine] = tail


@inner
def put_pin(a: Arrays, lanes: Lanes, times: Times, operation: int, machine: int) -> None:
    """Place a pin on its machine at its start, else at the first legal one, in the mode that ends first."""
    ready = max(a.fixed_start[operation], a.now)
    gap = first_gap(lanes, times, machine, ready)
    best_start, best_end, best_at, best_option = NEVER, NEVER, -1, -1
    for option in range(a.first_option[operation], a.first_option[operation + 1]):
        if a.option_machine[option] == machine:
            start, end, at = slot(a, lanes, times, operation, option, ready, gap, best_end - 1)
            if end < best_end:
                best_start, best_end, best_at, best_option = start, end, at, option
    if best_option >= 0:
        put(a, lanes, times, operation, best_option, best_start, best_end, best_at)


@jit
def serial(a: Arrays, lanes: Lanes, times: Times, sequence: Ints, forced: Ints, floor: Ints, gaps: Ints) -> None:
    """Place the operations one by one in `sequence` (predecessors first); those already placed are passed over.

    `forced` is the option to take (-1 any), `floor` a time before which it shall not start, `gaps` as in put_best.
    """
    for operation in sequence:
        if times.machine[operation] < 0:
            ready = max(ready_at(a, times, operation), floor[operation])
            put_best(a, lanes, times, operation, forced[operation], ready, gaps[operation])


@jit
def fill_setups(a: Arrays, lanes: Lanes, times: Times) -> None:
    """Setup minutes and setup start of every operation, as late as its start allows."""
    fill_setups_of(a, lanes, times, 0, len(a.machine_family))


@jit
def fill_setups_of(a: Arrays, lanes: Lanes, times: Times, first: int, end: int) -> None:
    """The setups on the machines from `first` to before `end`."""
    for machine in range(first, end):
        last = -1
        for position in range(lanes.used[machine]):
            operation = lanes.sequence[machine, position]
            option = times.option[operation]
            setup = setup_before(a, machine, last, operation, option)
            times.setup[operation] = setup
            times.begin[operation] = times.start[operation]
            if setup > 0:
                row = a.option_setting[option]
                times.begin[operation] = back_work(
                    a.starts[row], a.ends[row], a.windows[row], times.start[operation], setup
                )
            last = operation


@jit
def late_pins(a: Arrays, times: Times, fixed: Ints, loose: Ints, mark: int) -> int:
    """How many pins that are not `loose` start before predecessors or material let them; `mark` 1 makes them loose."""
    found = 0
    for operation in fixed:
        if a.state[operation] != PINNED or loose[operation] == 1:
            continue
        if ready_at(a, times, operation) > times.start[operation]:
            loose[operation] = mark
            found += 1
    return found


@inner
def is_torn(a: Arrays, times: Times, operation: int, k: int) -> bool:
    """Whether the operation starts later behind its predecessor `k` than it may."""
    before = a.before[k]
    both = times.machine[operation] >= 0 and times.machine[before] >= 0
    torn: bool = both and times.start[operation] > times.end[before] + a.before_most[k]
    return torn


@jit
def torn(a: Arrays, times: Times) -> int:
    """How many operations start later behind a predecessor than they may."""
    found = 0
    for operation in range(len(a.order)):
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            if a.before_most[k] < NEVER and is_torn(a, times, operation, k):
                found += 1
    return found


@jit
def mend(a: Arrays, times: Times, floor: Ints) -> int:
    """Raise the floors of free work whose follower would start too long behind it; returns how many were raised."""
    raised = 0
    for operation in range(len(a.order)):
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            if a.before_most[k] >= NEVER or not is_torn(a, times, operation, k):
                continue
            before = a.before[k]
            option = times.option[before]
            if a.state[before] != FREE or option < 0:
                continue
            row = a.option_calendar[option]
            wanted = times.start[operation] - a.before_most[k]
            start = back_work(a.starts[row], a.ends[row], a.windows[row], wanted, a.option_run[option])
            if add_work(a.starts[row], a.ends[row], a.windows[row], start, a.option_run[option]) < wanted:
                start = add_work(a.starts[row], a.ends[row], a.windows[row], start + 1, 0)
            start = max(start, times.start[before] + 1)
            if start > floor[before]:
                floor[before] = start
                raised += 1
    return raised


@jit
def replay(
    a: Arrays,
    lanes: Lanes,
    times: Times,
    fixed: Ints,
    loose: Ints,
    sequence: Ints,
    forced: Ints,
    floor: Ints,
    gaps: Ints,
) -> None:
    """Clear lanes and times and place everything anew."""
    times.machine[:] = -1
    clear(lanes)
    put_fixed(a, lanes, times, fixed, loose)
    serial(a, lanes, times, sequence, forced, floor, gaps)
    fill_setups(a, lanes, times)


def decode(shop: Shop, sequence: Ints, forced: Ints, floor: Ints, gaps: Ints) -> Times:
    """Place everything; a pin that its predecessors outrun becomes 'not before' and the rest is placed again.

    So does work whose follower could not start in time behind it: it is held back, MENDS times at most.
    """
    a = shop.a
    floor = floor.copy()
    mended = MENDS if shop.is_tied else 0
    loose = np.zeros(len(a.state), np.int64)
    fixed = fixed_operations(a)
    times, lanes = empty_times(len(a.state)), lanes_for(a)
    while True:
        held = np.where(loose == 1, np.maximum(floor, a.fixed_start), floor)
        options = np.where(loose == 1, pinned_options(a), forced)
        replay(a, lanes, times, fixed, loose, sequence, options, held, gaps)
        if late_pins(a, times, fixed, loose, 1) > 0:
            continue
        mended -= 1
        if mended < 0 or mend(a, times, floor) == 0:
            return times


def retime(shop: Shop, times: Times, floor: Ints | None = None) -> Times:
    """The same machines and the same sequences, as early as possible but not before `floor`."""
    count = len(times.start)
    none = np.zeros(count, np.int64)
    return decode(shop, by_time(shop, times.start), times.option, none if floor is None else floor, none)


def fixed_operations(a: Arrays) -> Ints:
    """Done, started and pinned operations: done first, then started, then pinned, each by start."""
    fixed = np.flatnonzero(a.state != FREE)
    return fixed[np.lexsort((fixed, a.fixed_start[fixed], -a.state[fixed]))]


def pinned_options(a: Arrays) -> Ints:
    """The option of each pinned operation on the machine of its pin, -1 for the others."""
    chosen = np.full(len(a.state), -1, np.int64)
    for operation in np.flatnonzero(a.state == PINNED).tolist():
        chosen[operation] = option_on(a, operation, int(a.fixed_machine[operation]))
    return chosen


def by_time(shop: Shop, key: Ints) -> Ints:
    """Operations by `key`, predecessors always first."""
    a = shop.a
    rank = np.empty(len(key), np.int64)
    rank[shop.topological] = np.arange(len(key))
    sequence = np.lexsort((rank, key))
    position = np.empty(len(key), np.int64)
    position[sequence] = np.arange(len(key))
    owner = np.repeat(np.arange(len(key)), np.diff(a.first_before))
    if bool((position[a.before] < position[owner]).all()):
        return sequence.astype(np.int64)
    waiting = np.diff(a.first_before).copy()
    followers: dict[int, list[int]] = {}
    for before, after in zip(a.before.tolist(), owner.tolist(), strict=True):
        followers.setdefault(before, []).append(after)
    heap = [(int(position[at]), int(at)) for at in np.flatnonzero(waiting == 0)]
    heapq.heapify(heap)
    found = []
    while heap:
        _, at = heapq.heappop(heap)
        found.append(at)
        for follower in followers.get(at, ()):
            waiting[follower] -= 1
            if waiting[follower] == 0:
                heapq.heappush(heap, (int(position[follower]), follower))
    return np.array(found, np.int64)
