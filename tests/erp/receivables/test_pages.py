"""Pages of receivables as an accountant uses them."""

from __future__ import annotations

from decimal import Decimal

from django.test import Client
from django.utils import timezone

from erp import services as erp
from erp.models import Allocation, Invoice, Payment
from masterdata.models import Membership, User
from tests.erp.receivables.sold import invoiced, lamps, received, ship, terms
from tests.erp.shop import Shop


def accountant(shop: Shop, role: str = "accountant") -> Client:
    """Signed in."""
    user = User.objects.create_user(role)
    Membership.objects.create(user=user, role=role, company=shop.company)
    client = Client()
    client.force_login(user)
    return client


def test_money_is_recorded_allocated_and_undone(shop: Shop) -> None:
    """200 come; the oldest invoice is proposed with its 119; undone, it is open again, and 81 go back."""
    invoice = invoiced(shop)
    client, today = accountant(shop), timezone.localdate().isoformat()
    body = {"company": shop.company.pk, "customer": shop.customer.pk, "amount": "200", "received_on": today}
    answer = client.post("/payments/new/", body)
    payment = Payment.objects.get()
    assert answer["Location"] == f"/payments/{payment.pk}/allocate/"
    page = client.get(answer["Location"]).content.decode()
    assert f'name="amount_{invoice.pk}" value="119"' in page
    client.post(answer["Location"], {f"amount_{invoice.pk}": "119"})
    row = Allocation.objects.get()
    assert f"/allocations/{row.pk}/undo/" in client.get(f"/invoices/{invoice.pk}/?tab=payments").content.decode()
    client.post(f"/allocations/{row.pk}/undo/", {"reason": "Meant for another"})
    assert Invoice.objects.with_open().get().open_amount == 119
    client.post(f"/payments/{payment.pk}/refund/", {"amount": "81", "paid_on": today})
    assert Payment.objects.with_open().get(pk=payment.pk).open_amount == 119
    assert "Still on account" in client.get(f"/payments/{payment.pk}/").content.decode()
    assert client.get("/payments/?open=1").status_code == 200


def test_an_invoice_is_credited_line_by_line(shop: Shop) -> None:
    """Two of ten pieces come off; too many are refused at the form; sales may not credit."""
    invoice = invoiced(shop)
    client, line = accountant(shop), invoice.lines.get()
    address = f"/invoices/{invoice.pk}/credit/"
    assert client.post(address, {"reason": "Broken", f"quantity_{line.pk}": "11"}).status_code == 422
    client.post(address, {"reason": "Broken", f"quantity_{line.pk}": "2"})
    note = Invoice.objects.get(kind="credit_note")
    assert (note.gross_amount, note.reason, note.by.username if note.by else "") == (
        Decimal("-23.80"), "Broken", "accountant",
    )  # fmt: skip
    assert "Credit left" in client.get(f"/invoices/{note.pk}/").content.decode()
    assert accountant(shop, "sales").get(address).status_code == 403


def test_a_deposit_is_asked_for_and_shipments_are_invoiced_together(shop: Shop) -> None:
    """The order's page offers the deposit; afterwards everything shipped to the customer is one invoice."""
    terms(shop, order_percent="30")
    order = shop.order((lamps(shop), "10", "10"))
    client = accountant(shop)
    assert f"/orders/{order.pk}/deposit/" in client.get(f"/orders/{order.pk}/").content.decode()
    client.post(f"/orders/{order.pk}/deposit/", {"stage": "order", "net": ""})
    assert Invoice.objects.get().gross_amount == Decimal("35.70")
    deposit = Invoice.objects.get()
    received(shop, "35.70", (deposit, "35.70"))
    ship(order)
    client.post("/invoices/collective/", {"company": shop.company.pk, "customer": shop.customer.pk})
    assert Invoice.objects.get(kind="invoice").gross_amount == Decimal("83.30")


def test_a_small_rest_is_written_off_where_it_is_small(shop: Shop) -> None:
    """The invoice's page offers it only within the company's limit."""
    invoice = invoiced(shop)
    received(shop, "118", (invoice, "118"))
    client, address = accountant(shop), f"/invoices/{invoice.pk}/write-off/"
    assert address not in client.get(f"/invoices/{invoice.pk}/").content.decode()
    erp.set_money_policy(
        company_id=shop.company.pk, write_off_limit=Decimal(1), discount_grace_days=0, invoice_limit=Decimal(0)
    )
    assert address in client.get(f"/invoices/{invoice.pk}/").content.decode()
    client.post(address, {"reason": "Charges"})
    assert Invoice.objects.with_open().get().open_amount == 0
