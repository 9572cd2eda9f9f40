"""Invoices of shipments and of customers, deposits, credit notes: figures worked by hand."""

from decimal import Decimal

import pytest

from erp import services as erp
from erp.ledger.models import Account
from erp.models import Invoice, SalesOrderLine, Shipment
from erp.sales.selectors.deposits import deposit_missing
from tests.erp.receivables.sold import account, invoiced, lamps, open_of, received, ship, terms
from tests.erp.shop import NOW, Shop

D = Decimal
ROLE = Account.Role


def test_a_shipment_is_invoiced_by_itself(shop: Shop) -> None:
    """10 lamps at 9.99 = 99.90. Shipped 3, then 7; the second shipment first: 7/10 of 99.90 = 69.93; the rest 29.97."""
    order = ship(ship(shop.order((lamps(shop), "10", "9.99")), "3"), "7")
    second = Shipment.objects.order_by("-pk")[0]
    invoice = erp.post_invoice(order_id=order.pk, shipment_ids=[second.pk], now=NOW)
    assert invoice.net_amount == D("69.93")
    assert erp.post_invoice(order_id=order.pk, now=NOW).net_amount == D("29.97")


def test_one_invoice_for_all_orders_of_a_customer(shop: Shop) -> None:
    """Orders of 4 x 10 and 5 x 10 lamps: one invoice of 90 net, tax on the document 17.10, owed by each order."""
    lamp = lamps(shop)
    first, second = ship(shop.order((lamp, "4", "10"))), ship(shop.order((lamp, "5", "10")))
    invoice = erp.post_collective_invoice(
        company_id=shop.company.pk, customer_id=shop.customer.pk, currency_id=shop.euro.pk, now=NOW
    )
    assert (invoice.order, invoice.net_amount, invoice.tax_amount) == (None, D(90), D("17.10"))
    assert sorted(invoice.lines.values_list("order", "net_amount")) == [(first.pk, D(40)), (second.pk, D(50))]
    received(shop, "107.10", (invoice, "107.10"))
    assert account(shop, ROLE.RECEIVABLE) == 0
    with pytest.raises(erp.NothingToInvoice):
        erp.post_collective_invoice(
            company_id=shop.company.pk, customer_id=shop.customer.pk, currency_id=shop.euro.pk, now=NOW
        )


def test_deposit_and_final_invoice(shop: Shop) -> None:
    """An order of 10 x 10 = 100 net, 119 gross; terms 30 percent on order.

    Deposit: 30 net + 5.70 tax = 35.70: receivable 35.70 against deposits 30 and tax 5.70.
    4 of 10 shipped: 40 + 7.60 less 4/10 of the deposit, 12 + 2.28: 28 + 5.32 = 33.32 gross.
    The other 6: 60 + 11.40 less 18 + 3.42: 42 + 7.98 = 49.98 gross. Together 35.70 + 33.32 + 49.98 = 119.00.
    """
    terms(shop, order_percent="30")
    order = shop.order((lamps(shop), "10", "10"))
    assert deposit_missing(order) == D("35.70")
    deposit = erp.post_deposit(order_id=order.pk, now=NOW)
    assert (deposit.number, deposit.net_amount, deposit.tax_amount) == ("DI-2026-00001", D(30), D("5.70"))
    assert (account(shop, ROLE.DEPOSIT), account(shop, ROLE.TAX_PAYABLE)) == (D(-30), D("-5.70"))
    assert deposit_missing(order) == D("35.70")
    received(shop, "35.70", (deposit, "35.70"))
    assert deposit_missing(order) == 0
    with pytest.raises(erp.NoDeposit):
        erp.post_deposit(order_id=order.pk, now=NOW)
    first = erp.post_invoice(order_id=ship(order, "4").pk, now=NOW)
    assert (first.net_amount, first.tax_amount, first.gross_amount) == (D(28), D("5.32"), D("33.32"))
    last = erp.post_invoice(order_id=ship(order).pk, now=NOW)
    assert (last.net_amount, last.tax_amount, last.gross_amount) == (D(42), D("7.98"), D("49.98"))
    assert account(shop, ROLE.DEPOSIT) == 0
    assert (account(shop, ROLE.REVENUE), account(shop, ROLE.TAX_PAYABLE)) == (D(-100), D(-19))
    assert account(shop, ROLE.RECEIVABLE) == D("83.30")


def test_a_deposit_is_credited_before_it_is_deducted_or_not_at_all(shop: Shop) -> None:
    """A deposit of 30 that an invoice deducted stays until that one is credited; then 30 + 5.70 go back."""
    terms(shop, shipping_percent="30")
    order = shop.order((lamps(shop), "10", "10"))
    deposit = erp.post_deposit(order_id=order.pk, now=NOW)
    erp.release_credit(order_id=order.pk, reason="An old customer", by=None, now=NOW)
    final = erp.post_invoice(order_id=ship(order).pk, now=NOW)
    with pytest.raises(erp.DepositDeducted):
        erp.credit_invoice(invoice_id=deposit.pk, reason="Wrong", now=NOW)
    erp.credit_invoice(invoice_id=final.pk, reason="Wrong address", now=NOW)
    note = erp.credit_invoice(invoice_id=deposit.pk, reason="Cancelled", now=NOW)
    assert note.gross_amount == D("-35.70")
    assert all(account(shop, role) == 0 for role in (ROLE.DEPOSIT, ROLE.REVENUE, ROLE.RECEIVABLE, ROLE.TAX_PAYABLE))


def test_a_whole_credit_note_takes_everything_back(shop: Shop) -> None:
    """119 invoiced and credited: own number, revenue and tax zero; settled with each other; invoiced once more."""
    invoice = invoiced(shop)
    note = erp.credit_invoice(invoice_id=invoice.pk, reason="Wrong address", now=NOW)
    assert (note.number, note.gross_amount, note.credits) == ("CN-2026-00001", D(-119), invoice)
    assert all(account(shop, role) == 0 for role in (ROLE.REVENUE, ROLE.RECEIVABLE, ROLE.TAX_PAYABLE))
    assert SalesOrderLine.objects.get().invoiced_qty == 0
    received(shop, "0", (invoice, "119"), (note, "-119"))
    assert (open_of(invoice), open_of(note)) == ((0, 0), (0, 0))
    with pytest.raises(erp.NothingToCredit):
        erp.credit_invoice(invoice_id=invoice.pk, reason="Again", now=NOW)
    assert erp.post_invoice(order_id=invoice.order_id, now=NOW).gross_amount == 119


def test_credits_in_parts_add_up_to_the_line(shop: Shop) -> None:
    """3 lamps at 3.33 = 9.99 net, tax 1.90. One piece: 3.33 and 1.90/3 = 0.63; then 1.00 off the price: 0.19 of tax.

    What is left is 9.99 - 3.33 - 1.00 = 5.66 and 1.90 - 0.63 - 0.19 = 1.08, to the cent.
    """
    invoice = invoiced(shop, "3", "3.33")
    line = invoice.lines.get()
    piece = erp.credit_invoice(
        invoice_id=invoice.pk, lines=[erp.Credit(line_id=line.pk, quantity=D(1))], reason="Broken", now=NOW
    )
    assert (piece.net_amount, piece.tax_amount) == (D("-3.33"), D("-0.63"))
    rebate = erp.credit_invoice(
        invoice_id=invoice.pk, lines=[erp.Credit(line_id=line.pk, net=D(1))], reason="Scratched", now=NOW
    )
    assert (rebate.net_amount, rebate.tax_amount) == (D("-1.00"), D("-0.19"))
    with pytest.raises(erp.OverCredit) as refused:
        erp.credit_invoice(
            invoice_id=invoice.pk, lines=[erp.Credit(line_id=line.pk, net=D("5.67"))], reason="Late", now=NOW
        )
    assert refused.value.values["net"] == "5.6600"
    rest = erp.credit_invoice(invoice_id=invoice.pk, reason="All of it", now=NOW)
    assert (rest.net_amount, rest.tax_amount) == (D("-5.66"), D("-1.08"))
    assert Invoice.objects.filter(kind="credit_note").count() == 3


def test_goods_wait_for_their_deposits(shop: Shop) -> None:
    """60 percent before shipping: 71.40 of 119.00 are missing until they are paid, asked for or not."""
    terms(shop, shipping_percent="60")
    order = shop.order((lamps(shop), "10", "10"))
    with pytest.raises(erp.DepositMissing) as refused:
        ship(order)
    assert refused.value.values["missing"] == "71.40"
    deposit = erp.post_deposit(order_id=order.pk, now=NOW)
    with pytest.raises(erp.DepositMissing):
        ship(order)
    received(shop, "71.40", (deposit, "71.40"))
    assert erp.post_invoice(order_id=ship(order).pk, now=NOW).gross_amount == D("47.60")
