"""Solves of scenarios as people handle them: asked for, stopped; and what wakes the worker that waits for them."""

from __future__ import annotations

import datetime as dt
from functools import partial

from django.db import transaction
from django.db.models import Q

from aps import wake
from aps.models import Scenario, ScenarioRun
from aps.services.runs import MOST_SECONDS
from aps.services.scenarios import locked_scenario, refuse_busy, touch
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User

UNHEARD_OF = dt.timedelta(seconds=15)
"""A worker tells twice a second; one that does not for so long has vanished."""
WAKE_AGAIN_AFTER = dt.timedelta(seconds=30)
MOST_TRIES = 3
GOING_ON = [ScenarioRun.State.WAITING, ScenarioRun.State.RUNNING]


class NothingToStop(Refusal):
    """The scenario is not being solved."""

    code = "nothing_to_stop"


@transaction.atomic
def solve_scenario(
    *, scenario_id: int, seconds: int, by: User, now: dt.datetime, expected_version: int | None = None
) -> ScenarioRun:
    """Ask for a solve of so many seconds; a worker of its own does it, and the plant's planning waits for nothing.

    Locks the scenario. Raises InvalidInput, ScenarioIsBusy, ScenarioIsOver, StaleVersion.
    """
    if not 1 <= seconds <= MOST_SECONDS:
        raise InvalidInput(f"Say from 1 to {MOST_SECONDS} seconds.", field="seconds")
    scenario = locked_scenario(scenario_id, expected_version)
    refuse_busy(scenario)
    run = ScenarioRun.objects.create(scenario=scenario, budget_seconds=seconds, asked_by=by, asked_at=now, woken_at=now)
    scenario.state = Scenario.State.SOLVING
    touch(scenario, ["state"])
    transaction.on_commit(partial(wake.wake_scenario, run.pk))
    return run


@transaction.atomic
def stop_scenario(*, scenario_id: int, by: User, now: dt.datetime) -> ScenarioRun:
    """End the solve: the best that it has is the result; one that has not begun is taken back. Twice changes nothing.

    Locks the scenario. Raises NothingToStop, ScenarioIsOver.
    """
    scenario = locked_scenario(scenario_id)
    run = scenario.runs.select_for_update(no_key=True).filter(state__in=GOING_ON).order_by("pk").first()
    if run is None:
        raise NothingToStop("This scenario is not being solved: there is nothing to stop.", state=scenario.state)
    if run.stop_requested_at is None:
        run.stop_requested_at, run.stop_requested_by = now, by
        if run.state == ScenarioRun.State.WAITING:
            run.state, run.ended_at, run.note = ScenarioRun.State.CANCELLED, now, f"{by} took it back before it began"
            scenario.state = Scenario.State.DRAFT
        run.save(update_fields=["stop_requested_at", "stop_requested_by", "state", "ended_at", "note"])
        touch(scenario, ["state"])
        live.publish(topic(run.pk), run.pk, plant_id=scenario.plant_id)
    return run


@transaction.atomic
def wake_waiting_scenarios(*, now: dt.datetime) -> int:
    """Send again what waits for a worker, or whose worker vanished; returns how many. A message lost costs seconds."""
    waiting = ScenarioRun.objects.filter(
        Q(state=ScenarioRun.State.WAITING) | Q(state=ScenarioRun.State.RUNNING, told_at__lt=now - UNHEARD_OF),
        Q(woken_at__isnull=True) | Q(woken_at__lt=now - WAKE_AGAIN_AFTER),
    )
    ids = list(waiting.select_for_update(skip_locked=True).order_by("pk").values_list("pk", flat=True))
    ScenarioRun.objects.filter(pk__in=ids).update(woken_at=now)
    for run_id in ids:
        transaction.on_commit(partial(wake.wake_scenario, run_id))
    return len(ids)


def topic(run_id: int) -> str:
    """What a page about a scenario waits for while it is solved."""
    return f"scenario-run-{run_id}"
