"""Invariants of production: nobody makes more than came in, what is closed is finished."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "no_more_than_came_in",
        "Good and scrapped pieces of an operation are never more than came into it",
        """
        SELECT o.id, o.good_qty, o.scrap_qty, o.came_in FROM (
            SELECT p.id, p.good_qty, p.scrap_qty, coalesce(
                lag(p.good_qty) OVER (PARTITION BY p.work_order_id ORDER BY p.sequence), w.quantity) AS came_in
            FROM erp_workorderoperation p JOIN erp_workorder w ON w.id = p.work_order_id
        ) o WHERE o.good_qty + o.scrap_qty > o.came_in
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
        SELECT work_order_id FROM erp_workorderoperation GROUP BY 1
        HAVING count(*) FILTER (WHERE is_last) <> 1 OR max(sequence) FILTER (WHERE is_last) <> max(sequence)
        """,
    ),
    Invariant(
        "closed_means_finished",
        "A closed work order has no open operation and owes no component",
        """
        SELECT w.number FROM erp_workorder w WHERE w.state = 'closed' AND (
            EXISTS (SELECT 1 FROM erp_workorderoperation o WHERE o.work_order_id = w.id AND o.finished_at IS NULL)
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
        LEFT JOIN (SELECT work_order_id, sum(quantity) AS quantity FROM erp_stockmove
                   WHERE kind = 'output' GROUP BY 1) m
            ON m.work_order_id = w.id
        WHERE w.good_qty <> coalesce(m.quantity, 0)
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
]
