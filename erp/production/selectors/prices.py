"""What making a product would cost: its BOM and routings exploded level by level, nothing taken from stock."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from erp.cost.rates import Rates, rates_of
from erp.stock import selectors as stock
from masterdata.models import Material, Plant
from masterdata.numbers import ZERO, gross_for_scrap, money, round_up

# UNION (not ALL) ends at a circle, which freezing refuses anyway.
_BELOW = """
    WITH RECURSIVE below(id) AS (
        SELECT unnest(%s::bigint[])
        UNION
        SELECT line.component_id FROM below
        JOIN masterdata_material parent ON parent.id = below.id AND parent.supply = 'make'
        JOIN masterdata_bom bom ON bom.material_id = below.id AND bom.state = 'frozen'
        JOIN masterdata_bomline line ON line.bom_id = bom.id
    )
    SELECT m.id, u.rounding, m.standard_cost, b.base_qty, l.component_id, l.quantity, l.scrap_percent,
        l.operation_sequence
    FROM below JOIN masterdata_material m ON m.id = below.id JOIN masterdata_unit u ON u.id = m.unit_id
    LEFT JOIN masterdata_bom b ON b.material_id = m.id AND b.state = 'frozen' AND m.supply = 'make'
    LEFT JOIN masterdata_bomline l ON l.bom_id = b.id
"""
_WAYS = f"""
    SELECT g.material_id, o.sequence, o.setup_min, o.run_min_per_unit, r.*
    FROM masterdata_routing g JOIN masterdata_routingoperation o ON o.routing_id = g.id
    CROSS JOIN LATERAL ({rates_of("o.work_centre_id", at="%s::timestamptz")}) r
    WHERE g.plant_id = %s AND g.state = 'frozen' AND g.material_id = ANY(%s) ORDER BY g.material_id, o.sequence
"""  # noqa: S608 (our own words)

Component = tuple[int, Decimal, Decimal, int | None]  # material, per unit, scrap, operation that uses it


@dataclass(frozen=True, slots=True)
class Step:
    """A routing operation with the rates of its work centre."""

    sequence: int
    setup_min: Decimal
    run_min_per_unit: Decimal
    rates: Rates


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceEstimate:
    """Cost of the whole quantity by element, company currency; `list_price` is per base unit.

    `setup_min` are the setup minutes in it: every operation set up once, as its routing says.
    """

    material: Decimal
    labour: Decimal
    machine: Decimal
    overhead: Decimal
    list_price: Decimal
    setup_min: Decimal

    @property
    def total(self) -> Decimal:
        return self.material + self.labour + self.machine + self.overhead


def price_of(*, plant_id: int, material_id: int, quantity: Decimal, at: dt.datetime | None = None) -> PriceEstimate:
    """Bought material at its average value in the plant (else standard cost), minutes at the work centres' rates, and
    the overhead on both, as they are `at` a moment (now).

    Quantities are those that a confirmed order's work orders would have: each level rounded up to its unit's step.
    """
    return prices_together(plant_id=plant_id, wanted=[(material_id, quantity)], at=at)[0]


def prices_together(
    *, plant_id: int, wanted: Sequence[tuple[int, Decimal]], at: dt.datetime | None = None
) -> list[PriceEstimate]:
    """The same for several (material, quantity) of one plant, with as many queries as for one."""
    plant = Plant.objects.select_related("company__currency").get(pk=plant_id)
    decimals = plant.company.currency.decimals
    asked = [material_id for material_id, _ in wanted]
    tree = _Tree(plant_id, asked, at or timezone.now())
    listed = dict(Material.objects.filter(pk__in=asked).values_list("pk", "list_price"))
    return [_estimate(tree.cost(*one), listed[one[0]], decimals) for one in wanted]


def _estimate(cost: _Cost, list_price: Decimal, decimals: int) -> PriceEstimate:
    return PriceEstimate(
        material=money(cost.material, decimals),
        labour=money(cost.labour, decimals),
        machine=money(cost.machine, decimals),
        overhead=money(cost.overhead, decimals),
        list_price=list_price,
        setup_min=cost.setup_min,
    )


@dataclass(slots=True)
class _Cost:
    """What was added so far, unrounded."""

    material: Decimal = ZERO
    labour: Decimal = ZERO
    machine: Decimal = ZERO
    overhead: Decimal = ZERO
    setup_min: Decimal = ZERO


class _Tree:
    """The structure of products and what its materials and minutes cost."""

    def __init__(self, plant_id: int, material_ids: Sequence[int], at: dt.datetime) -> None:
        self.steps: dict[int, Decimal] = {}
        self.unit_costs: dict[int, Decimal] = {}
        self.components: dict[int, list[Component]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(_BELOW, [list(material_ids)])
            for pk, step, standard, base, component, quantity, scrap, at_operation in cursor.fetchall():
                self.steps[pk], self.unit_costs[pk] = step, standard
                if component is not None:
                    self.components[pk].append((component, quantity / base, scrap, at_operation))
            cursor.execute(_WAYS, [at, plant_id, list(self.components)])
            rows = cursor.fetchall()
        self.unit_costs.update(stock.unit_values(plant_id, list(self.steps)))
        self.routings: dict[int, list[Step]] = defaultdict(list)
        for pk, sequence, setup, run, *rates in rows:
            self.routings[pk].append(Step(sequence, setup, run, Rates(*rates)))

    def cost(self, material_id: int, quantity: Decimal) -> _Cost:
        """The cost of `quantity` of a material and of all below it."""
        cost = _Cost()
        self._add(cost, material_id, quantity)
        return cost

    def _add(self, cost: _Cost, material_id: int, quantity: Decimal) -> None:
        if material_id not in self.components:
            cost.material += quantity * self.unit_costs[material_id]
            return
        made = round_up(quantity, self.steps[material_id])
        steps = self.routings[material_id]
        for step in steps:
            _work(cost, step, step.setup_min + step.run_min_per_unit * made)
            cost.setup_min += step.setup_min
        by_sequence = {step.sequence: step.rates.on_material for step in steps}
        first = steps[0].rates.on_material if steps else ZERO
        for component, per_unit, scrap, sequence in self.components[material_id]:
            gross = round_up(gross_for_scrap(made * per_unit, scrap), self.steps[component])
            if component not in self.components:
                percent = by_sequence.get(sequence or 0, first)
                cost.overhead += gross * self.unit_costs[component] * percent / 100
            self._add(cost, component, gross)


def _work(cost: _Cost, step: Step, minutes: Decimal) -> None:
    labour, machine = minutes * step.rates.labour / 60, minutes * step.rates.machine / 60
    cost.labour += labour
    cost.machine += machine
    cost.overhead += labour * step.rates.on_labour / 100 + machine * step.rates.on_machine / 100
    cost.overhead += minutes * step.rates.an_hour / 60
