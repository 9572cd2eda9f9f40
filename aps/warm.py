"""The live plan of each plant, kept ready in the process for many questions; fresh for a plan, its wishes, a minute."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import dataclass
from functools import partial

from django.db.models import OuterRef, Subquery

from aps import problem, snapshot
from aps.engine import repair
from aps.engine.offer import LivePlan
from aps.engine.problem import Plan as EnginePlan
from aps.minutes import minute_of
from aps.models import Plan, PlantPlanning, PlanWish
from aps.problem import Snapshot

Mark = tuple[object, ...]


@dataclass(frozen=True)
class Live:
    """The published plan as of `snapshot.inputs.now` (what should have begun is shifted to then), and its arrays."""

    snapshot: Snapshot
    plan: EnginePlan
    arrays: LivePlan
    mark: Mark

    @property
    def version(self) -> str:
        """The input version that it rests on."""
        return self.snapshot.inputs.version


_kept: dict[int, Live] = {}
_lock = threading.Lock()


def live(plant_id: int, now: dt.datetime) -> Live:
    """The plant's live plan. Raises CannotPlan."""
    mark = _mark(plant_id, now)
    found = _kept.get(plant_id)
    if found is not None and found.mark == mark:
        return found
    with _lock:
        made = problem.with_horizon(snapshot.read_inputs(plant_id, now), partial(_live, mark=mark))
        _kept[plant_id] = made
        return made


def longer(known: Live) -> Live:
    """The same with calendars that reach twice as far, for an order that did not fit. Raises CannotPlan."""
    days = 2 * known.snapshot.days
    if days > problem.LAST_HORIZON_DAYS:
        raise problem.CannotPlan("It does not fit into the calendars of the next ten years: add shifts or machines")
    made = _live(problem.snapshot_of(known.snapshot.inputs, days), known.mark)
    _kept[known.snapshot.inputs.plant.pk] = made
    return made


def _live(snap: Snapshot, mark: Mark) -> Live:
    plan = repair.right_shift(snap.problem, snap.published)
    return Live(snap, plan, LivePlan(snap.problem, plan), mark)


def _mark(plant_id: int, now: dt.datetime) -> Mark:
    """What a live plan is good for: this plan, these wishes, this minute."""
    published = Plan.objects.filter(plant_id=OuterRef("plant_id"), number=OuterRef("plan_no"))
    wish = PlanWish.objects.filter(plant_id=OuterRef("plant_id")).order_by("-version")
    found = PlantPlanning.objects.filter(plant_id=plant_id).values_list(
        "plan_no", "wanted_version", Subquery(published.values("published_at")), Subquery(wish.values("wished_at")[:1])
    )
    return (minute_of(now), *(found.first() or ()))
