"""The problem as NumPy arrays: positions instead of ids, so that the hot loops touch numbers only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from aps.engine.calendar import window_arrays
from aps.engine.compiled import NEVER, Ints
from aps.engine.problem import (
    Fixed,
    HorizonTooShortError,
    Id,
    Operation,
    Order,
    Placement,
    Plan,
    Problem,
    State,
    topological,
)

FREE, PINNED, STARTED, DONE = 0, 1, 2, 3
_STATES = {State.FREE: FREE, State.PINNED: PINNED, State.STARTED: STARTED, State.DONE: DONE}


class Arrays(NamedTuple):
    """Rows of machines, operations, options (by operation), predecessors (by operation) and orders."""

    now: int
    starts: Ints
    ends: Ints
    windows: Ints
    machine_family: Ints
    order: Ints
    family: Ints
    release: Ints
    splittable: Ints
    state: Ints
    fixed_machine: Ints
    fixed_start: Ints
    fixed_rest: Ints
    first_option: Ints
    option_machine: Ints
    option_setup: Ints
    option_run: Ints
    first_before: Ints
    before: Ints
    before_lag: Ints
    due: Ints
    weight: Ints
    transport: Ints
    change: Ints
    base_start: Ints
    base_machine: Ints
    weights: Ints


class Times(NamedTuple):
    """A plan as arrays: machine (-1 not planned), option (-1 none), start, end, setup minutes and setup start."""

    machine: Ints
    option: Ints
    start: Ints
    end: Ints
    setup: Ints
    begin: Ints

    def copy(self) -> Times:
        """An independent copy of every column."""
        return Times(*(column.copy() for column in self))


def empty_times(count: int) -> Times:
    """No operation planned."""
    none, zero = np.full(count, -1, np.int64), np.zeros(count, np.int64)
    return Times(none, none.copy(), zero, zero.copy(), zero.copy(), zero.copy())


@dataclass(frozen=True)
class Shop:
    """A problem with its arrays and the positions of its ids."""

    problem: Problem
    a: Arrays
    machine_at: Mapping[Id, int]
    operation_at: Mapping[Id, int]
    family_at: Mapping[str, int]
    topological: Ints

    @property
    def operations(self) -> Sequence[Operation]:
        """The problem's operations, in the order of the arrays."""
        return self.problem.operations

    def times(self, plan: Plan) -> Times:
        """The plan as arrays; placements of operations that the problem does not know are left out."""
        times = empty_times(len(self.operations))
        a = self.a
        for key, placement in plan.items():
            at = self.operation_at.get(key)
            machine = self.machine_at.get(placement.machine)
            if at is None or machine is None:
                continue
            option = next(
                (k for k in range(a.first_option[at], a.first_option[at + 1]) if a.option_machine[k] == machine), -1
            )
            if option < 0 and a.state[at] in (FREE, PINNED):
                continue
            times.machine[at], times.option[at] = machine, option
            times.start[at], times.end[at] = placement.start, placement.end
            times.setup[at] = placement.setup_min
            times.begin[at] = placement.start if placement.setup_start is None else placement.setup_start
        return times

    def plan(self, times: Times, only: Iterable[int] | None = None) -> Plan:
        """The arrays as a plan. Raises HorizonTooShortError when work did not fit into the calendars."""
        rows = range(len(self.operations)) if only is None else only
        columns = [column.tolist() for column in times]
        machine, _, start, end, setup, begin = columns
        late = [at for at in rows if machine[at] < 0 or end[at] >= NEVER]
        if late:
            raise HorizonTooShortError(_too_short(self.operations[late[0]], len(late)))
        names = [one.id for one in self.problem.machines]
        return Plan(
            {
                self.operations[at].id: Placement(
                    names[machine[at]], start[at], end[at], begin[at] if setup[at] else None, setup[at]
                )
                for at in rows
            }
        )

    def with_baseline(self, baseline: Plan | None) -> Shop:
        """The same shop, with the published plan against which stability is measured."""
        if baseline is None:
            return self
        times = self.times(baseline)
        return replace(self, a=self.a._replace(base_start=times.start, base_machine=times.machine))


def _too_short(operation: Operation, count: int) -> str:
    choices = ", ".join(f"{one.run_min} min on {one.machine}" for one in operation.options)
    whole = "" if operation.splittable else " in one piece"
    return (
        f"operation {operation.id} (and {count - 1} more): expected working windows that hold {choices}{whole} "
        "behind the work already there"
    )


def _ints(values: Iterable[int]) -> Ints:
    return np.array(list(values), np.int64)


def _offsets(counts: Iterable[int]) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(_ints(counts))]).astype(np.int64)


def shop_of(problem: Problem, baseline: Plan | None = None) -> Shop:
    """Build the arrays. Milliseconds for thousands of operations; keep the result when many questions follow."""
    machine_at = {machine.id: at for at, machine in enumerate(problem.machines)}
    operation_at = {operation.id: at for at, operation in enumerate(problem.operations)}
    order_at = {order.id: at for at, order in enumerate(problem.orders)}
    family_at: dict[str, int] = {"": 0}
    names = [machine.family for machine in problem.machines] + [one.family for one in problem.operations]
    for name in [*names, *(side for change in problem.setups for side in change)]:
        family_at.setdefault(name, len(family_at))
    starts, ends, windows = window_arrays(problem.machines)
    weights = problem.weights
    none = np.full(len(problem.operations), -1, np.int64)
    a = Arrays(
        now=problem.now_min,
        starts=starts,
        ends=ends,
        windows=windows,
        machine_family=_ints(family_at[machine.family] for machine in problem.machines),
        **_operation_columns(problem.operations, machine_at, order_at, family_at),
        **_before_columns(problem.operations, operation_at),
        **_order_columns(problem.orders),
        change=_changes(problem.setups, family_at),
        base_start=none,
        base_machine=none.copy(),
        weights=_ints(getattr(weights, name) for name in weights.__slots__),
    )
    shop = Shop(problem, a, machine_at, operation_at, family_at, _ints(topological(problem.operations)))
    return shop.with_baseline(baseline)


def _changes(setups: Mapping[tuple[str, str], int], family_at: Mapping[str, int]) -> Ints:
    """Setup minutes from family to family, -1 where the option's own apply; empty without any."""
    if not setups:
        return np.zeros((0, 0), np.int64)
    change = np.full((len(family_at), len(family_at)), -1, np.int64)
    for (old, new), minutes in setups.items():
        change[family_at[old], family_at[new]] = minutes
    return change


def _operation_columns(
    operations: Sequence[Operation],
    machine_at: Mapping[Id, int],
    order_at: Mapping[Id, int],
    family_at: Mapping[str, int],
) -> dict[str, Ints]:
    options = [option for operation in operations for option in operation.options]
    fixed = [operation.fixed or Fixed("", -1) for operation in operations]
    return {
        "order": _ints(order_at[operation.order] for operation in operations),
        "family": _ints(family_at[operation.family] for operation in operations),
        "release": _ints(operation.release_min for operation in operations),
        "splittable": _ints(operation.splittable for operation in operations),
        "state": _ints(_STATES[operation.state] for operation in operations),
        "fixed_machine": _ints(machine_at.get(one.machine, -1) for one in fixed),
        "fixed_start": _ints(one.start for one in fixed),
        "fixed_rest": _ints((one.remaining_min or 0) if one.end is None else one.end for one in fixed),
        "first_option": _offsets(len(operation.options) for operation in operations),
        "option_machine": _ints(machine_at[option.machine] for option in options),
        "option_setup": _ints(option.setup_min for option in options),
        "option_run": _ints(option.run_min for option in options),
    }


def _before_columns(operations: Sequence[Operation], operation_at: Mapping[Id, int]) -> dict[str, Ints]:
    return {
        "first_before": _offsets(len(operation.predecessors) for operation in operations),
        "before": _ints(operation_at[before] for one in operations for before, _ in one.predecessors),
        "before_lag": _ints(lag for operation in operations for _, lag in operation.predecessors),
    }


def _order_columns(orders: Sequence[Order]) -> dict[str, Ints]:
    return {
        "due": _ints(NEVER if order.due_min is None else order.due_min for order in orders),
        "weight": _ints(order.weight for order in orders),
        "transport": _ints(order.transport_min for order in orders),
    }


def joined(shop: Shop, orders: Sequence[Order], operations: Sequence[Operation]) -> Shop:
    """The shop with more work, built from its arrays: what an offer needs within a millisecond."""
    problem = shop.problem.joined(orders, operations)
    a = shop.a
    order_at = {order.id: at for at, order in enumerate(problem.orders)}
    first = len(shop.operations)
    operation_at = {**shop.operation_at, **{one.id: first + at for at, one in enumerate(operations)}}
    family_at = dict(shop.family_at)
    for operation in operations:
        family_at.setdefault(operation.family, len(family_at))
    more = _operation_columns(operations, shop.machine_at, order_at, family_at)
    more |= _before_columns(operations, operation_at) | _order_columns(orders)
    more["base_start"] = more["base_machine"] = np.full(len(operations), -1, np.int64)
    for name in ("first_option", "first_before"):
        more[name] = more[name][1:] + getattr(a, name)[-1]
    columns = {name: np.concatenate([getattr(a, name), column]) for name, column in more.items()}
    columns["change"] = _changes(problem.setups, family_at)
    return Shop(
        problem,
        Arrays(**{**a._asdict(), **columns}),
        shop.machine_at,
        operation_at,
        family_at,
        np.concatenate([shop.topological, first + _ints(topological(operations))]),
    )
