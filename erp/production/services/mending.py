"""A work order for goods that came back and are worth mending: they are its component and its product."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction

from erp.cost.models import CostEntry, Element
from erp.cost.services import CostTag
from erp.facts import SupplyPlanned
from erp.production.models import WorkOrder, WorkOrderMaterial
from erp.production.services.absorbing import PLACES, checked_places
from erp.production.services.backflush import Backflush
from erp.production.services.creation import UNIT_COST_STEP, create_work_orders
from erp.production.services.release import release_held
from erp.production.specs import MaterialSpec, OperationSpec, WorkOrderSpec
from erp.stock.book import Book
from erp.stock.intents import Kind, MoveIntent
from erp.stock.models import StockBalance
from masterdata import facts, statements
from masterdata.errors import InvalidInput
from masterdata.models import Location, WorkCentre
from masterdata.numbers import ZERO


@dataclass(frozen=True, kw_only=True, slots=True)
class ReworkStep:
    """What is done to each piece, where; minutes at 100 % speed."""

    name: str
    work_centre_id: int
    run_min_per_unit: Decimal
    setup_min: Decimal = ZERO


@transaction.atomic(savepoint=False)
def make_rework_order(
    *,
    balance: StockBalance,
    quantity: Decimal,
    sales_order_line_id: int | None,
    path: str,
    steps: Sequence[ReworkStep],
    now: dt.datetime,
) -> WorkOrder:
    """Take `quantity` of the balance into a released work order that gives it back mended.

    The goods keep their value: they go back to free stock at what they went in at, in the lot that they were; what is
    worked on them, and what becomes scrap of them, is cost of the sales order, or without one a production variance,
    the work as rework. The caller holds the sales order. Locks balances, then the number. Raises InvalidInput,
    NotEnoughStock, PeriodClosed. States SupplyPlanned.
    """
    plant, material = balance.plant, balance.material
    operations = _operations(steps, plant.pk)
    spec = WorkOrderSpec(
        plant=plant,
        material_id=material.pk,
        quantity=quantity,
        operations=operations,
        materials=[
            MaterialSpec(
                line_no=1,
                material_id=material.pk,
                unit_id=material.unit_id,
                operation_sequence=operations[0].sequence,
                quantity=quantity,
            )
        ],
        sales_order_line_id=sales_order_line_id,
        path=path,
        planned_unit_cost=ZERO,
    )
    order = create_work_orders(specs=[spec], now=now)[0]
    order = WorkOrder.objects.select_related("plant__company__currency", "sales_order_line").get(pk=order.pk)
    need = WorkOrderMaterial.objects.get(work_order=order)
    value = _take_in(order, balance, quantity, now)
    Backflush(issued={need.pk: (quantity, value)}).write()
    order.is_rework = True
    order.planned_unit_cost = (value / quantity).quantize(UNIT_COST_STEP, rounding=ROUND_HALF_UP)
    order.save(update_fields=["is_rework", "planned_unit_cost"])
    release_held(order, now)
    order_id = order.sales_order_line.order_id if order.sales_order_line else None
    facts.state(
        SupplyPlanned(
            plant_id=plant.pk, work_order_ids=(order.pk,), order_ids=(order_id,) if order_id is not None else ()
        )
    )
    return order


@transaction.atomic
def rework_stock(*, balance_id: int, quantity: Decimal, steps: Sequence[ReworkStep], now: dt.datetime) -> WorkOrder:
    """Goods that lie in stock and belong to no order go into a work order that mends them, as `make_rework_order`.

    Raises InvalidInput for goods of an order, NotEnoughStock, PeriodClosed.
    """
    related = "plant__company__currency", "material__unit"
    balance = StockBalance.objects.select_related(*related).get(pk=balance_id)
    if balance.sales_order_id is not None:
        raise InvalidInput("These goods belong to an order: they are mended by a step of its work order.", field="kind")
    return make_rework_order(
        balance=balance, quantity=quantity, sales_order_line_id=None, path="", steps=steps, now=now
    )


def _operations(steps: Sequence[ReworkStep], plant_id: int) -> list[OperationSpec]:
    if not steps:
        raise InvalidInput("Say what is done to the pieces, and where.", field="name")
    centres = {one.work_centre_id for one in steps}
    if WorkCentre.objects.filter(pk__in=centres, plant=plant_id).count() != len(centres):
        raise InvalidInput("Choose a work centre of the plant where the goods are.", field="work_centre")
    for one in steps:
        if not one.name.strip():
            raise InvalidInput("Say what is done to the pieces.", field="name")
        if one.run_min_per_unit < 0 or one.setup_min < 0:
            raise InvalidInput("Enter zero or more minutes.", field="run_min_per_unit")
    return [
        OperationSpec(
            sequence=10 * number,
            name=one.name.strip(),
            work_centre_id=one.work_centre_id,
            setup_min=one.setup_min,
            run_min_per_unit=one.run_min_per_unit,
        )
        for number, one in enumerate(steps, start=1)
    ]


def _take_in(order: WorkOrder, balance: StockBalance, quantity: Decimal, now: dt.datetime) -> Decimal:
    (places,) = statements.together((PLACES, [order.plant_id]))
    production_id = checked_places(dict(places), order.plant)[Location.Kind.PRODUCTION]
    book = Book(
        plant_ids=[order.plant_id],
        material_ids=[balance.material_id],
        places={(order.plant_id, balance.material_id, balance.location_id, None, balance.lot_id)},
        decimals=order.plant.company.currency.decimals,
    )
    first = order.operations.order_by("sequence").first()
    value = book.take(
        MoveIntent(
            kind=Kind.ISSUE,
            plant=order.plant,
            material_id=balance.material_id,
            source_id=balance.location_id,
            target_id=production_id,
            quantity=quantity,
            lot_id=balance.lot_id,
            document=f"work_order:{order.pk}",
            sales_order_id=order.sales_order_line.order_id if order.sales_order_line else None,
            work_order_id=order.pk,
            cost=CostTag(
                kind=CostEntry.Kind.INCURRED,
                element=Element.MATERIAL,
                quantity=quantity,
                operation_id=first.pk if first else None,
                material_id=balance.material_id,
            ),
        )
    )
    book.write(now=now)
    return value
