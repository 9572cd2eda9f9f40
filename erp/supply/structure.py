"""What a material is made of and how, in the frozen versions in force: the whole tree below in three queries.

What the BOMs let stand in for a component is read too, but not what that is made of: only what lies there is used.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from masterdata import statements
from masterdata.models import Material, MaterialPlant, Plant, Routing
from masterdata.models.engineering import VersionState

# UNION (not ALL) ends at a circle, which freezing refuses anyway. Substitutes that are no parts come without a BOM; in
# most shops there are none, and then nothing more is asked about them.
_BELOW = """
    WITH RECURSIVE below(material_id) AS (
        SELECT unnest(%s::bigint[])
        UNION
        SELECT line.component_id
        FROM below
        JOIN masterdata_bom bom ON bom.material_id = below.material_id AND bom.state = 'frozen'
        JOIN masterdata_bomline line ON line.bom_id = bom.id
        JOIN masterdata_material parent ON parent.id = below.material_id AND parent.supply = 'make'
    ), named AS (
        SELECT material_id, true AS is_part FROM below
        UNION ALL
        SELECT instead.material_id, false
        FROM masterdata_bomsubstitute instead
        JOIN masterdata_bomline line ON line.id = instead.line_id
        JOIN masterdata_bom bom ON bom.id = line.bom_id AND bom.state = 'frozen'
        WHERE bom.material_id IN (SELECT material_id FROM below)
            AND instead.material_id NOT IN (SELECT material_id FROM below)
        GROUP BY 1
    )
    SELECT material.id, material.code, material.supply, material.unit_id, unit.rounding, material.standard_cost,
           named.is_part, EXISTS (SELECT 1 FROM masterdata_bomsubstitute s WHERE s.material_id = material.id),
           EXISTS (SELECT 1 FROM masterdata_bombyproduct y WHERE y.material_id = material.id),
           EXISTS (SELECT 1 FROM erp_plannedorder n WHERE n.material_id = material.id AND n.closed_at IS NULL
                   AND n.transfer_line_id IS NOT NULL),
           bom.id, bom.base_qty, line.line_no, line.component_id, line.quantity, line.scrap_percent,
           line.operation_sequence, line.is_scanned
    FROM named
    JOIN masterdata_material material ON material.id = named.material_id
    JOIN masterdata_unit unit ON unit.id = material.unit_id
    LEFT JOIN masterdata_bom bom
        ON bom.material_id = material.id AND bom.state = 'frozen' AND material.supply = 'make' AND named.is_part
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
_INSTEAD = """
    SELECT line.bom_id, line.line_no, plant.id, instead.material_id, instead.ratio, instead.by_itself,
           instead.valid_from, instead.valid_until, plant.time_zone
    FROM masterdata_bomsubstitute instead
    JOIN masterdata_bomline line ON line.id = instead.line_id
    JOIN masterdata_plant plant ON plant.id = ANY(%s) AND (instead.plant_id IS NULL OR instead.plant_id = plant.id)
    WHERE line.bom_id = ANY(%s)
    ORDER BY line.bom_id, line.line_no, instead.priority, instead.id
"""


@dataclass(frozen=True, slots=True)
class Component:
    """A BOM line: `quantity` base units per `base_qty` of the parent, net of scrap."""

    line_no: int
    material_id: int
    quantity: Decimal
    scrap_percent: Decimal
    operation_sequence: int | None
    is_scanned: bool = False


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


@dataclass(frozen=True, slots=True)
class Instead:
    """A material that may be used for a component in a plant: `ratio` of it for one, on days of the plant's zone.

    `by_itself`: nobody has to be asked.
    """

    plant_id: int
    material_id: int
    ratio: Decimal
    by_itself: bool
    valid_from: dt.date | None
    valid_until: dt.date | None
    zone: str

    def is_valid(self, moment: dt.datetime) -> bool:
        """Whether it may be used on the day of the moment."""
        day = moment.astimezone(ZoneInfo(self.zone)).date()
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(slots=True)
class Item:
    """A material with its frozen BOM (none: `bom_id` is empty). `step` is what its quantities round up to.

    What is no part (`is_part`) only stands in for one; what `stands_in` is named so by any BOM, and what `comes_beside`
    comes out of some work beside its product. `is_sent`: some of it is on the way between plants.
    """

    material_id: int
    code: str
    is_made: bool
    unit_id: int
    step: Decimal
    standard_cost: Decimal
    is_part: bool
    stands_in: bool
    comes_beside: bool
    is_sent: bool
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

    What is `for_stock` is supplied by material planning for all orders together, not by an order's netting. `instead`:
    what may be used for the component of a BOM line (BOM, line number), the first choice first. `decided`: component
    and what somebody has said to use for it where the component would not all be there.
    """

    items: dict[int, Item]
    ways: dict[tuple[int, int], Way]
    safety_stock: dict[tuple[int, int], Decimal]
    lead_days: dict[tuple[int, int], int]
    for_stock: frozenset[tuple[int, int]] = frozenset()
    instead: dict[tuple[int, int], tuple[Instead, ...]] = field(default_factory=dict)
    decided: frozenset[tuple[int, int]] = frozenset()

    @property
    def bought_ids(self) -> list[int]:
        return [item.material_id for item in self.items.values() if not item.is_made and item.is_part]

    @property
    def beside_ids(self) -> list[int]:
        return [item.material_id for item in self.items.values() if item.comes_beside]

    @property
    def sent_ids(self) -> list[int]:
        return [item.material_id for item in self.items.values() if item.is_sent]

    def instead_of(self, plant_id: int, bom_id: int | None, line_no: int) -> tuple[Instead, ...]:
        """What may be used in the plant for the component of a BOM line."""
        if not self.instead:
            return ()
        return tuple(one for one in self.instead.get((bom_id or 0, line_no), ()) if one.plant_id == plant_id)


def read_structure(*, plant_ids: Collection[int], material_ids: Collection[int]) -> Structure:
    """The tree below `material_ids` with the routings of `plant_ids`; two round trips."""
    items = _items(material_ids)
    made = [item.material_id for item in items.values() if item.is_made and item.is_part]
    safety: dict[tuple[int, int], Decimal] = {}
    days: dict[tuple[int, int], int] = {}
    plants = statements.array(sorted(plant_ids))
    boms = [item.bom_id for item in items.values() if item.bom_id is not None]
    replaceable = any(item.stands_in for item in items.values())
    planning, steps, *more = statements.together(
        (_PLANNING, [plants, statements.array(items)]),
        (_STEPS, [plants, statements.array(sorted(made))]),
        *([(_INSTEAD, [plants, statements.array(boms)])] if replaceable else []),
    )
    for_stock = set()
    for plant_id, material_id, stock, lead, policy, source_id in planning:
        safety[plant_id, material_id] = stock
        days[plant_id, material_id] = lead
        if policy == MaterialPlant.Policy.TO_STOCK or source_id is not None:
            for_stock.add((plant_id, material_id))
    return Structure(items, _ways(steps), safety, days, frozenset(for_stock), _instead(more[0] if more else []))


def plants_that_make(material_id: int, *, asked: int) -> tuple[str, list[str]]:
    """The name of the plant asked, and of those of its company that have a frozen routing for the material."""
    here = Plant.objects.get(pk=asked)
    able = Routing.objects.filter(material=material_id, state=VersionState.FROZEN, plant__company=here.company_id)
    return here.name, list(able.order_by("plant__name").values_list("plant__name", flat=True))


def _items(material_ids: Collection[int]) -> dict[int, Item]:
    rows = statements.run(_BELOW, [statements.array(sorted(material_ids))])
    items: dict[int, Item] = {}
    for material_id, code, supply, unit_id, step, cost, *marks, bom_id, base, no, part_id, per, scrap, at, scan in rows:
        item = items.get(material_id)
        if item is None:
            is_made = supply == Material.Supply.MAKE
            is_part, stands_in, beside, is_sent = marks
            kinds = is_part, stands_in, beside, is_sent
            item = Item(material_id, code, is_made, unit_id, step, cost, *kinds, bom_id, base or Decimal(1))
            items[material_id] = item
        if no is not None:
            item.components.append(Component(no, part_id, per, scrap, at, scan))
    return items


def _instead(rows: Iterable[Sequence[Any]]) -> dict[tuple[int, int], tuple[Instead, ...]]:
    found: dict[tuple[int, int], list[Instead]] = defaultdict(list)
    for bom_id, line_no, *row in rows:
        found[bom_id, line_no].append(Instead(*row))
    return {key: tuple(choices) for key, choices in found.items()}


def _ways(rows: Iterable[Sequence[Any]]) -> dict[tuple[int, int], Way]:
    steps: dict[tuple[int, int, int], list[Step]] = defaultdict(list)
    for plant_id, material_id, routing_id, *step in rows:
        steps[plant_id, material_id, routing_id].append(Step(*step))
    return {(plant, material): Way(routing, tuple(found)) for (plant, material, routing), found in steps.items()}
