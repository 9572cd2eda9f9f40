"""Invariants of the ledger."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "entries_balance",
        "Debits equal credits in every journal entry",
        "SELECT entry_id, sum(amount) AS difference FROM erp_journalline GROUP BY entry_id HAVING sum(amount) <> 0",
    ),
    Invariant(
        "no_empty_entry",
        "No journal entry is empty",
        """
        SELECT e.id, e.source FROM erp_journalentry e
        WHERE NOT EXISTS (SELECT 1 FROM erp_journalline l WHERE l.entry_id = e.id)
        """,
    ),
    Invariant(
        "entries_lie_in_their_period",
        "Every journal entry is dated within its period, in its own company",
        """
        SELECT e.id, e.posted_on, p.starts_on, p.ends_on FROM erp_journalentry e JOIN erp_period p ON p.id = e.period_id
        WHERE p.company_id <> e.company_id OR e.posted_on NOT BETWEEN p.starts_on AND p.ends_on
        """,
    ),
    Invariant(
        "lines_stay_in_their_company",
        "Account, plant, orders and entry of a journal line belong to one company",
        """
        SELECT l.id, e.source FROM erp_journalline l
        JOIN erp_journalentry e ON e.id = l.entry_id
        JOIN erp_account a ON a.id = l.account_id
        LEFT JOIN masterdata_plant p ON p.id = l.plant_id
        LEFT JOIN erp_salesorder s ON s.id = l.sales_order_id
        WHERE a.company_id <> e.company_id OR p.company_id <> e.company_id OR s.company_id <> e.company_id
        """,
    ),
    Invariant(
        "reversed_at_most_once",
        "A reversal undoes its entry line by line",
        """
        SELECT r.id, r.reverses_id FROM erp_journalentry r
        JOIN LATERAL (
            SELECT account_id, sum(amount) AS amount FROM erp_journalline
            WHERE entry_id IN (r.id, r.reverses_id) GROUP BY 1 HAVING sum(amount) <> 0
        ) x ON true
        WHERE r.reverses_id IS NOT NULL
        """,
    ),
]
