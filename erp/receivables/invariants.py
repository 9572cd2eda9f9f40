"""Invariants of receivables: documents equal lines, quantities and payments, and the ledger equals all of them."""

from __future__ import annotations

from masterdata.invariants import Invariant

# What customers owe by the documents, in the company's currency: invoices less payments, discounts and rests, plus the
# differences of rates that allocations realised.
_OWED = """
    SELECT company_id, customer_id, currency_id, own_gross AS own, gross_amount AS amount FROM erp_invoice
    UNION ALL
    SELECT company_id, customer_id, currency_id, -own_amount, -amount FROM erp_payment
    UNION ALL
    SELECT i.company_id, i.customer_id, i.currency_id, a.own_payment - a.own_amount,
        CASE WHEN a.kind = 'payment' THEN 0 ELSE -a.amount END
    FROM erp_allocation a JOIN erp_invoice i ON i.id = a.invoice_id
"""

INVARIANTS = [
    Invariant(
        "invoiced_equals_invoices",
        "What a line has invoiced is what its invoices less credit notes say, and no more than was shipped",
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
        "The invoices of a line that is invoiced whole sum to its net amount; price reductions come on top",
        """
        SELECT l.id AS line, o.number, l.net_amount, sum(i.net_amount) AS invoiced
        FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id
        JOIN erp_invoiceline i ON i.order_line_id = l.id AND i.quantity <> 0
        WHERE l.invoiced_qty = l.quantity GROUP BY l.id, o.number HAVING sum(i.net_amount) <> l.net_amount
        """,
    ),
    Invariant(
        "invoice_is_sum_of_lines",
        "An invoice's net and tax are the sums of its lines in both currencies, its gross stands in receivables",
        """
        SELECT i.number, i.net_amount, l.net, i.tax_amount, l.tax, i.own_gross, r.amount AS receivable
        FROM erp_invoice i
        JOIN LATERAL (SELECT coalesce(sum(net_amount), 0) AS net, coalesce(sum(tax_amount), 0) AS tax,
                coalesce(sum(own_net), 0) AS own_net, coalesce(sum(own_tax), 0) AS own_tax
            FROM erp_invoiceline WHERE invoice_id = i.id) l ON true
        JOIN LATERAL (SELECT coalesce(sum(j.amount), 0) AS amount FROM erp_journalline j
            JOIN erp_account a ON a.id = j.account_id AND a.role = 'receivable' WHERE j.entry_id = i.entry_id) r ON true
        WHERE i.net_amount <> l.net OR i.tax_amount <> l.tax OR i.own_net <> l.own_net OR i.own_tax <> l.own_tax
            OR i.own_gross <> r.amount
        """,
    ),
    Invariant(
        "instalments_sum_to_invoice",
        "The instalments of an invoice sum to it in both currencies, and each knows what is due after it",
        """
        SELECT i.number, i.gross_amount, n.amount, n.wrong
        FROM erp_invoice i JOIN (SELECT invoice_id, sum(amount) AS amount, sum(own_amount) AS own,
                count(*) FILTER (WHERE rest_amount <> later OR rest_own <> own_later) AS wrong
            FROM (SELECT x.*, sum(amount) OVER w - amount AS later, sum(own_amount) OVER w - own_amount AS own_later
                FROM erp_invoiceinstalment x WINDOW w AS (PARTITION BY invoice_id ORDER BY number DESC)) y
            GROUP BY invoice_id) n ON n.invoice_id = i.id
        WHERE n.amount <> i.gross_amount OR n.own <> i.own_gross OR n.wrong > 0
        """,
    ),
    Invariant(
        "credited_within_invoice",
        "No line is credited beyond what it charged, no deposit deducted beyond what it asked for",
        """
        SELECT i.number, l.id AS line, l.net_amount, c.net AS credited, d.net AS deducted
        FROM erp_invoiceline l JOIN erp_invoice i ON i.id = l.invoice_id AND i.kind <> 'credit_note'
        JOIN LATERAL (SELECT coalesce(sum(net_amount), 0) AS net, coalesce(sum(own_net + own_tax), 0) AS own
            FROM erp_invoiceline WHERE credits_id = l.id) c ON true
        JOIN LATERAL (SELECT coalesce(sum(net_amount), 0) AS net FROM erp_invoiceline WHERE deposit_id = l.id) d ON true
        WHERE (l.net_amount + c.net) * l.net_amount < 0 OR d.net > 0
            OR (l.net_amount + c.net = 0 AND l.own_net + l.own_tax + c.own <> 0)
            OR (i.kind = 'deposit' AND l.net_amount + c.net + d.net < 0)
        """,
    ),
    Invariant(
        "payment_is_allocated",
        "No payment is used beyond its amount, no invoice settled beyond its own, and nothing is left of what is whole",
        """
        SELECT p.number, p.amount, a.amount AS used, a.own
        FROM erp_payment p
        JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount, coalesce(sum(own_payment), 0) AS own
            FROM erp_allocation WHERE payment_id = p.id AND kind = 'payment') a ON true
        JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS amount FROM erp_payment WHERE refunds_id = p.id) r ON true
        WHERE abs(a.amount - r.amount) > abs(p.amount) OR a.amount * p.amount < 0
            OR (p.refunds_id IS NOT NULL AND a.amount <> 0) OR (p.amount <> p.own_amount
                AND p.currency_id = (SELECT currency_id FROM masterdata_company WHERE id = p.company_id))
            OR (p.amount = 0 AND (a.amount <> 0 OR a.own <> 0)) OR (a.amount = p.amount AND a.own <> p.own_amount)
        UNION ALL
        SELECT i.number, i.gross_amount, sum(a.amount), sum(a.own_amount)
        FROM erp_invoice i JOIN erp_allocation a ON a.invoice_id = i.id
        GROUP BY i.id HAVING abs(sum(a.amount)) > abs(i.gross_amount) OR sum(a.amount) * i.gross_amount < 0
            OR (sum(a.amount) = i.gross_amount AND sum(a.own_amount) <> i.own_gross)
        """,
    ),
    Invariant(
        "receivable_equals_open_invoices",
        "The receivables account is what each customer still owes by invoices, payments and discounts",
        f"""
        WITH owed AS (SELECT company_id, customer_id, sum(own) AS amount FROM ({_OWED}) x GROUP BY 1, 2),
        booked AS (
            SELECT a.company_id, j.partner_id AS customer_id, sum(j.amount) AS amount FROM erp_journalline j
            JOIN erp_account a ON a.id = j.account_id AND a.role = 'receivable' GROUP BY 1, 2
        )
        SELECT coalesce(o.company_id, b.company_id) AS company, coalesce(o.customer_id, b.customer_id) AS customer,
            b.amount AS ledger, o.amount AS open
        FROM owed o FULL JOIN booked b
            ON b.company_id = o.company_id AND b.customer_id = o.customer_id
        WHERE coalesce(o.amount, 0) <> coalesce(b.amount, 0)
        """,  # noqa: S608 (a constant)
    ),
    Invariant(
        "foreign_receivable_equals_open_invoices",
        "In another currency too, the receivables account is what each customer still owes",
        f"""
        WITH owed AS (
            SELECT x.company_id, x.customer_id, x.currency_id, sum(x.amount) AS amount FROM ({_OWED}) x
            JOIN masterdata_company c ON c.id = x.company_id AND c.currency_id <> x.currency_id GROUP BY 1, 2, 3
        ), booked AS (
            SELECT a.company_id, j.partner_id AS customer_id, j.currency_id, sum(j.currency_amount) AS amount
            FROM erp_journalline j JOIN erp_account a ON a.id = j.account_id AND a.role = 'receivable'
            WHERE j.currency_id IS NOT NULL GROUP BY 1, 2, 3
        )
        SELECT coalesce(o.company_id, b.company_id) AS company, coalesce(o.customer_id, b.customer_id) AS customer,
            coalesce(o.currency_id, b.currency_id) AS currency, b.amount AS ledger, o.amount AS open
        FROM owed o FULL JOIN booked b
            ON b.company_id = o.company_id AND b.customer_id = o.customer_id AND b.currency_id = o.currency_id
        WHERE coalesce(o.amount, 0) <> coalesce(b.amount, 0)
        """,  # noqa: S608 (a constant)
    ),
    Invariant(
        "deposits_equal_their_account",
        "The deposits account is what deposit invoices asked for and no invoice or credit note took back",
        """
        WITH owed AS (
            SELECT i.company_id, i.customer_id, sum(l.own_net) AS amount
            FROM erp_invoiceline l JOIN erp_invoice i ON i.id = l.invoice_id
            LEFT JOIN erp_invoice c ON c.id = i.credits_id
            WHERE l.deposit_id IS NOT NULL OR 'deposit' IN (i.kind, c.kind) GROUP BY 1, 2
        ), booked AS (
            SELECT a.company_id, j.partner_id AS customer_id, -sum(j.amount) AS amount FROM erp_journalline j
            JOIN erp_account a ON a.id = j.account_id AND a.role = 'deposit' GROUP BY 1, 2
        )
        SELECT coalesce(o.company_id, b.company_id) AS company, coalesce(o.customer_id, b.customer_id) AS customer,
            b.amount AS ledger, o.amount AS open
        FROM owed o FULL JOIN booked b
            ON b.company_id = o.company_id AND b.customer_id = o.customer_id
        WHERE coalesce(o.amount, 0) <> coalesce(b.amount, 0)
        """,
    ),
    Invariant(
        "legal_numbers_gapless",
        "Invoices, credit notes and payments are numbered from 1 without a gap, per company, kind and year",
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
