"""Drafts that wait to be confirmed: how much of each lies in stock, if they are confirmed in the sequence shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from masterdata import statements

# Free is what an order may take: above the safety stock, not blocked, not expired. What a draft holds is its own.
_IN_STOCK = """
    WITH line AS MATERIALIZED (
        SELECT l.id, l.order_id, l.plant_id, l.material_id, l.quantity, d.place, l.line_no,
            coalesce((SELECT sum(r.quantity) FROM erp_reservation r WHERE r.sales_order_line_id = l.id), 0) AS kept
        FROM unnest(%s::bigint[]) WITH ORDINALITY AS d(id, place) JOIN erp_salesorderline l ON l.order_id = d.id
    ), free AS (
        SELECT b.plant_id, b.material_id,
            greatest(0, sum(b.on_hand - b.reserved) - coalesce(max(x.safety_stock), 0)) AS quantity
        FROM erp_stockbalance b JOIN masterdata_location l ON l.id = b.location_id AND l.kind = 'stock'
            AND NOT l.is_blocked
        LEFT JOIN erp_lot lot ON lot.id = b.lot_id
        LEFT JOIN masterdata_materialplant x ON x.material_id = b.material_id AND x.plant_id = b.plant_id
        WHERE (b.plant_id, b.material_id) IN (SELECT plant_id, material_id FROM line) AND b.sales_order_id IS NULL
            AND lot.is_blocked IS NOT TRUE AND (lot.expires_on >= current_date) IS NOT FALSE
        GROUP BY 1, 2
    ), wanted AS (
        SELECT line.*, sum(greatest(0, quantity - kept)) OVER (
            PARTITION BY plant_id, material_id ORDER BY place, line_no) AS taken FROM line
    )
    SELECT w.order_id, count(*), count(*) FILTER (WHERE w.kept >= w.quantity OR w.taken <= coalesce(f.quantity, 0))
    FROM wanted w LEFT JOIN free f ON f.plant_id = w.plant_id AND f.material_id = w.material_id GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class InStock:
    """How many lines a draft has, and of how many all pieces lie there for it."""

    lines: int
    covered: int

    @property
    def is_all(self) -> bool:
        return self.covered == self.lines


def drafts_in_stock(order_ids: Sequence[int]) -> dict[int, InStock]:
    """Per draft, when they take free stock in this sequence; a draft without lines is left out. One query."""
    if not order_ids:
        return {}
    rows = statements.run(_IN_STOCK, [statements.array(order_ids)])
    return {order_id: InStock(lines, covered) for order_id, lines, covered in rows}
