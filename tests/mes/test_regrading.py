"""Pieces that were reported good and are not: scrapped and reworked by a decision, at a finished operation too."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp.models import StockBalance
from masterdata.errors import Refusal
from mes import services as mes
from mes.models import NonConformance, OperationRun
from tests.mes.hall import Hall, hall, step
from tests.mes.laboratory import D, check, decide, fault, plan
from tests.mes.test_nonconformances import planing, working

pytestmark = pytest.mark.django_db


def told(operation_id: int) -> tuple[str, int, int, int]:
    """The run: its state, good, scrap and rework pieces."""
    run = OperationRun.objects.get(operation=operation_id)
    return run.state, int(run.good_qty), int(run.scrap_qty), int(run.rework_qty)


def is_sound(shop: Hall) -> bool:
    """Whether the log folded anew says what the rows say."""
    return not mes.rebuild(plant_ids=[shop.shop.plant.pk])


def test_a_check_of_a_reported_piece_makes_scrap_of_it() -> None:
    """Four of ten are good; the check of the fourth fails and it is scrapped: 3 + 1, six are left.

    Boards 4 x 2 x 3.00 and 30 minutes at 90 an hour: 24.00 + 45.00 over four pieces, 17.25.
    """
    shop, saw = working()
    checks = plan(shop, on_fault="raise")
    check(checks, saw, 35, "401.0", True, piece_no=4)
    row = NonConformance.objects.get()
    assert row.place == "good"
    made = decide(row, "scrap", "1", 40, defect_id=shop.reasons["S-CHIP"].pk)
    assert told(saw.pk) == ("running", 3, 1, 0)
    saw.refresh_from_db()
    assert (saw.good_qty, saw.scrap_qty, saw.worked_min) == (3, 1, 30)
    assert made.value == D("17.25")
    assert is_sound(shop)


def test_at_a_finished_operation_pieces_are_scrapped_and_reworked() -> None:
    """All ten are good and the operation is finished; the next one has worked on six. One is scrapped, one goes to
    rework: eight are good, and it ends when the ninth is back."""
    shop, saw = working()
    shop.report(saw, "SAW-1", 60, "6")
    pack = step(saw.work_order, 20)
    shop.start(pack, "PACK-1", 61)
    shop.report(pack, "PACK-1", 70, "6")
    row = fault(shop, saw, "2", 75)
    assert row.place == "good"
    decide(row, "scrap", "1", 80)
    assert told(saw.pk) == ("finished", 9, 1, 0)
    made = decide(row, "rework", "1", 81, rework=planing(shop))
    assert told(saw.pk) == ("paused", 8, 1, 1)
    assert is_sound(shop)
    shop.start(made.rework_step, "SAW-2", 90)
    shop.report(made.rework_step, "SAW-2", 100, "1")
    saw.refresh_from_db()
    assert (saw.good_qty, saw.scrap_qty, saw.rework_qty) == (9, 1, 0)
    assert saw.finished_at is not None
    assert step(saw.work_order, 20).good_qty == 6
    assert is_sound(shop)


def test_pieces_of_several_reports_and_what_the_next_operation_has_had() -> None:
    """Four and six are good, packing has had two. Seven are scrapped, of both reports; then three are left, and two
    of those cannot be bad without one that is packed."""
    shop, saw = working()
    shop.report(saw, "SAW-1", 60, "6")
    pack = step(saw.work_order, 20)
    shop.start(pack, "PACK-1", 61)
    shop.report(pack, "PACK-1", 70, "2")
    made = decide(fault(shop, saw, "7", 75), "scrap", "7", 80)
    assert told(saw.pk) == ("finished", 3, 7, 0)
    assert made.event.scrap_qty == 7
    assert is_sound(shop)
    with pytest.raises(Refusal, match="has worked on 2 of these pieces"):
        decide(fault(shop, saw, "2", 110), "scrap", "2", 111)


def test_pieces_of_a_closed_order_are_scrapped_in_stock() -> None:
    """Ten shelves are made and lie in stock: one is scrapped there, at its value; the reports stand."""
    shop, saw = working()
    shop.report(saw, "SAW-1", 60, "6")
    pack = step(saw.work_order, 20)
    shop.start(pack, "PACK-1", 61)
    shop.report(pack, "PACK-1", 81, "10")
    made = decide(fault(shop, pack, "1", 90), "scrap", "1", 95)
    assert (made.value, made.move.kind, made.event_id) == (made.move.value, "scrap", None)
    assert made.value > 0
    assert sum(row.on_hand for row in StockBalance.objects.filter(material=shop.shop.materials["SHELF"])) == 9
    assert told(pack.pk) == ("finished", 10, 0, 0)
    again = decide(fault(shop, pack, "1", 96), "rework", "1", 97, rework=planing(shop)).rework_order
    assert (again.state, again.quantity, again.is_rework) == ("released", 1, True)


def test_the_page_scraps_what_was_reported_good(client: Client) -> None:
    """Raised at a page as reported good, of two good of ten: 1 + 1, although eight could still be reported."""
    shop: Hall = hall()
    saw = step(shop.shelves(), 10)
    now = timezone.now()
    for minutes, kind, good in ((60, "start", "0"), (30, "report", "2")):
        event = replace(shop.event(saw, "SAW-1", 0, good), happened_at=now - dt.timedelta(minutes=minutes))
        getattr(mes, kind)(event=event, now=now)
    client.force_login(shop.person("quality"))
    fields = {"quantity": "1", "severity": "major", "text": "Cracked", "place": "good"}
    client.post(reverse("mes:raise_of_operation", args=[saw.pk]), fields | {"idempotency_key": uuid.uuid4().hex})
    row = NonConformance.objects.get()
    page = client.get(reverse("mes:nonconformance", args=[row.pk])).content.decode()
    assert "Reported as good already" in page
    fields = {"kind": "scrap", "quantity": "1", "defect": str(shop.reasons["S-CHIP"].pk)}
    client.post(reverse("mes:decide", args=[row.pk]), fields | {"idempotency_key": uuid.uuid4().hex})
    assert told(saw.pk) == ("running", 1, 1, 0)
