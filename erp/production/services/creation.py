"""Making work orders: header, operations and materials of many at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

from django.db import transaction

from erp.cost.rates import Rates, rates_of
from erp.production.models import RATES, WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.production.specs import MaterialSpec, WorkOrderSpec
from masterdata import inserts, statements
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO

Choice = WorkOrderMaterial.Choice
UNIT_COST_STEP = Decimal("0.000001")
_PRICES = """
    SELECT p.id, m.id, CASE WHEN v.quantity > 0 THEN v.value / v.quantity ELSE m.standard_cost END
    FROM unnest(%s::bigint[]) AS p(id) JOIN masterdata_material m ON m.id = ANY(%s)
    LEFT JOIN erp_materialvalue v ON v.material_id = m.id AND v.plant_id = p.id AND v.sales_order_id IS NULL
"""
# What comes out beside the product: its share of the cost, or what all of it is worth in stock, for one base quantity.
_BESIDE = """
    SELECT p.id, y.bom_id, y.quantity, yb.base_qty, yu.rounding, y.cost_share_percent,
        CASE WHEN v.quantity > 0 THEN v.value / v.quantity ELSE m.standard_cost END
    FROM unnest(%s::bigint[]) AS p(id) JOIN masterdata_bombyproduct y ON y.bom_id = ANY(%s)
    JOIN masterdata_bom yb ON yb.id = y.bom_id JOIN masterdata_unit yu ON yu.id = y.unit_id
    JOIN masterdata_material m ON m.id = y.material_id
    LEFT JOIN erp_materialvalue v ON v.material_id = m.id AND v.plant_id = p.id AND v.sales_order_id IS NULL
"""
# What an hour costs at a work centre, and what overhead comes on top of it and of its material.
_RATES = f"""
    SELECT w.id, r.* FROM masterdata_workcentre w CROSS JOIN LATERAL ({rates_of("w.id", at="%s::timestamptz")}) r
    WHERE w.id = ANY(%s)
"""  # noqa: S608 (our own words)


Made = tuple[WorkOrder, list[WorkOrderMaterial]]


def create_work_orders(*, specs: Sequence[WorkOrderSpec], now: dt.datetime) -> list[WorkOrder]:
    """Make the work orders with one statement per table; they stand in the order of the specs.

    Numbers come from the company's WO series, which stays locked until the transaction ends.
    """
    return [order for order, _ in make_work_orders(specs=specs, now=now)]


@transaction.atomic(savepoint=False)
def make_work_orders(*, specs: Sequence[WorkOrderSpec], now: dt.datetime) -> list[Made]:
    """The same, each with its materials, which stand in the order of the spec's."""
    if not specs:
        return []
    costing = _Costing(specs, now)
    costs = costing.costs()
    numbers = _numbers(specs, now)
    orders = [
        inserts.new(
            WorkOrder,
            number=number,
            plant_id=spec.plant.pk,
            material_id=spec.material_id,
            bom_id=spec.bom_id,
            routing_id=spec.routing_id,
            sales_order_line_id=spec.sales_order_line_id,
            path=spec.path,
            state=spec.state,
            quantity=spec.quantity,
            planned_unit_cost=cost,
            made_at=now,
        )
        for spec, number, cost in zip(specs, numbers, costs, strict=True)
    ]
    needs = [_materials(spec) for spec in specs]
    materials = [row for rows in needs for row in rows]
    inserts.give_ids(orders, materials)
    for order, rows in zip(orders, needs, strict=True):
        for row in rows:
            row.work_order_id = order.pk
    kept = {centre: dict(zip(RATES, figures, strict=True)) for centre, figures in costing.rates.items()}
    operations = [row for order, spec in zip(orders, specs, strict=True) for row in _operations(order, spec, kept)]
    inserts.insert(orders, operations, materials)
    return list(zip(orders, needs, strict=True))


def planned_unit_costs(specs: Sequence[WorkOrderSpec], now: dt.datetime) -> list[Decimal]:
    """What one piece of each spec should cost, to six decimals: needs plus minutes at the work centres' rates of the
    day, with overhead, less what its by-products bring.

    Needs count at moving average, else at standard cost; what another spec of the same order line makes, at that
    spec's cost. One round trip.
    """
    return _Costing(specs, now).costs()


class _Costing:
    """Unit costs of specs, each worked out once, components first."""

    def __init__(self, specs: Sequence[WorkOrderSpec], now: dt.datetime) -> None:
        self.specs = specs
        self.prices, self.rates, self.beside = _prices_and_rates(specs, now)
        hours = {centre: Rates(*figures) for centre, figures in self.rates.items()}
        self.an_hour = {centre: rates.full for centre, rates in hours.items()}
        self.on_material = {centre: rates.on_material for centre, rates in hours.items()}
        self.makers: dict[tuple[int | None, int, int], int] = {}
        for index, spec in enumerate(specs):
            if spec.sales_order_line_id is not None:
                self.makers.setdefault((spec.sales_order_line_id, spec.plant.pk, spec.material_id), index)
        self.found: dict[int, Decimal] = {}

    def costs(self) -> list[Decimal]:
        return [self._of(index) for index in range(len(self.specs))]

    def _of(self, index: int) -> Decimal:
        if index not in self.found:
            spec = self.specs[index]
            cost = spec.planned_unit_cost
            self.found[index] = self._work_out(spec) if cost is None else cost
        return self.found[index]

    def _work_out(self, spec: WorkOrderSpec) -> Decimal:
        total = ZERO
        centres = {step.sequence: step.work_centre_id for step in spec.operations}
        for need in spec.materials:
            maker = self.makers.get((spec.sales_order_line_id, spec.plant.pk, need.material_id))
            if maker is not None:
                total += need.quantity * self._of(maker)
                continue
            percent = self.on_material.get(centres.get(need.operation_sequence, 0), ZERO)
            total += need.quantity * self.prices[spec.plant.pk, need.material_id] * (1 + percent / 100)
        for step in spec.operations:
            minutes = step.setup_min + step.run_min_per_unit * spec.quantity
            total += minutes * self.an_hour[step.work_centre_id] / 60
        total = _less_byproducts(total, spec.quantity, self.beside.get((spec.plant.pk, spec.bom_id), ()))
        return (total / spec.quantity).quantize(UNIT_COST_STEP, rounding=ROUND_HALF_UP)


Beside = tuple[Decimal, Decimal, Decimal, Decimal | None, Decimal]  # quantity, base, step, share, value of one


def _less_byproducts(total: Decimal, pieces: Decimal, rows: Sequence[Beside]) -> Decimal:
    """The product's part of what the work costs, as `erp.production.byproducts` splits it."""
    share = ZERO
    for quantity, base_qty, step, percent, value in rows:
        if percent is not None:
            share += percent
        else:
            brought = (pieces * quantity / (base_qty * step)).to_integral_value(rounding=ROUND_FLOOR) * step
            total -= brought * value
    return max(ZERO, total) * (1 - share / 100)


def _prices_and_rates(
    specs: Sequence[WorkOrderSpec], now: dt.datetime
) -> tuple[
    dict[tuple[int, int], Decimal],
    dict[int, Sequence[Decimal]],
    dict[tuple[int, int | None], list[Beside]],
]:
    """What one unit of each component is worth per plant and material, the rates of each work centre, by-products."""
    plants = statements.array({spec.plant.pk for spec in specs})
    materials = statements.array({need.material_id for spec in specs for need in spec.materials})
    centres = statements.array({step.work_centre_id for spec in specs for step in spec.operations})
    boms = statements.array({spec.bom_id for spec in specs if spec.bom_id is not None})
    prices, rates, rows = statements.together(
        (_PRICES, [plants, materials]), (_RATES, [now, centres]), (_BESIDE, [plants, boms])
    )
    beside: dict[tuple[int, int | None], list[Beside]] = defaultdict(list)
    for plant, bom_id, *figures in rows:
        beside[plant, bom_id].append((figures[0], figures[1], figures[2], figures[3], figures[4]))
    return (
        {(plant, material): price for plant, material, price in prices},
        {centre: figures for centre, *figures in rates},
        beside,
    )


def _numbers(specs: Sequence[WorkOrderSpec], now: dt.datetime) -> list[str]:
    companies = {spec.plant.company_id: spec.plant.company for spec in specs}
    waiting = {
        pk: iter(
            next_numbers(
                company=companies[pk],
                kind="WO",
                year=now.year,
                count=sum(spec.plant.company_id == pk for spec in specs),
            )
        )
        for pk in sorted(companies)
    }
    return [next(waiting[spec.plant.company_id]) for spec in specs]


def _operations(
    order: WorkOrder, spec: WorkOrderSpec, rates: Mapping[int, Mapping[str, Decimal]]
) -> list[WorkOrderOperation]:
    last = max((step.sequence for step in spec.operations), default=0)
    return [
        inserts.new(
            WorkOrderOperation,
            work_order_id=order.pk,
            sequence=step.sequence,
            name=step.name,
            work_centre_id=step.work_centre_id,
            setup_min=step.setup_min,
            run_min_per_unit=step.run_min_per_unit,
            setup_family=step.setup_family,
            is_splittable=step.is_splittable,
            is_last=step.sequence == last,
            **rates.get(step.work_centre_id, {}),
        )
        for step in spec.operations
    ]


def _choice(need: MaterialSpec) -> str:
    if need.instead_of_id is None:
        return Choice.OPEN
    return Choice.CHOSEN if need.is_chosen else Choice.PLANNED


def _materials(spec: WorkOrderSpec) -> list[WorkOrderMaterial]:
    return [
        inserts.new(
            WorkOrderMaterial,
            line_no=need.line_no,
            material_id=need.material_id,
            unit_id=need.unit_id,
            operation_sequence=need.operation_sequence,
            quantity=need.quantity,
            instead_of_id=need.instead_of_id,
            instead_qty=need.instead_qty,
            is_scanned=need.is_scanned,
            choice=_choice(need),
        )
        for need in spec.materials
    ]
