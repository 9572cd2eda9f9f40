"""What is below the changed materials, with the plant's parameters and routing heads: one query."""

from __future__ import annotations

from collections.abc import Collection

from erp.planning.rows import Beside, Item, Part
from masterdata import statements
from masterdata.models import Material
from masterdata.numbers import ZERO

# UNION (not ALL) ends at a circle, which freezing refuses anyway. What another plant supplies is not exploded here.
# What is bought has parts when a supplier makes it for a fee: we supply them; those that were planned for it are below
# it too, whatever the BOM says now.
_HAS_PARTS = """({0}.supply = 'make' OR EXISTS (SELECT 1 FROM erp_supplierprice fee
    WHERE fee.material_id = {0}.id AND fee.is_subcontract))"""
_BELOW = f"""
    WITH RECURSIVE below(material_id) AS (
        SELECT unnest(%s::bigint[])
        UNION
        SELECT next.id
        FROM below JOIN LATERAL (
            SELECT line.component_id AS id
            FROM masterdata_material parent
            JOIN masterdata_bom bom ON bom.material_id = parent.id AND bom.state = 'frozen'
            JOIN masterdata_bomline line ON line.bom_id = bom.id
            WHERE parent.id = below.material_id AND {_HAS_PARTS.format("parent")}
            UNION ALL
            SELECT y.material_id
            FROM masterdata_material parent
            JOIN masterdata_bom bom ON bom.material_id = parent.id AND bom.state = 'frozen'
            JOIN masterdata_bombyproduct y ON y.bom_id = bom.id
            WHERE parent.id = below.material_id AND parent.supply = 'make'
            UNION ALL
            SELECT other.id
            FROM masterdata_material one JOIN masterdata_material other ON other.substitute_group = one.substitute_group
            WHERE one.id = below.material_id
            UNION ALL
            SELECT part.material_id
            FROM erp_plannedorder n JOIN erp_plannedcomponent part ON part.planned_order_id = n.id
            WHERE n.material_id = below.material_id AND n.plant_id = %s AND n.closed_at IS NULL
        ) next ON true
    )
    SELECT m.id, m.code, m.supply, m.unit_id, u.rounding, m.low_level_code, m.substitute_group,
        bom.id, bom.base_qty, way.id, way.sequences,
        p.policy, p.safety_stock, p.reorder_point, p.lead_time_days, p.lot_rule, p.lot_qty, p.period_days, p.max_lot,
        p.scrap_percent, p.safety_time_days, p.planning_fence_days, p.source_plant_id,
        line.line_no, line.component_id, line.quantity, line.scrap_percent, line.operation_sequence
    FROM below
    JOIN masterdata_material m ON m.id = below.material_id
    JOIN masterdata_unit u ON u.id = m.unit_id
    LEFT JOIN masterdata_materialplant p ON p.material_id = m.id AND p.plant_id = %s
    LEFT JOIN LATERAL (
        SELECT r.id, (SELECT array_agg(s.sequence ORDER BY s.sequence) FROM masterdata_routingoperation s
                      WHERE s.routing_id = r.id) AS sequences
        FROM masterdata_routing r WHERE r.material_id = m.id AND r.plant_id = %s AND r.state = 'frozen'
    ) way ON m.supply = 'make'
    LEFT JOIN masterdata_bom bom ON bom.material_id = m.id AND bom.state = 'frozen' AND {_HAS_PARTS.format("m")}
    LEFT JOIN masterdata_bomline line ON line.bom_id = bom.id
    ORDER BY m.low_level_code, m.id, line.line_no
"""  # noqa: S608 (constants)
_BYPRODUCTS = """
    SELECT bom.material_id, y.material_id, y.quantity, unit.rounding
    FROM masterdata_bombyproduct y JOIN masterdata_bom bom ON bom.id = y.bom_id
    JOIN masterdata_unit unit ON unit.id = y.unit_id
    WHERE y.bom_id = ANY(%s) ORDER BY y.bom_id, y.line_no
"""


def read_items(*, plant_id: int, material_ids: Collection[int]) -> dict[int, Item]:
    """The materials and all that is below them, parents before components."""
    wanted = statements.array(sorted(material_ids))
    rows = statements.run(_BELOW, [wanted, plant_id, plant_id, plant_id])
    items: dict[int, Item] = {}
    for row in rows:
        item = items.get(row[0])
        if item is None:
            item = items[row[0]] = _item(row[:23])
        if row[23] is not None:
            item.parts.append(Part(*row[23:]))
    boms = statements.array(item.bom_id for item in items.values() if item.bom_id is not None)
    for parent_id, *beside in statements.run(_BYPRODUCTS, [boms]):
        items[parent_id].beside.append(Beside(*beside))
    return items


def _item(row: tuple) -> Item:
    material_id, code, supply, unit_id, step, level, group, *rest = row
    bom_id, base_qty, routing_id, sequences, policy, *figures = rest
    if policy is None:  # no parameters in the plant
        figures = [ZERO, ZERO, 0, "lot_for_lot", ZERO, 0, None, ZERO, 0, 0, None]
    item = Item(
        material_id,
        code,
        supply == Material.Supply.MAKE,
        unit_id,
        step,
        level,
        bom_id,
        base_qty or step,
        routing_id if sequences else None,
        sequences[0] if sequences else None,
        frozenset(sequences or ()),
        policy or "to_order",
        *figures,
    )
    item.group = group
    return item
