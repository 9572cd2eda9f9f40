"""Invariants of receivables: invoices equal lines, quantities and payments, and the ledger equals all of them."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
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
]
