"""What leaves a plant for planned orders, and what subcontractors need of us: read as demands, written if changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from erp.planning.rows import COMPONENT, NEW, TRANSFER, Demand
from masterdata.statements import columns

Execute = Callable[[str, Sequence[Any]], None]

OUTGOING = """
    SELECT n.id, n.material_id, n.quantity, n.quantity, n.order_by_on, false FROM erp_plannedorder n
    WHERE n.kind = 'transfer' AND n.source_plant_id = %(plant)s AND n.material_id = ANY(%(ids)s)
        AND n.closed_at IS NULL AND n.transfer_line_id IS NULL
    UNION ALL
    SELECT n.id, c.material_id, c.quantity, c.quantity, n.order_by_on, true FROM erp_plannedorder n
    JOIN erp_plannedcomponent c ON c.planned_order_id = n.id
    WHERE n.kind = 'buy' AND n.plant_id = %(plant)s AND c.material_id = ANY(%(ids)s) AND n.closed_at IS NULL
"""
# What suppliers still have to get from us for purchase orders; it has to be there when they begin.
SUPPLIED = """
    SELECT d.component_id, d.material_id, d.needed,
        d.to_send - coalesce((SELECT sum(r.quantity) FROM erp_reservation r
            WHERE r.supplied_component_id = d.component_id), 0),
        d.send_on
    FROM erp_componentdemand d
    WHERE d.plant_id = %(plant)s AND d.material_id = ANY(%(ids)s) AND d.to_send > 0
"""
_DROP_PARTS = "DELETE FROM erp_plannedcomponent WHERE planned_order_id = ANY(%s)"
_DROP_PEGS_OF_PARTS = """
    DELETE FROM erp_peg p USING erp_plannedorder n
    WHERE p.transfer_id = n.id AND n.id = ANY(%s) AND n.kind = 'buy'
"""
# What the plant it comes from has pegged to a transfer is free there; its next run looks at it.
_FREE_TRANSFERS = """
    WITH gone AS (
        DELETE FROM erp_peg p USING erp_plannedorder n
        WHERE p.transfer_id = n.id AND n.id = ANY(%s) AND n.kind = 'transfer'
        RETURNING p.purchase_order_line_id AS id, p.quantity - p.received_qty AS quantity
    )
    UPDATE erp_purchaseorderline l SET pegged_qty = l.pegged_qty - g.quantity
    FROM (SELECT id, sum(quantity) AS quantity FROM gone WHERE id IS NOT NULL GROUP BY 1) g WHERE l.id = g.id
"""
_NEW_PARTS = """
    INSERT INTO erp_plannedcomponent (planned_order_id, material_id, quantity)
    SELECT n.planned, n.material, n.quantity
    FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[]) AS n(planned, material, quantity)
"""


def take_outgoing(
    rows: list[tuple], demands: dict[int, list[Demand]], parts_of: dict[int, dict[int, Demand]], today: date
) -> None:
    """Transfers to other plants, and parts of planned orders that go to a subcontractor."""
    for pk, material_id, quantity, missing, on, is_part in rows:
        day = on or today
        demand = Demand(TRANSFER, pk, material_id, quantity, missing, day, is_proposed=is_part)
        demands[material_id].append(demand)
        if is_part:
            parts_of[pk][material_id] = demand


def take_components(rows: list[tuple], demands: dict[int, list[Demand]]) -> None:
    """Components of purchase order lines: stock is kept for them, hard."""
    for pk, material_id, quantity, missing, on in rows:
        demand = Demand(COMPONENT, pk, material_id, quantity, missing, on, is_released=True)
        demands[material_id].append(demand)


def drop_parts(execute: Execute, planned_order_ids: list[int]) -> None:
    """Before planned orders go: their parts, and what is left of their pegs, of which all has come or nothing comes."""
    execute(_DROP_PEGS_OF_PARTS, [planned_order_ids])
    execute(_FREE_TRANSFERS, [planned_order_ids])
    execute(_DROP_PARTS, [planned_order_ids])


def write_parts(execute: Execute, id_of: Callable[[int], int], parts: Mapping[int, list[Demand]]) -> None:
    """What subcontractors need, of the planned orders of which it changed."""
    if known := [pk for pk in parts if pk < NEW]:
        execute(_DROP_PARTS, [known])
    if rows := [(id_of(pk), one.material_id, one.quantity) for pk, mine in parts.items() for one in mine]:
        execute(_NEW_PARTS, columns(rows))
