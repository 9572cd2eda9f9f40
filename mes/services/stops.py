"""Why a machine stood: the reason of a stop, given afterwards, for all of it or for a part."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Employee, Machine, ReasonCode, User
from mes import state_fold
from mes.models import ExecutionEvent, MachineState
from mes.services import events, states

KINDS = ("downtime", "pause")


class NoSuchStop(Refusal):
    """The machine did not stand at that moment."""

    code = "no_such_stop"


@transaction.atomic
def give_stop_reason(
    *,
    machine_id: int,
    start_at: dt.datetime,
    reason_id: int,
    now: dt.datetime,
    until_at: dt.datetime | None = None,
    operator: Employee | None = None,
    by: User | None = None,
    event_id: uuid.UUID | None = None,
) -> ExecutionEvent:
    """Write the reason of the stop in which `start_at` lies into the log, from there on: to its end or to `until_at`.

    Two reasons of one stop are two events. Locks the machine. The same event id again changes nothing. Raises
    NoSuchStop, InvalidInput, ReusedEventId.
    """
    machine = (
        Machine.objects.select_for_update(no_key=True, of=("self",))
        .select_related("work_centre")
        .order_by("pk")
        .get(pk=machine_id)
    )
    pk = event_id or uuid.uuid4()
    print_ = events.fingerprint(
        kind="stop_reason", machine=machine_id, start=start_at, until=until_at, reason=reason_id
    )
    if events.already_done(pk, print_):
        return ExecutionEvent.objects.get(pk=pk)
    check_stop(machine=machine, start_at=start_at, until_at=until_at, reason_id=reason_id)
    payload = {"interval_start": start_at.isoformat(), "reason": reason_id}
    if until_at is not None:
        payload["until"] = until_at.isoformat()
    event = ExecutionEvent.objects.create(
        pk=pk,
        kind=ExecutionEvent.Kind.STOP_REASON,
        plant_id=machine.work_centre.plant_id,
        machine=machine,
        operator=operator,
        by=by,
        reason_id=reason_id,
        payload=payload,
        happened_at=now,
        corrected_at=now,
        fingerprint=print_,
    )
    states.refold(machine_id=machine_id, since=start_at)
    tell(machine)
    return event


def check_stop(*, machine: Machine, start_at: dt.datetime, until_at: dt.datetime | None, reason_id: int | None) -> None:
    """Raise NoSuchStop unless the machine stood at that moment, InvalidInput for a wrong reason or end."""
    if reason_id is None or not ReasonCode.objects.filter(pk=reason_id, kind__in=KINDS).exists():
        raise InvalidInput("Choose one of the reasons for stops.", field="reason")
    stop = MachineState.objects.filter(machine=machine, since_at__lte=start_at).order_by("-since_at").first()
    is_over = stop is not None and stop.until_at is not None and stop.until_at <= start_at
    if stop is None or is_over or stop.state not in state_fold.EXPLAINED:
        raise NoSuchStop(
            f"{machine.code} did not stand still then. Choose the stop again in the machine's states.",
            machine=machine.code,
        )
    if until_at is not None and until_at <= start_at:
        raise InvalidInput("The reason must end after it begins.", field="until")


def tell(machine: Machine) -> None:
    """The machine's states have changed."""
    live.publish("machine", machine.pk, plant_id=machine.work_centre.plant_id)
