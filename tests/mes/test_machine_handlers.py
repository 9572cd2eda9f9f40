"""The floor's events about machines through the log: down, up, reasons of stops, help; late, doubled, undone."""

from __future__ import annotations

import uuid

import pytest

from masterdata.errors import InvalidInput
from mes import services as mes
from mes.models import Alarm, Downtime, MachineState, Quarantine
from mes.services.events import FloorEvent
from mes.services.machines import NotDown
from tests.mes.hall import Hall, at, hall, step
from tests.mes.test_runs import states


def said(shop: Hall, kind: str, minute: int, **more: object) -> FloorEvent:
    values = {"machine_id": shop.machine("SAW-1"), **more}
    return FloorEvent(
        event_id=uuid.uuid4(), kind=kind, operator_id=shop.operator.pk, happened_at=at(minute),
        **values,  # type: ignore[arg-type]
    )  # fmt: skip


def take(event: FloorEvent, minute: int, *, is_late: bool = False) -> str:
    return mes.take(event=event, now=at(minute), is_late=is_late).status


def test_a_breakdown_said_on_the_tablet_is_one_however_often_it_is_said() -> None:
    """Said at 10, again at 12 by somebody else, and of 8 by a third: down from 8, an alarm counted three times."""
    shop = hall()
    first = said(shop, "machine_down", 10, reason_id=shop.reasons["D-MECH"].pk, payload={"what": "Belt torn"})
    assert [take(first, 10), take(first, 11)] == ["applied", "replay"]
    assert take(said(shop, "machine_down", 12), 12) == "applied"
    assert take(said(shop, "machine_down", 8), 13, is_late=True) == "applied"
    downtime, alarm = Downtime.objects.get(), Alarm.objects.get()
    assert (downtime.since_at, downtime.reason, downtime.reported_by) == (at(8), shop.reasons["D-MECH"], shop.operator)
    assert (alarm.count, alarm.text) == (3, "Belt torn")
    assert take(said(shop, "machine_up", 30), 30) == "applied"
    assert states(shop, "SAW-1") == [("fault", 22), ("idle", None)]
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_word_that_it_works_again_may_come_before_word_of_the_breakdown() -> None:
    """Up of 30 comes first and waits; then down of 10: a fault of 20 minutes, and nothing waits any more."""
    shop = hall()
    with pytest.raises(NotDown):
        take(said(shop, "machine_up", 30), 30)
    assert take(said(shop, "machine_up", 30), 60, is_late=True) == "quarantined"
    assert take(said(shop, "machine_down", 10), 61, is_late=True) == "applied"
    assert Quarantine.objects.get().state == "accepted"
    assert Downtime.objects.get().until_at == at(30)
    assert states(shop, "SAW-1") == [("fault", 20), ("idle", None)]


def test_the_reason_of_a_stop_comes_from_the_tablet_and_is_undone() -> None:
    """Stopped from 20 on without a reason; the tablet says the break; taken back there is none again."""
    shop = hall()
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1")
    mes.pause(event=shop.event(saw, "SAW-1", 20), now=at(20))
    start = {"interval_start": at(20).isoformat(), "reason": shop.reasons["P-BREAK"].pk}
    event = said(shop, "stop_reason", 25, payload=start)
    assert take(event, 25) == "applied"
    stop = MachineState.objects.get(state="stopped")
    assert (stop.reason, stop.reason_event_id) == (shop.reasons["P-BREAK"], event.event_id)
    with pytest.raises(InvalidInput, match="time with its offset"):
        take(said(shop, "stop_reason", 26, payload={"interval_start": "noon"}), 26)
    assert take(
        said(shop, "stop_reason", 27, payload=start | {"interval_start": at(5).isoformat()}), 27, is_late=True
    ) == ("quarantined")
    lead = shop.person("shift_lead")
    mes.correct(event_id=event.event_id, by=lead, reason="Wrong machine", now=at(30), correction_id=uuid.uuid4())
    assert MachineState.objects.get(state="stopped").reason is None
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_a_call_for_help_from_the_tablet() -> None:
    shop = hall()
    event = said(shop, "andon", 5, payload={"what": str(shop.reasons["P-BREAK"].pk)})
    assert take(event, 5) == "applied"
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.text, alarm.event_id) == ("help", "Break", event.event_id)
    lead = shop.person("shift_lead")
    mes.correct(event_id=event.event_id, by=lead, reason="By mistake", now=at(6), correction_id=uuid.uuid4())
    assert Alarm.objects.get().state == "cleared"
    with pytest.raises(InvalidInput, match="which machine"):
        take(said(shop, "andon", 7, machine_id=0), 7)


def test_late_and_undone_events_of_a_job_change_the_machines_past() -> None:
    """Sawing from 0. At 60 word of a pause from 20 to 40 arrives; then the start itself is taken back: nothing is left
    but what nobody has said."""
    shop = hall()
    saw = step(shop.shelves(), 10)
    started = shop.start(saw, "SAW-1")
    pause, resume = shop.event(saw, "SAW-1", 20, kind="pause"), shop.event(saw, "SAW-1", 40, kind="resume")
    for event in (pause, resume):
        mes.take(event=event, now=at(60), is_late=True)
    assert states(shop, "SAW-1") == [("producing", 20), ("stopped", 20), ("producing", None)]
    lead = shop.person("shift_lead")
    for event in (resume, pause, started):
        mes.correct(event_id=event.event_id, by=lead, reason="Another job", now=at(61), correction_id=uuid.uuid4())
    assert states(shop, "SAW-1") == []
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []
