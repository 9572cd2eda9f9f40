"""By-products in planning: what open and proposed work brings beside its product is there for whoever needs it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from erp.planning.lots import yielded
from erp.planning.rows import WORK, Beside, Item, Lot, Supply
from erp.production.selectors.yields import YIELD

# Of the pegs to work, the material that each demand needs; what a subcontractor gets may be several.
_PEGS = """
    SELECT p.id, coalesce(m.material_id, l.material_id, d.material_id,
        CASE WHEN t.kind = 'transfer' THEN t.material_id END,
        (SELECT c.material_id FROM erp_plannedcomponent c
         WHERE c.planned_order_id = t.id AND (c.material_id = w.material_id
            OR c.material_id IN (SELECT y.material_id FROM masterdata_bombyproduct y WHERE y.bom_id = w.bom_id))
         ORDER BY c.material_id <> w.material_id LIMIT 1))
    FROM erp_peg p JOIN erp_workorder w ON w.id = p.work_order_id
    LEFT JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
    LEFT JOIN erp_salesorderline l ON l.id = p.sales_order_line_id
    LEFT JOIN erp_componentdemand d ON d.component_id = p.supplied_component_id
    LEFT JOIN erp_plannedorder t ON t.id = p.transfer_id
    WHERE p.work_order_id = ANY(%s)
"""
Supplies = dict[int, list[Supply]]

# By-products of open work, whoever it is for: what its good pieces bring, less what those that are made have brought.
# Before it is planned an order's own work ends when the order has to leave.
BESIDE = f"""
    SELECT w.id, y.material_id, w.state, w.quantity, c.quantity, w.good_qty,
        CASE w.state WHEN 'proposed' THEN w.needed_on
            ELSE coalesce((w.planned_end_at AT TIME ZONE %(zone)s)::date, w.needed_on,
                ((due.at - interval '1 second') AT TIME ZONE %(zone)s)::date) END,
        CASE WHEN w.state <> 'proposed' THEN coalesce(w.planned_end_at,
            (w.needed_on + 1)::timestamp AT TIME ZONE %(zone)s, due.at) END,
        y.quantity, yb.base_qty, yu.rounding, mu.rounding,
        CASE WHEN w.sales_order_line_id IS NULL THEN coalesce(x.scrap_percent, 0) ELSE 0 END
    FROM masterdata_bombyproduct y JOIN masterdata_bom yb ON yb.id = y.bom_id
    JOIN masterdata_unit yu ON yu.id = y.unit_id
    JOIN erp_workorder w ON w.bom_id = yb.id AND w.plant_id = %(plant)s AND w.state IN ('proposed', 'firm', 'released')
    JOIN masterdata_material m ON m.id = w.material_id JOIN masterdata_unit mu ON mu.id = m.unit_id
    LEFT JOIN masterdata_materialplant x ON x.material_id = m.id AND x.plant_id = w.plant_id
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    CROSS JOIN LATERAL (SELECT coalesce(l.promised_at, (l.wanted_on + 1)::timestamp AT TIME ZONE %(zone)s)
        - make_interval(mins => %(transport)s) AS at) due
    JOIN LATERAL ({YIELD}) c ON true
    WHERE y.material_id = ANY(%(ids)s)
    ORDER BY w.id, y.line_no
"""  # noqa: S608 (a constant)


def beside_in(rows: list[tuple], today: dt.date) -> Iterator[tuple[int, Supply]]:
    """The by-products of open work, each with the work order's id; also those of which nothing is to come any more."""
    for (
        pk,
        material_id,
        state,
        quantity,
        can_yield,
        good,
        on,
        at,
        per,
        base_qty,
        step,
        parent_step,
        scrap,
    ) in rows:
        row = Beside(material_id, per, step)
        pieces = min(can_yield, yielded(quantity, scrap, parent_step))
        comes = row.brought_by(pieces, base_qty) - row.brought_by(good, base_qty)
        day = (on or today) if state == "proposed" else max(on or today, today)
        yield pk, Supply(WORK, pk, material_id, comes, day, comes, is_beside=True, at=at)


def pegs_of_work(cursor: Any, work_ids: list[int]) -> dict[int, int]:
    """By peg, the material that its demand needs: it tells a by-product's peg from the product's."""
    if not work_ids:
        return {}
    cursor.execute(_PEGS, [work_ids])
    return {pk: material_id for pk, material_id in cursor.fetchall() if material_id is not None}


def bring_beside(supplies: Supplies, beside_of: Supplies, item: Item, lot: Lot | None, work_id: int) -> list[int]:
    """What the lot's work brings beside its product from now on (None: nothing); materials for which that changes."""
    before = beside_of.get(work_id, [])
    after = []
    if lot is not None:
        for row in item.beside:
            quantity = row.brought_by(lot.yields, item.base_qty)
            if quantity > 0:
                after.append(Supply(WORK, work_id, row.material_id, quantity, lot.due_on, quantity, is_beside=True))
    if [(one.material_id, one.quantity, one.on) for one in before] == [
        (one.material_id, one.quantity, one.on) for one in after
    ]:
        return []
    for one in before:
        supplies[one.material_id].remove(one)
    for one in after:
        supplies[one.material_id].append(one)
    beside_of[work_id] = after
    return sorted({one.material_id for one in (*before, *after)})
