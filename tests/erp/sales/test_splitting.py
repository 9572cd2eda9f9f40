"""A work order is split: the parts sum to the whole in pieces, needs, what is kept and coming, and cost."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from erp import services as erp
from erp.models import CostEntry, Peg, Reservation, WorkOrder, WorkOrderOperation
from erp.production.services.keeping import WorkOrderEnded
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import FactRecord
from tests.erp.production.test_reports import shop_with_boards, ten_shelves
from tests.erp.shop import NOW, Shop
from tests.erp.workbench import report, step, wip
from tests.factories import NOW as THEN
from tests.pages.conftest import person

pytestmark = pytest.mark.django_db

D = Decimal
LATER = NOW + dt.timedelta(hours=2)


def split(work: WorkOrder, quantity: str, now: dt.datetime = LATER) -> WorkOrder:
    made = erp.split_work_order(work_order_id=work.pk, quantity=D(quantity), reason="Two customers", now=now)
    work.refresh_from_db()
    return made


def kept(work: WorkOrder) -> Decimal:
    rows = Reservation.objects.filter(work_order_material__work_order=work)
    return rows.aggregate(sum=Sum("quantity"))["sum"] or D(0)


def test_what_is_kept_and_coming_goes_with_the_pieces(shop: Shop) -> None:
    """10 tables of 2 legs: 20 legs, 14 kept from stock, 6 bought. 4 tables go: the six need 12, which are kept; the
    four need 8: 2 kept, 6 to come. Each half is planned at what a table is planned at.
    """
    table, leg = shop.make("TABLE"), shop.buy("LEG", cost="3")
    shop.price(leg, "3")
    shop.bom(table, (leg, "2"))
    shop.stock(leg, "14", "3")
    sold = shop.order((table, "10", "100"))
    work = WorkOrder.objects.get()
    other = split(work, "4")
    assert (work.quantity, other.quantity, other.state, other.path) == (6, 4, "firm", work.path)
    assert other.planned_unit_cost == work.planned_unit_cost > 0
    assert (work.materials.get().quantity, other.materials.get().quantity) == (12, 8)
    assert (kept(work), kept(other)) == (12, 2)
    coming = Peg.objects.filter(work_order_material__isnull=False)
    assert list(coming.values_list("work_order_material__work_order", "quantity")) == [(other.pk, 6)]
    wanted = Peg.objects.filter(sales_order_line__order=sold).order_by("work_order")
    assert list(wanted.values_list("work_order", "quantity")) == [(work.pk, 6), (other.pk, 4)]
    assert list(other.operations.values_list("sequence", "setup_min", "is_last")) == [(10, 10, True)]
    told = FactRecord.objects.filter(kind="WorkOrderChanged", payload__what="split")
    assert {row.payload["work_order_id"]: row.payload["text"] for row in told} == {
        work.pk: f"4 EA went to {other.number}: Two customers",
        other.pk: f"4 EA of {work.number}: Two customers",
    }
    planned = FactRecord.objects.filter(kind="SupplyPlanned").latest("pk")
    assert planned.payload["work_order_ids"] == [other.pk]


def test_what_was_issued_beyond_its_share_goes_with_its_cost() -> None:
    """10 shelves of 2 boards at 3.00; all 20 boards are issued by hand, 60.00. 3 sawn in 30 min: 45.00.

    7 shelves go: 14 boards worth 42.00 with them. In work: 60 + 45 - 42 = 63.00 and 42.00. The three end, as they are
    all reported; packed in 10 min (4.00) they take 67.00. The seven: sawn in 60 min 90.00, packed in 20 min 8.00:
    140.00.
    """
    work = ten_shelves(shop_with_boards())
    erp.release_work_order(work_order_id=work.pk, now=THEN)
    board = work.materials.get().material_id
    erp.issue_material(work_order_id=work.pk, material_id=board, quantity=D(20), now=THEN)
    report(work, 10, "3", minutes="30")
    other = split(work, "7", THEN)
    needs = [one.materials.get() for one in (work, other)]
    assert [(one.quantity, one.issued_qty, one.issued_value) for one in needs] == [(6, 6, 18), (14, 14, 42)]
    assert (wip(work), wip(other)) == (63, 42)
    assert (other.state, other.released_at, other.split_from) == ("released", THEN, work)
    assert step(work, 10).finished_at == THEN
    report(work, 20, "3", minutes="10")
    report(other, 10, "7", minutes="60")
    report(other, 20, "7", minutes="20")
    for one, boards, worth in ((work, 18, 67), (other, 42, 140)):
        one.refresh_from_db()
        assert one.state == "closed"
        spent = CostEntry.objects.filter(work_order=one, element="material", kind="incurred")
        assert spent.aggregate(sum=Sum("amount"))["sum"] == boards
        out = CostEntry.objects.filter(work_order=one, kind="transfer")
        assert out.aggregate(sum=Sum("amount"))["sum"] == -worth


def test_a_sheet_is_not_two_halves(shop: Shop) -> None:
    """1 sheet for 4 doors: the first half takes it, the second needs none. Split once more, they are one family."""
    door, sheet = shop.make("DOOR"), shop.buy("SHEET", cost="9")
    shop.bom(door, (sheet, "1"), base="4")
    shop.stock(sheet, "1", "9")
    shop.order((door, "4", "50"))
    work = WorkOrder.objects.get()
    other = split(work, "2")
    assert (work.materials.get().quantity, other.materials.count()) == (1, 0)
    third = split(other, "1")
    assert {third.split_from_id, other.split_from_id} == {work.pk}


def test_what_is_reported_stays_and_no_more_goes() -> None:
    work = ten_shelves(shop_with_boards())
    with pytest.raises(erp.NothingToSplit, match="at most 9 pc"):
        split(work, "10")
    report(work, 10, "3", "1")
    with pytest.raises(erp.NothingToSplit, match="4 pc of WO-2026-00001 are reported and stay with it: at most 6"):
        split(work, "7")
    with pytest.raises(InvalidInput):
        split(work, "0.5")
    report(work, 10, finish=True)  # the other six are lost
    with pytest.raises(erp.NothingToSplit, match="at most 0 pc"):
        split(work, "1")
    with pytest.raises(StaleVersion):
        erp.split_work_order(work_order_id=work.pk, quantity=D(1), now=LATER, expected_version=work.version + 7)
    erp.close_short(work_order_id=work.pk, reason="Enough", now=THEN)
    with pytest.raises(WorkOrderEnded, match="closed"):
        split(work, "1")
    assert WorkOrder.objects.count() == 1
    assert WorkOrderOperation.objects.count() == 2


def test_it_is_split_on_its_page(client: Client) -> None:
    shop = shop_with_boards()
    client.force_login(person("pia", "planner", shop.plant))
    work = ten_shelves(shop)
    url = reverse("erp:work_order_split", args=[work.pk])
    assert url in client.get(reverse("erp:work_order", args=[work.pk])).content.decode()
    assert "at most 9 pc can go" in client.post(url, {"quantity": "10"}).content.decode()
    answer = client.post(url, {"quantity": "4", "reason": ""})
    made = WorkOrder.objects.exclude(pk=work.pk).get()
    assert answer["Location"] == reverse("erp:work_order", args=[made.pk])
    assert made.quantity == 4
