"""Pages of money to suppliers: discount, advance, undoing, a changed proposal, a paper without an order; by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from erp import services as erp
from erp.ledger.models import Account
from erp.models import MoneyPolicy, PaymentProposal, SupplierAllocation, SupplierInvoice, SupplierPayment
from masterdata.models import PartnerAccount, PaymentTerm
from tests.erp.payables.bought import account
from tests.erp.payables.test_money import dollars, freight, open_of, sellable, shop_with_limit, signed_in
from tests.factories import NOW

D = Decimal
ROLE = Account.Role
pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def test_an_invoice_is_paid_less_its_discount_and_that_is_undone() -> None:
    """100.00 at 3 percent: 97.00 are proposed with 3.00 off while it is granted; undone, 100.00 are open again."""
    shop = shop_with_limit()
    shop.supplier.payment_term = PaymentTerm.objects.create(
        code="D3", name="3 %", days=30, discount_percent=3, discount_days=400
    )
    shop.supplier.save()
    paper = freight(shop, "100")
    client = signed_in(shop, "accountant")
    page = client.get(f"/supplier-invoices/{paper.pk}/pay/").content.decode()
    assert 'name="amount" value="97"' in page
    assert 'name="discount" value="3"' in page
    client.post(f"/supplier-invoices/{paper.pk}/pay/", {"amount": "97", "discount": "3", "paid_on": TODAY.isoformat()})
    assert open_of(paper) == (0, 0)
    row = SupplierAllocation.objects.get(kind="payment")
    assert (
        f"/supplier-allocations/{row.pk}/undo/"
        in client.get(f"/supplier-invoices/{paper.pk}/?tab=payments").content.decode()
    )
    client.post(f"/supplier-allocations/{row.pk}/undo/", {"reason": "Wrong invoice"})
    assert open_of(paper) == (D(100), D(100))
    again = client.get(f"/supplier-payments/{row.payment_id}/").content.decode()
    assert "Still in advance" in again
    assert "97.00" in again


def test_money_in_advance_is_used_for_the_invoice_that_comes() -> None:
    """80.00 in advance; the invoice of 100.00 comes: 80.00 of it are proposed and paid, 20.00 stay open."""
    shop = shop_with_limit()
    client = signed_in(shop, "accountant")
    body = {
        "company": shop.company.pk, "supplier": shop.supplier.pk, "amount": "80", "paid_on": TODAY.isoformat(),
    }  # fmt: skip
    answer = client.post("/supplier-payments/new/", body)
    payment = SupplierPayment.objects.get()
    assert answer["Location"] == f"/supplier-payments/{payment.pk}/"
    paper = freight(shop, "100")
    page = client.get(f"/supplier-payments/{payment.pk}/allocate/").content.decode()
    assert f'name="amount_{paper.pk}" value="80"' in page
    refused = client.post(f"/supplier-payments/{payment.pk}/allocate/", {f"amount_{paper.pk}": "81"})
    assert refused.status_code == 422
    client.post(f"/supplier-payments/{payment.pk}/allocate/", {f"amount_{paper.pk}": "80"})
    assert open_of(paper) == (D(20), D(20))
    assert payment.number in client.get("/supplier-payments/").content.decode()
    assert signed_in(shop, "sales", "sam").get("/supplier-payments/").status_code == 403


def test_a_draft_proposal_gets_another_day_and_other_invoices() -> None:
    """100.00 and 200.00 are proposed: the first comes out, a third of 300.00 goes in with 250.00, on another day.

    A page that somebody else changed meanwhile is refused; so is more than is open.
    """
    shop = shop_with_limit()
    first, second = freight(shop, "100", "F-1"), freight(shop, "200", "F-2")
    proposal = erp.propose_payments(company_id=shop.company.pk, pay_on=TODAY, due_until=first.due_on, now=NOW)
    third = freight(shop, "300", "F-3")
    client, url = signed_in(shop, "accountant"), f"/payment-proposals/{proposal.pk}/change/"
    page = client.get(url).content.decode()
    assert f'name="amount_{first.pk}" value="100"' in page
    assert f'name="amount_{third.pk}"' in page
    later = TODAY + dt.timedelta(days=3)
    body = {
        "version": proposal.version, "pay_on": later.isoformat(), f"amount_{first.pk}": "",
        f"amount_{second.pk}": "200", f"amount_{third.pk}": "301",
    }  # fmt: skip
    assert client.post(url, body).status_code == 422
    client.post(url, body | {f"amount_{third.pk}": "250"})
    proposal.refresh_from_db()
    assert proposal.pay_on == later
    assert sorted(proposal.lines.values_list("invoice", "amount")) == [(second.pk, D(200)), (third.pk, D(250))]
    assert client.post(url, body).status_code == 409
    stale = client.post(f"/payment-proposals/{proposal.pk}/drop/", {"version": "1"}, follow=True)
    assert "changed the proposal meanwhile" in stale.content.decode()
    assert PaymentProposal.objects.get().state == "draft"


def test_a_paper_without_an_order_is_entered_with_its_bearers() -> None:
    """100 USD at 0.90: 40 for rent of an account, 60 freight of an order: 36.00 and 54.00 EUR, and 90.00 are owed."""
    shop = shop_with_limit()
    sold = erp.create_order(
        company=shop.company,
        customer=shop.customer,
        currency=shop.company.currency,
        lines=[erp.OrderLineInput(shop.plant.pk, sellable(shop), D(1), D(100), TODAY)],
        now=NOW,
    )
    dollar = dollars(shop, "0.90")
    bearer = Account.objects.get(company=shop.company, role=ROLE.BANK_FEE)
    client = signed_in(shop, "accountant")
    body = {
        "company": shop.company.pk, "supplier": shop.supplier.pk, "kind": "invoice", "reference": "X-1",
        "invoiced_on": TODAY.isoformat(), "currency": dollar.pk, "stated_gross": "100",
        "charge_1": "Charges", "net_1": "40", "account_1": bearer.pk,
        "charge_2": "Freight", "net_2": "60", "order_2": "SO-NONE", "element_2": "freight",
    }  # fmt: skip
    refused = client.post("/supplier-invoices/enter-free/", body)
    assert refused.status_code == 422
    assert "There is no such order." in refused.content.decode()
    client.post("/supplier-invoices/enter-free/", body | {"order_2": sold.number.lower()})
    paper = SupplierInvoice.objects.get()
    assert (paper.state, paper.gross_amount, paper.own_gross) == ("posted", D(100), D(90))
    assert (account(shop, ROLE.BANK_FEE), account(shop, ROLE.FREIGHT)) == (D(36), D(54))


def test_the_money_policy_and_accounts_of_a_partner_have_their_pages() -> None:
    """The limit is 1,000.00; set to 50.00 with the version seen; an old version is refused. A wrong IBAN is refused."""
    shop = shop_with_limit()
    client, url = signed_in(shop, "accountant"), f"/money-policies/{shop.company.pk}/"
    assert 'value="1000"' in client.get(url).content.decode()
    version = MoneyPolicy.objects.get().version
    body = {"version": version, "write_off_limit": "5", "discount_grace_days": "3", "invoice_limit": "50"}
    assert client.post(url, body).status_code == 302
    policy = MoneyPolicy.objects.get()
    assert (policy.write_off_limit, policy.discount_grace_days, policy.invoice_limit) == (D(5), 3, D(50))
    assert client.post(url, body).status_code == 409
    buyer = signed_in(shop, "sales", "sam")
    add = reverse("masterdata:partner_account_create", args=[shop.supplier.pk])
    wrong = buyer.post(add, {"iban": "GB82 WEST 1234 5698 7654 33", "is_main": "on"})
    assert "is no account number" in wrong.content.decode()
    buyer.post(add, {"iban": "GB82 WEST 1234 5698 7654 32", "is_main": "on"})
    assert PartnerAccount.objects.get().iban == "GB82WEST12345698765432"
    page = buyer.get(reverse("masterdata:partner", args=[shop.supplier.pk]), {"tab": "accounts"}).content.decode()
    assert "GB82WEST12345698765432" in page
