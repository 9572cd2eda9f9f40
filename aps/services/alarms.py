"""The first plan after an alarm: from the live plan in memory, published at once, whoever searches meanwhile."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from contextlib import nullcontext

import structlog
from django.db.models.functions import Now

from aps import problem, warm
from aps.engine.problem import ProblemError
from aps.models import Plan, PlantPlanning, PlanWish
from aps.problem import CannotPlan
from aps.services import solving
from aps.services.lease import Lease
from aps.services.publication import StalePlan, publish_plan
from masterdata import facts

TRIES = 3
LOOKS_EVERY_SECONDS = 0.02
log = structlog.get_logger(__name__)


def answer_alarm(*, plant_id: int, now: dt.datetime, spread: Callable[[], None] | None = None) -> Plan | None:
    """Publish what machines that went down have moved, as a plan that is not final; a better one follows from `plan`.

    None when nothing has to move or somebody was faster. It takes no lease: like a rush order it is published under
    the planning row on the very plan that it started from. A search under way hears of the alarm and gives up; what it
    may still publish is put on top of this plan first (`Watch`, `StalePlan`). Call outside a transaction.

    `spread` tells the plan to the rest of the house right after its commit; nobody else is woken for it, the relay
    finds what is left. Only then the plan is kept for questions.
    """
    try:
        for _ in range(TRIES):
            if not _is_waited_for(plant_id):
                return None
            try:
                return _shifted(plant_id, now, spread)
            except StalePlan:
                warm.forget(plant_id)
    except (CannotPlan, ProblemError) as error:
        log.warning("alarm_not_answered", plant=plant_id, error=str(error))
    return None


def end_alarm(*, plant_id: int) -> None:
    """The alarm is answered, or nobody will: planning need not wait."""
    PlantPlanning.objects.filter(plant_id=plant_id, alarm_until__isnull=False).update(alarm_until=None)


def wait_for_answer(lease: Lease) -> None:
    """Leave the first plan after an alarm to the warm worker that is at it; a second at most, see `block_machine`."""
    answering = PlantPlanning.objects.filter(plant_id=lease.plant_id, alarm_until__gt=Now())
    while answering.exists():
        time.sleep(LOOKS_EVERY_SECONDS)


def _is_waited_for(plant_id: int) -> bool:
    planning = PlantPlanning.objects.filter(plant_id=plant_id, plan_no__gt=0).first()
    if planning is None:
        return False
    alarms = PlanWish.objects.filter(plant_id=plant_id, reason=PlanWish.Reason.BREAKDOWN)
    return alarms.filter(version__gt=planning.planned_version).exists()


def _shifted(plant_id: int, now: dt.datetime, spread: Callable[[], None] | None) -> Plan | None:
    snap = warm.standing(plant_id, now)
    plan, figures = solving.repaired_with_figures(snap)
    if not solving.must_move_now(snap, plan):
        return None
    wrong = solving.problems_of(snap, plan)
    if wrong:
        log.warning("alarm_not_answered", plant=plant_id, error=wrong)
        return None
    rows = problem.rows_of(snap, plan)
    with nullcontext() if spread is None else facts.waking_nobody():
        published = publish_plan(
            plant_id=plant_id,
            base_no=snap.inputs.plan_no,
            rows=rows,
            origin=Plan.Origin.REPAIR,
            now=now,
            covers_version=snap.inputs.wanted_version,
            is_final=False,
            seen=snap.seen,
            figures=figures,
            known=snap.inputs.published,
        )
    if published is not None:
        if spread is not None:
            spread()
        warm.keep_published(snap, rows, plan, published.number)
    return published
