"""Offers over HTTP in a plant of 10,000 planned operations: material, plan and price in one answer, then the levers."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from decimal import Decimal

from django.db import connection
from django.db.models import F
from django.utils import timezone

from aps.models import PlantPlanning
from benchmarks import Figure, figure
from benchmarks._caller import Caller, until_answered
from benchmarks._clock import percentile
from benchmarks._planning_plant import plant_with, want
from benchmarks._scratch import database, flows_are_done, workers
from erp.models import SupplierPrice
from masterdata import services as masterdata
from masterdata.models import Material, Partner, WorkCentre
from tests.aps.shop import Shop
from tests.crew import until

OPERATIONS, QUICK_OPERATIONS = 10_000, 1_000
TIMES, QUICK_TIMES = 100, 10
RUSHES, QUICK_RUSHES = 20, 3
OFFER_MS, FIRST_S, ALL_S = 300.0, 1.0, 10.0
LOOK_EVERY_S = 0.02
PATIENCE_S = 60


def measure(quick: bool, say: Callable[[str], None]) -> dict[str, Figure]:
    """A, B and C with price: ms from question to answer; a rush request's first cards and its last lever: seconds."""
    operations = QUICK_OPERATIONS if quick else OPERATIONS
    full = not quick
    with database("bench_offer_http"):
        shop = plant_with(operations, "MAIN")
        product = product_of(shop)
        with workers("offer-http") as crew:
            want(shop)
            until(lambda: is_settled(shop), timeout=300, what="the plant is planned")
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")  # what autovacuum does in its first minute
            sales = Caller(crew.address, shop.plant.company, "sales")
            _ask(sales, shop, product, 0)  # who answers first loads his code
            times, rushed = (QUICK_TIMES, QUICK_RUSHES) if quick else (TIMES, RUSHES)
            offers = [_ask(sales, shop, product, number) for number in range(times)]
            say(f"{operations:,} operations, offers: p95 {percentile(offers, 95):.0f} ms")
            rushes = [_rush(sales, shop, product, number) for number in range(rushed)]
    first, last = [one[0] for one in rushes], [one[1] for one in rushes]
    say(f"rush requests: first cards {max(first):.2f} s, last lever {max(last):.2f} s at most")
    name = f"{operations:,} operations"
    return {
        f"offers A, B, C over HTTP, {name}, p95": figure(percentile(offers, 95), "ms", goal=OFFER_MS, full_size=full),
        f"offers A, B, C over HTTP, {name}, longest": figure(max(offers), "ms"),
        f"rush request, first cards, {name}, p95": figure(percentile(first, 95), "s", goal=FIRST_S, full_size=full),
        f"rush request, all levers, {name}, p95": figure(percentile(last, 95), "s", goal=ALL_S, full_size=full),
    }


def product_of(shop: Shop) -> Material:
    """Made in three steps of a part made in two and of boards that take a day, or none from a dearer supplier."""
    base = {"category": shop.material.category, "unit": shop.material.unit}
    product = Material.objects.create(
        code="BENCH", name="Bench", supply="make", is_sellable=True, list_price=500, **base
    )
    part = Material.objects.create(code="BENCH-SEAT", name="Seat", supply="make", **base)
    board = Material.objects.create(code="BENCH-BOARD", name="Board", supply="buy", standard_cost=10, **base)
    for code, price, days, preferred in (("TIMBER", 10, 1, True), ("QUICK", 15, 0, False)):
        supplier = Partner.objects.create(code=code, name=code.title(), is_supplier=True, is_preferred=preferred)
        SupplierPrice.objects.create(
            supplier=supplier, material=board, unit=board.unit, price=price, lead_time_days=days
        )
    made_in_steps(shop, product, part, board)
    return product


def made_in_steps(shop: Shop, product: Material, part: Material, board: Material) -> None:
    """The product in three steps of two parts, a part in two of two boards, frozen."""
    now, centres = timezone.now(), list(WorkCentre.objects.filter(plant=shop.plant).order_by("code"))
    for material, component, steps in ((part, board, 2), (product, part, 3)):
        bom = masterdata.write_bom(material_id=material.pk, lines=[masterdata.BomLineInput(component.pk, Decimal(2))])
        masterdata.freeze_bom(bom_id=bom.pk, now=now)
        operations = [
            masterdata.OperationInput(10 * step, f"Step {step}", centre.pk, Decimal(6), Decimal(10))
            for step, centre in enumerate(centres[:steps], start=1)
        ]
        routing = masterdata.write_routing(material_id=material.pk, plant_id=shop.plant.pk, operations=operations)
        masterdata.freeze_routing(routing_id=routing.pk, now=now)


def question(shop: Shop, product: Material, number: int, days: int) -> dict[str, object]:
    wanted_on = timezone.localdate() + dt.timedelta(days=days)
    quantity = str(1 + number % 12)
    return {
        "plant": shop.plant.pk,
        "material": product.pk,
        "quantity": quantity,
        "wanted_on": wanted_on.isoformat(),
    }


def _ask(sales: Caller, shop: Shop, product: Material, number: int) -> float:
    began = time.perf_counter()
    until_answered(sales, "aps/offers/", question(shop, product, number, 3 + number % 14))
    return (time.perf_counter() - began) * 1000


def _rush(sales: Caller, shop: Shop, product: Material, number: int) -> tuple[float, float]:
    """Seconds to the first cards and to the last lever; it is wanted today, so that levers are looked for."""
    began = time.perf_counter()
    body = question(shop, product, number, 0) | {"customer": shop.customer.pk}
    _, asked = sales.post("crm/rush-requests/", body)
    first = time.perf_counter() - began
    while asked["levers_no"] != asked["answer_no"]:
        if time.perf_counter() - began > PATIENCE_S:
            raise RuntimeError(f"levers of {asked['number']} did not come")
        time.sleep(LOOK_EVERY_S)
        _, asked = sales.get(f"crm/rush-requests/{asked['id']}/")
    return first, time.perf_counter() - began


def is_settled(shop: Shop) -> bool:
    planned = PlantPlanning.objects.filter(plant=shop.plant, planned_version=F("wanted_version"), lease_until=None)
    return planned.exists() and flows_are_done()
