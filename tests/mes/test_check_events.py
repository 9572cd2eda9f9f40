"""Checks and non-conformances as tablets say them: online, late, taken back, and folded again."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from erp.models import WorkOrderOperation
from masterdata.errors import InvalidInput
from mes import services as mes
from mes.models import CheckPlan, CheckResult, NonConformance, OperationRun, QualityHold, Quarantine
from mes.services.checking import CheckIncomplete
from mes.services.events import FloorEvent
from tests.mes.hall import Hall, at, hall, step
from tests.mes.laboratory import plan


@pytest.fixture
def shop() -> Hall:
    return hall()


@pytest.fixture
def saw(shop: Hall) -> WorkOrderOperation:
    """A saw job that runs since nine, of which the first piece and one in five is checked."""
    plan(shop)
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1")
    return saw


def told(shop: Hall, kind: str, operation: WorkOrderOperation, minute: int, **payload: Any) -> FloorEvent:
    """An event of the kind with that payload."""
    return FloorEvent(
        event_id=uuid.uuid4(),
        kind=kind,
        operation_id=operation.pk,
        machine_id=shop.machine("SAW-1"),
        operator_id=shop.operator.pk,
        happened_at=at(minute),
        payload=payload,
    )


def checked(shop: Hall, operation: WorkOrderOperation, minute: int, width: str = "400.0", **more: Any) -> FloorEvent:
    """A check of the plan, as a tablet says it."""
    row = CheckPlan.objects.get()
    one, two = row.characteristics.order_by("line_no")
    values = [{"characteristic": one.pk, "value": width}, {"characteristic": two.pk, "is_good": True}]
    return told(shop, "check", operation, minute, **{"plan": row.pk, "values": values, **more})


def test_a_check_is_recorded_once(shop: Hall, saw: WorkOrderOperation) -> None:
    event = checked(shop, saw, 5, piece=1)
    assert [mes.take(event=event, now=at(minute)).status for minute in (5, 6)] == ["applied", "replay"]
    result = CheckResult.objects.get()
    assert (result.event_id, result.operator, result.piece_no, result.checked_at) == (
        event.event_id, shop.operator, 1, at(5),
    )  # fmt: skip


def test_online_what_is_missing_is_refused_and_late_it_is_kept(shop: Hall, saw: WorkOrderOperation) -> None:
    event = checked(shop, saw, 5, values=[])
    with pytest.raises(CheckIncomplete):
        mes.take(event=event, now=at(5))
    assert mes.take(event=event, now=at(9), is_late=True).status == "quarantined"
    assert CheckResult.objects.count() == 0


@pytest.mark.parametrize(
    "payload",
    [{"values": "all good"}, {"plan": "CP-1"}, {"values": [7]}, {"values": [{"characteristic": 1, "value": "wide"}]},
     {"gauge": True}, {"photo": "a photo"}, {"piece": -1}, {"values": [{"characteristic": 1, "value": "1e999"}]}],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(shop: Hall, saw: WorkOrderOperation, payload: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        mes.take(event=checked(shop, saw, 5, **payload), now=at(5))


def test_a_late_report_over_a_check_waits_for_the_check(shop: Hall, saw: WorkOrderOperation) -> None:
    """Offline: six pieces at minute 30, of which the sixth is to be checked; the checks come after it and lift it."""
    report = shop.event(saw, "SAW-1", 30, "5", kind="report")
    assert mes.take(event=report, now=at(60), is_late=True).status == "quarantined"
    assert Quarantine.objects.get().code == "check_due"
    assert step(saw.work_order, 10).good_qty == 0
    mes.take(event=checked(shop, saw, 10), now=at(61), is_late=True)
    assert Quarantine.objects.get().state == "accepted"
    assert step(saw.work_order, 10).good_qty == 5


def test_what_was_made_before_the_hold_counts_and_what_after_it_waits(shop: Hall, saw: WorkOrderOperation) -> None:
    """Held at minute 40. A piece of minute 20 that is told late is booked, one of minute 50 is kept for the shift lead,
    who may accept it."""
    mes.take(event=checked(shop, saw, 40, "402.0"), now=at(40))
    assert OperationRun.objects.get().state == "paused"
    early = shop.event(saw, "SAW-1", 20, "1", kind="report")
    assert mes.take(event=early, now=at(60), is_late=True).status == "applied"
    late = shop.event(saw, "SAW-1", 50, "1", kind="report")
    assert mes.take(event=late, now=at(61), is_late=True).code == "quality_hold"
    mes.accept_quarantined(quarantine_id=Quarantine.objects.get().pk, by=shop.person("shift_lead"), now=at(62))
    assert step(saw.work_order, 10).good_qty == 2


def test_a_check_that_is_taken_back_releases_what_it_held(shop: Hall, saw: WorkOrderOperation) -> None:
    event = checked(shop, saw, 10, "402.0")
    mes.take(event=event, now=at(10))
    assert QualityHold.objects.get().released_at is None
    correction = told(shop, "correction", saw, 11, corrects=str(event.event_id), reason="Typed wrong")
    mes.take(event=correction, now=at(11))
    assert CheckResult.objects.get().is_void
    assert QualityHold.objects.get().released_at == at(11)
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_the_log_folded_again_finds_a_check_that_was_lost(shop: Hall, saw: WorkOrderOperation) -> None:
    mes.take(event=checked(shop, saw, 10), now=at(10))
    CheckResult.objects.update(is_void=True)
    found = mes.rebuild(plant_ids=[shop.shop.plant.pk], fix=True)
    assert [(one.projection, one.is_now, one.should_be) for one in found] == [("checks", "void", "counts")]
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_a_nonconformance_from_the_tablet(shop: Hall, saw: WorkOrderOperation) -> None:
    chip = shop.reasons["S-CHIP"]
    event = told(shop, "nonconformance", saw, 5, quantity="2", defect=chip.pk, text="At the corner")
    mes.take(event=event, now=at(5))
    row = NonConformance.objects.get()
    assert (row.quantity, row.defect, row.employee, row.machine_id) == (2, chip, shop.operator, shop.machine("SAW-1"))
    mes.take(event=told(shop, "correction", saw, 6, corrects=str(event.event_id)), now=at(6))
    row.refresh_from_db()
    assert row.state == "withdrawn"
