"""Local search that decodes the whole plan after each move: for problems whose moves cannot be timed one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from aps.engine.arrays import FREE, PINNED, Arrays, Shop, Times, empty_times
from aps.engine.compiled import NEVER, Ints, inner, jit
from aps.engine.decode import by_time, fixed_operations, late_pins, replay
from aps.engine.dice import throw
from aps.engine.lanes import Lanes, lanes_for
from aps.engine.objective import HOPELESS, PARTS, points, total

Progress = Callable[[int, int], None]
Cancelled = Callable[[], bool]


class State(NamedTuple):
    """Where the search stands: sequence and its inverse, options, floors, who is ahead on the machine, order ends.

    `parts`, `gaps` and `trial_ends` are scratch, `dice` is the random state.
    """

    sequence: Ints
    position: Ints
    option: Ints
    floor: Ints
    ahead: Ints
    ends: Ints
    parts: Ints
    dice: Ints
    gaps: Ints
    trial_ends: Ints


def searched(
    shop: Shop,
    times: Times,
    moves: int,
    seed: int,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> Times:
    """Improve in arrays; returns `times` itself when nothing better was found."""
    a = shop.a
    count = len(a.state)
    if count == 0 or moves <= 0 or not (a.state == FREE).any():
        return times
    state, lanes, fixed, loose = start(shop, times, seed)
    kept, found = empty_times(count), times.copy()
    replay(a, lanes, kept, fixed, loose, state.sequence, state.option, state.floor, state.gaps)
    marks = np.array([points(a, kept, state.ends, state.parts), total(shop, times)], np.int64)
    note_ahead(a, lanes, state)
    better = bool(marks[0] < marks[1])
    if better:
        found, marks[1] = kept.copy(), marks[0]
    trial, done, chunk = kept.copy(), 0, max(10, 100_000 // count)
    while done < moves and not (cancelled is not None and cancelled()):
        step = min(chunk, moves - done)
        slack = int(marks[1]) // 5000 * (moves - done) // moves
        better |= explore(a, lanes, kept, trial, found, fixed, loose, state, marks, step, slack)
        done += step
        if progress is not None:
            progress(done, int(marks[1]))
    return found if better else times


def start(shop: Shop, times: Times, seed: int) -> tuple[State, Lanes, Ints, Ints]:
    """The search's state for a plan; what is published for the next hours is not pulled earlier unless chosen to."""
    a = shop.a
    count = len(a.state)
    sequence = by_time(shop, times.start)
    position = np.empty(count, np.int64)
    position[sequence] = np.arange(count)
    soon = (a.base_machine >= 0) & (a.base_start < a.now + a.weights[7])
    floor = np.where(soon, np.minimum(a.base_start, times.start), 0)
    if shop.is_tied:
        held = a.before[a.before_most < NEVER]
        floor[held] = times.start[held]
    loose = ((a.state == PINNED) & (times.start != a.fixed_start)).astype(np.int64)
    orders = len(a.due)
    state = State(
        sequence,
        position,
        times.option.copy(),
        np.where(loose == 1, np.maximum(a.fixed_start, floor), floor),
        np.full(count, -1, np.int64),
        np.zeros(orders, np.int64),
        np.zeros(PARTS, np.int64),
        np.full(1, seed % 2147483646 + 1, np.int64),
        np.zeros(count, np.int64),
        np.zeros(orders, np.int64),
    )
    return state, lanes_for(a), fixed_operations(a), loose


@jit
def note_ahead(a: Arrays, lanes: Lanes, state: State) -> None:
    """Note who is ahead of whom on the machines."""
    state.ahead[:] = -1
    for machine in range(len(a.machine_family)):
        for k in range(1, lanes.used[machine]):
            state.ahead[lanes.sequence[machine, k]] = lanes.sequence[machine, k - 1]


@inner
def late_order(a: Arrays, state: State) -> int:
    """An order that is late and matters, the next one from a thrown number on; that number when none is."""
    orders = len(a.due)
    thrown = throw(state.dice, orders)
    for k in range(orders):
        order = (thrown + k) % orders
        if state.ends[order] > a.due[order] and a.weight[order] > 0:
            return order
    return thrown


@inner
def last_of(a: Arrays, times: Times, order: int) -> int:
    """The operation of the order that ends last, -1 when it has none."""
    last = -1
    for operation in range(len(a.order)):
        if a.order[operation] == order and (last < 0 or times.end[operation] > times.end[last]):
            last = operation
    return last


@inner
def holding(a: Arrays, times: Times, state: State, operation: int) -> int:
    """What the operation waits for: its latest predecessor or the one ahead on the machine; -1 for neither."""
    behind: int = state.ahead[operation]
    latest = -1
    if behind >= 0:
        latest = times.end[behind]
    for k in range(a.first_before[operation], a.first_before[operation + 1]):
        if times.end[a.before[k]] + a.before_lag[k] >= latest:
            behind = a.before[k]
            latest = times.end[behind] + a.before_lag[k]
    return behind


@inner
def pick(a: Arrays, times: Times, state: State) -> int:
    """An operation worth moving: often one on the chain behind a late order, else any."""
    thrown = throw(state.dice, len(a.order))
    if throw(state.dice, 10) >= 7:
        return thrown
    last = last_of(a, times, late_order(a, state))
    if last < 0:
        return thrown
    for _ in range(throw(state.dice, 16)):
        behind = holding(a, times, state, last)
        if behind < 0 or a.state[behind] != FREE:
            break
        last = behind
    return last


@inner
def target(a: Arrays, times: Times, state: State, operation: int, machine: int) -> int:
    """A position earlier in the sequence: ahead of some operations of the machine, or next to its own family."""
    here: int = state.position[operation]
    floor = 0
    for k in range(a.first_before[operation], a.first_before[operation + 1]):
        floor = max(floor, state.position[a.before[k]] + 1)
    join = throw(state.dice, 4) == 0 and a.family[operation] > 0
    hops = 1
    while hops < 12 and throw(state.dice, 2) == 0:
        hops += 1
    there: int = here
    seen = 0
    for k in range(here - 1, floor - 1, -1):
        other = state.sequence[k]
        if times.machine[other] != machine or a.state[other] != FREE:
            continue
        seen += 1
        if join:
            if a.family[other] == a.family[operation] and seen > 1:
                return k + 1
        else:
            there = k
            if seen >= hops:
                break
    return there


@inner
def move(state: State, here: int, there: int) -> None:
    """Take the operation at `here` out of the sequence and put it at `there`."""
    operation = state.sequence[here]
    step = -1 if there < here else 1
    for k in range(here, there, step):
        state.sequence[k] = state.sequence[k + step]
        state.position[state.sequence[k]] = k
    state.sequence[there] = operation
    state.position[operation] = there


@inner
def copy(source: Ints, goal: Ints) -> None:
    """Copy number by number."""
    for k in range(len(source)):
        goal[k] = source[k]


@inner
def keep(source: Times, goal: Times) -> None:
    """Copy one plan over the other."""
    copy(source.machine, goal.machine)
    copy(source.option, goal.option)
    copy(source.start, goal.start)
    copy(source.end, goal.end)
    copy(source.setup, goal.setup)
    copy(source.begin, goal.begin)


@jit
def explore(
    a: Arrays,
    lanes: Lanes,
    kept: Times,
    trial: Times,
    found: Times,
    fixed: Ints,
    loose: Ints,
    state: State,
    marks: Ints,
    moves: int,
    slack: int,
) -> bool:
    """Make `moves` moves from `kept`; True when `found` received a plan better than marks[1].

    marks: points of the plan that the search stands on, and the least so far. A move is kept when it costs no more than
    the plan before it, or no more than the least and `slack`.
    """
    better = False
    for _ in range(moves):
        operation = pick(a, kept, state)
        here = state.position[operation]
        old, floor = state.option[operation], state.floor[operation]
        choices = a.first_option[operation + 1] - a.first_option[operation]
        option, there = old, here
        if a.state[operation] != FREE:
            continue
        if choices > 1 and throw(state.dice, 10) < 3:
            option = a.first_option[operation] + throw(state.dice, choices)
        else:
            there = target(a, kept, state, operation, kept.machine[operation])
        if option == old and there == here:
            continue
        state.option[operation] = option
        state.floor[operation] = 0
        move(state, here, there)
        replay(a, lanes, trial, fixed, loose, state.sequence, state.option, state.floor, state.gaps)
        cost = points(a, trial, state.trial_ends, state.parts)
        if late_pins(a, trial, fixed, loose, 0) > 0:
            cost = HOPELESS
        if cost <= marks[0] or cost <= marks[1] + slack:
            marks[0] = cost
            keep(trial, kept)
            copy(state.trial_ends, state.ends)
            note_ahead(a, lanes, state)
            if cost < marks[1]:
                marks[1] = cost
                keep(trial, found)
                better = True
        else:
            move(state, there, here)
            state.option[operation] = old
            state.floor[operation] = floor
    return better
