"""SQL of the paths that must be fast: prepared once per connection, and several statements in one round trip.

The values are bound by the server, so a statement is planned once and not at each call. For everything else there is
Django's own cursor. Lists go as one array literal (`array`), so that the types of a statement are always the same and
it is prepared once.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import psycopg
from django.db import connection

Statement = tuple[str, Sequence[Any]]
Rows = list[tuple[Any, ...]]
ONLY_WHEN_ASKED = 2**31 - 1
"""Uses after which psycopg prepares a statement by itself."""


def run(query: str, values: Sequence[Any] = ()) -> Rows:
    """Run one statement, prepared; its rows (none of a statement that gives none). Counts as one query of Django's."""
    return together((query, values))[0]


def together(*statements: Statement) -> list[Rows]:
    """Run the statements in this order, in one round trip; the rows of each.

    Each sees what those before it did. The first that fails raises Django's error, as from a cursor of Django's; those
    after it are not run. Inside a transaction a failure breaks it, as ever. Nothing may depend on another's rows.
    """
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    began = time.monotonic()
    with connection.wrap_database_errors:
        raw: Any = connection.connection
        with _preparing(raw):
            if len(statements) == 1:
                found = [_rows(_sent(raw, statements[0]))]
            else:
                with raw.pipeline():
                    cursors = [_sent(raw, statement) for statement in statements]
                found = [_rows(cursor) for cursor in cursors]
    if connection.queries_logged:
        _log(statements, time.monotonic() - began)
    return found


def array(values: Iterable[Any]) -> str:
    """A one-dimensional PostgreSQL array literal of numbers, texts, truths, times or nothing; cast it in the query."""
    return "{" + ",".join([_LITERALS.get(type(value), _text)(value) for value in values]) + "}"


def columns(rows: Iterable[Sequence[Any]], width: int = 0) -> list[str]:
    """Rows as one array literal per column, for `unnest`; `width` columns when there may be no rows."""
    turned: Sequence[Sequence[Any]] = list(zip(*rows, strict=True)) or [()] * width
    return [array(column) for column in turned]


@contextmanager
def _preparing(raw: Any) -> Iterator[None]:
    """The connection prepares what is asked for meanwhile. Always switched on, it would remember the last hundred
    statements of Django's cursors too, whole, with the megabytes that stand in them."""
    raw.prepare_threshold = ONLY_WHEN_ASKED
    try:
        yield
    finally:
        raw.prepare_threshold = None


def _sent(raw: Any, statement: Statement) -> psycopg.Cursor:
    """A whole number goes as text: psycopg would declare the smallest type that holds it, and prepare one each."""
    query, values = statement
    bound = [str(value) if type(value) is int else value for value in values]
    return psycopg.Cursor(raw).execute(query, bound or None, prepare=True)


def _rows(cursor: psycopg.Cursor) -> Rows:
    return cursor.fetchall() if cursor.description else []


def _log(statements: Sequence[Statement], seconds: float) -> None:
    """As Django's own cursors do when queries are counted."""
    each = f"{seconds / len(statements):.3f}"
    connection.queries_log.extend({"sql": query, "time": each} for query, _ in statements)


def _text(value: Any) -> str:
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_LITERALS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "NULL",
    int: str,
    Decimal: str,
    bool: lambda value: "t" if value else "f",
    dt.datetime: lambda value: f'"{value.isoformat()}"',
    dt.date: dt.date.isoformat,
}
