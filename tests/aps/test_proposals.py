"""A plan in which a promise slips waits for the planner, if the plant wants it so; what cannot be escaped does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from aps import invariants, selectors, warm
from aps import services as aps
from aps.models import Plan, PlannedOperation, PlanRun, PlantPlanning, RepairProposal
from erp.models import WorkOrderOperation
from tests.aps.shop import NOW, Shop, at, build, fact, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Two saws round the clock."""
    made = build(["SAW-1", "SAW-2"])
    yield made
    warm.forget(made.plant.pk)


def broken(shop: Shop, wait_min: int | None) -> list[WorkOrderOperation]:
    """A (60 min, promised 10:14) on one saw from 09:14 on; B (30 min), begun, and C (120 min, in a week) on the other.

    A's saw is down until 17:14. At once A goes behind C, 11:44 to 12:44, 150 min late. Better: behind B, 09:44 to
    10:44, 30 min late, C an hour later. So its promise slips in any case.
    """
    jobs = [
        *shop.order([("SAW", 60)], promised_at=at("10:14")),
        *shop.order([("SAW", 30)], promised_at=at("09:44")),
        *shop.order([("SAW", 120)], promised_at=at("10:14", 30)),
    ]
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    shop.start(jobs[1], PlannedOperation.objects.get(operation=jobs[1]).machine.code, NOW)
    if wait_min != 0:
        aps.set_policy(plant_id=shop.plant.pk, wait_min=wait_min)
    down = PlannedOperation.objects.get(operation=jobs[0]).machine
    aps.block_machine(
        machine_id=down.pk, source="downtime:1", since_at=NOW, until_at=at("17:14"), fact=fact("MachineDown")
    )
    return jobs


def plan(shop: Shop) -> str:
    return aps.plan_plant(plant_id=shop.plant.pk, now=NOW)


def test_without_a_policy_nothing_waits(shop: Shop) -> None:
    broken(shop, 0)
    assert plan(shop) == "published"
    assert Plan.objects.latest("number").is_final
    assert not RepairProposal.objects.exists()


def test_what_slips_waits_and_the_floor_is_told_what_it_cannot_escape(shop: Shop) -> None:
    jobs = broken(shop, None)
    assert plan(shop) == "proposed"
    assert PlanRun.objects.latest("pk").state == PlanRun.State.PROPOSED
    told = Plan.objects.latest("number")
    assert (told.origin, told.is_final) == (Plan.Origin.REPAIR, False)
    proposal = RepairProposal.objects.get()
    assert (proposal.base_no, proposal.publishes_at, proposal.reason) == (told.number, None, "breakdown")
    usual = next(one for one in selectors.proposal_options(proposal) if one.option.key == "usual")
    assert usual.option.slips == 1
    planning = PlantPlanning.objects.get()
    assert (planning.planned_version, planning.proposed_version) == (3, 4)
    assert plan(shop) == "nothing", "it waits for the planner, not for another search"
    taken = aps.take_proposal(proposal_id=proposal.pk, now=NOW)
    assert (taken.is_final, taken.reason, taken.covers_version) == (True, "breakdown", 4)
    after = PlannedOperation.objects.get(operation=jobs[0])
    assert (after.starts_at, after.ends_at) == (at("09:44"), at("10:44"))
    assert PlantPlanning.objects.get().planned_version == 4
    assert RepairProposal.objects.get().result_no == taken.number
    assert plan(shop) == "nothing"
    for invariant in invariants.INVARIANTS:
        with connection.cursor() as cursor:
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], invariant.name


def test_the_first_of_two_planners_decides(shop: Shop) -> None:
    broken(shop, None)
    plan(shop)
    proposal = RepairProposal.objects.get()
    aps.take_proposal(proposal_id=proposal.pk, now=NOW)
    with pytest.raises(aps.ProposalIsOver) as refusal:
        aps.take_proposal(proposal_id=proposal.pk, now=NOW)
    assert refusal.value.sentence == "It is over: taken."
    assert Plan.objects.count() == 3


@pytest.mark.parametrize("after_min", [29, 30])
def test_it_is_published_by_itself_after_the_minutes_that_the_plant_gives(shop: Shop, after_min: int) -> None:
    """Made at 09:14 and some milliseconds, half an hour: at 09:44 it waits, at 09:45 it is taken."""
    broken(shop, 30)
    plan(shop)
    done = aps.review_proposals(now=NOW + minutes(after_min) + minutes(1))
    assert done == (after_min == 30)
    assert RepairProposal.objects.get().state == ("taken" if after_min == 30 else "open")
    assert aps.review_proposals(now=NOW + minutes(31)) == (after_min != 30)


def test_another_plan_overtakes_it_and_it_is_computed_again(shop: Shop) -> None:
    """A planner's wish makes another plan: the proposal is over, a new one takes its place with the same cause."""
    broken(shop, None)
    plan(shop)
    first = RepairProposal.objects.get()
    shop.order([("SAW", 30)])
    assert plan(shop) == "proposed"
    first.refresh_from_db()
    assert first.state == RepairProposal.State.STALE
    second = RepairProposal.objects.get(state="open")
    assert (second.reason, second.covers_version) == ("breakdown", 5)
    with pytest.raises(aps.ProposalIsOver):
        aps.take_proposal(proposal_id=first.pk, now=NOW)
    aps.take_proposal(proposal_id=second.pk, now=NOW)


def test_work_that_it_moves_has_begun_so_it_is_refused_and_computed_again(shop: Shop) -> None:
    """C has begun at once, and was to make room for A. Nothing is written; the clock wants another plan."""
    jobs = broken(shop, None)
    plan(shop)
    proposal = RepairProposal.objects.get()
    told = PlannedOperation.objects.get(operation=jobs[2])
    shop.start(jobs[2], told.machine.code, NOW)
    with pytest.raises(aps.StaleProposal) as refusal:
        aps.take_proposal(proposal_id=proposal.pk, now=NOW)
    assert refusal.value.sentence == "Work that it moves has begun: another proposal is being made, wait a moment."
    assert RepairProposal.objects.get().is_open
    assert aps.review_proposals(now=NOW) == 1
    assert RepairProposal.objects.get().state == RepairProposal.State.STALE
    planning = PlantPlanning.objects.get()
    assert planning.wanted_version > planning.answered_version
    plan(shop)


def test_left_as_it_is_the_told_plan_is_final(shop: Shop) -> None:
    jobs = broken(shop, None)
    plan(shop)
    before = PlannedOperation.objects.get(operation=jobs[0])
    user = person(shop)
    left = aps.leave_proposal(proposal_id=RepairProposal.objects.get().pk, by=user, now=NOW)
    assert (left.is_final, left.changed, left.origin) == (True, 0, Plan.Origin.REPAIR)
    assert PlannedOperation.objects.get(operation=jobs[0]).starts_at == before.starts_at
    found = RepairProposal.objects.get()
    assert (found.state, found.answered_by) == ("left", user)


def test_options_are_better_or_calmer_than_each_other(shop: Shop) -> None:
    """The told plan moves nothing, and A is 150 min late. The usual one moves A and C, and A is 30 min late: so is the
    one in which change costs nothing, so it is not shown.
    """
    jobs = broken(shop, None)
    plan(shop)
    calm, usual = selectors.proposal_options(RepairProposal.objects.get())
    assert [(one.option.key, one.option.moved_count, one.option.lateness_min) for one in (calm, usual)] == [
        ("calm", 0, 150),
        ("usual", 2, 30),
    ]
    assert (usual.option.machine_count, usual.newly_late, usual.newly_in_time, calm.lines) == (0, 0, 0, [])
    told = [(one.effect.line_id, one.minutes, one.is_late) for one in usual.lines]
    lines = [job.work_order.sales_order_line_id for job in jobs]
    assert told == [(lines[0], -120, True), (lines[2], 60, False)]  # who stays late comes first


def test_an_alarm_meanwhile_is_told_at_once_and_the_proposal_is_over(shop: Shop) -> None:
    broken(shop, None)
    plan(shop)
    other = PlannedOperation.objects.order_by("starts_at").first()
    assert other is not None
    aps.block_machine(
        machine_id=other.machine_id, source="downtime:2", since_at=NOW, until_at=at("12:14"), fact=fact("MachineDown")
    )
    assert aps.answer_alarm(plant_id=shop.plant.pk, now=NOW) is not None
    assert RepairProposal.objects.get().state == RepairProposal.State.STALE


def person(shop: Shop) -> object:
    from tests.aps.test_board_page import person as somebody

    return somebody(shop, "planner")
