"""Dispatch: at each moment a machine comes free, a rule chooses what it does next. Near-linear in the operations."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aps.engine.arrays import Arrays, Shop, Times, empty_times
from aps.engine.calendar import add_work
from aps.engine.compiled import NEVER, Floats, Ints, inner, jit
from aps.engine.decode import fill_setups, fixed_operations, put_fixed, ready_at
from aps.engine.lanes import JOINS, Lanes, clear, lanes_for, put, setup_before, slot
from aps.engine.queues import (
    ARRIVING,
    IDLE,
    LOOK,
    WORKING,
    Desk,
    drop_placed,
    pop_event,
    push_event,
    push_option,
    put_in_row,
    sink,
)

DUE, SLACK, SHORTEST, RATIO, FIRST, TARDINESS = range(6)
AT_WORK, CHOOSING, STARVING = range(3)


class Rule(NamedTuple):
    """`kind` of rule, `wanted` latest sensible end and `weight` per operation, and its tuning.

    Tuning: look-ahead in minutes (TARDINESS), what a setup minute costs (TARDINESS: the scale of its decay), and how
    many minutes before it is ready an operation may be chosen, its machine waiting for it.
    """

    kind: int
    wanted: Ints
    weight: Ints
    tuning: Floats


def dispatched(shop: Shop, desk: Desk, rule: Rule) -> Times:
    """A plan by one rule. Operations that fit nowhere stay unplaced, with all that wait for them."""
    a = shop.a
    count = len(a.state)
    times, lanes = empty_times(count), lanes_for(a)
    dispatch(a, lanes, times, fixed_operations(a), np.zeros(count, np.int64), desk, rule)
    return times


@inner
def score(rule: Rule, operation: int, run: int, setup: int, ready: int, t: int) -> float:
    """How much the rule wants this operation next; larger first. Only + - * /, so that every processor agrees."""
    tuning = rule.tuning
    slack = float(rule.wanted[operation] - t - run)
    value: float = -float(ready)
    penalty: float = setup * tuning[1]
    if rule.kind == TARDINESS:
        value = rule.weight[operation] / max(1, run + max(ready - t, 0))
        value = value / (1.0 + max(slack, 0.0) / tuning[0]) / (1.0 + setup / tuning[1])
        penalty = 0.0
    elif rule.kind == DUE:
        value = -float(rule.wanted[operation])
    elif rule.kind == SLACK:
        value = -slack
    elif rule.kind == SHORTEST:
        value = -float(run)
    elif rule.kind == RATIO:
        value = -slack / max(1, run)
    return value - penalty


@jit
def dispatch(a: Arrays, lanes: Lanes, times: Times, fixed: Ints, loose: Ints, desk: Desk, rule: Rule) -> None:
    """Place everything; times, lanes and desk are cleared first. `fixed` and `loose` as in decode.replay."""
    times.machine[:] = -1
    clear(lanes)
    put_fixed(a, lanes, times, fixed, loose)
    begin(a, lanes, times, desk, rule)
    t = a.now
    while t < NEVER:
        let_in(a, desk, rule, t)
        while desk.tally[IDLE] > 0:
            at = choose(a, lanes, times, desk, rule, t)
            if at >= 0 and not started(a, lanes, times, desk, rule, at, t):
                return
            let_in(a, desk, rule, t)
        t = next_event(desk)
    fill_setups(a, lanes, times)


@inner
def begin(a: Arrays, lanes: Lanes, times: Times, desk: Desk, rule: Rule) -> None:
    """Clear the desk, note when machines are free behind started work, let in what waits for nothing."""
    desk.filled[:] = 0
    desk.place[:] = -1
    desk.open[:] = 0
    desk.waiting[:] = 0
    desk.tally[:] = 0
    for machine in range(len(a.machine_family)):
        t = a.now
        if lanes.tail[machine] > 0:
            t = max(t, times.end[lanes.sequence[machine, lanes.tail[machine] - 1]])
        at_work(a, desk, machine, t)
    for operation in range(len(a.state)):
        for k in range(a.first_before[operation], a.first_before[operation + 1]):
            if times.machine[a.before[k]] < 0:
                desk.waiting[operation] += 1
        if times.machine[operation] < 0 and desk.waiting[operation] == 0:
            arrive(a, times, desk, rule, operation, a.now)


@inner
def at_work(a: Arrays, desk: Desk, machine: int, t: int) -> None:
    """The machine is free from the first working minute at or after `t`."""
    desk.flag[machine] = AT_WORK
    desk.free[machine] = add_work(a.starts[machine], a.ends[machine], a.windows[machine], t, 0)
    push_event(desk.releases, desk.tally[WORKING], desk.free, machine)
    desk.tally[WORKING] += 1


@inner
def arrive(a: Arrays, times: Times, desk: Desk, rule: Rule, operation: int, t: int) -> None:
    """Note when the operation is ready and from when it may be chosen."""
    desk.ready[operation] = ready_at(a, times, operation)
    desk.visible[operation] = max(t, desk.ready[operation] - int(rule.tuning[2]))
    push_event(desk.arrivals, desk.tally[ARRIVING], desk.visible, operation)
    desk.tally[ARRIVING] += 1


@inner
def let_in(a: Arrays, desk: Desk, rule: Rule, t: int) -> None:
    """Bring what may be chosen by `t` before its machines, and the machines that are free before what waits."""
    while desk.tally[ARRIVING] > 0 and desk.visible[desk.arrivals[0]] <= t:
        operation = desk.arrivals[0]
        pop_event(desk.arrivals, desk.tally[ARRIVING], desk.visible)
        desk.tally[ARRIVING] -= 1
        for option in range(a.first_option[operation], a.first_option[operation + 1]):
            machine = a.option_machine[option]
            push_option(desk, machine, option, want(a, desk, rule, option, t), t)
            desk.choice[machine] = -1
            if desk.flag[machine] == STARVING:
                chooses(desk, machine)
    while desk.tally[WORKING] > 0 and desk.free[desk.releases[0]] <= t:
        machine = desk.releases[0]
        pop_event(desk.releases, desk.tally[WORKING], desk.free)
        desk.tally[WORKING] -= 1
        desk.flag[machine] = STARVING
        if desk.open[machine] > 0:
            chooses(desk, machine)


@inner
def chooses(desk: Desk, machine: int) -> None:
    """The machine is idle and has something to choose from."""
    desk.flag[machine] = CHOOSING
    desk.choice[machine] = -1
    desk.busy[desk.tally[IDLE]] = machine
    desk.tally[IDLE] += 1


@inner
def leaves(desk: Desk, at: int) -> None:
    """The machine at this position of the idle ones is at work or has nothing left to choose from."""
    desk.tally[IDLE] -= 1
    desk.busy[at] = desk.busy[desk.tally[IDLE]]


@inner
def next_event(desk: Desk) -> int:
    """When something arrives or a machine comes free; NEVER when nothing is left."""
    t = NEVER
    if desk.tally[ARRIVING] > 0:
        t = min(t, desk.visible[desk.arrivals[0]])
    if desk.tally[WORKING] > 0:
        t = min(t, desk.free[desk.releases[0]])
    return t


@inner
def want(a: Arrays, desk: Desk, rule: Rule, option: int, t: int) -> float:
    """What sorts a bucket: the score without setup and waiting; the clock only where it changes the sequence."""
    operation = desk.owner[option]
    clock = t if rule.kind == TARDINESS or rule.kind == RATIO else 0
    ready = desk.ready[operation] if rule.kind == FIRST else clock
    return score(rule, operation, a.option_run[option], 0, ready, clock)


@inner
def choose(a: Arrays, lanes: Lanes, times: Times, desk: Desk, rule: Rule, t: int) -> int:
    """Position among the idle machines of the one whose choice is wanted most, -1 none."""
    best, chosen, at = -np.inf, -1, 0
    while at < desk.tally[IDLE]:
        machine = desk.busy[at]
        if desk.choice[machine] < 0 or times.machine[desk.owner[desk.choice[machine]]] >= 0:
            look(a, lanes, times, desk, rule, machine, t)
        if desk.choice[machine] < 0:
            desk.flag[machine] = STARVING
            leaves(desk, at)
            continue
        if desk.value[machine] > best or (desk.value[machine] == best and machine < desk.busy[chosen]):
            best, chosen = desk.value[machine], at
        at += 1
    return chosen


@inner
def started(a: Arrays, lanes: Lanes, times: Times, desk: Desk, rule: Rule, at: int, t: int) -> bool:
    """Place the machine's choice behind what it does; False when it does not fit into the calendar."""
    machine = desk.busy[at]
    option = desk.choice[machine]
    operation = desk.owner[option]
    ready = desk.ready[operation]
    start, end, position = slot(a, lanes, times, operation, option, ready, lanes.tail[machine], NEVER - 1)
    if position < 0:
        return False
    put(a, lanes, times, operation, option, start, end, position)
    leaves(desk, at)
    at_work(a, desk, machine, times.end[lanes.sequence[machine, lanes.tail[machine] - 1]])
    release(a, times, desk, rule, operation, t)
    if a.capacity[machine] > 1 and a.family[operation] > 0:
        fill_up(a, lanes, times, desk, rule, machine, option, t)
    return True


@inner
def release(a: Arrays, times: Times, desk: Desk, rule: Rule, operation: int, t: int) -> None:
    """Let in the followers that wait for nothing else any more."""
    for k in range(desk.first_after[operation], desk.first_after[operation + 1]):
        follower = desk.after[k]
        desk.waiting[follower] -= 1
        if desk.waiting[follower] == 0 and times.machine[follower] < 0:
            arrive(a, times, desk, rule, follower, t)


@inner
def fill_up(a: Arrays, lanes: Lanes, times: Times, desk: Desk, rule: Rule, machine: int, leader: int, t: int) -> None:
    """Let others of the family join the batch that has been opened, as they lie in the bucket's heap."""
    bucket = desk.bucket[leader]
    for at in range(desk.filled[bucket]):
        option = desk.heap[desk.room[bucket] + at]
        operation = desk.owner[option]
        if times.machine[operation] >= 0:
            continue
        start, end, position = slot(
            a,
            lanes,
            times,
            operation,
            option,
            desk.ready[operation],
            lanes.tail[machine],
            times.end[desk.owner[leader]],
        )
        if position >= JOINS:
            put(a, lanes, times, operation, option, start, end, position)
            release(a, times, desk, rule, operation, t)


@inner
def look(a: Arrays, lanes: Lanes, times: Times, desk: Desk, rule: Rule, machine: int, t: int) -> None:
    """Write what the machine would do next: of each family the first, of many families those that begin best."""
    last = -1
    if lanes.tail[machine] > 0:
        last = lanes.sequence[machine, lanes.tail[machine] - 1]
    desk.choice[machine], desk.value[machine] = -1, -np.inf
    base = desk.first[machine]
    if rule.kind == TARDINESS or rule.kind == RATIO:
        for at in range(min(desk.open[machine], LOOK)):
            freshen(a, desk, rule, machine, desk.row[base + at], t)
    at = 0
    while at < min(desk.open[machine], LOOK):
        bucket = desk.row[base + at]
        if not drop_placed(desk, times, machine, bucket):
            consider(a, desk, rule, machine, bucket, last, t)
            at += 1
    if desk.open[machine] > LOOK:
        look_for_own(a, times, desk, rule, machine, last, t)


@inner
def look_for_own(a: Arrays, times: Times, desk: Desk, rule: Rule, machine: int, last: int, t: int) -> None:
    """Consider the family that the machine is set up for."""
    own = own_bucket(desk, machine, a.machine_family[machine] if last < 0 else a.family[last])
    if own >= 0 and desk.place[own] >= 0:
        drop_placed(desk, times, machine, own)
        if desk.place[own] >= 0:
            consider(a, desk, rule, machine, own, last, t)


@inner
def own_bucket(desk: Desk, machine: int, family: int) -> int:
    """The machine's bucket of the family, -1 without one."""
    low, high = desk.first[machine], desk.first[machine + 1]
    while low < high:
        middle = (low + high) // 2
        if desk.family[middle] < family:
            low = middle + 1
        else:
            high = middle
    if low < desk.first[machine + 1] and desk.family[low] == family:
        return int(low)
    return -1


@inner
def freshen(a: Arrays, desk: Desk, rule: Rule, machine: int, bucket: int, t: int) -> None:
    """Sort the bucket anew when the clock has moved on by an eighth of the look-ahead."""
    if desk.filled[bucket] < 2 or t - desk.since[bucket] <= 30.0 + rule.tuning[0] / 8.0:
        return
    base = desk.room[bucket]
    desk.since[bucket] = t
    for at in range(desk.filled[bucket]):
        option = desk.heap[base + at]
        desk.wanting[option] = want(a, desk, rule, option, t)
    for at in range(desk.filled[bucket] // 2 - 1, -1, -1):
        sink(desk, bucket, at)
    put_in_row(desk, machine, bucket, desk.place[bucket])


@inner
def consider(a: Arrays, desk: Desk, rule: Rule, machine: int, bucket: int, last: int, t: int) -> None:
    """Take the bucket's first option as the machine's choice when it is wanted more than the one so far."""
    option = desk.heap[desk.room[bucket]]
    operation = desk.owner[option]
    setup = setup_before(a, machine, last, operation, option)
    value = score(rule, operation, a.option_run[option], setup, desk.ready[operation], t)
    if value > desk.value[machine] or (value == desk.value[machine] and option < desk.choice[machine]):
        desk.choice[machine], desk.value[machine] = option, value
