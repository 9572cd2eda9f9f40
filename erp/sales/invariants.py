"""Invariants of sales: quantities and money of orders, shipments, invoices and payments tie to stock and ledger."""

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
        "shipped_equals_moves",
        "What a line has shipped is what its shipments and its stock moves say",
        """
        SELECT l.id AS line, o.number, l.shipped_qty, s.quantity AS shipments, m.quantity AS moves
        FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id
        JOIN LATERAL (SELECT coalesce(sum(x.quantity), 0) AS quantity FROM erp_shipmentline x
            JOIN erp_shipment h ON h.id = x.shipment_id AND h.shipped_at IS NOT NULL
            WHERE x.order_line_id = l.id) s ON true
        JOIN LATERAL (SELECT coalesce(sum(x.quantity), 0) AS quantity FROM erp_stockmove x
            WHERE x.sales_order_line_id = l.id AND x.kind = 'shipment') m ON true
        WHERE l.shipped_qty <> s.quantity OR l.shipped_qty <> m.quantity
        """,
    ),
    Invariant(
        "packed_within_ordered",
        "No more is shipped and packed than was ordered",
        """
        SELECT l.id AS line, o.number, l.quantity, s.quantity AS packed
        FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id
        JOIN LATERAL (SELECT sum(x.quantity) AS quantity FROM erp_shipmentline x WHERE x.order_line_id = l.id) s ON true
        WHERE s.quantity > l.quantity
        """,
    ),
    Invariant(
        "invoiced_equals_invoices",
        "What a line has invoiced is what its invoices say, and no more than was shipped",
        """
        SELECT l.id AS line, o.number, l.shipped_qty, l.invoiced_qty, i.quantity AS invoices
        FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id
        JOIN LATERAL (SELECT coalesce(sum(x.quantity), 0) AS quantity FROM erp_invoiceline x
            WHERE x.order_line_id = l.id) i ON true
        WHERE l.invoiced_qty <> i.quantity OR l.invoiced_qty > l.shipped_qty
        """,
    ),
    Invariant(
        "invoiced_line_sums_to_its_net",
        "The invoices of a line that is invoiced whole sum to its net amount",
        """
        SELECT l.id AS line, o.number, l.net_amount, sum(i.net_amount) AS invoiced
        FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id
        JOIN erp_invoiceline i ON i.order_line_id = l.id
        WHERE l.invoiced_qty = l.quantity GROUP BY l.id, o.number HAVING sum(i.net_amount) <> l.net_amount
        """,
    ),
    Invariant(
        "invoice_is_sum_of_lines",
        "An invoice's net and tax are the sums of its lines, its gross stands in receivables",
        """
        SELECT i.number, i.net_amount, l.net, i.tax_amount, l.tax, i.gross_amount, r.amount AS receivable
        FROM erp_invoice i
        JOIN LATERAL (SELECT coalesce(sum(net_amount), 0) AS net, coalesce(sum(tax_amount), 0) AS tax
            FROM erp_invoiceline WHERE invoice_id = i.id) l ON true
        JOIN LATERAL (SELECT coalesce(sum(j.amount), 0) AS amount FROM erp_journalline j
            JOIN erp_account a ON a.id = j.account_id AND a.role = 'receivable' WHERE j.entry_id = i.entry_id) r ON true
        WHERE i.net_amount <> l.net OR i.tax_amount <> l.tax OR i.gross_amount <> r.amount
        """,
    ),
    Invariant(
        "payment_is_allocated",
        "A payment is allocated whole, and no invoice is paid twice",
        """
        SELECT p.number, p.amount, coalesce(sum(a.amount), 0) AS allocated
        FROM erp_payment p LEFT JOIN erp_allocation a ON a.payment_id = p.id
        GROUP BY p.id HAVING p.amount <> coalesce(sum(a.amount), 0)
        UNION ALL
        SELECT i.number, i.gross_amount, sum(a.amount)
        FROM erp_invoice i JOIN erp_allocation a ON a.invoice_id = i.id
        GROUP BY i.id HAVING sum(a.amount) > i.gross_amount
        """,
    ),
    Invariant(
        "receivable_equals_open_invoices",
        "The receivables account is what customers still owe of their invoices",
        """
        SELECT c.code, coalesce(led.amount, 0) AS ledger, coalesce(bill.amount, 0) - coalesce(paid.amount, 0) AS open
        FROM masterdata_company c
        LEFT JOIN LATERAL (SELECT sum(j.amount) AS amount FROM erp_journalline j
            JOIN erp_account a ON a.id = j.account_id AND a.role = 'receivable' WHERE a.company_id = c.id) led ON true
        LEFT JOIN LATERAL (SELECT sum(gross_amount) AS amount FROM erp_invoice WHERE company_id = c.id) bill ON true
        LEFT JOIN LATERAL (SELECT sum(x.amount) AS amount FROM erp_allocation x
            JOIN erp_invoice i ON i.id = x.invoice_id WHERE i.company_id = c.id) paid ON true
        WHERE coalesce(led.amount, 0) <> coalesce(bill.amount, 0) - coalesce(paid.amount, 0)
        """,
    ),
    Invariant(
        "legal_numbers_gapless",
        "Invoices and payments are numbered from 1 without a gap, per company and year",
        """
        WITH legal AS (
            SELECT company_id, split_part(number, '-', 1) AS kind, split_part(number, '-', 2)::int AS year,
                   split_part(number, '-', 3)::bigint AS no
            FROM (SELECT company_id, number FROM erp_invoice UNION ALL SELECT company_id, number FROM erp_payment
                UNION ALL SELECT company_id, number FROM erp_supplierinvoice WHERE state = 'posted'
                UNION ALL SELECT company_id, number FROM erp_supplierpayment) n
        )
        SELECT l.company_id, l.kind, l.year, count(*) AS documents, max(l.no) AS last, max(s.last_no) AS series
        FROM legal l
        LEFT JOIN masterdata_numberseries s ON s.company_id = l.company_id AND s.kind = l.kind AND s.year = l.year
        GROUP BY l.company_id, l.kind, l.year
        HAVING count(*) <> max(l.no) OR min(l.no) <> 1 OR max(s.last_no) IS DISTINCT FROM max(l.no)
        """,
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
