"""How many pieces of a work order can still become good, as SQL for whoever counts many of them."""

from __future__ import annotations

# For a work order `w`: what came out of its finished operations (they are its first ones) less the scrap of later ones.
YIELD = """
    SELECT coalesce((array_agg(p.good_qty ORDER BY p.sequence DESC) FILTER (WHERE p.finished_at IS NOT NULL))[1],
                    w.quantity)
        - coalesce(sum(p.scrap_qty) FILTER (WHERE p.finished_at IS NULL), 0) AS quantity
    FROM erp_workorderoperation p WHERE p.work_order_id = w.id
"""
