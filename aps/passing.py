"""A minute passes: whether a plant's snapshot is still what would be read and planned now, and that snapshot."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from zoneinfo import ZoneInfo

from aps import problem
from aps.engine.problem import Id, Operation, Plan, Problem, State
from aps.minutes import minute_of
from aps.problem import Snapshot
from erp.selectors import OpenOperation
from masterdata.worktime import without, worked_minutes

STRETCHES = dt.timedelta(hours=1)
"""Past its estimate, a hole that is still open lasts an hour more; see `aps.snapshot`."""


def at_minute(snap: Snapshot, plan: Plan, now: dt.datetime) -> Snapshot | None:
    """The snapshot as of `now`, a later minute; None when it has to be read again. `plan` is its plan.

    It stays what it is on the same day, here and in the plant, when nothing that had to begin was missed, no open
    hole grows with the clock, and all begun work goes on as it was expected to: its end stands, and what remains of
    it is less by the minutes worked since.
    """
    inputs = snap.inputs
    if now < inputs.now or _days(snap, now) != _days(snap, inputs.now):
        return None
    if any(hole.is_open and hole.ends_at < now + STRETCHES for hole in inputs.holes):
        return None
    if _first_begin(snap.problem, plan) < minute_of(now):
        return None
    later = replace(snap, inputs=replace(inputs, now=now))
    begun = _begun(snap, later)
    if begun is None:
        return None
    operations = [begun.get(one.id, one) for one in snap.problem.operations]
    return replace(later, problem=problem.same_ids(snap.problem, now_min=minute_of(now), operations=operations))


def _days(snap: Snapshot, at: dt.datetime) -> tuple[dt.date, dt.date]:
    """Calendars are laid out by days in UTC, material that nobody ordered comes so many of the plant's days later."""
    return at.astimezone(dt.UTC).date(), at.astimezone(ZoneInfo(snap.inputs.plant.time_zone)).date()


def _first_begin(known: Problem, plan: Plan) -> int:
    """When the first operation that has not begun is to begin, setup included."""
    begins = (
        place.start if place.setup_start is None else place.setup_start
        for one in known.operations
        if one.state is not State.STARTED and (place := plan.get(one.id)) is not None
    )
    return min(begins, default=minute_of(dt.datetime.max.replace(tzinfo=dt.UTC)))


def _begun(snap: Snapshot, later: Snapshot) -> dict[Id, Operation] | None:
    """Begun work with what remains of it then; None when one does not go on as expected, or shares its machine."""
    begun = [one for one in snap.inputs.work if problem.is_started(one)]
    machines = Counter(one.machine_id for one in begun)
    if any(count > 1 for count in machines.values()):
        return None
    known = {one.id: one for one in snap.problem.operations if one.state is State.STARTED}
    found: dict[Id, Operation] = {}
    for one in begun:
        operation = known[one.operation_id]
        if operation.fixed is None:
            return None
        rest = problem.remaining(later.inputs, later.windows, one)
        if rest != (operation.fixed.remaining_min or 0) - _worked(snap, later, one):
            return None
        found[operation.id] = replace(operation, fixed=replace(operation.fixed, remaining_min=rest))
    return found


def _worked(snap: Snapshot, later: Snapshot, one: OpenOperation) -> int:
    holes = [(hole.starts_at, hole.ends_at) for hole in snap.inputs.holes if hole.machine_id == one.machine_id]
    open_hours = without(snap.windows[one.machine_id or 0], holes)
    return worked_minutes(open_hours, snap.inputs.now, later.inputs.now)
