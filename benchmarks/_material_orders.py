"""Whole order books through confirmation: a thousand of three levels made to order, and all of AdventureWorks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

from django.db import connection

from benchmarks import Figure, figure
from benchmarks._clock import measured
from benchmarks._material_planning import NOW
from benchmarks._scratch import database
from erp import services as erp
from erp.models import SalesOrder, WorkOrder
from masterdata.models import Plant
from suite.importing.load import load

MADE_TO_ORDER, ADVENTUREWORKS = 12.0, 5.0
FIRST_ORDER = dt.date(2011, 5, 25)


def made_to_order(folder: Path, say: Callable[[str], None]) -> dict[str, Figure]:
    """Fully pegged: all confirmed in one deed, as somebody does who ticks them; beside it one after the other."""
    apart, _, _ = _confirmed(folder, _one_by_one)
    together, cpu, made = _confirmed(folder, lambda ids: erp.confirm_orders(order_ids=ids, now=NOW))
    say(f"1000 orders made to order: {made} work orders in {together:.1f} s, CPU {cpu:.1f} s; apart {apart:.1f} s")
    return {
        f"made to order, 1,000 x 3 lines ({made:,} work orders), confirmed together": figure(
            together, "s", goal=MADE_TO_ORDER, baseline=apart
        ),
        "made to order, 1,000 x 3 lines, confirmed together, CPU": figure(cpu, "s"),
        "made to order, 1,000 x 3 lines, confirmed one after the other": figure(apart, "s"),
    }


def _one_by_one(order_ids: list[int]) -> None:
    for order_id in order_ids:
        erp.confirm_order(order_id=order_id, now=NOW)


def _confirmed(folder: Path, confirm: Callable[[list[int]], object]) -> tuple[float, float, int]:
    """Seconds, seconds of CPU, and the work orders that were made."""
    with database("bench_made_to_order"):
        outcome = load(folder=folder, plant_code="MAIN", now=NOW)
        assert not outcome.faults
        ids = list(SalesOrder.objects.order_by("number").values_list("pk", flat=True))
        with measured() as spent:
            confirm(ids)
        return spent.wall, spent.cpu, WorkOrder.objects.count()


def adventureworks(folder: Path, say: Callable[[str], None]) -> dict[str, Figure]:
    """All open orders netted by planning: everything for stock, everything planned from nothing."""
    with database("bench_adventureworks_net"):
        now = dt.datetime.now(dt.UTC)
        outcome = load(folder=folder, plant_code="MAIN", now=now, shift_days=(now.date() - FIRST_ORDER).days)
        assert not outcome.faults
        plant = Plant.objects.get()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE masterdata_materialplant SET policy = 'to_stock'")
            cursor.execute("UPDATE erp_salesorder SET confirmed_at = %s", [now])
            cursor.execute("ANALYZE")
        with measured() as spent:
            planned = erp.plan_materials(plant_id=plant.pk, now=now)
        orders, made = SalesOrder.objects.count(), WorkOrder.objects.count()
    say(f"AdventureWorks: {orders} orders, {made} work orders, {planned.materials} materials in {spent.wall:.1f} s")
    return {
        f"AdventureWorks, all {orders:,} orders netted ({made:,} work orders)": figure(
            spent.wall, "s", goal=ADVENTUREWORKS
        ),
        "AdventureWorks, all orders netted, CPU": figure(spent.cpu, "s"),
    }
