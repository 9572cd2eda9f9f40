"""Money of customers: on account, discounts, small rests, refunds, other currencies; worked by hand."""

import datetime as dt
from decimal import Decimal

import pytest

from erp import services as erp
from erp.ledger.models import Account
from erp.ledger.reversing import AlreadyReversed
from erp.models import Allocation, Invoice, Payment
from tests.erp.receivables.sold import account, dollar_invoice, dollars, invoiced, open_of, received, terms
from tests.erp.shop import NOW, Shop

D = Decimal
ROLE = Account.Role
DAY = dt.timedelta(days=1)


def on_account(payment_id: int) -> Decimal:
    return Payment.objects.with_open().get(pk=payment_id).open_amount


def test_currency_gain(shop: Shop) -> None:
    """100 USD invoiced at 0.90 = 90.00 EUR; 60 USD paid at 0.95 = 57.00, the other 40 USD at 0.85 = 34.00.

    First: 60 of 100 USD of the invoice are 54.00 EUR; 57.00 came: a gain of 3.00. Then 36.00 are left and 34.00 came: a
    loss of 2.00. In all a gain of 1.00, and nothing is open in either currency.
    """
    invoice = dollar_invoice(shop, "0.90")
    assert (invoice.gross_amount, invoice.own_gross, invoice.rate) == (D(100), D(90), D("0.9"))
    usd = {"currency_id": invoice.currency_id}
    received(shop, "60", (invoice, "60"), rate=D("0.95"), **usd)
    assert (account(shop, ROLE.CURRENCY_GAIN), open_of(invoice)) == (D(-3), (D(40), D(36)))
    received(shop, "40", (invoice, "40"), rate=D("0.85"), **usd)
    assert (account(shop, ROLE.CURRENCY_GAIN), open_of(invoice)) == (D(-1), (0, 0))
    assert (account(shop, ROLE.RECEIVABLE), account(shop, ROLE.BANK)) == (0, D(91))


def test_thirds_of_an_invoice_leave_nothing_in_either_currency(shop: Shop) -> None:
    """100 USD at 0.333333 = 33.33 EUR in parts of 33.33, 33.33 and 33.34 USD: 11.11, 11.11 and 11.11 EUR."""
    invoice = dollar_invoice(shop, "0.333333")
    for part in ("33.33", "33.33", "33.34"):
        received(shop, part, (invoice, part), currency_id=invoice.currency_id)
    assert list(Allocation.objects.values_list("own_amount", flat=True)) == [D("11.11")] * 3
    assert (open_of(invoice), account(shop, ROLE.RECEIVABLE)) == ((0, 0), 0)


def test_a_credit_note_settles_its_invoice_at_the_same_rate(shop: Shop) -> None:
    """The rate of the day is another by now; the credit note takes back the invoice's 90.00 EUR: no difference."""
    invoice = dollar_invoice(shop, "0.90")
    dollars(shop, "0.99")
    note = erp.credit_invoice(invoice_id=invoice.pk, reason="Cancelled", now=NOW)
    assert note.own_gross == D(-90)
    received(shop, "0", (invoice, "100"), (note, "-100"), currency_id=invoice.currency_id)
    assert (account(shop, ROLE.CURRENCY_GAIN), account(shop, ROLE.RECEIVABLE)) == (0, 0)


def test_cash_discount_takes_its_tax_back(shop: Shop) -> None:
    """119.00 at 2 percent in 10 days: 2.38 off, of which 2.38 x 19/119 = 0.38 is tax. 116.62 close it.

    Revenue stays 100.00, discounts granted 2.00, tax owed 19.00 - 0.38 = 18.62.
    """
    terms(shop, discount_percent="2", discount_days="10")
    invoice = invoiced(shop)
    assert (invoice.discount_amount, invoice.discount_on) == (D("2.38"), invoice.issued_on + 10 * DAY)
    with pytest.raises(erp.NoDiscount, match="at most that"):
        pay(invoice, "116.61", "2.39", days=10)
    with pytest.raises(erp.NoDiscount, match="all the rest"):
        pay(invoice, "100", "2.38", days=10)
    with pytest.raises(erp.NoDiscount, match="until"):
        pay(invoice, "116.62", "2.38", days=11)
    pay(invoice, "116.62", "2.38", days=10)
    assert open_of(invoice) == (0, 0)
    assert (account(shop, ROLE.DISCOUNT_GRANTED), account(shop, ROLE.TAX_PAYABLE)) == (D(2), D("-18.62"))


def pay(invoice: Invoice, amount: str, discount: str, *, days: int) -> Payment:
    """So many days after the invoice."""
    day = NOW + days * DAY
    return erp.receive_payment(
        invoice_id=invoice.pk, amount=D(amount), discount=D(discount), received_on=day.date(), now=day
    )


def test_money_on_account_is_allocated_later_and_given_back(shop: Shop) -> None:
    """200 come without a word: 119 pay the invoice, of the other 81 50 go back and 31 stay."""
    invoice = invoiced(shop)
    payment = received(shop, "200")
    assert (on_account(payment), account(shop, ROLE.RECEIVABLE)) == (D(200), D(-81))
    part = erp.PaymentPart(invoice_id=invoice.pk, amount=D(119))
    erp.allocate_payment(payment_id=payment, parts=[part], now=NOW)
    with pytest.raises(erp.OverPayment):
        erp.refund_payment(payment_id=payment, amount=D("81.01"), paid_on=NOW.date(), now=NOW)
    back = erp.refund_payment(payment_id=payment, amount=D(50), paid_on=NOW.date(), now=NOW)
    assert (back.amount, on_account(payment), open_of(invoice)) == (D(-50), D(31), (0, 0))
    assert (account(shop, ROLE.BANK), account(shop, ROLE.RECEIVABLE)) == (D(150), D(-31))


def test_foreign_money_given_back_at_another_rate(shop: Shop) -> None:
    """100 USD on account at 0.90 = 90.00; 40 go back at 0.95 = 38.00 for 36.00: a loss of 2.00; 54.00 are left."""
    dollar = dollars(shop, "0.90")
    payment = received(shop, "100", currency_id=dollar.pk)
    erp.refund_payment(payment_id=payment, amount=D(40), paid_on=NOW.date(), rate=D("0.95"), now=NOW)
    assert (account(shop, ROLE.CURRENCY_GAIN), account(shop, ROLE.RECEIVABLE)) == (D(2), D(-54))
    assert Payment.objects.with_open().get(pk=payment).open_own == D(54)


def test_an_allocation_is_undone_with_its_discount_and_difference(shop: Shop) -> None:
    """The invoice is open again, the money on account; discount, tax and account stand as before; undone once only."""
    terms(shop, discount_percent="2", discount_days="10")
    invoice = invoiced(shop)
    payment = pay(invoice, "116.62", "2.38", days=0)
    row = Allocation.objects.get(kind="payment")
    erp.undo_allocation(allocation_id=row.pk, reason="Meant for another", now=NOW)
    assert (open_of(invoice), on_account(payment.pk)) == ((D(119), D(119)), D("116.62"))
    assert (account(shop, ROLE.DISCOUNT_GRANTED), account(shop, ROLE.TAX_PAYABLE)) == (0, D(-19))
    with pytest.raises(AlreadyReversed):
        erp.undo_allocation(allocation_id=row.pk, reason="Again", now=NOW)


def test_a_small_rest_is_written_off_within_the_limit(shop: Shop) -> None:
    """118.90 of 119.00 came: 0.10 are lost, when the company writes off that much."""
    invoice = invoiced(shop)
    received(shop, "118.90", (invoice, "118.90"))
    with pytest.raises(erp.TooMuchToWriteOff):
        erp.write_off(invoice_id=invoice.pk, reason="Bank charges", now=NOW)
    erp.set_money_policy(
        company_id=shop.company.pk, write_off_limit=D("0.10"), discount_grace_days=0, invoice_limit=D(0)
    )
    erp.write_off(invoice_id=invoice.pk, reason="Bank charges", now=NOW)
    assert (open_of(invoice), account(shop, ROLE.BAD_DEBT), account(shop, ROLE.RECEIVABLE)) == ((0, 0), D("0.10"), 0)


def test_a_bank_account_has_an_account_of_its_own(shop: Shop) -> None:
    """Euros go to the first bank account, dollars to the one in dollars; another company's is refused."""
    first = erp.open_bank_account(
        company_id=shop.company.pk, name="Savings bank", currency_id=shop.euro.pk, account_code="1010",
        iban="DE89 3704 0044 0532 0130 00",
    )  # fmt: skip
    dollar = dollars(shop, "0.90")
    second = erp.open_bank_account(
        company_id=shop.company.pk, name="Dollars", currency_id=dollar.pk, account_code="1020"
    )
    received(shop, "100")
    received(shop, "100", currency_id=dollar.pk, bank_account_id=second.pk)
    assert [one.account.lines.get().amount for one in (first, second)] == [D(100), D(90)]
    assert second.account.lines.get().currency_amount == D(100)
    assert (first.iban, account(shop, ROLE.BANK)) == ("DE89370400440532013000", 0)
