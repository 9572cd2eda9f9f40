"""A plan that a planner changes by hand: operations put elsewhere, the others make room, nothing else is touched."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from aps.engine.arrays import DONE, FREE, PINNED, Arrays, Shop, Times
from aps.engine.calendar import add_work
from aps.engine.compiled import NEVER, Ints, jit
from aps.engine.decode import by_time, decode, option_on
from aps.engine.lanes import setup_between


@dataclass(frozen=True, slots=True)
class Move:
    """An operation (position) put on a machine (position) from minute `at` on, setup included.

    It stands behind what begins before `at` there. `pin`: whatever comes later goes around it.
    """

    operation: int
    machine: int
    at: int
    pin: bool = False


def moved(shop: Shop, times: Times, moves: Sequence[Move]) -> tuple[Shop, Times]:
    """The shop (with new pins) and its plan after the moves; all of them are made at once.

    Others keep machine and start, or start as little later as they must; nobody comes earlier. A pin stands where its
    move has put it. An operation that fits nowhere any more ends at NEVER (see `fits`). One decoding of the whole plan:
    some 5 ms at 20,000 operations.
    """
    a, option, key, floor = shop.a, times.option.copy(), 2 * times.start + 1, times.start.copy()
    pins: list[tuple[int, int, int]] = []
    for move in moves:
        option[move.operation] = option_on(a, move.operation, move.machine)
        key[move.operation], floor[move.operation] = _place(a, times, move, int(option[move.operation]))
        if move.pin:
            pins.append((move.operation, move.machine, int(floor[move.operation])))
    kept = with_pins(shop, pins)
    after(kept.a, times, kept.topological, option, key)
    found = decode(kept, by_time(kept, key), option, floor, np.ones(len(key), np.int64))
    return with_pins(kept, [(one, on, int(found.start[one])) for one, on, _ in pins]), found


def left(shop: Shop, times: Times, operations: Collection[int]) -> tuple[Shop, Times]:
    """The shop without these operations (positions), and its plan: they take no machine any more, nobody comes earlier.

    They count as done where they stood, so that positions stay; whoever follows them is free to start.
    """
    a = shop.a
    state, machine = a.state.copy(), a.fixed_machine.copy()
    start, end = a.fixed_start.copy(), a.fixed_rest.copy()
    gone = list(operations)
    state[gone], machine[gone] = DONE, times.machine[gone]
    start[gone], end[gone] = times.start[gone], times.end[gone]
    changed = a._replace(state=state, fixed_machine=machine, fixed_start=start, fixed_rest=end)
    return moved(replace(shop, a=changed), times, ())


def fits(times: Times) -> bool:
    """Whether everything has a place."""
    return bool((times.machine >= 0).all() and (times.end < NEVER).all())


def with_pins(shop: Shop, pins: Collection[tuple[int, int, int]]) -> Shop:
    """The shop in which operations (position, machine, start of the run) are pinned."""
    if not pins:
        return shop
    state, machine, start = shop.a.state.copy(), shop.a.fixed_machine.copy(), shop.a.fixed_start.copy()
    for operation, on, begin in pins:
        state[operation], machine[operation], start[operation] = PINNED, on, begin
    return replace(shop, a=shop.a._replace(state=state, fixed_machine=machine, fixed_start=start))


def without_pins(shop: Shop, operations: Collection[int]) -> Shop:
    """The shop in which these pinned operations are free."""
    state = shop.a.state.copy()
    state[[one for one in operations if state[one] == PINNED]] = FREE
    return replace(shop, a=shop.a._replace(state=state))


def differing(old: Times, new: Times) -> Ints:
    """Positions of operations of `old` that stand elsewhere in `new`, or are set up otherwise."""
    count = len(old.start)
    found: npt.NDArray[np.bool_] = np.zeros(count, bool)
    for one, other in zip(old, new, strict=True):
        found |= one != other[:count]
    return np.flatnonzero(found)


def _place(a: Arrays, times: Times, move: Move, option: int) -> tuple[int, int]:
    """The key by which it is sequenced (others have twice their start and one), and when its run may start."""
    lane = (times.machine == move.machine) & (a.state != DONE)
    lane[move.operation] = False
    ahead = np.flatnonzero(lane & (times.begin < move.at))
    last = int(ahead[np.argmax(times.start[ahead])]) if len(ahead) else -1
    key = 2 * move.at
    if last >= 0:
        key = max(key, 2 * int(times.start[last]) + 2)
    family = int(a.machine_family[move.machine] if last < 0 else a.family[last])
    setup = int(setup_between(a, family, int(a.family[move.operation]), int(a.option_setup[option])))
    row = int(a.option_setting[option])
    begin = max(move.at, a.now)
    return key, int(add_work(a.starts[row], a.ends[row], int(a.windows[row]), begin, setup)) if setup else begin


@jit
def after(a: Arrays, times: Times, topological: Ints, option: Ints, key: Ints) -> None:
    """Raise the keys of what must wait for others to about when those are done; in a legal plan none rises."""
    for operation in topological:
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            before = a.before[k]
            behind = key[before]
            if a.before_first[k] < 0:
                behind += 2 * (times.end[before] - times.start[before] + a.before_lag[k])
            key[operation] = max(key[operation], behind)
