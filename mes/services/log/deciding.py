"""Decisions about what was kept back: by the shift lead, or by itself when what it waited for has come."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from masterdata import live, statements
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from mes.models import Device, Quarantine
from mes.services.events import FloorEvent, WrongTime, check_clock
from mes.services.holds import LETS_GO, OperationHeld
from mes.services.log import doing
from mes.services.log.quarantine import WAITS, event_of

UNLOOKED = (WAITS, "number_used")
LONGEST_WAIT = dt.timedelta(minutes=15)
# Refusals that another event of the same work order may lift.
LIFTED = ("over_report", "not_running", "earlier_operation_open", "still_in_rework", "nothing_to_correct", "check_due")
# Refusals that another event of the same person may lift.
LIFTED_BY_PERSON = ("already_clocked_in", "works_elsewhere")
_LIFTABLE = """
    SELECT q.id FROM mes_quarantine q JOIN mes_executionevent e ON e.id = q.event_id
    WHERE q.state = 'open' AND (q.code = ANY(%s) AND e.operation_id IN (
        SELECT id FROM erp_workorderoperation WHERE work_order_id = (
            SELECT work_order_id FROM erp_workorderoperation WHERE id = %s))
        OR q.code = ANY(%s) AND e.operator_id = %s)
    ORDER BY e.corrected_at, e.device_seq, e.id
"""


# What a hold has kept back.
_HELD = """
    SELECT q.id FROM mes_quarantine q JOIN mes_executionevent e ON e.id = q.event_id
    WHERE q.state = 'open' AND q.code = %s AND e.operation_id = %s ORDER BY e.corrected_at, e.device_seq, e.id
"""


class AlreadyDecided(Refusal):
    """Somebody has decided about the event before."""

    code = "already_decided"


def accept_quarantined(*, quarantine_id: int, by: User | None, now: dt.datetime, note: str = "") -> Quarantine:
    """The event counts after all, as of its own time; more pieces than ordered are accepted by it. What waited for it
    counts too.

    Raises AlreadyDecided, WrongTime when it happened at no time that can be, and what the event's kind raises while it
    still can't be: then it stays where it is.
    """
    with transaction.atomic():
        row = opened(quarantine_id)
        _check_time(row)
        event = event_of(row.event, accepts_over=by is not None)
        decide(row, Quarantine.State.ACCEPTED, by, note, now)
        doing.do(event, now, is_late=True)
    if by is not None:
        try_again(event, now)
    return row


def can_be_accepted(row: Quarantine) -> bool:
    """Whether it may count as it was told: what has a time that can't be is corrected or dismissed."""
    return row.code != WrongTime.code


def _check_time(row: Quarantine) -> None:
    """Raises WrongTime, also for what was kept before anybody looked at its time."""
    if not can_be_accepted(row):
        raise WrongTime(
            "Its time can't be right, and minutes are booked by it. Press Correct and say when it happened, or dismiss "
            "it.",
            field="happened_at",
        )
    if row.code in UNLOOKED:
        check_clock(row.event.corrected_at, row.since_at)


@transaction.atomic
def dismiss_quarantined(*, quarantine_id: int, by: User, note: str, now: dt.datetime) -> Quarantine:
    """The event never counts; it stays in the log with why. Raises AlreadyDecided, InvalidInput without a note."""
    if not note.strip():
        raise InvalidInput("Say why it does not count, then dismiss it.", field="note")
    row = opened(quarantine_id)
    decide(row, Quarantine.State.DISMISSED, by, note, now)
    return row


def opened(quarantine_id: int) -> Quarantine:
    """The quarantine, locked, with its event. Raises AlreadyDecided."""
    rows = Quarantine.objects.select_for_update(no_key=True, of=("self",)).select_related("event").order_by("pk")
    row = rows.get(pk=quarantine_id)
    if row.state != Quarantine.State.OPEN:
        raise AlreadyDecided(f"This was {Quarantine.State(row.state).label.lower()} meanwhile. Nothing was changed.")
    return row


def decide(row: Quarantine, state: str, by: User | None, note: str, now: dt.datetime) -> None:
    """Write down what was decided; call under the lock."""
    row.state, row.decided_by, row.decided_at, row.note = state, by, now, note.strip()[:400]
    row.save(update_fields=["state", "decided_by", "decided_at", "note"])
    live.publish("quarantine", row.plant_id or 0, plant_id=row.plant_id)


def try_again(event: FloorEvent, now: dt.datetime) -> None:
    """What waited for this event of the work order or the person counts now, in the order of its own time; one after
    the other, as long as something is lifted."""
    _lift_what_waits(event.operation_id or None, event.operator_id, now)


def _lift_what_waits(operation_id: int | None, person_id: int | None, now: dt.datetime) -> None:
    if not (operation_id or person_id):
        return
    by_job = statements.array(LIFTED), operation_id
    by_person = statements.array(LIFTED_BY_PERSON), person_id
    lifted = True
    while lifted:
        lifted = False
        for (quarantine_id,) in statements.run(_LIFTABLE, [*by_job, *by_person]):
            lifted = _lift(quarantine_id, now) or lifted


def count_released(operation_id: int, now: dt.datetime) -> None:
    """Quality has released the operation, or a check of it is recorded: what waited for that counts, in the order of
    its own time. What something else stands against waits on, with that."""
    for (quarantine_id,) in statements.run(_HELD, [OperationHeld.code, operation_id]):
        let_go_on(quarantine_id, now, note="Counts since quality has released the operation")
        row = Quarantine.objects.select_related("event").get(pk=quarantine_id)
        if row.state == Quarantine.State.ACCEPTED:
            try_again(event_of(row.event), now)
    _lift_what_waits(operation_id, None, now)


LETS_GO.append(count_released)


def _lift(quarantine_id: int, now: dt.datetime) -> bool:
    try:
        accept_quarantined(quarantine_id=quarantine_id, by=None, now=now, note="Counts since what it waited for came")
    except Refusal:
        return False
    return True


def next_waiting(device: Device) -> int | None:
    """The quarantine of the device's next event, when it came before its turn."""
    rows = Quarantine.objects.filter(
        event__device=device, event__device_seq=device.told_seq + 1, code=WAITS, state=Quarantine.State.OPEN
    )
    return rows.values_list("pk", flat=True).first()


def waiting_until(device: Device, number: int) -> list[int]:
    """Quarantines of the device's events up to that number that came before their turn, in their order."""
    rows = Quarantine.objects.filter(
        event__device=device, event__device_seq__lte=number, code=WAITS, state=Quarantine.State.OPEN
    )
    return list(rows.order_by("event__device_seq").values_list("pk", flat=True))


def let_go_on(quarantine_id: int, now: dt.datetime, note: str = "") -> None:
    """An event's turn has come. What can't be waits for the shift lead from now on, with why."""
    try:
        accept_quarantined(quarantine_id=quarantine_id, by=None, now=now, note=note)
    except Refusal as refusal:
        Quarantine.objects.filter(pk=quarantine_id, state=Quarantine.State.OPEN).update(
            code=refusal.code[:40], sentence=refusal.sentence[:400]
        )


def release_stale(*, now: dt.datetime) -> int:
    """Clockwork: what a device never sent is not waited for longer than a quarter of an hour; how many go on."""
    rows = Quarantine.objects.filter(state=Quarantine.State.OPEN, code=WAITS, since_at__lt=now - LONGEST_WAIT)
    found = list(
        rows.order_by("event__device", "event__device_seq").values_list("pk", "event__device", "event__device_seq")
    )
    for quarantine_id, device_id, number in found:
        Device.objects.filter(pk=device_id, told_seq__lt=number).update(told_seq=number)
        let_go_on(quarantine_id, now)
    return len(found)
