"""Publication: what is stale is refused or put on top of what the shop did; only what changed is written."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from aps import problem, snapshot
from aps import services as aps
from aps.engine.problem import Plan as EnginePlan
from aps.models import Plan, PlannedOperation, PlanRun, PlantPlanning
from aps.rows import published_rows
from aps.services import lease as leases
from aps.services import solving, turn
from masterdata.models import FactRecord
from tests.aps.shop import NOW, Shop, at, build, fact, minutes
from tests.aps.test_turn import place

pytestmark = pytest.mark.django_db


def planned_shop() -> Shop:
    """One saw with 60 min of work from 09:14 on, published as plan 1."""
    shop = build()
    shop.order([("SAW", 60)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop


def test_stale_token_is_refused() -> None:
    """A worker lost its lease to another one: its result is not published."""
    shop = planned_shop()
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Plan again")
    slow = leases.take_lease(shop.plant.pk, leases.Clock(NOW))
    assert slow is not None
    quick = leases.take_lease(shop.plant.pk, leases.Clock(NOW + minutes(1)))
    assert quick is not None
    assert quick.token > slow.token
    assert not slow.renew()
    rows = [row._replace(ends_at=row.ends_at + minutes(5)) for row in published_rows(shop.plant.pk)]
    with pytest.raises(aps.StaleLease):
        aps.publish_plan(plant_id=shop.plant.pk, base_no=1, rows=rows, origin="search", now=NOW, token=slow.token)
    assert (Plan.objects.count(), published_rows(shop.plant.pk)[0].ends_at) == (1, at("10:14"))


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_rows_are_the_same_in_every_zone(zone: str) -> None:
    """60 min from 09:14 on, wherever the reader is."""
    shop = planned_shop()
    with timezone.override(zone):
        [row] = published_rows(shop.plant.pk)
    assert (row.starts_at, row.runs_at, row.ends_at) == (at("9:14"), at("9:14"), at("10:14"))


def test_stale_result_is_not_published() -> None:
    """A result that started from plan 0 comes after plan 1 was published: refused, nothing is written, no fact."""
    shop = planned_shop()
    facts = FactRecord.objects.count()
    rows = [row._replace(starts_at=NOW + minutes(5)) for row in published_rows(shop.plant.pk)]
    with pytest.raises(aps.StalePlan):
        aps.publish_plan(plant_id=shop.plant.pk, base_no=0, rows=rows, origin="search", now=NOW)
    assert (Plan.objects.count(), FactRecord.objects.count()) == (1, facts)


def test_each_publication_states_one_fact_that_names_its_cause() -> None:
    shop = planned_shop()
    [published] = FactRecord.objects.filter(kind="PlanPublished")
    plan = Plan.objects.get()
    assert published.payload == {"plant_id": shop.plant.pk, "plan_id": plan.pk, "plan_no": 1, "is_final": True}
    assert published.cause == plan.cause_fact
    assert plan.cause_fact is not None
    assert plan.cause_fact.kind == "OrderConfirmed"


def solve_while(shop: Shop, meanwhile, monkeypatch: pytest.MonkeyPatch) -> str:  # type: ignore[no-untyped-def]
    """A turn in which `meanwhile` happens once, between its snapshot and its publication."""
    search, done = solving.improved, []

    def slow(*arguments: object) -> object:
        found = search(*arguments)  # type: ignore[arg-type]
        if not done:
            done.append(True)
            meanwhile()
        return found

    monkeypatch.setattr(solving, "improved", slow)
    return aps.plan_plant(plant_id=shop.plant.pk, now=NOW)


def test_work_started_while_solving_is_pinned_and_the_rest_shifted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The 60 min of the first order start on SAW-2 while the second is planned; the plan had it on SAW-1."""
    shop = build(["SAW-1", "SAW-2", "PACK-1"])
    saw, pack = shop.order([("SAW", 60), ("PACK", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    assert place(saw)[0] == "SAW-1"
    [new] = shop.order([("SAW", 30)])
    state = solve_while(shop, lambda: shop.start(saw, "SAW-2", NOW), monkeypatch)
    assert state == "published"
    assert place(saw) == ("SAW-2", NOW, at("10:14"))
    assert place(pack) == ("PACK-1", at("10:14"), at("10:44"))
    assert Plan.objects.get(number=2).origin == Plan.Origin.REBASE
    assert PlannedOperation.objects.filter(operation=new).exists()
    assert not solving.problems_of(*read_back(shop))


def read_back(shop: Shop) -> tuple[problem.Snapshot, EnginePlan]:
    """The published plan as the engine sees it now."""
    snap = problem.snapshot_of(snapshot.read_inputs(shop.plant.pk, NOW))
    return snap, snap.published


def test_rush_taken_while_solving_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plan 2 gives 09:14 to 09:44 on the saw to a rush while plan 3 is being made from plan 1. The rush stays first."""
    shop = build()
    [saw] = shop.order([("SAW", 60)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Plan again")
    rush: list = []

    def take() -> None:
        rush.extend(shop.order([("SAW", 30)], promised_at=at("09:44"), is_wanted=False))
        [row] = published_rows(shop.plant.pk)
        later = row._replace(starts_at=at("09:44"), runs_at=at("09:44"), ends_at=at("10:44"))
        first = row._replace(operation_id=rush[0].pk, ends_at=at("09:44"))
        aps.publish_plan(plant_id=shop.plant.pk, base_no=1, rows=[later, first], origin="rush", now=NOW)

    assert solve_while(shop, take, monkeypatch) in ("published", "unchanged")
    assert place(rush[0]) == ("SAW-1", NOW, at("09:44"))
    assert place(saw) == ("SAW-1", at("09:44"), at("10:44"))


def test_result_that_is_not_legal_is_thrown_away_and_after_two_the_shifted_plan_is_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A search gone mad puts everything at once: two discards, then the right-shifted plan covers the wish."""
    shop = build()
    [one] = shop.order([("SAW", 60)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    [two] = shop.order([("SAW", 30)])

    def mad(snap: problem.Snapshot, plan: EnginePlan, lease: leases.Lease) -> solving.Improved:
        first = next(iter(plan.values()))
        return solving.Improved(EnginePlan(dict.fromkeys(plan, first)), Plan.Origin.SEARCH, 1)

    monkeypatch.setattr(turn.solving, "improved", mad)
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW) == "published"
    states = list(PlanRun.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["published", "discarded", "discarded", "published"]
    assert PlantPlanning.objects.get().discards == 0
    assert place(one) == ("SAW-1", NOW, at("10:14"))
    assert place(two) == ("SAW-1", at("10:14"), at("10:44"))


def test_two_operations_on_one_machine_at_once_are_refused_by_the_database() -> None:
    """Should anything ever publish such rows: the exclusion constraint refuses them at the commit."""
    shop = planned_shop()
    [other] = shop.order([("SAW", 30)])
    [row] = published_rows(shop.plant.pk)
    both = [row, row._replace(operation_id=other.pk)]
    aps.publish_plan(plant_id=shop.plant.pk, base_no=1, rows=both, origin="search", now=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.check_constraints()
    PlannedOperation.objects.all().delete()


def test_vanished_worker_is_replaced_when_its_lease_ends() -> None:
    """A lease lasts 10 s: nobody plans before, then another one does and the first one's run is marked lost."""
    shop = build()
    shop.order([("SAW", 60)])
    lost = leases.take_lease(shop.plant.pk, leases.Clock(NOW))
    assert lost is not None
    PlanRun.objects.create(plant=shop.plant, token=lost.token, base_no=0, wanted_version=1)
    assert aps.wake_waiting_plants(now=NOW + minutes(0.1)) == 0
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW + minutes(0.1)) == "nothing"
    assert aps.wake_waiting_plants(now=NOW + minutes(0.2)) == 1
    assert aps.plan_plant(plant_id=shop.plant.pk, now=NOW + minutes(0.2)) == "published"
    assert list(PlanRun.objects.order_by("pk").values_list("state", flat=True)) == ["lost", "published"]


def test_waiting_plant_is_woken_again_after_two_seconds_only() -> None:
    shop = build()
    shop.order([("SAW", 60)])
    assert [aps.wake_waiting_plants(now=NOW + minutes(step / 60)) for step in (0, 1, 3)] == [1, 0, 1]


def test_progress_near_the_plan_wants_nothing_and_far_from_it_a_new_one() -> None:
    """Planned to end at 10:14. Finished at 10:20: within 15 min. Reported at 10:10 with nothing done: 60 min to go."""
    planned_shop()
    operation = PlannedOperation.objects.get().operation
    soon = fact("OperationReported", at("10:20"))
    assert aps.follow_progress(operation_id=operation.pk, is_finished=True, fact=soon) is None
    slow = fact("OperationReported", at("10:10"))
    version = aps.follow_progress(operation_id=operation.pk, is_finished=False, fact=slow)
    assert version == 2
    assert aps.follow_progress(operation_id=operation.pk, is_finished=False, fact=slow) == 2


def test_run_of_a_worker_that_vanished_behind_its_publication_does_not_go_on_for_ever() -> None:
    """Everything is planned, the lease has run out 10 s later, and nobody would look at the run again."""
    shop = planned_shop()
    lease_until = NOW + minutes(10 / 60)
    PlanRun.objects.update(state=PlanRun.State.RUNNING, ended_at=None)
    PlantPlanning.objects.update(lease_until=lease_until)
    aps.wake_waiting_plants(now=lease_until - minutes(1 / 60))
    assert PlanRun.objects.get().is_running
    aps.wake_waiting_plants(now=lease_until + minutes(1 / 60))
    run = PlanRun.objects.get(plant=shop.plant)
    assert (run.state, run.note) == ("lost", "The worker vanished; the plan in force covers all wishes")


def test_rows_that_were_read_before_are_believed_only_while_all_are_there() -> None:
    """Both jobs' rows were read; the second one's left the plan without a new number. It is written again."""
    shop = planned_shop()
    shop.order([("SAW", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    rows = published_rows(shop.plant.pk)
    later = [rows[0], rows[1]._replace(ends_at=rows[1].ends_at + minutes(5))]
    publish = {"plant_id": shop.plant.pk, "origin": "repair", "now": NOW, "known": rows}
    plan = aps.publish_plan(base_no=2, rows=later, **publish)
    assert plan is not None
    assert (plan.changed, published_rows(shop.plant.pk)) == (1, later)
    PlannedOperation.objects.filter(operation_id=rows[1].operation_id).delete()
    plan = aps.publish_plan(base_no=3, rows=rows, **publish)
    assert plan is not None
    assert (plan.changed, published_rows(shop.plant.pk)) == (1, rows)
