"""New work put between others that have time: they move to the right, but no order becomes late, or later than it is.

For each operation its latest start is kept: by then all that follows on its machine and in its order can still be done
in time. An insertion moves others by no more than that, and takes as much off the time of those before it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from aps.engine.arrays import FREE, Arrays, Shop, Times
from aps.engine.calendar import add_work, back_work, place, window_at
from aps.engine.compiled import NEVER, Ints, inner, jit
from aps.engine.decode import ready_at
from aps.engine.lanes import JOINS, Lanes, arrival, first_gap, put, setup_before, slot
from aps.engine.precedence import followers


class Slack(NamedTuple):
    """`late` is each operation's latest start; one that is `stiff` stays where it is. `due`: by when each order's work
    must end. `ahead` and `next` are its neighbours on the machine (-1: none), who waits for whom is as in
    precedence.followers; `stack` and `queued` are room to walk.
    """

    late: Ints
    stiff: Ints
    due: Ints
    ahead: Ints
    next: Ints
    first_after: Ints
    after: Ints
    row: Ints
    stack: Ints
    queued: Ints


def slack_of(shop: Shop, due: Ints) -> Slack:
    """Room for the latest starts of the shop's operations; `due` is by when the work of each order must end.

    Stiff is what the shop has decided, what shares an oven, and what is tied to the end or start of other work.
    """
    a = shop.a
    count = len(a.order)
    first_after, after, row = followers(a.first_before, a.before)
    owner = np.repeat(np.arange(count), np.diff(a.first_before))
    tied = (a.before_most < NEVER) | (a.before_first >= 0)
    stiff = np.where(a.state == FREE, 0, 1)
    stiff[owner[tied]] = 1
    stiff[a.before[tied]] = 1
    none, zero = np.full(count, -1, np.int64), np.zeros(count, np.int64)
    late = np.full(count, NEVER, np.int64)
    return Slack(late, stiff, due, none, none.copy(), first_after, after, row, zero, zero.copy())


@inner
def begin_by(a: Arrays, times: Times, operation: int, end: int) -> int:
    """The latest start from which the operation, on its machine, is done by `end`."""
    option = times.option[operation]
    row, run = a.option_calendar[option], a.option_run[option]
    if a.splittable[operation] == 1:
        return int(back_work(a.starts[row], a.ends[row], a.windows[row], end, run))
    k = window_at(a.starts[row], a.windows[row], end - 1)
    while k >= 0 and min(end, a.ends[row, k]) - a.starts[row, k] < run:
        k -= 1
    if k < 0:
        return -NEVER
    return int(min(end, a.ends[row, k]) - run)


@inner
def ahead_of(a: Arrays, times: Times, operation: int, follower: int, late: int) -> int:
    """By when the operation must end so that the one behind it on its machine can start at `late`, setup included."""
    machine, option = times.machine[follower], times.option[follower]
    setup = setup_before(a, machine, operation, follower, option)
    if setup > 0:
        row = a.option_setting[option]
        late = back_work(a.starts[row], a.ends[row], a.windows[row], late, setup)
    return int(late)


@inner
def way_between(a: Arrays, times: Times, before: int, operation: int) -> int:
    """Minutes from the site of one to the site of the other."""
    minutes = 0
    if len(a.travel) > 0:
        minutes = a.travel[a.site[times.machine[before]], a.site[times.machine[operation]]]
    return minutes


@inner
def meet(a: Arrays, lanes: Lanes, slack: Slack, machine: int, position: int) -> None:
    """Note the neighbours of the operation at a position of a lane."""
    one = lanes.sequence[machine, position]
    if a.capacity[machine] > 1:
        return
    if position > 0:
        other = lanes.sequence[machine, position - 1]
        slack.ahead[one], slack.next[other] = other, one
    if position + 1 < lanes.used[machine]:
        other = lanes.sequence[machine, position + 1]
        slack.next[one], slack.ahead[other] = other, one


@inner
def latest_of(a: Arrays, times: Times, slack: Slack, operation: int) -> int:
    """The operation's latest start by what follows it on its machine and in its order, and by its own order's end."""
    if slack.stiff[operation] == 1 or a.capacity[times.machine[operation]] > 1:
        return int(times.start[operation])
    end: int = slack.due[a.order[operation]]
    for k in range(slack.first_after[operation], slack.first_after[operation + 1]):
        follower = slack.after[k]
        if times.machine[follower] >= 0:
            lag = a.before_lag[slack.row[k]] + way_between(a, times, operation, follower)
            end = min(end, slack.late[follower] - lag)
    if slack.next[operation] >= 0:
        follower = slack.next[operation]
        end = min(end, ahead_of(a, times, operation, follower, slack.late[follower]))
    return int(max(times.start[operation], begin_by(a, times, operation, end)))


@jit
def all_latest(a: Arrays, lanes: Lanes, times: Times, slack: Slack, backwards: Ints) -> None:
    """Write the latest starts of the operations that are planned, those that start last first."""
    for machine in range(len(lanes.used)):
        for position in range(lanes.used[machine]):
            meet(a, lanes, slack, machine, position)
    for operation in backwards:
        slack.late[operation] = latest_of(a, times, slack, operation)


@jit
def squeeze_in(a: Arrays, lanes: Lanes, times: Times, slack: Slack, news: Ints, until: int) -> int:
    """Place the new operations (predecessors first) as early as the others' slack allows, to end by `until`; how many
    found a place.
    """
    for count in range(len(news)):
        operation = news[count]
        ready = ready_at(a, times, operation)
        best_end, best_start, best_at, best_option = until + 1, NEVER, -1, -1
        for option in range(a.first_option[operation], a.first_option[operation + 1]):
            if a.capacity[a.option_machine[option]] > 1 or slack.stiff[operation] == 1:
                at = first_gap(lanes, times, a.option_machine[option], ready)
                start, end, at = slot(a, lanes, times, operation, option, ready, at, best_end - 1)
            else:
                start, end, at = squeezed(a, lanes, times, slack, operation, option, ready, best_end - 1)
            if end < best_end:
                best_end, best_start, best_at, best_option = end, start, at, option
        if best_option < 0:
            return count
        put(a, lanes, times, operation, best_option, best_start, best_end, best_at)
        if best_at < JOINS:
            meet(a, lanes, slack, times.machine[operation], best_at)
        push(a, times, slack, operation)
        pull(a, times, slack, operation)
    return len(news)


@inner
def squeezed(
    a: Arrays, lanes: Lanes, times: Times, slack: Slack, operation: int, option: int, ready: int, bound: int
) -> tuple[int, int, int]:
    """First (start, end, position) ahead of operations that have the time; NEVER when that ends after `bound`."""
    machine, row, setting = a.option_machine[option], a.option_calendar[option], a.option_setting[option]
    if len(a.travel) > 0:
        ready = max(ready, arrival(a, times, operation, machine))
    best = NEVER, NEVER, -1
    for position in range(first_gap(lanes, times, machine, ready), lanes.used[machine] + 1):
        last, free = -1, a.now
        if position > 0:
            last = lanes.sequence[machine, position - 1]
            free = max(free, times.end[last])
        if free > bound:
            break
        setup = setup_before(a, machine, last, operation, option)
        if setup > 0:
            free = add_work(a.starts[setting], a.ends[setting], a.windows[setting], free, setup)
        start, end = place(
            a.starts[row],
            a.ends[row],
            a.windows[row],
            max(free, ready),
            a.option_run[option],
            a.splittable[operation],
        )
        if end <= bound and leaves_time(a, lanes, times, slack, operation, machine, position, end):
            best, bound = (start, end, position), end - 1
    return best


@inner
def leaves_time(
    a: Arrays, lanes: Lanes, times: Times, slack: Slack, operation: int, machine: int, position: int, end: int
) -> bool:
    """Whether what is at the position can still be done in time when the operation ends ahead of it at `end`."""
    if position == lanes.used[machine]:
        return True
    follower = lanes.sequence[machine, position]
    in_time: bool = end <= ahead_of(a, times, operation, follower, slack.late[follower])
    return in_time


@inner
def push(a: Arrays, times: Times, slack: Slack, operation: int) -> None:
    """Move what is behind the operation to the right, as far as it must."""
    slack.stack[0], length = operation, 1
    while length > 0:
        length -= 1
        one = slack.stack[length]
        slack.queued[one] = 0
        other = slack.next[one]
        if other >= 0:
            setup = setup_before(a, times.machine[one], one, other, times.option[other])
            free: int = times.end[one]
            if setup > 0:
                row = a.option_setting[times.option[other]]
                free = add_work(a.starts[row], a.ends[row], a.windows[row], free, setup)
            length = moved(a, times, slack, other, free, length)
        for k in range(slack.first_after[one], slack.first_after[one + 1]):
            other = slack.after[k]
            if times.machine[other] >= 0 and a.before_first[slack.row[k]] < 0:
                free = times.end[one] + a.before_lag[slack.row[k]] + way_between(a, times, one, other)
                length = moved(a, times, slack, other, free, length)


@inner
def moved(a: Arrays, times: Times, slack: Slack, other: int, free: int, length: int) -> int:
    """Let the operation start at `free` or later; the length of the stack then."""
    if free <= times.start[other]:
        return length
    option = times.option[other]
    row = a.option_calendar[option]
    start, end = place(a.starts[row], a.ends[row], a.windows[row], free, a.option_run[option], a.splittable[other])
    if start > times.start[other]:
        times.start[other], times.end[other] = start, end
        if slack.queued[other] == 0:
            slack.queued[other] = 1
            slack.stack[length] = other
            length += 1
    return length


@inner
def pull(a: Arrays, times: Times, slack: Slack, operation: int) -> None:
    """The latest starts of the operation and of what it now keeps from waiting longer."""
    slack.stack[0], length = operation, 1
    while length > 0:
        length -= 1
        one = slack.stack[length]
        slack.queued[one] = 0
        late = latest_of(a, times, slack, one)
        if late >= slack.late[one]:
            continue
        slack.late[one] = late
        if slack.ahead[one] >= 0:
            length = queue(slack, slack.ahead[one], length)
        for k in range(a.first_before[one], a.first_before[one + 1]):
            if times.machine[a.before[k]] >= 0:
                length = queue(slack, a.before[k], length)


@inner
def queue(slack: Slack, operation: int, length: int) -> int:
    """Put the operation on the stack once; the length then."""
    if slack.queued[operation] == 0 and slack.stiff[operation] == 0:
        slack.queued[operation] = 1
        slack.stack[length] = operation
        length += 1
    return length
