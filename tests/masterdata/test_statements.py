"""Prepared statements, several in one round trip."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from masterdata import statements
from masterdata.models import FlowRun, NumberSeries

pytestmark = pytest.mark.django_db

INSERT = """
    INSERT INTO masterdata_unit (code, name, rounding)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::numeric[]) RETURNING id, code
"""


def test_rows_of_each_statement_in_their_order() -> None:
    first, nothing, last = statements.together(
        ("SELECT %s::bigint + 1", [70_000]), ("SET LOCAL application_name = 'x'", []), ("SELECT 'b' WHERE %s", [True])
    )
    assert (first, nothing, last) == ([(70_001,)], [], [("b",)])


def test_each_sees_what_those_before_it_did() -> None:
    wanted = [("u1", "Unit 1", Decimal("0.5")), ("u2", 'The "second", \\ {one}', Decimal(1))]
    made, names = statements.together(
        (INSERT, statements.columns(wanted, 3)),
        ("SELECT name, rounding FROM masterdata_unit WHERE code = ANY(%s) ORDER BY code", ["{u1,u2}"]),
    )
    assert [code for _, code in made] == ["u1", "u2"]
    assert names == [("Unit 1", Decimal("0.5")), ('The "second", \\ {one}', Decimal(1))]


def test_whatever_an_array_may_hold_arrives_as_it_was_sent() -> None:
    moment = dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.UTC)
    (row,) = statements.run(
        "SELECT %s::bigint[], %s::numeric[], %s::text[], %s::bool[], %s::timestamptz[], %s::date[]",
        [
            statements.array([None, 3, 2**40]),
            statements.array([Decimal("1E+3"), Decimal("-0.000001")]),
            statements.array(["", "NULL", None, FlowRun.State.DONE]),
            statements.array([True, False]),
            statements.array([moment]),
            statements.array([moment.date()]),
        ],
    )
    assert row[0] == [None, 3, 2**40]
    assert row[1] == [Decimal(1000), Decimal("-0.000001")]
    assert row[2] == ["", "NULL", None, "done"]
    assert row[3:] == ([True, False], [moment], [moment.date()])


def test_no_rows_are_empty_columns() -> None:
    assert statements.columns([], 2) == ["{}", "{}"]
    assert statements.run("SELECT * FROM unnest(%s::bigint[], %s::text[])", statements.columns([], 2)) == []


def test_a_failure_is_djangos_error_and_nothing_after_it_is_run() -> None:
    with pytest.raises(DataError), transaction.atomic():
        statements.together(("SELECT %s::bigint / 0", [1]), ("SELECT 1", []))
    with pytest.raises(IntegrityError), transaction.atomic():
        statements.together(
            ("INSERT INTO masterdata_numberseries (company_id, kind, year, last_no) VALUES (-1, 'x', 1, 1)", []),
            ("SET CONSTRAINTS ALL IMMEDIATE", []),
        )
    assert not NumberSeries.objects.exists()
    assert statements.run("SELECT 1") == [(1,)]


def test_a_broken_transaction_is_refused_as_by_django() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            statements.run("SELECT 1")


def test_each_statement_counts_as_a_query_and_is_prepared() -> None:
    with CaptureQueriesContext(connection) as queries:
        statements.together(("SELECT 41 + %s::int", [1]), ("SELECT 42", []))
        statements.together(("SELECT 41 + %s::int", [100_000]), ("SELECT 42", []))
    assert len(queries) == 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT 41 +%%'")
        assert cursor.fetchone() == (1,)
