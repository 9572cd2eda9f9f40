"""Open items by age: the sum is the account, on any day; worked by hand."""

import datetime as dt
import io
from decimal import Decimal

from openpyxl import load_workbook

from erp import services as erp
from erp.banking.ageing import BUCKETS, Aged, aged_payables, aged_receivables, totals
from erp.ledger.models import Account
from tests.erp.receivables.sold import account, invoiced, received
from tests.erp.receivables.test_pages import accountant
from tests.erp.shop import NOW, Shop

D = Decimal
DAY = dt.timedelta(days=1)


def test_what_is_open_moves_through_the_ages_and_ties_to_the_account(shop: Shop) -> None:
    """119.00 due in 14 days, of which 19.00 is paid on day 20: 119.00 not due, then 100.00 overdue; 30 more on account.

    The account: 119.00 - 19.00 - 30.00 = 70.00.
    """
    invoice = invoiced(shop)
    later = NOW + 20 * DAY
    erp.receive_payment(invoice_id=invoice.pk, amount=D(19), received_on=later.date(), now=later)
    received(shop, "30")

    def on(days: int) -> Aged:
        return aged_receivables(company_id=shop.company.pk, on=invoice.due_on + days * DAY)[0]

    assert (on(0).not_due, on(0).total) == (D(89), D(89))
    assert (on(6).to_30, on(6).not_due, on(6).total) == (D(100), D(-30), D(70))
    assert [getattr(on(days), bucket) for days, bucket in ((31, "to_60"), (61, "to_90"), (91, "over_90"))] == [100] * 3
    assert on(91).total == account(shop, Account.Role.RECEIVABLE) == D(70)
    assert totals([on(91)])["total"] == sum(getattr(on(91), bucket) for bucket in BUCKETS)
    assert aged_payables(company_id=shop.company.pk, on=NOW.date()) == []


def test_the_page_and_its_csv(shop: Shop) -> None:
    """The customer stands there with what is open, on the day asked for."""
    invoice = invoiced(shop)
    client = accountant(shop)
    page = client.get(f"/open-items/?on={invoice.due_on}").content.decode()
    assert "119.00" in page
    assert "Their sum is the balance of the account." in page
    assert client.get("/open-items/suppliers/").status_code == 200


def test_open_items_as_files_of_a_day(shop: Shop) -> None:
    """119.00 are not due on the day itself, and 40 days overdue 40 days later; the last line are the sums."""
    invoice = invoiced(shop)
    client = accountant(shop)
    sheet = client.get(f"/open-items/?export=csv&on={invoice.due_on}").content.decode("utf-8-sig").splitlines()
    assert sheet == [
        "Code,Name,Total,Not due,1-30,31-60,61-90,> 90",
        "C1,Corner shop,119.00,119.00,0.00,0.00,0.00,0.00",
        "Total,,119.00,119.00,0.00,0.00,0.00,0.00",
    ]
    answer = client.get(f"/open-items/?export=xlsx&on={invoice.due_on + 40 * DAY}")
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[1] == ("C1", "Corner shop", 119, 0, 0, 119, 0, 0)
    assert f"open-items-{invoice.due_on + 40 * DAY}.xlsx" in answer["Content-Disposition"]
    nothing = client.get("/open-items/suppliers/?export=csv").content.decode("utf-8-sig").splitlines()
    assert nothing[1:] == ["Total,,0.00,0.00,0.00,0.00,0.00,0.00"]
