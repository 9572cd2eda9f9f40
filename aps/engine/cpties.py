"""What ties operations together in the CP-SAT model: what is before what, who helps where, what bakes together.

Transfer batches count in elapsed minutes, and whoever sets up is left to the decoder, which is exact in both.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from ortools.sat.python import cp_model

from aps.engine.arrays import DONE, Shop, Times
from aps.engine.compiled import NEVER


class Ground:
    """What the ties stand on: the operations that may move, with their variables, and where the others are.

    `on` says on which machine an operation is, `lane_free` who may come to a machine, `busy` the intervals in which a
    resource may be held.
    """

    shop: Shop
    times: Times
    model: cp_model.CpModel
    is_free: set[int]
    until: int
    start: dict[int, cp_model.IntVar]
    end: dict[int, cp_model.IntVar]
    on: dict[int, dict[int, cp_model.IntVar]]
    lane_free: dict[int, list[int]]
    busy: dict[int, list[cp_model.IntervalVar]]

    def start_of(self, at: int) -> cp_model.LinearExprT:
        """Its start, a variable or where it stands."""
        return self.start[at] if at in self.is_free else int(self.times.start[at])

    def end_of(self, at: int) -> cp_model.LinearExprT:
        """Its end, a variable or where it stands."""
        return self.end[at] if at in self.is_free else int(self.times.end[at])


def precedences(model: Ground) -> None:
    """Every link of which one side may move."""
    a = model.shop.a
    owner = np.repeat(np.arange(len(a.order)), np.diff(a.first_before))
    for k, (before, at) in enumerate(zip(a.before.tolist(), owner.tolist(), strict=True)):
        if at in model.is_free or before in model.is_free:
            _link(model, k, int(before), int(at))


def _link(model: Ground, k: int, before: int, at: int) -> None:
    a, lag = model.shop.a, int(model.shop.a.before_lag[k])
    if a.before_first[k] < 0:
        model.model.add(model.start_of(at) >= model.end_of(before) + lag)
    else:
        model.model.add(model.start_of(at) >= model.start_of(before) + int(a.before_first[k]) + lag)
        model.model.add(model.end_of(at) >= model.end_of(before) + lag + int(a.before_last[k]))
    if a.before_most[k] < NEVER:
        model.model.add(model.start_of(at) <= model.end_of(before) + int(a.before_most[k]))
    if len(a.travel):
        _way(model, before, at, lag)


def _way(model: Ground, before: int, at: int, lag: int) -> None:
    """Minutes from site to site, for each pair of machines that are far from each other."""
    a = model.shop.a
    for one, first in _places(model, before).items():
        for two, second in _places(model, at).items():
            minutes = int(a.travel[a.site[one], a.site[two]])
            if minutes:
                both = [literal for literal in (first, second) if literal is not None]
                far = model.model.add(model.start_of(at) >= model.end_of(before) + lag + minutes)
                far.only_enforce_if(both)


def _places(model: Ground, at: int) -> dict[int, cp_model.IntVar | None]:
    """The machines on which it may be, each with its literal; None where it stands already."""
    if at in model.is_free:
        return dict(model.on[at])
    machine = int(model.times.machine[at])
    return {machine: None} if machine >= 0 else {}


def people(model: Ground) -> None:
    """Nobody is busy twice at once; what is not free keeps whom it has."""
    a, times = model.shop.a, model.times
    held: dict[int, list[int]] = {}
    for at in np.flatnonzero((times.option >= 0) & (a.state != DONE)).tolist() if model.busy else ():
        option = int(times.option[at])
        if at not in model.is_free:
            for unit in a.held[a.first_held[option] : a.first_held[option + 1]].tolist():
                held.setdefault(unit, []).append(at)
    for unit, intervals in model.busy.items():
        fixed = [
            model.model.new_fixed_size_interval_var(int(times.start[at]), int(times.end[at] - times.start[at]), "")
            for at in held.get(unit, ())
            if times.end[at] > times.start[at]
        ]
        model.model.add_no_overlap([*intervals, *fixed])


def oven(model: Ground, machine: int, fixed: list[int]) -> None:
    """Any two are one after the other, or together when they are of one family and run time; and all must fit.

    `fixed` are those on the machine that stay where they are.
    """
    a, cp = model.shop.a, model.model
    free = model.lane_free[machine]
    for one, two in combinations([*free, *fixed], 2):
        if one not in model.is_free and two not in model.is_free:
            continue
        ways = [cp.new_bool_var(""), cp.new_bool_var("")]
        cp.add(model.start_of(two) >= model.end_of(one)).only_enforce_if(ways[0])
        cp.add(model.start_of(one) >= model.end_of(two)).only_enforce_if(ways[1])
        if _bakes_with(model, machine, one, two):
            ways.append(cp.new_bool_var(""))
            cp.add(model.start_of(one) == model.start_of(two)).only_enforce_if(ways[2])
        present = [model.on[at][machine] for at in (one, two) if at in model.is_free]
        cp.add_bool_or([*ways, *(~literal for literal in present)])
    intervals, sizes = [], []
    for at in free:
        lasts, here = cp.new_int_var(0, model.until, ""), model.on[at][machine]
        intervals.append(cp.new_optional_interval_var(model.start[at], lasts, model.end[at], here, ""))
        sizes.append(int(a.size[at]))
    for at in fixed:
        length = max(0, int(model.times.end[at] - model.times.start[at]))
        intervals.append(cp.new_fixed_size_interval_var(int(model.times.start[at]), length, ""))
        sizes.append(int(a.size[at]))
    cp.add_cumulative(intervals, sizes, int(a.capacity[machine]))


def _bakes_with(model: Ground, machine: int, one: int, two: int) -> bool:
    a = model.shop.a
    runs = [{int(a.option_run[k]) for k in _modes(model, at) if a.option_machine[k] == machine} for at in (one, two)]
    return bool(a.family[one] == a.family[two] and a.family[one] > 0 and runs[0] & runs[1])


def _modes(model: Ground, at: int) -> range:
    a = model.shop.a
    return range(int(a.first_option[at]), int(a.first_option[at + 1]))
