"""The judge: is this plan legal? Knows the problem and nothing of the code that made the plan."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from aps.engine.problem import Fixed, Id, Machine, Operation, Placement, Plan, Problem, State


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: its kind, the operations concerned, and what is wrong in a sentence.

    Kinds: missing, unknown, machine, past, release, precedence, closed, duration, split, overlap, setup, pinned,
    started, done.
    """

    kind: str
    operations: tuple[Id, ...]
    sentence: str


class _Openings:
    """The minutes in which a machine works, counted with its own arithmetic."""

    def __init__(self, machine: Machine) -> None:
        edges = [(at, change) for start, end in machine.windows for at, change in ((start, 1), (end, -1))]
        edges += [(at, change) for start, end in machine.holes for at, change in ((start, -1000), (end, 1000))]
        self.at: list[int] = []
        self.before: list[int] = []
        self.open: list[bool] = []
        worked, level, last = 0, 0, 0
        for at, change in sorted(edges):
            if level > 0:
                worked += at - last
            level, last = level + change, at
            if self.at and self.at[-1] == at:
                self.open[-1] = level > 0
            else:
                self.at.append(at)
                self.before.append(worked)
                self.open.append(level > 0)

    def until(self, t: int) -> int:
        """Working minutes before `t`."""
        k = bisect_right(self.at, t) - 1
        if k < 0:
            return 0
        return self.before[k] + (t - self.at[k] if self.open[k] else 0)

    def worked(self, start: int, end: int) -> int:
        """Working minutes in [start, end)."""
        return self.until(end) - self.until(start)


class _Judge:
    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.plan = plan
        self.known = {operation.id: operation for operation in problem.operations}
        self.openings = {machine.id: _Openings(machine) for machine in problem.machines}
        self.lanes: dict[Id, list[tuple[Operation, Placement]]] = {machine.id: [] for machine in problem.machines}
        for operation in problem.operations:
            placement = plan.get(operation.id)
            if placement is not None and operation.state is not State.DONE and placement.machine in self.lanes:
                self.lanes[placement.machine].append((operation, placement))
        for lane in self.lanes.values():
            lane.sort(key=lambda pair: (pair[1].start, pair[1].end))

    def all(self) -> Iterator[Violation]:
        for key in self.plan:
            if key not in self.known:
                yield Violation("unknown", (key,), f"Operation {key} is planned but not part of the problem.")
        for operation in self.problem.operations:
            placement = self.plan.get(operation.id)
            if placement is None:
                yield Violation("missing", (operation.id,), f"Operation {operation.id} is not planned.")
            elif operation.state is State.DONE or operation.state is State.STARTED:
                yield from self.decided(operation, placement)
            else:
                yield from self.place(operation, placement)
                yield from self.sequence(operation, placement)
                yield from self.pin(operation, placement)
        for machine in self.problem.machines:
            yield from self.lane(machine)

    def decided(self, operation: Operation, placement: Placement) -> Iterator[Violation]:
        """Done and started operations stay where the shop has them."""
        fixed = operation.fixed or Fixed("", 0)
        kept = placement.machine == fixed.machine and placement.start == fixed.start
        if operation.state is State.DONE:
            if not kept or placement.end != fixed.end:
                sentence = f"Operation {operation.id} is done on {fixed.machine} from {fixed.start} to {fixed.end}."
                yield Violation("done", (operation.id,), sentence)
            return
        if not kept:
            sentence = f"Operation {operation.id} has started on {fixed.machine} at {fixed.start} and must stay there."
            yield Violation("started", (operation.id,), sentence)
            return
        rest = fixed.remaining_min or 0
        begin = max(self.problem.now_min, fixed.start)
        worked = self.openings[fixed.machine].worked(begin, placement.end)
        started = [one for one, _ in self.lanes[fixed.machine] if one.state is State.STARTED]
        exact = worked == rest and self.openings[fixed.machine].worked(placement.end - 1, placement.end) == 1
        if rest == 0:
            exact = placement.end == begin
        if not exact and (len(started) == 1 or worked < rest):
            sentence = f"Operation {operation.id} has {rest} min left, its end gives it {worked} from {begin}."
            yield Violation("duration", (operation.id,), sentence)

    def place(self, operation: Operation, placement: Placement) -> Iterator[Violation]:
        """Machine, working time, duration."""
        who = (operation.id,)
        option = next((one for one in operation.options if one.machine == placement.machine), None)
        if option is None:
            yield Violation("machine", who, f"Operation {operation.id} cannot be done on {placement.machine}.")
            return
        openings = self.openings[placement.machine]
        start, end = placement.start, placement.end
        if start < self.problem.now_min:
            yield Violation("past", who, f"Operation {operation.id} has not started but is planned in the past.")
        if openings.worked(start, start + 1) == 0 or openings.worked(end - 1, end) == 0:
            sentence = f"Operation {operation.id} starts or ends while {placement.machine} is closed."
            yield Violation("closed", who, sentence)
        worked = openings.worked(start, end)
        if worked != option.run_min:
            sentence = f"Operation {operation.id} needs {option.run_min} working minutes, its place gives it {worked}."
            yield Violation("duration", who, sentence)
        if not operation.splittable and worked != end - start:
            yield Violation("split", who, f"Operation {operation.id} may not rest over a break, but does.")

    def sequence(self, operation: Operation, placement: Placement) -> Iterator[Violation]:
        """Material and predecessors."""
        if placement.start < operation.release_min:
            sentence = f"Operation {operation.id} starts at {placement.start}, its material is ready at "
            yield Violation("release", (operation.id,), f"{sentence}{operation.release_min}.")
        for key, lag in operation.predecessors:
            before = self.plan.get(key)
            if before is not None and placement.start < before.end + lag:
                sentence = f"Operation {operation.id} starts at {placement.start}, before {key} ends at {before.end}"
                yield Violation("precedence", (key, operation.id), f"{sentence} plus {lag}.")

    def pin(self, operation: Operation, placement: Placement) -> Iterator[Violation]:
        """A pin holds, unless the shop itself has made it impossible."""
        fixed = operation.fixed
        if fixed is None:
            return
        moved = placement.machine != fixed.machine or placement.start < fixed.start
        if moved or (placement.start > fixed.start and self.pin_is_possible(operation, fixed)):
            sentence = f"Operation {operation.id} is pinned to {fixed.machine} at {fixed.start}."
            yield Violation("pinned", (operation.id,), sentence)

    def pin_is_possible(self, operation: Operation, fixed: Fixed) -> bool:
        """Working time, material, predecessors, started work and other pins leave the pinned place free."""
        openings = self.openings[fixed.machine]
        option = next(one for one in operation.options if one.machine == fixed.machine)
        ready = max(self.problem.now_min, operation.release_min)
        for key, lag in operation.predecessors:
            if key in self.plan:
                ready = max(ready, self.plan[key].end + lag)
        lane = self.lanes[fixed.machine]
        free = max([placed.end for one, placed in lane if one.state is State.STARTED], default=self.problem.now_min)
        whole = openings.worked(fixed.start, fixed.start + option.run_min)
        others = [placed for one, placed in lane if one.state is State.PINNED and one.id != operation.id]
        return (
            ready <= fixed.start
            and openings.worked(free, fixed.start) >= option.setup_min
            and openings.worked(fixed.start, fixed.start + 1) == 1
            and (operation.splittable or whole == option.run_min)
            and not any(placed.end > free and placed.start < self.plan[operation.id].end for placed in others)
        )

    def lane(self, machine: Machine) -> Iterator[Violation]:
        """One operation at a time, setups included."""
        last: tuple[Operation, Placement] | None = None
        for operation, placement in self.lanes[machine.id]:
            if operation.state is not State.STARTED:
                family = machine.family if last is None else last[0].family
                yield from self.setup(machine, family, operation, placement)
                begin = placement.start if placement.setup_start is None else placement.setup_start
                if last is not None and begin < last[1].end:
                    sentence = f"Operation {operation.id} occupies {machine.id} from {begin}, before {last[0].id} ends"
                    yield Violation("overlap", (last[0].id, operation.id), f"{sentence} at {last[1].end}.")
            if last is None or placement.end >= last[1].end:
                last = (operation, placement)

    def setup(self, machine: Machine, family: str, operation: Operation, placement: Placement) -> Iterator[Violation]:
        """The setup has the minutes that the change of family asks for, in working time, not before now."""
        option = next((one for one in operation.options if one.machine == machine.id), None)
        if option is None:
            return
        needed = self.problem.setups.get((family, operation.family), option.setup_min)
        if family == operation.family and family:
            needed = 0
        begin = placement.start if placement.setup_start is None else placement.setup_start
        given = self.openings[machine.id].worked(begin, placement.start)
        if placement.setup_min != needed or given != needed or (needed and begin < self.problem.now_min):
            sentence = f"Operation {operation.id} needs {needed} min setup on {machine.id}, its place gives it {given}."
            yield Violation("setup", (operation.id,), sentence)


def violations(problem: Problem, plan: Plan) -> list[Violation]:
    """Every broken rule of the plan; an empty list means that it is legal and may be published."""
    return list(_Judge(problem, plan).all())
