"""Handover of a shift: begun, noted, signed by the one who leaves, accepted by the one who comes."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import transaction

from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Plant, User
from masterdata.rights import demand
from mes import selectors, shifts
from mes.models import ExecutionEvent, Handover
from mes.services import log
from mes.services.events import FloorEvent

State = Handover.State


class HandoverSigned(Refusal):
    """What was signed stands."""

    code = "handover_signed"


class NotSigned(Refusal):
    """Nobody has handed over yet."""

    code = "handover_not_signed"


class OwnHandover(Refusal):
    """Whoever leaves does not accept for the one who comes."""

    code = "own_handover"


@transaction.atomic
def begin_handover(*, plant: Plant, now: dt.datetime, by: User) -> Handover:
    """The handover of the shift that is on, else of the last one; the one that is begun already. Raises InvalidInput
    where the plant's calendar has no shifts."""
    demand(by, "mes.write_handover", plant)
    turn = shifts.turn_at(shifts.calendar_of_plant(plant), now)
    if turn is None:
        raise InvalidInput(f"The calendar of {plant.name} has no shift in the last two weeks. Enter its shifts first.")
    row, _ = Handover.objects.get_or_create(
        plant=plant,
        starts_at=turn.starts_at,
        defaults={"shift_name": turn.name, "ends_at": turn.ends_at, "made_at": now},
    )
    return row


@transaction.atomic
def write_notes(*, handover: Handover, notes: str, by: User, expected_version: int | None = None) -> Handover:
    """What no figure says. Raises NotAllowed, HandoverSigned, StaleVersion."""
    demand(by, "mes.write_handover", handover.plant_id)
    row = _locked(handover)
    if expected_version is not None and expected_version != row.version:
        raise StaleVersion("Somebody else wrote notes meanwhile.")
    _open(row)
    row.notes, row.version = notes.strip(), row.version + 1
    row.save(update_fields=["notes", "version"])
    return row


@transaction.atomic
def sign_handover(*, handover: Handover, by: User, now: dt.datetime) -> Handover:
    """The one who leaves signs: from now on it says what was. Raises NotAllowed, HandoverSigned."""
    demand(by, "mes.write_handover", handover.plant_id)
    row = _locked(handover)
    _open(row)
    row.content = selectors.fill_handover(plant=row.plant, since=row.starts_at, until=min(now, row.ends_at))
    row.state, row.signed_by, row.signed_at, row.version = State.SIGNED, by, now, row.version + 1
    row.save()
    _log(row, "signed", by, now)
    return row


@transaction.atomic
def accept_handover(*, handover: Handover, remark: str, by: User, now: dt.datetime) -> Handover:
    """The one who comes has read it. Raises NotAllowed, NotSigned, HandoverSigned, OwnHandover."""
    demand(by, "mes.write_handover", handover.plant_id)
    row = _locked(handover)
    if row.state == State.OPEN:
        raise NotSigned("Nobody has signed this handover yet. Ask the shift lead who leaves to sign it.")
    if row.state == State.ACCEPTED:
        raise HandoverSigned(f"{row.accepted_by} has accepted this handover already.")
    if row.signed_by_id == by.pk:
        raise OwnHandover("You signed this handover: the shift lead who comes accepts it.")
    row.state, row.accepted_by, row.accepted_at, row.version = State.ACCEPTED, by, now, row.version + 1
    row.remark = remark.strip()[:400]
    row.save()
    _log(row, "accepted", by, now)
    return row


def _locked(handover: Handover) -> Handover:
    rows = Handover.objects.select_for_update(no_key=True, of=("self",)).select_related("plant")
    return rows.order_by("pk").get(pk=handover.pk)


def _open(row: Handover) -> None:
    if row.state != State.OPEN:
        raise HandoverSigned(f"{row.signed_by} has signed this handover: what was handed over stands.")


def _log(row: Handover, step: str, by: User, now: dt.datetime) -> None:
    person = getattr(by, "employee", None)
    event = FloorEvent(
        kind=ExecutionEvent.Kind.HANDOVER,
        event_id=uuid.uuid4(),
        operator_id=person.pk if person else None,
        happened_at=now,
        payload={"handover": row.pk, "step": step},
        plant_id=row.plant_id,
        by_id=by.pk,
    )
    log.take(event=event, now=now)
    live.publish("handover", row.pk, plant_id=row.plant_id)
