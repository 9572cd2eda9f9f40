"""A kept event that was told wrong is said right by the shift lead: pages, REST, and what stays in the log."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Employee, Plant, User
from mes import services as mes
from mes.models import Attendance, ExecutionEvent, OperationRun, Quarantine
from mes.services.log import AlreadyDecided, NothingToCorrect
from mes.services.log.rewording import Right
from tests.mes.hall import Hall, at, hall, step
from tests.mes.test_log import numbered, send, tablet

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Hall:
    return hall()


@pytest.fixture
def lead(shop: Hall) -> User:
    return shop.person("shift_lead")


def told_too_many(shop: Hall, good: str = "12", **more: Any) -> Quarantine:
    """10 to saw, begun at 0; at 60 a tablet says offline that so many are good."""
    saw = step(shop.shelves(), 10)
    start, report = numbered(
        [
            replace(shop.event(saw, "SAW-1", 0), kind="start"),
            replace(shop.event(saw, "SAW-1", 60, good, **more), kind="report"),
        ]
    )
    send(tablet(shop), start, report)
    return Quarantine.objects.get()


def test_what_is_right_counts_and_names_what_was_told(shop: Hall, lead: User) -> None:
    """12 were told of 10; 9 good and 1 scrap were made, at 55. The 12 stay in the log and never count."""
    row = told_too_many(shop)
    right = Right(good_qty=Decimal(9), scrap_qty=Decimal(1), reason_id=shop.reasons["S-CHIP"].pk, happened_at=at(55))
    row = mes.correct_quarantined(quarantine_id=row.pk, right=right, note="Counted the stack", by=lead, now=at(120))
    run = OperationRun.objects.get()
    assert (run.state, run.good_qty, run.scrap_qty) == ("finished", 9, 1)
    first, instead = row.event, ExecutionEvent.objects.get(replaces=row)
    assert (first.good_qty, first.corrected_at) == (12, at(60))
    assert (instead.kind, instead.good_qty, instead.scrap_qty) == ("report", 9, 1)
    assert (instead.corrected_at, instead.by, instead.operator, instead.device) == (at(55), lead, shop.operator, None)
    assert instead.payload["replaces"] == str(first.pk)
    assert (row.state, row.note, row.decided_by) == ("corrected", "Counted the stack", lead)
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []
    with pytest.raises(AlreadyDecided):
        mes.correct_quarantined(quarantine_id=row.pk, right=right, note="Again", by=lead, now=at(121))


def test_of_a_scanned_lot_as_much_is_used_as_the_pieces_take(shop: Hall, lead: User) -> None:
    """24 boards of a lot were told for 12 pieces: of 8 pieces 16."""
    lot = {"material": shop.shop.materials["BOARD"].pk, "lot": "", "quantity": "24"}
    row = told_too_many(shop, payload={"consumed": [lot]})
    row = mes.correct_quarantined(
        quarantine_id=row.pk,
        right=Right(good_qty=Decimal(8)),
        note="Eight",
        by=lead,
        now=at(120),
    )
    assert row.replaced_by is not None
    assert row.replaced_by.payload["consumed"][0]["quantity"] == "16"
    assert OperationRun.objects.get().good_qty == 8


def test_more_than_was_told_is_as_impossible_as_anywhere(shop: Hall, lead: User) -> None:
    """12 told of 10 may be 11 (accepted by the lead), not 13; refused, all is as before."""
    row = told_too_many(shop)
    with pytest.raises(Refusal, match="Only 10"):
        mes.correct_quarantined(
            quarantine_id=row.pk,
            right=Right(good_qty=Decimal(13)),
            note="More",
            by=lead,
            now=at(120),
        )
    row.refresh_from_db()
    assert (row.state, row.replaced_by) == ("open", None)
    assert ExecutionEvent.objects.count() == 2
    mes.correct_quarantined(
        quarantine_id=row.pk,
        right=Right(good_qty=Decimal(11)),
        note="Eleven",
        by=lead,
        now=at(121),
    )
    assert OperationRun.objects.get().good_qty == 11


def test_nothing_changed_no_word_why_and_a_stranger_are_refused(shop: Hall, lead: User) -> None:
    row = told_too_many(shop)
    plant = shop.shop.plant
    other = Plant.objects.create(
        company=plant.company, code="XX", name="Other", calendar=plant.calendar, time_zone=plant.time_zone
    )
    stranger = Employee.objects.create(code="E9", name="Ann", badge="B-9", plant=other)
    for right, note, field in (
        (Right(), "Why", ""),
        (Right(good_qty=Decimal(9)), " ", "note"),
        (Right(operator_id=stranger.pk), "Ann did it", "operator"),
    ):
        with pytest.raises(InvalidInput) as refused:
            mes.correct_quarantined(quarantine_id=row.pk, right=right, note=note, by=lead, now=at(120))
        assert refused.value.field == field
    assert Quarantine.objects.get().state == "open"


def test_what_takes_back_is_not_corrected(shop: Hall, lead: User) -> None:
    saw = step(shop.shelves(), 10)
    undo = replace(shop.event(saw, "SAW-1", 5), kind="correction", payload={"corrects": str(uuid.uuid4())})
    send(tablet(shop), undo)
    row = Quarantine.objects.get()
    with pytest.raises(NothingToCorrect):
        mes.correct_quarantined(quarantine_id=row.pk, right=Right(happened_at=at(1)), note="x", by=lead, now=at(120))


def test_what_waited_for_it_counts_by_itself(shop: Hall, lead: User) -> None:
    """Sawing told 12 of 10 and waits, so packing's 5 wait for it; sawing put right to 10, packing's 5 count. The same
    when it is accepted as it is."""
    for how in ("correct", "accept"):
        order = shop.shelves()
        saw, pack = step(order, 10), step(order, 20)
        machine, bench = tablet(shop), tablet(shop, "Packing tablet")
        sawn = [replace(shop.event(saw, "SAW-1", 0), kind="start")]
        sawn.append(replace(shop.event(saw, "SAW-1", 60, "12"), kind="report"))
        send(machine, *numbered(sawn))
        packed = [replace(shop.event(pack, "PACK-1", 62), kind="start")]
        packed.append(replace(shop.event(pack, "PACK-1", 70, "5"), kind="report"))
        send(bench, *numbered(packed))
        assert step(order, 20).good_qty == 0
        row = Quarantine.objects.get(state="open", event__operation=saw)
        if how == "correct":
            mes.correct_quarantined(
                quarantine_id=row.pk,
                right=Right(good_qty=Decimal(10)),
                note="Ten",
                by=lead,
                now=at(120),
            )
        else:
            mes.accept_quarantined(quarantine_id=row.pk, by=lead, now=at(120))
        assert step(order, 20).good_qty == 5
        assert not Quarantine.objects.filter(state="open").exists()
        for operation, code in ((saw, "SAW-1"), (pack, "PACK-1")):
            run = OperationRun.objects.get(operation=operation)
            if run.state != "finished":
                mes.pause(event=shop.event(operation, code, 125), now=at(125))


def test_the_page_asks_for_what_was_wrong_and_shows_both(client: Client, shop: Hall, lead: User) -> None:
    """Scanned in twice, the second time by the wrong person: it was Chen Jing's."""
    jing = Employee.objects.create(code="E2", name="Chen Jing", badge="B-2", plant=shop.shop.plant)
    now = timezone.now()
    for minutes in (120, 60):
        came = now - timezone.timedelta(minutes=minutes)
        event = replace(
            shop.event(step(shop.shelves(), 10), "SAW-1", 0), kind="clock_in", operation_id=0, machine_id=0,
            happened_at=came,
        )  # fmt: skip
        mes.take(event=event, now=now, is_late=True)
    row = Quarantine.objects.get()
    client.force_login(lead)
    url = f"/floor/quarantine/{row.pk}/correct/"
    page = client.get(url).content.decode()
    assert "is clocked in since" in page
    assert 'name="good"' not in page
    sent = {"operator": jing.pk, "happened_at": f"{row.event.corrected_at:%Y-%m-%dT%H:%M}", "note": "Jing's badge"}
    empty = client.post(url, sent | {"note": "", "idempotency_key": uuid.uuid4().hex})
    assert empty.status_code == 422
    done = client.post(url, sent | {"idempotency_key": uuid.uuid4().hex}, follow=True)
    page = done.content.decode()
    for words in ("Corrected: this counts now", "What counts instead", "Chen Jing", "Jing&#x27;s badge"):
        assert words in page
    assert Attendance.objects.get(person=jing).since_at == row.event.corrected_at
    client.force_login(shop.person("operator"))
    assert client.get(url).status_code == 403


def test_over_rest_what_is_left_out_is_as_it_was_told(client: Client, shop: Hall, lead: User) -> None:
    row = told_too_many(shop)
    url = f"/api/v1/mes/quarantine/{row.pk}/correct/"
    with time_machine.travel(at(120), tick=True):  # that day: what happened a week ago is no news for the plan
        client.force_login(lead)
        wrong = client.post(url, {"note": "Nine", "good": "-1"}, "application/json", headers={"Idempotency-Key": "1"})
        answer = client.post(url, {"note": "Nine", "good": "9"}, "application/json", headers={"Idempotency-Key": "2"})
    assert wrong.status_code == 400
    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "corrected"
    instead = ExecutionEvent.objects.get(pk=answer.json()["replaced_by"])
    assert (instead.good_qty, instead.operator, instead.machine.code) == (9, shop.operator, "SAW-1")
