"""The worker's part of a scenario: take the solve, read the plant, lay the changes over it, search, keep what came out.

It holds no lease and publishes nothing, so the plant is planned meanwhile as if nobody asked what if.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from dataclasses import dataclass
from types import TracebackType

import structlog
from django.conf import settings
from django.db import Error, connection, transaction

from aps import assuming, problem, snapshot, supposed
from aps.causes import CAUSE_LENGTH
from aps.engine import objective, portfolio
from aps.engine.problem import Plan as EnginePlan
from aps.engine.problem import ProblemError
from aps.models import Scenario, ScenarioRun
from aps.problem import CannotPlan, Snapshot
from aps.services import outcome, solving
from aps.services.lease import Clock
from aps.services.scenario_runs import MOST_TRIES, UNHEARD_OF, topic
from aps.services.scenarios import forget_result, touch
from aps.services.watching import LOOKS_UP_EVERY_SECONDS, TELLS_EVERY_SECONDS, Budget, Pace
from masterdata import live
from masterdata.errors import Refusal

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Taken:
    """A solve that this worker does, until another one takes it over with a higher token."""

    run: ScenarioRun
    token: int
    clock: Clock


def run_scenario(*, run_id: int, now: dt.datetime) -> str:
    """Do the solve. Returns how it ended: "done", "failed", or "nothing": over, or another worker is at it.

    Call outside a transaction: the solver runs between two short ones.
    """
    taken = _take(run_id, Clock(now))
    if taken is None:
        return "nothing"
    with Beat(taken) as beat:
        try:
            found = _solve(taken, beat)
        except (CannotPlan, ProblemError) as error:
            return _fail(taken, str(error))
        except Refusal as error:
            return _fail(taken, error.sentence)
        except Exception as error:
            _fail(taken, f"Unexpected: {error}")
            raise
    return _keep(taken, beat.pace, found)


def _solve(taken: Taken, beat: Beat) -> outcome.Found:
    run = taken.run
    inputs = snapshot.read_inputs(run.scenario.plant_id, taken.clock.now)
    changes = list(supposed.changes_of([run.scenario_id]))
    supposition = assuming.assumed(inputs, changes)
    run.base_no, run.base_version = inputs.plan_no, inputs.wanted_version
    run.operations = len(supposition.inputs.work)
    base, in_force = problem.with_horizon(inputs, _in_force)
    snap, plan = problem.with_horizon(supposition.inputs, lambda one: _searched(one, run, beat))
    return outcome.Found(inputs, supposition, base, in_force, snap, plan)


def _in_force(snap: Snapshot) -> tuple[Snapshot, EnginePlan]:
    """The plan in force as it goes on from now, with what it does not know yet in gaps."""
    return snap, solving.repaired(snap)


def _searched(snap: Snapshot, run: ScenarioRun, beat: Beat) -> tuple[Snapshot, EnginePlan]:
    """The best plan found: from the plan in force repaired, or from nothing when that begins better."""
    starts = [solving.repaired(snap)]
    if snap.problem.operations:
        starts.append(portfolio.plan(snap.problem, None, published=snap.published).plan)
    first = min(starts, key=lambda one: objective.objective(snap.problem, one, snap.published).total)
    run.minute_points = max(1, snap.problem.weights.lateness)
    run.lower_bound = solving.lower_bound(snap)
    pace = beat.begin(run.lower_bound)
    found = solving.improved(snap, first, pace)
    return snap, first if found is None else found.plan


@transaction.atomic
def _take(run_id: int, clock: Clock) -> Taken | None:
    """Take a solve that waits, or whose worker was not heard of for a while. Locks its row."""
    rows = ScenarioRun.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    run = rows.select_related("scenario").filter(pk=run_id).order_by("pk").first()
    if run is None or not run.is_running:
        return None
    vanished = run.told_at is None or run.told_at < clock.now - UNHEARD_OF
    if run.state == ScenarioRun.State.RUNNING and not vanished:
        return None
    if run.token >= MOST_TRIES:
        _end_failed(run, clock.now, "Its worker vanished several times. Ask your administrator to look at the log")
        return None
    run.state, run.token = ScenarioRun.State.RUNNING, run.token + 1
    run.started_at = run.told_at = clock.now
    run.curve, run.moves = [], 0
    run.save(update_fields=["state", "token", "started_at", "told_at", "curve", "moves"])
    live.publish("scenarios", run.scenario_id, plant_id=run.scenario.plant_id)
    return Taken(run, run.token, clock)


def _mine(taken: Taken) -> Scenario | None:
    """The scenario, locked, as long as the solve is still this worker's."""
    scenario = Scenario.objects.select_for_update(no_key=True).order_by("pk").get(pk=taken.run.scenario_id)
    mine = ScenarioRun.objects.filter(pk=taken.run.pk, token=taken.token, state=ScenarioRun.State.RUNNING)
    return scenario if mine.exists() else None


@transaction.atomic
def _keep(taken: Taken, pace: Pace | None, found: outcome.Found) -> str:
    """Write result and run in one go; nothing when it was dropped or taken over. Locks the scenario."""
    scenario, run = _mine(taken), taken.run
    if scenario is None:
        return "nothing"
    forget_result(scenario)
    outcome.write(scenario, found)
    if pace is not None:
        pace.count(pace.moves, objective.objective(found.snap.problem, found.plan, found.snap.published).total)
        run.moves, run.curve = pace.moves, list(pace.curve.pairs)
        run.objective_before, run.objective_after = pace.curve.first, pace.curve.best
        run.note = pace.ended_because[:CAUSE_LENGTH]
    run.state, run.ended_at = ScenarioRun.State.DONE, taken.clock.now
    run.save(update_fields=[*PROGRESS, "state", "ended_at", "note", "base_no", "base_version"])
    scenario.state, scenario.base_no, scenario.base_version = (
        Scenario.State.SOLVED,
        run.base_no or 0,
        run.base_version or 0,
    )
    touch(scenario, ["state", "base_no", "base_version"])
    live.publish(topic(run.pk), run.pk, plant_id=scenario.plant_id)
    return "done"


@transaction.atomic
def _fail(taken: Taken, why: str) -> str:
    scenario = _mine(taken)
    if scenario is None:
        return "nothing"
    log.warning("scenario_failed", scenario=scenario.pk, why=why)
    _end_failed(taken.run, taken.clock.now, why)
    return "failed"


def _end_failed(run: ScenarioRun, now: dt.datetime, why: str) -> None:
    """The run and its scenario have failed. Call inside a transaction."""
    run.state, run.ended_at, run.note = ScenarioRun.State.FAILED, now, why[:CAUSE_LENGTH]
    run.save(update_fields=["state", "ended_at", "note", "base_no", "base_version"])
    scenario = Scenario.objects.select_for_update(no_key=True).order_by("pk").get(pk=run.scenario_id)
    forget_result(scenario)
    scenario.state = Scenario.State.FAILED
    touch(scenario, ["state"])
    live.publish(topic(run.pk), run.pk, plant_id=scenario.plant_id)


PROGRESS = ["moves", "curve", "objective_before", "objective_after", "lower_bound", "minute_points", "operations"]


class Beat:
    """Says twice a second that the worker lives and how far it is, and hears a stop; from a thread of its own."""

    def __init__(self, taken: Taken) -> None:
        self.taken = taken
        self.pace: Pace | None = None
        self.is_lost = False
        self._told = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"scenario-{taken.run.pk}", daemon=True)

    def __enter__(self) -> Beat:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing is written behind it."""
        self._done.set()
        self._thread.join()

    def begin(self, lower_bound: int | None) -> Pace:
        """The search begins: its seconds count from now, a round anew when the calendars were too short."""
        seconds = self.taken.run.budget_seconds
        usual: float = min(settings.THROUGHLINE_SOLVE_SECONDS, seconds)
        pace = Pace(Budget(None, seconds, usual), self.taken.clock.seconds)
        pace.lower_bound = lower_bound
        pace.alarmed = self.is_lost
        self.pace = pace
        return pace

    def _beat(self) -> None:
        try:
            while not self._done.wait(LOOKS_UP_EVERY_SECONDS) and not self.is_lost:
                try:
                    self._look()
                except Error as error:  # the search goes on; a database that is away for long ends it when it is kept
                    log.warning("scenario_beat_failed", run=self.taken.run.pk, error=str(error))
                    connection.close()
        finally:
            connection.close()

    def _look(self) -> None:
        run, pace = self.taken.run, self.pace
        row = ScenarioRun.objects.select_related("stop_requested_by").filter(pk=run.pk).first()
        if row is None:  # this connection does not see it yet
            return
        if row.token != self.taken.token or row.state != ScenarioRun.State.RUNNING:
            self.is_lost = True
            if pace is not None:
                pace.alarmed = True
            return
        if row.stop_requested_at is not None and pace is not None:
            pace.ended_because = f"Stopped by {row.stop_requested_by}"
        if time.monotonic() - self._told < TELLS_EVERY_SECONDS:
            return
        self._told = time.monotonic()
        known: dict[str, object] = {"told_at": self.taken.clock.now}
        if pace is not None:
            known |= {
                "moves": pace.moves,
                "curve": list(pace.curve.pairs),
                "objective_before": pace.curve.first,
                "objective_after": pace.curve.best,
                "lower_bound": run.lower_bound,
                "minute_points": run.minute_points,
                "operations": run.operations,
            }
        mine = ScenarioRun.objects.filter(pk=run.pk, token=self.taken.token, state=ScenarioRun.State.RUNNING)
        mine.update(**known)
        live.publish(topic(run.pk), run.pk, plant_id=run.scenario.plant_id)
