"""Pages of payables and value: entering, releasing, paying, revaluing and undoing as the roles do it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from erp import services as erp
from erp.models import MaterialValue, StockMove, SupplierInvoice, SupplierPayment
from masterdata.models import Membership, User
from tests.api.test_payables import bought
from tests.factories import Factory

pytestmark = pytest.mark.django_db


def signed_in(shop: Factory, role: str) -> Client:
    user = User.objects.create_user(role)
    Membership.objects.create(user=user, role=role, company=shop.company)
    client = Client()
    client.force_login(user)
    return client


def test_an_invoice_is_entered_from_its_order_released_and_paid() -> None:
    """10 boards at 3.00 are proposed for 30.00; the paper says 31.00, so it is held; the buyer releases it."""
    shop, line, _ = bought()
    accountant, buyer = signed_in(shop, "accountant"), signed_in(shop, "buyer")
    assert line.order.number in accountant.get("/supplier-invoices/enter/").content.decode()
    page = accountant.get(f"/supplier-invoices/enter/{line.order_id}/").content.decode()
    assert f'name="quantity_{line.pk}" value="10"' in page
    paper = {
        "kind": "invoice",
        "reference": "R-7",
        "invoiced_on": timezone.now().date().isoformat(),
        f"quantity_{line.pk}": "10",
        f"amount_{line.pk}": "31",
    }
    answer = accountant.post(f"/supplier-invoices/enter/{line.order_id}/", paper)
    invoice = SupplierInvoice.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/supplier-invoices/{invoice.pk}/")
    again = accountant.post(f"/supplier-invoices/enter/{line.order_id}/", paper)
    assert (again.status_code, "was entered already" in again.content.decode()) == (422, True)
    shown = buyer.get(f"/supplier-invoices/{invoice.pk}/").content.decode()
    assert "EUR 31.00 instead of EUR 30.00 as ordered" in shown
    assert accountant.get(f"/supplier-invoices/{invoice.pk}/release/").status_code == 403
    buyer.post(f"/supplier-invoices/{invoice.pk}/release/", {"reason": "Agreed", "version": "1"})
    invoice.refresh_from_db()
    assert (invoice.state, invoice.released_by.username if invoice.released_by else "") == ("posted", "buyer")
    too_much = {"amount": "31.01", "paid_on": timezone.now().date().isoformat()}
    assert accountant.post(f"/supplier-invoices/{invoice.pk}/pay/", too_much).status_code == 422
    accountant.post(f"/supplier-invoices/{invoice.pk}/pay/", too_much | {"amount": "31"})
    assert SupplierPayment.objects.get().amount == 31
    assert accountant.get("/supplier-invoices/").status_code == 200


def test_tolerances_are_set_for_what_is_entered_from_then_on() -> None:
    """Another version of the same page is told that somebody was faster."""
    shop, line, _ = bought()
    accountant = signed_in(shop, "accountant")
    address = f"/supplier-invoices/tolerances/{shop.company.pk}/"
    assert address in accountant.get("/supplier-invoices/").content.decode()
    assert accountant.post(address, {"price_percent": "5", "quantity_percent": "0"}).status_code == 302
    assert 'value="5"' in accountant.get(address).content.decode()
    stale = {"price_percent": "9", "quantity_percent": "0", "version": "1"}
    assert accountant.post(address, stale).status_code == 409
    row = erp.InvoiceLineInput(order_line_id=line.pk, quantity=Decimal(10), net_amount=Decimal(31))
    paper = erp.enter_supplier_invoice(
        company_id=shop.company.pk,
        supplier_id=shop.supplier.pk,
        reference="R-9",
        invoiced_on=timezone.now().date(),
        lines=[row],
        now=timezone.now(),
    )
    assert paper.state == "posted"


def test_a_held_invoice_is_sent_back() -> None:
    shop, line, _ = bought()
    accountant = signed_in(shop, "accountant")
    row = erp.InvoiceLineInput(order_line_id=line.pk, quantity=Decimal(10), net_amount=Decimal(31))
    paper = erp.enter_supplier_invoice(
        company_id=shop.company.pk,
        supplier_id=shop.supplier.pk,
        reference="R-8",
        invoiced_on=timezone.now().date(),
        lines=[row],
        now=timezone.now(),
    )
    accountant.post(f"/supplier-invoices/{paper.pk}/withdraw/")
    paper.refresh_from_db()
    assert paper.state == "withdrawn"


def test_freight_and_revaluation_show_on_the_stock_value_beside_the_ledger() -> None:
    """30.00 received and 5.00 freight are 35.00; at 4.00 each 40.00; before all of it nothing was there."""
    shop, _, got = bought()
    accountant = signed_in(shop, "accountant")
    freight = {"receipts": [got.receipt_id], "amount": "5", "element": "freight", "basis": "value"}
    assert accountant.post("/landed-costs/new/", freight).status_code == 302
    assert "EUR 5.00" in accountant.get("/landed-costs/").content.decode()
    area = MaterialValue.objects.get()
    assert (
        accountant.post(f"/stock/value/{area.pk}/revalue/", {"unit_value": "4", "reason": "Market"}).status_code == 302
    )
    page = accountant.get("/stock/value/").content.decode()
    assert ("EUR 40.00" in page, "agrees" in page, "differs" in page) == (True, True, False)
    page = accountant.get("/stock/value/", {"at": "2020-01-01T08:00"}).content.decode()
    assert ("40.00" in page, "There was no stock at that moment" in page) == (False, True)


def test_a_move_is_undone_from_the_list_of_moves() -> None:
    shop, _, _ = bought()
    intent = erp.MoveIntent(
        kind=StockMove.Kind.ADJUSTMENT,
        plant=shop.plant,
        material_id=shop.materials["BOARD"].pk,
        source_id=shop.locations["stock"].pk,
        target_id=shop.locations["loss"].pk,
        quantity=Decimal(1),
        document="test:1",
    )
    move = erp.post_moves(moves=[intent], now=timezone.now())[0]
    warehouse = signed_in(shop, "warehouse")
    address = f"/stock/moves/{move.pk}/undo/"
    assert address in warehouse.get("/stock/moves/").content.decode()
    assert warehouse.post(address, {"reason": "Found again"}).status_code == 302
    assert StockMove.objects.get(reverses=move).quantity == 1
    page = warehouse.get("/stock/moves/").content.decode()
    assert (address in page, "Undone" in page) == (False, True)
