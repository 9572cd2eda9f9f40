"""Supplier invoices: the match, what holds them, where a difference goes, credit notes, payments."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from erp import services as erp
from erp.models import Account, InvoiceHold, SupplierInvoice
from masterdata.errors import InvalidInput
from tests.erp.payables.bought import D, account, invoice, order, receive, shop_at, tolerate
from tests.erp.workbench import worth
from tests.factories import NOW

pytestmark = pytest.mark.django_db

Role = Account.Role


def reasons(paper: SupplierInvoice) -> list[str]:
    return [hold.reason for hold in InvoiceHold.objects.filter(invoice=paper)]


def test_an_invoice_that_matches_is_posted_with_tax() -> None:
    """10 at 3.00 received and invoiced: GRNI 30 - 30, input tax 19 % = 5.70, payables 35.70, number SI-2026-00001."""
    shop = shop_at()
    line = order(shop, "10", "3")
    receive(line)
    paper = invoice(shop, line, "10", "30", tax=True)
    assert (paper.state, paper.number) == ("posted", "SI-2026-00001")
    assert account(shop, Role.GRNI) == 0
    assert account(shop, Role.INPUT_TAX) == D("5.70")
    assert account(shop, Role.PAYABLE) == D("-35.70")
    line.refresh_from_db()
    assert line.invoiced_qty == 10


def test_parts_of_a_line_clear_what_they_were_received_at_to_the_cent() -> None:
    """3 at 3.333333 are received for 10.00. Invoices of 1 clear 3.33, then 3.34 (6.67 / 2 half up), then 3.33."""
    shop = shop_at()
    tolerate(shop)
    line = order(shop, "3", "3.333333")
    receive(line)
    papers = [invoice(shop, line, "1", "3.33", reference=f"R-{number}") for number in range(3)]
    assert [paper.lines.get().cleared_amount for paper in papers] == [D("3.33"), D("3.34"), D("3.33")]
    assert account(shop, Role.GRNI) == 0


def test_without_tolerance_a_cent_holds_the_invoice_until_it_is_released() -> None:
    """30.01 for 30.00: held for its price, nothing posted; released it posts, and the cent goes to the stock."""
    shop = shop_at()
    line = order(shop, "10", "3")
    receive(line)
    paper = invoice(shop, line, "10", "30.01")
    assert (paper.state, reasons(paper)) == ("held", ["price"])
    assert account(shop, Role.PAYABLE) == 0
    with pytest.raises(InvalidInput):
        erp.release_supplier_invoice(invoice_id=paper.pk, reason=" ", now=NOW)
    released = erp.release_supplier_invoice(invoice_id=paper.pk, reason="Agreed by telephone", now=NOW)
    assert released.state == "posted"
    assert worth(shop, "BOARD") == (10, D("30.01"))
    with pytest.raises(erp.NotHeld):
        erp.release_supplier_invoice(invoice_id=paper.pk, reason="Again", now=NOW)


def test_price_has_to_be_within_percentage_and_amount() -> None:
    """2 % of 100.00 and at most 1.00: 101.00 is within both, 101.01 is within 2 % but over 1.00."""
    shop = shop_at()
    tolerate(shop, "2", "1")
    line = order(shop, "20", "10")
    receive(line)
    assert invoice(shop, line, "10", "101", reference="A").state == "posted"
    paper = invoice(shop, line, "10", "101.01", reference="B")
    assert reasons(paper) == ["price"]
    hold = paper.holds.get()
    assert (hold.expected, hold.found) == (100, D("101.01"))


def test_more_than_received_is_held_and_within_tolerance_is_not() -> None:
    """10 of 20 received. 11 is over; with 10 % it is within, and clears one piece in advance: GRNI debit 3.00."""
    shop = shop_at()
    line = order(shop, "20", "3")
    receive(line, "10")
    assert reasons(invoice(shop, line, "11", "33", reference="A")) == ["quantity"]
    tolerate(shop, quantity="10")
    assert invoice(shop, line, "11", "33", reference="B").state == "posted"
    assert account(shop, Role.GRNI) == 3
    receive(line)
    assert account(shop, Role.GRNI) == -27
    invoice(shop, line, "9", "27", reference="C")
    assert account(shop, Role.GRNI) == 0


def test_a_charge_that_nobody_ordered_is_held() -> None:
    shop = shop_at()
    paper = invoice(shop, None, "0", "50")
    assert reasons(paper) == ["no_order"]
    erp.release_supplier_invoice(invoice_id=paper.pk, reason="Carrier of the boards", now=NOW)
    assert account(shop, Role.LANDED_COST) == 50


def test_a_total_that_is_not_the_sum_holds_the_invoice() -> None:
    shop = shop_at()
    line = order(shop, "10", "3")
    receive(line)
    row = erp.InvoiceLineInput(order_line_id=line.pk, quantity=D(10), net_amount=D(30))
    paper = erp.enter_supplier_invoice(
        company_id=shop.company.pk,
        supplier_id=shop.supplier.pk,
        reference="T",
        invoiced_on=NOW.date(),
        lines=[row],
        stated_gross=D("35.70"),
        now=NOW,
    )
    assert reasons(paper) == ["total"]


def test_a_reference_is_entered_once_until_it_is_withdrawn() -> None:
    """The same number in another spelling is refused; after withdrawing the held paper it may be entered again."""
    shop = shop_at()
    paper = invoice(shop, None, "0", "50", reference="ab 7")
    with pytest.raises(erp.DuplicateReference):
        invoice(shop, None, "0", "50", reference=" AB  7 ")
    erp.withdraw_supplier_invoice(invoice_id=paper.pk)
    assert invoice(shop, None, "0", "50", reference="AB 7").state == "held"


def test_a_credit_note_that_nobody_sent_goods_back_for_is_held_and_reopens_what_was_invoiced() -> None:
    """10 invoiced at 30.00, 4 credited at 12.00: GRNI is open by 12.00 again, payables are 18.00."""
    shop = shop_at()
    line = order(shop, "10", "3")
    receive(line)
    invoice(shop, line, "10", "30")
    credit = invoice(shop, line, "4", "12", kind="credit_note", reference="C-1")
    assert reasons(credit) == ["credit"]
    erp.release_supplier_invoice(invoice_id=credit.pk, reason="Broken, kept for repair", now=NOW)
    credit.refresh_from_db()
    assert credit.number == "SC-2026-00001"
    assert account(shop, Role.GRNI) == -12
    assert account(shop, Role.PAYABLE) == -18


def test_a_credit_note_gives_back_what_was_invoiced() -> None:
    """10 ordered at 4.00, invoiced at 2.90 each and released. 5 go back: a credit note of 14.50 is what was paid for
    them and posted at once; one of 20.00, at the ordered price, is held with 14.50 expected."""
    shop = shop_at()
    line = order(shop, "10", "4")
    came = receive(line)
    paper = invoice(shop, line, "10", "29")
    assert reasons(paper) == ["price"]
    erp.release_supplier_invoice(invoice_id=paper.pk, reason="Agreed by phone", now=NOW)
    erp.return_to_supplier(
        receipt_id=came.receipt_id, lines=[(came.pk, D(5))], reason="Bent", is_replaced=False, now=NOW
    )
    wrong = invoice(shop, line, "5", "20", kind="credit_note", reference="C-1")
    assert [(one.reason, one.expected) for one in wrong.holds.all()] == [("price", D("14.50"))]
    erp.withdraw_supplier_invoice(invoice_id=wrong.pk)
    credit = invoice(shop, line, "5", "14.50", kind="credit_note", reference="C-2")
    assert (credit.state, account(shop, Role.PAYABLE)) == ("posted", D("-14.50"))


def test_a_price_corrected_later_goes_where_the_goods_are() -> None:
    """10 at 3.00; 5.00 more are asked for afterwards: held; released, the stock is worth 35.00."""
    shop = shop_at()
    line = order(shop, "10", "3")
    receive(line)
    invoice(shop, line, "10", "30")
    paper = invoice(shop, line, "0", "5", reference="R-2")
    assert reasons(paper) == ["correction"]
    erp.release_supplier_invoice(invoice_id=paper.pk, reason="Surcharge for steel", now=NOW)
    assert worth(shop, "BOARD") == (10, 35)


def test_payments_settle_invoices_less_credit_notes() -> None:
    """30.00 invoiced, 12.00 credited: 18.00 is paid for both; nothing is open, more is refused."""
    shop = shop_at()
    line = order(shop, "10", "3")
    receive(line)
    paper = invoice(shop, line, "10", "30")
    credit = invoice(shop, line, "4", "12", kind="credit_note", reference="C-1")
    erp.release_supplier_invoice(invoice_id=credit.pk, reason="Agreed", now=NOW)
    pay = {"company_id": shop.company.pk, "supplier_id": shop.supplier.pk, "paid_on": NOW.date(), "now": NOW}
    with pytest.raises(erp.PaidTooMuch):
        erp.pay_supplier(parts=[(paper.pk, D("30.01"))], **pay)
    with pytest.raises(InvalidInput):
        erp.pay_supplier(parts=[(credit.pk, D(12))], **pay)
    payment = erp.pay_supplier(parts=[(paper.pk, D(30)), (credit.pk, D(12))], **pay)
    assert (payment.number, payment.amount) == ("SP-2026-00001", 18)
    assert account(shop, Role.PAYABLE) == 0
    assert account(shop, Role.BANK) == -18
    with pytest.raises(erp.PaidTooMuch):
        erp.pay_supplier(parts=[(paper.pk, D(1))], **pay)


def test_the_database_keeps_what_is_posted() -> None:
    shop = shop_at()
    line = order(shop, "10", "3")
    receive(line)
    invoice(shop, line, "10", "30")
    for statement in (
        "UPDATE erp_supplierinvoice SET reference = 'X'",
        "DELETE FROM erp_supplierinvoice",
        "UPDATE erp_supplierinvoiceline SET quantity = 1",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
