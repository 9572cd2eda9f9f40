"""The problem as NumPy arrays: positions instead of ids, so that the hot loops touch numbers only."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from aps.engine.compiled import NEVER, Ints
from aps.engine.modes import Calendars, calendars_of, ints, mode_columns, modes_of, offsets
from aps.engine.precedence import needs_first
from aps.engine.problem import (
    Fixed,
    HorizonTooShortError,
    Id,
    Operation,
    Order,
    Overlap,
    Placement,
    Plan,
    Problem,
    State,
    topological,
)

FREE, PINNED, STARTED, DONE = 0, 1, 2, 3
_STATES = {State.FREE: FREE, State.PINNED: PINNED, State.STARTED: STARTED, State.DONE: DONE}


class Arrays(NamedTuple):
    """Rows of machines, operations, modes (by operation), predecessors (by operation) and orders.

    `starts`, `ends` and `windows` are calendars: first the machines', then those of modes and of shipping. A mode's
    `held` resources are busy with its run (`held_setup` 0) or with its setup (1). Sizes that are 0 say that the
    problem has no such thing: `units` resources, `travel` sites.
    """

    now: int
    starts: Ints
    ends: Ints
    windows: Ints
    machine_family: Ints
    capacity: Ints
    site: Ints
    travel: Ints
    units: int
    order: Ints
    family: Ints
    release: Ints
    splittable: Ints
    state: Ints
    fixed_machine: Ints
    fixed_start: Ints
    fixed_rest: Ints
    size: Ints
    first_option: Ints
    option_machine: Ints
    option_setup: Ints
    option_run: Ints
    option_calendar: Ints
    option_setting: Ints
    first_held: Ints
    held: Ints
    held_setup: Ints
    first_fixed: Ints
    fixed_held: Ints
    first_before: Ints
    before: Ints
    before_lag: Ints
    before_most: Ints
    before_first: Ints
    before_last: Ints
    due: Ints
    weight: Ints
    transport: Ints
    shipping: Ints
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
    operation_at: dict[Id, int] | ChainMap[Id, int]
    order_at: dict[Id, int] | ChainMap[Id, int]
    family_at: Mapping[str, int]
    topological: Ints
    calendars: Calendars

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
            option = self._mode(at, machine, placement)
            if option < 0 and a.state[at] in (FREE, PINNED):
                continue
            times.machine[at], times.option[at] = machine, option
            times.start[at], times.end[at] = placement.start, placement.end
            times.setup[at] = placement.setup_min
            times.begin[at] = placement.start if placement.setup_start is None else placement.setup_start
        return times

    def _mode(self, at: int, machine: int, placement: Placement) -> int:
        """The mode on the machine with the placement's resources, else the first on the machine, else -1."""
        a = self.a
        same = [k for k in range(a.first_option[at], a.first_option[at + 1]) if a.option_machine[k] == machine]
        if a.units and placement.resources:
            named = placement.resources
            same = [k for k in same if self.held_by(k)[: len(named)] == named] or same
        return same[0] if same else -1

    def held_by(self, option: int) -> tuple[Id, ...]:
        """The resources of a mode."""
        a, resources = self.a, self.problem.resources
        return tuple(resources[k].id for k in a.held[a.first_held[option] : a.first_held[option + 1]].tolist())

    def plan(self, times: Times, only: Iterable[int] | None = None) -> Plan:
        """The arrays as a plan. Raises HorizonTooShortError when work did not fit into the calendars."""
        rows = np.arange(len(self.operations)) if only is None else np.array(list(only), np.int64)
        chosen = [column[rows] for column in times]
        late = rows[(chosen[0] < 0) | (chosen[3] >= NEVER)]
        if len(late):
            raise HorizonTooShortError(_too_short(self.operations[late[0]], len(late)))
        needy, operations = self.a.units > 0, self.operations
        names = [one.id for one in self.problem.machines]
        columns = (column.tolist() for column in (rows, *chosen))
        return Plan(
            {
                operations[at].id: Placement(
                    names[machine],
                    start,
                    end,
                    begin if setup else None,
                    setup,
                    self._resources(at, option, setup) if needy else (),
                )
                for at, machine, option, start, end, setup, begin in zip(*columns, strict=True)
            }
        )

    def _resources(self, at: int, option: int, setup: int) -> tuple[Id, ...]:
        """Who works on it: the mode's resources, a setter only where there is a setup; of started work its own."""
        one = self.operations[at]
        if option < 0 or one.state in (State.STARTED, State.DONE):
            return tuple(one.fixed.resources) if one.fixed is not None else ()
        everybody = self.held_by(option)
        return everybody if setup else everybody[: len(one.needs)]

    @property
    def is_tied(self) -> bool:
        """Whether anything must start within some time behind a predecessor."""
        return bool((self.a.before_most < NEVER).any())

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


def shop_of(problem: Problem, baseline: Plan | None = None) -> Shop:
    """Build the arrays. Milliseconds for thousands of operations; keep the result when many questions follow."""
    machine_at = {machine.id: at for at, machine in enumerate(problem.machines)}
    operation_at = {operation.id: at for at, operation in enumerate(problem.operations)}
    order_at = {order.id: at for at, order in enumerate(problem.orders)}
    family_at: dict[str, int] = {"": 0}
    names = [machine.family for machine in problem.machines] + [one.family for one in problem.operations]
    for name in [*names, *(side for change in problem.setups for side in change)]:
        family_at.setdefault(name, len(family_at))
    calendars = calendars_of(problem)
    operation_columns = _operation_columns(problem, problem.operations, calendars, order_at, family_at)
    order_columns = _order_columns(problem.orders, calendars)
    starts, ends, windows = calendars.arrays()
    weights = problem.weights
    none = np.full(len(problem.operations), -1, np.int64)
    a = Arrays(
        now=problem.now_min,
        starts=starts,
        ends=ends,
        windows=windows,
        machine_family=_ints(family_at[machine.family] for machine in problem.machines),
        capacity=_ints(machine.capacity for machine in problem.machines),
        **_travel(problem),
        units=len(problem.resources),
        **operation_columns,
        **_before_columns(problem.operations, operation_at),
        **order_columns,
        change=_changes(problem.setups, family_at),
        base_start=none,
        base_machine=none.copy(),
        weights=_ints(getattr(weights, name) for name in weights.__slots__),
    )
    topological = needs_first(a.first_before, a.before)
    shop = Shop(problem, a, machine_at, operation_at, order_at, family_at, topological, calendars)
    return shop.with_baseline(baseline)


def _ints(values: Iterable[int]) -> Ints:
    return ints(list(values))


def _changes(setups: Mapping[tuple[str, str], int], family_at: Mapping[str, int]) -> Ints:
    """Setup minutes from family to family, -1 where the option's own apply; empty without any."""
    if not setups:
        return np.zeros((0, 0), np.int64)
    change = np.full((len(family_at), len(family_at)), -1, np.int64)
    for (old, new), minutes in setups.items():
        change[family_at[old], family_at[new]] = minutes
    return change


def _travel(problem: Problem) -> dict[str, Ints]:
    """Site of each machine, and minutes from site to site; no rows when nothing takes time."""
    sites = {name: at for at, name in enumerate(dict.fromkeys(machine.site for machine in problem.machines))}
    travel = np.zeros((len(sites), len(sites)), np.int64)
    for (old, new), minutes in problem.transports.items():
        if old in sites and new in sites:
            travel[sites[old], sites[new]] = minutes
    site = _ints(sites[machine.site] for machine in problem.machines)
    return {"site": site, "travel": travel if travel.any() else travel[:0, :0]}


def _operation_columns(
    problem: Problem,
    operations: Sequence[Operation],
    calendars: Calendars,
    order_at: Mapping[Id, int],
    family_at: Mapping[str, int],
) -> dict[str, Ints]:
    fixed = [operation.fixed or Fixed("", -1) for operation in operations]
    machine_at, resource_at = calendars.machines, {one.id: at for at, one in enumerate(problem.resources)}
    return {
        "order": _ints(order_at[operation.order] for operation in operations),
        "family": _ints(family_at[operation.family] for operation in operations),
        "release": _ints(operation.release_min for operation in operations),
        "splittable": _ints(operation.splittable for operation in operations),
        "state": _ints(_STATES[operation.state] for operation in operations),
        "fixed_machine": _ints(machine_at.get(one.machine, -1) for one in fixed),
        "fixed_start": _ints(one.start for one in fixed),
        "fixed_rest": _ints((one.remaining_min or 0) if one.end is None else one.end for one in fixed),
        "size": _ints(operation.size for operation in operations),
        "first_fixed": offsets([len(one.resources) for one in fixed]),
        "fixed_held": ints([resource_at[key] for one in fixed for key in one.resources]),
        **(
            mode_columns(problem, modes_of(problem, operations), calendars)
            if problem.resources
            else _options(operations, machine_at)
        ),
    }


def _options(operations: Sequence[Operation], machine_at: Mapping[Id, int]) -> dict[str, Ints]:
    """Options as modes of a shop without resources: each in its machine's calendar."""
    options = [option for operation in operations for option in operation.options]
    machine = ints([machine_at[option.machine] for option in options])
    nobody = np.zeros(0, np.int64)
    return {
        "first_option": offsets([len(operation.options) for operation in operations]),
        "option_machine": machine,
        "option_setup": ints([option.setup_min for option in options]),
        "option_run": ints([option.run_min for option in options]),
        "option_calendar": machine,
        "option_setting": machine,
        "first_held": np.zeros(len(options) + 1, np.int64),
        "held": nobody,
        "held_setup": nobody,
    }


def _before_columns(operations: Sequence[Operation], operation_at: Mapping[Id, int]) -> dict[str, Ints]:
    links = [(one, before, lag) for one in operations for before, lag in one.predecessors]
    none = Overlap(0)
    return {
        "first_before": offsets([len(operation.predecessors) for operation in operations]),
        "before": ints([operation_at[before] for _, before, _ in links]),
        "before_lag": ints([lag for _, _, lag in links]),
        "before_most": ints([one.latest.get(before, NEVER) for one, before, _ in links]),
        "before_first": ints(
            [one.overlaps[before].first_min if before in one.overlaps else -1 for one, before, _ in links]
        ),
        "before_last": ints([one.overlaps.get(before, none).last_min for one, before, _ in links]),
    }


def _order_columns(orders: Sequence[Order], calendars: Calendars) -> dict[str, Ints]:
    return {
        "shipping": ints([calendars.row(order.shipping) if order.shipping else -1 for order in orders]),
        "due": _ints(NEVER if order.due_min is None else order.due_min for order in orders),
        "weight": _ints(order.weight for order in orders),
        "transport": _ints(order.transport_min for order in orders),
    }


def joined(shop: Shop, orders: Sequence[Order], operations: Sequence[Operation]) -> Shop:
    """The shop with more work, built from its arrays: what an offer needs within a millisecond."""
    problem = shop.problem.joined(orders, operations, shop.order_at.keys(), shop.operation_at.keys())
    a = shop.a
    order_at = ChainMap({one.id: len(a.due) + at for at, one in enumerate(orders)}, shop.order_at)
    first = len(shop.operations)
    operation_at = ChainMap({one.id: first + at for at, one in enumerate(operations)}, shop.operation_at)
    family_at = dict(shop.family_at)
    for operation in operations:
        family_at.setdefault(operation.family, len(family_at))
    calendars = shop.calendars.copy()
    more = _operation_columns(problem, operations, calendars, order_at, family_at)
    more |= _before_columns(operations, operation_at) | _order_columns(orders, calendars)
    more["base_start"] = more["base_machine"] = np.full(len(operations), -1, np.int64)
    for name in ("first_option", "first_before", "first_held", "first_fixed"):
        more[name] = more[name][1:] + getattr(a, name)[-1]
    columns = {name: np.concatenate([getattr(a, name), column]) for name, column in more.items()}
    columns["change"] = _changes(problem.setups, family_at)
    if len(calendars.rows) > len(a.windows):
        columns["starts"], columns["ends"], columns["windows"] = calendars.arrays()
    return Shop(
        problem,
        Arrays(**{**a._asdict(), **columns}),
        shop.machine_at,
        operation_at,
        order_at,
        family_at,
        np.concatenate([shop.topological, first + _ints(topological(operations))]),
        calendars,
    )
