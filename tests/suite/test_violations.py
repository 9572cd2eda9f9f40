"""Every invariant can fall, and the audit names it with the row: each is broken once in a shop in full swing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker

from suite import audit, guards
from tests import database
from tests.crew import Crew
from tests.suite.violations import (
    Case,
    books,
    contracts,
    floor,
    letters,
    masters,
    payables,
    places,
    planning,
    shop,
    trade,
)

CASES = [
    *masters.CASES,
    *books.CASES,
    *places.CASES,
    *trade.CASES,
    *contracts.CASES,
    *letters.CASES,
    *payables.CASES,
    *planning.CASES,
    *floor.CASES,
]
# Invariants that nothing can break, not even with triggers off and constraints dropped, and why.
UNBREAKABLE: dict[str, str] = {}
# What belongs to no company and may be named by all; a pair of these crosses nothing.
EVERYBODYS = {
    "masterdata": "Address ApiKey Bom BomByproduct BomLine BomSubstitute Calendar CalendarException Contact "
    "Currency ExchangeRate FactRecord FlowRun IdempotencyKey LabourGrade Material MaterialCategory Partner "
    "PartnerAccount PaymentTerm ReasonCode Shift ShiftBreak Skill TaxCode Unit UnitConversion User",
    # A price and a lot are the group's; a peg has no key that is always filled, its keys are compared with one another.
    "erp": "DeliveryTolerance Lot Peg SupplierPrice",
    "crm": "CustomerGroup CustomerTerms LinkCalls LostReason MessageTemplate NoticeWish Stage",
    # An event has the plant that it happened in unless nobody can say it; pictures and shapes belong to masters.
    "mes": "ExecutionEvent InstructionPicture PartFeature PartShape Quarantine",
}


@pytest.fixture(scope="module")
def full_shop(emptier: database.Emptier, crew: Crew, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Built once, with no worker of an earlier test about who would take its flows; each case is undone by its
    transaction."""
    crew.end()
    with django_db_blocker.unblock():
        try:
            crew.flush_broker()
            shop.build()
            yield
        finally:
            connection.close()
            emptier.empty()


@pytest.fixture
def undone(full_shop: None) -> Iterator[None]:
    """What the test breaks is whole again afterwards."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def force(broken: Case) -> str:
    """Break it past triggers, foreign keys and the constraints that the case names; what it returned."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in broken.drop:
            cursor.execute("SELECT conrelid::regclass FROM pg_constraint WHERE conname = %s", [name])
            table = cursor.fetchone()
            cursor.execute(f"ALTER TABLE {table[0]} DROP CONSTRAINT {name}" if table else f"DROP INDEX {name}")
        for statement in broken.sql.split(";"):
            cursor.execute(statement)
        row = cursor.fetchone()
    assert row is not None, "nothing was broken"
    return str(row[0])


def fallen() -> dict[str, audit.Finding]:
    return {finding.invariant.name: finding for finding in audit.findings() if not finding.holds}


def test_the_shop_is_sound(undone: None) -> None:
    assert fallen() == {}


@pytest.mark.parametrize("broken", CASES, ids=[one.name for one in CASES])
def test_the_audit_names_what_is_broken(undone: None, broken: Case) -> None:
    """The invariant, the row, and beside it only what the case says; a dropped constraint is a guard that fell."""
    value = force(broken)
    found = fallen()
    if recent := found[broken.invariant].invariant.recent:
        with connection.cursor() as cursor:
            cursor.execute(recent)
            assert value in {str(shown) for row in cursor.fetchall() for shown in row}
    assert value in {str(shown) for row in found[broken.invariant].rows for shown in row.values()}
    assert found.keys() - ({"guards_stand"} if broken.drop else set()) == {broken.invariant} | broken.also


def test_every_invariant_has_its_case() -> None:
    names = {invariant.name for _, invariant in audit.invariants()}
    assert {one.invariant for one in CASES} | UNBREAKABLE.keys() == names
    assert not {one.invariant for one in CASES} & UNBREAKABLE.keys()
    assert len({one.name for one in CASES}) == len(CASES)


def test_what_belongs_to_no_company_is_listed() -> None:
    """A new row with a company in reach is compared by itself; one without has to be put on the list."""
    assert guards.group_wide() == {f"{app}.{row}" for app, rows in EVERYBODYS.items() for row in rows.split()}
