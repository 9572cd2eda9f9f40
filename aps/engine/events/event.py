"""What every event is, and how the problem is once it is known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from aps.engine.events.progress import progressed
from aps.engine.problem import Plan, Problem
from aps.engine.repair import right_shift


@dataclass(frozen=True)
class Event(ABC):
    """Something that happened. `now_min` is when it became known; None: the problem's now stays."""

    now_min: int | None = field(default=None, kw_only=True)

    @abstractmethod
    def change(self, problem: Problem, plan: Plan) -> Problem:
        """The problem with it; twice is as once. Raises ProblemError when it speaks of what is not there."""

    def known_min(self, problem: Problem) -> int:
        """When it became known: not before the problem's now, nor before it happened."""
        return max(problem.now_min, problem.now_min if self.now_min is None else self.now_min)

    def since_min(self, problem: Problem, plan: Plan) -> int | None:
        """From when on the shop no longer did what the plan says; None: not before the event was known."""
        return None

    def happened(self, problem: Problem, plan: Plan) -> Problem:
        """The problem as it was from `since_min` on, by which the shop went on until the event was known."""
        return self.change(problem, plan)

    def told(self, problem: Problem) -> tuple[str, ...]:
        """What a planner must hear beside the plan, in sentences: what was assumed, what is kept all the same."""
        return ()


def after(problem: Problem, plan: Plan, event: Event) -> Problem:
    """The problem once the event is known: with a later now, the shop has done until then what the plan says.

    What happened before it was known has moved work to the right: what stands behind it has begun as much later.
    Raises ProblemError, and HorizonTooShortError when that work fits nowhere.
    """
    now = event.known_min(problem)
    since = event.since_min(problem, plan)
    if since is not None and since < now:
        if since > problem.now_min:
            problem = progressed(problem, plan, since)
        problem = event.happened(problem, plan)
        plan = Plan({**plan.placements, **right_shift(problem, plan).placements})
    if now > problem.now_min:
        problem = progressed(problem, plan, now)
    return event.change(problem, plan)
