"""The audit's rows for sales and supply: silent when all is well, loud when a figure is bent."""

from decimal import Decimal

import pytest
from django.db import connection, transaction

from erp import services as erp
from erp.fulfilment.invariants import INVARIANTS as FULFILMENT
from erp.models import PurchaseOrder
from erp.receivables.invariants import INVARIANTS as RECEIVABLES
from erp.sales.invariants import INVARIANTS as SALES
from erp.supply.invariants import INVARIANTS as SUPPLY
from tests.erp.shop import NOW, Shop

QUERIES = {invariant.name: invariant.sql for invariant in [*FULFILMENT, *SALES, *RECEIVABLES, *SUPPLY]}


def found(name: str) -> int:
    """How many rows break the rule."""
    with connection.cursor() as cursor:
        cursor.execute(QUERIES[name])
        return len(cursor.fetchall())


@pytest.fixture
def traded(shop: Shop) -> Shop:
    """5 of 8 lamps in stock, the other 3 bought and 2 of these received; 6 shipped, invoiced, and paid in part."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    shop.stock(lamp, "5")
    order = shop.order((lamp, "8"))
    bought = PurchaseOrder.objects.get()
    erp.receive_purchase(purchase_order_id=bought.pk, lines=[(bought.lines.get().pk, Decimal(2))], now=NOW)
    pieces = [(order.lines.get().pk, Decimal(6))]
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, lines=pieces, now=NOW).pk, now=NOW)
    invoice = erp.post_invoice(order_id=order.pk, now=NOW)
    erp.receive_payment(invoice_id=invoice.pk, amount=Decimal(10), received_on=NOW.date(), now=NOW)
    return shop


def test_all_is_well(traded: Shop) -> None:
    """No row at all."""
    assert {name: found(name) for name in QUERIES} == dict.fromkeys(QUERIES, 0)


@pytest.mark.parametrize(
    ("name", "bend"),
    [
        ("shipped_equals_moves", "UPDATE erp_salesorderline SET shipped_qty = 7"),
        ("packed_within_ordered", "UPDATE erp_shipmentline SET quantity = 9"),
        ("invoiced_equals_invoices", "UPDATE erp_salesorderline SET invoiced_qty = 5"),
        ("invoiced_line_sums_to_its_net", "UPDATE erp_salesorderline SET quantity = 6"),
        ("invoice_is_sum_of_lines", "UPDATE erp_invoiceline SET net_amount = 1"),
        ("payment_is_allocated", "UPDATE erp_allocation SET amount = 9000"),
        ("receivable_equals_open_invoices", "UPDATE erp_payment SET own_amount = 9"),
        ("legal_numbers_gapless", "UPDATE erp_invoice SET number = 'INV-2026-00003'"),
        ("line_reserves_within_its_need", "UPDATE erp_reservation SET quantity = 3"),
        ("received_equals_receipts", "UPDATE erp_receiptline SET quantity = 1"),
        ("goods_received_not_invoiced", "UPDATE erp_receiptline SET value = 1"),
        ("pegged_equals_open_pegs", "UPDATE erp_purchaseorderline SET pegged_qty = 0"),
        ("pegs_within_demand", "UPDATE erp_peg SET quantity = 9"),
    ],
)
def test_a_bent_figure_is_found(traded: Shop, name: str, bend: str) -> None:
    """Written past the services, and past the triggers that would refuse it."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(bend)
    assert found(name) > 0
    transaction.set_rollback(True)  # bent on purpose: the fixture that looks at all invariants leaves it alone
