"""Machines down and up, by tablet or by machine event, and the alarms that follow."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from masterdata import facts, live
from masterdata.errors import Refusal
from masterdata.models import Employee, Machine
from masterdata.worktime import shop_time
from mes.facts import MachineDown, MachineUp
from mes.models import Downtime, MachineEvent, MachineState, OperationRun
from mes.services import alarms, events, progress, states
from mes.state_fold import OPC_40550

FAULT = "down"


class AlreadyDown(Refusal):
    """A downtime is open."""

    code = "already_down"


class NotDown(Refusal):
    """No downtime is open."""

    code = "not_down"


class UnknownMachine(Refusal):
    """No machine has this code."""

    code = "unknown_machine"
    status = 404


def locked(machine_id: int) -> Machine:
    """The machine with its work centre and plant, locked."""
    return (
        Machine.objects.select_for_update(no_key=True, of=("self",))
        .select_related("work_centre__plant")
        .order_by("pk")
        .get(pk=machine_id)
    )


def _shop_time(machine: Machine, at: dt.datetime) -> str:
    return shop_time(at, machine.work_centre.plant.time_zone)


@transaction.atomic
def report_machine_down(
    *,
    machine_id: int,
    since_at: dt.datetime,
    now: dt.datetime,
    estimated_until_at: dt.datetime | None = None,
    reason_id: int | None = None,
    by: Employee | None = None,
    code: str = FAULT,
    text: str = "",
) -> Downtime:
    """Open a downtime, raise the alarm, pause what runs; the plan reacts through the fact.

    Locks the machine. Raises AlreadyDown when a downtime is open, WrongTime for a time in the future or older
    than a week.
    """
    machine = locked(machine_id)
    events.check_clock(since_at, now, field="since_at")
    if estimated_until_at is not None and estimated_until_at <= since_at:
        raise Refusal(
            "The machine cannot be back before it stopped. Give a later time or leave it open.",
            field="estimated_until_at",
        )
    opened = Downtime.objects.filter(machine=machine, until_at__isnull=True).first()
    if opened is not None:
        raise AlreadyDown(
            f"{machine.code} is already reported down since {_shop_time(machine, opened.since_at)}.",
            machine=machine.code,
        )
    alarm = alarms.raise_alarm(
        machine=machine, code=code, text=text or f"{machine.code} {machine.name} is down", at=since_at
    )
    downtime = Downtime.objects.create(
        machine=machine,
        alarm=alarm,
        since_at=since_at,
        estimated_until_at=estimated_until_at,
        reason_id=reason_id,
        reported_by=by,
    )
    _pause_what_runs(machine, since_at, f"downtime:{downtime.pk}")
    states.refold(machine_id=machine.pk, since=since_at)
    facts.state(
        MachineDown(
            machine_id=machine.pk,
            plant_id=machine.work_centre.plant_id,
            downtime_id=downtime.pk,
            since_at=since_at,
            estimated_until_at=estimated_until_at,
        )
    )
    _tell(machine)
    return downtime


@transaction.atomic
def report_machine_up(*, machine_id: int, until_at: dt.datetime, now: dt.datetime) -> Downtime:
    """Close the open downtime and clear its alarm. Raises NotDown."""
    machine = locked(machine_id)
    events.check_not_ahead(until_at, now, field="until_at")
    downtime = (
        Downtime.objects.select_for_update().filter(machine=machine, until_at__isnull=True).order_by("pk").first()
    )
    if downtime is None:
        raise NotDown(f"{machine.code} is not reported down.", machine=machine.code)
    if until_at < downtime.since_at:
        raise events.WrongTime("The machine cannot be back before it stopped. Check the time.", machine=machine.code)
    downtime.until_at = until_at
    downtime.save(update_fields=["until_at"])
    alarms.clear_alarms(machine=machine, codes=[FAULT, downtime.alarm.code if downtime.alarm else FAULT], at=until_at)
    states.refold(machine_id=machine.pk, since=until_at)
    facts.state(
        MachineUp(
            machine_id=machine.pk,
            plant_id=machine.work_centre.plant_id,
            downtime_id=downtime.pk,
            until_at=until_at,
        )
    )
    _tell(machine)
    return downtime


@transaction.atomic
def take_machine_event(
    *, event_id: str, machine_code: str, state: str, happened_at: dt.datetime, now: dt.datetime, code: str = ""
) -> tuple[MachineEvent, bool]:
    """Take a machine's or integration's message; returns it and whether it is new.

    A fault opens the same downtime and alarm as the tablet, any working state closes them. The same id again changes
    nothing; with other content it raises ReusedEventId. Raises UnknownMachine, WrongTime. `state` is one of ours or a
    word of OPC 40550.
    """
    state = OPC_40550.get(state, state)
    found = Machine.objects.filter(code=machine_code).first()
    if found is None:
        raise UnknownMachine(
            f"No machine has the code {machine_code}. Check the code in the machine list.", field="machine"
        )
    machine = locked(found.pk)
    print_ = events.fingerprint(machine=machine_code, state=state, code=code, at=happened_at)
    first = MachineEvent.objects.filter(pk=event_id).first()
    if first is not None:
        if first.fingerprint != print_:
            raise events.ReusedEventId(
                "This event id was used for something else. Nothing was changed.", event_id=event_id
            )
        return first, False
    events.check_clock(happened_at, now, field="time")
    event = MachineEvent.objects.create(
        pk=event_id, machine=machine, state=state, code=code, happened_at=happened_at, fingerprint=print_
    )
    opened = Downtime.objects.filter(machine=machine, until_at__isnull=True).first()
    if state == MachineState.State.FAULT:
        _take_fault(machine, opened, code, happened_at, now)
    elif opened is not None and happened_at >= opened.since_at and state in WORKING:
        report_machine_up(machine_id=machine.pk, until_at=happened_at, now=now)
    states.refold(machine_id=machine.pk, since=happened_at)
    _tell(machine)
    return event, True


def _take_fault(
    machine: Machine, opened: Downtime | None, code: str, happened_at: dt.datetime, now: dt.datetime
) -> None:
    """Open a downtime, or count once more the alarm of the open one. An older fault repeats nothing."""
    if opened is None:
        text = f"{machine.code} {machine.name} is down" + (f": {code}" if code else "")
        report_machine_down(machine_id=machine.pk, since_at=happened_at, now=now, code=code or FAULT, text=text)
    elif happened_at >= opened.since_at:
        alarms.raise_alarm(machine=machine, code=opened.alarm.code if opened.alarm else FAULT, text="", at=happened_at)


WORKING = (
    MachineState.State.IDLE,
    MachineState.State.SETUP,
    MachineState.State.PRODUCING,
    MachineState.State.STOPPED,
)


def _pause_what_runs(machine: Machine, at: dt.datetime, cause: str) -> None:
    run = (
        OperationRun.objects.select_for_update(no_key=True, of=("self",))
        .filter(machine=machine, state__in=[OperationRun.State.RUNNING, OperationRun.State.SETUP])
        .select_related("machine__work_centre")
        .order_by("pk")
        .first()
    )
    if run is None:
        return
    progress.pause_by_house(run, at, cause)


def _tell(machine: Machine) -> None:
    """Everything that shows the machine: its state, its list, and the alarm that opened or closed with it."""
    for topic in ("machine", "dispatch", "alarm"):
        live.publish(topic, machine.pk, plant_id=machine.work_centre.plant_id)
