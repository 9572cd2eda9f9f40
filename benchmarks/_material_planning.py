"""A thousand orders of three levels for stock, netted whole, and one more; beside it the same rows by bare SQL."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection, transaction

from benchmarks import Figure, figure
from benchmarks._clock import Spent, measured, percentile
from benchmarks._scratch import database
from erp import services as erp
from erp.models import Peg, PlannedOrder, SalesOrder, WorkOrder
from masterdata.models import MaterialPlant, Plant
from suite.importing.load import load

NOW = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)  # the day on which the orders of the data came in
PERIOD_DAYS = 60  # one lot of a material supplies all orders
WHOLE, ONE = 0.150, 20.0
ONE_MORE = 30
_FORGET = (
    "DELETE FROM erp_peg WHERE is_planned",
    "DELETE FROM erp_actionmessage",
    "DELETE FROM erp_plannedorder WHERE NOT is_firm",
    "DELETE FROM erp_workordermaterial WHERE work_order_id IN (SELECT id FROM erp_workorder WHERE state = 'proposed')",
    "DELETE FROM erp_workorderoperation WHERE work_order_id IN (SELECT id FROM erp_workorder WHERE state = 'proposed')",
    "DELETE FROM erp_workorder WHERE state = 'proposed'",
    "UPDATE erp_salesorderline SET expected_at = NULL",
    "DELETE FROM erp_materialchange",
)
_TABLES = {
    "erp_workorder": ("id",),
    "erp_workorderoperation": ("id", "work_order_id"),
    "erp_workordermaterial": ("id", "work_order_id"),
    "erp_plannedorder": ("id",),
    "erp_peg": ("id", "work_order_id", "planned_order_id", "work_order_material_id"),
}
STEP = 10_000_000


def run(folder: Path, say: Callable[[str], None], *, times: int) -> dict[str, Figure]:
    """Every material for stock, one lot for all orders."""
    with database("bench_material"):
        plant, orders = _confirmed(folder, say)
        whole = [_whole(plant) for _ in range(times + 1)][1:]
        work, planned, pegs = WorkOrder.objects.count(), PlannedOrder.objects.count(), Peg.objects.count()
        bare = _bare_sql(times)
        again = erp.plan_materials(plant_id=plant.pk, now=NOW)
        assert again.changes == 0, again
        one = [_one_more(plant, order) for order in orders[-ONE_MORE - 3 :]][3:]
    wall, cpu = median(each.wall for each in whole), median(each.cpu for each in whole)
    p50 = percentile([each.wall * 1000 for each in one], 50)
    say(f"{work} work orders, {planned} planned orders, {pegs} pegs in {wall * 1000:.0f} ms; one order {p50:.1f} ms")
    return {
        f"net 1,000 orders whole ({work} work orders, {pegs} pegs)": figure(wall, "s", goal=WHOLE, baseline=bare),
        "net 1,000 orders whole, CPU": figure(cpu, "s"),
        "net 1,000 orders whole, times the bare SQL": figure(wall / bare, "x"),
        "one order's net change, p50": figure(p50, "ms", goal=ONE),
        "one order's net change, p95": figure(percentile([each.wall * 1000 for each in one], 95), "ms"),
        "one order's net change, CPU": figure(median(each.cpu * 1000 for each in one), "ms"),
    }


def _confirmed(folder: Path, say: Callable[[str], None]) -> tuple[Plant, list[SalesOrder]]:
    """The data with every material for stock; all orders confirmed but the last ones, which come one by one."""
    outcome = load(folder=folder, plant_code="MAIN", now=NOW)
    if outcome.faults:
        raise RuntimeError(f"threelevel has {len(outcome.faults)} faults: {outcome.faults[0]}")
    plant = Plant.objects.get()
    MaterialPlant.objects.update(policy="to_stock", lot_rule="period", period_days=PERIOD_DAYS)
    orders = list(SalesOrder.objects.order_by("number"))
    with measured() as spent:
        for order in orders[: len(orders) - ONE_MORE - 3]:
            erp.confirm_order(order_id=order.pk, now=NOW)
    say(f"{len(orders)} orders, confirmed in {spent.wall:.1f} s")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return plant, orders


def _whole(plant: Plant) -> Spent:
    """Everything from nothing, with its commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('throughline.planning', 'on', true)")
        for statement in _FORGET:
            cursor.execute(statement)
    with measured() as spent:
        erp.plan_materials(plant_id=plant.pk, now=NOW)
    return spent


def _one_more(plant: Plant, order: SalesOrder) -> Spent:
    erp.confirm_order(order_id=order.pk, now=NOW)
    with measured() as spent:
        planned = erp.plan_changes(plant_id=plant.pk, now=NOW)
    assert planned.changes > 0
    return spent


def _bare_sql(times: int) -> float:
    """Median seconds of writing the same rows again under new ids, one statement per table, one commit."""
    rows: dict[str, list[dict[str, Any]]] = {}
    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t ORDER BY id")  # noqa: S608 (our own words)
            found = [row if isinstance(row, dict) else json.loads(row) for (row,) in cursor.fetchall()]
            rows[table] = found
    took = []
    for number in range(1, times + 1):
        copies = {table: json.dumps([_copy(table, row, number) for row in found]) for table, found in rows.items()}
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('throughline.planning', 'on', true)")
            for table, text in copies.items():
                head = f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, %s)"  # noqa: S608
                cursor.execute(head, [text])
        took.append(time.perf_counter() - began)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('throughline.planning', 'on', true)")
            for table in reversed(_TABLES):
                cursor.execute(f"DELETE FROM {table} WHERE id >= %s", [STEP])  # noqa: S608 (our own words)
    return median(took)


def _copy(table: str, row: dict[str, Any], number: int) -> dict[str, Any]:
    copy = dict(row)
    for column in _TABLES[table]:
        if copy[column] is not None:
            copy[column] += number * STEP
    if table == "erp_workorder":
        copy["number"] = f"{row['number']}-{number}"
    return copy
