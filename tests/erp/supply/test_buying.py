"""Prices by quantity and day, planned orders bought together, and what is bought without a click."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from erp import services as erp
from erp.models import BuyingLimit, Peg, PlannedOrder, PurchaseOrder, PurchaseOrderLine, SupplierPrice
from erp.supply.netting import lots
from erp.supply.sources import best_offer, prices_in_force
from masterdata.models import FactRecord, Material, MaterialCategory, Partner, User
from tests.api.conftest import make_caller
from tests.erp.shop import NOW, Shop

D = Decimal
TODAY = NOW.date()
DAY = dt.timedelta(days=1)


@pytest.fixture
def handle(shop: Shop) -> Material:
    """A handle that a door takes one of."""
    door, handle = shop.make("DOOR"), shop.buy("HANDLE")
    shop.bom(door, (handle, "1"))
    return handle


def tier(shop: Shop, material: Material, price: str, begins: str = "0", **other: object) -> SupplierPrice:
    values = {"supplier": shop.supplier, "unit": material.unit, "lead_time_days": 5} | other
    return SupplierPrice.objects.create(material=material, price=D(price), from_quantity=D(begins), **values)


def offer(shop: Shop, material: Material, total: str, now: dt.datetime = NOW) -> D | None:
    """The price that so much is bought at."""
    found = prices_in_force(plant_id=shop.plant.pk, material_ids=[material.pk], now=now).get(material.pk, ())
    best = best_offer(found, D(total))
    return best and best.price


def limit(shop: Shop, most: str, **other: object) -> BuyingLimit:
    """A limit beside, or instead of, the one that the plant began with."""
    BuyingLimit.objects.filter(for_orders=True, buyer=None).delete()
    buyer, _ = User.objects.get_or_create(username="berta")
    return BuyingLimit.objects.create(plant=shop.plant, buyer=buyer, max_value=D(most), **other)


def wanted(shop: Shop, material: Material, quantity: str, days: int) -> PlannedOrder:
    return PlannedOrder.objects.create(
        plant=shop.plant, material=material, quantity=D(quantity), due_at=NOW + days * DAY
    )


def test_price_follows_the_quantity(shop: Shop, handle: Material) -> None:
    """1.00 a piece, 0.80 from 100 on: 99 cost 1.00 each, 100 cost 0.80 each."""
    tier(shop, handle, "1.00")
    tier(shop, handle, "0.80", "100")
    assert [offer(shop, handle, total) for total in ("99", "100", "250")] == [D("1.00"), D("0.80"), D("0.80")]


def test_other_supplier_is_cheaper_for_few(shop: Shop, handle: Material) -> None:
    """The yard: 1.00, from 100 on 0.80. Quick: 0.90 for any number. 10 come from Quick, 100 from the yard."""
    tier(shop, handle, "1.00")
    tier(shop, handle, "0.80", "100")
    tier(shop, handle, "0.90", supplier=Partner.objects.create(code="S2", name="Quick", is_supplier=True))
    assert (offer(shop, handle, "10"), offer(shop, handle, "100")) == (D("0.90"), D("0.80"))


def test_who_sells_only_many_sells_the_smallest_lot(shop: Shop, handle: Material) -> None:
    """From 50 on: 10 are wanted, 50 are bought."""
    tier(shop, handle, "0.80", "50")
    [only] = prices_in_force(plant_id=shop.plant.pk, material_ids=[handle.pk], now=NOW)[handle.pk]
    assert lots(D(10), only) == [D(50)]


def test_packs_are_whole(shop: Shop, handle: Material) -> None:
    """Packs of 6, at least 10, at most 20 an order: the least is 12, the most 18; 20 are wanted, 18 + 12 bought."""
    tier(shop, handle, "1", pack_quantity=D(6), min_quantity=D(10), max_quantity=D(20))
    [only] = prices_in_force(plant_id=shop.plant.pk, material_ids=[handle.pk], now=NOW)[handle.pk]
    assert (only.least, lots(D(20), only), lots(D(3), only)) == (D(12), [D(18), D(12)], [D(12)])


def test_a_price_holds_on_its_days_in_the_plant(shop: Shop, handle: Material) -> None:
    """1.00 to today, 1.10 from tomorrow on. In Shanghai tomorrow begins at 16:00 UTC."""
    tier(shop, handle, "1.00", valid_until=TODAY)
    tier(shop, handle, "1.10", valid_from=TODAY + DAY)
    shop.plant.time_zone = "Asia/Shanghai"
    shop.plant.save()
    at = dt.datetime(2026, 3, 2, 15, 59, tzinfo=dt.UTC)
    assert [offer(shop, handle, "1", moment) for moment in (at, at + dt.timedelta(minutes=1))] == [D("1.00"), D("1.10")]


def test_two_prices_at_a_time_are_refused(shop: Shop, handle: Material) -> None:
    """The database holds it: same supplier, material and quantity on one day."""
    tier(shop, handle, "1.00", valid_until=TODAY)
    with pytest.raises(IntegrityError, match="one_supplier_price_at_a_time"), transaction.atomic():
        tier(shop, handle, "1.10", valid_from=TODAY)


def test_a_price_that_ends_before_it_begins_is_refused_in_words(shop: Shop, handle: Material) -> None:
    """Not by a word about columns, whatever other prices there are."""
    tier(shop, handle, "1.00")
    price = SupplierPrice(
        supplier=shop.supplier, material=handle, unit=handle.unit, price=D(1), lead_time_days=1, from_quantity=D(5),
        valid_from=TODAY, valid_until=TODAY - DAY,
    )  # fmt: skip
    with pytest.raises(ValidationError, match="A price ends on the day that it begins, or later"):
        price.full_clean()


def test_a_price_is_of_a_supplier(shop: Shop, handle: Material) -> None:
    """Over REST a customer has no price, tolerance or limit."""
    buyer = make_caller(shop.company, "buyer")
    price = {"supplier": shop.customer.pk, "material": handle.pk, "unit": handle.unit_id, "price": "1",
             "lead_time_days": 1}  # fmt: skip
    for path, body in (("supplier-prices", price), ("delivery-tolerances", {"supplier": shop.customer.pk})):
        answer = buyer.post(f"erp/{path}/", body)
        assert answer.status_code == 400
        assert "is no supplier in use" in answer.content.decode()
    body = {"plant": shop.plant.pk, "supplier": shop.supplier.pk, "lines": [
        {"material": handle.pk, "quantity": "1", "unit_price": "1", "due_at": "2090-12-20"}]}  # fmt: skip
    assert "Give the time of day too" in buyer.post("erp/purchase-orders/", body).content.decode()


def test_confirmation_buys_at_the_price_of_the_day(shop: Shop, handle: Material) -> None:
    """Ended yesterday: nobody sells it, the need waits. 0.80 from 20 on: 23 doors buy 23 handles at 0.80."""
    tier(shop, handle, "1.00", valid_until=TODAY - DAY)
    door = Material.objects.get(code="DOOR")
    shop.order((door, "1"))
    assert PlannedOrder.objects.get().problem == "No supplier has a price for HANDLE: enter one, then order it"
    tier(shop, handle, "0.90", valid_from=TODAY)
    tier(shop, handle, "0.80", "20", valid_from=TODAY)
    shop.order((door, "23"))
    line = PurchaseOrderLine.objects.get()
    assert (line.quantity, line.unit_price) == (D(23), D("0.80"))


def test_planned_orders_are_bought_together_by_supplier_and_day(shop: Shop, handle: Material) -> None:
    """5 + 7 handles for day 20 and 3 hinges for it are one order; 2 handles for day 30 another; a screw has no price.
    12 handles in packs of 10 are 20: 5 and 7 are for who waits, 8 for nobody."""
    tier(shop, handle, "1", pack_quantity=D(10))
    hinge, screw = shop.buy("HINGE"), shop.buy("SCREW")
    shop.price(hinge, "2")
    rows = [wanted(shop, *one) for one in ((handle, "5", 20), (handle, "7", 20), (hinge, "3", 20), (handle, "2", 30))]
    lost = wanted(shop, screw, "9", 20)
    done = erp.order_planned_together(planned_order_ids=[*(row.pk for row in rows), lost.pk], now=NOW)
    assert [(one.material_code, one.planned_order_id) for one in done.left] == [("SCREW", lost.pk)]
    assert done.left[0].reason == "No supplier has a price for SCREW: enter one, then order it"
    found = PurchaseOrderLine.objects.order_by("id").values_list(
        "order__number", "material__code", "quantity", "due_at"
    )
    assert list(found) == [
        ("PO-2026-00001", "HANDLE", D(20), NOW + 20 * DAY),
        ("PO-2026-00001", "HINGE", D(3), NOW + 20 * DAY),
        ("PO-2026-00002", "HANDLE", D(10), NOW + 30 * DAY),
    ]
    assert list(PlannedOrder.objects.filter(closed_at=None)) == [lost]
    again = erp.order_planned_together(planned_order_ids=[rows[0].pk], now=NOW)
    assert (again.orders, again.left[0].reason) == ([], "This need of HANDLE was ordered already.")


def test_what_waits_keeps_its_supply_and_hears_of_the_day(shop: Shop, handle: Material) -> None:
    """23 handles for 23 doors, no price yet: planned for today. At most 20 an order, 5 days: lines of 20 and 3, the peg
    becomes two, and the plan hears that the handles come in 5 days."""
    order = shop.order((Material.objects.get(code="DOOR"), "23"))
    planned = PlannedOrder.objects.get()
    tier(shop, handle, "1", max_quantity=D(20))
    erp.order_planned_together(planned_order_ids=[planned.pk], now=NOW)
    assert list(PurchaseOrderLine.objects.order_by("id").values_list("quantity", "pegged_qty")) == [
        (D(20), D(20)),
        (D(3), D(3)),
    ]
    assert sorted(Peg.objects.filter(purchase_order_line__isnull=False).values_list("quantity", flat=True)) == [3, 20]
    assert FactRecord.objects.get(kind="PurchaseDateChanged").payload["order_ids"] == [order.pk]


def test_without_limits_everything_waits(shop: Shop, handle: Material) -> None:
    """No limit, no purchase: what an order lacks waits for a click and says so. A limit for confirmed orders lets that
    go after the next run; what is for stock still waits."""
    BuyingLimit.objects.all().delete()
    tier(shop, handle, "1")
    shop.order((Material.objects.get(code="DOOR"), "2"))
    waits = PlannedOrder.objects.get()
    assert waits.problem == "No buying limit covers Timber yard here: order it by a click, or set a limit"
    stock = wanted(shop, handle, "5", 20)
    assert erp.convert_within_limits(plant_id=shop.plant.pk, now=NOW).orders == []
    limit(shop, "2", for_orders=True)
    [order] = erp.convert_within_limits(plant_id=shop.plant.pk, now=NOW).orders
    assert (order.lines.get().quantity, order.lines.get().pegged_qty) == (D(2), D(2))
    assert list(PlannedOrder.objects.filter(closed_at=None)) == [stock]


def test_a_plant_begins_with_a_limit_for_orders(shop: Shop, handle: Material) -> None:
    """Up to 100,000 an order: 2 handles are bought at once, 60,000 at 2.00 wait; stock waits in any case."""
    tier(shop, handle, "2")
    door = Material.objects.get(code="DOOR")
    shop.order((door, "2"))
    shop.order((door, "60000"))
    assert PurchaseOrderLine.objects.get().quantity == 2
    assert "the limit is EUR 100,000.00" in PlannedOrder.objects.get().problem.replace("\u00a0", " ")
    wanted(shop, handle, "5", 20)
    assert erp.convert_within_limits(plant_id=shop.plant.pk, now=NOW).orders == []


def test_of_two_limits_the_one_for_orders_decides_for_orders(shop: Shop, handle: Material) -> None:
    """Everything up to 5, orders up to 10: 8 handles for an order go, 8 for stock wait, 5 for stock go."""
    BuyingLimit.objects.all().delete()
    limit(shop, "5")
    limit(shop, "10", for_orders=True)
    tier(shop, handle, "1")
    shop.order((Material.objects.get(code="DOOR"), "8"))
    assert PurchaseOrderLine.objects.get().quantity == 8
    wanted(shop, handle, "8", 20), wanted(shop, handle, "5", 30)
    [order] = erp.convert_within_limits(plant_id=shop.plant.pk, now=NOW).orders
    assert order.lines.get().quantity == 5


@pytest.mark.parametrize(
    ("most", "is_automatic", "reason"),
    [
        ("23.00", True, ""),
        ("22.99", True, "Timber yard would get an order of EUR 23.00, the limit is EUR 22.99: order it by a click"),
        ("99.00", False, "What Timber yard sells is ordered by a click here: look at it, then order it"),
    ],
)
def test_confirmation_orders_within_the_limit(
    shop: Shop, handle: Material, most: str, is_automatic: bool, reason: str
) -> None:
    """23 handles at 1.00 are worth 23.00."""
    tier(shop, handle, "1")
    limit(shop, most, is_automatic=is_automatic)
    shop.order((Material.objects.get(code="DOOR"), "23"))
    assert PurchaseOrder.objects.count() == (not reason)
    assert [row.problem.replace("\u00a0", " ") for row in PlannedOrder.objects.all()] == ([reason] if reason else [])
    assert Peg.objects.exclude(work_order=None, purchase_order_line=None, planned_order=None).count() == 2


def test_the_narrowest_limit_decides(shop: Shop, handle: Material) -> None:
    """Anything up to 100, but nothing from the yard above 10, and its fittings not at all without a click."""
    tier(shop, handle, "1")
    limit(shop, "100")
    limit(shop, "10", supplier=shop.supplier)
    fittings = MaterialCategory.objects.create(code="FIT", name="Fittings")
    hinge = shop.buy("HINGE")
    hinge.category = fittings
    hinge.save()
    shop.price(hinge, "1")
    limit(shop, "100", supplier=shop.supplier, category=fittings, is_automatic=False)
    first, second, third = wanted(shop, handle, "10", 5), wanted(shop, hinge, "1", 5), wanted(shop, handle, "11", 9)
    done = erp.convert_within_limits(plant_id=shop.plant.pk, now=NOW)
    assert [order.lines.get().quantity for order in done.orders] == [D(10)]
    for row in (first, second, third):
        row.refresh_from_db()
    assert (first.closed_at, second.closed_at, third.closed_at) == (NOW, None, None)
    assert second.problem.startswith("What Timber yard sells is ordered by a click")
    assert "EUR 11.00" in third.problem.replace("\u00a0", " ")


def test_the_fence_holds_back_what_need_not_go_out_yet(shop: Shop, handle: Material) -> None:
    """5 days of lead time, written 7 days ahead: needed in 12 days goes out in 7, today; in 13 days it waits."""
    tier(shop, handle, "1")
    limit(shop, "100", fence_days=7)
    wanted(shop, handle, "1", 12)
    later = wanted(shop, handle, "1", 13)
    done = erp.convert_within_limits(plant_id=shop.plant.pk, now=NOW)
    assert ([order.lines.get().due_at for order in done.orders], len(done.left)) == ([NOW + 12 * DAY], 1)
    later.refresh_from_db()
    assert later.problem == "Goes out on 10 March, orders are written 7 days ahead: it waits"
