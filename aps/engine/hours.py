"""Other working hours for a plan that stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from aps.engine.arrays import DONE, Shop, Times, shop_of
from aps.engine.calendar import open_windows, without
from aps.engine.problem import Id, Machine, ProblemError, Window, with_machines

Hours = Mapping[Id, Sequence[Window]]


def with_calendars(shop: Shop, machines: Mapping[int, Machine]) -> Shop:
    """The shop in which the machines at these positions have other windows or holes.

    Milliseconds, nothing is built anew; with people and tools, who share hours with machines, the arrays are.
    """
    rows = list(shop.problem.machines)
    for at, machine in machines.items():
        rows[at] = machine
    problem = with_machines(shop.problem, rows)
    if shop.a.units > 0:
        return shop_of(problem)
    calendars = shop.calendars.copy()
    for at, machine in machines.items():
        calendars.rows[at] = open_windows(machine)
    starts, ends, windows = calendars.arrays()
    arrays = shop.a._replace(starts=starts, ends=ends, windows=windows)
    return replace(shop, problem=problem, a=arrays, calendars=calendars)


def lengthened(shop: Shop, times: Times, hours: Hours) -> tuple[Shop, dict[Id, list[Window]]]:
    """The shop with overtime, and the hours that are new: outside of what the machines work, have holes in, or do.

    An operation that rests over such hours would end earlier in them, so they are not opened. Raises ProblemError.
    """
    changed: dict[int, Machine] = {}
    extra: dict[Id, list[Window]] = {}
    for key, wanted in hours.items():
        at = shop.machine_at.get(key)
        if at is None:
            raise ProblemError(f"overtime: machine {key} is not known: expected one of the problem's machines")
        machine = shop.problem.machines[at]
        on = np.flatnonzero((times.machine == at) & (shop.a.state != DONE))
        busy = [(int(min(times.begin[one], times.start[one])), int(times.end[one])) for one in on.tolist()]
        news = without(sorted(wanted), [*machine.windows, *machine.holes, *busy])
        if news:
            windows = sorted([*machine.windows, *news])
            changed[at], extra[key] = replace(machine, windows=windows), news
    return (with_calendars(shop, changed) if changed else shop), extra
