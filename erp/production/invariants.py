"""Invariants of production: nobody makes more than came in, what is closed is finished."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "no_more_than_came_in",
        "Good pieces, scrap and what is in rework of an operation are never more than came into it",
        """
        SELECT o.id, o.good_qty, o.scrap_qty, o.rework_qty, o.came_in FROM (
            SELECT p.id, p.good_qty, p.scrap_qty, p.rework_qty, coalesce(
                lag(p.good_qty) OVER (PARTITION BY p.work_order_id ORDER BY p.sequence),
                w.quantity + w.over_qty) AS came_in
            FROM erp_workorderoperation p JOIN erp_workorder w ON w.id = p.work_order_id WHERE p.mends_id IS NULL
            UNION ALL
            SELECT p.id, p.good_qty, p.scrap_qty, p.rework_qty, p.quantity
            FROM erp_workorderoperation p WHERE p.mends_id IS NOT NULL
        ) o WHERE o.good_qty + o.scrap_qty + o.rework_qty > o.came_in
        """,
    ),
    Invariant(
        "rework_is_of_pieces_in_rework",
        "Rework steps mend pieces of an operation of their work order that are in rework, or were",
        """
        SELECT w.number, o.sequence, o.rework_qty, s.open, s.good, s.scrap FROM erp_workorderoperation o
        JOIN erp_workorder w ON w.id = o.work_order_id
        JOIN (SELECT mends_id, sum(good_qty) AS good, sum(scrap_qty) AS scrap, count(DISTINCT work_order_id) AS orders,
                  min(work_order_id) AS work_order_id, coalesce(sum(quantity - good_qty - scrap_qty - rework_qty)
                      FILTER (WHERE finished_at IS NULL), 0) AS open
              FROM erp_workorderoperation WHERE mends_id IS NOT NULL GROUP BY 1) s ON s.mends_id = o.id
        WHERE s.open > o.rework_qty OR s.good > o.good_qty OR s.scrap > o.scrap_qty OR o.mends_id IS NOT NULL
            OR s.orders > 1 OR s.work_order_id <> o.work_order_id
        """,
    ),
    Invariant(
        "work_order_counts_its_last_operation",
        "A work order's pieces are those of its last operation",
        """
        SELECT w.number, w.good_qty, o.good_qty AS last_good FROM erp_workorder w
        JOIN erp_workorderoperation o ON o.work_order_id = w.id AND o.is_last
        WHERE w.good_qty <> o.good_qty OR w.scrap_qty <> o.scrap_qty
        """,
    ),
    Invariant(
        "one_last_operation",
        "Every work order with operations has exactly one last one, the one with the highest sequence",
        """
        SELECT work_order_id FROM erp_workorderoperation WHERE mends_id IS NULL GROUP BY 1
        HAVING count(*) FILTER (WHERE is_last) <> 1 OR max(sequence) FILTER (WHERE is_last) <> max(sequence)
        """,
    ),
    Invariant(
        "closed_means_finished",
        "A closed work order has no open operation, nothing in rework, and owes no component",
        """
        SELECT w.number FROM erp_workorder w WHERE w.state = 'closed' AND (
            EXISTS (SELECT 1 FROM erp_workorderoperation o WHERE o.work_order_id = w.id
                    AND (o.finished_at IS NULL OR o.mends_id IS NULL AND o.rework_qty > 0))
            OR EXISTS (SELECT 1 FROM erp_owedissue o JOIN erp_workordermaterial m ON m.id = o.work_order_material_id
                       WHERE m.work_order_id = w.id AND o.settled_at IS NULL))
        """,
    ),
    Invariant(
        "finished_means_closed",
        "A work order whose last operation is finished is closed unless it owes a component",
        """
        SELECT w.number FROM erp_workorder w
        JOIN erp_workorderoperation o ON o.work_order_id = w.id AND o.is_last AND o.finished_at IS NOT NULL
        WHERE w.state IN ('proposed', 'firm', 'released')
            AND NOT EXISTS (SELECT 1 FROM erp_owedissue d
                            JOIN erp_workordermaterial m ON m.id = d.work_order_material_id
                            WHERE m.work_order_id = w.id AND d.settled_at IS NULL)
        """,
    ),
    Invariant(
        "output_is_what_was_reported",
        "What a work order put into stock are the good pieces of its last operation",
        """
        SELECT w.number, w.good_qty, coalesce(m.quantity, 0) AS output FROM erp_workorder w
        LEFT JOIN (SELECT work_order_id, sum(quantity) AS quantity FROM erp_stockmove s
                   WHERE kind = 'output' AND NOT EXISTS (SELECT 1 FROM erp_workreport t
                                       WHERE t.taken_back_at IS NOT NULL AND s.id = ANY(t.move_ids)) GROUP BY 1) m
            ON m.work_order_id = w.id
        WHERE w.good_qty <> coalesce(m.quantity, 0)
        """,
    ),
    Invariant(
        "byproducts_are_what_good_pieces_bring",
        "What came into stock beside a work order's product is what its BOM says for its good pieces",
        """
        SELECT w.number, coalesce(y.material_id, b.material_id) AS material, b.quantity AS booked, y.quantity AS brought
        FROM (SELECT v.id, y.material_id,
                  floor(v.good_qty * y.quantity / (yb.base_qty * yu.rounding)) * yu.rounding AS quantity
              FROM erp_workorder v JOIN masterdata_bombyproduct y ON y.bom_id = v.bom_id
              JOIN masterdata_bom yb ON yb.id = y.bom_id JOIN masterdata_unit yu ON yu.id = y.unit_id) y
        FULL JOIN (SELECT work_order_id, material_id, sum(quantity) AS quantity FROM erp_stockmove s
                   WHERE kind = 'byproduct' AND NOT EXISTS (SELECT 1 FROM erp_workreport t
                                       WHERE t.taken_back_at IS NOT NULL AND s.id = ANY(t.move_ids)) GROUP BY 1, 2) b
            ON b.work_order_id = y.id AND b.material_id = y.material_id
        JOIN erp_workorder w ON w.id = coalesce(y.id, b.work_order_id)
        WHERE coalesce(y.quantity, 0) <> coalesce(b.quantity, 0)
        """,
    ),
    Invariant(
        "closed_work_orders_hold_no_stock",
        "No closed or cancelled work order keeps stock reserved",
        """
        SELECT r.id, w.number FROM erp_reservation r
        JOIN erp_workordermaterial m ON m.id = r.work_order_material_id JOIN erp_workorder w ON w.id = m.work_order_id
        WHERE r.quantity > 0 AND w.state IN ('closed', 'cancelled')
        """,
    ),
    Invariant(
        "operations_equal_their_frozen_routing",
        "A work order's operations are, step by step, those of the routing that it was copied from",
        """
        SELECT w.number, coalesce(o.sequence, r.sequence) AS sequence, o.run_min_per_unit AS copied, r.run_min_per_unit
        FROM (SELECT w.number, w.routing_id, o.* FROM erp_workorder w
              JOIN erp_workorderoperation o ON o.work_order_id = w.id AND o.mends_id IS NULL
              WHERE w.routing_id IS NOT NULL) o
        FULL JOIN (SELECT w.id AS order_id, s.* FROM erp_workorder w
                   JOIN masterdata_routingoperation s ON s.routing_id = w.routing_id) r
            ON r.order_id = o.work_order_id AND r.sequence = o.sequence
        JOIN erp_workorder w ON w.id = coalesce(o.work_order_id, r.order_id)
        WHERE (o.work_centre_id, o.setup_min, o.run_min_per_unit, o.setup_family, o.is_splittable)
            IS DISTINCT FROM (r.work_centre_id, r.setup_min, r.run_min_per_unit, r.setup_family, r.is_splittable)
        """,
    ),
    Invariant(
        "needs_equal_their_frozen_bom",
        "A work order's materials are, line by line, those of the BOM that it was copied from, rounded up to the unit; "
        "those of one that was split together with its parts'",
        """
        SELECT w.number, coalesce(m.line_no, l.line_no) AS line_no, m.quantity AS copied, l.net
        FROM (SELECT coalesce(w.split_from_id, w.id) AS work_order_id, m.line_no,
                  coalesce(m.instead_of_id, m.material_id) AS material_id,
                  sum(coalesce(m.instead_qty, m.quantity)) AS quantity FROM erp_workorder w
              JOIN erp_workordermaterial m ON m.work_order_id = w.id WHERE w.bom_id IS NOT NULL GROUP BY 1, 2, 3) m
        FULL JOIN (SELECT coalesce(w.split_from_id, w.id) AS order_id, s.line_no, s.component_id, u.rounding,
                   sum(w.quantity * s.quantity / b.base_qty / (1 - s.scrap_percent / 100)) AS net FROM erp_workorder w
                   JOIN masterdata_bom b ON b.id = w.bom_id JOIN masterdata_bomline s ON s.bom_id = b.id
                   JOIN masterdata_material c ON c.id = s.component_id JOIN masterdata_unit u ON u.id = c.unit_id
                   GROUP BY 1, 2, 3, 4) l
            ON l.order_id = m.work_order_id AND l.line_no = m.line_no
        JOIN erp_workorder w ON w.id = coalesce(m.work_order_id, l.order_id)
        WHERE m.material_id IS DISTINCT FROM l.component_id
            OR m.quantity < l.net - 0.000001 OR m.quantity > l.net + l.rounding
        """,
    ),
    Invariant(
        "substitutes_stand_in_the_bom",
        "What a work order uses instead of a component may be used so, in the ratio of its BOM",
        """
        SELECT w.number, m.line_no, m.quantity, m.instead_qty FROM erp_workordermaterial m
        JOIN erp_workorder w ON w.id = m.work_order_id JOIN masterdata_unit u ON u.id = m.unit_id
        WHERE m.instead_of_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM masterdata_bomline l JOIN masterdata_bomsubstitute s ON s.line_id = l.id
            WHERE l.bom_id = w.bom_id AND l.line_no = m.line_no AND l.component_id = m.instead_of_id
                AND s.material_id = m.material_id AND (s.plant_id IS NULL OR s.plant_id = w.plant_id)
                AND m.quantity BETWEEN m.instead_qty * s.ratio - 0.000001 AND m.instead_qty * s.ratio + u.rounding)
        """,
    ),
    Invariant(
        "work_order_stays_in_its_plant",
        "A work order's routing, order line (while it is open), work centres and machines are of its plant",
        """
        SELECT w.number, p.code AS plant, x.what FROM erp_workorder w JOIN masterdata_plant p ON p.id = w.plant_id
        JOIN (
            SELECT v.id, 'routing' AS what, r.plant_id FROM erp_workorder v
            JOIN masterdata_routing r ON r.id = v.routing_id
            UNION ALL
            SELECT v.id, 'order line', l.plant_id FROM erp_workorder v
            JOIN erp_salesorderline l ON l.id = v.sales_order_line_id
                AND v.state NOT IN ('closed', 'cancelled')
            UNION ALL
            SELECT o.work_order_id, 'work centre of operation ' || o.sequence, c.plant_id FROM erp_workorderoperation o
            JOIN masterdata_workcentre c ON c.id = o.work_centre_id
            UNION ALL
            SELECT o.work_order_id, 'machine ' || m.code, c.plant_id FROM erp_workorderoperation o
            JOIN masterdata_machine m ON m.id IN (o.machine_id, o.planned_machine_id)
            JOIN masterdata_workcentre c ON c.id = m.work_centre_id
        ) x ON x.id = w.id AND x.plant_id <> w.plant_id
        """,
    ),
]
