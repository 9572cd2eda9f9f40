"""Runs of the planning workers: what a page shows of one beside its row."""

from __future__ import annotations

from dataclasses import dataclass

from aps.models import PlanRun, RunWorth


@dataclass(frozen=True)
class Part:
    """What a part of the points was at first and is in the best plan, in minutes of delay of an ordinary order."""

    name: str
    before: int
    after: int

    @property
    def saved(self) -> int:
        """How much less it is; negative when it grew."""
        return self.before - self.after


@dataclass(frozen=True)
class MakeUp:
    """What the points of a run are made of: the worth of its first and of its best plan, and the parts side by side."""

    first: RunWorth
    best: RunWorth
    parts: tuple[Part, ...]


PARTS = ("late_points", "waiting_points", "setup_points", "change_points")


def make_up(run: PlanRun) -> MakeUp | None:
    """The make-up of a run's points; None before its search has ended. One query."""
    worths = {worth.is_best: worth for worth in RunWorth.objects.filter(run=run)}
    if len(worths) < 2:
        return None
    first, best = worths[False], worths[True]
    sides = ((name, run.as_delay(getattr(first, name)), run.as_delay(getattr(best, name))) for name in PARTS)
    parts = [Part(name, before or 0, after or 0) for name, before, after in sides]
    return MakeUp(first, best, tuple(parts))
