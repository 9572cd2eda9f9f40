"""A chart of accounts and opening balances by import: figures worked by hand, faults by row, twice is once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, JournalEntry
from suite.importing.load import Outcome, load
from tests.suite.desks import NOW, write

pytestmark = pytest.mark.django_db

D = Decimal
ACCOUNTS = (
    "code,name,kind,role,active\n"
    "1588,Rohstoffe,asset,inventory,yes\n"
    "1200,Kasse,asset,,yes\n"
    "0650,Maschinen,asset,,yes\n"
    "0800,Stammkapital,equity,,yes\n"
)
BALANCES = "account_code,amount,on\n1200,250.50,2026-01-01\n0650,10000,2026-01-01\n0800,-9000,2026-01-01\n"


def bring(folder: Path, accounts: str = ACCOUNTS, balances: str = BALANCES) -> Outcome:
    (folder / "accounts.csv").write_text(accounts)
    (folder / "opening_balances.csv").write_text(balances)
    return load(folder=folder, plant_code="MAIN", now=NOW)


def told(outcome: Outcome) -> list[tuple[str, int, str]]:
    return [(fault.file.removesuffix(".csv"), fault.row, fault.column) for fault in outcome.faults]


def test_a_chart_and_its_balances(tmp_path: Path) -> None:
    """250.50 + 10,000.00 - 9,000.00 = 1,250.50, credited to opening balances. Stock finds its account under 1588.

    Stock of the folder: 12 boards at 12.50 and 3.5 kg of glue at 6.00 = 150.00 + 21.00 = 171.00.
    """
    outcome = bring(write(tmp_path))
    assert outcome.faults == []
    counts = outcome.report.as_object()
    assert counts["accounts"] == {"created": 3, "changed": 1, "unchanged": 0}
    assert counts["opening_balances"] == {"created": 3, "changed": 0, "unchanged": 0}
    company = Account.objects.get(code="1588").company
    balance = {row.code: row.balance for row in erp_now.trial_balance(company)}
    assert (balance["1200"], balance["0650"], balance["0800"]) == (D("250.50"), D(10_000), D(-9_000))
    assert balance["1588"] == D(171)
    assert balance["3000"] == D("-1250.50") - D(171)
    entry = JournalEntry.objects.get(memo="Opening balances")
    assert (entry.kind, entry.posted_on) == ("opening", dt.date(2026, 1, 1))


def test_the_same_again_changes_nothing_and_another_amount_is_a_fault(tmp_path: Path) -> None:
    bring(write(tmp_path))
    again = bring(tmp_path)
    assert again.faults == []
    counts = again.report.as_object()
    assert counts["accounts"] == {"created": 0, "changed": 0, "unchanged": 4}
    assert counts["opening_balances"] == {"created": 0, "changed": 0, "unchanged": 3}
    other = bring(tmp_path, balances=BALANCES.replace("250.50", "250.51"))
    assert told(other) == [("opening_balances", 2, "amount")]
    assert "250.5000 on 2026-01-01, as it was opened" in other.faults[0].expected
    erp.reverse_entry(entry_id=JournalEntry.objects.get(memo="Opening balances").pk, now=NOW)
    assert bring(tmp_path, balances=BALANCES.replace("250.50", "250.51")).faults == []


def test_two_accounts_change_numbers(tmp_path: Path) -> None:
    """Inventory 1200 and work in progress 1300 the other way round; each keeps what postings find it by."""
    outcome = bring(
        write(tmp_path),
        "code,name,kind,role,active\n1300,Stock,asset,inventory,yes\n1200,In work,asset,wip,yes\n",
        "account_code,amount,on\n",
    )
    assert outcome.faults == []
    assert dict(Account.objects.filter(role__in=["inventory", "wip"]).values_list("role", "code")) == {
        "inventory": "1300",
        "wip": "1200",
    }


@pytest.mark.parametrize(
    ("accounts", "balances", "faults"),
    [
        ("1100,Cash,asset,bank,yes", "", [("accounts", 2, "code")]),
        ("1588,Stock,expense,inventory,yes", "", [("accounts", 2, "kind")]),
        ("1588,Stock,asset,inventory,no", "", [("accounts", 2, "active")]),
        ("1588,A,asset,wip,yes\n1589,B,asset,wip,yes", "", [("accounts", 2, "role"), ("accounts", 3, "role")]),
        ("1588,Stock,stock,inventory,yes", "", [("accounts", 2, "kind")]),
        ("1588,Stock,asset,inventory,yes", "1588,5,2026-01-01", [("opening_balances", 2, "account_code")]),
        ("1588,Stock,asset,inventory,yes", "1200,5,2026-01-01", [("opening_balances", 2, "account_code")]),
        ("1600,Old,asset,,no", "1600,5,2026-01-01", [("opening_balances", 2, "account_code")]),
        ("", "9999,5,2026-01-01", [("opening_balances", 2, "account_code")]),
        ("", "3000,5,2026-01-01", [("opening_balances", 2, "account_code")]),
        ("", "1000,5.005,2026-01-01", [("opening_balances", 2, "amount")]),
        ("", "1000,5,2026-01-01\n5000,5,2026-01-02", [("opening_balances", 3, "on")]),
    ],
)
def test_what_cannot_be_is_named_by_its_row(
    tmp_path: Path, accounts: str, balances: str, faults: list[tuple[str, int, str]]
) -> None:
    """Each of them, with nothing written."""
    outcome = bring(
        write(tmp_path), f"code,name,kind,role,active\n{accounts}\n", f"account_code,amount,on\n{balances}\n"
    )
    assert told(outcome) == faults
    assert not Account.objects.exists()
    assert not JournalEntry.objects.exists()


def test_a_closed_period_refuses_the_balances(tmp_path: Path) -> None:
    """2019 has no open period: nothing at all is written."""
    outcome = bring(write(tmp_path), balances="account_code,amount,on\n1200,5,2019-12-31\n")
    assert [fault.file for fault in outcome.faults] == ["opening_balances.csv"]
    assert "closed" in outcome.faults[0].expected
    assert not Account.objects.exists()
