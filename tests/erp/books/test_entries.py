"""Manual entries: written by one, posted by another, undone by a linked one."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from erp import services as erp
from erp.ledger.reversing import AlreadyReversed
from erp.models import Account, JournalEntry, ManualEntry
from masterdata.errors import InvalidInput, StaleVersion
from masterdata.models import User
from tests.factories import NOW, Factory, factory

pytestmark = pytest.mark.django_db
D = Decimal
DAY = dt.date(2026, 11, 30)


@pytest.fixture
def shop() -> Factory:
    shop = factory()
    Account.objects.create(company=shop.company, code="5700", name="Rent", kind="expense")
    Account.objects.create(company=shop.company, code="2400", name="Accrued expenses", kind="liability")
    return shop


@pytest.fixture
def ann() -> User:
    return User.objects.create_user("ann")


@pytest.fixture
def bob() -> User:
    return User.objects.create_user("bob")


def account(code: str) -> int:
    return Account.objects.get(code=code).pk


def rent(*amounts: str, accounts: tuple[str, str] = ("5700", "2400"), **more: object) -> erp.ManualDraft:
    debit, credit = amounts or ("1200", "-1200")
    lines = [erp.ManualLine(account(accounts[0]), D(debit)), erp.ManualLine(account(accounts[1]), D(credit))]
    return erp.ManualDraft(posted_on=DAY, memo="Rent of November", lines=lines, **more)  # type: ignore[arg-type]


def written(shop: Factory, by: User, draft: erp.ManualDraft | None = None) -> ManualEntry:
    return erp.write_entry(company=shop.company, draft=draft or rent(), by=by, now=NOW)


def submitted(shop: Factory, by: User, draft: erp.ManualDraft | None = None) -> ManualEntry:
    return erp.submit_entry(entry_id=written(shop, by, draft).pk, now=NOW)


def posted_lines(entry: JournalEntry) -> list[tuple[str, Decimal]]:
    return list(entry.lines.order_by("id").values_list("account__code", "amount"))


def test_written_by_one_posted_by_another(shop: Factory, ann: User, bob: User) -> None:
    row = submitted(shop, ann)
    assert row.number == "MJ-2026-00001"
    with pytest.raises(erp.OwnEntry):
        erp.approve_entry(entry_id=row.pk, by=ann, now=NOW)
    row = erp.approve_entry(entry_id=row.pk, by=bob, now=NOW)
    assert row.entry is not None
    assert (row.state, row.entry.kind, row.entry.posted_on, row.entry.source) == (
        "posted", "manual", DAY, "manual:MJ-2026-00001",
    )  # fmt: skip
    assert posted_lines(row.entry) == [("5700", D(1200)), ("2400", D(-1200))]
    with pytest.raises(erp.NotWaiting):
        erp.approve_entry(entry_id=row.pk, by=bob, now=NOW)


def test_the_database_itself_refuses_that_the_author_decides(shop: Factory, ann: User) -> None:
    row = submitted(shop, ann)
    with pytest.raises(IntegrityError, match="posted_by_another_than_the_author"), transaction.atomic():
        ManualEntry.objects.filter(pk=row.pk).update(decided_by=ann)


def test_an_unbalanced_draft_is_kept_and_not_submitted(shop: Factory, ann: User) -> None:
    """1,200.00 debit, 1,199.99 credit: 0.01 too much."""
    row = written(shop, ann, rent("1200", "-1199.99"))
    with pytest.raises(erp.NotBalanced) as refused:
        erp.submit_entry(entry_id=row.pk, now=NOW)
    assert refused.value.values["difference"] == "0.01"
    changed = erp.change_entry(entry_id=row.pk, draft=rent(), by=ann, now=NOW, expected_version=1)
    with pytest.raises(StaleVersion):
        erp.change_entry(entry_id=row.pk, draft=rent(), by=ann, now=NOW, expected_version=1)
    assert erp.submit_entry(entry_id=changed.pk, now=NOW).state == "submitted"


def test_a_refused_one_is_changed_and_submitted_again(shop: Factory, ann: User, bob: User) -> None:
    row = submitted(shop, ann)
    with pytest.raises(InvalidInput):
        erp.refuse_entry(entry_id=row.pk, because=" ", by=bob, now=NOW)
    with pytest.raises(erp.OwnEntry):
        erp.refuse_entry(entry_id=row.pk, because="Mine", by=ann, now=NOW)
    assert erp.refuse_entry(entry_id=row.pk, because="Wrong month", by=bob, now=NOW).state == "refused"
    erp.change_entry(entry_id=row.pk, draft=rent(), by=bob, now=NOW)
    erp.submit_entry(entry_id=row.pk, now=NOW)
    with pytest.raises(erp.OwnEntry):
        erp.approve_entry(entry_id=row.pk, by=bob, now=NOW)
    assert erp.approve_entry(entry_id=row.pk, by=ann, now=NOW).state == "posted"
    assert not ManualEntry.objects.exclude(state="posted").exists()


@pytest.mark.parametrize("role", ["receivable", "payable", "inventory", "wip", "grni"])
def test_documents_alone_post_to_accounts_that_tie_to_them(shop: Factory, ann: User, role: str) -> None:
    code = Account.objects.get(role=role).code
    with pytest.raises(erp.ControlAccount) as refused:
        written(shop, ann, rent(accounts=("5700", code)))
    assert refused.value.field == "lines.1.account"


def test_an_account_that_is_no_longer_used_takes_nothing(shop: Factory, ann: User, bob: User) -> None:
    row = submitted(shop, ann)
    Account.objects.filter(code="5700").update(is_active=False)
    with pytest.raises(InvalidInput, match="no longer used"):
        erp.approve_entry(entry_id=row.pk, by=bob, now=NOW)


def test_an_accrual_is_undone_on_the_first_day_of_the_next_period(shop: Factory, ann: User, bob: User) -> None:
    """Posted for 30 November: 1 December has the same lines the other way round, linked; the two months sum to zero."""
    row = erp.approve_entry(entry_id=submitted(shop, ann, rent(is_accrual=True)).pk, by=bob, now=NOW)
    undone = JournalEntry.objects.get(reverses=row.entry)
    assert undone.posted_on == dt.date(2026, 12, 1)
    assert posted_lines(undone) == [("5700", D(-1200)), ("2400", D(1200))]
    with pytest.raises(AlreadyReversed):
        erp.undo_entry(entry_id=row.pk, by=bob, posted_on=DAY, now=NOW)


def test_an_accrual_of_december_opens_the_next_year(shop: Factory, ann: User, bob: User) -> None:
    draft = erp.ManualDraft(posted_on=dt.date(2026, 12, 31), memo="Rent", lines=rent().lines, is_accrual=True)
    row = erp.approve_entry(entry_id=submitted(shop, ann, draft).pk, by=bob, now=NOW)
    assert JournalEntry.objects.get(reverses=row.entry).posted_on == dt.date(2027, 1, 1)


def test_a_posted_one_is_undone_by_a_linked_entry(shop: Factory, ann: User, bob: User) -> None:
    row = erp.approve_entry(entry_id=submitted(shop, ann).pk, by=bob, now=NOW)
    with pytest.raises(erp.OwnEntry), transaction.atomic():
        erp.undo_entry(entry_id=row.pk, by=ann, posted_on=DAY, now=NOW)
    erp.undo_entry(entry_id=row.pk, by=bob, posted_on=DAY, now=NOW)
    assert JournalEntry.objects.get(reverses=row.entry).kind == "reversal"


def test_one_that_repeats_is_submitted_each_month_until_its_last(shop: Factory, ann: User, bob: User) -> None:
    """30 November, the last day; on 30 December nothing is due, on 31 December the copy is, the next after its end."""
    row = erp.approve_entry(entry_id=submitted(shop, ann, rent(repeats_until=dt.date(2027, 1, 15))).pk, by=bob, now=NOW)
    assert erp.repeat_entries(now=dt.datetime(2026, 12, 30, 12, tzinfo=dt.UTC)) == 0
    new_year = dt.datetime(2026, 12, 31, 12, tzinfo=dt.UTC)
    assert erp.repeat_entries(now=new_year) == 1
    assert erp.repeat_entries(now=new_year) == 0
    copy = ManualEntry.objects.get(copy_of=row)
    assert (copy.posted_on, copy.state, copy.author) == (dt.date(2026, 12, 31), "submitted", ann)
    assert [line.amount for line in copy.lines.order_by("line_no")] == [D(1200), D(-1200)]
    erp.approve_entry(entry_id=copy.pk, by=bob, now=new_year)
    assert erp.repeat_entries(now=dt.datetime(2027, 3, 1, tzinfo=dt.UTC)) == 0


def test_lines_come_from_a_file(shop: Factory) -> None:
    """Semicolons and a byte order mark, as spreadsheets write them: debit above zero, credit below."""
    text = "\ufeffAccount;Debit;Credit;Text;Tax;Base\n5700;1200.50;;Rent;VAT;1200.50\n2400;;1200.50;;;\n;;;;;\n"
    lines = erp.lines_from_csv(company=shop.company, text=text)
    assert [(line.account_id, line.amount) for line in lines] == [
        (account("5700"), D("1200.50")),
        (account("2400"), D("-1200.50")),
    ]
    assert (lines[0].tax_code_id, lines[0].tax_base, lines[0].text) == (shop.tax.pk, D("1200.50"), "Rent")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("account,debit\n9999,1\n", "Row 2: there is no account 9999"),
        ("account,debit\n5700,one\n", "Row 2: one is no amount"),
        ("account,debit\n5700,NaN\n", "Row 2: NaN is no amount"),
        ("konto,debit\n5700,1\n", "Name the columns"),
        ("account,debit\n", "no lines"),
        ("account,debit\n,5\n", "Row 2 names no account"),
    ],
)
def test_a_file_says_what_is_wrong_with_it(shop: Factory, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        erp.lines_from_csv(company=shop.company, text=text)
