"""A plant full of planned work, and products that sales quotes for it: made in three steps of a part and of boards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db import connection
from django.db.models import F
from django.utils import timezone

from aps.models import PlantPlanning
from benchmarks._offer_http import made_in_steps
from benchmarks._planning_plant import plant_with, want
from benchmarks._scratch import flows_are_done
from erp.models import SupplierPrice
from masterdata.models import Material, Partner
from tests.aps.shop import Shop
from tests.crew import until

OPERATIONS, QUICK_OPERATIONS = 10_000, 500
PRODUCTS = 4


def full_plant(quick: bool) -> tuple[Shop, list[Material]]:
    """The plant with its work not planned yet, and the products."""
    shop = plant_with(QUICK_OPERATIONS if quick else OPERATIONS, "MAIN")
    return shop, products(shop)


def plan(shop: Shop) -> None:
    """Wait until all of it is planned, and look at the tables as autovacuum does in its first minute."""
    want(shop)
    until(lambda: is_settled(shop), timeout=300, what="the plant is planned")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def is_settled(shop: Shop) -> bool:
    """Whether planning and everything that follows from it has come to rest."""
    planned = PlantPlanning.objects.filter(plant=shop.plant, planned_version=F("wanted_version"), lease_until=None)
    return planned.exists() and flows_are_done()


def products(shop: Shop) -> list[Material]:
    """Each of two parts made in two steps of two boards, which take a day from their supplier."""
    base = {"category": shop.material.category, "unit": shop.material.unit}
    board = Material.objects.create(code="S-BOARD", name="Board", supply="buy", standard_cost=10, **base)
    supplier = Partner.objects.create(code="S-TIMBER", name="Timber", is_supplier=True)
    SupplierPrice.objects.create(supplier=supplier, material=board, unit=board.unit, price=10, lead_time_days=1)
    return [_product(shop, number, board, base) for number in range(1, PRODUCTS + 1)]


def _product(shop: Shop, number: int, board: Material, base: Mapping[str, object]) -> Material:
    part = Material.objects.create(code=f"S-PART-{number}", name=f"Part {number}", supply="make", **base)
    product = Material.objects.create(
        code=f"S-PROD-{number}", name=f"Product {number}", supply="make", is_sellable=True, list_price=500, **base
    )
    made_in_steps(shop, product, part, board)
    return product


def line(shop: Shop, product: Material, number: int) -> dict[str, object]:
    """A line as REST takes it: another quantity and another day each time."""
    return {
        "plant": shop.plant.pk,
        "material": product.pk,
        "quantity": str(1 + number % 12),
        "wanted_on": (timezone.localdate() + dt.timedelta(days=3 + number % 14)).isoformat(),
    }
