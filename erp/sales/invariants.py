"""Invariants of sales: what confirmed orders wait for is covered."""

from __future__ import annotations

from erp.production.selectors.yields import YIELD
from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "open_lines_are_covered",
        "Whatever a confirmed order still waits for is made, kept, on order or in work for it, or being planned",
        f"""
        SELECT o.number, l.line_no, l.quantity, made.quantity AS made, kept.quantity AS kept, gone.quantity AS gone,
            coming.quantity AS coming
        FROM erp_salesorderline l
        JOIN erp_salesorder o ON o.id = l.order_id AND o.confirmed_at IS NOT NULL AND o.cancelled_at IS NULL
        JOIN LATERAL (SELECT coalesce(sum(y.quantity), 0) AS quantity FROM erp_workorder w JOIN LATERAL ({YIELD}) y
            ON true WHERE w.sales_order_line_id = l.id AND w.path NOT LIKE '%.%' AND w.state <> 'cancelled') made
            ON true
        JOIN LATERAL (SELECT coalesce(sum(r.quantity), 0) AS quantity FROM erp_reservation r
            WHERE r.sales_order_line_id = l.id) kept ON true
        JOIN LATERAL (SELECT coalesce(sum(m.quantity), 0) AS quantity FROM erp_stockmove m
            WHERE m.sales_order_line_id = l.id AND m.kind = 'shipment' AND m.source_order_id IS NULL) gone ON true
        JOIN LATERAL (SELECT coalesce(sum(p.quantity - p.received_qty), 0) AS quantity FROM erp_peg p
            LEFT JOIN erp_workorder x ON x.id = p.work_order_id
            WHERE p.sales_order_line_id = l.id
                AND (p.is_planned OR p.work_order_id IS NULL OR x.sales_order_line_id IS NULL)) coming
            ON true
        WHERE l.shipped_qty < l.quantity
            AND NOT EXISTS (SELECT 1 FROM erp_materialchange c
                            WHERE c.plant_id = l.plant_id AND c.material_id = l.material_id)
            AND made.quantity + kept.quantity + gone.quantity + coming.quantity < l.quantity
        """,  # noqa: S608 (a constant)
    ),
    Invariant(
        "nobody_waits_for_lost_pieces",
        "What is pegged to an order's work order can still come out of it",
        f"""
        SELECT w.number, y.quantity AS yield, p.quantity AS pegged
        FROM erp_workorder w
        JOIN LATERAL ({YIELD}) y ON true
        JOIN LATERAL (SELECT sum(quantity) AS quantity FROM erp_peg
            WHERE work_order_id = w.id AND NOT is_planned) p ON true
        WHERE w.sales_order_line_id IS NOT NULL AND w.state <> 'cancelled' AND p.quantity > y.quantity
        """,  # noqa: S608 (a constant)
    ),
    Invariant(
        "line_reserves_within_its_need",
        "No order line has more reserved than it still has to ship",
        """
        SELECT l.id AS line, o.number, l.quantity - l.shipped_qty AS open, sum(r.quantity) AS reserved
        FROM erp_reservation r JOIN erp_salesorderline l ON l.id = r.sales_order_line_id
        JOIN erp_salesorder o ON o.id = l.order_id
        GROUP BY l.id, o.number HAVING sum(r.quantity) > l.quantity - l.shipped_qty
        """,
    ),
    Invariant(
        "order_stays_in_its_company",
        "An order's plants, shipments and invoices belong to its company",
        """
        SELECT o.number, 'line' AS what FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id
        JOIN masterdata_plant p ON p.id = l.plant_id WHERE p.company_id <> o.company_id
        UNION ALL
        SELECT o.number, 'shipment' FROM erp_shipment s JOIN erp_salesorder o ON o.id = s.order_id
        JOIN masterdata_plant p ON p.id = s.plant_id WHERE p.company_id <> o.company_id
        UNION ALL
        SELECT o.number, 'invoice' FROM erp_invoice i JOIN erp_salesorder o ON o.id = i.order_id
        WHERE i.company_id <> o.company_id
        """,
    ),
]
