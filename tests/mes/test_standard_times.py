"""Standard times that correct themselves: robust, with a band, proposed only when the plan is disproved."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import WorkOrder
from masterdata.errors import InvalidInput
from masterdata.models import FactRecord, MaterialPlant, Routing
from mes import services as mes
from mes.models import ExecutionEvent, TimeProposal
from mes.services.standard_times import NotOpen, OtherDraft
from mes.standard_times import Observed, band_ranks, estimate
from tests.factories import routing
from tests.mes.hall import Hall, at, hall, step

D = Decimal


def observed(*minutes: str) -> list[Observed]:
    return [Observed(number, D(one)) for number, one in enumerate(minutes)]


@pytest.mark.parametrize(
    ("count", "ranks"), [(5, None), (6, (1, 6)), (8, (1, 8)), (9, (2, 8)), (20, (6, 15)), (1, None), (0, None)]
)
def test_the_ranks_that_hold_the_median(count: int, ranks: tuple[int, int] | None) -> None:
    """n = 9: 1 - 2 (1 + 9) / 512 = 96.1 %; with the third from both ends it would be 82 %. n = 6: 1 - 2/64 = 96.9 %."""
    assert band_ranks(count) == ranks


def test_the_estimate_is_the_median_and_names_outliers() -> None:
    """5.0 5.2 5.3 5.4 5.6 5.8 and 40: median of seven 5.4, MAD 0.2, sigma 0.2965, 3.5 sigma = 1.04: 40 is out.

    Of the six left the median is (5.3 + 5.4) / 2 = 5.35, the band is from the least to the greatest."""
    found = estimate(observed("5.0", "5.2", "5.3", "5.4", "5.6", "5.8", "40"))
    assert found is not None
    assert (found.minutes, found.low, found.high) == (D("5.350"), D("5.0"), D("5.8"))
    assert [one.minutes for one in found.outliers] == [40]
    assert estimate(observed("5", "5", "5", "5", "5")) is None


def test_a_plan_within_the_band_or_the_tolerance_stands() -> None:
    """Observed 5.35 in 5.0 to 5.8. 5.7 lies in the band. 6.0 lies outside and is 11 % off. For ten times 5.0 the band
    is a point: 5.2 lies outside of it but is 3.8 % off, 5.3 is 5.7 % off."""
    found = estimate(observed("5.0", "5.2", "5.3", "5.4", "5.6", "5.8"))
    assert found is not None
    assert [found.contradicts(D(planned)) for planned in ("5.7", "6.0", "4.0")] == [False, True, True]
    flat = estimate(observed(*["5.0"] * 10))
    assert flat is not None
    assert [flat.contradicts(D(planned)) for planned in ("5.2", "5.3")] == [False, True]


def run(shop: Hall, number: int, minutes: int, setup: int) -> WorkOrder:
    """A run of four shelves on SAW-1: set up, then sawn in so many minutes."""
    order = shop.shelves("4")
    erp_step = step(order, 10)
    begin = 300 * number
    shop.start(erp_step, "SAW-1", begin)
    if setup:
        _told_as_setup(shop, erp_step.pk, begin, setup)
    shop.report(erp_step, "SAW-1", begin + setup + minutes, "4")
    return order


def _told_as_setup(shop: Hall, operation_id: int, begin: int, setup: int) -> None:
    """The machine's own words: it was set up from the start on, then it worked."""
    for name, state, minute in (("s", "setup", begin), ("w", "producing", begin + setup)):
        mes.take_machine_event(
            event_id=f"{operation_id}-{name}", machine_code="SAW-1", state=state, happened_at=at(minute), now=at(minute)
        )


def shop_with_runs(*minutes: int, setup: int = 10) -> Hall:
    """The routing plans 10 + 5 min a piece at the saw; each run makes four."""
    shop = hall(boards="1000")
    routing(shop.shop, "SHELF", [("SAW", "10", "5"), ("PACK", "0", "2")])
    for number, one in enumerate(minutes):
        run(shop, number, one, setup)
    return shop


def look(shop: Hall) -> int:
    return mes.look_at_times(plant_ids=[shop.shop.plant.pk], now=at(300 * 20))


def test_six_runs_that_took_longer_propose_their_median() -> None:
    """24 to 29 minutes for four pieces: 6.00 to 7.25 min a piece, median 6.625 instead of 5; setups took 10 as planned.

    24 pieces in a month (nothing is older): (6.625 - 5) x 24 = 39 min, at 60 + 30 an hour 58.50.
    """
    shop = shop_with_runs(24, 25, 26, 27, 28, 29)
    assert look(shop) == 1
    row = TimeProposal.objects.get()
    assert (row.kind, row.planned, row.observed, row.low, row.high) == ("run", 5, D("6.625"), 6, D("7.25"))
    assert (row.run_count, row.outlier_count, row.monthly_min, row.monthly_cost) == (6, 0, 39, D("58.50"))
    assert look(shop) == 1
    assert TimeProposal.objects.count() == 1


def test_too_few_runs_or_times_as_planned_propose_nothing() -> None:
    assert look(shop_with_runs(26, 27, 28, 29, 30)) == 0


def test_times_as_planned_propose_nothing() -> None:
    assert look(shop_with_runs(18, 19, 20, 20, 21, 22)) == 0


def test_runs_whose_setup_nobody_told_say_nothing_of_a_piece() -> None:
    """Ten minutes of setup would hide among the sawing."""
    assert look(shop_with_runs(34, 35, 36, 37, 38, 39, setup=0)) == 0


def test_accepted_it_becomes_the_next_version_and_new_work_takes_it() -> None:
    """Run 6.625 and setup 20 are accepted together: one new version, the packing as it was; then nothing is open."""
    shop = shop_with_runs(24, 25, 26, 27, 28, 29, setup=20)
    assert look(shop) == 2
    planner = shop.person("planner")
    rows = list(TimeProposal.objects.order_by("pk"))
    before = rows[0].routing
    made = mes.accept_times(proposal_ids=[row.pk for row in rows], by=planner, now=at(6001))
    assert [(one.version_no, one.state) for one in made] == [(before.version_no + 1, "frozen")]
    steps = made[0].operations.order_by("sequence").values_list("name", "setup_min", "run_min_per_unit")
    old = before.operations.order_by("sequence").values_list("name", "setup_min", "run_min_per_unit")
    assert list(steps) == [(old[0][0], 20, D("6.625")), old[1]]
    assert set(TimeProposal.objects.values_list("state", "became", "decided_by")) == {
        ("accepted", made[0].pk, planner.pk)
    }
    fact = FactRecord.objects.get(kind="StandardTimesAccepted")
    assert (fact.subject, fact.payload["routing_id"], fact.payload["operations"]) == (
        f"material:{made[0].material_id}", made[0].pk, [old[0][0]],
    )  # fmt: skip
    assert look(shop) == 0
    with pytest.raises(NotOpen):
        mes.accept_times(proposal_ids=[rows[0].pk], by=planner, now=at(6002))


def test_proposed_work_is_made_anew_and_firm_work_keeps_its_minutes() -> None:
    """Three shelves are wanted in stock: planning proposes them with 10 + 5 min a piece; after 6.625 is accepted the
    same proposal takes 6.625. What is firm was agreed with 5."""
    shop = shop_with_runs(24, 25, 26, 27, 28, 29)
    shelf, plant = shop.shop.materials["SHELF"], shop.shop.plant
    MaterialPlant.objects.create(material=shelf, plant=plant, policy="to_stock", safety_stock=D(30))
    firm = shop.shelves("2")
    erp.plan_changes(plant_id=plant.pk, now=at(6000))
    proposed = WorkOrder.objects.get(state="proposed")
    assert step(proposed, 10).run_min_per_unit == 5
    look(shop)
    row = TimeProposal.objects.get()
    (version,) = mes.accept_times(proposal_ids=[row.pk], by=shop.person("planner"), now=at(6001))
    assert plant.pk in erp.plants_with_changes(now=at(6001))
    erp.plan_changes(plant_id=plant.pk, now=at(6001))
    again = WorkOrder.objects.get(state="proposed")
    assert (again.pk, again.routing, step(again, 10).run_min_per_unit) == (proposed.pk, version, D("6.625"))
    assert step(firm, 10).run_min_per_unit == 5


def test_rejected_it_comes_again_only_with_other_runs() -> None:
    shop = shop_with_runs(24, 25, 26, 27, 28, 29)
    look(shop)
    planner, row = shop.person("planner"), TimeProposal.objects.get()
    with pytest.raises(InvalidInput, match="Say why"):
        mes.reject_time(proposal_id=row.pk, note=" ", by=planner, now=at(6001))
    mes.reject_time(proposal_id=row.pk, note="The old blade", by=planner, now=at(6001))
    assert look(shop) == 0
    run(shop, 7, 30, 10)
    assert look(shop) == 1


def test_a_draft_that_somebody_writes_is_not_overwritten() -> None:
    shop = shop_with_runs(24, 25, 26, 27, 28, 29)
    look(shop)
    row = TimeProposal.objects.get()
    Routing.objects.create(material=row.material, plant=row.plant, version_no=99)
    with pytest.raises(OtherDraft, match="Version 99"):
        mes.accept_times(proposal_ids=[row.pk], by=shop.person("planner"), now=at(6001))
    assert TimeProposal.objects.get().state == "open"


def test_an_event_that_was_undone_is_no_evidence() -> None:
    """A report of the fifth run is corrected: it made nothing, five runs are left."""
    shop = shop_with_runs(24, 25, 26, 27, 28, 29)
    told = ExecutionEvent.objects.filter(kind="report").order_by("corrected_at")[4]
    lead = shop.person("shift_lead")
    mes.correct(event_id=told.pk, by=lead, reason="Of another order", now=at(5900), correction_id=uuid.uuid4())
    assert look(shop) == 0
