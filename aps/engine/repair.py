"""Reacting to events: the first legal plan at once, by shifting to the right what an event touches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from aps.engine.arrays import Shop, Times, shop_of
from aps.engine.compiled import Ints
from aps.engine.construct import urgency
from aps.engine.decode import by_time, decode
from aps.engine.hours import with_calendars
from aps.engine.problem import Id, Plan, Problem, Window


def right_shift(problem: Problem, incumbent: Plan) -> Plan:
    """Keep machines and starts of the incumbent; move later only what a hole, late material or late work touches.

    Operations that are not in the incumbent are added without moving the others. Milliseconds for thousands of
    operations. Raises HorizonTooShortError.
    """
    shop = shop_of(problem)
    return shop.plan(shifted(shop, shop.times(incumbent)))


def broken(shop: Shop, times: Times, machine: Id, hole: Window) -> tuple[Shop, Times]:
    """The shop with one more hole in a machine, and its plan shifted to the right: milliseconds, nothing is built anew.

    Only where nobody shares the machine's hours; with people and tools the arrays are built again.
    """
    at = shop.machine_at[machine]
    before = shop.problem.machines[at]
    after = with_calendars(shop, {at: replace(before, holes=(*before.holes, hole))})
    return after, shifted(after, times)


def shifted(shop: Shop, times: Times, first: Ints | None = None) -> Times:
    """Right-shift in arrays: planned operations keep machine and sequence and do not start earlier than they did.

    What is not planned comes last, by `first` (smaller first; default: due date), into gaps. An operation keeps its
    place before others in the gap where it stood, so nothing moves that need not.
    """
    planned = times.machine >= 0
    key = np.where(planned, times.start, 0)
    sequence = by_time(shop, key)
    known, new = sequence[planned[sequence]], np.flatnonzero(~planned)
    if len(new):
        new = by_time(shop, np.asarray(urgency(shop) if first is None else first))
        new = new[~planned[new]]
    floor = np.where(planned, times.start, 0)
    gaps = np.ones(len(key), np.int64)
    return decode(shop, settled(shop, np.concatenate([known, new])), times.option, floor, gaps)


def without(times: Times, rows: Ints) -> Times:
    """The plan from which these operations have been taken out."""
    left = times.copy()
    left.machine[rows] = left.option[rows] = -1
    for column in (left.start, left.end, left.setup, left.begin):
        column[rows] = 0
    return left


def settled(shop: Shop, sequence: Ints) -> Ints:
    """The sequence, with an operation pulled ahead of those planned ones that must wait for it."""
    position = np.empty(len(sequence), np.int64)
    position[sequence] = np.arange(len(sequence))
    return by_time(shop, position)
