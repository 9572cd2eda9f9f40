"""What a material is made of and how, in the frozen versions in force: the whole tree below in three queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from masterdata import statements
from masterdata.models import Material, MaterialPlant, Plant, Routing
from masterdata.models.engineering import VersionState

# UNION (not ALL) ends at a circle, which freezing refuses anyway.
_BELOW = """
    WITH RECURSIVE below(material_id) AS (
        SELECT unnest(%s::bigint[])
        UNION
        SELECT line.component_id
        FROM below
        JOIN masterdata_bom bom ON bom.material_id = below.material_id AND bom.state = 'frozen'
        JOIN masterdata_bomline line ON line.bom_id = bom.id
        JOIN masterdata_material parent ON parent.id = below.material_id AND parent.supply = 'make'
    )
    SELECT material.id, material.code, material.supply, material.unit_id, unit.rounding, material.standard_cost,
           bom.id, bom.base_qty, line.line_no, line.component_id, line.quantity, line.scrap_percent,
           line.operation_sequence
    FROM below
    JOIN masterdata_material material ON material.id = below.material_id
    JOIN masterdata_unit unit ON unit.id = material.unit_id
    LEFT JOIN masterdata_bom bom
        ON bom.material_id = material.id AND bom.state = 'frozen' AND material.supply = 'make'
    LEFT JOIN masterdata_bomline line ON line.bom_id = bom.id
    ORDER BY material.id, line.line_no
"""
_STEPS = """
    SELECT routing.plant_id, routing.material_id, routing.id, step.sequence, step.name, step.work_centre_id,
           step.setup_min, step.run_min_per_unit, step.setup_family, step.is_splittable
    FROM masterdata_routing routing
    JOIN masterdata_routingoperation step ON step.routing_id = routing.id
    WHERE routing.state = 'frozen' AND routing.plant_id = ANY(%s) AND routing.material_id = ANY(%s)
    ORDER BY routing.id, step.sequence
"""
_PLANNING = """
    SELECT plant_id, material_id, safety_stock, lead_time_days, policy, source_plant_id FROM masterdata_materialplant
    WHERE plant_id = ANY(%s) AND material_id = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Component:
    """A BOM line: `quantity` base units per `base_qty` of the parent, net of scrap."""

    line_no: int
    material_id: int
    quantity: Decimal
    scrap_percent: Decimal
    operation_sequence: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """A routing operation as a work order copies it; minutes at 100 % speed."""

    sequence: int
    name: str
    work_centre_id: int
    setup_min: Decimal
    run_min_per_unit: Decimal
    setup_family: str
    is_splittable: bool


@dataclass(slots=True)
class Item:
    """A material with its frozen BOM (none: `bom_id` is empty). `step` is what its quantities round up to."""

    material_id: int
    code: str
    is_made: bool
    unit_id: int
    step: Decimal
    standard_cost: Decimal
    bom_id: int | None
    base_qty: Decimal
    components: list[Component] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Way:
    """The frozen routing of a material in a plant."""

    routing_id: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """Everything below the materials asked for; ways and parameters are per (plant, material).

    What is `for_stock` is supplied by material planning for all orders together, not by an order's netting.
    """

    items: dict[int, Item]
    ways: dict[tuple[int, int], Way]
    safety_stock: dict[tuple[int, int], Decimal]
    lead_days: dict[tuple[int, int], int]
    for_stock: frozenset[tuple[int, int]] = frozenset()

    @property
    def bought_ids(self) -> list[int]:
        return [item.material_id for item in self.items.values() if not item.is_made]


def read_structure(*, plant_ids: Collection[int], material_ids: Collection[int]) -> Structure:
    """The tree below `material_ids` with the routings of `plant_ids`; two round trips."""
    items = _items(material_ids)
    made = [item.material_id for item in items.values() if item.is_made]
    safety: dict[tuple[int, int], Decimal] = {}
    days: dict[tuple[int, int], int] = {}
    plants = statements.array(sorted(plant_ids))
    planning, steps = statements.together(
        (_PLANNING, [plants, statements.array(items)]), (_STEPS, [plants, statements.array(sorted(made))])
    )
    for_stock = set()
    for plant_id, material_id, stock, lead, policy, source_id in planning:
        safety[plant_id, material_id] = stock
        days[plant_id, material_id] = lead
        if policy == MaterialPlant.Policy.TO_STOCK or source_id is not None:
            for_stock.add((plant_id, material_id))
    return Structure(items, _ways(steps), safety, days, frozenset(for_stock))


def plants_that_make(material_id: int, *, asked: int) -> tuple[str, list[str]]:
    """The name of the plant asked, and of those of its company that have a frozen routing for the material."""
    here = Plant.objects.get(pk=asked)
    able = Routing.objects.filter(material=material_id, state=VersionState.FROZEN, plant__company=here.company_id)
    return here.name, list(able.order_by("plant__name").values_list("plant__name", flat=True))


def _items(material_ids: Collection[int]) -> dict[int, Item]:
    rows = statements.run(_BELOW, [statements.array(sorted(material_ids))])
    items: dict[int, Item] = {}
    for material_id, code, supply, unit_id, step, cost, bom_id, base_qty, line_no, component_id, *rest in rows:
        item = items.get(material_id)
        if item is None:
            is_made = supply == Material.Supply.MAKE
            item = Item(material_id, code, is_made, unit_id, step, cost, bom_id, base_qty or Decimal(1))
            items[material_id] = item
        if line_no is not None:
            quantity, scrap, sequence = rest
            item.components.append(Component(line_no, component_id, quantity, scrap, sequence))
    return items


def _ways(rows: Iterable[Sequence[Any]]) -> dict[tuple[int, int], Way]:
    steps: dict[tuple[int, int, int], list[Step]] = defaultdict(list)
    for plant_id, material_id, routing_id, *step in rows:
        steps[plant_id, material_id, routing_id].append(Step(*step))
    return {(plant, material): Way(routing, tuple(found)) for (plant, material, routing), found in steps.items()}
