"""What is written about a turn: its begin, what its search brought, its end. The progress between is the watch's."""

from __future__ import annotations

from django.db import transaction

from aps.causes import CAUSE_LENGTH, cause_between
from aps.models import PlanRun, RunWorth
from aps.services.lease import Lease
from aps.services.solving import Improved, Worth
from aps.services.watching import Budget, Watch, topic
from aps.services.wishes import locked_planning
from aps.snapshot import Inputs
from masterdata import live

AT_THE_END = (
    "state",
    "result_no",
    "moves",
    "objective_before",
    "objective_after",
    "lower_bound",
    "minute_points",
    "curve",
    "told_at",
    "ended_at",
    "note",
)


@transaction.atomic
def begin_run(lease: Lease, inputs: Inputs, budget: Budget) -> PlanRun | None:
    """The run of a turn that answers the wishes of `inputs`; None when the lease is lost.

    Locks the planning row: no second run begins while one is going on.
    """
    if locked_planning(lease.plant_id).lease_token != lease.token:
        return None
    cause = cause_between(lease.plant_id, inputs.planned_version, inputs.wanted_version)
    run = PlanRun.objects.create(
        plant_id=lease.plant_id,
        token=lease.token,
        base_no=inputs.plan_no,
        wanted_version=inputs.wanted_version,
        reason=cause.reason,
        cause=cause.text[:CAUSE_LENGTH],
        operations=len(inputs.work),
        budget_seconds=round(budget.seconds) if budget.moves is None else None,
        started_at=lease.clock.now,
    )
    live.publish("runs", run.pk, plant_id=run.plant_id)
    return run


def note_outcome(run: PlanRun, outcome: Improved, watch: Watch) -> None:
    """What the search brought, at the run, which is written when it ends; the make-up of the points at once."""
    run.moves = outcome.moves
    if outcome.before is None or outcome.after is None:
        return
    watch.count(outcome.moves, outcome.after.points.total)
    run.curve = list(watch.curve.pairs)
    run.objective_before = outcome.before.points.total
    run.objective_after = outcome.after.points.total
    RunWorth.objects.bulk_create([_row(run, outcome.before, False), _row(run, outcome.after, True)])


@transaction.atomic
def end_run(lease: Lease, run: PlanRun, state: PlanRun.State) -> None:
    """Write how it ended, stop requests left as they are. A run that was lost has been written by who took over."""
    run.state, run.ended_at, run.told_at = state, lease.clock.now, lease.clock.now
    run.note = run.note if len(run.note) <= CAUSE_LENGTH else run.note[: CAUSE_LENGTH - 3] + "..."
    rows = PlanRun.objects.filter(pk=run.pk)
    if state == PlanRun.State.LOST:
        rows = rows.filter(state=PlanRun.State.RUNNING)
    rows.update(**{name: getattr(run, name) for name in AT_THE_END})
    live.publish("runs", run.pk, plant_id=run.plant_id)
    live.publish(topic(run.pk), run.pk, plant_id=run.plant_id)


def _row(run: PlanRun, worth: Worth, is_best: bool) -> RunWorth:
    points, figures = worth.points, worth.figures
    return RunWorth(
        run=run,
        is_best=is_best,
        late_lines=figures.late_lines,
        lateness_min=figures.lateness_min,
        setup_min=figures.setup_min,
        late_points=points.lateness,
        waiting_points=points.completion + points.makespan,
        setup_points=points.setup,
        change_points=points.moved + points.machine + points.pin,
    )
