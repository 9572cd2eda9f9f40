"""Whether a new order could end earlier with nobody moved: a small CP-SAT question over the gaps of the plan.

A variable start per new operation, whose domain are the gaps that could hold it; a literal per gap. What two new
operations do to each other on a machine, and who of them meets the neighbours with which setup, are constraints. Closed
minutes within a setup between two new ones are left out: so the answer may be too early, never too late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from ortools.sat.python import cp_model

from aps.engine.arrays import Shop, Times
from aps.engine.calendar import add_work
from aps.engine.compiled import NEVER, Ints
from aps.engine.gaps import Guests, meets_by, openings, ready_on
from aps.engine.lanes import Lanes, setup_before, setup_between

ROWS = 2000
"""Openings of one operation on one machine that are looked at; with more the question is not asked."""


class TooWideError(Exception):
    """There are too many gaps to be asked about."""


@dataclass(frozen=True)
class Opening:
    """A gap (or a batch, from JOINS on) for an operation's option: its possible starts, and that it is chosen."""

    option: int
    machine: int
    place: int
    low: int
    high: int
    spans: tuple[tuple[int, int, int], ...]
    chosen: cp_model.IntVar


class Question:
    """Can the new order end by `target`? `news` come predecessors first, `heads` are their earliest ends."""

    def __init__(
        self, shop: Shop, guests: Guests, lanes: Lanes, times: Times, news: Ints, heads: Ints, order: int, target: int
    ) -> None:
        """Find the gaps, and build the model if each new operation has one. Raises TooWideError."""
        self.shop, self.guests, self.lanes, self.times = shop, guests, lanes, times
        self.news, self.heads, self.order, self.target = news.tolist(), heads, order, target
        self.model = cp_model.CpModel()
        self.rows = np.zeros((ROWS, 4), np.int64)
        self.start: dict[int, cp_model.IntVar] = {}
        self.end: dict[int, cp_model.IntVar] = {}
        self.found: dict[int, list[Opening]] = {}
        self.on: dict[tuple[int, int], cp_model.IntVar] = {}
        self.ahead: dict[tuple[int, int], cp_model.IntVar] = {}
        self.is_impossible = not self._openings()
        if not self.is_impossible:
            self._build()

    def solve(self, effort: float) -> tuple[int, dict[int, tuple[int, int]] | None]:
        """The earliest end of the order's work that is not excluded (target + 1 when none by `target` is possible), and
        start and option of each new operation in the best answer, if there is any.
        """
        if self.is_impossible:
            return self.target + 1, None
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_deterministic_time = effort
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return self.target + 1, None
        bound = int(np.ceil(solver.best_objective_bound - 0.001))
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return bound, None
        answer = {}
        for at, found in self.found.items():
            option = next(one.option for one in found if solver.boolean_value(one.chosen))
            answer[at] = (int(solver.value(self.start[at])), option)
        return bound, answer

    def _openings(self) -> bool:
        """The openings of each operation between its head and what waits for it; False when one has none."""
        a, latest = self.shop.a, {}
        for at in self.news:
            latest[at] = self.target if a.order[at] == self.order else NEVER - 1
        for at in reversed(self.news):
            found = list(self._of(at, latest[at]))
            if not found:
                return False
            self.found[at] = found
            begin = max(span[1] for one in found for span in one.spans)
            for k in range(a.first_before[at], a.first_before[at + 1]):
                before = int(a.before[k])
                if before in latest and a.before_first[k] < 0:
                    latest[before] = min(latest[before], begin - int(a.before_lag[k]))
        return True

    def _of(self, at: int, high: int) -> Iterator[Opening]:
        a = self.shop.a
        for option in range(int(a.first_option[at]), int(a.first_option[at + 1])):
            low = ready_on(a, self.guests, self.times, at, int(a.option_machine[option]))
            if low + a.option_run[option] > high:
                continue
            count = openings(a, self.guests, self.lanes, self.times, at, option, low, high, self.rows)
            if count >= ROWS:
                raise TooWideError
            places: dict[int, list[tuple[int, int, int]]] = {}
            for first, last, closed, place in self.rows[:count].tolist():
                places.setdefault(place, []).append((first, last, closed))
            for place, spans in places.items():
                chosen = self.model.new_bool_var("")
                machine = int(a.option_machine[option])
                yield Opening(option, machine, place, spans[0][0], spans[-1][1], tuple(spans), chosen)

    def _build(self) -> None:
        a = self.shop.a
        for at in self.news:
            self._operation(at)
        for at in self.news:
            self._behind(at)
        machines: dict[int, list[int]] = {}
        for at, machine in self.on:
            machines.setdefault(machine, []).append(at)
        for machine, rivals in machines.items():
            self._machine(machine, rivals)
        last = self.model.new_int_var(a.now, self.target, "end")
        for at in self.news:
            if a.order[at] == self.order:
                self.model.add(last >= self.end[at])
        self.model.minimize(last)

    def _operation(self, at: int) -> None:
        a, model, found = self.shop.a, self.model, self.found[at]
        model.add_exactly_one([one.chosen for one in found])
        spans = [span for one in found for span in one.spans]
        start = self.start[at] = model.new_int_var_from_domain(_domain(spans), "")
        ends = [
            (first + closed + int(a.option_run[one.option]), last + closed + int(a.option_run[one.option]))
            for one in found
            for first, last, closed in one.spans
        ]
        end = self.end[at] = model.new_int_var(min(ends)[0], max(last for _, last in ends), "")
        machines: dict[int, list[cp_model.IntVar]] = {}
        for one in found:
            machines.setdefault(one.machine, []).append(one.chosen)
            groups: dict[int, list[tuple[int, int, int]]] = {}
            for span in one.spans:
                groups.setdefault(span[2], []).append(span)
            literals = []
            for closed, rows in groups.items():
                literal = one.chosen if len(groups) == 1 else model.new_bool_var("")
                literals.append(literal)
                model.add_linear_expression_in_domain(start, _domain(rows)).only_enforce_if(literal)
                model.add(end == start + closed + int(a.option_run[one.option])).only_enforce_if(literal)
            if len(groups) > 1:
                model.add(sum(literals) == one.chosen)
        for machine, chosen in machines.items():
            here = chosen[0]
            if len(chosen) > 1:
                here = model.new_bool_var("")
                model.add(sum(chosen) == here)
            self.on[at, machine] = here

    def _behind(self, at: int) -> None:
        """The operation and its predecessors that are new."""
        a = self.shop.a
        for k in range(a.first_before[at], a.first_before[at + 1]):
            if int(a.before[k]) in self.start:
                self._link(at, k, int(a.before[k]), int(a.before_lag[k]))

    def _link(self, at: int, k: int, before: int, lag: int) -> None:
        a, model = self.shop.a, self.model
        if a.before_first[k] >= 0:
            model.add(self.start[at] >= self.start[before] + int(a.before_first[k]) + lag)
            model.add(self.end[at] >= self.end[before] + lag + int(a.before_last[k]))
        else:
            model.add(self.start[at] >= self.end[before] + lag)
        if a.before_most[k] < NEVER:
            model.add(self.start[at] <= self.end[before] + int(a.before_most[k]))
        if len(a.travel) > 0 and a.before_first[k] < 0:
            self._way(at, before, lag)

    def _way(self, at: int, before: int, lag: int) -> None:
        """The way from site to site, for each pair of machines."""
        a = self.shop.a
        for (one, here), first in self.on.items():
            for (two, there), second in self.on.items() if one == before else ():
                way = int(a.travel[a.site[here], a.site[there]])
                if two == at and way:
                    there_at = self.start[at] >= self.end[before] + lag + way
                    self.model.add(there_at).only_enforce_if(first, second)

    def _machine(self, machine: int, rivals: list[int]) -> None:
        for one, two in combinations(rivals, 2):
            self._rivals(machine, one, two)
        if self.shop.a.capacity[machine] == 1:
            self._neighbours(machine, rivals)

    def _rivals(self, machine: int, one: int, two: int) -> None:
        """One after the other on the machine, or in one batch."""
        a, model = self.shop.a, self.model
        here = [self.on[one, machine], self.on[two, machine]]
        ways = []
        for first, second in ((one, two), (two, one)):
            ahead = model.new_bool_var("")
            model.add(self.start[second] >= self.end[first] + self._apart(machine, first, second)).only_enforce_if(
                ahead
            )
            model.add_bool_and(here).only_enforce_if(ahead)
            self.ahead[first, second] = ahead
            ways.append(ahead)
        if a.capacity[machine] > 1:
            options = [self._option(at, machine) for at in (one, two)]
            same = a.option_run[options[0]] == a.option_run[options[1]] and a.family[one] == a.family[two]
            if same and a.family[one] > 0 and a.size[one] + a.size[two] <= a.capacity[machine]:
                together = model.new_bool_var("")
                model.add(self.start[one] == self.start[two]).only_enforce_if(together)
                ways.append(together)
        model.add_bool_or([*ways, ~here[0], ~here[1]])

    def _apart(self, machine: int, first: int, second: int) -> int:
        """The least minutes between them: the setup, or less when a third one between them makes that possible."""
        a = self.shop.a
        option = self._option(second, machine)
        least = int(setup_between(a, int(a.family[first]), int(a.family[second]), int(a.option_setup[option])))
        for third, place in self.on:
            if place == machine and third not in (first, second) and least > 0:
                by = self._option(third, machine)
                way = int(setup_between(a, int(a.family[first]), int(a.family[third]), int(a.option_setup[by])))
                way += int(a.option_run[by])
                way += int(setup_between(a, int(a.family[third]), int(a.family[second]), int(a.option_setup[option])))
                least = min(least, way)
        return least

    def _option(self, at: int, machine: int) -> int:
        return next(one.option for one in self.found[at] if one.machine == machine)

    def _neighbours(self, machine: int, rivals: list[int]) -> None:
        """Who is first in a gap is set up behind the plan's own work, and who is last leaves time for what follows."""
        for at in rivals:
            for one in self.found[at]:
                if one.machine == machine:
                    self._edge(at, one, rivals, is_first=True)
                    self._edge(at, one, rivals, is_first=False)

    def _edge(self, at: int, one: Opening, rivals: list[int], *, is_first: bool) -> None:
        model = self.model
        limit = self._first_start(at, one) if is_first else self._last_end(at, one)
        if limit is None:
            return
        alone = model.new_bool_var("")
        if is_first:
            model.add(self.start[at] >= limit).only_enforce_if(alone)
        else:
            model.add(self.end[at] <= limit).only_enforce_if(alone)
        ways = [alone]
        for other in rivals:
            mates = [gap.chosen for gap in self.found[other] if gap.machine == one.machine and gap.place == one.place]
            if other != at and mates:
                beside = model.new_bool_var("")
                pair = (other, at) if is_first else (at, other)
                model.add_implication(beside, mates[0])
                model.add_implication(beside, self.ahead[pair])
                ways.append(beside)
        model.add_bool_or([*ways, ~one.chosen])

    def _first_start(self, at: int, one: Opening) -> int | None:
        """The earliest start directly behind what is ahead of the gap, where that says more than its spans."""
        a, lane = self.shop.a, self.lanes.sequence[one.machine]
        last = int(lane[one.place - 1]) if one.place > 0 else -1
        free = max(a.now, int(self.times.end[last])) if last >= 0 else a.now
        setup = int(setup_before(a, one.machine, last, at, one.option))
        if setup > 0:
            row = int(a.option_setting[one.option])
            free = int(add_work(a.starts[row], a.ends[row], int(a.windows[row]), free, setup))
        return free if free > one.low else None

    def _last_end(self, at: int, one: Opening) -> int | None:
        """The latest end directly ahead of what is behind the gap, where that says more than its spans."""
        a = self.shop.a
        if one.place >= self.lanes.used[one.machine]:
            return None
        follower = int(self.lanes.sequence[one.machine, one.place])
        until = int(meets_by(a, self.times, at, one.machine, follower))
        latest = max(last + closed for _, last, closed in one.spans) + int(a.option_run[one.option])
        return until if until < latest else None


def _domain(spans: list[tuple[int, int, int]]) -> cp_model.Domain:
    return cp_model.Domain.from_intervals([[first, last] for first, last, _ in spans])
