"""Invariants of payables: invoices equal their lines, quantities and payments, and the ledger equals all of them."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "purchase_invoiced_equals_invoices",
        "What a purchase line has invoiced is what its posted supplier invoices less credit notes say",
        """
        SELECT l.id AS line, o.number, l.invoiced_qty, i.quantity AS invoices
        FROM erp_purchaseorderline l JOIN erp_purchaseorder o ON o.id = l.order_id
        JOIN LATERAL (SELECT coalesce(sum(CASE WHEN s.kind = 'credit_note' THEN -x.quantity ELSE x.quantity END), 0)
                AS quantity
            FROM erp_supplierinvoiceline x JOIN erp_supplierinvoice s ON s.id = x.invoice_id AND s.state = 'posted'
            WHERE x.order_line_id = l.id) i ON true
        WHERE l.invoiced_qty <> i.quantity
        """,
    ),
    Invariant(
        "invoiced_line_leaves_nothing_received",
        "A purchase line of which all that came is invoiced has nothing left in goods received and not invoiced",
        """
        SELECT l.id AS line, o.number, g.value AS received, i.cleared
        FROM erp_purchaseorderline l JOIN erp_purchaseorder o ON o.id = l.order_id
        JOIN LATERAL (
            SELECT coalesce(sum(CASE WHEN m.kind = 'used' THEN 0 WHEN f.kind = 'supplier' THEN m.quantity
                    ELSE -m.quantity END), 0) AS quantity,
                coalesce(sum(CASE WHEN f.kind = 'supplier' THEN m.value ELSE m.difference - m.value END), 0) AS value
            FROM erp_stockmove m JOIN masterdata_location f ON f.id = m.source_id
            JOIN masterdata_location t ON t.id = m.target_id
            WHERE m.purchase_order_line_id = l.id AND (f.kind = 'supplier') <> (t.kind = 'supplier')) g ON true
        JOIN LATERAL (
            SELECT coalesce(sum(CASE WHEN s.kind = 'credit_note' THEN -x.cleared_amount ELSE x.cleared_amount END), 0)
                AS cleared
            FROM erp_supplierinvoiceline x JOIN erp_supplierinvoice s ON s.id = x.invoice_id AND s.state = 'posted'
            WHERE x.order_line_id = l.id) i ON true
        WHERE g.quantity = l.invoiced_qty AND g.value <> i.cleared
        """,
    ),
    Invariant(
        "supplier_invoice_is_sum_of_lines",
        "A supplier invoice's net and tax are the sums of its lines",
        """
        SELECT s.id, s.reference, s.net_amount, x.net AS lines, s.tax_amount, x.tax
        FROM erp_supplierinvoice s
        LEFT JOIN LATERAL (SELECT sum(net_amount) AS net, sum(tax_amount) AS tax FROM erp_supplierinvoiceline
            WHERE invoice_id = s.id) x ON true
        WHERE s.net_amount <> coalesce(x.net, 0) OR s.tax_amount <> coalesce(x.tax, 0)
        """,
    ),
    Invariant(
        "held_invoice_has_its_reasons",
        "A held supplier invoice names what holds it; one that was posted in spite of it says why",
        """
        SELECT s.id, s.reference, s.state FROM erp_supplierinvoice s
        WHERE (s.state = 'held' AND NOT EXISTS (SELECT 1 FROM erp_invoicehold h WHERE h.invoice_id = s.id))
            OR (s.state = 'posted' AND s.release_reason = ''
                AND EXISTS (SELECT 1 FROM erp_invoicehold h WHERE h.invoice_id = s.id))
        """,
    ),
    Invariant(
        "supplier_payment_is_allocated",
        "A payment to a supplier is what it pays, and no invoice is paid beyond its amount",
        """
        SELECT p.number, p.amount, coalesce(sum(a.amount), 0) AS allocated
        FROM erp_supplierpayment p LEFT JOIN erp_supplierallocation a ON a.payment_id = p.id
        GROUP BY p.id HAVING p.amount <> coalesce(sum(a.amount), 0)
        UNION ALL
        SELECT s.number, s.gross_amount, sum(a.amount)
        FROM erp_supplierinvoice s JOIN erp_supplierallocation a ON a.invoice_id = s.id
        GROUP BY s.id HAVING sum(a.amount) * CASE WHEN s.kind = 'credit_note' THEN -1 ELSE 1 END
            NOT BETWEEN 0 AND s.gross_amount
        """,
    ),
    Invariant(
        "payable_equals_open_supplier_invoices",
        "The payables account is what suppliers are still owed, supplier by supplier",
        """
        WITH owed AS (
            SELECT s.company_id, s.supplier_id,
                sum(CASE WHEN s.kind = 'credit_note' THEN -s.gross_amount ELSE s.gross_amount END) AS amount
            FROM erp_supplierinvoice s WHERE s.state = 'posted' GROUP BY 1, 2
        ), paid AS (
            SELECT company_id, supplier_id, sum(amount) AS amount FROM erp_supplierpayment GROUP BY 1, 2
        ), booked AS (
            SELECT a.company_id, l.partner_id AS supplier_id, -sum(l.amount) AS amount
            FROM erp_journalline l JOIN erp_account a ON a.id = l.account_id AND a.role = 'payable' GROUP BY 1, 2
        )
        SELECT coalesce(o.company_id, b.company_id) AS company, coalesce(o.supplier_id, b.supplier_id) AS supplier,
            o.amount - coalesce(p.amount, 0) AS owed, b.amount AS booked
        FROM owed o LEFT JOIN paid p USING (company_id, supplier_id)
        FULL JOIN booked b ON b.company_id = o.company_id AND b.supplier_id IS NOT DISTINCT FROM o.supplier_id
        WHERE coalesce(o.amount, 0) - coalesce(p.amount, 0) <> coalesce(b.amount, 0)
        """,
    ),
    Invariant(
        "landed_cost_is_sum_of_its_parts",
        "A landed cost is the sum of what its receipts bear, and of what stock and orders took of it",
        """
        SELECT c.number, c.amount, l.amount AS lines, v.amount AS changes FROM erp_landedcost c
        LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM erp_landedcostline WHERE landed_cost_id = c.id) l ON true
        LEFT JOIN LATERAL (SELECT sum(amount) AS amount FROM erp_valuechange WHERE entry_id = c.entry_id) v ON true
        WHERE c.amount <> coalesce(l.amount, 0) OR c.amount <> coalesce(v.amount, 0)
        """,
    ),
]
