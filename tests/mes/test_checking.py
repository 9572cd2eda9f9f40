"""Checks: when they are due, what stops a report, how values are judged, and what follows a fault."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from erp.models import WorkOrderOperation
from masterdata.errors import InvalidInput
from mes import selectors
from mes import services as mes
from mes.models import CheckPlan, CheckResult, ExecutionEvent, NonConformance, OperationRun, QualityHold
from mes.selectors.checks import next_piece
from mes.services.check_plans import CheckPlanFixed, NothingToCheck
from mes.services.checking import CheckIncomplete, WrongCheck
from mes.services.gauges import GaugeExpired
from mes.services.holds import CheckDue, HoldReleased, OperationHeld
from tests.factories import NOW
from tests.mes.hall import Hall, at, hall, step
from tests.mes.laboratory import EDGE, WIDTH, D, check, gauge, plan

GOOD = ("400.1", True)


def due(operation_id: int, minute: int) -> list[tuple[str, int, bool]]:
    """What is due: the plan's code, the piece, whether it is overdue."""
    return [(one.plan.code, one.piece_no, one.is_overdue) for one in selectors.due_checks(operation_id, at(minute))]


def started(quantity: str = "12", **more: Any) -> tuple[Hall, CheckPlan, WorkOrderOperation]:
    """A hall with a plan and a saw job that runs since nine."""
    shop = hall()
    row = plan(shop, **more)
    saw = step(shop.shelves(quantity), 10)
    shop.start(saw, "SAW-1")
    return shop, row, saw


def test_the_first_piece_then_one_in_five() -> None:
    """1, 6, 11. The first is due from the start, and overdue once it is reported; the sixth when five are reported."""
    shop, row, saw = started()
    assert due(saw.pk, 1) == [("CP-1", 1, False)]
    shop.report(saw, "SAW-1", 5, "1")
    assert due(saw.pk, 6) == [("CP-1", 1, True)]
    assert check(row, saw, 7, *GOOD).piece_no == 1
    assert due(saw.pk, 8) == []
    shop.report(saw, "SAW-1", 20, "4")
    assert due(saw.pk, 21) == [("CP-1", 6, False)]
    assert check(row, saw, 22, *GOOD).piece_no == 6
    shop.report(saw, "SAW-1", 40, "5")
    assert due(saw.pk, 41) == [("CP-1", 11, False)]
    check(row, saw, 42, *GOOD)
    shop.report(saw, "SAW-1", 50, "2")
    assert step(saw.work_order, 10).finished_at == at(50)
    assert due(saw.pk, 51) == []


@pytest.mark.parametrize(
    ("first", "every", "last", "piece"),
    [
        (True, None, None, 1), (True, None, 1, None), (True, 5, None, 1), (True, 5, 1, 6), (True, 5, 7, 11),
        (False, 5, None, 5), (False, 5, 3, 5), (False, 5, 5, 10), (False, 5, 12, 15),
    ],
)  # fmt: skip
def test_which_piece_is_next(first: bool, every: int | None, last: int | None, piece: int | None) -> None:
    assert next_piece(CheckPlan(first_piece=first, every_n=every), last) == piece


def test_a_report_that_passes_over_a_check_is_refused() -> None:
    """The first piece may be reported unchecked, two may not; after the check five may, six would pass piece 6."""
    shop, row, saw = started()
    with pytest.raises(CheckDue) as refused:
        shop.report(saw, "SAW-1", 5, "2")
    assert refused.value.values["piece_no"] == 1
    assert "Record it first" in refused.value.sentence
    shop.report(saw, "SAW-1", 5, "1")
    check(row, saw, 6, *GOOD)
    with pytest.raises(CheckDue):
        shop.report(saw, "SAW-1", 10, "6")
    shop.report(saw, "SAW-1", 10, "5")
    with pytest.raises(CheckDue):
        mes.finish(event=shop.event(saw, "SAW-1", 20), now=at(20))
    assert step(saw.work_order, 10).good_qty == 6


def test_a_check_that_does_not_block_stops_nothing() -> None:
    shop, _, saw = started(is_blocking=False)
    shop.report(saw, "SAW-1", 30, "12")
    assert step(saw.work_order, 10).finished_at == at(30)


def test_by_minutes() -> None:
    """Each 30 minutes after the start: at 29 a report is taken, at 30 not, until it was checked; next at 65."""
    shop, row, saw = started(trigger="at_time", every_min=30)
    shop.report(saw, "SAW-1", 29, "1")
    with pytest.raises(CheckDue):
        shop.report(saw, "SAW-1", 30, "1")
    assert selectors.due_checks(saw.pk, at(33))[0].since_at == at(30)
    check(row, saw, 35, *GOOD)
    assert due(saw.pk, 64) == []
    assert len(due(saw.pk, 65)) == 1


def test_before_the_first_and_with_the_last_piece() -> None:
    shop = hall()
    before, after = plan(shop, code="A", trigger="at_start"), plan(shop, code="Z", trigger="at_end")
    saw = step(shop.shelves("4"), 10)
    assert due(saw.pk, 0) == [("A", 1, False)]
    shop.start(saw, "SAW-1")
    with pytest.raises(CheckDue):
        shop.report(saw, "SAW-1", 5, "1")
    check(before, saw, 6, *GOOD)
    shop.report(saw, "SAW-1", 10, "3")
    assert due(saw.pk, 11) == [("Z", 4, False)]
    with pytest.raises(CheckDue):
        shop.report(saw, "SAW-1", 12, "1")
    check(after, saw, 13, *GOOD)
    shop.report(saw, "SAW-1", 14, "1")
    assert step(saw.work_order, 10).finished_at == at(14)


def test_a_value_out_of_tolerance_holds_the_operation_and_opens_a_nonconformance() -> None:
    """400.6 is above 400.5. The run stands from then on; nothing is reported until it is released."""
    shop, row, saw = started()
    result = check(row, saw, 10, "400.6", True)
    assert (result.verdict, result.said) == ("tolerance", "Width 400.6 mm, allowed 399.5 to 400.5 mm")
    hold, found = QualityHold.objects.get(), NonConformance.objects.get()
    assert (hold.operation, hold.result, hold.nonconformance) == (saw, result, found)
    assert (found.quantity, found.kind, found.state, found.place) == (1, "process", "open", "bench")
    run = OperationRun.objects.get()
    assert (run.state, run.unbooked_sec) == ("paused", 600)
    assert list(ExecutionEvent.objects.values_list("kind", flat=True)) == ["start", "pause"]
    with pytest.raises(OperationHeld) as refused:
        shop.report(saw, "SAW-1", 12, "1")
    assert "Width 400.6 mm" in refused.value.sentence
    with pytest.raises(OperationHeld):
        mes.resume(event=shop.event(saw, "SAW-1", 13), now=at(13))
    with pytest.raises(InvalidInput):
        mes.release_hold(hold_id=hold.pk, note=" ", by=None, now=at(14))
    mes.release_hold(hold_id=hold.pk, note="Blade changed", by=None, now=at(15))
    with pytest.raises(HoldReleased):
        mes.release_hold(hold_id=hold.pk, note="Again", by=None, now=at(16))
    mes.resume(event=shop.event(saw, "SAW-1", 20), now=at(20))
    shop.report(saw, "SAW-1", 30, "1")
    assert step(saw.work_order, 10).good_qty == 1


def test_the_same_fault_again_is_one_nonconformance() -> None:
    shop, row, saw = started(on_fault="raise")
    check(row, saw, 10, "400.6", True)
    check(row, saw, 11, "400.7", True)
    assert NonConformance.objects.count() == 1
    assert QualityHold.objects.count() == 0
    shop.report(saw, "SAW-1", 12, "1")


def test_what_is_only_recorded_has_no_consequence() -> None:
    _, row, saw = started(on_fault="note")
    assert check(row, saw, 10, "400.6", False).said == "Width 400.6 mm, allowed 399.5 to 400.5 mm; Edge is bad"
    assert NonConformance.objects.count() == 0


@pytest.mark.parametrize(("value", "verdict"), [("399.5", "ok"), ("400.5", "ok"), ("399.4", "tolerance")])
def test_the_limits_themselves_are_good(value: str, verdict: str) -> None:
    _, row, saw = started(on_fault="note")
    assert check(row, saw, 10, value, True).verdict == verdict


def test_what_is_missing_is_named() -> None:
    shop, _, saw = started()
    row = plan(
        shop, WIDTH, EDGE, mes.CharacteristicInput(name="Gap", upper=D("0.2"), decimals=2, subgroup=3), code="CP-2"
    )
    good = ["0.1", "0.1", "0.2"]
    for found, sentence in (
        (("400", True, ["0.1", "0.1"]), "Enter 3 values of Gap."),
        (("400.11", True, good), "at most 1 decimals"),
    ):
        with pytest.raises(InvalidInput, match=sentence):
            check(row, saw, 5, *found)
    with pytest.raises(CheckIncomplete, match="Enter a value of Width"):
        mes.record_check(plan_id=row.pk, operation_id=saw.pk, values=[], now=at(5), source=mes.Source())
    assert check(row, saw, 5, "400", True, good).values.count() == 5


def test_gauges_are_asked_for_and_expired_ones_refused() -> None:
    """Calibrated 400 days ago for 365: it ended 35 days ago, on 19 October."""
    shop, _, saw = started()
    row = plan(
        shop, mes.CharacteristicInput(name="Gap", upper=D("0.2"), needs_gauge=True), code="CP-2", is_blocking=False
    )
    with pytest.raises(CheckIncomplete, match="Choose the gauge that Gap"):
        check(row, saw, 5, "0.1")
    old = gauge(shop, "G-OLD", NOW.date() - dt.timedelta(days=400))
    with pytest.raises(GaugeExpired, match="G-OLD ended on 19 Oct 2026"):
        check(row, saw, 5, "0.1", gauge_id=old.pk)
    never = mes.create_gauge(plant=shop.shop.plant, code="G-NEW", name="Caliper")
    with pytest.raises(GaugeExpired, match="never calibrated"):
        check(row, saw, 5, "0.1", gauge_id=never.pk)
    mes.calibrate_gauge(gauge_id=old.pk, done_on=NOW.date(), now=NOW, by=None)
    assert check(row, saw, 5, "0.1", gauge_id=old.pk).gauge == old


def test_a_photo_that_is_asked_for_has_to_be_there() -> None:
    shop, _, saw = started()
    row = plan(shop, mes.CharacteristicInput(name="Look", kind="attribute", needs_photo=True), code="CP-2")
    with pytest.raises(CheckIncomplete, match="Take a photo of Look"):
        check(row, saw, 5, True)


def test_out_of_control_by_the_plans_rules() -> None:
    """Twenty values, 400.0 and 400.1 by turns: mean 400.05, moving range 0.1, sigma 0.0887, limit 400.316.

    400.4 is within its tolerance and beyond three sigmas: rule 1. With 19 before it nothing would be judged.
    """
    shop = hall()
    row = plan(shop, WIDTH, is_blocking=False, every_n=1, rules=[1])
    saw = step(shop.shelves("40"), 10)
    shop.start(saw, "SAW-1")
    for number in range(19):
        check(row, saw, number + 1, ("400.0", "400.1")[number % 2], piece_no=number + 1)
    assert check(row, saw, 20, "400.1", piece_no=20).verdict == "ok"
    result = check(row, saw, 21, "400.4", piece_no=21)
    assert (result.verdict, result.said) == ("control", "Width: one point beyond three sigmas (rule 1)")
    assert QualityHold.objects.get().result == result
    chart = selectors.control_chart(row.characteristics.get())
    assert len(chart.subgroups) == 21
    assert chart.broken[20] == [1]


def test_plans_are_versions() -> None:
    """A new version goes on counting where the old one was; the old one stays as it was."""
    shop, row, saw = started()
    shop.report(saw, "SAW-1", 5, "1")
    check(row, saw, 6, *GOOD)
    again = mes.renew_check_plan(plan_id=row.pk, now=at(7))
    with pytest.raises(CheckPlanFixed):
        mes.renew_check_plan(plan_id=row.pk, now=at(7))
    with pytest.raises(CheckPlanFixed):
        mes.add_characteristic(plan_id=row.pk, characteristic=EDGE)
    with pytest.raises(WrongCheck, match="is a draft"):
        check(again, saw, 8, *GOOD)
    again = mes.change_check_plan(
        plan_id=again.pk,
        plan=mes.PlanInput(name="Panel", work_centre=shop.shop.centres["SAW"], every_n=3, is_blocking=True),
    )
    mes.activate_check_plan(plan_id=again.pk, now=at(9))
    row.refresh_from_db()
    assert (row.state, again.version_no) == ("retired", 2)
    shop.report(saw, "SAW-1", 10, "3")
    assert due(saw.pk, 11) == [("CP-1", 4, True)]
    assert check(row, saw, 12, *GOOD).plan == row  # a tablet that was offline has the old one still


WRONG_PLANS: list[tuple[dict[str, Any], str]] = [
    ({"work_centre": None}, "material"),
    ({"sequence": 10}, "material"),
    ({"first_piece": False, "every_n": None}, "every_n"),
    ({"trigger": "at_time"}, "every_min"),
    ({"rules": [9]}, "rules"),
    ({"name": ""}, "name"),
]
WRONG_CHARACTERISTICS: list[tuple[dict[str, Any], str]] = [
    ({"lower": None, "upper": None}, "lower"),
    ({"lower": D(2), "upper": D(1)}, "upper"),
    ({"upper": D(1), "subgroup": 11}, "subgroup"),
]


def test_what_makes_no_plan_is_refused() -> None:
    shop = hall()
    saw = shop.shop.centres["SAW"]
    for given, field in WRONG_PLANS:
        with pytest.raises(InvalidInput) as refused:
            plan(shop, code="CP-9", **{"work_centre": saw, **given})
        assert refused.value.field == field
    for given, field in WRONG_CHARACTERISTICS:
        with pytest.raises(InvalidInput) as refused:
            plan(shop, mes.CharacteristicInput(name="Gap", **given), code=f"CP-{field}", active=False)
        assert refused.value.field == field
    empty = mes.create_check_plan(
        plant=shop.shop.plant, code="CP-7", plan=mes.PlanInput(name="Nothing", work_centre=saw), now=NOW
    )
    with pytest.raises(NothingToCheck):
        mes.activate_check_plan(plan_id=empty.pk, now=NOW)


def test_plans_of_other_places_are_not_due() -> None:
    """A plan of the shelf's operation 20 only, one of boards: neither is checked at the saw."""
    shop, _, saw = started()
    materials = shop.shop.materials
    pack = plan(shop, code="P20", work_centre=None, material=materials["SHELF"], sequence=20)
    plan(shop, code="BRD", work_centre=None, material=materials["BOARD"])
    assert [code for code, _, _ in due(saw.pk, 1)] == ["CP-1"]
    with pytest.raises(WrongCheck, match="not checked at operation 10"):
        check(pack, saw, 5, *GOOD)


def test_a_check_that_is_taken_back_counts_no_more() -> None:
    shop, row, saw = started()
    event = shop.start(step(shop.shelves("3"), 10), "SAW-2")
    result = mes.record_check(
        plan_id=row.pk, operation_id=saw.pk, now=at(10), source=mes.Source(event_id=event.event_id),
        values=[
            mes.ValueInput(
                characteristic_id=one.pk, value=None if one.kind == "attribute" else Decimal(500), is_good=True
            )
            for one in row.characteristics.all()
        ],
    )  # fmt: skip
    assert QualityHold.objects.filter(released_at=None).count() == 1
    mes.void_check(event_id=event.event_id, now=at(11))
    assert CheckResult.objects.get(pk=result.pk).is_void
    assert QualityHold.objects.filter(released_at=None).count() == 0
    assert due(saw.pk, 11) == [("CP-1", 1, False)]
