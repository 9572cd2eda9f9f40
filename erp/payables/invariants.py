"""Invariants of payables: invoices equal their lines, quantities and payments, and the ledger equals all of them."""

from __future__ import annotations

from masterdata.invariants import Invariant

# What suppliers are owed by the documents: invoices less credit notes, payments and discounts, plus realised
# differences.
_OWED = """
    SELECT company_id, supplier_id, currency_id, own_gross * CASE WHEN kind = 'credit_note' THEN -1 ELSE 1 END AS own,
        gross_amount * CASE WHEN kind = 'credit_note' THEN -1 ELSE 1 END AS amount
    FROM erp_supplierinvoice WHERE state = 'posted'
    UNION ALL
    SELECT company_id, supplier_id, currency_id, -own_amount, -amount FROM erp_supplierpayment
    UNION ALL
    SELECT i.company_id, i.supplier_id, i.currency_id, a.own_payment - a.own_amount,
        CASE WHEN a.kind = 'payment' THEN 0 ELSE -a.amount END
    FROM erp_supplierallocation a JOIN erp_supplierinvoice i ON i.id = a.invoice_id
"""

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
        LEFT JOIN LATERAL (SELECT sum(net_amount) AS net, sum(tax_amount) AS tax, sum(own_net) AS own_net,
                sum(own_tax) AS own_tax FROM erp_supplierinvoiceline WHERE invoice_id = s.id) x ON true
        WHERE s.net_amount <> coalesce(x.net, 0) OR s.tax_amount <> coalesce(x.tax, 0)
            OR s.own_net <> coalesce(x.own_net, 0) OR s.own_tax <> coalesce(x.own_tax, 0)
            OR s.own_gross <> s.own_net + s.own_tax
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
        "No payment to a supplier is used beyond its amount, no invoice settled beyond its own",
        """
        SELECT p.number, p.amount, a.amount AS allocated, a.own
        FROM erp_supplierpayment p
        JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(own_payment), 0) AS own
            FROM erp_supplierallocation WHERE payment_id = p.id AND kind = 'payment') a ON true
        WHERE abs(a.amount) > abs(p.amount) OR a.amount * p.amount < 0
            OR (a.amount = p.amount AND a.own <> p.own_amount) OR (p.amount <> p.own_amount
                AND p.currency_id = (SELECT currency_id FROM masterdata_company WHERE id = p.company_id))
        UNION ALL
        SELECT s.number, s.gross_amount, sum(a.amount), sum(a.own_amount)
        FROM erp_supplierinvoice s JOIN erp_supplierallocation a ON a.invoice_id = s.id
        JOIN LATERAL (SELECT CASE WHEN s.kind = 'credit_note' THEN -1 ELSE 1 END AS sign) x ON true
        GROUP BY s.id, x.sign HAVING sum(a.amount) * x.sign NOT BETWEEN 0 AND s.gross_amount
            OR (sum(a.amount) * x.sign = s.gross_amount AND sum(a.own_amount) * x.sign <> s.own_gross)
        """,
    ),
    Invariant(
        "payable_equals_open_supplier_invoices",
        "The payables account is what suppliers are still owed, supplier by supplier",
        f"""
        WITH owed AS (SELECT company_id, supplier_id, sum(own) AS amount FROM ({_OWED}) x GROUP BY 1, 2),
        booked AS (
            SELECT a.company_id, l.partner_id AS supplier_id, -sum(l.amount) AS amount
            FROM erp_journalline l JOIN erp_account a ON a.id = l.account_id AND a.role = 'payable' GROUP BY 1, 2
        )
        SELECT coalesce(o.company_id, b.company_id) AS company, coalesce(o.supplier_id, b.supplier_id) AS supplier,
            o.amount AS owed, b.amount AS booked
        FROM owed o FULL JOIN booked b ON b.company_id = o.company_id AND b.supplier_id = o.supplier_id
        WHERE coalesce(o.amount, 0) <> coalesce(b.amount, 0)
        """,  # noqa: S608 (a constant)
    ),
    Invariant(
        "foreign_payable_equals_open_supplier_invoices",
        "In another currency too, the payables account is what suppliers are still owed",
        f"""
        WITH owed AS (
            SELECT x.company_id, x.supplier_id, x.currency_id, sum(x.amount) AS amount FROM ({_OWED}) x
            JOIN masterdata_company c ON c.id = x.company_id AND c.currency_id <> x.currency_id GROUP BY 1, 2, 3
        ), booked AS (
            SELECT a.company_id, l.partner_id AS supplier_id, l.currency_id, -sum(l.currency_amount) AS amount
            FROM erp_journalline l JOIN erp_account a ON a.id = l.account_id AND a.role = 'payable'
            WHERE l.currency_id IS NOT NULL GROUP BY 1, 2, 3
        )
        SELECT coalesce(o.company_id, b.company_id) AS company, coalesce(o.supplier_id, b.supplier_id) AS supplier,
            coalesce(o.currency_id, b.currency_id) AS currency, o.amount AS owed, b.amount AS booked
        FROM owed o FULL JOIN booked b
            ON b.company_id = o.company_id AND b.supplier_id = o.supplier_id AND b.currency_id = o.currency_id
        WHERE coalesce(o.amount, 0) <> coalesce(b.amount, 0)
        """,  # noqa: S608 (a constant)
    ),
    Invariant(
        "accrued_cost_equals_open_bookings",
        "The accrual of orders' cost is what was booked against it and no supplier's invoice has cleared yet",
        """
        WITH owed AS (
            SELECT company_id, sum(amount) AS amount FROM (
                SELECT p.company_id, b.amount FROM erp_costbooking b JOIN masterdata_plant p ON p.id = b.plant_id
                WHERE b.against = 'accrued_cost'
                UNION ALL
                SELECT i.company_id, CASE WHEN i.kind = 'credit_note' THEN l.own_net ELSE -l.own_net END
                FROM erp_supplierinvoiceline l JOIN erp_supplierinvoice i ON i.id = l.invoice_id AND i.state = 'posted'
                JOIN erp_account a ON a.id = l.account_id AND a.role = 'accrued_cost'
            ) x GROUP BY 1
        ), booked AS (
            SELECT a.company_id, -sum(j.amount) AS amount FROM erp_journalline j
            JOIN erp_account a ON a.id = j.account_id AND a.role = 'accrued_cost' GROUP BY 1
        )
        SELECT coalesce(o.company_id, b.company_id) AS company, o.amount AS bookings, b.amount AS ledger
        FROM owed o FULL JOIN booked b ON b.company_id = o.company_id
        WHERE coalesce(o.amount, 0) <> coalesce(b.amount, 0)
        """,
    ),
    Invariant(
        "held_invoice_is_in_no_proposal",
        "No open payment proposal has an invoice that somebody holds, that is not posted, or more than is open of it",
        """
        SELECT p.number, s.reference, l.amount FROM erp_paymentproposalline l
        JOIN erp_paymentproposal p ON p.id = l.proposal_id JOIN erp_supplierinvoice s ON s.id = l.invoice_id
        WHERE l.is_open AND (s.state <> 'posted'
            OR EXISTS (SELECT 1 FROM erp_paymenthold h WHERE h.invoice_id = s.id AND h.lifted_at IS NULL)
            OR abs(l.amount + l.discount) > s.gross_amount)
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
