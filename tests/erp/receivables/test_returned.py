"""What came back is credited as it was charged, once; what the customer has again is charged: worked by hand."""

from decimal import Decimal

import pytest

from erp import services as erp
from erp.ledger.models import Account
from erp.models import CustomerReturn, Invoice, SalesOrder, SalesOrderLine, Shipment
from masterdata.errors import InvalidInput, StaleVersion
from tests.api.conftest import make_caller
from tests.erp.receivables.sold import account, dollar_invoice, lamps, ship
from tests.erp.receivables.test_pages import accountant
from tests.erp.shop import NOW, Shop

D = Decimal
ROLE = Account.Role


def back(order: SalesOrder, *pieces: str) -> CustomerReturn:
    """So many pieces of each shipment have come, not decided upon."""
    lines = [shipment.lines.get() for shipment in Shipment.objects.filter(order=order).order_by("pk")]
    wanted = [(line.pk, D(one)) for line, one in zip(lines, pieces, strict=False) if D(one)]
    row = erp.authorise_return(order_id=order.pk, lines=wanted, reason="faulty", now=NOW)
    for line in row.lines.order_by("pk"):
        erp.receive_return(return_id=row.pk, line_id=line.pk, quantity=line.quantity, now=NOW)
    return row


def credit(row: CustomerReturn, fee: str = "0") -> list[Invoice]:
    return erp.credit_return(return_id=row.pk, restock_fee=D(fee), now=NOW)


def amounts(note: Invoice) -> tuple[Decimal, Decimal]:
    return note.net_amount, note.tax_amount


def test_what_came_back_is_credited_at_its_price_and_once(shop: Shop) -> None:
    """10 lamps at 9.99 = 99.90 net, 18.98 tax. 3 come back: 29.97 net; tax 18.98 x 29.97 / 99.90 = 5.694, so 5.69.

    The line is then shipped 10, returned 3, invoiced 7: nothing is left to credit, and nothing to invoice.
    """
    order = ship(shop.order((lamps(shop), "10", "9.99")))
    invoice = erp.post_invoice(order_id=order.pk, now=NOW)
    row = back(order, "3")
    [note] = credit(row)
    assert (amounts(note), note.credits) == ((D("-29.97"), D("-5.69")), invoice)
    assert note.reason == f"Faulty: return {row.number}"
    line = order.lines.get()
    assert (line.shipped_qty, line.returned_qty, line.invoiced_qty) == (10, 3, 7)
    assert (account(shop, ROLE.REVENUE), account(shop, ROLE.RECEIVABLE)) == (D("-69.93"), D("83.22"))
    with pytest.raises(erp.NothingCameBack):
        credit(row)
    with pytest.raises(erp.NothingToInvoice):
        erp.post_invoice(order_id=order.pk, now=NOW)


def test_a_fee_is_kept_with_the_tax_of_the_goods(shop: Shop) -> None:
    """2 of 10 lamps at 10 come back: 20.00 and 3.80 of tax less a fee of 5.00 and 0.95: 15.00 and 2.85 are credited."""
    order = ship(shop.order((lamps(shop), "10", "10")))
    erp.post_invoice(order_id=order.pk, now=NOW)
    row = back(order, "2")
    with pytest.raises(erp.FeeTooLarge, match=r"20\.00 net"):
        credit(row, "20")
    with pytest.raises(InvalidInput, match="smallest coin"):
        credit(row, "5.001")
    [note] = credit(row, "5")
    assert amounts(note) == (D(-15), D("-2.85"))
    assert account(shop, ROLE.REVENUE) == D(-85)


def test_each_invoice_that_charged_it_is_credited(shop: Shop) -> None:
    """3 and 7 of 10 lamps at 9.99 are invoiced apart: 29.97 and 69.93. 2 and 5 come back, 7 in one return.

    The pieces are of one line, so the older invoice is credited whole (3: 29.97) and the younger for 4: 39.96.
    """
    order = ship(shop.order((lamps(shop), "10", "9.99")), "3")
    erp.post_invoice(order_id=order.pk, now=NOW)
    erp.post_invoice(order_id=ship(order, "7").pk, now=NOW)
    notes = credit(back(order, "2", "5"))
    assert [note.net_amount for note in notes] == [D("-29.97"), D("-39.96")]
    assert order.lines.get().invoiced_qty == 3


def test_goods_that_came_back_before_they_were_invoiced_are_not_charged(shop: Shop) -> None:
    """Of 10 at 10, 4 come back: 60 are invoiced, the order is invoiced whole, and there is nothing to credit."""
    order = ship(shop.order((lamps(shop), "10", "10")))
    row = back(order, "4")
    assert erp.post_invoice(order_id=order.pk, now=NOW).net_amount == D(60)
    with pytest.raises(erp.NothingCameBack):
        credit(row)
    with pytest.raises(erp.NothingToInvoice):
        erp.post_invoice(order_id=order.pk, now=NOW)


def test_what_was_credited_by_hand_is_not_credited_again(shop: Shop) -> None:
    """3 came back and 2 pieces were credited on the invoice's page before: 1 is left, 10.00."""
    order = ship(shop.order((lamps(shop), "10", "10")))
    invoice = erp.post_invoice(order_id=order.pk, now=NOW)
    row = back(order, "3")
    part = erp.Credit(line_id=invoice.lines.get().pk, quantity=D(2))
    erp.credit_invoice(invoice_id=invoice.pk, reason="By hand", lines=[part], now=NOW)
    assert [note.net_amount for note in credit(row)] == [D(-10)]


def test_an_exchange_is_not_credited_and_what_was_credited_is_charged_again(shop: Shop) -> None:
    """Of 3 that came back 1 is replaced without charge: 2 are credited, 20.00 of 100.00; 8 stay invoiced.

    One of the two is sent to the customer again afterwards: it may be charged again, 10.00.
    """
    order = ship(shop.order((lamps(shop), "10", "10")))
    erp.post_invoice(order_id=order.pk, now=NOW)
    row = erp.authorise_return(
        order_id=order.pk, lines=[(Shipment.objects.get().lines.get().pk, D(3))], reason="wrong", now=NOW
    )
    line_id = row.lines.get().pk
    one, two, _ = (erp.receive_return(return_id=row.pk, line_id=line_id, quantity=D(1), now=NOW) for _ in "123")
    new = erp.decide_return(receipt_id=one.pk, outcome="rework", replace=True, now=NOW, by=None).replaced_by
    assert new is not None
    assert [note.net_amount for note in credit(row)] == [D(-20)]
    erp.decide_return(receipt_id=two.pk, outcome="send_back", now=NOW, by=None)
    assert order.lines.get().invoiced_qty == 8
    assert erp.post_invoice(order_id=order.pk, now=NOW).net_amount == D(10)


def test_dollars_are_credited_at_the_rate_of_their_invoice(shop: Shop) -> None:
    """100 USD at 0.90; 3 of 10 pieces come back: 30 USD are 27.00 EUR, whatever a dollar is by now."""
    invoice = dollar_invoice(shop, "0.90")
    assert invoice.order is not None
    [note] = credit(back(invoice.order, "3"))
    assert (note.gross_amount, note.own_gross) == (D(-30), D(-27))


def test_a_return_is_credited_on_its_page_and_over_rest(shop: Shop) -> None:
    """The page shows 30.00 of the invoice; a version that is old is refused; REST credits with a fee of 10.00."""
    order = ship(shop.order((lamps(shop), "10", "10")))
    invoice = erp.post_invoice(order_id=order.pk, now=NOW)
    row = back(order, "3")
    client = accountant(shop)
    assert f"/returns/{row.pk}/credit/" in client.get(f"/returns/{row.pk}/").content.decode()
    page = client.get(f"/returns/{row.pk}/credit/").content.decode()
    assert invoice.number in page
    assert "30.00" in page
    assert client.post(f"/returns/{row.pk}/credit/", {"version": "1"}).status_code == 409
    with pytest.raises(StaleVersion):
        erp.credit_return(return_id=row.pk, now=NOW, expected_version=1)
    program = make_caller(shop.company, "accountant")
    stale = program.post(f"erp/customer-returns/{row.pk}/credit/", {}, If_Match='"1"')
    assert stale.status_code == 412
    answer = program.post(f"erp/customer-returns/{row.pk}/credit/", {"restock_fee": "10"})
    assert answer.status_code == 201, answer.content
    assert [note["net_amount"] for note in answer.json()["credit_notes"]] == ["-20.0000"]
    assert program.post(f"erp/customer-returns/{row.pk}/credit/", {}).json()["code"] == "nothing_came_back"
    assert f"/returns/{row.pk}/credit/" not in client.get(f"/returns/{row.pk}/").content.decode()
    assert make_caller(shop.company, "sales").post(f"erp/customer-returns/{row.pk}/credit/", {}).status_code == 403
    assert SalesOrderLine.objects.get().invoiced_qty == 7


def test_a_return_is_credited_by_one_click(shop: Shop) -> None:
    order = ship(shop.order((lamps(shop), "10", "10")))
    erp.post_invoice(order_id=order.pk, now=NOW)
    row = back(order, "3")
    answer = accountant(shop).post(f"/returns/{row.pk}/credit/", {"version": "2"})
    note = Invoice.objects.get(kind="credit_note")
    assert (answer["Location"], note.gross_amount) == (f"/invoices/{note.pk}/", D("-35.70"))
