"""Proposals: a plan in which a promise slips waits for the planner as long as the plant's policy says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import partial

from django.db import transaction

from aps import problem, wake
from aps.causes import CAUSE_LENGTH, cause_between
from aps.models import Plan, PlantPlanning, PlanWish, RepairEffect, RepairOption, RepairPolicy, RepairProposal
from aps.problem import Snapshot
from aps.rows import Row, plain, published_rows, row_from
from aps.services import frontier, overtaken
from aps.services.frontier import Candidate
from aps.services.lease import Lease
from aps.services.publication import Figures, check_fresh, differences, publish_plan, refuse_moved, started_on
from aps.services.wishes import locked_planning
from masterdata import live
from masterdata.causes import Cause
from masterdata.errors import Refusal
from masterdata.models import User
from masterdata.records import change_record

TAKEN_WITHIN = dt.timedelta(minutes=15)
State = RepairProposal.State


class ProposalIsOver(Refusal):
    """Somebody has answered it, or it was overtaken."""

    code = "proposal_is_over"


class StaleProposal(Refusal):
    """The shop has done what the proposal moves; another one is computed."""

    code = "stale_proposal"


def must_ask(snap: Snapshot, plan: problem.Plan) -> bool:
    """Whether the plan is the planner's to decide: an event made a promise slip, and the policy has it wait.

    What planners alone have asked for is published: they have decided.
    """
    if _wait_min(snap.inputs.plant.pk) == 0:
        return False
    wishes = PlanWish.objects.filter(
        plant_id=snap.inputs.plant.pk,
        version__gt=snap.inputs.planned_version,
        version__lte=snap.inputs.wanted_version,
    )
    return wishes.exclude(reason=PlanWish.Reason.PLANNER).exists() and bool(frontier.slips(snap, plan))


@transaction.atomic
def propose(*, lease: Lease, snap: Snapshot, base_no: int, candidates: Sequence[Candidate]) -> RepairProposal:
    """Keep the candidates for the planner instead of the proposal before; the plant counts as planned until answered.

    Locks the planning row. Raises StaleLease, StalePlan.
    """
    plant_id, now = lease.plant_id, lease.clock.now
    planning = locked_planning(plant_id)
    check_fresh(planning, base_no, lease.token)
    refuse_moved(started_on(plant_id), snap.seen)
    overtaken.overtake(planning, now, "A newer proposal has taken its place")
    covers, wait_min = snap.inputs.wanted_version, _wait_min(plant_id)
    cause = cause_between(plant_id, planning.planned_version, covers)
    made = RepairProposal.objects.create(
        plant_id=plant_id,
        base_no=base_no,
        covers_version=covers,
        reason=cause.reason,
        cause=cause.text[:CAUSE_LENGTH],
        cause_fact_id=cause.fact_id,
        made_at=now,
        publishes_at=None if wait_min is None else now + dt.timedelta(minutes=wait_min),
    )
    for one in candidates:
        _keep(made, snap, one)
    planning.proposed_version = covers
    planning.discards = planning.failures = 0
    planning.save(update_fields=["proposed_version", "discards", "failures"])
    live.publish("proposals", made.pk, plant_id=plant_id)
    return made


def _keep(made: RepairProposal, snap: Snapshot, one: Candidate) -> None:
    _, changed = differences(made.plant_id, problem.rows_of(snap, one.plan))
    option = RepairOption.objects.create(
        proposal=made,
        key=one.key,
        origin=one.origin,
        moved=[plain(row) for row in changed],
        moved_count=one.moved,
        machine_count=one.machines,
        slips=one.slips,
        late_lines=one.figures.late_lines,
        lateness_min=one.figures.lateness_min,
        setup_min=one.figures.setup_min,
        objective=one.figures.objective,
    )
    RepairEffect.objects.bulk_create(
        RepairEffect(
            option=option,
            line_id=effect.line_id,
            promised_at=effect.promised_at,
            before_at=effect.before_at,
            after_at=effect.after_at,
        )
        for effect in one.effects
    )


@transaction.atomic
def take_proposal(
    *, proposal_id: int, now: dt.datetime, key: str = RepairOption.Key.USUAL, by: User | None = None
) -> Plan:
    """Publish an option as it was shown; the first of two planners decides.

    Locks the planning row. Raises ProposalIsOver, StaleProposal; nothing is written then.
    """
    planning, proposal = _locked(proposal_id)
    option = proposal.options.filter(key=key).first()
    if option is None:
        raise ProposalIsOver("This proposal has no such option: choose one of those that it shows.")
    moved = [row_from(one) for one in option.moved]
    return _publish(planning, proposal, option, moved, State.TAKEN, by, now)


@transaction.atomic
def leave_proposal(*, proposal_id: int, by: User, now: dt.datetime) -> Plan:
    """Let the plan that the floor was told stand, for good: costs and promises follow it. As `take_proposal`."""
    planning, proposal = _locked(proposal_id)
    return _publish(planning, proposal, proposal.options.filter(key="calm").first(), [], State.LEFT, by, now)


def review_proposals(*, now: dt.datetime) -> int:
    """Clockwork: take what has waited long enough, have computed again what was overtaken; returns how many.

    Each in a transaction of its own: killed in between, the next call goes on.
    """
    done = 0
    for pk in RepairProposal.objects.filter(state=State.OPEN).order_by("pk").values_list("pk", flat=True):
        done += _review(pk, now)
    return done


def set_policy(*, plant_id: int, wait_min: int | None, expected_version: int | None = None) -> RepairPolicy:
    """Say how long plans in which a promise slips wait for a planner (None: until he decides).

    It holds from the next plan on. Raises StaleVersion, InvalidInput.
    """
    with transaction.atomic():
        RepairPolicy.objects.bulk_create([RepairPolicy(plant_id=plant_id)], ignore_conflicts=True)
        policy = RepairPolicy.objects.get(plant_id=plant_id)
        return change_record(record=policy, values={"wait_min": wait_min}, expected_version=expected_version)


@transaction.atomic
def _review(pk: int, now: dt.datetime) -> bool:
    try:
        planning, proposal = _locked(pk)
    except ProposalIsOver:
        return False
    option = proposal.options.get(key=RepairOption.Key.USUAL)
    wrong = _wrong(planning, proposal, [row_from(one) for one in option.moved], now)
    if wrong:
        overtaken.overtake(planning, now, wrong)
        transaction.on_commit(partial(wake.wake_plant, proposal.plant_id))
    elif proposal.publishes_at is not None and proposal.publishes_at <= now:
        take_proposal(proposal_id=pk, now=now)
    else:
        return False
    return True


def _locked(proposal_id: int) -> tuple[PlantPlanning, RepairProposal]:
    plant_id = RepairProposal.objects.values_list("plant_id", flat=True).get(pk=proposal_id)
    planning = locked_planning(plant_id)
    proposal = RepairProposal.objects.get(pk=proposal_id)
    if not proposal.is_open:
        who = f" by {proposal.answered_by}" if proposal.answered_by else ""
        raise ProposalIsOver(f"It is over: {proposal.get_state_display().lower()}{who}.", state=proposal.state)
    return planning, proposal


def _wrong(planning: PlantPlanning, proposal: RepairProposal, moved: Sequence[Row], now: dt.datetime) -> str:
    """Why the option can no longer be published; empty when it can."""
    if planning.plan_no != proposal.base_no:
        return f"Plan {planning.plan_no} was published meanwhile"
    begun = started_on(proposal.plant_id)
    told = {row.operation_id: row for row in published_rows(proposal.plant_id)}
    for row in moved:
        if row.operation_id not in begun:
            continue
        if begun[row.operation_id] is not None:
            if row.starts_at >= proposal.made_at:
                return "Work that it moves has begun"
        elif row.starts_at < now - TAKEN_WITHIN:
            return "Work was to have begun by it and has not"
    rows = {**told, **{row.operation_id: row for row in moved}}
    if overtaken.overlap([row for key, row in rows.items() if key in begun]):
        return "The shop has moved on"
    return ""


def _publish(
    planning: PlantPlanning,
    proposal: RepairProposal,
    option: RepairOption | None,
    moved: Sequence[Row],
    state: RepairProposal.State,
    by: User | None,
    now: dt.datetime,
) -> Plan:
    wrong = _wrong(planning, proposal, moved, now)
    if wrong:
        raise StaleProposal(f"{wrong}: another proposal is being made, wait a moment.", why=wrong)
    proposal.state, proposal.answered_at, proposal.answered_by = state, now, by
    proposal.save(update_fields=["state", "answered_at", "answered_by"])
    rows = {row.operation_id: row for row in [*published_rows(proposal.plant_id), *moved]}
    last = Plan.objects.get(plant_id=proposal.plant_id, number=proposal.base_no)
    worth = option or last
    plan = publish_plan(
        plant_id=proposal.plant_id,
        base_no=proposal.base_no,
        rows=sorted(rows.values()),
        origin=option.origin if option else last.origin,
        now=now,
        covers_version=proposal.covers_version,
        cause=Cause(proposal.reason, proposal.cause, proposal.cause_fact_id),
        figures=Figures(worth.late_lines, worth.lateness_min, worth.setup_min, worth.objective),
        always=True,
    )
    if plan is None:
        raise RuntimeError("publish_plan(always=True) makes a plan")
    proposal.result_no = plan.number
    proposal.save(update_fields=["result_no"])
    live.publish("proposals", proposal.pk, plant_id=proposal.plant_id)
    return plan


def _wait_min(plant_id: int) -> int | None:
    found = RepairPolicy.objects.filter(plant_id=plant_id).values_list("wait_min", flat=True)[:1]
    return found[0] if found else 0
