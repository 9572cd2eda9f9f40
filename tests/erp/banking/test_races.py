"""Two people at once: the same money, the same line, the same bill; real connections, real commits."""

from decimal import Decimal

import pytest
from django.db import connection

from erp import services as erp
from erp.banking.invariants import INVARIANTS as BANKING
from erp.banking.models import BankLine, BankMatch
from erp.ledger.models import Account
from erp.models import Allocation, Invoice, Payment, PaymentProposal, SupplierPayment
from erp.payables.invariants import INVARIANTS as PAYABLES
from erp.receivables.invariants import INVARIANTS as RECEIVABLES
from masterdata.models import User
from tests.erp.crowd import at_once
from tests.erp.receivables.sold import invoiced, received
from tests.erp.shop import NOW, Shop

D = Decimal


@pytest.fixture
def open_shop(committed: None) -> Shop:
    """A shop that other connections see."""
    return Shop()


def broken() -> list[str]:
    """Names of the invariants that do not hold."""
    found = []
    with connection.cursor() as cursor:
        for invariant in [*RECEIVABLES, *PAYABLES, *BANKING]:
            cursor.execute(invariant.sql)
            if cursor.fetchall():
                found.append(invariant.name)
    return found


def bill(shop: Shop, net: str) -> int:
    """Freight that needs no order; its id."""
    erp.set_money_policy(company_id=shop.company.pk, write_off_limit=D(0), discount_grace_days=0, invoice_limit=D(1000))
    account = Account.objects.get(company=shop.company, role=Account.Role.FREIGHT)
    line = erp.InvoiceLineInput(charge="Freight", net_amount=D(net), account_id=account.pk)
    paper = erp.enter_supplier_invoice(
        company_id=shop.company.pk, supplier_id=shop.supplier.pk, reference="F-1", invoiced_on=NOW.date(),
        lines=[line], now=NOW,
    )  # fmt: skip
    return paper.pk


def test_money_on_account_is_spent_once(open_shop: Shop) -> None:
    """119.00 on account for an invoice of 119.00: of 6 who allocate it at once 5 are refused."""
    invoice = invoiced(open_shop)
    payment = received(open_shop, "119")
    part = erp.PaymentPart(invoice_id=invoice.pk, amount=D(119))
    deeds = [lambda: erp.allocate_payment(payment_id=payment, parts=[part], now=NOW)] * 6

    refused = at_once(deeds)

    assert [type(error) for error in refused] == [erp.OverPayment] * 5
    assert Allocation.objects.get().amount == D(119)
    assert broken() == []


def test_an_invoice_is_paid_once(open_shop: Shop) -> None:
    """Six payments of 50.00 for an invoice of 119.00: two fit, four are refused; 19.00 are left."""
    invoice = invoiced(open_shop)
    deeds = [lambda: erp.receive_payment(invoice_id=invoice.pk, amount=D(50), received_on=NOW.date(), now=NOW)] * 6

    refused = at_once(deeds)

    assert [type(error) for error in refused] == [erp.OverPayment] * 4
    assert (Invoice.objects.with_open().get().open_amount, Payment.objects.count()) == (D(19), 2)
    assert broken() == []


def test_a_line_of_the_bank_is_matched_once(open_shop: Shop) -> None:
    """Of 4 who take the same proposal at once one has it; the money is in the books once."""
    invoice = invoiced(open_shop)
    bank = erp.open_bank_account(
        company_id=open_shop.company.pk, name="House bank", currency_id=open_shop.euro.pk, account_code="1010"
    )
    content = f"date,amount,text\n2026-03-02,119.00,{invoice.number}\n".encode()
    erp.import_statement(bank_account_id=bank.pk, name="a.csv", content=content, now=NOW)
    line = BankLine.objects.get()
    take = {"line_id": line.pk, "kind": "invoice", "target_id": invoice.pk, "now": NOW}

    refused = at_once([lambda: erp.take_proposal(**take)] * 4)

    assert [type(error) for error in refused] == [erp.LineIsMatched] * 3
    assert (BankMatch.objects.count(), Payment.objects.count()) == (1, 1)
    assert broken() == []


def test_a_bill_is_in_one_proposal_and_paid_once(open_shop: Shop) -> None:
    """Four propose at once: one has the bill. Then paying it by hand races with paying the proposal: one succeeds."""
    paper = bill(open_shop, "100")
    day = {"company_id": open_shop.company.pk, "pay_on": NOW.date(), "due_until": NOW.date().replace(year=2027)}

    refused = at_once([lambda: erp.propose_payments(now=NOW, **day)] * 4)

    assert [type(error) for error in refused] == [erp.NothingToPay] * 3
    proposal = PaymentProposal.objects.get()
    erp.approve_proposal(proposal_id=proposal.pk, by=User.objects.create_user("boss"), now=NOW)
    by_hand = {"company_id": open_shop.company.pk, "supplier_id": open_shop.supplier.pk, "paid_on": NOW.date()}

    refused = at_once(
        [
            lambda: erp.pay_proposal(proposal_id=proposal.pk, now=NOW),
            lambda: erp.pay_supplier(parts=[(paper, D(100))], now=NOW, **by_hand),
        ]
    )

    assert [type(error) for error in refused] == [erp.PaidTooMuch]
    assert SupplierPayment.objects.get().amount == 100
    assert broken() == []
