"""Plans from nothing: a small grid of dispatch rules, and the best of them by the objective."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from aps.engine.arrays import Arrays, Shop, Times, empty_times
from aps.engine.compiled import NEVER, Floats, Ints, inner, jit
from aps.engine.decode import by_time, decode, fill_setups, fixed_operations, put_fixed, ready_at
from aps.engine.lanes import Lanes, lanes_for, put, setup_before, slot
from aps.engine.objective import HOPELESS, total

DUE, SLACK, SHORTEST, RATIO, FIRST, TARDINESS = range(6)
NAMES = ("earliest due", "least slack", "shortest", "critical ratio", "first come", "apparent tardiness")
GRID = (
    (DUE, 1.0, 0.0),
    (DUE, 1.0, 8.0),
    (SLACK, 1.0, 2.0),
    (SHORTEST, 1.0, 1.0),
    (RATIO, 1.0, 0.01),
    (FIRST, 1.0, 4.0),
    (TARDINESS, 500.0, 15.0),
    (TARDINESS, 2000.0, 15.0),
    (TARDINESS, 2000.0, 40.0),
    (TARDINESS, 8000.0, 15.0),
)
"""Rule, look-ahead in minutes (TARDINESS), and what a setup minute costs (TARDINESS: the scale of its decay)."""


def best_plan(shop: Shop) -> Times:
    """The best plan of all rules; each rule's sequence is also tried with gaps filled."""
    best, least = None, HOPELESS + 1
    for times in candidates(shop):
        cost = total(shop, times)
        if cost < least:
            best, least = times, cost
    return best if best is not None else empty_times(len(shop.operations))


def candidates(shop: Shop) -> Iterator[Times]:
    """A plan per rule, and the same sequence decoded into gaps with the machines free to choose."""
    count = len(shop.operations)
    none, one, any_option = np.zeros(count, np.int64), np.ones(count, np.int64), np.full(count, -1, np.int64)
    wanted, weight = urgency(shop), importance(shop)
    yield decode(shop, by_time(shop, wanted), any_option, none, one)
    for rule, look, setup in GRID:
        times = dispatched(shop, wanted, weight, rule, look, setup)
        yield decode(shop, by_time(shop, times.start), times.option, none, none)
        yield decode(shop, by_time(shop, times.start), any_option, none, one)


def urgency(shop: Shop) -> Ints:
    """Latest sensible end per operation: the due date it works towards, less the work behind it."""
    a = shop.a
    wanted = (a.due - a.transport)[a.order].astype(np.int64)
    shortest = shortest_runs(a)
    for operation in shop.topological[::-1].tolist():
        latest = wanted[operation] - shortest[operation]
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            before = a.before[k]
            wanted[before] = min(wanted[before], latest - a.before_lag[k])
    return wanted


def importance(shop: Shop) -> Ints:
    """Weight per operation: the largest of the orders with a due date that it works for."""
    a = shop.a
    weight = np.where(a.due < NEVER, a.weight, 0)[a.order].astype(np.int64)
    for operation in shop.topological[::-1].tolist():
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            weight[a.before[k]] = max(weight[a.before[k]], weight[operation])
    return np.maximum(weight, 1)


def shortest_runs(a: Arrays) -> Ints:
    """Run minutes on the fastest machine; 1 or more for operations without options, which are never placed."""
    return np.minimum.reduceat(np.append(a.option_run, 1), a.first_option[:-1]).astype(np.int64)


def dispatched(shop: Shop, wanted: Ints, weight: Ints, rule: int, look: float, setup: float) -> Times:
    """Let the rule choose, at each moment a machine comes free, what it does next."""
    a = shop.a
    count = len(a.state)
    times, lanes = empty_times(count), lanes_for(a)
    put_fixed(a, lanes, times, fixed_operations(a), np.zeros(count, np.int64))
    owner = np.repeat(np.arange(count), np.diff(a.first_before))
    followers = owner[np.argsort(a.before, kind="stable")]
    first_follower = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.bincount(a.before, minlength=count))])
    rest = np.array([look, setup], np.float64)
    none = np.zeros(count, np.int64)
    free = np.full(len(a.machine_family), a.now, np.int64)
    scratch = (none, none.copy(), none.copy())
    dispatch(a, lanes, times, wanted, weight, first_follower, followers, rule, rest, scratch, free)
    return times


@inner
def score(rule: int, run: int, setup: int, wanted: int, ready: int, t: int, weight: int, tuning: Floats) -> float:
    """How much the rule wants this operation next; larger first. Only + - * /, so that every processor agrees."""
    slack = float(wanted - t - run)
    value: float = -float(ready)
    if rule == TARDINESS:
        value = weight / (run + max(ready - t, 0)) / (1.0 + max(slack, 0.0) / tuning[0]) / (1.0 + setup / tuning[1])
    elif rule == DUE:
        value = -float(wanted)
    elif rule == SLACK:
        value = -slack
    elif rule == SHORTEST:
        value = -float(run)
    elif rule == RATIO:
        value = -slack / run
    if rule != TARDINESS:
        value -= float(setup * tuning[1])
    return value


@jit
def dispatch(
    a: Arrays,
    lanes: Lanes,
    times: Times,
    wanted: Ints,
    weight: Ints,
    first_follower: Ints,
    followers: Ints,
    rule: int,
    tuning: Floats,
    scratch: tuple[Ints, Ints, Ints],
    free: Ints,
) -> None:
    """Among what could start first, place what the rule wants most, until all is placed or nothing fits.

    `scratch` are three rows of zeros per operation, `free` is now for each machine.
    """
    waiting, ready, queue = scratch
    queued = begin(a, lanes, times, waiting, ready, queue, free)
    while queued > 0:
        at, option = choose(a, lanes, times, queue[:queued], ready, free, wanted, weight, rule, tuning)
        operation = queue[at]
        machine = a.option_machine[option]
        start, end, position = slot(
            a, lanes, times, operation, option, ready[operation], lanes.tail[machine], NEVER - 1
        )
        if position < 0:
            return
        put(a, lanes, times, operation, option, start, end, position)
        free[machine] = end
        queued -= 1
        queue[at] = queue[queued]
        for follower in followers[first_follower[operation] : first_follower[operation + 1]]:
            waiting[follower] -= 1
            if waiting[follower] == 0 and times.machine[follower] < 0:
                ready[follower] = ready_at(a, times, follower)
                queue[queued] = follower
                queued += 1
    fill_setups(a, lanes, times)


@inner
def begin(a: Arrays, lanes: Lanes, times: Times, waiting: Ints, ready: Ints, queue: Ints, free: Ints) -> int:
    """When machines are free behind started work, what waits for how many; how many operations are in the queue."""
    queued = 0
    for machine in range(len(a.machine_family)):
        if lanes.tail[machine] > 0:
            free[machine] = max(a.now, times.end[lanes.sequence[machine, lanes.tail[machine] - 1]])
    for operation in range(len(a.state)):
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            if times.machine[a.before[k]] < 0:
                waiting[operation] += 1
        if times.machine[operation] < 0 and waiting[operation] == 0:
            ready[operation] = ready_at(a, times, operation)
            queue[queued] = operation
            queued += 1
    return queued


@inner
def choose(
    a: Arrays,
    lanes: Lanes,
    times: Times,
    queue: Ints,
    ready: Ints,
    free: Ints,
    wanted: Ints,
    weight: Ints,
    rule: int,
    tuning: Floats,
) -> tuple[int, int]:
    """The queue position and option that the rule wants most among those that could start first."""
    soonest = NEVER
    for operation in queue:
        for option in range(a.first_option[operation], a.first_option[operation + 1]):
            soonest = min(soonest, max(ready[operation], free[a.option_machine[option]]))
    chosen, best_option, best = 0, a.first_option[queue[0]], -np.inf
    for at in range(len(queue)):
        operation = queue[at]
        for option in range(a.first_option[operation], a.first_option[operation + 1]):
            machine = a.option_machine[option]
            if max(ready[operation], free[machine]) > soonest:
                continue
            last = -1
            if lanes.tail[machine] > 0:
                last = lanes.sequence[machine, lanes.tail[machine] - 1]
            setup = setup_before(a, machine, last, operation, option)
            value = score(
                rule,
                a.option_run[option],
                setup,
                wanted[operation],
                ready[operation],
                soonest,
                weight[operation],
                tuning,
            )
            if value > best:
                chosen, best_option, best = at, option, value
    return chosen, best_option
