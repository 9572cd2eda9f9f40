"""Runs of the planning workers as people handle them: a longer search is asked for, a search is stopped."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from aps.models import PlanRun, PlanWish
from aps.services.wishes import want_plan
from masterdata import live, shown
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User

MOST_SECONDS = 600


class RunIsOver(Refusal):
    """The run has ended; there is nothing to stop."""

    code = "run_is_over"


@transaction.atomic
def stop_run(*, run_id: int, by: User, now: dt.datetime) -> PlanRun:
    """Ask the worker to end its search and publish the best plan it has. A second time changes nothing.

    Locks the run. Raises RunIsOver.
    """
    run = PlanRun.objects.select_for_update(no_key=True).order_by("pk").get(pk=run_id)
    if not run.is_running:
        raise RunIsOver(f"This run is over already: {_outcome(run)}.", state=run.state, plan=run.result_no)
    if run.stop_requested_at is None:
        run.stop_requested_at, run.stop_requested_by = now, by
        run.save(update_fields=["stop_requested_at", "stop_requested_by"])
        live.publish("runs", run.pk, plant_id=run.plant_id)
    return run


def optimise_plant(*, plant_id: int, seconds: int, by: User, text: str = "") -> int:
    """Want a plan that is searched for so many seconds, unless a machine goes down or somebody needs a plan sooner.

    Returns the version that covers the wish. Raises InvalidInput unless 1 <= seconds <= MOST_SECONDS.
    """
    if not 1 <= seconds <= MOST_SECONDS:
        raise InvalidInput(f"Say from 1 to {MOST_SECONDS} seconds.", field="seconds")
    text = text or f"{by} wants it searched for {duration(seconds)}"
    return want_plan(plant_id=plant_id, reason=PlanWish.Reason.PLANNER, text=text, seconds=seconds)


def duration(seconds: float) -> str:
    """ "30 s", "2 min"."""
    return shown.duration(round(seconds / 60)) if seconds >= 60 and seconds % 60 == 0 else f"{seconds:g} s"


def _outcome(run: PlanRun) -> str:
    """How it ended, to stand behind a colon."""
    if run.result_no is not None and run.state == PlanRun.State.PUBLISHED:
        return f"plan {run.result_no} was published"
    return {
        PlanRun.State.UNCHANGED: "it found nothing better than the plan in force",
        PlanRun.State.DISCARDED: "its result was thrown away because the shop had moved on",
        PlanRun.State.FAILED: "it failed",
        PlanRun.State.LOST: "its worker was lost and another one took over",
    }.get(PlanRun.State(run.state), "it has ended")
