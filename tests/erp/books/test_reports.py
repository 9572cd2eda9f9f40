"""Reports say what was posted: the figures of one small trade, worked by hand, and the same from pages and files."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from erp import services as erp
from erp.books import selectors
from erp.books.selectors import Asked, Report
from erp.models import Account, SalesOrder
from masterdata.models import Material, Partner
from tests.api.conftest import make_caller
from tests.erp.shop import NOW, Shop
from tests.pages.conftest import person

D = Decimal
YEAR = (dt.date(2026, 1, 1), dt.date(2026, 12, 31))


@pytest.fixture
def sold(shop: Shop) -> SalesOrder:
    """4 of 10 lamps at 20 are sold at 30 and invoiced with 19 %: revenue 120.00, tax 22.80, cost 80.00, 120.00 stay."""
    lamp = shop.buy("LAMP", cost="20")
    shop.stock(lamp, "10", "20")
    order = shop.order((lamp, "4", "30"))
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
    erp.post_invoice(order_id=order.pk, now=NOW)
    return order


def asked(shop: Shop, since: dt.date = YEAR[0], until: dt.date = YEAR[1], plant: int | None = None) -> Asked:
    return Asked(shop.company, since, until, plant)


def figures(report: Report) -> dict[str, tuple[Decimal | None, ...]]:
    """By role of the account, or by what the row says."""
    roles = dict(Account.objects.values_list("pk", "role"))
    return {roles[row.account_id] if row.account_id else str(row.label): row.figures for row in report.rows}


@pytest.mark.parametrize("is_sealed", [False, True, None])
def test_the_trial_balance_of_a_sale(shop: Shop, sold: SalesOrder, is_sealed: bool | None) -> None:
    """All unsealed, all sealed, or the opening sealed and the rest not: the same figures, in March and from April on.

    Stock: 200.00 in, 80.00 out. The customer owes 142.80 = 120.00 + 22.80.
    """
    if is_sealed is not False:
        most = 100 if is_sealed else 1
        erp.seal_entries(company_id=shop.company.pk, now=NOW, most=most)
    report = selectors.trial_balance(asked(shop, dt.date(2026, 3, 1), dt.date(2026, 3, 31)))
    assert report.agrees
    found = figures(report)
    assert found["inventory"] == (0, D("200"), D("80"), D("120"))
    assert found["receivable"] == (0, D("142.8"), 0, D("142.8"))
    assert found["revenue"] == (0, 0, D("120"), D("-120"))
    assert found["tax_payable"] == (0, 0, D("22.8"), D("-22.8"))
    assert found["cogs"] == (0, D("80"), 0, D("80"))
    assert found["Total"] == (0, D("422.8"), D("422.8"), 0)
    later = figures(selectors.trial_balance(asked(shop, dt.date(2026, 4, 1), dt.date(2026, 4, 30))))
    assert later["inventory"] == (D("120"), 0, 0, D("120"))


def test_a_day_within_a_period_counts_what_was_posted_until_then(shop: Shop, sold: SalesOrder) -> None:
    """All of 2 March; on the 1st nothing was there, sealed or not."""
    erp.seal_all(company_id=shop.company.pk, now=NOW)
    first = selectors.balance_sheet(asked(shop, until=dt.date(2026, 3, 1)))
    assert figures(first)["Assets in all"] == (0, 0, 0)
    second = selectors.balance_sheet(asked(shop, until=dt.date(2026, 3, 2)))
    assert figures(second)["inventory"] == (0, D("120"), D("120"))


@pytest.mark.parametrize("is_sealed", [False, True])
def test_reports_begin_on_the_day_that_is_asked(shop: Shop, sold: SalesOrder, is_sealed: bool) -> None:
    """2 March sold for 142.80, cost 80.00. To the bank come 40.00 on 3 and 7.00 on 9 March: on the 9th 40.00 open it.

    What was earned on 2 March is no result of the days from the 3rd; of all March it is.
    """
    for day, amount in ((3, 40), (9, 7)):
        lines = [erp.LedgerLine(role="bank", amount=D(amount)), erp.LedgerLine(role="opening", amount=D(-amount))]
        erp.post_entry(
            company=shop.company, kind="adjustment", source=f"test:{day}", lines=lines, now=NOW,
            posted_on=dt.date(2026, 3, day),
        )  # fmt: skip
    if is_sealed:
        erp.seal_all(company_id=shop.company.pk, now=NOW)
    for until in (dt.date(2026, 3, 9), dt.date(2026, 3, 31), dt.date(2026, 12, 31)):
        found = figures(selectors.trial_balance(asked(shop, dt.date(2026, 3, 9), until)))
        assert found["bank"] == (D(40), D(7), 0, D(47))
        assert found["receivable"] == (D("142.8"), 0, 0, D("142.8"))
        assert found["Total"] == (0, D(7), D(7), 0)
        later = selectors.profit_and_loss(asked(shop, dt.date(2026, 3, 3), until))
        assert figures(later)["Result"] == (0, 0)
        whole = selectors.profit_and_loss(asked(shop, dt.date(2026, 3, 2), until))
        assert figures(whole)["Result"] == (D(40), D(40), 0)
    owned = figures(selectors.balance_sheet(asked(shop, dt.date(2026, 3, 3), dt.date(2026, 3, 31))))
    assert owned["bank"] == (0, D(47), D(47))
    assert owned["inventory"] == (D(120), 0, D(120))


def test_days_in_the_wrong_order_are_refused(client: Client, shop: Shop, sold: SalesOrder) -> None:
    days = {"since": "2026-05-01", "until": "2026-04-30"}
    answer = make_caller(shop.company, "accountant").get(f"erp/books/{shop.company.pk}/trial-balance/", **days)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "since"
    client.force_login(person("anna", "accountant", shop.plant))
    page = client.get(reverse("erp:ledger"), {"company": shop.company.pk, **days}).content.decode()
    assert "The first day is after the last" in page
    assert "Everything ties" not in page


def test_profit_and_loss_by_month_and_plant(shop: Shop, sold: SalesOrder) -> None:
    """120.00 less 80.00 in March, all of it in the one plant; nothing a year before."""
    report = selectors.profit_and_loss(asked(shop))
    assert list(map(str, report.heads)) == ["Mar 2026", "Total", "A year before"]
    assert figures(report)["Result"] == (D("40"), D("40"), 0)
    by_plant = selectors.profit_by_plant(asked(shop))
    assert figures(by_plant)["Result"] == (D("40"), 0, D("40"))


def test_profit_by_order(shop: Shop, sold: SalesOrder) -> None:
    rows = selectors.profit_by_order(asked(shop)).rows
    assert [(row.code, row.figures) for row in rows[:1]] == [(sold.number, (D("120"), D("80"), D("40")))]


def test_the_balance_sheet_balances_with_the_result_of_the_year(shop: Shop, sold: SalesOrder) -> None:
    """Assets 120.00 stock + 142.80 receivable = 262.80 = 22.80 tax + 200.00 opening + 40.00 result; nothing before."""
    report = selectors.balance_sheet(asked(shop))
    found = figures(report)
    assert report.agrees
    assert found["Assets in all"] == found["Liabilities and equity in all"] == (0, D("262.8"), D("262.8"))
    assert found["Result of the year"] == (0, D("40"), D("40"))
    next_year = figures(selectors.balance_sheet(asked(shop, dt.date(2027, 1, 1), dt.date(2027, 2, 1))))
    assert next_year["Results of earlier years, not closed"] == (D("40"), 0, D("40"))
    assert next_year["Result of the year"] == (0, 0, 0)


def test_the_balance_sheet_opens_with_what_stood_there_the_day_before(shop: Shop, sold: SalesOrder) -> None:
    """40.00 more come to the bank in April: assets 262.80 + 40.00 = 302.80; March's 40.00 were there before.

    From January 2026 to February 2027 what 2026 earned is a change, and belongs to an earlier year at the end.
    """
    erp.post_entry(
        company=shop.company,
        kind="adjustment",
        source="test:1",
        lines=[
            erp.LedgerLine(role="bank", amount=D(40)),
            erp.LedgerLine(role="opening", amount=D(-40)),
        ],
        now=NOW,
        posted_on=dt.date(2026, 4, 8),
    )
    report = selectors.balance_sheet(asked(shop, dt.date(2026, 4, 1), dt.date(2026, 4, 30)))
    found = figures(report)
    assert report.agrees
    assert found["bank"] == (0, D("40"), D("40"))
    assert found["inventory"] == (D("120"), 0, D("120"))
    assert found["opening"] == (D("200"), D("40"), D("240"))
    assert found["Result of the year"] == (D("40"), 0, D("40"))
    assert found["Assets in all"] == found["Liabilities and equity in all"] == (D("262.8"), D("40"), D("302.8"))
    across = figures(selectors.balance_sheet(asked(shop, dt.date(2026, 1, 1), dt.date(2027, 2, 28))))
    assert across["Results of earlier years, not closed"] == (0, D("40"), D("40"))
    assert across["Result of the year"] == (0, 0, 0)


@pytest.mark.parametrize("is_sealed", [False, True])
def test_a_sales_order_limits_the_reports_to_what_names_it(shop: Shop, sold: SalesOrder, is_sealed: bool) -> None:
    """A second order sells 1 at 50.00: its own revenue 50.00, cost 20.00; the first one keeps 120.00 and 80.00."""
    lamp = Material.objects.get(code="LAMP")
    other = shop.order((lamp, "1", "50"))
    erp.ship(shipment_id=erp.pack_shipment(order_id=other.pk, now=NOW).pk, now=NOW)
    erp.post_invoice(order_id=other.pk, now=NOW)
    if is_sealed:
        erp.seal_all(company_id=shop.company.pk, now=NOW)
    of_one = Asked(shop.company, *YEAR, order_id=sold.pk)
    of_other = Asked(shop.company, *YEAR, order_id=other.pk)
    found = figures(selectors.trial_balance(of_other))
    assert (found["revenue"], found["cogs"]) == ((0, 0, D(50), D(-50)), (0, D(20), 0, D(20)))
    assert figures(selectors.profit_and_loss(of_one))["Result"] == (D(40), D(40), 0)
    assert figures(selectors.profit_and_loss(of_other))["Result"] == (D(30), D(30), 0)
    assert figures(selectors.profit_by_plant(of_other))["Result"] == (D(30), 0, D(30))


def test_stock_and_work_in_progress_tie_to_their_accounts(shop: Shop, sold: SalesOrder) -> None:
    """120.00 of lamps by category All; the day before, nothing; and the accounts say the same."""
    report = selectors.valuation(asked(shop, until=NOW.date()))
    assert report.agrees
    assert figures(report)["All"] == (D("120"), None, None)
    assert figures(report)["Stock of P1"] == (D("120"), D("120"), 0)
    before = selectors.valuation(asked(shop, until=NOW.date() - dt.timedelta(days=1)))
    assert figures(before)["Stock of P1"] == (0, 0, 0)


def test_goods_without_an_invoice_as_of_a_day(shop: Shop) -> None:
    """10 at 3.00 come on 2 March, 4 of them are invoiced on the 4th for 12.00: open 30.00, from the 4th on 18.00.

    The day before nothing was open. Another supplier's 2 at 5.00 make a group of their own; the account says as much.
    """
    leg, foot = shop.buy("LEG"), shop.buy("FOOT")
    other = Partner.objects.create(code="S2", name="Foundry", is_supplier=True)
    lines = []
    for material, supplier, quantity, price in ((leg, shop.supplier, 10, 3), (foot, other, 2, 5)):
        line = erp.PurchaseLineInput(material_id=material.pk, quantity=D(quantity), unit_price=D(price), due_at=NOW)
        purchase = erp.create_purchase_order(plant=shop.plant, supplier=supplier, lines=[line], now=NOW)
        erp.receive_purchase(purchase_order_id=purchase.pk, now=NOW)
        lines.append(purchase.lines.get())
    later = NOW + dt.timedelta(days=2)
    erp.enter_supplier_invoice(
        company_id=shop.company.pk,
        supplier_id=shop.supplier.pk,
        reference="R-1",
        invoiced_on=later.date(),
        lines=[erp.InvoiceLineInput(order_line_id=lines[0].pk, quantity=D(4), net_amount=D(12))],
        now=later,
    )
    number = lines[0].order.number
    for days, count, open_of_leg in ((-1, 0, None), (0, D(10), D(30)), (1, D(10), D(30)), (2, D(6), D(18))):
        report = selectors.received_not_invoiced(asked(shop, until=NOW.date() + dt.timedelta(days=days)))
        assert report.agrees, days
        found = {row.code: row.figures for row in report.rows if row.code}
        if open_of_leg is None:
            assert (found, report.rows[-1].figures) == ({}, (None, 0, 0, 0))
        else:
            assert found[number] == (count, D(30), D(30) - open_of_leg, open_of_leg)
            assert [row.label for row in report.rows if row.level == "group"] == ["Foundry", "Timber yard"]
            assert report.rows[-1].figures[-1] == open_of_leg + 10


def test_taxes_by_code(shop: Shop, sold: SalesOrder) -> None:
    """VAT19 on 120.00: 22.80 owed; nothing was bought."""
    report = selectors.taxes(asked(shop))
    assert report.agrees
    assert [(row.code, row.figures) for row in report.rows if row.code] == [("VAT19", (D("120"), D("22.8")))]
    assert report.rows[-1].figures == (None, D("22.8"))


def test_a_tax_leads_to_its_documents(client: Client, shop: Shop, sold: SalesOrder) -> None:
    """The figure of VAT19 in March leads to the invoice, base 120.00, tax 22.80, as page and as file; April: none."""
    client.force_login(person("acc", "accountant", shop.plant, everywhere=True))
    number = sold.invoices.get().number
    page = client.get(reverse("erp:taxes"), {"company": shop.company.pk, "since": "2026-01-01", "until": "2026-12-31"})
    address = reverse("erp:tax_lines", args=[shop.company.pk, shop.vat.pk, "sales"])
    assert f'href="{address}?since=2026-03-01&amp;until=2026-03-31"' in page.content.decode()
    text = client.get(f"{address}?since=2026-03-01&until=2026-03-31").content.decode()
    assert reverse("erp:invoice", args=[sold.invoices.get().pk]) in text
    file = client.get(f"{address}?since=2026-03-01&until=2026-03-31&export=csv").content.decode("utf-8-sig")
    heads, *rows = csv.reader(io.StringIO(file))
    found = [dict(zip(heads, row, strict=True)) for row in rows]
    assert {row["Document"] for row in found} == {number}
    assert (sum(D(row["Base"]) for row in found), sum(D(row["Tax"]) for row in found)) == (D(120), D("22.8"))
    assert number not in client.get(f"{address}?since=2026-04-01&until=2026-04-30").content.decode()
    bought = reverse("erp:tax_lines", args=[shop.company.pk, shop.vat.pk, "purchases"])
    assert "No tax in these days" in client.get(bought).content.decode()
    assert client.get(reverse("erp:tax_lines", args=[shop.company.pk, shop.vat.pk, "both"])).status_code == 404


def test_a_report_asks_for_an_order_by_its_number(client: Client, shop: Shop, sold: SalesOrder) -> None:
    """In a file without stock's opening: revenue 120.00 and no account of the opening; an unknown number is said."""
    client.force_login(person("acc", "accountant", shop.plant, everywhere=True))
    address = f"{reverse('erp:ledger')}?company={shop.company.pk}&since=2026-01-01&until=2026-12-31&order="
    file = client.get(f"{address}{sold.number}&export=csv").content.decode("utf-8-sig")
    rows = {row[0]: row[2:] for row in csv.reader(io.StringIO(file))}
    assert [D(figure) for figure in rows["4000"]] == [0, 0, 120, -120]
    assert "3000" not in rows
    wrong = client.get(f"{address}SO-NONE").content.decode()
    assert "no order with this number" in wrong
    assert "120.00" not in wrong


@pytest.mark.parametrize(
    "key",
    [
        "ledger", "profit_and_loss", "balance_sheet", "profit_by_plant", "profit_by_order", "valuation",
        "received_not_invoiced", "taxes",
    ],
)  # fmt: skip
def test_each_report_is_a_page_and_a_file(client: Client, shop: Shop, sold: SalesOrder, key: str) -> None:
    client.force_login(person("acc", "accountant", shop.plant, everywhere=True))
    address = f"{reverse(f'erp:{key}')}?company={shop.company.pk}&since=2026-03-01&until=2026-03-31"
    page = client.get(address)
    assert page.status_code == 200
    assert "Does not tie" not in page.content.decode()
    rows = list(csv.reader(io.StringIO(client.get(f"{address}&export=csv").content.decode("utf-8-sig"))))
    assert len(rows) > 1
    assert client.get(f"{address}&export=xlsx").content[:2] == b"PK"
    assert "quantity, EUR" not in page.content.decode()
    other = client.get(f"{address}&until=nonsense&plant=999999")
    assert other.status_code == 200


def test_figures_lead_to_the_card_and_the_card_to_the_entry(client: Client, shop: Shop, sold: SalesOrder) -> None:
    """The card of the stock account in March: 200.00, then 120.00; from April on it opens with 120.00."""
    client.force_login(person("acc", "accountant", shop.plant, everywhere=True))
    stock = Account.objects.get(role="inventory")
    page = client.get(reverse("erp:ledger"), {"company": shop.company.pk, "since": "2026-03-01", "until": "2026-03-31"})
    card = f"{reverse('erp:account_card', args=[stock.pk])}?since=2026-03-01&amp;until=2026-03-31"
    assert card in page.content.decode()
    text = client.get(card.replace("&amp;", "&")).content.decode()
    assert text.index("200.00") < text.index("120.00")
    later = client.get(f"{reverse('erp:account_card', args=[stock.pk])}?since=2026-04-01").content.decode()
    assert "opening balance 120.00" in later
