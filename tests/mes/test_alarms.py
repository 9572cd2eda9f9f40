"""Alarms: one for the same fault, taken, repaired, cleared, closed; told higher while nobody takes them; help calls."""

from __future__ import annotations

import pytest

from masterdata.errors import InvalidInput
from mes import services as mes
from mes.models import Alarm
from mes.services.alarms import AlarmEnded, AlarmStillOpen
from tests.mes.hall import Hall, at, hall
from tests.mes.test_machines import down, sent


def up(shop: Hall, minute: int) -> None:
    mes.report_machine_up(machine_id=shop.machine("SAW-1"), until_at=at(minute), now=at(minute))


def test_an_alarm_from_its_raising_to_its_reason() -> None:
    shop = hall()
    lead, fitter = shop.person("shift_lead"), shop.person("maintenance")
    down(shop, 0)
    alarm = Alarm.objects.get()
    mes.acknowledge_alarm(alarm_id=alarm.pk, by=lead, now=at(3))
    mes.begin_repair(alarm_id=alarm.pk, by=fitter, now=at(8))
    with pytest.raises(AlarmStillOpen, match="SAW-1 is still down"):
        mes.close_alarm(alarm_id=alarm.pk, by=fitter, now=at(9), note="belt")
    up(shop, 20)
    with pytest.raises(InvalidInput, match="Say why"):
        mes.close_alarm(alarm_id=alarm.pk, by=fitter, now=at(21))
    with pytest.raises(AlarmEnded):
        mes.begin_repair(alarm_id=alarm.pk, by=fitter, now=at(21))
    for _ in range(2):
        done = mes.close_alarm(
            alarm_id=alarm.pk, by=fitter, now=at(22), reason_id=shop.reasons["D-MECH"].pk, note="Belt torn"
        )
    assert (done.state, done.acknowledged_by, done.repair_by, done.cleared_at, done.closed_at) == (
        "closed", lead, fitter, at(20), at(22)
    )  # fmt: skip
    assert (done.reason.code, done.note) == ("D-MECH", "Belt torn")  # type: ignore[union-attr]


@pytest.mark.parametrize(("minute", "alarms"), [(21, 1), (22, 2)])
def test_the_same_fault_within_a_minute_of_clearing_is_the_same_alarm(minute: int, alarms: int) -> None:
    """Cleared at 20: again at 21 (60 s) it is the same one, told twice and still taken; at 22 it is another."""
    shop = hall()
    assert sent("a", "fault", 0, "E-1")
    mes.acknowledge_alarm(alarm_id=Alarm.objects.get().pk, by=shop.person("shift_lead"), now=at(2))
    assert sent("b", "idle", 20)
    assert sent("c", "fault", minute, "E-1")
    found = Alarm.objects.order_by("pk")
    assert len(found) == alarms
    assert (found[0].count, found[0].state) == ((2, "acknowledged") if alarms == 1 else (1, "cleared"))


def test_an_alarm_that_nobody_takes_is_told_higher_step_by_step() -> None:
    """After 3 minutes the shift lead, after 10 the plant manager; who has taken it is left in peace."""
    shop = hall()
    mes.set_escalation(plant_id=shop.shop.plant.pk, steps=[(3, "Shift lead"), (10, "Plant manager")])
    down(shop, 0)
    alarm = Alarm.objects.get()
    told = [mes.escalate_alarms(now=at(minute)) for minute in (2, 3, 4, 10, 60)]
    assert told == [0, 1, 0, 1, 0]
    assert [(step.level, step.told, step.at) for step in alarm.steps.all()] == [
        (1, "Shift lead", at(3)), (2, "Plant manager", at(10))
    ]  # fmt: skip
    mes.call_for_help(machine_id=shop.machine("SAW-2"), what="Board jammed", at=at(60))
    taken = Alarm.objects.get(kind="help")
    mes.acknowledge_alarm(alarm_id=taken.pk, by=shop.person("shift_lead"), now=at(61))
    assert mes.escalate_alarms(now=at(90)) == 0


def test_an_alarm_of_long_ago_is_told_all_steps_at_once() -> None:
    shop = hall()
    mes.set_escalation(plant_id=shop.shop.plant.pk, steps=[(3, "Shift lead"), (10, "Plant manager")])
    down(shop, 0)
    assert mes.escalate_alarms(now=at(30)) == 2
    assert Alarm.objects.get().level == 2


@pytest.mark.parametrize("steps", [[(0, "A")], [(5, " ")], [(10, "A"), (10, "B")]])
def test_steps_that_make_no_sense_are_refused(steps: list[tuple[int, str]]) -> None:
    with pytest.raises(InvalidInput):
        mes.set_escalation(plant_id=hall().shop.plant.pk, steps=steps)


def test_a_call_for_help_is_an_alarm_that_whoever_came_closes() -> None:
    shop = hall()
    for minute in (0, 2):
        mes.call_for_help(machine_id=shop.machine("SAW-1"), what="I need a second pair of hands", at=at(minute))
    alarm = Alarm.objects.get()
    assert (alarm.kind, alarm.count, alarm.text) == ("help", 2, "I need a second pair of hands")
    done = mes.close_alarm(alarm_id=alarm.pk, by=shop.person("shift_lead"), now=at(5), note="Helped")
    assert (done.state, done.cleared_at) == ("closed", at(5))
    mes.call_for_help(machine_id=shop.machine("SAW-1"), what="Again", at=at(5))
    assert Alarm.objects.count() == 2
