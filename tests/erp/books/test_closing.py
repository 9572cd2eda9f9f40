"""Months and years are closed and opened again; open items in other currencies are valued at the end of a month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import services as erp
from erp.books import selectors
from erp.books.selectors import Asked
from erp.ledger.balances import balances
from erp.models import Account, JournalEntry, JournalLine, Period, PeriodChange
from masterdata.errors import InvalidInput
from masterdata.models import Currency, ExchangeRate, User
from tests.factories import NOW, Factory, factory

pytestmark = pytest.mark.django_db
D = Decimal
Role = Account.Role


def post(shop: Factory, amount: str, on: dt.date) -> JournalEntry:
    """Revenue of an amount, into the bank."""
    lines = [
        erp.LedgerLine(role=Role.BANK, amount=D(amount), plant=shop.plant),
        erp.LedgerLine(role=Role.REVENUE, amount=-D(amount), plant=shop.plant),
    ]
    return erp.post_entry(
        company=shop.company, kind=JournalEntry.Kind.ADJUSTMENT, source="test:1", lines=lines, now=NOW, posted_on=on
    )


def period(month: int) -> Period:
    return Period.objects.get(starts_on=dt.date(2026, month, 1))


def balance(shop: Factory, role: str, until: dt.date) -> Decimal:
    found = balances(shop.company.pk, since=until.replace(month=1, day=1), until=until)
    return next(one.closing for one in found if one.account.role == role)


def close_all(shop: Factory, but_last: bool = True) -> None:
    for month in range(1, 12 if but_last else 13):
        erp.close_period(period_id=period(month).pk, now=NOW)


def test_closing_waits_for_manual_entries_that_wait(django_user_model: type[User]) -> None:
    shop = factory()
    ann, bob = User.objects.create_user("ann"), User.objects.create_user("bob")
    rent = Account.objects.create(company=shop.company, code="5700", name="Rent", kind="expense")
    lines = [erp.ManualLine(rent.pk, D(5)), erp.ManualLine(Account.objects.get(role="bank").pk, D(-5))]
    draft = erp.ManualDraft(posted_on=dt.date(2026, 11, 30), memo="Rent", lines=lines)
    row = erp.write_entry(company=shop.company, draft=draft, by=ann, now=NOW)
    checks = {check.code: check.count for check in selectors.checklist(period(11))}
    assert (checks["waiting"], checks["drafts"], checks["earlier"]) == (0, 1, 10)
    erp.submit_entry(entry_id=row.pk, now=NOW)
    with pytest.raises(erp.NotReadyToClose) as refused:
        erp.close_period(period_id=period(11).pk, now=NOW)
    assert refused.value.values["checks"] == {"waiting": 1}
    erp.approve_entry(entry_id=row.pk, by=bob, now=NOW)
    assert erp.close_period(period_id=period(11).pk, now=NOW, by=ann).state == "closed"


def test_who_opened_a_period_again_and_why_stands_in_its_trail() -> None:
    factory()
    ann = User.objects.create_user("ann")
    erp.close_period(period_id=period(3).pk, now=NOW, by=ann)
    with pytest.raises(InvalidInput):
        erp.reopen_period(period_id=period(3).pk, reason=" ", now=NOW, by=ann)
    with pytest.raises(erp.PeriodIsClosed):
        erp.lock_period(period_id=period(3).pk, now=NOW)
    erp.reopen_period(period_id=period(3).pk, reason="One bill was forgotten", now=NOW, by=ann)
    trail = PeriodChange.objects.order_by("id").values_list("from_state", "to_state", "reason", "changed_by")
    assert list(trail) == [
        ("open", "closed", "", ann.pk),
        ("closed", "open", "One bill was forgotten", ann.pk),
    ]


def test_a_year_goes_to_retained_earnings_and_back() -> None:
    """Revenue 100.00 in May and 50.00 in December: 150.00 retained on 31 December; revenue stands at zero, the profit
    and loss report still says 150.00. Opened again it is undone, 10.00 more come, and 160.00 are retained."""
    shop = factory()
    end = dt.date(2026, 12, 31)
    post(shop, "100", dt.date(2026, 5, 5))
    post(shop, "50", dt.date(2026, 12, 5))
    with pytest.raises(erp.YearNotReady) as refused:
        erp.close_year(company_id=shop.company.pk, year=2026, now=NOW)
    assert refused.value.values["open_periods"] == 11
    close_all(shop)
    assert erp.close_year(company_id=shop.company.pk, year=2026, now=NOW).state == "closed"
    assert (balance(shop, "revenue", end), balance(shop, "retained", end)) == (0, D(-150))
    report = selectors.profit_and_loss(Asked(shop.company, dt.date(2026, 1, 1), end))
    assert report.rows[-1].figures == (D(100), D(50), D(150), 0)
    assert selectors.balance_sheet(Asked(shop.company, end, end)).agrees
    with pytest.raises(erp.YearNotReady):
        erp.close_year(company_id=shop.company.pk, year=2026, now=NOW)
    with pytest.raises(erp.YearIsClosed):
        erp.reopen_period(period_id=period(5).pk, reason="Late", now=NOW)
    erp.reopen_year(company_id=shop.company.pk, year=2026, reason="Late", now=NOW)
    assert (balance(shop, "revenue", end), balance(shop, "retained", end)) == (D(-150), 0)
    erp.reopen_period(period_id=period(12).pk, reason="Late", now=NOW)
    post(shop, "10", end)
    erp.close_year(company_id=shop.company.pk, year=2026, now=NOW)
    assert (balance(shop, "revenue", end), balance(shop, "retained", end)) == (0, D(-160))


def foreign(shop: Factory, role: str, amount: str, dollars: str, partner: object, dollar: Currency) -> None:
    lines = [
        erp.LedgerLine(
            role=role, amount=D(amount), partner=partner, currency_id=dollar.pk, currency_amount=D(dollars),  # type: ignore[arg-type]
        ),
        erp.LedgerLine(role=Role.OPENING, amount=-D(amount)),
    ]  # fmt: skip
    erp.post_entry(company=shop.company, kind="opening", source="test:2", lines=lines, now=NOW)


def test_open_items_in_dollars_are_valued_at_the_end_of_the_month() -> None:
    """In the bank: 1,000.00 USD booked at 0.92 = 920.00 EUR, and 200.00 USD of them spent at 0.92: 800.00 USD, 736.00.

    On 30 November a dollar is 0.90: 800 x 0.90 = 720.00, 16.00 less. Booked as a loss, undone on 1 December; again on
    the same day finds nothing. On 31 December at 0.95: 760.00, 24.00 more than the 736.00.
    """
    shop = factory()
    dollar = Currency.objects.create(code="USD", name="Dollar")
    euro = shop.company.currency
    foreign(shop, Role.BANK, "920", "1000", None, dollar)
    foreign(shop, Role.BANK, "-184", "-200", None, dollar)
    for day, rate in ((dt.date(2026, 11, 30), "0.90"), (dt.date(2026, 12, 31), "0.95")):
        ExchangeRate.objects.create(base=dollar, quote=euro, valid_from=day, rate=D(rate))
    november, december = dt.date(2026, 11, 30), dt.date(2026, 12, 31)
    assert {check.code: check.count for check in selectors.checklist(period(11))}["currencies"] == 1
    entry = erp.value_currencies(company_id=shop.company.pk, on=november, now=NOW)
    assert entry is not None
    assert entry.kind == "currency"
    lines = JournalLine.objects.filter(entry=entry).order_by("id")
    assert list(lines.values_list("account__role", "amount", "currency", "currency_amount")) == [
        ("bank", D(-16), dollar.pk, 0),
        ("currency_valuation", D(16), None, None),
    ]
    assert JournalEntry.objects.get(reverses=entry).posted_on == dt.date(2026, 12, 1)
    assert {check.code: check.count for check in selectors.checklist(period(11))}["currencies"] == 0
    assert erp.value_currencies(company_id=shop.company.pk, on=november, now=NOW) is None
    assert balance(shop, "bank", november) == D(720)
    erp.value_currencies(company_id=shop.company.pk, on=december, now=NOW)
    assert balance(shop, "bank", december) == D(760)
    assert balance(shop, "currency_valuation", december) == D(-24)
