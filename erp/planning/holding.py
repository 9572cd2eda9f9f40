"""What a run holds: first the supply that it may change; then, of the demands that it keeps stock for, what it can get.

Rows are read after they are held, never with the lock: a row that somebody else changed while the run waited for it
would come with what belongs to it (pegs, operations) as it was before.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from erp.planning.levels import Run
from erp.planning.reading import Ground, open_demands
from erp.planning.rows import COMPONENT, NEED, NEW, ORDER, Demand
from masterdata import statements
from masterdata.numbers import ZERO

# Each with what is pegged, in the plant that they come from, to the plant's transfers: a transfer that goes frees it.
_PEGGED = """
    SELECT p.{end} FROM erp_plannedorder n JOIN erp_peg p ON p.transfer_id = n.id AND p.{end} IS NOT NULL
    WHERE n.plant_id = %s AND n.material_id = ANY(%s::bigint[]) AND n.kind = 'transfer' AND n.closed_at IS NULL
"""
_WORK = f"""
    SELECT w.id FROM erp_workorder w WHERE w.id IN (
        SELECT id FROM erp_workorder WHERE plant_id = %s AND material_id = ANY(%s::bigint[])
            AND sales_order_line_id IS NULL AND state IN ('proposed', 'firm', 'released')
        UNION ALL {_PEGGED.format(end="work_order_id")})
    ORDER BY w.id FOR NO KEY UPDATE OF w
"""  # noqa: S608 (constants)
_PLANNED = """
    SELECT n.id FROM erp_plannedorder n
    WHERE n.plant_id = %s AND n.material_id = ANY(%s::bigint[]) AND n.closed_at IS NULL
    ORDER BY n.id FOR NO KEY UPDATE OF n
"""
_ORDERED = f"""
    SELECT l.id FROM erp_purchaseorderline l WHERE l.id IN (
        SELECT x.id FROM erp_purchaseorderline x JOIN erp_purchaseorder o ON o.id = x.order_id
        WHERE o.plant_id = %s AND x.material_id = ANY(%s::bigint[]) AND o.cancelled_at IS NULL
            AND x.received_qty < x.quantity
        UNION ALL {_PEGGED.format(end="purchase_order_line_id")})
    ORDER BY l.id FOR NO KEY UPDATE OF l
"""  # noqa: S608 (constants)
# Whoever changes what is kept for a demand holds its order, work order or purchase line.
_DEMANDS = {
    ORDER: """
        SELECT l.id FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id
        WHERE l.id = ANY(%s) ORDER BY o.id FOR NO KEY UPDATE OF o SKIP LOCKED
    """,
    NEED: """
        SELECT m.id FROM erp_workordermaterial m JOIN erp_workorder w ON w.id = m.work_order_id
        WHERE m.id = ANY(%s) ORDER BY w.id FOR NO KEY UPDATE OF w SKIP LOCKED
    """,
    COMPONENT: """
        SELECT c.id FROM erp_suppliedcomponent c JOIN erp_purchaseorderline l ON l.id = c.order_line_id
        WHERE c.id = ANY(%s) ORDER BY l.id FOR NO KEY UPDATE OF l SKIP LOCKED
    """,
}


@dataclass(slots=True)
class Held:
    """Ids of work orders for stock, planned orders and open purchase lines that the run holds, or has written."""

    work: list[int] = field(default_factory=list)
    planned: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    new_work: list[int] = field(default_factory=list)

    def add(self, work: Collection[int], planned: Collection[int]) -> None:
        """What the run has written is its own."""
        self.work += work
        self.new_work += work
        self.planned += planned


def hold_supply(*, plant_id: int, material_ids: Collection[int]) -> Held:
    """Lock what may be changed or pegged of these materials: work orders, planned orders, purchase lines, each by id.

    Planned orders before lines: whoever orders one has written its line by the time the run looks for lines.
    """
    ids = statements.array(material_ids)
    found = statements.together(
        (_WORK, [plant_id, ids, plant_id, ids]),
        (_PLANNED, [plant_id, ids]),
        (_ORDERED, [plant_id, ids, plant_id, ids]),
    )
    return Held(*([row[0] for row in rows] for rows in found))


def hold_demands(ground: Ground, run: Run) -> set[int]:
    """Lock those for which stock will be kept or whose component is replaced; what changed of them counts as it is now.

    Nobody is waited for: what somebody else holds just now is left out of `run`, and so is what needs less by now.
    Returns the materials of what was left out, for the next run to look at.
    """
    kept = [demand for one in run.outcomes.values() for demand, _ in one.reserved if demand.id < NEW]
    replaced = [need for need in run.need_quantities if need.id < NEW and not need.is_proposed]
    if not kept and not replaced:
        return set()
    held = {(kind, pk) for kind, query in _DEMANDS.items() for pk in _held(query, kind, [*kept, *replaced])}
    materials = {(one.written or (one.material_id,))[0] for one in (*kept, *replaced)}
    now_open = open_demands(ground.plant, materials)
    left_out = set()
    for outcome in run.outcomes.values():
        for at, (demand, quantity) in enumerate(outcome.reserved):
            part = quantity if demand.id >= NEW else min(quantity, _open(demand, held, now_open))
            if part < quantity:
                outcome.reserved[at] = demand, part
                left_out |= _materials(demand)
        outcome.reserved = [(demand, part) for demand, part in outcome.reserved if part > 0]
    for need in replaced:
        if not _open(need, held, now_open):
            run.need_quantities.remove(need)
            left_out |= _materials(need)
    return left_out


def _held(query: str, kind: str, demands: Collection[Demand]) -> list[int]:
    ids = sorted({one.id for one in demands if one.kind == kind})
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(query, [ids])
        return [row[0] for row in cursor.fetchall()]


def _open(demand: Demand, held: set[tuple[str, int]], now_open: dict[tuple[str, int], Any]) -> Decimal:
    """What the demand still lacks; nothing of one that is not held, or whose material is another by now."""
    key = demand.kind, demand.id
    if key not in held or key not in now_open:
        return ZERO
    written = demand.written or (demand.material_id, demand.quantity)
    material_id, missing = now_open[key]
    if material_id != written[0]:
        return ZERO
    if demand.material_id != written[0]:  # replaced by this run
        return demand.open if missing == written[1] else ZERO
    return max(ZERO, missing)


def _materials(demand: Demand) -> set[int]:
    return {demand.material_id, (demand.written or (demand.material_id,))[0]}
