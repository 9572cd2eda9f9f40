"""From goods in hand to money in the bank: pack, ship, invoice, pay."""

from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.ledger.models import Account
from erp.models import InvoiceLine, Reservation, SalesOrder, StockBalance, StockMove, WorkOrderOperation
from masterdata.errors import InvalidInput
from masterdata.models import FactRecord, Material
from tests.erp.shop import NOW, Shop

ROLE = Account.Role


def lamps(shop: Shop, quantity: str = "10") -> Material:
    """Lamps worth 20 each on the shelf."""
    lamp = shop.buy("LAMP", cost="20")
    shop.stock(lamp, quantity, "20")
    return lamp


def shipped(order: SalesOrder, *quantities: str) -> None:
    """Ship what is ready, or these quantities of the first line one after the other."""
    line = order.lines.order_by("line_no")[0]
    for quantity in quantities or [None]:
        pieces = [(line.pk, Decimal(quantity))] if quantity else None
        erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, lines=pieces, now=NOW).pk, now=NOW)


def test_shipping_reserved_stock_moves_goods_value_and_cost(shop: Shop) -> None:
    """4 of 10 lamps at 20: 80 leaves inventory for cost of goods of the order; 6 lamps stay, nothing is reserved."""
    lamp = lamps(shop)
    order = shop.order((lamp, "4", "30"))
    shipped(order)
    balance = StockBalance.objects.get(material=lamp)
    assert (balance.on_hand, balance.reserved) == (Decimal(6), Decimal(0))
    assert Reservation.objects.get().quantity == 0
    assert erp_now.account_balance(shop.company, ROLE.COGS, order_id=order.pk) == Decimal(80)
    assert erp_now.account_balance(shop.company, ROLE.INVENTORY) == Decimal(120)
    move = StockMove.objects.get(kind="shipment")
    assert (move.quantity, move.value, move.sales_order_line) == (Decimal(4), Decimal(80), order.lines.get())
    assert order.lines.get().shipped_qty == Decimal(4)
    assert FactRecord.objects.filter(kind="OrderShipped", subject=f"order:{order.pk}").count() == 1


def test_made_goods_ship_from_order_stock_at_what_they_cost(shop: Shop) -> None:
    """2 tables of 4 legs at 1: 8. 14 minutes (10 + 2 x 2) at 30 labour and 60 machine an hour: 7 + 14. In all 29."""
    table, leg = shop.make("TABLE"), shop.buy("LEG")
    shop.bom(table, (leg, "4"))
    shop.stock(leg, "8")
    order = shop.order((table, "2", "50"))
    operation = WorkOrderOperation.objects.get()
    with pytest.raises(erp.NothingToPack):
        erp.pack_shipment(order_id=order.pk, now=NOW)
    erp.report_operation(
        operation_id=operation.pk, good_qty=Decimal(2), scrap_qty=Decimal(0), worked_min=Decimal(14), now=NOW,
        machine_id=shop.saw_one.pk,
    )  # fmt: skip
    shipped(order)
    assert erp_now.account_balance(shop.company, ROLE.COGS, order_id=order.pk) == Decimal(29)
    assert erp_now.account_balance(shop.company, ROLE.INVENTORY) == 0
    assert erp_now.account_balance(shop.company, ROLE.WIP) == 0


def test_more_than_is_ready_is_not_packed(shop: Shop) -> None:
    """10 lamps for 12 ordered: 10 are ready; after 7 are packed, 3."""
    order = shop.order((lamps(shop), "12"))
    line = order.lines.get()
    with pytest.raises(erp.OverShip, match="10 of line 1 are ready"):
        erp.pack_shipment(order_id=order.pk, lines=[(line.pk, Decimal(11))], now=NOW)
    erp.pack_shipment(order_id=order.pk, lines=[(line.pk, Decimal(7))], now=NOW)
    with pytest.raises(erp.OverShip) as refusal:
        erp.pack_shipment(order_id=order.pk, lines=[(line.pk, Decimal(4))], now=NOW)
    assert Decimal(refusal.value.values["ready"]) == 3
    with pytest.raises(InvalidInput):
        erp.pack_shipment(order_id=order.pk, lines=[(0, Decimal(1))], now=NOW)


def test_a_shipment_leaves_once(shop: Shop) -> None:
    """The second posting is refused and moves nothing."""
    order = shop.order((lamps(shop), "2"))
    shipment = erp.pack_shipment(order_id=order.pk, now=NOW)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    with pytest.raises(erp.AlreadyShipped):
        erp.ship(shipment_id=shipment.pk, now=NOW)
    assert StockMove.objects.filter(kind="shipment").count() == 1


def test_tax_is_taken_on_the_document_and_spread_to_its_lines(shop: Shop) -> None:
    """Three lines of 10.01 at 19 %: 30.03 x 19 % = 5.7057, so 5.71; 1.9019 each is cut to 1.90 and the cent that is
    left goes to the first. Line by line it would be 5.70."""
    lamp = lamps(shop)
    order = shop.order((lamp, "1", "10.01"), (lamp, "1", "10.01"), (lamp, "1", "10.01"))
    shipped(order)
    invoice = erp.post_invoice(order_id=order.pk, now=NOW)
    assert (invoice.net_amount, invoice.tax_amount, invoice.gross_amount) == (
        Decimal("30.03"),
        Decimal("5.71"),
        Decimal("35.74"),
    )
    taxes = list(InvoiceLine.objects.order_by("id").values_list("tax_amount", flat=True))
    assert taxes == [Decimal("1.91"), Decimal("1.90"), Decimal("1.90")]
    assert erp_now.account_balance(shop.company, ROLE.RECEIVABLE) == Decimal("35.74")
    assert erp_now.account_balance(shop.company, ROLE.REVENUE) == Decimal("-30.03")
    assert erp_now.account_balance(shop.company, ROLE.TAX_PAYABLE) == Decimal("-5.71")
    assert (invoice.number, invoice.due_on.isoformat()) == ("INV-2026-00001", "2026-03-16")


def test_invoices_of_parts_sum_to_the_line(shop: Shop) -> None:
    """3 at 3.333333 are 10.00 net. Shipped one by one: 3.33, then 6.67 - 3.33 = 3.34, then 10.00 - 6.67 = 3.33."""
    order = shop.order((lamps(shop), "3", "3.333333"))
    nets = []
    for _ in range(3):
        shipped(order, "1")
        nets.append(erp.post_invoice(order_id=order.pk, now=NOW).net_amount)
    assert nets == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]
    with pytest.raises(erp.NothingToInvoice):
        erp.post_invoice(order_id=order.pk, now=NOW)


def test_payments_close_the_invoice_and_never_exceed_it(shop: Shop) -> None:
    """119 gross: 100 paid leaves 19; 19.01 is refused with what is open; 19 makes the receivable zero."""
    order = shop.order((lamps(shop), "1", "100"))
    shipped(order)
    invoice = erp.post_invoice(order_id=order.pk, now=NOW)

    def pay(amount: str) -> str:
        return erp.receive_payment(
            invoice_id=invoice.pk, amount=Decimal(amount), received_on=NOW.date(), now=NOW
        ).number

    assert pay("100") == "PAY-2026-00001"
    with pytest.raises(erp.OverPayment) as refusal:
        pay("19.01")
    assert refusal.value.values["open"] == "19.00"
    with pytest.raises(InvalidInput):
        pay("0.001")
    assert pay("19") == "PAY-2026-00002"
    assert erp_now.account_balance(shop.company, ROLE.RECEIVABLE) == 0
    assert erp_now.account_balance(shop.company, ROLE.BANK) == Decimal(119)
    assert erp_now.order_detail(order.pk).invoices[0].open_amount == 0  # type: ignore[attr-defined]
