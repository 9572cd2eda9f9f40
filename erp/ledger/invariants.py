"""Invariants of the ledger."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from masterdata.invariants import Invariant

NEWEST = 100_000
"""So many entries are looked at where somebody waits; the database holds the rest by triggers."""
_OF_NEWEST = f"l.entry_id > (SELECT max(id) FROM erp_journalentry) - {NEWEST} AND"  # noqa: S608 (our own words)
_SCOPE = _("the newest 100,000 entries")
_COMPANY_OF_LINES = """
    SELECT l.id, e.source FROM erp_journalline l
    JOIN erp_journalentry e ON e.id = l.entry_id
    JOIN erp_account a ON a.id = l.account_id
    LEFT JOIN masterdata_plant p ON p.id = l.plant_id
    LEFT JOIN erp_salesorder s ON s.id = l.sales_order_id
    WHERE {which} (a.company_id <> e.company_id OR p.company_id <> e.company_id OR s.company_id <> e.company_id)
"""

INVARIANTS = [
    Invariant(
        "entries_balance",
        "Debits equal credits in every journal entry",
        "SELECT entry_id, sum(amount) AS difference FROM erp_journalline GROUP BY entry_id HAVING sum(amount) <> 0",
        recent=f"""
        SELECT entry_id, sum(amount) AS difference FROM erp_journalline
        WHERE entry_id > (SELECT max(id) FROM erp_journalentry) - {NEWEST}
        GROUP BY entry_id HAVING sum(amount) <> 0
        """,  # noqa: S608 (our own words)
        scope=_SCOPE,
    ),
    Invariant(
        "no_empty_entry",
        "No journal entry is empty",
        """
        SELECT e.id, e.source FROM erp_journalentry e
        WHERE NOT EXISTS (SELECT 1 FROM erp_journalline l WHERE l.entry_id = e.id)
        """,
        recent=f"""
        SELECT e.id, e.source FROM erp_journalentry e
        WHERE e.id > (SELECT max(id) FROM erp_journalentry) - {NEWEST}
            AND NOT EXISTS (SELECT 1 FROM erp_journalline l WHERE l.entry_id = e.id)
        """,  # noqa: S608 (our own words)
        scope=_SCOPE,
    ),
    # That the period was open is the trigger's to hold (`guards_stand` sees that it does): no row says when it closed.
    Invariant(
        "entries_lie_in_their_period",
        "Every journal entry has a period and is dated within it, in its own company",
        """
        SELECT e.id, e.posted_on, p.starts_on, p.ends_on
        FROM erp_journalentry e LEFT JOIN erp_period p ON p.id = e.period_id
        WHERE p.id IS NULL OR p.company_id <> e.company_id OR e.posted_on NOT BETWEEN p.starts_on AND p.ends_on
        """,
    ),
    Invariant(
        "periods_do_not_overlap",
        "A day lies in at most one period of a company",
        """
        SELECT c.code AS company, a.starts_on, a.ends_on, b.starts_on AS other_starts_on, b.ends_on AS other_ends_on
        FROM erp_period a JOIN erp_period b ON b.company_id = a.company_id AND b.id > a.id
            AND b.starts_on <= a.ends_on AND a.starts_on <= b.ends_on
        JOIN masterdata_company c ON c.id = a.company_id
        """,
    ),
    Invariant(
        "lines_stay_in_their_company",
        "Account, plant, orders and entry of a journal line belong to one company",
        _COMPANY_OF_LINES.format(which=""),
        recent=_COMPANY_OF_LINES.format(which=_OF_NEWEST),
        scope=_SCOPE,
    ),
    Invariant(
        "reversed_at_most_once",
        "An entry is reversed at most once, and its reversal undoes it account by account",
        """
        SELECT min(id) AS id, reverses_id FROM erp_journalentry WHERE reverses_id IS NOT NULL
        GROUP BY reverses_id HAVING count(*) > 1
        UNION ALL
        SELECT r.id, r.reverses_id FROM erp_journalentry r
        JOIN LATERAL (
            SELECT account_id, sum(amount) AS amount FROM erp_journalline
            WHERE entry_id IN (r.id, r.reverses_id) GROUP BY 1 HAVING sum(amount) <> 0
        ) x ON true
        WHERE r.reverses_id IS NOT NULL
        """,
    ),
]
