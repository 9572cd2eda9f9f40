"""What making a product would cost: its BOM and routings exploded level by level, nothing taken from stock."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from erp.stock import selectors as stock
from masterdata.models import Material, Plant, RoutingOperation
from masterdata.numbers import ZERO, gross_for_scrap, money, round_up

# UNION (not ALL) ends at a circle, which freezing refuses anyway.
_BELOW = """
    WITH RECURSIVE below(id) AS (
        SELECT %s::bigint
        UNION
        SELECT line.component_id FROM below
        JOIN masterdata_material parent ON parent.id = below.id AND parent.supply = 'make'
        JOIN masterdata_bom bom ON bom.material_id = below.id AND bom.state = 'frozen'
        JOIN masterdata_bomline line ON line.bom_id = bom.id
    )
    SELECT m.id, u.rounding, m.standard_cost, b.base_qty, l.component_id, l.quantity, l.scrap_percent
    FROM below JOIN masterdata_material m ON m.id = below.id JOIN masterdata_unit u ON u.id = m.unit_id
    LEFT JOIN masterdata_bom b ON b.material_id = m.id AND b.state = 'frozen' AND m.supply = 'make'
    LEFT JOIN masterdata_bomline l ON l.bom_id = b.id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceEstimate:
    """Cost of the whole quantity by element, company currency; `list_price` is per base unit.

    `setup_min` are the setup minutes in it: every operation set up once, as its routing says.
    """

    material: Decimal
    labour: Decimal
    machine: Decimal
    list_price: Decimal
    setup_min: Decimal

    @property
    def total(self) -> Decimal:
        return self.material + self.labour + self.machine


def price_of(*, plant_id: int, material_id: int, quantity: Decimal) -> PriceEstimate:
    """Bought material at its average value in the plant (else standard cost), minutes at the work centres' rates.

    Quantities are those that a confirmed order's work orders would have: each level rounded up to its unit's step.
    """
    plant = Plant.objects.select_related("company__currency").get(pk=plant_id)
    decimals = plant.company.currency.decimals
    tree = _Tree(plant_id, material_id)
    tree.add(material_id, quantity)
    return PriceEstimate(
        material=money(tree.material, decimals),
        labour=money(tree.labour, decimals),
        machine=money(tree.machine, decimals),
        list_price=Material.objects.values_list("list_price", flat=True).get(pk=material_id),
        setup_min=tree.setup_min,
    )


class _Tree:
    """The product's structure, and the cost of what was added so far, unrounded."""

    def __init__(self, plant_id: int, material_id: int) -> None:
        self.material = self.labour = self.machine = self.setup_min = ZERO
        self.steps: dict[int, Decimal] = {}
        self.unit_costs: dict[int, Decimal] = {}
        self.components: dict[int, list[tuple[int, Decimal, Decimal]]] = defaultdict(list)
        with connection.cursor() as cursor:
            cursor.execute(_BELOW, [material_id])
            for pk, step, standard, base, component, quantity, scrap in cursor.fetchall():
                self.steps[pk], self.unit_costs[pk] = step, standard
                if component is not None:
                    self.components[pk].append((component, quantity / base, scrap))
        self.unit_costs.update(stock.unit_values(plant_id, list(self.steps)))
        self.routings: dict[int, list[tuple[Decimal, ...]]] = defaultdict(list)
        rows = RoutingOperation.objects.filter(
            routing__plant=plant_id, routing__state="frozen", routing__material__in=list(self.components)
        ).values_list(
            "routing__material",
            "setup_min",
            "run_min_per_unit",
            "work_centre__labour_rate",
            "work_centre__machine_rate",
        )
        for pk, *step in rows:
            self.routings[pk].append(tuple(step))

    def add(self, material_id: int, quantity: Decimal) -> None:
        """Add the cost of `quantity` of a material and of all below it."""
        if material_id not in self.components:
            self.material += quantity * self.unit_costs[material_id]
            return
        made = round_up(quantity, self.steps[material_id])
        for setup, run, labour_rate, machine_rate in self.routings[material_id]:
            self.setup_min += setup
            minutes = setup + run * made
            self.labour += minutes * labour_rate / 60
            self.machine += minutes * machine_rate / 60
        for component, per_unit, scrap in self.components[material_id]:
            self.add(component, round_up(gross_for_scrap(made * per_unit, scrap), self.steps[component]))
