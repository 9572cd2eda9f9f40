"""How many pieces of a work order can still become good, as SQL for whoever counts many of them."""

from __future__ import annotations

# For a work order `w`: what came out of its finished operations (they are its first ones) less the scrap of later ones.
YIELD = """
    SELECT coalesce((array_agg(p.good_qty ORDER BY p.sequence DESC) FILTER (WHERE p.finished_at IS NOT NULL))[1],
                    w.quantity + w.over_qty)
        - coalesce(sum(p.scrap_qty) FILTER (WHERE p.finished_at IS NULL), 0) AS quantity
    FROM erp_workorderoperation p WHERE p.work_order_id = w.id AND p.mends_id IS NULL
"""

# What open work brings beside its product that is pegged to nobody: plant, material, work order, its number, how much
# (what its good pieces bring, expected scrap taken off, less what has come), and when: its planned end, else the end of
# the day on which stock needs it, or when its order has to leave. `{only}` narrows the by-products `y`, the work `w`.
COMING_BESIDE = f"""
    SELECT b.plant_id, b.material_id, b.id AS work_order_id, b.number, b.quantity, b.at FROM (
        SELECT w.plant_id, y.material_id, w.id, w.number,
            floor(least(c.quantity, CASE WHEN l.id IS NULL AND x.scrap_percent > 0
                    THEN coalesce(nullif(floor(w.quantity * (1 - x.scrap_percent / 100) / mu.rounding), 0)
                        * mu.rounding, w.quantity)
                    ELSE w.quantity END) * y.quantity / (yb.base_qty * yu.rounding)) * yu.rounding
                - floor(w.good_qty * y.quantity / (yb.base_qty * yu.rounding)) * yu.rounding
                - coalesce((SELECT sum(p.quantity - p.received_qty) FROM erp_peg p
                    LEFT JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
                    LEFT JOIN erp_salesorderline pl ON pl.id = p.sales_order_line_id
                    LEFT JOIN erp_componentdemand d ON d.component_id = p.supplied_component_id
                    LEFT JOIN erp_plannedorder t ON t.id = p.transfer_id
                    WHERE p.work_order_id = w.id AND (y.material_id = coalesce(m.material_id, pl.material_id,
                            d.material_id, CASE WHEN t.kind = 'transfer' THEN t.material_id END)
                        OR EXISTS (SELECT 1 FROM erp_plannedcomponent e
                            WHERE e.planned_order_id = t.id AND e.material_id = y.material_id))), 0) AS quantity,
            coalesce(w.planned_end_at, (w.needed_on + 1)::timestamp AT TIME ZONE place.time_zone,
                coalesce(l.promised_at, (l.wanted_on + 1)::timestamp AT TIME ZONE place.time_zone)
                    - make_interval(mins => place.transport_min)) AS at
        FROM masterdata_bombyproduct y
        JOIN masterdata_bom yb ON yb.id = y.bom_id JOIN masterdata_unit yu ON yu.id = y.unit_id
        JOIN erp_workorder w ON w.bom_id = yb.id AND w.state IN ('firm', 'released')
        JOIN masterdata_plant place ON place.id = w.plant_id
        JOIN masterdata_material made ON made.id = w.material_id JOIN masterdata_unit mu ON mu.id = made.unit_id
        LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
        LEFT JOIN masterdata_materialplant x ON x.material_id = w.material_id AND x.plant_id = w.plant_id
        JOIN LATERAL ({YIELD}) c ON true
        WHERE {{only}}
    ) b WHERE b.quantity > 0
"""  # noqa: S608 (a constant)
