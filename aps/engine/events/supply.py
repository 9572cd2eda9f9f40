"""Material that comes later or earlier than it was to."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aps.engine.events.event import Event
from aps.engine.events.found import waiting_of, with_operation
from aps.engine.events.progress import begin
from aps.engine.problem import Id, Plan, Problem, ProblemError


@dataclass(frozen=True)
class MaterialLate(Event):
    """The material of the operation, which has not begun, comes at `until_min`."""

    operation: Id
    until_min: int

    def since_min(self, problem: Problem, plan: Plan) -> int | None:
        """The operation could not begin when it was planned."""
        place = plan.get(self.operation)
        return None if place is None else max(problem.now_min, begin(place))

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The operation is released later (or earlier)."""
        return with_operation(problem, replace(waiting_of(problem, self.operation), release_min=self.until_min))


@dataclass(frozen=True)
class MaterialEarly(Event):
    """The material of the operation comes at `at_min` already."""

    operation: Id
    at_min: int

    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The operation is released earlier. Raises ProblemError when that is not earlier."""
        operation = waiting_of(problem, self.operation)
        if self.at_min >= operation.release_min:
            expected = f"its material later than {self.at_min}, it is ready at {operation.release_min}"
            raise ProblemError(f"operation {operation.id}: expected {expected}")
        return with_operation(problem, replace(operation, release_min=self.at_min))
