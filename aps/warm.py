"""The live plan of each plant, kept ready in the process for many questions; `aps.following` renews it by itself.

What may be used again is said exactly. A plan published or wished for since: nothing, it is read again, unless only
longer searches were asked for. Minutes have passed: what was read, for two minutes, when every calendar, hole, begun
and planned operation says the same as then (`aps.passing`); only the engine's arrays are built anew. A machine went
down: what was read, with the holes of now.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import NamedTuple

from django.db import connection
from django.db.models import OuterRef, Subquery

from aps import passing, problem, snapshot
from aps.engine import repair
from aps.engine.offer import LivePlan
from aps.engine.problem import Plan as EnginePlan
from aps.models import Plan, PlantPlanning, PlanWish
from aps.problem import Snapshot
from aps.rows import Row
from erp.selectors import OpenOperation

GOOD_FOR = dt.timedelta(minutes=2)
"""What was read of rows is used no longer: progress on the floor and purchases change them without a wish."""
STAMP = """
SELECT plan_no,
    (SELECT published_at FROM aps_plan WHERE plant_id = planning.plant_id AND number = planning.plan_no),
    wanted_version,
    (SELECT wished_at FROM aps_planwish WHERE plant_id = planning.plant_id ORDER BY version DESC LIMIT 1)
FROM aps_plantplanning AS planning WHERE plant_id = %s
"""
"""What `stamps` asks of one plant."""


class Stamp(NamedTuple):
    """The plan and the wish that a live plan rests on."""

    plan_no: int
    published_at: dt.datetime | None
    wanted_version: int
    wished_at: dt.datetime | None


@dataclass(frozen=True)
class Live:
    """The published plan as of `snapshot.inputs.now` (what should have begun is shifted to then), and its arrays.

    `read_at` is the minute as of which the rows were read.
    """

    snapshot: Snapshot
    plan: EnginePlan
    arrays: LivePlan
    stamp: Stamp
    read_at: dt.datetime

    @property
    def version(self) -> str:
        """The input version that it rests on."""
        return self.snapshot.inputs.version

    @cached_property
    def lines(self) -> dict[str, OpenOperation]:
        """An operation of each order line, by the line's label."""
        return {problem.label_of(work): work for work in self.snapshot.inputs.work if work.line_id is not None}

    @cached_property
    def setup_min(self) -> int:
        """Setup in the whole plan."""
        return sum(one.setup_min for one in self.plan.values())


_kept: dict[int, Live] = {}
_locks: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)


def live(plant_id: int, now: dt.datetime) -> Live:
    """The plant's live plan; plants do not wait for each other. Raises CannotPlan."""
    stamp = stamp_of(plant_id)
    found = _usable(plant_id, stamp, now)
    if found is not None:
        return found
    with _locks[plant_id]:
        return _usable(plant_id, stamp, now) or _read(plant_id, stamp, now)


def renewed(
    plant_id: int,
    stamp: Stamp,
    now: dt.datetime,
    *,
    at_least: bool = False,
    prepare: Callable[[Live], object] | None = None,
) -> bool:
    """Make it ready for the next question as of `stamp` and `now`; whether rows had to be read.

    `at_least`: read them even if what is kept would do. `prepare` is called with a newer live plan before questions
    find it. Raises CannotPlan.
    """
    with _locks[plant_id]:
        if not at_least and _usable(plant_id, stamp, now, prepare) is not None:
            return False
        _read(plant_id, stamp, now, prepare)
        return True


def standing(plant_id: int, now: dt.datetime) -> Snapshot:
    """The plant with the holes that its machines have by now, for the first plan after an alarm. Raises CannotPlan.

    What is kept is used when nothing but machines that went down was wished for since. What the floor has begun
    meanwhile is the business of who publishes.
    """
    stamp = stamp_of(plant_id)
    known = _before_alarms(plant_id, stamp, now)
    if known is None:
        with _locks[plant_id]:  # what is being read just now will do
            known = _before_alarms(plant_id, stamp, now)
    if known is None:
        return live(plant_id, now).snapshot
    planning = PlantPlanning.objects.get(plant_id=plant_id)
    inputs = replace(
        known.snapshot.inputs,
        holes=snapshot.holes_of(plant_id, known.snapshot.inputs.now),
        wanted_version=stamp.wanted_version,
        planned_version=planning.planned_version,
    )
    return problem.with_holes(known.snapshot, inputs)


def keep_published(snap: Snapshot, rows: Sequence[Row], plan: EnginePlan, plan_no: int) -> None:
    """Keep the plan that was just published from `snap`, unless something was wished for or published since."""
    plant_id, known = snap.inputs.plant.pk, _kept.get(snap.inputs.plant.pk)
    stamp = stamp_of(plant_id)
    if known is None or (stamp.plan_no, stamp.wanted_version) != (plan_no, snap.inputs.wanted_version):
        return
    inputs = replace(snap.inputs, plan_no=plan_no, published=rows)
    standing = replace(snap, inputs=inputs, published=plan)
    _kept[plant_id] = Live(standing, plan, LivePlan(snap.problem, plan), stamp, known.read_at)


def longer(known: Live) -> Live:
    """The same with calendars that reach twice as far, for an order that did not fit. Raises CannotPlan."""
    days = 2 * known.snapshot.days
    if days > problem.LAST_HORIZON_DAYS:
        raise problem.CannotPlan("It does not fit into the calendars of the next ten years: add shifts or machines")
    made = _live(problem.snapshot_of(known.snapshot.inputs, days), known.stamp, known.read_at)
    _kept[known.snapshot.inputs.plant.pk] = made
    return made


def kept(plant_id: int) -> Live | None:
    """What is kept of the plant, for whatever plan and minute."""
    return _kept.get(plant_id)


def forget(plant_id: int) -> None:
    """Keep nothing of the plant any more."""
    _kept.pop(plant_id, None)


def stamp_of(plant_id: int) -> Stamp:
    """As it is now; one query, which is not put together anew for each question."""
    with connection.cursor() as cursor:
        found = cursor.execute(STAMP, [plant_id]).fetchone()
    return Stamp(0, None, 0, None) if found is None else Stamp(*found)


def stamps(plant_ids: Iterable[int] | None = None) -> dict[int, Stamp]:
    """The stamps of these plants (None: of all that were ever planned) as they are now; one query."""
    published = Plan.objects.filter(plant_id=OuterRef("plant_id"), number=OuterRef("plan_no"))
    wish = PlanWish.objects.filter(plant_id=OuterRef("plant_id")).order_by("-version")
    rows = PlantPlanning.objects.order_by("plant_id")
    rows = rows.filter(plan_no__gt=0) if plant_ids is None else rows.filter(plant_id__in=list(plant_ids))
    columns = ("plan_no", Subquery(published.values("published_at")))
    wishes = ("wanted_version", Subquery(wish.values("wished_at")[:1]))
    return {plant_id: Stamp(*found) for plant_id, *found in rows.values_list("plant_id", *columns, *wishes)}


def _usable(
    plant_id: int, stamp: Stamp, now: dt.datetime, prepare: Callable[[Live], object] | None = None
) -> Live | None:
    """What is kept, as of the minute of `now`; nothing when it has to be read again."""
    found = _kept.get(plant_id)
    if found is None or not _only(plant_id, found.stamp, stamp, set()):
        return None
    ready = _at_minute(_under(found, stamp), now)
    if prepare is not None and ready is not None and ready is not found:
        prepare(ready)
    if ready is not None and _kept.get(plant_id) is found:
        _kept[plant_id] = ready
    return ready


def _at_minute(known: Live, now: dt.datetime) -> Live | None:
    minute = now.replace(second=0, microsecond=0)
    if minute == known.snapshot.inputs.now:
        return known
    if minute > known.read_at + GOOD_FOR:
        return None
    later = passing.at_minute(known.snapshot, known.plan, minute)
    if later is None:
        return None
    return replace(known, snapshot=later, arrays=LivePlan(later.problem, known.plan))


def _before_alarms(plant_id: int, stamp: Stamp, now: dt.datetime) -> Live | None:
    """What is kept, as of the minute of `now`, when nothing but alarms came since; nothing otherwise."""
    found = _kept.get(plant_id)
    if found is None or not _only(plant_id, found.stamp, stamp, {PlanWish.Reason.BREAKDOWN.value}):
        return None
    return _at_minute(found, now)


def _under(known: Live, stamp: Stamp) -> Live:
    """The same with the number of a newer wish that changes no row."""
    if known.stamp == stamp:
        return known
    inputs = replace(known.snapshot.inputs, wanted_version=stamp.wanted_version)
    return replace(known, snapshot=replace(known.snapshot, inputs=inputs), stamp=stamp)


def _only(plant_id: int, since: Stamp, now: Stamp, reasons: set[str]) -> bool:
    """Whether the plan stands and nothing else was wished for since, but to search longer, which changes no row."""
    if since == now or since[:2] != now[:2] or since.wanted_version >= now.wanted_version:
        return since == now
    wishes = PlanWish.objects.filter(
        plant_id=plant_id, version__gt=since.wanted_version, version__lte=now.wanted_version, seconds=None
    )
    return set(wishes.values_list("reason", flat=True)) <= reasons


def _read(plant_id: int, stamp: Stamp, now: dt.datetime, prepare: Callable[[Live], object] | None = None) -> Live:
    inputs = snapshot.read_inputs(plant_id, now)
    made = problem.with_horizon(inputs, partial(_live, stamp=stamp, read_at=inputs.now))
    if prepare is not None:
        prepare(made)
    _kept[plant_id] = made
    return made


def _live(snap: Snapshot, stamp: Stamp, read_at: dt.datetime) -> Live:
    plan = repair.right_shift(snap.problem, snap.published)
    return Live(snap, plan, LivePlan(snap.problem, plan), stamp, read_at)
