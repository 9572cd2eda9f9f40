"""Rush over HTTP in a plant of 10,000 planned operations: the first card, all cards, and taking one."""

from __future__ import annotations

import time
from typing import Any

from django.db import connection

from benchmarks import Figure, figure
from benchmarks._caller import Caller
from benchmarks._clock import percentile
from benchmarks._offer_http import OPERATIONS, QUICK_OPERATIONS, is_settled, product_of, question
from benchmarks._planning_plant import plant_with, want
from benchmarks._scratch import database, workers
from tests.crew import until

RUSHES, QUICK_RUSHES = 20, 3
FIRST_S, ALL_S, LONGEST_S = 1.0, 10.0, 30.0
LOOK_EVERY_S = 0.02
PATIENCE_S = 60


def measure(quick: bool) -> dict[str, Figure]:
    """Seconds from the question to the first cards, to the last lever, and from the click to the promised order."""
    operations, times = (QUICK_OPERATIONS, QUICK_RUSHES) if quick else (OPERATIONS, RUSHES)
    with database("bench_sales_rush"):
        shop = plant_with(operations, "MAIN")
        product = product_of(shop)
        with workers("sales-rush") as crew:
            want(shop)
            until(lambda: is_settled(shop), timeout=300, what="the plant is planned")
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # what autovacuum does in its first minute
            sales = Caller(crew.address, shop.plant.company, "sales_lead")
            _rush(
                sales, question(shop, product, 0, 0) | {"customer": shop.customer.pk}
            )  # loads the code of whoever answers
            found = []
            for number in range(times):
                found.append(_rush(sales, question(shop, product, number, 0) | {"customer": shop.customer.pk}))
                until(lambda: is_settled(shop), timeout=60, what="what was taken is spread")
    first, every, taken = ([one[n] for one in found] for n in range(3))
    name, full = f"{operations:,} operations", not quick
    return {
        f"rush, first cards, {name}, p95": figure(percentile(first, 95), "s", goal=FIRST_S, full_size=full),
        f"rush, all cards, {name}, p95": figure(percentile(every, 95), "s", goal=ALL_S, full_size=full),
        f"rush, all cards, {name}, longest": figure(max(every), "s", goal=LONGEST_S, full_size=full),
        f"rush, an option taken, {name}, p95": figure(percentile(taken, 95), "s"),
    }


def _rush(sales: Caller, body: dict[str, object]) -> tuple[float, float, float]:
    """Wanted today, so that every lever is looked for; then C is taken, else A."""
    began = time.perf_counter()
    _, asked = sales.post("crm/rush-requests/", body)
    first = time.perf_counter() - began
    while asked["levers_no"] != asked["answer_no"]:
        if time.perf_counter() - began > PATIENCE_S:
            raise RuntimeError(f"levers of {asked['number']} did not come")
        time.sleep(LOOK_EVERY_S)
        _, asked = sales.get(f"crm/rush-requests/{asked['id']}/")
    every = time.perf_counter() - began
    option = _fastest(asked)
    began = time.perf_counter()
    sales.post(f"crm/rush-options/{option['id']}/accept/", {})
    return first, every, time.perf_counter() - began


def _fastest(asked: dict[str, Any]) -> dict[str, Any]:
    cards = {one["key"]: one for one in asked["options"] if one["is_possible"]}
    found: dict[str, Any] = cards.get("C") or cards["A"]
    return found
