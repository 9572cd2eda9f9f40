"""The lower bound: the rows that one confirmation wrote, inserted again by bare SQL with their keys in one commit."""

from __future__ import annotations

import json
import time
from typing import Any

from django.db import connection

# Table, and which of its rows belong to order %(order)s; in the order of their foreign keys.
_LINES = "SELECT l.id FROM erp_salesorderline l WHERE l.order_id = %(order)s"
_MADE = f"SELECT w.id FROM erp_workorder w WHERE w.sales_order_line_id IN ({_LINES})"  # noqa: S608 (our own words)
_NEEDS = f"SELECT m.id FROM erp_workordermaterial m WHERE m.work_order_id IN ({_MADE})"  # noqa: S608 (our own words)
TABLES = {
    "erp_workorder": f"t.id IN ({_MADE})",
    "erp_workorderoperation": f"t.work_order_id IN ({_MADE})",
    "erp_workordermaterial": f"t.id IN ({_NEEDS})",
    "erp_peg": f"t.work_order_material_id IN ({_NEEDS}) OR t.sales_order_line_id IN ({_LINES})",
    "erp_reservation": f"t.work_order_material_id IN ({_NEEDS})",
    "erp_costestimate": "t.sales_order_id = %(order)s",
}
COPIES = {
    "work_order_id": "erp_workorder",
    "work_order_material_id": "erp_workordermaterial",
}
STEP = 10_000_000


def run(order_id: int, *, times: int) -> list[float]:
    """Milliseconds of each repetition: all rows of the order with new ids, same other keys, one commit."""
    rows = {table: _rows(table, condition, order_id) for table, condition in TABLES.items()}
    return [
        in_one_commit([_statement(table, found, number) for table, found in rows.items() if found])
        for number in range(1, times + 1)
    ]


def in_one_commit(statements: list[tuple[str, list[Any]]]) -> float:
    """Milliseconds that the statements take with their commit."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        for statement, values in statements:
            cursor.execute(statement, values)
        cursor.execute("COMMIT")
    return (time.perf_counter() - began) * 1000


def insert(table: str, copies: list[dict[str, Any]]) -> tuple[str, list[Any]]:
    """One INSERT with a parameter per value, as a program that knows its rows would send it."""
    columns = list(copies[0])
    row = f"({', '.join(['%s'] * len(columns))})"
    head = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608 (our own words)
    return head + ", ".join([row] * len(copies)), [copy[column] for copy in copies for column in columns]


def _rows(table: str, condition: str, order_id: int) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        query = f"SELECT to_jsonb(t) FROM {table} t WHERE {condition} ORDER BY t.id"  # noqa: S608 (our own words)
        cursor.execute(query, {"order": order_id})
        return [row if isinstance(row, dict) else json.loads(row) for (row,) in cursor.fetchall()]


def _statement(table: str, rows: list[dict[str, Any]], number: int) -> tuple[str, list[Any]]:
    return insert(table, [_copy(table, row, number) for row in rows])


def _copy(table: str, row: dict[str, Any], number: int) -> dict[str, Any]:
    """The row under new ids; keys to rows that are copied too follow them."""
    copy = {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}
    copy["id"] = row["id"] + number * STEP
    for column in COPIES.keys() & row.keys():
        if row[column] is not None:
            copy[column] = row[column] + number * STEP
    if table == "erp_workorder":
        copy["number"] = f"{row['number']}-{number}"
    if table == "erp_costestimate":
        copy["version_no"] = row["version_no"] + number
    return copy
