"""What each cause would have allowed an operation of a plan: its machine, hours, predecessors, people, batch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from aps.engine.arrays import DONE, STARTED, Arrays, Shop, Times
from aps.engine.calendar import add_work, common, place, rows_of_windows
from aps.engine.compiled import NEVER, Ints
from aps.engine.lanes import Lanes, setup_before
from aps.engine.problem import Window


def lane_of(times: Times, lanes: Lanes, at: int) -> tuple[Ints, int]:
    """What its machine does, in order, and its place there; in an oven that of the batch."""
    machine = int(times.machine[at])
    lane = lanes.sequence[machine, : lanes.used[machine]]
    found = np.flatnonzero(lane == at)
    if len(found) == 0:
        found = np.flatnonzero(times.start[lane] == times.start[at])
    return lane, int(found[0]) if len(found) else 0


def could_start(shop: Shop, times: Times, at: int, last: int, ready: int) -> tuple[int, int]:
    """When the machine is free and set up behind `last`, and when the operation could start there."""
    a = shop.a
    machine, option = int(times.machine[at]), int(times.option[at])
    rows = int(a.option_setting[option]), int(a.option_calendar[option])
    setting, calendar = ((a.starts[row], a.ends[row], int(a.windows[row])) for row in rows)
    setup = setup_before(a, machine, last, at, option)
    free = max(a.now, int(times.end[last])) if last >= 0 else a.now
    free = int(add_work(*setting, free, setup)) if setup else free
    could, _ = place(*calendar, max(ready, free), int(a.option_run[option]), int(a.splittable[at]))
    return free, int(could)


def placed(a: Arrays, times: Times, at: int, t: int) -> tuple[int, int]:
    """The first place from `t` on in the hours of its machine and people, whatever else there is."""
    row = int(a.option_calendar[times.option[at]])
    run = int(a.option_run[times.option[at]])
    start, end = place(a.starts[row], a.ends[row], int(a.windows[row]), t, run, int(a.splittable[at]))
    return int(start), int(end)


def placed_within(shop: Shop, times: Times, at: int, ready: int, hours: Sequence[Sequence[Window]]) -> int:
    """The first start from `ready` on in the hours that all have in common."""
    both = list(hours[0])
    for one in hours[1:]:
        both = common(both, one)
    starts, ends, windows = rows_of_windows([both])
    run = int(shop.a.option_run[times.option[at]])
    return int(place(starts[0], ends[0], int(windows[0]), ready, run, int(shop.a.splittable[at]))[0])


def latest_before(shop: Shop, times: Times, at: int) -> tuple[int, int, int]:
    """When predecessors let it start, which of them is last (-1: none later than now), and how long its way is."""
    a = shop.a
    ready, behind, longest = a.now, -1, 0
    for k in range(a.first_before[at], a.first_before[at + 1]):
        before, first = int(a.before[k]), int(a.before_first[k])
        there = int(times.end[before]) if first < 0 else _first_batch(a, times, before, first)
        way = int(a.travel[a.site[times.machine[before]], a.site[times.machine[at]]]) if len(a.travel) else 0
        lagged = there + int(a.before_lag[k]) + way
        if lagged > ready:
            ready, behind, longest = lagged, before, way
    return ready, behind, longest


def _first_batch(a: Arrays, times: Times, at: int, minutes: int) -> int:
    """When so many working minutes of the operation are done; not after its end."""
    option = int(times.option[at])
    row = int(a.option_calendar[option]) if option >= 0 else int(times.machine[at])
    done = int(add_work(a.starts[row], a.ends[row], int(a.windows[row]), int(times.start[at]), minutes))
    return min(done, int(times.end[at]))


def at_work(a: Arrays, times: Times, at: int, runs: bool = False) -> list[int]:
    """The people and tools at an operation; `runs`: without whoever sets the machine up."""
    if a.state[at] == STARTED:
        found: list[int] = a.fixed_held[a.first_fixed[at] : a.first_fixed[at + 1]].tolist()
        return found
    option = int(times.option[at])
    rows = range(a.first_held[option], a.first_held[option + 1]) if option >= 0 else ()
    return [int(a.held[k]) for k in rows if not (runs and a.held_setup[k] == 1)]


def busy_with(lanes: Lanes, unit: int, start: int, end: int, own: tuple[int, int]) -> int:
    """Until when the resource is busy with what overlaps [start, end) and does not begin at `own`; -1: it is not."""
    rows = zip(lanes.busy_from[unit, : lanes.busy[unit]].tolist(), lanes.busy_until[unit].tolist(), strict=False)
    return max((until for since, until in rows if since < end and until > start and since not in own), default=-1)


def busy_setter(a: Arrays, times: Times, lanes: Lanes, at: int, could: int) -> tuple[int, int]:
    """Who would have had to set up for a start at `could` and was busy, and until when; -1 for nobody."""
    option, setup, begin = int(times.option[at]), int(times.setup[at]), int(times.begin[at])
    row = int(a.option_setting[option])
    for k in range(a.first_held[option], a.first_held[option + 1]) if setup else ():
        if a.held_setup[k] == 1:
            unit = int(a.held[k])
            ends = [one for one in lanes.busy_until[unit, : lanes.busy[unit]].tolist() if one <= begin]
            until = max(ends, default=-1)
            if until >= 0 and int(add_work(a.starts[row], a.ends[row], int(a.windows[row]), until, setup)) > could:
                return unit, until
    return -1, -1


def slowest_mate(shop: Shop, times: Times, lanes: Lanes, at: int, could: int) -> int:
    """Whoever starts with it in an oven and could not have started so early; the last of them, -1 for nobody."""
    a = shop.a
    if a.capacity[times.machine[at]] == 1:
        return -1
    mates = np.flatnonzero((times.machine == times.machine[at]) & (times.start == times.start[at]) & (a.state != DONE))
    lane, position = lane_of(times, lanes, at)
    last = int(lane[position - 1]) if position > 0 else -1
    found = [(could, -1)]
    for mate in mates.tolist():
        if mate != at and a.state[mate] != STARTED:
            ready = max(latest_before(shop, times, mate)[0], int(a.release[mate]))
            found.append((could_start(shop, times, mate, last, ready)[1], mate))
    return max(found, key=lambda one: one[0])[1]


def ends_behind(shop: Shop, times: Times, at: int, could: int) -> int:
    """What it overlaps with and could not have ended behind from `could` on; the last of them, -1 for nothing."""
    a, machine, least = shop.a, int(times.machine[at]), placed(shop.a, times, at, could)[1]
    row = int(a.option_calendar[times.option[at]])
    found = [(least, -1)]
    for k in range(a.first_before[at], a.first_before[at + 1]):
        before = int(a.before[k])
        if a.before_first[k] >= 0:
            way = int(a.travel[a.site[times.machine[before]], a.site[machine]]) if len(a.travel) else 0
            end, rest = int(times.end[before] + a.before_lag[k]) + way, int(a.before_last[k])
            end = int(add_work(a.starts[row], a.ends[row], int(a.windows[row]), end, rest)) if rest else end
            found.append((end, before))
    return max(found, key=lambda one: one[0])[1]


def torn_follower(shop: Shop, times: Times, at: int, could: int) -> int:
    """What follows and would begin too long behind it if it started at `could`; -1 for nothing."""
    a, end = shop.a, placed(shop.a, times, at, could)[1]
    for k in np.flatnonzero((a.before == at) & (a.before_most < NEVER)).tolist():
        follower = int(np.searchsorted(a.first_before, k, side="right")) - 1
        if end + a.before_most[k] < times.start[follower]:
            return follower
    return -1
