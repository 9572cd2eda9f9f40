"""The planning worker's turn: lease, snapshot, repair, search, publication."""

from __future__ import annotations

import datetime as dt
from functools import partial

import structlog
from django.db import transaction

from aps import problem, snapshot
from aps.engine.problem import ProblemError
from aps.models import Plan, PlanRun, PlanWish
from aps.problem import CannotPlan, Snapshot
from aps.services import alarms, frontier, proposals, solving
from aps.services import lease as leases
from aps.services import run_records as records
from aps.services.frontier import Candidate
from aps.services.lease import Clock, Lease
from aps.services.publication import StaleLease, StalePlan, publish_plan
from aps.services.watching import Budget, Watch, budget_for
from aps.services.wishes import locked_planning

GIVES_WAY_AFTER_SECONDS = 60
DISCARDS = 2
PATIENCE = dt.timedelta(seconds=60)
LONGEST_PAUSE = dt.timedelta(minutes=5)
log = structlog.get_logger(__name__)


def plan_plant(*, plant_id: int, now: dt.datetime, holder: str = "", at_most: float | None = None) -> str:
    """Plan the plant until nothing is wanted any more. Returns how it ended.

    "nothing": nobody wants a plan, another worker makes it, or a failed turn is waited for; else the last turn's
    state: "published", "unchanged", "discarded", "failed", or "lost" when another worker took over. `at_most`: seconds
    of search, whatever planners asked for, because others wait for this process. Call outside a transaction: the
    solver runs between two short ones.
    """
    clock = Clock(now)
    lease = leases.take_lease(plant_id, clock, holder)
    if lease is None:
        return "nothing"
    state = PlanRun.State.RUNNING
    with leases.heartbeat(lease):
        while True:
            state = _turn(lease, at_most)
            give_way = clock.seconds > GIVES_WAY_AFTER_SECONDS or state == PlanRun.State.FAILED
            if state == PlanRun.State.LOST or leases.give_back(lease, anyway=give_way):
                return str(state)


def _turn(lease: Lease, at_most: float | None) -> PlanRun.State:
    """One snapshot, at most two publications; whatever happens is written at its run."""
    alarms.wait_for_answer(lease)
    inputs = snapshot.read_inputs(lease.plant_id, lease.clock.now)
    budget = budget_for(
        plant_id=lease.plant_id, after=inputs.planned_version, until=inputs.wanted_version, at_most=at_most
    )
    run = records.begin_run(lease, inputs, budget)
    if run is None:
        return PlanRun.State.LOST
    try:
        state = problem.with_horizon(inputs, lambda snap: _plan(lease, run, snap, budget))
    except (CannotPlan, ProblemError) as error:
        state, run.note = PlanRun.State.FAILED, str(error)
        _put_off(lease)
    except StaleLease as error:
        state, run.note = PlanRun.State.LOST, error.sentence
    except Exception as error:
        run.note = f"Unexpected: {error}"
        records.end_run(lease, run, PlanRun.State.FAILED)
        _put_off(lease)
        leases.give_back(lease, anyway=True)
        raise
    records.end_run(lease, run, state)
    return state


def _plan(lease: Lease, run: PlanRun, snap: Snapshot, budget: Budget) -> PlanRun.State:
    """Repair, publish at once what a breakdown moved, search, publish."""
    repaired = solving.repaired(snap)
    if _out_of_patience(lease, snap):
        return _publish(lease, run, snap, repaired, Plan.Origin.REBASE)
    if solving.must_move_now(snap, repaired):
        rushed = _publish(lease, run, snap, repaired, Plan.Origin.REPAIR, is_final=False)
        if rushed != PlanRun.State.PUBLISHED:
            return rushed
        snap = solving.on_top_of(snap, repaired, run.result_no or snap.inputs.plan_no)
    run.lower_bound, run.minute_points = solving.lower_bound(snap), max(1, snap.problem.weights.lateness)
    options: list[Candidate] = []
    with Watch(lease, run, budget) as watch:
        outcome = solving.improved(snap, repaired, watch)
        if outcome is not None and proposals.must_ask(snap, outcome.plan):
            told = solving.on_top_of(snap, repaired, snap.inputs.plan_no)
            options = frontier.candidates(told, outcome, lambda: watch.alarmed or lease.is_lost, budget.moves)
        outcome = None if watch.alarmed else outcome
    if outcome is None:
        run.note = "A machine went down meanwhile: planned again at once"
        return PlanRun.State.DISCARDED
    run.note = watch.ended_because
    records.note_outcome(run, outcome, watch)
    if options:
        return _propose(lease, run, snap, repaired, options)
    return _publish(lease, run, snap, outcome.plan, outcome.origin)


def _publish(
    lease: Lease, run: PlanRun, snap: Snapshot, plan: solving.EnginePlan, origin: str, *, is_final: bool = True
) -> PlanRun.State:
    """Publish, on top of what the shop did meanwhile if need be; thrown away only when that is not legal."""
    covers = snap.inputs.wanted_version
    for _ in range(solving.REBASES):
        wrong = solving.problems_of(snap, plan)
        if wrong:
            return _discard(lease, run, wrong)
        rows, figures = problem.rows_of(snap, plan), solving.figures(snap, plan)
        try:
            published = publish_plan(
                plant_id=lease.plant_id,
                base_no=snap.inputs.plan_no,
                rows=rows,
                origin=origin,
                now=lease.clock.now,
                covers_version=covers,
                is_final=is_final,
                token=lease.token,
                seen=snap.seen,
                figures=figures,
            )
        except StalePlan:
            fresh = snapshot.read_inputs(lease.plant_id, lease.clock.now)
            snap, plan = problem.with_horizon(fresh, partial(solving.rebased, plan=plan))
            origin = Plan.Origin.REBASE
            continue
        if published is None:
            return PlanRun.State.UNCHANGED
        run.result_no = published.number
        return PlanRun.State.PUBLISHED
    return _discard(lease, run, "The shop moved on faster than the plan could follow")


def _propose(
    lease: Lease, run: PlanRun, snap: Snapshot, repaired: solving.EnginePlan, options: list[Candidate]
) -> PlanRun.State:
    """Tell the lines what cannot be escaped; the rest waits for the planner."""
    if any(snap.published.get(key) != one for key, one in repaired.items()):
        shifted = _publish(lease, run, snap, repaired, Plan.Origin.REPAIR, is_final=False)
        if shifted != PlanRun.State.PUBLISHED:
            return shifted
    try:
        proposals.propose(lease=lease, snap=snap, base_no=run.result_no or snap.inputs.plan_no, candidates=options)
    except StalePlan as error:
        return _discard(lease, run, error.sentence)
    run.note = "A promise would slip: it waits for the planner"
    return PlanRun.State.PROPOSED


def _out_of_patience(lease: Lease, snap: Snapshot) -> bool:
    """Two results thrown away, or one and somebody waits for a minute: the right-shifted plan has to do."""
    with transaction.atomic():
        planning = locked_planning(lease.plant_id)
    if planning.discards >= DISCARDS:
        return True
    oldest = PlanWish.objects.filter(plant_id=lease.plant_id, version__gt=planning.answered_version).first()
    waited = oldest is not None and lease.clock.now - oldest.wished_at > PATIENCE
    return planning.discards > 0 and waited


@transaction.atomic
def _discard(lease: Lease, run: PlanRun, why: str) -> PlanRun.State:
    planning = locked_planning(lease.plant_id)
    planning.discards += 1
    planning.save(update_fields=["discards"])
    run.note = why
    log.warning("plan_discarded", plant=lease.plant_id, why=why)
    return PlanRun.State.DISCARDED


@transaction.atomic
def _put_off(lease: Lease) -> None:
    """Not again at once: after 2, 4, 8 ... seconds, at most five minutes; a new wish is planned at once."""
    planning = locked_planning(lease.plant_id)
    planning.failures = min(planning.failures + 1, 20)
    planning.retry_at = lease.clock.now + min(dt.timedelta(seconds=2**planning.failures), LONGEST_PAUSE)
    planning.save(update_fields=["failures", "retry_at"])
