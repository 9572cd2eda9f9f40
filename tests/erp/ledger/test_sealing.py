"""Seals: numbers without gaps by company and year, a chain that anybody can compute again, totals of what is sealed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from hashlib import sha256

import pytest
from django.db import DatabaseError, connection, transaction

from erp import services as erp
from erp.ledger.seal_invariants import INVARIANTS, NEWEST
from erp.models import Account, AccountTotal, DailyTotal, EntrySeal, JournalEntry, SealBatch, UnsealedEntry
from tests.factories import NOW, Factory, factory

pytestmark = pytest.mark.django_db

Role = Account.Role
ZEROS = bytes(32)


def post(shop: Factory, amount: str, *, on: dt.date | None = None, memo: str = "") -> JournalEntry:
    return erp.post_entry(
        company=shop.company,
        kind=JournalEntry.Kind.ADJUSTMENT,
        source="test:1",
        lines=[
            erp.LedgerLine(role=Role.BANK, amount=Decimal(amount), plant=shop.plant),
            erp.LedgerLine(role=Role.OPENING, amount=-Decimal(amount)),
        ],
        now=NOW,
        posted_on=on or NOW.date(),
        memo=memo,
    )


def seal(shop: Factory) -> int:
    return erp.seal_entries(company_id=shop.company.pk, now=NOW)


def text_of(entry: JournalEntry, seal: EntrySeal) -> str:
    """As erp/ledger/seal_text.py describes it, computed by somebody who has the rows alone."""

    def said(value: object) -> str:
        return "" if value is None else str(value)

    first = [
        "throughline-1", seal.company_id, seal.position, seal.year, seal.number, entry.pk, entry.period_id, entry.kind,
        entry.posted_on.isoformat(), entry.posted_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), entry.reverses_id,
        f'"{entry.source}"', f'"{entry.memo}"',
    ]  # fmt: skip
    rows = [
        [
            line.pk, line.account_id, line.amount, line.plant_id, line.partner_id, line.sales_order_id,
            line.work_order_id, line.material_id, line.currency_id, line.currency_amount, line.tax_code_id,
            line.tax_base,
        ]
        for line in entry.lines.order_by("pk")
    ]  # fmt: skip
    return "\n".join("|".join(map(said, row)) for row in [first, *rows])


def test_entries_get_numbers_by_year_and_anybody_can_compute_the_chain() -> None:
    """Two of 2026, one of 2027, then one more of 2026 in a batch of its own: JE-2026 1, 2, 3 and JE-2027 1."""
    shop = factory()
    erp.open_books(company=shop.company, year=2027)
    entries = [post(shop, "1.50"), post(shop, "2", on=dt.date(2027, 1, 2)), post(shop, "3", memo="Grüße")]
    assert seal(shop) == 3
    entries.append(post(shop, "4"))
    assert seal(shop) == 1
    assert seal(shop) == 0
    seals = list(EntrySeal.objects.order_by("position"))
    assert [one.entry_id for one in seals] == [entry.pk for entry in entries]
    assert [str(one) for one in seals] == ["JE-2026-000001", "JE-2027-000001", "JE-2026-000002", "JE-2026-000003"]
    before = ZEROS
    for one in seals:
        before = sha256(before + sha256(text_of(one.entry, one).encode()).digest()).digest()
        assert bytes(one.digest) == before
    assert list(SealBatch.objects.values_list("batch_no", "entry_count", "last_position")) == [(1, 3, 3), (2, 1, 4)]
    assert not UnsealedEntry.objects.exists()


def test_totals_are_what_the_sealed_lines_come_to() -> None:
    """Bank in the plant: 1.50 + 3.00 debit, 0.25 credit; the other side has no plant: 0.25 debit, 4.50 credit."""
    shop = factory()
    post(shop, "1.50")
    post(shop, "-0.25")
    seal(shop)
    post(shop, "3")
    seal(shop)
    totals = AccountTotal.objects.order_by("account__code").values_list(
        "account__role", "plant", "period__starts_on", "debit", "credit"
    )
    november = dt.date(2026, 11, 1)
    assert list(totals) == [
        ("bank", shop.plant.pk, november, Decimal("4.50"), Decimal("0.25")),
        ("opening", None, november, Decimal("0.25"), Decimal("4.50")),
    ]
    days = DailyTotal.objects.order_by("account__code").values_list("account__role", "plant", "posted_on", "debit")
    assert list(days) == [
        ("bank", shop.plant.pk, NOW.date(), Decimal("4.50")),
        ("opening", None, NOW.date(), Decimal("0.25")),
    ]


def broken(*, recent: bool = False) -> dict[str, list[tuple[object, ...]]]:
    found = {}
    with connection.cursor() as cursor:
        for invariant in INVARIANTS:
            cursor.execute((recent and invariant.recent) or invariant.sql)
            if rows := cursor.fetchall():
                found[invariant.name] = rows
    return found


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE erp_journalline SET amount = amount * 2 WHERE entry_id = %s",
        "UPDATE erp_journalline SET plant_id = NULL WHERE entry_id = %s",
        "UPDATE erp_journalentry SET memo = 'other' WHERE id = %s",
        "UPDATE erp_journalentry SET posted_at = posted_at - interval '1 microsecond' WHERE id = %s",
        "DELETE FROM erp_journalline WHERE entry_id = %s AND amount > 0",
    ],
)
def test_what_a_superuser_changed_is_found_with_its_number(tampering: str) -> None:
    """Three sealed entries, the second changed with the triggers off: it is named, and no other."""
    shop = factory()
    entries = [post(shop, "1"), post(shop, "2"), post(shop, "3")]
    seal(shop)
    assert broken() == broken(recent=True) == {}
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(tampering, [entries[1].pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    for recent in (False, True):
        found = broken(recent=recent)
        assert found["journal_is_as_it_was_sealed"] == [("JE-2026-000002", entries[1].pk, "entry or lines changed")]
    transaction.set_rollback(True)


def test_where_somebody_waits_the_newest_entries_are_looked_at_and_all_batches() -> None:
    """Three batches, the window two places: a change of the first entry is beyond it, one of the third is not.

    A batch whose end is another hash is found however old it is.
    """
    shop = factory()
    entries = []
    for amount in ("1", "2", "3"):
        entries.append(post(shop, amount))
        seal(shop)
    chain = next(one for one in INVARIANTS if one.name == "journal_is_as_it_was_sealed")
    query = chain.recent.replace(str(NEWEST), "2")
    assert query != chain.recent
    memo = "UPDATE erp_journalentry SET memo = 'other' WHERE id = %s"
    batch = "UPDATE erp_sealbatch SET digest = decode(repeat('11', 32), 'hex') WHERE batch_no = 1"
    for statement, values, named in (
        (memo, [entries[0].pk], []),
        (memo, [entries[2].pk], [("JE-2026-000003", entries[2].pk, "entry or lines changed")]),
        (batch, [], [("JE-2026-000001", entries[0].pk, "not the end of its batch")]),
    ):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute(statement, values)
            cursor.execute(query)
            assert cursor.fetchall() == named
            transaction.set_rollback(True)


@pytest.mark.parametrize("table", ["erp_entryseal", "erp_sealbatch"])
def test_seals_can_not_be_changed_or_deleted(table: str) -> None:
    shop = factory()
    post(shop, "1")
    seal(shop)
    for statement in (f"UPDATE {table} SET digest = digest", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_closing_a_period_seals_what_is_in_it() -> None:
    shop = factory()
    entry = post(shop, "1")
    erp.close_period(period_id=entry.period_id, now=NOW)
    assert EntrySeal.objects.get().entry == entry


def test_a_locked_period_takes_what_the_accountant_enters_and_nothing_else() -> None:
    shop = factory()
    entry = post(shop, "1")
    erp.lock_period(period_id=entry.period_id, now=NOW)
    with pytest.raises(erp.PeriodClosed):
        post(shop, "2")
    lines = [
        erp.LedgerLine(role=Role.BANK, amount=Decimal(5)),
        erp.LedgerLine(role=Role.OPENING, amount=Decimal(-5)),
    ]
    manual = erp.post_entry(company=shop.company, kind=JournalEntry.Kind.MANUAL, source="test:2", lines=lines, now=NOW)
    erp.reverse_entry(entry_id=manual.pk, now=NOW)
    with pytest.raises(erp.PeriodClosed):
        erp.reverse_entry(entry_id=entry.pk, now=NOW)


def test_the_next_year_has_its_periods_before_it_begins() -> None:
    """62 days ahead: on 30 October 2026 that is 31 December, on 31 October 1 January. Again adds nothing."""
    shop = factory()
    assert erp.open_coming_years(now=dt.datetime(2026, 10, 30, 12, tzinfo=dt.UTC)) == 0
    assert erp.open_coming_years(now=dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)) == 12
    assert erp.open_coming_years(now=NOW) == 0
    assert post(shop, "1", on=dt.date(2027, 1, 1)).posted_on == dt.date(2027, 1, 1)
