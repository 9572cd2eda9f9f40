"""Rigid shops with work that takes no time, told in a finer grain in which everything takes some.

Times are multiplied by one more than there are operations that may take no time; those take 1. In such minutes a path
has less than one minute of the shop to spare for all of them, so rounding down gives a plan that is legal, as long as
its longest path, and the bound stays a bound.
"""

from __future__ import annotations

from dataclasses import replace

from aps.engine.problem import Operation, Option, Placement, Plan, Problem

OPEN = 1 << 39
"""The end of windows in the finer grain; ends well before the engine's NEVER."""


def grain_of(problem: Problem) -> int:
    """In how many parts each minute is cut; 1 when everything takes time."""
    return 1 + sum(any(option.run_min == 0 for option in one.options) for one in problem.operations)


def finer(problem: Problem, grain: int) -> Problem:
    """The same rigid shop in parts of minutes; itself when there is only one."""
    if grain == 1:
        return problem
    return replace(
        problem,
        machines=[replace(one, windows=((0, OPEN),)) for one in problem.machines],
        operations=[_finer(one, grain) for one in problem.operations],
        orders=[replace(one, due_min=None, transport_min=one.transport_min * grain) for one in problem.orders],
        now_min=problem.now_min * grain,
    )


def _finer(one: Operation, grain: int) -> Operation:
    return replace(
        one,
        options=[Option(option.machine, 0, max(1, option.run_min * grain)) for option in one.options],
        predecessors=[(before, lag * grain) for before, lag in one.predecessors],
        release_min=one.release_min * grain,
    )


def coarser(problem: Problem, plan: Plan, grain: int) -> Plan:
    """The plan of the finer problem in the minutes of this one."""
    found = {}
    for one in problem.operations:
        place = plan[one.id]
        start = place.start // grain
        run = next(option.run_min for option in one.options if option.machine == place.machine)
        found[one.id] = Placement(place.machine, start, start + run)
    return Plan(found)
