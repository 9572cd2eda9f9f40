"""What follows from the floor's events about machines: down, up, the reason of a stop, help; and their undoing.

Registered in the log's table. They fold: a machine that was said to work again before word of its breakdown came is
down from the one to the other, and a breakdown that was said twice is one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.dateparse import parse_datetime

from masterdata.errors import InvalidInput
from masterdata.models import Employee, Machine, ReasonCode
from mes.models import Alarm, Downtime, ExecutionEvent, Quarantine
from mes.services import alarms, machines, states, stops
from mes.services.events import FloorEvent
from mes.services.log.handlers import HANDLERS, UNDOERS
from mes.services.log.rebuilding import REBUILDERS, Difference

Kind = ExecutionEvent.Kind


def _machine(event: FloorEvent) -> Machine:
    """Raises InvalidInput when it names none."""
    if not event.machine_id:
        raise InvalidInput("Say which machine this is about.", field="machine")
    return machines.locked(event.machine_id)


def _moment(event: FloorEvent, name: str, *, is_required: bool) -> dt.datetime | None:
    told: Any = event.payload.get(name)
    found = parse_datetime(str(told)) if told else None
    if (found is None and (told or is_required)) or (found is not None and found.tzinfo is None):
        raise InvalidInput(f"Give {name} as a time with its offset.", field=name)
    return found


def go_down(event: FloorEvent, now: dt.datetime) -> None:
    """The machine stands. Said again of a downtime that is open, the alarm counts once more; said of a moment before
    it, the downtime began then."""
    machine = _machine(event)
    at = event.happened_at
    known = Downtime.objects.filter(machine=machine).order_by("-since_at")
    if known.filter(since_at__lte=at, until_at__gt=at).exists():
        return
    if (opened := known.filter(until_at=None).first()) is not None:
        alarms.raise_alarm(machine=machine, code=opened.alarm.code if opened.alarm else machines.FAULT, text="", at=at)
        if at < opened.since_at:
            Downtime.objects.filter(pk=opened.pk).update(since_at=at)
            states.refold(machine_id=machine.pk, since=at)
        return
    machines.report_machine_down(
        machine_id=machine.pk,
        since_at=at,
        now=now,
        estimated_until_at=_moment(event, "estimated_until", is_required=False),
        reason_id=event.reason_id,
        by=Employee.objects.filter(pk=event.operator_id or 0).first(),
        text=str(event.payload.get("what", ""))[:200],
    )
    _up_that_came_before(machine, at, now)


def _up_that_came_before(machine: Machine, since: dt.datetime, now: dt.datetime) -> None:
    """Word that it works again came first and waits in quarantine."""
    waiting = (
        Quarantine.objects.select_for_update(no_key=True, of=("self",))
        .filter(state=Quarantine.State.OPEN, code=machines.NotDown.code, event__machine=machine)
        .filter(event__kind=Kind.MACHINE_UP, event__corrected_at__gte=since)
        .select_related("event")
        .order_by("event__corrected_at", "pk")
        .first()
    )
    if waiting is not None:
        waiting.state, waiting.decided_at = Quarantine.State.ACCEPTED, now
        waiting.save(update_fields=["state", "decided_at"])
        machines.report_machine_up(machine_id=machine.pk, until_at=waiting.event.corrected_at, now=now)


def come_up(event: FloorEvent, now: dt.datetime) -> None:
    """It works again. Raises NotDown."""
    machines.report_machine_up(machine_id=_machine(event).pk, until_at=event.happened_at, now=now)


def explain(event: FloorEvent, now: dt.datetime) -> None:
    """The reason of a stop: payload `interval_start`, perhaps `until`, and `reason` (or the event's own)."""
    machine = _machine(event)
    start, until = _moment(event, "interval_start", is_required=True), _moment(event, "until", is_required=False)
    assert start is not None
    told = event.reason_id or event.payload.get("reason")
    if not str(told or "").isdigit():
        raise InvalidInput("Choose one of the reasons for stops.", field="reason")
    stops.check_stop(machine=machine, start_at=start, until_at=until, reason_id=int(str(told)))
    states.refold(machine_id=machine.pk, since=start)
    stops.tell(machine)


def call(event: FloorEvent, now: dt.datetime) -> None:
    """Somebody needs somebody: payload `what`, a text or the id of a reason."""
    machine = _machine(event)
    what = str(event.payload.get("what", "") or event.reason_id or "")
    if what.isdigit():
        what = ReasonCode.objects.filter(pk=int(what)).values_list("name", flat=True).first() or ""
    row = ExecutionEvent.objects.filter(pk=event.event_id).first()
    alarms.call_for_help(machine_id=machine.pk, what=what, at=event.happened_at, event=row)


def never_down(event: FloorEvent, now: dt.datetime) -> None:
    """It was a mistake: the downtime that this opened lasted no time."""
    opened = Downtime.objects.filter(machine_id=event.machine_id, until_at=None, since_at=event.happened_at).first()
    if opened is not None:
        machines.report_machine_up(machine_id=event.machine_id, until_at=event.happened_at, now=now)


def never_explained(event: FloorEvent, now: dt.datetime) -> None:
    """The stop has the reason that it had before."""
    start = _moment(event, "interval_start", is_required=True)
    assert start is not None
    states.refold(machine_id=event.machine_id, since=start)


def never_called(event: FloorEvent, now: dt.datetime) -> None:
    """Nobody needs to come."""
    machine = _machine(event)
    if Alarm.objects.filter(event_id=event.event_id, state=Alarm.State.RAISED).exists():
        alarms.clear_alarms(machine=machine, codes=[alarms.HELP], at=now)


def rebuild_machine_states(plant_ids: Sequence[int], fix: bool) -> list[Difference]:
    """The machines' intervals folded from the beginning."""
    found = states.rebuild_states(plant_ids=plant_ids, fix=fix)
    return [Difference("machine states", f"machine {code}", said, told) for code, said, told in found]


HANDLERS |= {Kind.MACHINE_DOWN: go_down, Kind.MACHINE_UP: come_up, Kind.STOP_REASON: explain, Kind.ANDON: call}
UNDOERS |= {Kind.MACHINE_DOWN: never_down, Kind.STOP_REASON: never_explained, Kind.ANDON: never_called}
REBUILDERS["machine states"] = rebuild_machine_states
