"""Between quality and calm: a few plans of which none is both better and calmer than another, with what each does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from aps.engine import objective, portfolio
from aps.engine.frontier import with_calm
from aps.engine.problem import Plan as EnginePlan
from aps.minutes import time_of
from aps.models import Plan, RepairOption
from aps.problem import Snapshot
from aps.services import solving
from aps.services.publication import Figures
from masterdata.lateness import is_late

FREE_MOVES = 20_000
"""The search in which calm costs nothing; it begins at the usual plan, so it is short."""


@dataclass(frozen=True)
class Effect:
    """An order line that reaches the customer at another time."""

    line_id: int
    promised_at: dt.datetime | None
    before_at: dt.datetime
    after_at: dt.datetime


@dataclass(frozen=True)
class Candidate:
    """A plan with its figures; `quality` are its points without what change costs, `changes` against the plan told."""

    key: str
    plan: EnginePlan
    origin: str
    figures: Figures
    quality: int
    moved: int
    machines: int
    slips: int
    effects: tuple[Effect, ...]

    @property
    def changes(self) -> int:
        """Operations moved, those on another machine twice."""
        return self.moved + self.machines


def slips(snap: Snapshot, plan: EnginePlan) -> set[int]:
    """Lines that the plan brings to the customer late by their promise in force (`masterdata.lateness`)."""
    promised = _promises(snap)
    return {line for line, end in arrivals(snap, plan).items() if is_late(promised.get(line), end)}


def arrivals(snap: Snapshot, plan: EnginePlan) -> dict[int, dt.datetime]:
    """When each order line of open work is at the customer, transport included."""
    ends: dict[int, int] = {}
    for one in snap.inputs.work:
        place = plan.get(one.operation_id)
        if one.line_id is not None and place is not None:
            ends[one.line_id] = max(ends.get(one.line_id, place.end), place.end)
    return {line: time_of(end + snap.inputs.plant.transport_min) for line, end in ends.items()}


def candidates(
    snap: Snapshot, usual: solving.Improved, cancelled: Callable[[], bool], moves: int | None = None
) -> list[Candidate]:
    """From the calmest to the freest: the plan that the floor was told, the usual one, one in which change is free.

    The usual one is always among them; another one only when it is better or calmer than each of the others.
    `snap.published` is the plan that the floor was told; `moves` of search for the last (default FREE_MOVES).
    """
    keys = RepairOption.Key
    freed = with_calm(snap.problem, 0, 1)
    free = portfolio.plan(
        freed, usual.plan, published=snap.published, moves=moves or FREE_MOVES, seed=3, cancelled=cancelled
    ).plan
    plain = _candidate(snap, keys.USUAL, usual.plan, usual.origin)
    found = [plain]
    for key, plan, origin in (
        (keys.CALM, snap.published, str(Plan.Origin.REPAIR)),
        (keys.FREE, free, str(Plan.Origin.SEARCH)),
    ):
        one = _candidate(snap, key, plan, origin)
        if not solving.problems_of(snap, plan) and not any(_dominates(other, one) for other in found):
            found.append(one)
    return sorted(found, key=lambda one: keys.values.index(one.key))


def _dominates(one: Candidate, other: Candidate) -> bool:
    return one.quality <= other.quality and one.changes <= other.changes


def _candidate(snap: Snapshot, key: str, plan: EnginePlan, origin: str) -> Candidate:
    points = objective.objective(snap.problem, plan, snap.published)
    told = snap.published
    known = [(told[at], place) for at, place in plan.items() if at in told]
    before, after, promised = arrivals(snap, told), arrivals(snap, plan), _promises(snap)
    return Candidate(
        key=str(key),
        plan=plan,
        origin=origin,
        figures=solving.figures_of(snap.problem, plan, points),
        quality=points.total - points.moved - points.machine,
        moved=sum((old.start, old.machine) != (new.start, new.machine) for old, new in known),
        machines=sum(old.machine != new.machine for old, new in known),
        slips=len(slips(snap, plan)),
        effects=tuple(
            Effect(line, promised.get(line), before[line], end)
            for line, end in sorted(after.items())
            if line in before and before[line] != end
        ),
    )


def _promises(snap: Snapshot) -> dict[int, dt.datetime]:
    return {
        one.line_id: one.promised_at
        for one in snap.inputs.work
        if one.line_id is not None and one.promised_at is not None
    }
