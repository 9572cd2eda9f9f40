"""Invariants of bank statements."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "bank_line_matched_within_itself",
        "No line of a bank statement is matched beyond its amount, nor with more of a payment than that is",
        """
        SELECT l.id AS line, l.amount, sum(m.amount) AS matched
        FROM erp_bankline l JOIN erp_bankmatch m ON m.line_id = l.id AND m.undone_at IS NULL
        GROUP BY l.id HAVING abs(sum(m.amount)) > abs(l.amount) OR min(m.amount * l.amount) < 0
        UNION ALL
        SELECT m.line_id, coalesce(p.amount, -s.amount), sum(m.amount) FROM erp_bankmatch m
        LEFT JOIN erp_payment p ON p.id = m.payment_id LEFT JOIN erp_supplierpayment s ON s.id = m.supplier_payment_id
        WHERE m.undone_at IS NULL AND m.entry_id IS NULL
        GROUP BY m.line_id, p.id, s.id HAVING sum(m.amount) <> coalesce(p.amount, -s.amount)
        """,
    ),
    Invariant(
        "bank_posting_stands_in_its_account",
        "What a line was posted for stands in the ledger account of its bank account",
        """
        SELECT m.id, m.amount, j.amount AS booked FROM erp_bankmatch m
        JOIN erp_bankline l ON l.id = m.line_id JOIN erp_bankaccount b ON b.id = l.bank_account_id
        JOIN LATERAL (SELECT sum(coalesce(currency_amount, amount)) AS amount FROM erp_journalline
            WHERE entry_id = m.entry_id AND account_id = b.account_id) j ON true
        WHERE m.entry_id IS NOT NULL AND m.amount IS DISTINCT FROM j.amount
        """,
    ),
]
