"""What is open on a customer's account at the end of a day, document by document, in the documents' currencies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from masterdata import statements

_OPEN = """
    SELECT i.number, i.kind, i.issued_on, coalesce(n.due_on, i.due_on) AS due_on, i.currency_id,
        coalesce(n.amount, i.gross_amount),
        CASE WHEN n.id IS NULL THEN i.gross_amount - coalesce(a.paid, 0)
            ELSE least(n.amount, i.gross_amount - coalesce(a.paid, 0) - n.rest_amount) END
    FROM erp_invoice i LEFT JOIN erp_invoiceinstalment n ON n.invoice_id = i.id
    LEFT JOIN LATERAL (SELECT sum(x.amount) AS paid FROM erp_allocation x
        LEFT JOIN erp_journalentry e ON e.id = x.entry_id
        WHERE x.invoice_id = i.id AND coalesce(e.posted_on, x.made_at::date) <= %s) a ON true
    WHERE i.company_id = %s AND i.customer_id = %s AND i.issued_on <= %s AND i.gross_amount <> coalesce(a.paid, 0)
        AND (n.id IS NULL OR i.gross_amount - coalesce(a.paid, 0) > n.rest_amount)
    UNION ALL
    SELECT p.number, 'payment', p.received_on, NULL, p.currency_id, -p.amount, coalesce(a.used, 0) - p.amount
    FROM erp_payment p LEFT JOIN erp_journalentry d ON d.id = p.entry_id
    LEFT JOIN LATERAL (SELECT sum(x.amount) AS used FROM erp_allocation x
        LEFT JOIN erp_journalentry e ON e.id = x.entry_id
        WHERE x.payment_id = p.id AND x.kind = 'payment' AND coalesce(e.posted_on, x.made_at::date) <= %s) a ON true
    WHERE p.company_id = %s AND p.customer_id = %s AND coalesce(d.posted_on, p.received_on) <= %s
        AND p.amount <> coalesce(a.used, 0)
    ORDER BY 3, 1, 4
"""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A document or instalment that is not settled: `open_amount` > 0 is owed to us. A payment has no `due_on`."""

    number: str
    kind: str
    issued_on: dt.date
    due_on: dt.date | None
    currency_id: int
    amount: Decimal
    open_amount: Decimal

    def days_overdue(self, on: dt.date) -> int:
        """Zero until the day after it was due."""
        return max(0, (on - self.due_on).days) if self.due_on and self.open_amount > 0 else 0


def open_items(*, company_id: int, customer_id: int, on: dt.date) -> list[OpenItem]:
    """The oldest first; payments count as they were used until then."""
    part = [on, company_id, customer_id, on]
    return [OpenItem(*row) for row in statements.run(_OPEN, part * 2)]
