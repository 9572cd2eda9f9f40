"""A plant full of made-to-order work, written in sets: per order line 16 work orders on three levels, 32 operations."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import islice

from django.db import transaction
from django.utils import timezone

from aps import services as aps
from erp.models import Peg, SalesOrder, SalesOrderLine, WorkOrder, WorkOrderMaterial, WorkOrderOperation
from masterdata.models import Material, WorkCentre
from tests.aps.shop import Shop, build

CENTRES, MACHINES_EACH = 5, 5
CHILDREN = (3, 4)
"""What the product is made of, and what each of its parts is made of: 1 + 3 + 12 work orders."""
ORDERS_TREE = 1 + CHILDREN[0] + CHILDREN[0] * CHILDREN[1]
STEPS = 2
PER_ORDER = ORDERS_TREE * STEPS
BOUGHT_EACH = 2
FAMILIES = ("oak", "birch", "steel", "glass")


def plant_with(operations: int, code: str, machines_each: int = MACHINES_EACH) -> Shop:
    """A plant with at least so many operations to plan, none of them planned yet; no plan is wanted.

    Each of its CENTRES work centres has `machines_each` machines.
    """
    names = [f"W{centre}-{number}" for centre in range(1, CENTRES + 1) for number in range(1, machines_each + 1)]
    shop = build(names, code=code)
    with transaction.atomic():
        lines = _lines(shop, -(-operations // PER_ORDER))
        made = _work_orders(shop, lines)
        _operations(shop, made)
        _materials(shop, made)
    return shop


def want(shop: Shop) -> None:
    """Somebody wants a plan for the plant."""
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Measure it")


def _lines(shop: Shop, count: int) -> list[SalesOrderLine]:
    today = timezone.localdate()
    orders = SalesOrder.objects.bulk_create(
        SalesOrder(
            number=f"{shop.plant.code}-{number}",
            company=shop.plant.company,
            customer=shop.customer,
            currency=shop.plant.company.currency,
            ordered_on=today,
            confirmed_at=timezone.now(),
        )
        for number in range(count)
    )
    return SalesOrderLine.objects.bulk_create(
        SalesOrderLine(
            order=order,
            line_no=10,
            plant=shop.plant,
            material=shop.material,
            quantity=1 + number % 4,
            unit_price=100,
            net_amount=100 * (1 + number % 4),
            wanted_on=today + dt.timedelta(days=5 + number % 25),
        )
        for number, order in enumerate(orders)
    )


def _paths() -> list[str]:
    first = [f"1.{part}" for part in range(1, CHILDREN[0] + 1)]
    return ["1", *first, *(f"{path}.{part}" for path in first for part in range(1, CHILDREN[1] + 1))]


def _work_orders(shop: Shop, lines: list[SalesOrderLine]) -> list[WorkOrder]:
    return WorkOrder.objects.bulk_create(
        (
            WorkOrder(
                number=f"WO-{line.order.number}-{path}",
                plant=shop.plant,
                material=shop.material,
                sales_order_line=line,
                path=path,
                state=WorkOrder.State.FIRM,
                quantity=line.quantity,
            )
            for line in lines
            for path in _paths()
        ),
        batch_size=2000,
    )


def _operations(shop: Shop, made: list[WorkOrder]) -> None:
    centres = list(WorkCentre.objects.filter(plant=shop.plant).order_by("code"))
    WorkOrderOperation.objects.bulk_create(
        (
            WorkOrderOperation(
                work_order=order,
                sequence=10 * step,
                name=f"Step {step}",
                work_centre=centres[(at + step) % CENTRES],
                setup_min=10 + 5 * (at % 3),
                run_min_per_unit=Decimal(4 + (7 * at + 3 * step) % 23),
                setup_family=FAMILIES[at % len(FAMILIES)],
                is_last=step == STEPS,
            )
            for at, order in enumerate(made)
            for step in range(1, STEPS + 1)
        ),
        batch_size=2000,
    )


def _materials(shop: Shop, made: list[WorkOrder]) -> None:
    """What is made below is pegged to its work order, what is bought is not on order: it comes after its lead time."""
    bought, _ = Material.objects.get_or_create(
        code="BOARD",
        defaults={"name": "Board", "category": shop.material.category, "unit": shop.material.unit, "supply": "buy"},
    )
    by_place = {(order.sales_order_line_id, order.path): order for order in made}
    needs, children = [], []
    for order in made:
        below = [path for path in _paths() if path.rpartition(".")[0] == order.path]
        for line_no, path in enumerate(below or [""] * BOUGHT_EACH, start=1):
            needs.append(
                WorkOrderMaterial(
                    work_order=order,
                    line_no=line_no,
                    material=shop.material if path else bought,
                    unit=shop.material.unit,
                    operation_sequence=10,
                    quantity=order.quantity,
                )
            )
            children.append(by_place[order.sales_order_line_id, path] if path else None)
    needs = WorkOrderMaterial.objects.bulk_create(needs, batch_size=2000)
    pegs = (
        Peg(work_order=child, work_order_material=need, quantity=need.quantity)
        for need, child in zip(needs, children, strict=True)
        if child is not None
    )
    while some := list(islice(pegs, 2000)):
        Peg.objects.bulk_create(some)
