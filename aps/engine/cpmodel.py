"""The CP-SAT model of some operations of a plan: start, machine and sequence, in absolute minutes.

Breaks: for each machine an operation's possible starts are grouped by the closed minutes that its run then crosses, a
literal per group. Setups: a circuit per machine that has any; their closed minutes are left to the decoder.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from ortools.sat.python import cp_model

from aps.engine.arrays import Shop, Times
from aps.engine.compiled import NEVER, Ints
from aps.engine.cpties import Ground, oven, people, precedences
from aps.engine.lanes import setup_between
from aps.engine.objective import COMPLETION, LATENESS, MAKESPAN, ends_of

ROOM = 1440
"""Minutes by which a better plan may end later than the present one."""


class Model(Ground):
    """Operations in `free` may move, the others are obstacles where `times` has them."""

    def __init__(self, shop: Shop, times: Times, free: Ints, until: int | None = None) -> None:
        """Build variables, constraints, objective and the hint of the present plan; everything ends by `until`."""
        self.shop, self.times, self.free = shop, times, free.tolist()
        self.model = cp_model.CpModel()
        self.is_free = set(self.free)
        self.until = int(times.end.max()) + ROOM if until is None else max(until, int(times.end.max()))
        self.start: dict[int, cp_model.IntVar] = {}
        self.end: dict[int, cp_model.IntVar] = {}
        self.choice: dict[int, dict[int, cp_model.IntVar]] = {}
        self.lanes: dict[int, list[cp_model.IntervalVar]] = {}
        self.lane_free: dict[int, list[int]] = {}
        self.on: dict[int, dict[int, cp_model.IntVar]] = {}
        self.busy: dict[int, list[cp_model.IntervalVar]] = {}
        self.cost: list[cp_model.LinearExprT] = []
        self.bound = 0.0
        for at in self.free:
            self._operation(at)
        precedences(self)
        for machine in self.lanes:
            if self.shop.a.capacity[machine] > 1:
                oven(self, machine, self._obstacles(machine))
            else:
                self._machine(machine)
        people(self)
        self._orders()
        self.model.minimize(cp_model.LinearExpr.sum(self.cost))

    def solver(self, effort: float, seed: int) -> cp_model.CpSolver:
        """One worker with a deterministic limit, so that the same question has the same answer."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = effort
        solver.parameters.random_seed = seed % 2**31
        return solver

    def solve(self, solver: cp_model.CpSolver) -> tuple[Ints, Ints] | None:
        """Starts and options of the free operations, None without a solution."""
        status = solver.solve(self.model)
        self.bound = solver.best_objective_bound if status != cp_model.INFEASIBLE else 0.0
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        starts = [solver.value(self.start[at]) for at in self.free]
        options = [
            next(option for option, chosen in self.choice[at].items() if solver.boolean_value(chosen))
            for at in self.free
        ]
        return np.array(starts, np.int64), np.array(options, np.int64)

    def least(self) -> int:
        """Points that no plan of the whole problem within `until` can beat, once it was solved."""
        a, ends = self.shop.a, ends_of(self.shop, self.times)
        members = [order for order, _ in self._members()]
        counted = int(a.weights[COMPLETION]) * int(a.weight[members].sum()) * a.now + int(a.weights[MAKESPAN]) * a.now
        others = 0
        for order in set(np.flatnonzero(ends >= 0).tolist()) - set(members):
            waits = max(0, int(ends[order]) - a.now) * int(a.weights[COMPLETION])
            late = max(0, int(ends[order] - a.due[order])) * int(a.weights[LATENESS])
            others += (waits + late) * int(a.weight[order])
        return math.ceil(self.bound - 0.001) - counted + others

    def _operation(self, at: int) -> None:
        a, model = self.shop.a, self.model
        low, high = self._bounds(at)
        start = self.start[at] = model.new_int_var(low, self.until, f"start {at}")
        end = self.end[at] = model.new_int_var(low, high, f"end {at}")
        model.add_hint(start, int(self.times.start[at]))
        model.add_hint(end, int(self.times.end[at]))
        self.choice[at] = {}
        every: list[cp_model.IntVar] = []
        for option in range(int(a.first_option[at]), int(a.first_option[at + 1])):
            machine = int(a.option_machine[option])
            groups = self._groups(at, option, low, high)
            literals = []
            for closed, starts in groups.items():
                literal = model.new_bool_var("")
                size = int(a.option_run[option]) + closed
                domain = cp_model.Domain.from_intervals(starts)
                model.add_linear_expression_in_domain(start, domain).only_enforce_if(literal)
                model.add(end == start + size).only_enforce_if(literal)
                interval = model.new_optional_fixed_size_interval_var(start, size, literal, "")
                self.lanes.setdefault(machine, []).append(interval)
                for k in range(int(a.first_held[option]), int(a.first_held[option + 1])):
                    if not a.held_setup[k]:
                        self.busy.setdefault(int(a.held[k]), []).append(interval)
                here = option == self.times.option[at] and domain.contains(int(self.times.start[at]))
                model.add_hint(literal, here)
                literals.append(literal)
            if literals:
                chosen = model.new_bool_var("")
                model.add(cp_model.LinearExpr.sum(literals) == chosen)
                model.add_hint(chosen, option == self.times.option[at])
                self.choice[at][option] = chosen
                every.append(chosen)
        model.add_exactly_one(every)
        self._note_machines(at)
        self._stability(at)

    def _note_machines(self, at: int) -> None:
        """On which machine it is, whoever helps there."""
        modes: dict[int, list[cp_model.IntVar]] = {}
        for option, chosen in self.choice[at].items():
            modes.setdefault(int(self.shop.a.option_machine[option]), []).append(chosen)
        self.on[at] = {}
        for machine, chosen_ones in modes.items():
            literal = chosen_ones[0]
            if len(chosen_ones) > 1:
                literal = self.model.new_bool_var("")
                self.model.add(cp_model.LinearExpr.sum(chosen_ones) == literal)
            self.on[at][machine] = literal
            self.lane_free.setdefault(machine, []).append(at)

    def _bounds(self, at: int) -> tuple[int, int]:
        """From when, and by when so that followers that are not free stay."""
        a = self.shop.a
        low, high = max(a.now, int(a.release[at])), self.until
        for k in range(a.first_before[at], a.first_before[at + 1]):
            before = int(a.before[k])
            if before not in self.is_free and a.before_first[k] < 0:
                low = max(low, int(self.times.end[before] + a.before_lag[k]))
        for k in np.flatnonzero(a.before == at).tolist():
            follower = int(np.searchsorted(a.first_before, k, side="right")) - 1
            if follower not in self.is_free and a.before_first[k] < 0:
                high = min(high, int(self.times.start[follower] - a.before_lag[k]))
        return low, max(high, int(self.times.end[at]))

    def _groups(self, at: int, option: int, low: int, high: int) -> dict[int, list[list[int]]]:
        """Start intervals by the closed minutes that the run crosses when it starts there."""
        a = self.shop.a
        machine, run = int(a.option_calendar[option]), int(a.option_run[option])
        count = int(a.windows[machine])
        opens, closes = a.starts[machine, :count].tolist(), a.ends[machine, :count].tolist()
        groups: dict[int, list[list[int]]] = {}
        for k in range(count):
            if closes[k] <= low or opens[k] >= high:
                continue
            reach, closed, first = closes[k] - run, 0, max(opens[k], low)
            for j in range(k, count if a.splittable[at] else k + 1):
                if j > k:
                    closed += opens[j] - closes[j - 1]
                    reach += closes[j] - opens[j]
                last = min(reach, closes[k] - 1, high - run - closed)
                if first <= last:
                    groups.setdefault(closed, []).append([first, last])
                    first = last + 1
                if reach >= closes[k] - 1 or first >= closes[k]:
                    break
        return groups

    def _machine(self, machine: int) -> None:
        obstacles = self._obstacles(machine)
        intervals = list(self.lanes[machine])
        for at in obstacles:
            begin, end = int(self.times.start[at]), int(self.times.end[at])
            if end > begin:
                intervals.append(self.model.new_fixed_size_interval_var(begin, end - begin, ""))
        self.model.add_no_overlap(intervals)
        a = self.shop.a
        if any(a.option_setup[self._option(at, machine)] > 0 for at in self.lane_free[machine]):
            self._circuit(machine, obstacles)

    def _obstacles(self, machine: int) -> list[int]:
        """What stays on the machine, by start; only from the one ahead of the free operations on."""
        on = np.flatnonzero((self.times.machine == machine) & (self.times.option >= -1))
        rest = sorted((at for at in on.tolist() if at not in self.is_free), key=lambda at: int(self.times.start[at]))
        rest = [at for at in rest if self.shop.a.state[at] != 3]
        low = min(self._bounds(at)[0] for at in self.lane_free[machine])
        ahead = [at for at in rest if self.times.end[at] <= low]
        return rest[max(0, len(ahead) - 1) :]

    def _option(self, at: int, machine: int) -> int:
        return next(option for option in self.choice[at] if self.shop.a.option_machine[option] == machine)

    def _circuit(self, machine: int, obstacles: list[int]) -> None:
        """A tour through the machine's operations from its first to its last; arcs carry the setups."""
        nodes = [*obstacles, *self.lane_free[machine]]
        number = {at: place for place, at in enumerate(nodes, 1)}
        arcs: list[tuple[int, int, cp_model.LiteralT]] = [(0, 0, self.model.new_bool_var(""))]
        order = {at: place for place, at in enumerate(obstacles)}
        ahead = self._ahead(machine)
        for at in nodes:
            first, last = self.model.new_bool_var(""), self.model.new_bool_var("")
            self._arc(machine, -1, at, first, ahead.get(at, at) == -1)
            arcs += [(0, number[at], first), (number[at], 0, last)]
            if at in self.is_free:
                arcs.append((number[at], number[at], ~self.on[at][machine]))
        for one in nodes:
            for two in nodes:
                if one == two or (one in order and two in order and order[two] != order[one] + 1):
                    continue
                literal = self.model.new_bool_var("")
                self._arc(machine, one, two, literal, ahead.get(two, two) == one)
                arcs.append((number[one], number[two], literal))
        self.model.add_circuit(arcs)

    def _ahead(self, machine: int) -> dict[int, int]:
        """Who is ahead of whom on the machine in the present plan, -1 for the first."""
        on = np.flatnonzero((self.times.machine == machine) & (self.shop.a.state != 3))
        lane = on[np.lexsort((self.times.end[on], self.times.start[on]))].tolist()
        return dict(zip(lane, [-1, *lane], strict=False))

    def _arc(self, machine: int, one: int, two: int, literal: cp_model.IntVar, hint: bool) -> None:
        """`two` directly behind `one` (-1: first on the machine): setup time and cost."""
        a, model = self.shop.a, self.model
        model.add_hint(literal, hint)
        option = self._option(two, machine) if two in self.is_free else int(self.times.option[two])
        family = int(a.machine_family[machine] if one < 0 else a.family[one])
        setup = 0
        if option >= 0 and a.state[two] != 2:
            setup = int(setup_between(a, family, int(a.family[two]), int(a.option_setup[option])))
        end: cp_model.LinearExprT = a.now
        if one >= 0:
            end = self.end[one] if one in self.is_free else int(self.times.end[one])
        begin = self.start[two] if two in self.is_free else int(self.times.start[two])
        if two in self.is_free or one in self.is_free:
            model.add(begin >= end + setup).only_enforce_if(literal)
        if setup:
            self.cost.append(int(a.weights[2]) * setup * literal)

    def _stability(self, at: int) -> None:
        a = self.shop.a
        if a.base_machine[at] < 0:
            return
        stay = [chosen for option, chosen in self.choice[at].items() if a.option_machine[option] == a.base_machine[at]]
        self.cost.append(int(a.weights[4]) * (1 - cp_model.LinearExpr.sum(stay)))
        base, near = int(a.base_start[at]), int(a.weights[6])
        if base < a.now + a.weights[7]:
            moved = self.model.new_bool_var("")
            self.model.add_linear_constraint(self.start[at], base - near, base + near).only_enforce_if(~moved)
            self.model.add_hint(moved, abs(int(self.times.start[at]) - base) > near)
            self.cost.append(int(a.weights[3]) * moved)

    def _orders(self) -> None:
        """Lateness and completion of the orders that have free operations, and the makespan."""
        a, model = self.shop.a, self.model
        ends = ends_of(self.shop, self.times)
        last = model.new_int_var(a.now, self.until + int(a.transport.max(initial=0)), "makespan")
        model.add_hint(last, max(a.now, int(ends.max(initial=0))))
        self.cost.append(int(a.weights[MAKESPAN]) * last)
        moved = {order for order, _ in self._members()}
        model.add(last >= max((int(end) for order, end in enumerate(ends) if order not in moved), default=0))
        for order, members in self._members():
            least = max((int(self.times.end[at]) for at in members if at not in self.is_free), default=0)
            transport = int(a.transport[order])
            end = model.new_int_var_from_domain(self._there(order, least, transport), "")
            model.add_hint(end, int(ends[order]))
            model.add(last >= end)
            for at in members:
                if at in self.is_free:
                    model.add(end >= self.end[at] + transport)
            self.cost.append(int(a.weights[1] * a.weight[order]) * end)
            if a.due[order] < NEVER and a.weight[order] > 0:
                due = int(a.due[order])
                late = model.new_int_var(0, NEVER, "")
                model.add(late >= end - due)
                model.add_hint(late, max(0, int(ends[order]) - due))
                self.cost.append(int(a.weights[0] * a.weight[order]) * late)

    def _there(self, order: int, least: int, transport: int) -> cp_model.Domain:
        """When it may be at the customer: it leaves at any time, or while shipping is open."""
        a = self.shop.a
        row = int(a.shipping[order])
        if row < 0:
            return cp_model.Domain(least + transport, self.until + transport)
        count = int(a.windows[row])
        spans = zip(a.starts[row, :count].tolist(), a.ends[row, :count].tolist(), strict=True)
        after = [[max(start, least) + transport, end - 1 + transport] for start, end in spans if end > least]
        return cp_model.Domain.from_intervals(after or [[NEVER, NEVER]])

    def _members(self) -> Iterator[tuple[int, list[int]]]:
        a = self.shop.a
        for order in np.unique(a.order[np.array(self.free)]).tolist():
            yield order, np.flatnonzero(a.order == order).tolist()
