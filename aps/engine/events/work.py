"""Operations that begin and end otherwise than planned, with scrap or without."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aps.engine.calendar import open_windows
from aps.engine.events.event import Event
from aps.engine.events.found import machine_of, operation_of, place_of, waiting_of, with_operation
from aps.engine.events.progress import begin, done, opened, set_up
from aps.engine.problem import Fixed, Id, Operation, Placement, Plan, Problem, ProblemError, State


@dataclass(frozen=True)
class OperationStarted(Event):
    """The operation began at `start_min`, its setup included.

    On `machine` with `resources` (None: where and by whom it is planned). `remaining_min` working minutes are left
    (None: its run, and its setup where it has one, less what the machine has worked since).
    """

    operation: Id
    start_min: int
    machine: Id | None = None
    resources: Sequence[Id] | None = None
    remaining_min: int | None = None

    def known_min(self, problem: Problem) -> int:
        """Not before it began."""
        return max(super().known_min(problem), self.start_min)

    def since_min(self, problem: Problem, plan: Plan) -> int | None:
        """It began otherwise than planned."""
        operation = waiting_of(problem, self.operation)
        return max(problem.now_min, min(self.start_min, begin(place_of(plan, operation.id))))

    def happened(self, problem: Problem, plan: Plan) -> Problem:
        """It is at its machine, all of it still to be done."""
        operation = operation_of(problem, self.operation)
        return with_operation(problem, self._begun(problem, plan, operation, max(problem.now_min, self.start_min)))

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """It has started, with what is left at the problem's now."""
        operation = operation_of(problem, self.operation)
        if operation.state in (State.STARTED, State.DONE) and self.remaining_min is None:
            return problem
        return with_operation(problem, self._begun(problem, plan, operation, problem.now_min))

    def _begun(self, problem: Problem, plan: Plan, operation: Operation, now: int) -> Operation:
        place = place_of(plan, operation.id)
        machine = place.machine if self.machine is None else self.machine
        option = next((one for one in operation.options if one.machine == machine), None)
        if option is None:
            known = ", ".join(str(one.machine) for one in operation.options)
            raise ProblemError(f"operation {operation.id}: expected one of its machines {known}, got {machine}")
        left = self.remaining_min
        if left is None:
            setup = place.setup_min if machine == place.machine else option.setup_min
            spent = opened(open_windows(machine_of(problem, machine)), self.start_min, now)
            left = max(0, setup + option.run_min - spent)
        people = place.resources[: len(operation.needs)] if self.resources is None else tuple(self.resources)
        fixed = Fixed(machine, self.start_min, None, left, people)
        return replace(operation, state=State.STARTED, fixed=fixed)


@dataclass(frozen=True)
class OperationFinished(Event):
    """The operation ended at `end_min`, sooner or later than planned, on the machine where it was planned.

    With scrap either `again_min` minutes of it are done again at once on the same machine: then it is still running. Or
    `more` operations replace what was lost: whoever waits for the operation waits for the last of them too.
    """

    operation: Id
    end_min: int
    again_min: int = 0
    more: Sequence[Operation] = ()

    def known_min(self, problem: Problem) -> int:
        """Not before it ended."""
        return max(super().known_min(problem), self.end_min)

    def since_min(self, problem: Problem, plan: Plan) -> int | None:
        """It ended later than planned, and held up what stands behind it."""
        place = place_of(plan, self.operation)
        return max(problem.now_min, place.end) if place.end < self.end_min else None

    def happened(self, problem: Problem, plan: Plan) -> Problem:
        """It went on until it ended."""
        operation, place = operation_of(problem, self.operation), place_of(plan, self.operation)
        windows = open_windows(machine_of(problem, place.machine))
        left = opened(windows, problem.now_min, self.end_min)
        fixed = Fixed(place.machine, self._start(operation, place), None, left, place.resources)
        return with_operation(problem, replace(operation, state=State.STARTED, fixed=fixed))

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The operation is done, or at its machine again."""
        operation, place = operation_of(problem, self.operation), place_of(plan, self.operation)
        place = replace(place, start=self._start(operation, place), end=self.end_min)
        if self.again_min > 0:
            fixed = Fixed(place.machine, place.start, None, self.again_min, place.resources)
            return self._replaced(with_operation(problem, replace(operation, state=State.STARTED, fixed=fixed)))
        ended = with_operation(problem, done(operation, place))
        machines = set_up(problem.machines, problem.operations, ended.operations)
        return self._replaced(replace(ended, machines=machines))

    def _start(self, operation: Operation, place: Placement) -> int:
        start = place.start if operation.fixed is None or operation.state is State.PINNED else operation.fixed.start
        return min(start, self.end_min)

    def _replaced(self, problem: Problem) -> Problem:
        """The problem with what replaces the scrap, and those who wait for it."""
        if not self.more:
            return problem
        inner = {before for one in self.more for before, _ in one.predecessors}
        last = [one.id for one in self.more if one.id not in inner]
        rows = [_behind(one, self.operation, last) for one in problem.operations]
        return replace(problem, operations=(*rows, *self.more))


def _behind(one: Operation, key: Id, last: Sequence[Id]) -> Operation:
    """The operation, which waits for `last` as it waits for `key`."""
    lag = dict(one.predecessors).get(key)
    if lag is None or one.state in (State.STARTED, State.DONE):
        return one
    return replace(one, predecessors=(*one.predecessors, *((more, lag) for more in last)))
