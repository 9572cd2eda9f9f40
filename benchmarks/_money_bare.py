"""The lower bound of a deed: the rows that it added, inserted again by bare SQL with new keys in one commit."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection

from benchmarks._bare_sql import in_one_commit, insert

# Tables that only grow, parents first, and which of their columns point to one another.
TABLES = (
    "masterdata_factrecord",
    "masterdata_flowrun",
    "erp_journalentry",
    "erp_journalline",
    "erp_stockmove",
    "erp_costentry",
)
COPIES = {"fact_id": "masterdata_factrecord", "entry_id": "erp_journalentry", "journal_line_id": "erp_journalline"}
STEP = 10_000_000


def run(deed: Callable[[], object], *, times: int) -> list[float]:
    """Milliseconds of each repetition of what the deed added; what it changed in other rows is left out."""
    before = _next_transaction()
    deed()
    rows = {table: _rows(table, before) for table in TABLES}
    mine = {table: {row["id"] for row in found} for table, found in rows.items()}
    took = []
    for number in range(1, times + 1):
        copies = {table: [_copy(row, mine, number) for row in found] for table, found in rows.items() if found}
        took.append(in_one_commit([insert(table, found) for table, found in copies.items()]))
    return took


def _next_transaction() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        return int(cursor.fetchone()[0])


def _rows(table: str, since: int) -> list[dict[str, Any]]:
    """What was written since that transaction."""
    query = f"SELECT to_jsonb(t) FROM {table} t WHERE t.xmin::text::bigint >= %s ORDER BY id"  # noqa: S608 (our words)
    with connection.cursor() as cursor:
        cursor.execute(query, [since])
        return [row if isinstance(row, dict) else json.loads(row) for (row,) in cursor.fetchall()]


def _copy(row: dict[str, Any], mine: dict[str, set[Any]], number: int) -> dict[str, Any]:
    """The row under a new id; keys to rows that are copied too follow them."""
    copy = {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}
    copy["id"] = _moved(row["id"], number)
    for column, table in COPIES.items():
        if row.get(column) in mine[table]:
            copy[column] = _moved(row[column], number)
    return copy


def _moved(key: Any, number: int) -> Any:
    return str(uuid.uuid5(uuid.UUID(key), str(number))) if isinstance(key, str) else key + number * STEP
