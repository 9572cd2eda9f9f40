"""Every rule of a plan, checked operation by operation and machine by machine."""

from __future__ import annotations

from collections.abc import Iterator

from aps.engine.problem import Fixed, Id, Machine, Operation, Option, Placement, Plan, Problem, Resource, State
from aps.engine.validate import shared, ties
from aps.engine.validate.openings import Openings
from aps.engine.validate.violation import Violation


class _Judge:
    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.plan: dict[Id, Placement] = dict(plan.placements)
        self.known = {operation.id: operation for operation in problem.operations}
        self.machines = {machine.id: machine for machine in problem.machines}
        self.people = {one.id: one for one in problem.resources}
        self.openings = {machine.id: Openings([machine]) for machine in problem.machines}
        self.together: dict[tuple[Id, ...], Openings] = {}
        self.lanes: dict[Id, list[tuple[Operation, Placement]]] = {machine.id: [] for machine in problem.machines}
        for operation in problem.operations:
            placement = self.plan.get(operation.id)
            if placement is not None and operation.state is not State.DONE and placement.machine in self.lanes:
                self.lanes[placement.machine].append((operation, placement))
        for lane in self.lanes.values():
            lane.sort(key=lambda pair: (pair[1].start, pair[1].end))

    def all(self) -> Iterator[Violation]:
        for key in self.plan:
            if key not in self.known:
                yield Violation("unknown", (key,), f"Operation {key} is planned but not part of the problem.")
        yield from self.operations()
        yield from self.machinery()

    def operations(self) -> Iterator[Violation]:
        """Each operation by itself."""
        far = any(self.problem.transports.values())
        for operation in self.problem.operations:
            placement = self.plan.get(operation.id)
            if placement is None:
                yield Violation("missing", (operation.id,), f"Operation {operation.id} is not planned.")
            elif operation.state is State.DONE or operation.state is State.STARTED:
                yield from self.decided(operation, placement)
            else:
                yield from self.place(operation, placement)
                yield from self.sequence(operation, placement)
                if far or operation.latest or operation.overlaps:
                    yield from ties.of(self, operation, placement)
                if operation.fixed is not None:
                    yield from self.pin(operation, operation.fixed, placement)

    def machinery(self) -> Iterator[Violation]:
        """What happens on each machine, and to everybody who works at them."""
        for machine in self.problem.machines:
            yield from self.lane(machine)
            if machine.capacity > 1:
                yield from shared.batches(machine, self.lanes[machine.id])
        if self.people:
            yield from shared.busy(self.problem, [one for lane in self.lanes.values() for one in lane])

    def openings_of(self, machine: Id, helpers: list[Id]) -> Openings:
        """The minutes in which the machine and all of the helpers work."""
        if not helpers or machine not in self.machines:
            return self.openings[machine]
        key = (machine, *helpers)
        if key not in self.together:
            row: list[Machine | Resource] = [self.machines[machine]]
            row += [self.people[one] for one in helpers if one in self.people]
            self.together[key] = Openings(row)
        return self.together[key]

    def run_openings(self, operation: Operation, placement: Placement) -> Openings:
        """The minutes in which the operation makes progress where it is placed."""
        if not placement.resources:
            return self.openings[placement.machine]
        return self.openings_of(placement.machine, shared.helpers_of(operation, placement)[0])

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
        alone = len(started) == 1 or self.machines[fixed.machine].capacity > 1
        if not exact and (alone or worked < rest):
            sentence = f"Operation {operation.id} has {rest} min left, its end gives it {worked} from {begin}."
            yield Violation("duration", (operation.id,), sentence)

    def place(self, operation: Operation, placement: Placement) -> Iterator[Violation]:
        """Machine, working time, duration."""
        who = (operation.id,)
        option = _option(operation, placement.machine)
        if option is None:
            yield Violation("machine", who, f"Operation {operation.id} cannot be done on {placement.machine}.")
            return
        if operation.needs or placement.resources or self.machines[placement.machine].setter:
            yield from shared.people(self.people, operation, placement, self.machines[placement.machine].setter)
        openings = self.run_openings(operation, placement)
        start, end = placement.start, placement.end
        if start < self.problem.now_min:
            yield Violation("past", who, f"Operation {operation.id} has not started but is planned in the past.")
        worked = openings.worked(start, end)
        rests = worked != end - start
        if rests and (openings.worked(start, start + 1) == 0 or openings.worked(end - 1, end) == 0):
            sentence = f"Operation {operation.id} starts or ends while {placement.machine} is closed."
            yield Violation("closed", who, sentence)
        if worked != option.run_min:
            sentence = f"Operation {operation.id} needs {option.run_min} working minutes, its place gives it {worked}."
            yield Violation("duration", who, sentence)
        if not operation.splittable and rests:
            yield Violation("split", who, f"Operation {operation.id} may not rest over a break, but does.")

    def sequence(self, operation: Operation, placement: Placement) -> Iterator[Violation]:
        """Material and predecessors."""
        if placement.start < operation.release_min:
            sentence = f"Operation {operation.id} starts at {placement.start}, its material is ready at "
            yield Violation("release", (operation.id,), f"{sentence}{operation.release_min}.")
        for key, lag in operation.predecessors:
            before = self.plan.get(key)
            if before is not None and key not in operation.overlaps and placement.start < before.end + lag:
                sentence = f"Operation {operation.id} starts at {placement.start}, before {key} ends at {before.end}"
                yield Violation("precedence", (key, operation.id), f"{sentence} plus {lag}.")

    def pin(self, operation: Operation, fixed: Fixed, placement: Placement) -> Iterator[Violation]:
        """A pin holds, unless the shop itself has made it impossible."""
        moved = placement.machine != fixed.machine or placement.start < fixed.start
        if moved or (placement.start > fixed.start and self.pin_is_possible(operation, fixed)):
            sentence = f"Operation {operation.id} is pinned to {fixed.machine} at {fixed.start}."
            yield Violation("pinned", (operation.id,), sentence)

    def pin_is_possible(self, operation: Operation, fixed: Fixed) -> bool:
        """Working time, material, predecessors, started work and other pins leave the pinned place free."""
        openings = self.openings[fixed.machine]
        if operation.needs or self.machines[fixed.machine].setter or self.problem.transports or operation.overlaps:
            return False  # whether people and transports would have allowed it is not judged
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
        lane = self.lanes[machine.id]
        for operation, placement in lane if machine.capacity == 1 else shared.leaders(lane):
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
        option = _option(operation, machine.id)
        if option is None:
            return
        needed = 0
        if not family or family != operation.family:
            needed = self.problem.setups.get((family, operation.family), option.setup_min)
        begin = placement.start if placement.setup_start is None else placement.setup_start
        given = 0
        if begin != placement.start:
            setters = shared.helpers_of(operation, placement)[1]
            given = self.openings_of(machine.id, setters).worked(begin, placement.start)
        if placement.setup_min != needed or given != needed or (needed and begin < self.problem.now_min):
            gives = f"its place gives it {given}" if given != needed else f"the plan says {placement.setup_min}"
            if given == needed == placement.setup_min:
                gives = f"it begins at {begin}, before now"
            sentence = f"Operation {operation.id} needs {needed} min setup on {machine.id}, {gives}."
            yield Violation("setup", (operation.id,), sentence)


def _option(operation: Operation, machine: Id) -> Option | None:
    for option in operation.options:
        if option.machine == machine:
            return option
    return None


def violations(problem: Problem, plan: Plan) -> list[Violation]:
    """Every broken rule of the plan; an empty list means that it is legal and may be published."""
    return list(_Judge(problem, plan).all())
