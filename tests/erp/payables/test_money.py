"""Suppliers' money: other currencies, discounts, charges without orders, proposals; worked by hand."""

import datetime as dt
from decimal import Decimal
from xml.etree import ElementTree as Xml

import pytest
from django.test import Client

from erp import selectors as erp_now
from erp import services as erp
from erp.ledger.models import Account
from erp.models import JournalLine, PaymentProposal, SupplierAllocation, SupplierInvoice, SupplierPayment
from erp.payables.pain import NAMESPACE, NoAccountToPay, as_csv, pain_001
from erp.payables.selectors import with_open
from masterdata.errors import InvalidInput
from masterdata.models import Currency, ExchangeRate, Membership, PartnerAccount, PaymentTerm, User
from tests.erp.payables.bought import account, order, receive, shop_at
from tests.factories import NOW, Factory

D = Decimal
ROLE = Account.Role
DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


def freight(shop: Factory, net: str, reference: str = "F-1", **more: object) -> SupplierInvoice:
    """A charge of 5500 that needs no order, up to a limit of 1000."""
    bearer = {"account_id": Account.objects.get(company=shop.company, role=ROLE.FREIGHT).pk}
    tax = more.pop("tax", None)
    line = erp.InvoiceLineInput(
        charge="Freight", net_amount=D(net), tax_code_id=shop.tax.pk if tax else None, **(more.pop("bearer", bearer))
    )  # type: ignore[arg-type]
    return erp.enter_supplier_invoice(
        company_id=shop.company.pk, supplier_id=shop.supplier.pk, reference=reference, invoiced_on=NOW.date(),
        lines=[line], now=NOW, **more,  # type: ignore[arg-type]
    )  # fmt: skip


def shop_with_limit() -> Factory:
    """Charges up to 1000 need nobody else."""
    shop = shop_at()
    erp.set_money_policy(company_id=shop.company.pk, write_off_limit=D(0), discount_grace_days=0, invoice_limit=D(1000))
    return shop


def dollars(shop: Factory, rate: str) -> Currency:
    dollar, _ = Currency.objects.get_or_create(code="USD", defaults={"name": "Dollar"})
    ExchangeRate.objects.update_or_create(
        base=dollar, quote=shop.company.currency, valid_from=NOW.date(), defaults={"rate": D(rate)}
    )
    return dollar


def open_of(paper: SupplierInvoice) -> tuple[Decimal, Decimal]:
    row = with_open(SupplierInvoice.objects.all()).get(pk=paper.pk)
    return row.open_amount, row.open_own


def pay(shop: Factory, *parts: erp.PaidPart, **more: object) -> SupplierPayment:
    return erp.pay_supplier(
        company_id=shop.company.pk, supplier_id=shop.supplier.pk, parts=parts, now=NOW,
        **({"paid_on": NOW.date()} | more),  # type: ignore[arg-type]
    )  # fmt: skip


def test_goods_in_dollars_are_matched_and_paid_in_both_currencies() -> None:
    """10 boards ordered at 9.00 EUR; the paper says 100 USD at 0.90 = 90.00 EUR: it matches, 90.00 clears what came.

    60 USD paid at 0.95 = 57.00 for 54.00, 40 USD at 0.85 = 34.00 for 36.00: a loss of 3.00 and a gain of 2.00.
    """
    shop = shop_at()
    line = order(shop, "10", "9")
    receive(line)
    dollar = dollars(shop, "0.90")
    paper = erp.enter_supplier_invoice(
        company_id=shop.company.pk, supplier_id=shop.supplier.pk, reference="R-1", invoiced_on=NOW.date(),
        lines=[erp.InvoiceLineInput(order_line_id=line.pk, quantity=D(10), net_amount=D(100))], now=NOW,
        currency_id=dollar.pk,
    )  # fmt: skip
    assert (paper.state, paper.gross_amount, paper.own_gross) == ("posted", D(100), D(90))
    assert (account(shop, ROLE.GRNI), account(shop, ROLE.PAYABLE)) == (0, D(-90))
    pay(shop, erp.PaidPart(invoice_id=paper.pk, amount=D(60)), rate=D("0.95"))
    assert (account(shop, ROLE.CURRENCY_GAIN), open_of(paper)) == (D(3), (D(40), D(36)))
    pay(shop, erp.PaidPart(invoice_id=paper.pk, amount=D(40)), rate=D("0.85"))
    assert (account(shop, ROLE.CURRENCY_GAIN), open_of(paper), account(shop, ROLE.PAYABLE)) == (D(1), (0, 0), 0)


def test_a_discount_taken_gives_its_input_tax_back() -> None:
    """100 + 19 tax; 2 percent: 2.38, of which 0.38 is tax: 2.00 earned, input tax 18.62; undone, all is as before."""
    shop = shop_with_limit()
    shop.tax.rate_percent = D(19)
    shop.tax.save()
    shop.supplier.payment_term = PaymentTerm.objects.create(
        code="D", name="2 % in 10 days", days=30, discount_percent=D(2), discount_days=10
    )
    shop.supplier.save()
    paper = freight(shop, "100", tax=True)
    assert (paper.discount_amount, paper.discount_on) == (D("2.38"), paper.invoiced_on + 10 * DAY)
    part = erp.PaidPart(invoice_id=paper.pk, amount=D("116.62"), discount=D("2.38"))
    pay(shop, part)
    assert open_of(paper) == (0, 0)
    assert (account(shop, ROLE.DISCOUNT_TAKEN), account(shop, ROLE.INPUT_TAX)) == (D(-2), D("18.62"))
    row = SupplierAllocation.objects.get(kind="payment")
    erp.undo_supplier_allocation(allocation_id=row.pk, reason="Bounced", now=NOW)
    assert (open_of(paper), account(shop, ROLE.INPUT_TAX)) == ((D(119), D(119)), D(19))
    with pytest.raises(erp.NoDiscountLeft):
        pay(shop, part, paid_on=(NOW + 11 * DAY).date())


def test_money_in_advance_pays_a_later_invoice() -> None:
    """300 sent in advance; 100 of it pays an invoice; more than is left is refused."""
    shop = shop_with_limit()
    payment = pay(shop, amount=D(300))
    paper = freight(shop, "100")
    erp.allocate_supplier_payment(payment_id=payment.pk, parts=[(paper.pk, D(100))], now=NOW)
    assert (open_of(paper), account(shop, ROLE.PAYABLE)) == ((0, 0), D(200))
    assert SupplierPayment.objects.with_open().get().open_amount == 200


def test_a_charge_above_the_limit_waits_for_somebody_else() -> None:
    """1000.01 is held; who entered it may not release it; below the limit freight is posted at once to its account."""
    shop = shop_with_limit()
    one, other = User.objects.create_user("one"), User.objects.create_user("other")
    assert freight(shop, "1000", "F-0").state == "posted"
    paper = freight(shop, "1000.01", by=one)
    assert (paper.state, paper.holds.get().reason) == ("held", "approval")
    with pytest.raises(erp.OwnInvoice):
        erp.release_supplier_invoice(invoice_id=paper.pk, reason="Fine", by=one, now=NOW)
    erp.release_supplier_invoice(invoice_id=paper.pk, reason="Fine", by=other, now=NOW)
    assert account(shop, ROLE.FREIGHT) == D("2000.01")
    with pytest.raises(InvalidInput, match="Choose an account"):
        freight(shop, "1", "F-9", bearer={"account_id": Account.objects.get(role=ROLE.RECEIVABLE).pk})


def test_a_proposal_takes_what_is_due_less_what_is_held_or_proposed() -> None:
    """Of 100, 200 and 300 due, 300 is held: 300 are proposed. A second proposal finds nothing; somebody else approves.

    Paid, it is one payment of 300; the held one is free again when the hold is lifted.
    """
    shop = shop_with_limit()
    maker, boss = User.objects.create_user("maker"), User.objects.create_user("boss")
    papers = [freight(shop, amount, f"F-{amount}") for amount in ("100", "200", "300")]
    erp.hold_payment(invoice_id=papers[2].pk, reason="Wrong address", by=maker, now=NOW)
    due = papers[0].due_on
    proposal = propose(shop, due, maker)
    assert sorted(proposal.lines.values_list("amount", flat=True)) == [100, 200]
    with pytest.raises(erp.NothingToPay):
        propose(shop, due, boss)
    with pytest.raises(erp.OwnProposal):
        erp.approve_proposal(proposal_id=proposal.pk, by=maker, now=NOW)
    with pytest.raises(erp.ProposalIsOver):
        erp.pay_proposal(proposal_id=proposal.pk, by=boss, now=NOW)
    erp.approve_proposal(proposal_id=proposal.pk, by=boss, now=NOW)
    erp.pay_proposal(proposal_id=proposal.pk, by=boss, now=NOW)
    assert (SupplierPayment.objects.get().amount, account(shop, ROLE.PAYABLE)) == (D(300), D(-300))
    erp.lift_payment_hold(invoice_id=papers[2].pk, by=boss, now=NOW)
    assert propose(shop, due, maker).lines.get().amount == 300


def propose(shop: Factory, due: dt.date, by: User) -> PaymentProposal:
    return erp.propose_payments(company_id=shop.company.pk, pay_on=NOW.date(), due_until=due, by=by, now=NOW)


def test_what_was_paid_meanwhile_stops_the_proposal() -> None:
    """By hand the invoice is paid; the approved proposal is refused whole and posts nothing."""
    shop = shop_with_limit()
    paper = freight(shop, "100")
    proposal = propose(shop, paper.due_on, User.objects.create_user("maker"))
    erp.approve_proposal(proposal_id=proposal.pk, by=User.objects.create_user("boss"), now=NOW)
    pay(shop, erp.PaidPart(invoice_id=paper.pk, amount=D(100)))
    with pytest.raises(erp.PaidTooMuch):
        erp.pay_proposal(proposal_id=proposal.pk, now=NOW)
    assert SupplierPayment.objects.count() == 1
    assert erp.drop_proposal(proposal_id=proposal.pk).state == "dropped"


def test_the_bank_gets_one_transfer_for_each_supplier() -> None:
    """Two invoices of one supplier: one transfer of 300.00 with both references, as ISO 20022 and as CSV."""
    shop = shop_with_limit()
    erp.open_bank_account(
        company_id=shop.company.pk, name="House bank", currency_id=shop.company.currency_id, account_code="1010",
        iban="DE89370400440532013000", bic="COBADEFF",
    )  # fmt: skip
    papers = [freight(shop, amount, f"F-{amount}") for amount in ("100", "200")]
    proposal = propose(shop, papers[0].due_on, User.objects.create_user("maker"))
    with pytest.raises(NoAccountToPay, match=shop.supplier.name):
        pain_001(proposal, NOW)
    PartnerAccount.objects.create(partner=shop.supplier, iban="GB82WEST12345698765432")
    tree = Xml.fromstring(pain_001(proposal, NOW))  # noqa: S314 (our own)
    said = {element.tag.removeprefix(f"{{{NAMESPACE}}}"): element.text for element in tree.iter()}
    assert (said["NbOfTxs"], said["CtrlSum"], said["InstdAmt"]) == ("1", "300.00", "300.00")
    assert (said["Ustrd"], said["IBAN"]) == ("F-100, F-200", "GB82WEST12345698765432")
    assert as_csv(proposal).splitlines()[1].startswith(f"{shop.supplier.name},GB82WEST12345698765432,,300.00")


def test_freight_of_an_order_is_its_cost() -> None:
    """40 for freight on an order: the expense names it, and its cost grows by 40."""
    shop = shop_with_limit()
    sold = erp.create_order(
        company=shop.company, customer=shop.customer, currency=shop.company.currency, now=NOW,
        lines=[erp.OrderLineInput(shop.plant.pk, sellable(shop), D(1), D(100), (NOW + 9 * DAY).date())],
    )  # fmt: skip
    freight(shop, "40", bearer={"sales_order_id": sold.pk, "element": "freight"})
    line = JournalLine.objects.get(account__role=ROLE.FREIGHT)
    assert (line.amount, line.sales_order_id) == (D(40), sold.pk)
    assert erp_cost(sold.pk) == D(40)


def sellable(shop: Factory) -> int:
    board = shop.materials["BOARD"]
    board.is_sellable = True
    board.save()
    return board.pk


def erp_cost(order_id: int) -> Decimal:
    return erp_now.order_cost(order_id).incurred["freight"]


def test_a_proposal_on_its_pages() -> None:
    """One accountant proposes, another approves and pays; the bank's file is offered; a held invoice is left out."""
    shop = shop_with_limit()
    papers = [freight(shop, amount, f"F-{amount}") for amount in ("100", "200")]
    maker, boss = signed_in(shop, "accountant"), signed_in(shop, "accountant", "boss")
    maker.post(f"/supplier-invoices/{papers[1].pk}/hold/", {"reason": "Wrong"})
    assert "Lift the hold" in maker.get(f"/supplier-invoices/{papers[1].pk}/").content.decode()
    due = papers[0].due_on.isoformat()
    answer = maker.post(
        "/payment-proposals/new/", {"company": shop.company.pk, "pay_on": NOW.date().isoformat(), "due_until": due}
    )
    proposal = PaymentProposal.objects.get()
    assert answer["Location"] == f"/payment-proposals/{proposal.pk}/"
    maker.post(f"/payment-proposals/{proposal.pk}/approve/")
    boss.post(f"/payment-proposals/{proposal.pk}/approve/")
    assert "File for the bank" in boss.get(f"/payment-proposals/{proposal.pk}/").content.decode()
    boss.post(f"/payment-proposals/{proposal.pk}/pay/")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.approved_by and proposal.approved_by.username) == ("paid", "boss")
    assert SupplierPayment.objects.get().amount == 100
    assert boss.get("/payment-proposals/").status_code == 200


def signed_in(shop: Factory, role: str, name: str = "maker") -> Client:
    user = User.objects.create_user(name)
    Membership.objects.create(user=user, role=role, company=shop.company)
    client = Client()
    client.force_login(user)
    return client


def test_a_carriers_invoice_clears_what_was_accrued_for_an_order() -> None:
    """80.00 of freight are accrued on an order; the carrier's paper of 80.00 clears them, his credit of 30.00 opens 30.

    The order's cost stays 80.00: it was booked when the van went. A manual entry cannot touch the accrual.
    """
    shop = shop_with_limit()
    sold = erp.create_order(
        company=shop.company, customer=shop.customer, currency=shop.company.currency, now=NOW,
        lines=[erp.OrderLineInput(shop.plant.pk, sellable(shop), D(1), D(100), (NOW + 9 * DAY).date())],
    )  # fmt: skip
    erp.book_order_cost(
        order_id=sold.pk, element="freight", amount=D(80), plant_id=shop.plant.pk, text="Van", now=NOW,
        partner=shop.supplier,
    )  # fmt: skip
    assert account(shop, ROLE.ACCRUED_COST) == D(-80)
    accrual = Account.objects.get(company=shop.company, role=ROLE.ACCRUED_COST)
    freight(shop, "80", bearer={"account_id": accrual.pk})
    assert (account(shop, ROLE.ACCRUED_COST), account(shop, ROLE.PAYABLE)) == (0, D(-80))
    assert (account(shop, ROLE.FREIGHT), erp_cost(sold.pk)) == (D(80), D(80))
    freight(shop, "30", "C-1", kind="credit_note", bearer={"account_id": accrual.pk})
    assert account(shop, ROLE.ACCRUED_COST) == D(-30)
    bearer = Account.objects.get(company=shop.company, role=ROLE.BANK_FEE)
    lines = [erp.ManualLine(account_id=one.pk, amount=amount) for one, amount in ((accrual, D(5)), (bearer, D(-5)))]
    with pytest.raises(erp.ControlAccount):
        erp.write_entry(
            draft=erp.ManualDraft(posted_on=NOW.date(), memo="No", lines=lines), company=shop.company,
            by=User.objects.create_user("writer"), now=NOW,
        )  # fmt: skip
