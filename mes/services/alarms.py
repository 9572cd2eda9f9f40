"""Alarms: raised, taken by somebody, in repair, cleared, closed with a reason; told higher while nobody takes them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Machine, ReasonCode, User
from mes.models import Alarm, AlarmStep, EscalationRule, ExecutionEvent

AGAIN_S = 60
"""Seconds after clearing in which the same fault is the same alarm."""
HELP = "help"
State = Alarm.State
ENDED = (State.CLEARED, State.CLOSED)


class AlarmEnded(Refusal):
    """The alarm was cleared meanwhile."""

    code = "alarm_ended"


class AlarmNotTaken(Refusal):
    """Nobody has acknowledged the alarm."""

    code = "alarm_not_taken"


class AlarmStillOpen(Refusal):
    """What the alarm is about goes on."""

    code = "alarm_still_open"


def raise_alarm(
    *,
    machine: Machine,
    code: str,
    text: str,
    at: dt.datetime,
    kind: str = Alarm.Kind.DOWN,
    event: ExecutionEvent | None = None,
) -> Alarm:
    """The alarm of this machine and code that is open, or was cleared less than a minute before, with one more count;
    else a new one. Call while holding the machine's lock."""
    same = Alarm.objects.select_for_update(no_key=True).filter(machine=machine, code=code)
    alarm = same.exclude(state__in=ENDED).order_by("pk").first()
    if alarm is None:
        alarm = (
            same.filter(state=State.CLEARED, cleared_at__gte=at - dt.timedelta(seconds=AGAIN_S))
            .order_by("-cleared_at", "-pk")
            .first()
        )
        if alarm is not None:
            alarm.state = _where_it_was(alarm)
            alarm.cleared_at = None
    if alarm is None:
        alarm = Alarm.objects.create(machine=machine, kind=kind, code=code, text=text, raised_at=at, event=event)
    else:
        alarm.count += 1
        alarm.save(update_fields=["count", "state", "cleared_at"])
    _tell(alarm, machine)
    return alarm


def _where_it_was(alarm: Alarm) -> str:
    if alarm.repair_at:
        return State.IN_REPAIR
    return State.ACKNOWLEDGED if alarm.acknowledged_at else State.RAISED


def clear_alarms(*, machine: Machine, codes: Sequence[str], at: dt.datetime) -> None:
    """What they were about is over. Call while holding the machine's lock."""
    for alarm in (
        Alarm.objects.select_for_update(no_key=True)
        .filter(machine=machine, code__in=codes)
        .exclude(state__in=ENDED)
        .order_by("pk")
    ):
        alarm.state, alarm.cleared_at = State.CLEARED, max(at, alarm.raised_at)
        alarm.save(update_fields=["state", "cleared_at"])
        _tell(alarm, machine)


@transaction.atomic
def call_for_help(
    *, machine_id: int, what: str, at: dt.datetime, event: ExecutionEvent | None = None, code: str = HELP
) -> Alarm:
    """Somebody at the machine needs somebody: an alarm that whoever came closes. Locks the machine."""
    machine = (
        Machine.objects.select_for_update(no_key=True, of=("self",))
        .select_related("work_centre__plant")
        .order_by("pk")
        .get(pk=machine_id)
    )
    text = what.strip()[:200] or f"{machine.code} calls for help"
    return raise_alarm(machine=machine, code=code, text=text, at=at, kind=Alarm.Kind.HELP, event=event)


@transaction.atomic
def acknowledge_alarm(*, alarm_id: int, by: User, now: dt.datetime) -> Alarm:
    """Somebody has seen it and takes care. Again by anybody changes nothing. Raises AlarmEnded."""
    alarm = _locked(alarm_id)
    if alarm.state in ENDED:
        raise AlarmEnded("This alarm was cleared meanwhile; there is nothing left to acknowledge.")
    if alarm.state == State.RAISED:
        _take(alarm, by, now)
        alarm.state = State.ACKNOWLEDGED
        alarm.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
        _tell(alarm, alarm.machine)
    return alarm


@transaction.atomic
def begin_repair(*, alarm_id: int, by: User, now: dt.datetime) -> Alarm:
    """Somebody is at the machine; who begins takes it. Again changes nothing. Raises AlarmEnded."""
    alarm = _locked(alarm_id)
    if alarm.state in ENDED:
        raise AlarmEnded("This alarm was cleared meanwhile; there is nothing left to repair.")
    if alarm.state != State.IN_REPAIR:
        if alarm.acknowledged_at is None:
            _take(alarm, by, now)
        alarm.state, alarm.repair_at, alarm.repair_by = State.IN_REPAIR, now, by
        alarm.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "repair_at", "repair_by"])
        _tell(alarm, alarm.machine)
    return alarm


@transaction.atomic
def close_alarm(*, alarm_id: int, by: User, now: dt.datetime, reason_id: int | None = None, note: str = "") -> Alarm:
    """It is over and everybody may know why. Again changes nothing.

    A call for help is cleared by closing it. Raises AlarmStillOpen for a machine that is still down, InvalidInput
    without a reason or a word.
    """
    alarm = _locked(alarm_id)
    if alarm.state == State.CLOSED:
        return alarm
    if reason_id is None and not note.strip():
        raise InvalidInput("Say why it happened: choose a reason or write a few words.", field="reason")
    if reason_id is not None and not ReasonCode.objects.filter(pk=reason_id, kind__in=["downtime", "pause"]).exists():
        raise InvalidInput("Choose one of the reasons for stops.", field="reason")
    if alarm.state != State.CLEARED:
        if alarm.kind == Alarm.Kind.DOWN:
            raise AlarmStillOpen(
                f"{alarm.machine.code} is still down. Report that it runs again, then close the alarm.",
                machine=alarm.machine.code,
            )
        alarm.cleared_at = now
    alarm.state, alarm.closed_at, alarm.closed_by = State.CLOSED, now, by
    alarm.reason_id, alarm.note = reason_id, note.strip()[:400]
    alarm.save(update_fields=["state", "cleared_at", "closed_at", "closed_by", "reason", "note"])
    _tell(alarm, alarm.machine)
    return alarm


@transaction.atomic
def set_escalation(*, plant_id: int, steps: Sequence[tuple[int, str]]) -> list[EscalationRule]:
    """Who is told of an alarm of the plant that nobody takes: (after minutes, who), later ones higher.

    Raises InvalidInput when the minutes do not rise.
    """
    for number, (after_min, told) in enumerate(steps):
        if after_min < 1 or not told.strip():
            raise InvalidInput("Say who is told, and after how many minutes (at least one).", field="steps")
        if number and after_min <= steps[number - 1][0]:
            raise InvalidInput("Each step must wait longer than the one before it.", field="steps")
    list(EscalationRule.objects.select_for_update(no_key=True).filter(plant_id=plant_id).order_by("pk"))
    EscalationRule.objects.filter(plant_id=plant_id).delete()
    return EscalationRule.objects.bulk_create(
        EscalationRule(plant_id=plant_id, level=level, after_min=after_min, told=told.strip()[:60])
        for level, (after_min, told) in enumerate(steps, 1)
    )


def escalate_alarms(*, now: dt.datetime) -> int:
    """Clockwork: alarms that nobody took in time are told one level higher; how many steps that were."""
    rules: dict[int, list[EscalationRule]] = {}
    for rule in EscalationRule.objects.order_by("plant", "level"):
        rules.setdefault(rule.plant_id, []).append(rule)
    waiting = Alarm.objects.filter(state=State.RAISED, machine__work_centre__plant__in=rules)
    return sum(_escalate(pk, rules, now) for pk in waiting.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _escalate(alarm_id: int, rules: dict[int, list[EscalationRule]], now: dt.datetime) -> int:
    alarm = _locked(alarm_id)
    if alarm.state != State.RAISED:
        return 0
    due = [
        rule
        for rule in rules[alarm.machine.work_centre.plant_id]
        if rule.level > alarm.level and alarm.raised_at + dt.timedelta(minutes=rule.after_min) <= now
    ]
    if due:
        AlarmStep.objects.bulk_create(AlarmStep(alarm=alarm, level=rule.level, told=rule.told, at=now) for rule in due)
        alarm.level = due[-1].level
        alarm.save(update_fields=["level"])
        _tell(alarm, alarm.machine)
    return len(due)


def _take(alarm: Alarm, by: User, now: dt.datetime) -> None:
    alarm.acknowledged_at, alarm.acknowledged_by = now, by


def _locked(alarm_id: int) -> Alarm:
    return (
        Alarm.objects.select_for_update(no_key=True, of=("self",))
        .select_related("machine__work_centre")
        .order_by("pk")
        .get(pk=alarm_id)
    )


def _tell(alarm: Alarm, machine: Machine) -> None:
    live.publish("alarm", alarm.pk, plant_id=machine.work_centre.plant_id)
