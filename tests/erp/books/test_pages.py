"""The accountant's pages and their REST: an entry from draft to journal, the chart, a month and a year."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp import services as erp
from erp.models import Account, JournalEntry, ManualEntry, Period
from masterdata.models import User
from tests.erp.shop import Shop
from tests.pages.conftest import person

D = Decimal


@pytest.fixture
def two(shop: Shop) -> tuple[Client, Client]:
    """Two accountants, and an account for the rent."""
    erp.open_books(company=shop.company, year=timezone.localdate().year)
    erp.add_account(company=shop.company, code="5700", name="Rent", kind="expense")
    clients = Client(), Client()
    for client, name in zip(clients, ("ann", "bob"), strict=True):
        client.force_login(person(name, "accountant", shop.plant, everywhere=True))
    return clients


def typed(shop: Shop, debit: str, credit: str) -> dict[str, Any]:
    """The form with two lines: rent against bank."""
    codes = dict(Account.objects.filter(company=shop.company).values_list("code", "pk"))
    return {
        "company": shop.company.pk,
        "posted_on": timezone.localdate().isoformat(),
        "memo": "Rent",
        "line_count": "2",
        "line_0_account": codes["5700"],
        "line_0_debit": debit,
        "line_1_account": codes["1000"],
        "line_1_credit": credit,
    }


def test_an_entry_goes_from_draft_to_journal_by_two_people(shop: Shop, two: tuple[Client, Client]) -> None:
    """900.00 against 800.00 is kept as a draft and not submitted; put right, the other one posts it, not its author."""
    ann, bob = two
    made = ann.post(reverse("erp:manual_entry_create"), typed(shop, "900", "800"))
    assert made.status_code == 302
    row = ManualEntry.objects.get()
    page = ann.get(made["Location"]).content.decode()
    assert "Debits less credits" in page
    assert "100.00" in page
    ann.post(reverse("erp:manual_entry_submit", args=[row.pk]))
    assert ManualEntry.objects.get().state == "draft"
    right = typed(shop, "900", "900") | {"version": str(row.version)}
    assert ann.post(reverse("erp:manual_entry_change", args=[row.pk]), right).status_code == 302
    ann.post(reverse("erp:manual_entry_submit", args=[row.pk]))
    ann.post(reverse("erp:manual_entry_approve", args=[row.pk]))
    assert ManualEntry.objects.get().state == "submitted"
    assert row.number in bob.get(reverse("erp:manual_entries") + "?state=submitted").content.decode()
    bob.post(reverse("erp:manual_entry_approve", args=[row.pk]))
    row = ManualEntry.objects.get()
    assert (row.state, row.decided_by) == ("posted", User.objects.get(username="bob"))
    copy = ann.get(reverse("erp:manual_entry_create") + f"?like={row.pk}").content.decode()
    assert 'value="900"' in copy
    undo = {"posted_on": timezone.localdate().isoformat()}
    assert bob.post(reverse("erp:manual_entry_undo", args=[row.pk]), undo).status_code == 302
    assert JournalEntry.objects.filter(reverses=row.entry).exists()


def test_a_control_account_is_refused_at_its_line(shop: Shop, two: tuple[Client, Client]) -> None:
    receivable = Account.objects.get(company=shop.company, role="receivable")
    answer = two[0].post(reverse("erp:manual_entry_create"), typed(shop, "9", "9") | {"line_1_account": receivable.pk})
    assert answer.status_code == 422
    assert "Documents alone post to" in answer.content.decode()


def test_an_entry_is_refused_with_a_reason(shop: Shop, two: tuple[Client, Client]) -> None:
    ann, bob = two
    ann.post(reverse("erp:manual_entry_create"), typed(shop, "9", "9"))
    row = ManualEntry.objects.get()
    ann.post(reverse("erp:manual_entry_submit", args=[row.pk]))
    bob.post(reverse("erp:manual_entry_refuse", args=[row.pk]), {"because": "Wrong month"})
    assert "Wrong month" in ann.get(reverse("erp:manual_entry", args=[row.pk])).content.decode()
    ann.post(reverse("erp:manual_entry_drop", args=[row.pk]))
    assert not ManualEntry.objects.exists()


def test_lines_come_from_a_file(shop: Shop, two: tuple[Client, Client]) -> None:
    head = {"company": shop.company.pk, "posted_on": timezone.localdate().isoformat(), "memo": "Rent"}
    wrong = SimpleUploadedFile("x.csv", b"account,debit\n9999,1\n")
    answer = two[0].post(reverse("erp:manual_entry_file"), head | {"file": wrong})
    assert "there is no account 9999" in answer.content.decode()
    file = SimpleUploadedFile("x.csv", b"account,debit,credit\n5700,7.50,\n1000,,7.50\n")
    assert two[0].post(reverse("erp:manual_entry_file"), head | {"file": file}).status_code == 302
    assert [line.amount for line in ManualEntry.objects.get().lines.order_by("line_no")] == [D("7.5"), D("-7.5")]


def test_the_chart_keeps_what_postings_need(shop: Shop, two: tuple[Client, Client]) -> None:
    """An account of one's own is renamed, put out of use and deleted; one with a role stays in use and of its kind."""
    ann = two[0]
    rent, bank = Account.objects.get(code="5700"), Account.objects.get(role="bank")
    as_it_is = {"code": "5700", "name": "Rents", "kind": "expense"}
    assert ann.post(reverse("erp:account_change", args=[rent.pk]), as_it_is).status_code == 302
    rent.refresh_from_db()
    assert (rent.name, rent.is_active) == ("Rents", False)
    page = ann.post(reverse("erp:account_change", args=[bank.pk]), {"code": "1000", "name": "Bank", "kind": "asset"})
    assert "it stays in use" in page.content.decode()
    page = ann.post(
        reverse("erp:account_change", args=[bank.pk]),
        {"code": "1000", "name": "Bank", "kind": "expense", "is_active": "on"},
    )
    assert "its kind stays" in page.content.decode()
    ann.post(reverse("erp:account_delete", args=[bank.pk]))
    ann.post(reverse("erp:account_delete", args=[rent.pk]))
    assert set(Account.objects.filter(code__in=["1000", "5700"]).values_list("code", flat=True)) == {"1000"}
    assert ann.get(reverse("erp:accounts")).status_code == 200


def test_a_period_is_locked_closed_and_opened_again_on_its_page(shop: Shop, two: tuple[Client, Client]) -> None:
    ann = two[0]
    period = Period.objects.order_by("starts_on")[0]
    assert "Entries that wait for their seal" in ann.get(reverse("erp:period", args=[period.pk])).content.decode()
    for deed, state in (("lock", "locked"), ("currencies", "locked"), ("close", "closed")):
        ann.post(reverse(f"erp:period_{deed}", args=[period.pk]))
        period.refresh_from_db()
        assert period.state == state
    assert ann.post(reverse("erp:period_reopen", args=[period.pk]), {"reason": "Late"}).status_code == 302
    assert "Late" in ann.get(reverse("erp:period", args=[period.pk])).content.decode()


def test_a_year_is_closed_and_opened_again_on_its_last_periods_page(shop: Shop, two: tuple[Client, Client]) -> None:
    ann = two[0]
    periods = list(Period.objects.filter(starts_on__year=2026).order_by("starts_on"))
    for period in periods[:-1]:
        ann.post(reverse("erp:period_close", args=[period.pk]))
    last = periods[-1]
    assert "Close the year" in ann.get(reverse("erp:period", args=[last.pk])).content.decode()
    ann.post(reverse("erp:year_close", args=[last.pk]))
    last.refresh_from_db()
    assert last.state == "closed"
    ann.post(reverse("erp:year_open", args=[shop.company.pk]))
    assert Period.objects.filter(starts_on__year=2027).count() == 12


def test_the_same_over_rest(shop: Shop, two: tuple[Client, Client]) -> None:
    """7.00 for the rent, written by Ann, posted by Bob; the trial balance has it, the entry its seal."""
    ann, bob = two
    codes = dict(Account.objects.filter(company=shop.company).values_list("code", "pk"))
    body = {
        "company": shop.company.pk,
        "posted_on": timezone.localdate().isoformat(),
        "memo": "Rent",
        "lines": [{"account": codes["5700"], "amount": "7.00"}, {"account": codes["1000"], "amount": "-7.00"}],
    }
    parts = [one | {"amount": one["amount"] + "1"} for one in body["lines"]]
    refused = ann.post("/api/v1/erp/manual-entries/", body | {"lines": parts}, content_type="application/json")
    assert [one["field"] for one in refused.json()["errors"]] == ["lines.0.amount"]
    made = ann.post("/api/v1/erp/manual-entries/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    address = f"/api/v1/erp/manual-entries/{made.json()['id']}/"
    assert ann.post(f"{address}submit/").status_code == 200
    own = ann.post(f"{address}approve/")
    assert (own.status_code, own.json()["code"]) == (409, "own_entry")
    posted = bob.post(f"{address}approve/").json()
    assert posted["state"] == "posted"
    erp.seal_all(company_id=shop.company.pk, now=timezone.now())
    seal = ann.get(f"/api/v1/erp/entry-seals/?entry={posted['entry']}").json()["results"][0]
    assert seal["number"] == f"JE-{timezone.localdate().year}-000001"
    assert len(seal["digest"]) == 64
    balance = ann.get(f"/api/v1/erp/books/{shop.company.pk}/trial-balance/").json()
    assert balance["agrees"] is True
    row = next(one for one in balance["rows"] if one["code"] == "5700")
    assert row["figures"] == ["0.0000", "7.0000", "0.0000", "7.0000"]
    for report in (
        "profit-and-loss", "balance-sheet", "profit-by-plant", "profit-by-order", "valuation",
        "received-not-invoiced", "taxes",
    ):  # fmt: skip
        assert ann.get(f"/api/v1/erp/books/{shop.company.pk}/{report}/?until=2026-12-31").status_code == 200
    period = Period.objects.order_by("starts_on")[0]
    assert ann.post(f"/api/v1/erp/periods/{period.pk}/close/").json()["state"] == "closed"
    wordless = ann.post(f"/api/v1/erp/periods/{period.pk}/reopen/", {}, content_type="application/json")
    assert wordless.status_code == 400
    again = ann.post(f"/api/v1/erp/periods/{period.pk}/reopen/", {"reason": "x"}, content_type="application/json")
    assert again.json()["is_open"] is True
