"""First plans: active schedules by the longest way to the end, with noise."""

from __future__ import annotations

import numpy as np

from aps.engine.compiled import Ints, inner, jit
from aps.engine.dice import throw
from aps.engine.rigid.net import Net

LARGE = 20_000
"""Operations beyond which the plan is built in one pass along a sorted list."""


def tails_of(net: Net) -> Ints:
    """The longest way from each operation's start to the end of all, everything on its fastest machine."""
    tail = net.after.copy()
    shortest = np.minimum.reduceat(net.option_run, net.first_option[:-1])
    for operation in net.topological[::-1].tolist():
        tail[operation] += shortest[operation]
        for k in range(net.first_before[operation], net.first_before[operation + 1]):
            before = net.before[k]
            tail[before] = max(tail[before], tail[operation] + net.before_lag[k])
    return tail


def first_order(net: Net, tail: Ints, noise: int, thrift: int, dice: Ints) -> tuple[Ints, Ints]:
    """Order and options of an active schedule; `noise` in percent disturbs the priorities.

    With `thrift` an operation waits for a faster machine: so many minutes of waiting for each minute of work saved.
    """
    count = len(net.release)
    wanted = tail.copy()
    order, option = np.zeros(count, np.int64), np.zeros(count, np.int64)
    ready, free = net.release.copy(), np.zeros(len(net.first_lane) - 1, np.int64)
    disturb(wanted, noise, dice)
    if count > LARGE:
        soonest = heads_of(net)
        order[:] = np.lexsort((-wanted, soonest))
        in_turn(net, order, option, ready, free, thrift)
        return order, option
    queue, waiting = np.zeros(count, np.int64), np.diff(net.first_before)
    dispatch(net, wanted, order, option, ready, free, queue, waiting, thrift)
    return order, option


def heads_of(net: Net) -> Ints:
    """When each operation could start if it never had to wait for a machine."""
    head = net.release.copy()
    shortest = np.minimum.reduceat(net.option_run, net.first_option[:-1])
    for operation in net.topological.tolist():
        for k in range(net.first_before[operation], net.first_before[operation + 1]):
            before = net.before[k]
            head[operation] = max(head[operation], head[before] + shortest[before] + net.before_lag[k])
    return head


@jit
def disturb(wanted: Ints, noise: int, dice: Ints) -> None:
    """Change every number by up to `noise` percent either way."""
    for k in range(len(wanted)):
        if noise > 0:
            wanted[k] += wanted[k] * (throw(dice, 2 * noise + 1) - noise) // 100


@inner
def soonest_end(net: Net, operation: int, ready: int, free: Ints, thrift: int) -> tuple[int, int]:
    """The option on which the operation would end first, longer work counted again `thrift` times, and its end."""
    best, found, ends = 1 << 60, -1, 0
    for option in range(net.first_option[operation], net.first_option[operation + 1]):
        end = max(ready, free[net.option_machine[option]]) + net.option_run[option]
        if end + thrift * net.option_run[option] < best:
            best, found, ends = end + thrift * net.option_run[option], option, end
    return found, ends


@inner
def release_next(net: Net, operation: int, end: int, ready: Ints, waiting: Ints, queue: Ints, queued: int) -> int:
    """Let followers start; how many are in the queue then."""
    for k in range(net.first_behind[operation], net.first_behind[operation + 1]):
        behind = net.behind[k]
        ready[behind] = max(ready[behind], end + net.behind_lag[k])
        waiting[behind] -= 1
        if waiting[behind] == 0:
            queue[queued] = behind
            queued += 1
    return queued


@inner
def next_of(net: Net, wanted: Ints, queue: Ints, ready: Ints, free: Ints, thrift: int) -> tuple[int, int]:
    """Queue position and option: on the machine of whatever could end first, what could start before that end and has
    the longest way to go (Giffler and Thompson, 1960).
    """
    at, option, end = 0, -1, 1 << 60
    for k in range(len(queue)):
        one, ends = soonest_end(net, queue[k], ready[queue[k]], free, thrift)
        if ends < end:
            at, option, end = k, one, ends
    machine, most = net.option_machine[option], wanted[queue[at]]
    for k in range(len(queue)):
        operation = queue[k]
        if wanted[operation] > most and ready[operation] < end:
            one, _ = soonest_end(net, operation, ready[operation], free, thrift)
            if net.option_machine[one] == machine:
                at, option, most = k, one, wanted[operation]
    return at, option


@jit
def dispatch(
    net: Net,
    wanted: Ints,
    order: Ints,
    option: Ints,
    ready: Ints,
    free: Ints,
    queue: Ints,
    waiting: Ints,
    thrift: int,
) -> None:
    """Place one operation after the other where `next_of` says."""
    queued = 0
    for operation in range(len(wanted)):
        if waiting[operation] == 0:
            queue[queued] = operation
            queued += 1
    for done in range(len(wanted)):
        at, one = next_of(net, wanted, queue[:queued], ready, free, thrift)
        operation = queue[at]
        machine = net.option_machine[one]
        free[machine] = max(ready[operation], free[machine]) + net.option_run[one]
        order[done], option[operation] = operation, one
        queued -= 1
        queue[at] = queue[queued]
        queued = release_next(net, operation, free[machine], ready, waiting, queue, queued)


@jit
def in_turn(net: Net, order: Ints, option: Ints, ready: Ints, free: Ints, thrift: int) -> None:
    """Place the operations in the order given, each where it ends first."""
    for operation in order:
        one, end = soonest_end(net, operation, ready[operation], free, thrift)
        option[operation] = one
        free[net.option_machine[one]] = end
        for k in range(net.first_behind[operation], net.first_behind[operation + 1]):
            ready[net.behind[k]] = max(ready[net.behind[k]], end + net.behind_lag[k])
