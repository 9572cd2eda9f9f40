"""How orders are shipped: together or in parts, within tolerance, with proof of delivery."""

from __future__ import annotations

import datetime as dt

import pytest

from erp import services as erp
from erp.models import CustomerReturn, Delivery, LineChange, SalesOrder, StockBalance
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import Address, FactRecord, Partner
from tests.erp.fulfilment.yard import D
from tests.erp.shop import NOW, Shop

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def shipped(order: SalesOrder, *pieces: tuple[int, str]) -> int:
    """Line numbers with quantities; the shipment's id."""
    ids = {line.line_no: line.pk for line in order.lines.all()}
    lines = [(ids[line_no], D(quantity)) for line_no, quantity in pieces] or None
    shipment = erp.pack_shipment(order_id=order.pk, lines=lines, now=NOW)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    return shipment.pk


def test_a_customer_who_wants_all_together_gets_no_part(shop: Shop) -> None:
    """Of 4 lamps and 2 shades, one lamp is not there: nothing leaves until it is."""
    lamp, shade = shop.buy("LAMP"), shop.buy("SHADE")
    shop.price(lamp)
    shop.stock(lamp, "3")
    shop.stock(shade, "2")
    order = shop.order((lamp, "4"), (shade, "2"))
    erp.set_shipping(order_id=order.pk, complete="order")
    packed = erp.pack_shipment(order_id=order.pk, now=NOW)
    with pytest.raises(erp.NotComplete) as refused:
        erp.ship(shipment_id=packed.pk, now=NOW)
    assert refused.value.values["missing"] == "1.000000"
    erp.set_shipping(order_id=order.pk, complete="line")
    with pytest.raises(erp.NotComplete):
        erp.ship(shipment_id=packed.pk, now=NOW)
    erp.unpack_shipment(shipment_id=packed.pk)
    shipped(order, (2, "2"))
    assert [line.shipped_qty for line in order.lines.order_by("line_no")] == [0, 2]


def test_two_shipments_together_are_all(shop: Shop) -> None:
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "4")
    order = shop.order((lamp, "4"))
    erp.set_shipping(order_id=order.pk, complete="order")
    line = order.lines.get()
    first = erp.pack_shipment(order_id=order.pk, lines=[(line.pk, D(3))], now=NOW)
    with pytest.raises(erp.NotComplete):
        erp.ship(shipment_id=first.pk, now=NOW)
    erp.pack_shipment(order_id=order.pk, lines=[(line.pk, D(1))], now=NOW)
    erp.ship(shipment_id=first.pk, now=NOW)


def test_more_within_the_tolerance_raises_the_line(shop: Shop) -> None:
    """10 ordered at 100, 10 percent more allowed. All 11 leave, the line is 1,100; 12 would be too many."""
    table = shop.make("TABLE")
    order = shop.order((table, "10", "100"))
    work_order = order.lines.get().work_orders.get()
    work_order.quantity = D(12)
    work_order.save()
    operation = work_order.operations.get()
    erp.report_operation(
        operation_id=operation.pk, good_qty=D(12), scrap_qty=D(0), worked_min=D(1), now=NOW, machine_id=shop.saw_one.pk,
        finish=True,
    )  # fmt: skip
    erp.set_shipping(order_id=order.pk, over_percent=D(10))
    with pytest.raises(erp.OverShip):
        erp.pack_shipment(order_id=order.pk, lines=[(order.lines.get().pk, D(12))], now=NOW)
    shipped(order, (1, "11"))
    line = order.lines.get()
    assert (line.quantity, line.shipped_qty, line.net_amount) == (11, 11, 1100)
    change = LineChange.objects.get()
    assert (change.before, change.after, change.cause) == (10, 11, "over")
    assert StockBalance.objects.get(material=table, on_hand__gt=0).on_hand == 1


def test_how_an_order_is_shipped_is_checked(shop: Shop) -> None:
    lamp = shop.buy("LAMP")
    order = shop.draft((lamp, "1"))
    other = Partner.objects.create(code="C2", name="Other", is_customer=True)
    address = Address.objects.create(partner=other, line1="Far", city="Away", country="DE")
    own = Address.objects.create(partner=shop.customer, line1="Here", city="Town", country="DE")
    with pytest.raises(InvalidInput):
        erp.set_shipping(order_id=order.pk, address=address)
    with pytest.raises(InvalidInput):
        erp.set_shipping(order_id=order.pk, carrier=other)
    first = erp.set_shipping(order_id=order.pk, address=own, delivery_terms="DAP Town")
    erp.set_shipping(order_id=order.pk, address=own)
    with pytest.raises(StaleVersion):
        erp.set_shipping(order_id=order.pk, expected_version=first.version)


def test_a_delivery_is_proved_and_what_was_refused_may_come_back(shop: Shop) -> None:
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "5")
    order = shop.order((lamp, "5"))
    shipment_id = shipped(order)
    line = order.lines.get().shipment_lines.get()
    later = NOW + dt.timedelta(hours=5)
    with pytest.raises(erp.UnusableProof):
        deliver(shipment_id, proof=b"<svg>")
    with pytest.raises(InvalidInput):
        deliver(shipment_id, at=later + dt.timedelta(days=1))
    delivery = erp.record_delivery(
        shipment_id=shipment_id, delivered_at=later, received_by="Ms Corner", now=later, proof=PNG,
        refused=[(line.pk, D(2))], damaged=[(line.pk, D(1))],
    )  # fmt: skip
    assert (delivery.proof_type, Delivery.objects.count()) == ("image/png", 1)
    allowed = {one.reason: one.lines.get().quantity for one in CustomerReturn.objects.all()}
    assert allowed == {"refused": 2, "damaged": 1}
    assert FactRecord.objects.filter(kind="OrderDelivered", subject=f"order:{order.pk}").count() == 1
    with pytest.raises(erp.AlreadyDelivered):
        deliver(shipment_id)


def deliver(shipment_id: int, at: dt.datetime | None = None, proof: bytes | None = None) -> None:
    now = NOW + dt.timedelta(hours=5)
    erp.record_delivery(shipment_id=shipment_id, delivered_at=at or now, received_by="Ms Corner", now=now, proof=proof)


def test_a_line_is_closed_with_less_within_the_tolerance(shop: Shop) -> None:
    """Of 100, 97 are shipped; 3 percent less is fine: the line is of 97. With 2 percent it would not be."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "97")
    order = shop.order((lamp, "100", "10"))
    shipped(order)
    line_id = order.lines.get().pk
    erp.set_shipping(order_id=order.pk, under_percent=D(2))
    with pytest.raises(erp.NotWithinTolerance) as refused:
        erp.close_line_short(line_id=line_id, by=None, now=NOW)
    assert [D(refused.value.values[name]) for name in ("missing", "most")] == [3, 2]
    erp.set_shipping(order_id=order.pk, under_percent=D(3))
    line = erp.close_line_short(line_id=line_id, by=None, now=NOW)
    assert (line.quantity, line.net_amount, LineChange.objects.get().cause) == (97, 970, "short")
