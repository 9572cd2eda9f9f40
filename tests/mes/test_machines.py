"""Machines down and up: one alarm, one downtime, the job paused, the start refused until it works again."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from masterdata.errors import Refusal
from masterdata.models import FactRecord
from mes import services as mes
from mes.models import Alarm, Downtime, MachineEvent, MachineState, OperationRun
from mes.services.alarms import AlarmEnded
from mes.services.events import ReusedEventId
from mes.services.machines import AlreadyDown, NotDown, UnknownMachine
from mes.services.runs import MachineIsDown
from tests.mes.hall import Hall, at, hall, step
from tests.mes.test_runs import states


def down(shop: Hall, minute: int, **more: object) -> Downtime:
    return mes.report_machine_down(
        machine_id=shop.machine("SAW-1"), since_at=at(minute), now=at(minute), **more  # type: ignore[arg-type]
    )  # fmt: skip


def sent(event_id: str, state: str, minute: int, code: str = "") -> bool:
    """Take a machine's message; whether it was new."""
    _event, is_new = mes.take_machine_event(
        event_id=event_id, machine_code="SAW-1", state=state, happened_at=at(minute), now=at(minute), code=code
    )
    return is_new


def test_a_machine_down_pauses_the_job_and_blocks_the_start() -> None:
    """Sawing from 0, down from 20 to 50, going on: at 60 there are 20 + 10 = 30 minutes worked."""
    shop = hall()
    order = shop.shelves()
    saw, other = step(order, 10), step(shop.shelves(), 10)
    shop.start(saw, "SAW-1")
    down(shop, 20, reason_id=shop.reasons["D-MECH"].pk, by=shop.operator, estimated_until_at=at(140))
    run = OperationRun.objects.get()
    assert (run.state, run.unbooked_sec) == ("paused", 20 * 60)
    for deed in (
        lambda: shop.start(other, "SAW-1", 25),
        lambda: mes.resume(event=shop.event(saw, "SAW-1", 25), now=at(25)),
    ):
        with pytest.raises(MachineIsDown, match="SAW-1 is down"):
            deed()
    mes.report_machine_up(machine_id=shop.machine("SAW-1"), until_at=at(50), now=at(50))
    mes.resume(event=shop.event(saw, "SAW-1", 50), now=at(50))
    shop.report(saw, "SAW-1", 60, "4")
    assert step(order, 10).worked_min == 30
    assert states(shop, "SAW-1") == [("producing", 20), ("fault", 30), ("producing", None)]
    facts = [(fact.kind, fact.payload["machine_id"]) for fact in FactRecord.objects.filter(kind__startswith="Machine")]
    assert sorted(facts) == [("MachineDown", shop.machine("SAW-1")), ("MachineUp", shop.machine("SAW-1"))]


def test_pieces_made_before_the_breakdown_can_be_reported_and_the_machine_stays_down() -> None:
    shop = hall()
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1")
    down(shop, 20)
    shop.report(saw, "SAW-1", 30, "4")
    mes.finish(event=shop.event(saw, "SAW-1", 31), now=at(31))
    assert states(shop, "SAW-1") == [("producing", 20), ("fault", None)]


def test_down_twice_is_refused_in_the_plants_time_and_up_needs_a_downtime() -> None:
    """09:00 UTC is 17:00 in Shanghai."""
    shop = hall("Asia/Shanghai")
    with pytest.raises(NotDown):
        mes.report_machine_up(machine_id=shop.machine("SAW-1"), until_at=at(0), now=at(0))
    down(shop, 0)
    with pytest.raises(AlreadyDown, match="since Mon 23 Nov, 17:00"):
        down(shop, 5)
    assert (Downtime.objects.count(), Alarm.objects.count()) == (1, 1)


def test_an_estimate_before_the_stop_is_refused() -> None:
    shop = hall()
    with pytest.raises(Refusal) as refused:
        down(shop, 10, estimated_until_at=at(5))
    assert refused.value.field == "estimated_until_at"
    assert not Downtime.objects.exists()


def test_machine_events_open_and_clear_one_alarm() -> None:
    shop = hall()
    assert sent("a", "producing", 0)
    assert sent("b", "fault", 10, "E-207")
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.state, alarm.count, alarm.text) == ("E-207", "raised", 1, "SAW-1 SAW-1 is down: E-207")
    assert not sent("b", "fault", 10, "E-207")
    assert sent("c", "fault", 12, "E-207")
    alarm.refresh_from_db()
    assert alarm.count == 2
    assert sent("d", "idle", 30)
    alarm.refresh_from_db()
    assert (alarm.state, alarm.cleared_at) == ("cleared", at(30))
    assert Downtime.objects.get().until_at == at(30)
    assert states(shop, "SAW-1") == [("producing", 10), ("fault", 20), ("idle", None)]
    assert MachineEvent.objects.count() == 4


def test_a_machine_event_ends_the_downtime_that_a_tablet_opened() -> None:
    shop = hall()
    down(shop, 0)
    assert sent("late", "fault", 5, "E-9")
    assert Alarm.objects.get().count == 2
    assert sent("old", "idle", -5)
    assert Downtime.objects.get().until_at is None
    assert sent("up", "producing", 40)
    assert Downtime.objects.get().until_at == at(40)
    assert Alarm.objects.get().state == "cleared"
    assert states(shop, "SAW-1") == [("idle", 5), ("fault", 40), ("producing", None)]


def test_a_fault_from_before_the_downtime_is_no_repeat_of_its_alarm() -> None:
    """Down since minute 10; a fault of minute 5 arrives late: kept, counted by nobody. One of minute 12 counts."""
    shop = hall()
    down(shop, 10)
    assert sent("late", "fault", 5, "E-9")
    assert Alarm.objects.get().count == 1
    assert sent("again", "fault", 12, "E-9")
    assert Alarm.objects.get().count == 2


def test_a_reused_or_nameless_machine_event_is_refused() -> None:
    hall()
    sent("a", "producing", 0)
    with pytest.raises(ReusedEventId):
        sent("a", "fault", 0)
    with pytest.raises(UnknownMachine):
        mes.take_machine_event(event_id="x", machine_code="NOPE", state="idle", happened_at=at(0), now=at(0))
    assert MachineEvent.objects.count() == 1


def test_an_alarm_is_acknowledged_once_and_never_after_its_end() -> None:
    shop = hall()
    lead, other = shop.person("shift_lead"), shop.person("quality")
    down(shop, 0)
    alarm = mes.acknowledge_alarm(alarm_id=Alarm.objects.get().pk, by=lead, now=at(3))
    assert (alarm.state, alarm.acknowledged_by, alarm.acknowledged_at) == ("acknowledged", lead, at(3))
    again = mes.acknowledge_alarm(alarm_id=alarm.pk, by=other, now=at(4))
    assert again.acknowledged_by == lead
    mes.report_machine_up(machine_id=shop.machine("SAW-1"), until_at=at(10), now=at(10))
    with pytest.raises(AlarmEnded):
        mes.acknowledge_alarm(alarm_id=alarm.pk, by=lead, now=at(11))


def test_states_have_no_gap_and_no_overlap() -> None:
    shop = hall()
    for number, (state, minute) in enumerate(
        [("idle", 0), ("setup", 5), ("setup", 7), ("producing", 10), ("stopped", 8), ("stopped", 20), ("off", 20)]
    ):
        sent(f"e{number}", state, minute)
    assert states(shop, "SAW-1") == [("idle", 5), ("setup", 3), ("stopped", 2), ("producing", 10), ("off", None)]
    rows = list(MachineState.objects.order_by("since_at"))
    assert all(one.until_at == two.since_at for one, two in itertools.pairwise(rows))
    assert rows[0].since_at == at(0)
    assert rows[-1].since_at - rows[0].since_at == dt.timedelta(minutes=20)
