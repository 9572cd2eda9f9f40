"""How an operation can be done: an option's machine, with the people and tools that its needs choose.

A mode is an option and one resource per need (who sets the machine up comes last). Each has a calendar of its own: the
minutes in which its machine and its resources all work. Equal calendars are kept once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from aps.engine.calendar import common, open_windows, rows_of_windows
from aps.engine.checks import Id, ProblemError, Window
from aps.engine.compiled import Ints
from aps.engine.problem import Machine, Operation, Option, Problem

MOST = 400
"""Modes of one operation; more would fill memory with choices that hardly differ."""


@dataclass(frozen=True, slots=True)
class Mode:
    """An option with chosen resources: `run` are busy from start to end, `setter` (-1: nobody) while it is set up."""

    option: Option
    run: tuple[int, ...]
    setter: int


@dataclass
class Calendars:
    """Rows of windows: first those of the machines, then whatever modes and shipping need."""

    rows: list[list[Window]]
    machines: Mapping[Id, int]
    people: list[list[Window]]
    known: dict[tuple[Window, ...], int] = field(default_factory=dict)
    shared: dict[tuple[int, ...], int] = field(default_factory=dict)

    def copy(self) -> Calendars:
        """An independent copy, for a shop with more work."""
        return replace(self, rows=list(self.rows), known=dict(self.known), shared=dict(self.shared))

    def of(self, machine: Id, people: Sequence[int]) -> int:
        """The row in which the machine and all of the people work."""
        at = self.machines[machine]
        key = (at, *sorted(people))
        if not people:
            return at
        if key not in self.shared:
            windows = self.rows[at]
            for one in people:
                windows = common(windows, self.people[one])
            self.shared[key] = self.row(windows)
        return self.shared[key]

    def row(self, windows: Sequence[Window]) -> int:
        """The row with these windows."""
        key = tuple(windows)
        if key not in self.known:
            self.known[key] = len(self.rows)
            self.rows.append(list(windows))
        return self.known[key]

    def arrays(self) -> tuple[Ints, Ints, Ints]:
        """Starts, ends, and how many of each row count."""
        return rows_of_windows(self.rows)


def calendars_of(problem: Problem) -> Calendars:
    """The machines' calendars; others are added as they are asked for."""
    machines = {machine.id: at for at, machine in enumerate(problem.machines)}
    people = [open_windows(one) for one in problem.resources]
    return Calendars([open_windows(machine) for machine in problem.machines], machines, people)


def modes_of(problem: Problem, operations: Sequence[Operation]) -> list[list[Mode]]:
    """The modes of each operation, in the order of its options and of the resources."""
    able: dict[str, list[int]] = {}
    for at, resource in enumerate(problem.resources):
        for skill in resource.skills:
            able.setdefault(skill, []).append(at)
    machines = {machine.id: machine for machine in problem.machines}
    found = []
    for operation in operations:
        modes = [
            mode for option in operation.options for mode in _modes(operation, option, machines[option.machine], able)
        ]
        if len(modes) > MOST:
            raise ProblemError(
                f"operation {operation.id}: expected at most {MOST} ways to choose machine and people, got {len(modes)}"
            )
        found.append(modes)
    return found


def _modes(operation: Operation, option: Option, machine: Machine, able: Mapping[str, list[int]]) -> Iterator[Mode]:
    setters = able[machine.setter] if machine.setter else [-1]
    for chosen in product(*(able[skill] for skill in operation.needs)):
        if len(set(chosen)) == len(chosen):
            for setter in setters:
                yield Mode(option, chosen, setter)


def mode_columns(problem: Problem, modes: Sequence[Sequence[Mode]], calendars: Calendars) -> dict[str, Ints]:
    """The rows of options in the arrays: machine, minutes, calendars and resources of each mode."""
    flat = [mode for row in modes for mode in row]
    machine_at = calendars.machines
    held = [[(one, 0) for one in mode.run] + ([(mode.setter, 1)] if mode.setter >= 0 else []) for mode in flat]
    return {
        "first_option": offsets([len(row) for row in modes]),
        "option_machine": ints([machine_at[mode.option.machine] for mode in flat]),
        "option_setup": ints([mode.option.setup_min for mode in flat]),
        "option_run": ints([mode.option.run_min for mode in flat]),
        "option_calendar": ints([calendars.of(mode.option.machine, mode.run) for mode in flat]),
        "option_setting": ints(
            [calendars.of(mode.option.machine, [mode.setter] if mode.setter >= 0 else []) for mode in flat]
        ),
        "first_held": offsets([len(row) for row in held]),
        "held": ints([one for row in held for one, _ in row]),
        "held_setup": ints([is_setup for row in held for _, is_setup in row]),
    }


def ints(values: Sequence[int]) -> Ints:
    """A column."""
    return np.array(values, np.int64)


def offsets(counts: Sequence[int]) -> Ints:
    """Where each row's entries begin, and the end of the last."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(ints(counts))]).astype(np.int64)
