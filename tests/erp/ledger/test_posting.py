"""The ledger takes balanced entries in open periods, and never changes one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from erp import selectors as erp_now
from erp import services as erp
from erp.ledger.services import NoBooks, PeriodClosed
from erp.models import Account, JournalEntry, JournalLine, Period
from tests.factories import NOW, Factory, factory

pytestmark = pytest.mark.django_db

Role = Account.Role


def post(shop: Factory, debit: str, credit: str, *, now: dt.datetime = NOW) -> JournalEntry:
    return erp.post_entry(
        company=shop.company,
        kind=JournalEntry.Kind.ADJUSTMENT,
        source="test:1",
        lines=[
            erp.LedgerLine(role=Role.BANK, amount=Decimal(debit), plant=shop.plant),
            erp.LedgerLine(role=Role.OPENING, amount=-Decimal(credit), plant=shop.plant),
        ],
        now=now,
    )


def test_open_books_has_an_account_for_every_role_and_twelve_months() -> None:
    """2028 is a leap year: February ends on the 29th. A second call adds nothing."""
    shop = factory(year=2028)
    erp.open_books(company=shop.company, year=2028)
    assert set(Account.objects.values_list("role", flat=True)) == set(Role.values)
    periods = list(Period.objects.order_by("starts_on").values_list("starts_on", "ends_on"))
    assert len(periods) == 12
    assert periods[1] == (dt.date(2028, 2, 1), dt.date(2028, 2, 29))


def test_an_entry_lands_on_both_accounts() -> None:
    """Two entries of 10.00 and 2.50: bank 12.50 debit, opening 12.50 credit, the trial balance sums to zero."""
    shop = factory()
    post(shop, "10.00", "10.00")
    post(shop, "2.50", "2.50")
    rows = {row.role: row.balance for row in erp_now.trial_balance(shop.company)}
    assert rows[Role.BANK] == Decimal("12.50")
    assert rows[Role.OPENING] == Decimal("-12.50")
    assert sum(rows.values()) == 0
    assert erp_now.account_balance(shop.company, Role.BANK, plant_id=shop.plant.pk) == Decimal("12.50")


def test_the_day_is_the_plants_not_utc() -> None:
    """31 May 2026, 22:30 UTC is 1 June, 00:30 in Berlin."""
    shop = factory(time_zone="Europe/Berlin")
    entry = post(shop, "1", "1", now=dt.datetime(2026, 5, 31, 22, 30, tzinfo=dt.UTC))
    assert entry.posted_on == dt.date(2026, 6, 1)
    assert entry.period.starts_on == dt.date(2026, 6, 1)


def commit(write: Callable[[], object]) -> None:
    """Write and check what is checked at commit, now."""
    with transaction.atomic(), connection.cursor() as cursor:
        write()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_an_unbalanced_entry() -> None:
    shop = factory()
    with pytest.raises(IntegrityError, match="does not balance"):
        commit(lambda: post(shop, "10.00", "9.99"))


def test_the_database_refuses_an_empty_entry() -> None:
    shop = factory()
    entry = JournalEntry(
        company=shop.company,
        period=Period.objects.get(starts_on=dt.date(2026, 11, 1)),
        kind=JournalEntry.Kind.ADJUSTMENT,
        posted_on=NOW.date(),
        posted_at=NOW,
        source="test:1",
    )
    with pytest.raises(IntegrityError, match="has no lines"):
        commit(entry.save)


def test_a_closed_period_takes_nothing_until_it_is_opened_again() -> None:
    shop = factory()
    november = Period.objects.get(starts_on=dt.date(2026, 11, 1))
    erp.close_period(period_id=november.pk, now=NOW)
    with pytest.raises(PeriodClosed) as refused:
        post(shop, "1", "1")
    assert refused.value.code == "period_closed"
    assert refused.value.values["posted_on"] == "2026-11-23"
    assert JournalEntry.objects.count() == 0
    erp.reopen_period(period_id=november.pk, reason="One more", now=NOW)
    post(shop, "1", "1")
    assert JournalEntry.objects.count() == 1


def test_a_date_without_period_is_refused() -> None:
    shop = factory(year=2025)
    with pytest.raises(PeriodClosed):
        post(shop, "1", "1")


def test_the_database_itself_refuses_a_closed_period() -> None:
    shop = factory()
    november = Period.objects.get(starts_on=dt.date(2026, 11, 1))
    erp.close_period(period_id=november.pk, now=NOW)
    with pytest.raises(IntegrityError, match="period is closed"), transaction.atomic():
        JournalEntry.objects.create(
            company=shop.company, period=november, kind="adjustment", posted_on=NOW.date(), posted_at=NOW, source="x"
        )


def test_a_company_without_books_is_told_to_open_them() -> None:
    shop = factory()
    Account.objects.all().delete()
    with pytest.raises(NoBooks):
        post(shop, "1", "1")


@pytest.mark.parametrize("table", ["erp_journalentry", "erp_journalline"])
def test_what_is_posted_can_not_be_changed_or_deleted(table: str) -> None:
    shop = factory()
    post(shop, "1", "1")
    column = "memo = 'x'" if table == "erp_journalentry" else "amount = amount * 2"
    for statement in (f"UPDATE {table} SET {column}", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert JournalLine.objects.count() == 2


def test_zero_lines_are_left_out_and_a_batch_keeps_its_order() -> None:
    """Three drafts, the middle one all zero: two entries, and the answers stand where their drafts stood."""
    shop = factory()
    drafts = [
        erp.EntryDraft(
            company_id=shop.company.pk,
            kind="adjustment",
            source=f"test:{number}",
            lines=[
                erp.LedgerLine(role=Role.BANK, amount=Decimal(amount), plant=shop.plant),
                erp.LedgerLine(role=Role.LABOUR_ABSORBED, amount=Decimal(0), plant=shop.plant),
                erp.LedgerLine(role=Role.OPENING, amount=-Decimal(amount), plant=shop.plant),
            ],
        )
        for number, amount in enumerate((5, 0, 7))
    ]
    posted = erp.post_entries(drafts=drafts, now=NOW)
    assert [item.entry.source if item.entry else None for item in posted] == ["test:0", None, "test:2"]
    assert [[line.amount if line else None for line in item.lines] for item in posted] == [
        [5, None, -5],
        [None, None, None],
        [7, None, -7],
    ]
