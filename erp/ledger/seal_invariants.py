"""Invariants of seals and totals: the chain is computed again, the totals are added up again."""

from __future__ import annotations

from erp.ledger.seal_text import DIGEST
from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "entries_are_sealed_or_wait",
        "Every journal entry is sealed or waits for its seal, never both",
        """
        SELECT e.id, e.source FROM erp_journalentry e LEFT JOIN erp_entryseal s ON s.entry_id = e.id
        LEFT JOIN erp_unsealedentry u ON u.entry_id = e.id
        WHERE (s.entry_id IS NULL) = (u.entry_id IS NULL)
        """,
    ),
    Invariant(
        "entry_numbers_are_gapless",
        "Numbers of sealed entries have no gaps by company and year, and each batch says where it ends",
        """
        SELECT c.code AS company, s.year, count(*) AS entries, max(s.number) AS last
        FROM erp_entryseal s JOIN masterdata_company c ON c.id = s.company_id
        GROUP BY c.code, s.year HAVING count(*) <> max(s.number) OR min(s.number) <> 1
        UNION ALL
        SELECT c.code, NULL, b.entry_count, b.last_position
        FROM (
            SELECT *, coalesce(lag(last_position) OVER (PARTITION BY company_id ORDER BY batch_no), 0) AS before
            FROM erp_sealbatch
        ) b JOIN masterdata_company c ON c.id = b.company_id WHERE b.before + b.entry_count <> b.last_position
        UNION ALL
        SELECT c.code, NULL, count(*), max(s.position)
        FROM erp_entryseal s JOIN masterdata_company c ON c.id = s.company_id
        GROUP BY c.code HAVING max(s.position) <> count(*) OR max(s.position) IS DISTINCT FROM (
            SELECT max(b.last_position) FROM erp_sealbatch b WHERE b.company_id = min(s.company_id))
        """,
    ),
    Invariant(
        "journal_is_as_it_was_sealed",
        "Each seal follows from the one before and from the entry as it stands now",
        f"""
        SELECT 'JE-' || s.year || '-' || lpad(s.number::text, 6, '0') AS number, s.entry_id,
            CASE WHEN s.follows THEN 'entry or lines changed' ELSE 'chain broken' END AS problem
        FROM (
            SELECT *, previous = lag(digest, 1, decode(repeat('00', 32), 'hex'))
                OVER (PARTITION BY company_id ORDER BY position) AS follows
            FROM erp_entryseal
        ) s JOIN erp_journalentry e ON e.id = s.entry_id
        WHERE NOT s.follows OR s.company_id <> e.company_id OR s.digest <> sha256(s.previous || {DIGEST})
        UNION ALL
        SELECT 'JE-' || s.year || '-' || lpad(s.number::text, 6, '0'), s.entry_id, 'not the end of its batch'
        FROM erp_sealbatch b JOIN erp_entryseal s ON s.company_id = b.company_id AND s.position = b.last_position
        WHERE s.digest <> b.digest
        """,  # noqa: S608 (our own words)
    ),
    Invariant(
        "totals_are_sums_of_sealed_lines",
        "The totals of an account by period and plant are the sums of its sealed lines",
        """
        WITH lines AS (
            SELECT l.account_id, e.period_id, l.plant_id, coalesce(o.kind, e.kind) = 'closing' AS is_closing,
                sum(greatest(l.amount, 0)) AS debit, sum(greatest(-l.amount, 0)) AS credit
            FROM erp_entryseal s JOIN erp_journalentry e ON e.id = s.entry_id
            JOIN erp_journalline l ON l.entry_id = e.id LEFT JOIN erp_journalentry o ON o.id = e.reverses_id
            GROUP BY 1, 2, 3, 4
        )
        SELECT a.code AS account, p.starts_on AS period, t.debit, t.credit, l.debit AS lines_debit,
            l.credit AS lines_credit
        FROM erp_accounttotal t FULL JOIN lines l ON l.account_id = t.account_id AND l.period_id = t.period_id
            AND coalesce(l.plant_id, 0) = coalesce(t.plant_id, 0) AND l.is_closing = t.is_closing
        JOIN erp_account a ON a.id = coalesce(t.account_id, l.account_id)
        JOIN erp_period p ON p.id = coalesce(t.period_id, l.period_id)
        WHERE t.debit IS DISTINCT FROM l.debit OR t.credit IS DISTINCT FROM l.credit
        """,
    ),
]
