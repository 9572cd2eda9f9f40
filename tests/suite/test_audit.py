"""The audit sees what is wrong, whoever wrote it, and says which rows: violations are forced past every constraint."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from crm import services as crm
from erp.models import SalesOrder
from masterdata.invariants import Invariant
from suite import audit
from tests.flows import workshop

D = Decimal

OTHER_CUSTOMER = "UPDATE crm_quotation SET customer_id = (SELECT id FROM masterdata_partner WHERE code = 'HARB')"
# The invariant and the statement that breaks it.
VIOLATIONS = [
    ("entries_balance", "UPDATE erp_journalline SET amount = amount + 1 WHERE amount > 0"),
    ("balance_is_sum_of_moves", "UPDATE erp_stockbalance SET on_hand = on_hand + 1"),
    ("line_carries_its_promise", "UPDATE erp_salesorderline SET promised_at = promised_at + interval '1 day'"),
    ("promise_versions_without_gaps", "UPDATE crm_promise SET version_no = 3"),
    ("estimate_versions_follow", "UPDATE erp_costestimate SET version_no = 2"),
    ("accepted_quotation_became_its_order", OTHER_CUSTOMER),
    ("low_level_codes_descend", "UPDATE masterdata_material SET low_level_code = 0"),
    ("facts_have_their_runs", "DELETE FROM masterdata_flowrun"),
    (
        "facts_caused_as_declared",
        "UPDATE masterdata_factrecord a SET cause_id = b.id FROM masterdata_factrecord b WHERE a.kind <> b.kind",
    ),
]


@pytest.fixture
def order(db: None) -> SalesOrder:
    """A table quoted with a date, accepted, its boards in stock: a row for each of the rules."""
    shop = workshop.build()
    shop.quantity("BOARD", 10)
    now = dt.datetime.now(dt.UTC)
    line = crm.QuotationLineInput(
        plant_id=shop.plant.pk,
        material_id=shop.materials["TABLE"].pk,
        quantity=D(2),
        wanted_on=(now + dt.timedelta(days=10)).date(),
        offered_at=now + dt.timedelta(days=8),
    )
    quotation = crm.write_quotation(company_id=shop.company.pk, customer_id=shop.customer.pk, lines=[line], now=now)
    return crm.accept_quotation(quotation_id=quotation.pk, now=now)


def force(statement: str) -> None:
    """Run it with triggers and foreign keys switched off, after those that still wait for the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        assert cursor.rowcount > 0, "nothing was broken"
        cursor.execute("SET LOCAL session_replication_role = origin")


def command(*arguments: str) -> tuple[int, str]:
    """Exit code and output of `manage.py audit`."""
    printed = StringIO()
    try:
        call_command("audit", *arguments, stdout=printed)
    except SystemExit as end:
        return int(end.code or 0), printed.getvalue()
    return 0, printed.getvalue()


def answer(*arguments: str) -> tuple[int, dict[str, Any]]:
    code, text = command("--json", *arguments)
    return code, json.loads(text)


def test_a_sound_database_is_clean(order: SalesOrder) -> None:
    code, text = command()
    assert code == 0
    assert text.rstrip().endswith("invariants: all hold")
    assert "BROKEN" not in text


@pytest.mark.parametrize(("name", "statement"), VIOLATIONS, ids=[name for name, _ in VIOLATIONS])
def test_a_forced_violation_is_found(order: SalesOrder, name: str, statement: str) -> None:
    """Exit code 1; the rule is named with at least one row of which each value is printed."""
    force(statement)
    code, found = answer()
    broken = {one["name"]: one for one in found["invariants"] if not one["holds"]}
    assert code == 1
    assert not found["clean"]
    assert name in broken
    row = broken[name]["rows"][0]
    code, text = command()
    assert code == 1
    assert f"BROKEN  {broken[name]['app']:<10}  {broken[name]['sentence']}" in text
    assert ", ".join(f"{key} {value}" for key, value in row.items()) in text
    assert text.rstrip().endswith(f"{len(broken)} broken")


def test_rows_are_named_by_what_people_know(order: SalesOrder) -> None:
    """The quotation went to another customer than its order: the audit names both by their numbers."""
    force(OTHER_CUSTOMER)
    _, found = answer()
    (broken,) = [one for one in found["invariants"] if not one["holds"]]
    assert broken["rows"] == [{"number": order.quotation.number, "state": "accepted", "order_number": order.number}]


def test_json_has_one_shape(order: SalesOrder) -> None:
    """Every invariant stands there, broken or not; names are unique, so that programs can rely on them."""
    code, found = answer()
    assert (code, found["clean"], found.keys()) == (0, True, {"clean", "invariants"})
    fields = {"app", "name", "sentence", "holds", "count", "rows"}
    assert all(one.keys() == fields for one in found["invariants"])
    assert all((one["count"], one["rows"]) == (0, []) for one in found["invariants"])
    assert {one["app"] for one in found["invariants"]} == {"masterdata", "erp", "aps", "mes", "crm", "suite"}
    names = [(one["app"], one["name"]) for one in found["invariants"]]
    assert len(names) == len(set(names)) == sum(1 for _ in audit.invariants())


def test_only_the_first_rows_are_shown_and_all_are_counted(order: SalesOrder) -> None:
    """25 facts without their flow runs, beside the quotation's and the order's: 27 in all, of which 20 are shown."""
    force("DELETE FROM masterdata_flowrun")
    force(
        "INSERT INTO masterdata_factrecord (id, kind, payload, subject, stated_at, correlation_id)"
        " SELECT gen_random_uuid(), 'OrderConfirmed', '{}', '', now(), '' FROM generate_series(1, 25)"
    )
    _, found = answer()
    (broken,) = [one for one in found["invariants"] if not one["holds"]]
    assert (broken["name"], broken["count"], len(broken["rows"])) == ("facts_have_their_runs", 27, 20)
    assert "and 7 more" in command()[1]


def test_in_a_hurry_it_says_what_was_asked_in_part(order: SalesOrder) -> None:
    """The rules of the sealed journal are asked of its newest entries, the others of every row; all hold."""
    code, found = answer("--quick")
    scopes = {one["name"]: one["scope"] for one in found["invariants"] if "scope" in one}
    assert code == 0
    assert (
        scopes["journal_is_as_it_was_sealed"] == "the newest 20,000 entries of each company, and the end of every batch"
    )
    assert "stock_never_negative" not in scopes
    assert not any("scope" in one for one in answer()[1]["invariants"])
    assert "(the newest 20,000 entries of each company" in command("--quick")[1]


def test_what_takes_too_long_where_somebody_waits_is_left_open(order: SalesOrder) -> None:
    """Two seconds of sleep in a tenth of one: nothing is known, it neither holds nor is broken; the next is asked."""
    slow = Invariant("slow", "It sleeps", "SELECT 1 FROM (SELECT pg_sleep(2)) s")
    fast = Invariant("fast", "It answers", "SELECT 7 AS seven")
    with connection.cursor() as cursor:
        audit.limit_to(cursor, "100")
        late = audit.ask_recent(cursor, "suite", slow)
        audit.limit_to(cursor, "60000")
        there = audit.ask_recent(cursor, "suite", fast)
    assert (late.is_open, late.holds, late.is_broken) == (True, False, False)
    assert (there.is_open, there.is_broken, there.rows) == (False, True, [{"seven": 7}])
