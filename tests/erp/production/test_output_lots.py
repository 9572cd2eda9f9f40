"""What comes out of production has the lot or serial numbers that its material asks for, and can be traced."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import Lot, MaterialValue, StockBalance, StockMove, WorkOrder
from erp.stock.selectors import lot_trace
from masterdata import accounts
from masterdata.errors import InvalidInput
from masterdata.models import Material
from tests.erp.shop import NOW, Shop

D = Decimal


def product(shop: Shop, tracking: str, *, quantity: str = "3") -> WorkOrder:
    """A work order for tables kept so, two glue each; glue B (3) expires before A (5)."""
    table, glue = shop.make("TABLE"), shop.buy("GLUE")
    shop.bom(table, (glue, "2"))
    table = erp.set_tracking(material_id=table.pk, tracking=tracking)
    glue = erp.set_tracking(material_id=glue.pk, tracking=Material.Tracking.LOT)
    for number, pieces, month in (("A", 5, 9), ("B", 3, 8)):
        lot = erp.ensure_lot(material=glue, number=number, expires_on=dt.date(2026, month, 1), now=NOW)
        erp.receive_opening(rows=[erp.OpeningStock(glue.pk, shop.shelf.pk, D(pieces), D(1), lot.pk)], now=NOW)
    shop.order((table, quantity))
    return WorkOrder.objects.get()


def report(order: WorkOrder, good: str, lot: str = "", **more: object) -> None:
    erp.report_operation(
        operation_id=order.operations.get().pk, good_qty=D(good), scrap_qty=D(0), worked_min=D(0), now=NOW,
        lot_number=lot, **more,
    )  # type: ignore[arg-type]  # fmt: skip


def there(code: str) -> list[tuple[str, Decimal]]:
    rows = StockBalance.objects.filter(material__code=code, on_hand__gt=0).order_by("lot__number")
    return list(rows.values_list("lot__number", "on_hand"))


def test_reports_of_a_work_order_fill_its_own_lot_and_take_what_expires_first(shop: Shop) -> None:
    """1 table takes 2 of B; 2 more take the last of B and 3 of A: 2 of A stay. Three tables lie in one lot."""
    order = product(shop, Material.Tracking.LOT)
    report(order, "1")
    assert (there("TABLE"), there("GLUE")) == ([(order.number, 1)], [("A", 5), ("B", 1)])
    report(order, "2")
    assert (there("TABLE"), there("GLUE")) == ([(order.number, 3)], [("A", 2)])
    taken = StockMove.objects.filter(work_order=order, kind=StockMove.Kind.ISSUE).order_by("id")
    assert list(taken.values_list("lot__number", "quantity")) == [("B", 2), ("B", 1), ("A", 3)]


def test_a_lot_leads_to_the_work_order_that_made_it_and_on_to_the_customer(shop: Shop) -> None:
    order = product(shop, Material.Tracking.LOT)
    report(order, "3")
    sold = order.sales_order_line
    assert sold is not None
    erp.ship(shipment_id=erp.pack_shipment(order_id=sold.order_id, now=NOW).pk, now=NOW)
    wanda = accounts.create_user(username="wanda", roles=[accounts.Role("warehouse", shop.company)])
    way = lot_trace(Lot.objects.get(number=order.number), wanda)
    assert [(row.kind, row.work_order, row.quantity) for row in way] == [("output", order, 3), ("shipment", None, 3)]
    assert [row.document for row in way] == [order.number, sold.order.number]  # type: ignore[attr-defined]


def test_numbered_pieces_count_on_from_report_to_report_and_share_the_value(shop: Shop) -> None:
    """3 tables of 2 glue at 1.00: 6.00 in all, each piece in its own number."""
    order = product(shop, Material.Tracking.SERIAL)
    report(order, "2")
    report(order, "1")
    assert there("TABLE") == [(f"{order.number}-00{place}", 1) for place in (1, 2, 3)]
    assert set(Lot.objects.filter(material=order.material_id).values_list("kind", flat=True)) == {"serial"}
    made = StockMove.objects.filter(kind=StockMove.Kind.OUTPUT)
    assert [row.value for row in made] == [2, 2, 2]
    assert MaterialValue.objects.get(material=order.material_id).value == 6


def test_numbers_that_are_known_already_are_passed_over(shop: Shop) -> None:
    order = product(shop, Material.Tracking.SERIAL)
    erp.ensure_lot(material=order.material, number=f"{order.number}-002", now=NOW)
    report(order, "3")
    assert [number[-3:] for number, _ in there("TABLE")] == ["001", "003", "004"]


def test_a_number_may_be_given(shop: Shop) -> None:
    """Of 3 pieces one is stamped X1, the others count on behind the stem Y."""
    order = product(shop, Material.Tracking.SERIAL)
    report(order, "1", "X1")
    report(order, "2", " Y ")
    assert there("TABLE") == [("X1", 1), ("Y-001", 1), ("Y-002", 1)]


def test_a_given_lot_takes_pieces_of_several_reports(shop: Shop) -> None:
    order = product(shop, Material.Tracking.LOT)
    report(order, "1", "MAY")
    report(order, "1", "MAY")
    report(order, "1")
    assert there("TABLE") == [("MAY", 2), (order.number, 1)]


@pytest.mark.parametrize(("tracking", "good"), [(Material.Tracking.NONE, "1"), (Material.Tracking.LOT, "0")])
def test_a_number_without_a_lot_to_be_made_is_refused(shop: Shop, tracking: str, good: str) -> None:
    order = product(shop, tracking)
    with pytest.raises(InvalidInput) as refusal:
        report(order, good, "MAY", finish=True)
    assert refusal.value.field == "lot"
    assert not Lot.objects.filter(number="MAY").exists()
