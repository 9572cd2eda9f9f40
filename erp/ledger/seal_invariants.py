"""Invariants of seals and totals: the chain is computed again, the totals are added up again.

An entry's hash takes some 40 us: of a large journal a page computes the newest ones again, with the end of each batch;
`manage.py audit` computes all.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from erp.ledger.seal_text import DIGEST
from masterdata.invariants import Invariant

NEWEST = 20_000
"""So many entries of each company are looked at where somebody waits."""

_ZEROS = "decode(repeat('00', 32), 'hex')"
_CHAIN = f"""
    SELECT 'JE-' || s.year || '-' || lpad(s.number::text, 6, '0') AS number, s.entry_id,
        CASE WHEN s.follows THEN 'entry or lines changed' ELSE 'chain broken' END AS problem
    FROM (
        SELECT s.*, s.previous = lag(s.digest, 1, {{first}})
            OVER (PARTITION BY s.company_id ORDER BY s.position) AS follows
        FROM {{seals}}
    ) s JOIN erp_journalentry e ON e.id = s.entry_id
    WHERE NOT s.follows OR s.company_id <> e.company_id OR s.digest <> sha256(s.previous || {DIGEST})
    UNION ALL
    SELECT 'JE-' || s.year || '-' || lpad(s.number::text, 6, '0'), s.entry_id, 'not the end of its batch'
    FROM erp_sealbatch b JOIN erp_entryseal s ON s.company_id = b.company_id AND s.position = b.last_position
    WHERE s.digest <> b.digest
"""  # noqa: S608 (our own words)
_NEWEST_SEALS = f"""
    (SELECT company_id, max(last_position) - {NEWEST} AS floor FROM erp_sealbatch GROUP BY 1) f
    CROSS JOIN LATERAL (
        SELECT * FROM erp_entryseal x WHERE x.company_id = f.company_id AND x.position > f.floor
    ) s
"""  # noqa: S608 (our own words)
_NUMBERS = """
    SELECT c.code AS company, NULL::int AS year, b.entry_count AS entries, b.last_position AS last
    FROM (
        SELECT *, coalesce(lag(last_position) OVER (PARTITION BY company_id ORDER BY batch_no), 0) AS before
        FROM erp_sealbatch
    ) b JOIN masterdata_company c ON c.id = b.company_id WHERE b.before + b.entry_count <> b.last_position
"""
_DAYS = """
    WITH {days} lines AS (
        SELECT l.account_id, e.posted_on, l.plant_id, coalesce(o.kind, e.kind) = 'closing' AS is_closing,
            sum(greatest(l.amount, 0)) AS debit, sum(greatest(-l.amount, 0)) AS credit
        FROM {entries} JOIN erp_entryseal s ON s.entry_id = e.id
        JOIN erp_journalline l ON l.entry_id = e.id LEFT JOIN erp_journalentry o ON o.id = e.reverses_id
        GROUP BY 1, 2, 3, 4
    ), totals AS (
        {totals}
    )
    SELECT a.code AS account, coalesce(t.posted_on, l.posted_on) AS day, t.debit, t.credit,
        l.debit AS lines_debit, l.credit AS lines_credit
    FROM totals t FULL JOIN lines l ON l.account_id = t.account_id AND l.posted_on = t.posted_on
        AND coalesce(l.plant_id, 0) = coalesce(t.plant_id, 0) AND l.is_closing = t.is_closing
    JOIN erp_account a ON a.id = coalesce(t.account_id, l.account_id)
    WHERE t.debit IS DISTINCT FROM l.debit OR t.credit IS DISTINCT FROM l.credit
"""
_LAST_DAYS = """
    days AS (
        SELECT d.company_id, d.posted_on, p.id AS period_id FROM (
            SELECT a.company_id, t.posted_on, row_number() OVER (
                PARTITION BY a.company_id ORDER BY t.posted_on DESC) AS n
            FROM erp_dailytotal t JOIN erp_account a ON a.id = t.account_id GROUP BY 1, 2
        ) d JOIN erp_period p ON p.company_id = d.company_id AND d.posted_on BETWEEN p.starts_on AND p.ends_on
        WHERE d.n <= 7
    ),
"""
_WHOLE = {"days": "", "entries": "erp_journalentry e", "totals": "SELECT * FROM erp_dailytotal"}
_LATELY = {
    "days": _LAST_DAYS,
    "entries": "days d JOIN erp_journalentry e ON e.period_id = d.period_id AND e.posted_on = d.posted_on",
    "totals": """SELECT t.* FROM days d JOIN erp_account a ON a.company_id = d.company_id
        JOIN erp_dailytotal t ON t.account_id = a.id AND t.posted_on = d.posted_on""",
}

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
        f"""
        SELECT c.code AS company, s.year, count(*) AS entries, max(s.number)::bigint AS last
        FROM erp_entryseal s JOIN masterdata_company c ON c.id = s.company_id
        GROUP BY c.code, s.year HAVING count(*) <> max(s.number) OR min(s.number) <> 1
        UNION ALL
        {_NUMBERS}
        UNION ALL
        SELECT c.code, NULL, count(*), max(s.position)
        FROM erp_entryseal s JOIN masterdata_company c ON c.id = s.company_id
        GROUP BY c.code HAVING max(s.position) <> count(*) OR max(s.position) IS DISTINCT FROM (
            SELECT max(b.last_position) FROM erp_sealbatch b WHERE b.company_id = min(s.company_id))
        """,  # noqa: S608 (our own words)
    ),
    Invariant(
        "journal_is_as_it_was_sealed",
        "Each seal follows from the one before and from the entry as it stands now",
        _CHAIN.format(first=_ZEROS, seals="erp_entryseal s"),
        recent=_CHAIN.format(first=f"CASE WHEN s.position = 1 THEN {_ZEROS} ELSE s.previous END", seals=_NEWEST_SEALS),
        scope=_("the newest 20,000 entries of each company, and the end of every batch"),
    ),
    Invariant(
        "totals_are_sums_of_sealed_lines",
        "The totals of an account by period and plant are those of its days",
        """
        WITH days AS (
            SELECT t.account_id, p.id AS period_id, t.plant_id, t.is_closing, sum(t.debit) AS debit,
                sum(t.credit) AS credit
            FROM erp_dailytotal t JOIN erp_account a ON a.id = t.account_id
            LEFT JOIN erp_period p ON p.company_id = a.company_id AND t.posted_on BETWEEN p.starts_on AND p.ends_on
            GROUP BY 1, 2, 3, 4
        )
        SELECT a.code AS account, p.starts_on AS period, t.debit, t.credit, d.debit AS days_debit,
            d.credit AS days_credit
        FROM erp_accounttotal t FULL JOIN days d ON d.account_id = t.account_id AND d.period_id = t.period_id
            AND coalesce(d.plant_id, 0) = coalesce(t.plant_id, 0) AND d.is_closing = t.is_closing
        JOIN erp_account a ON a.id = coalesce(t.account_id, d.account_id)
        LEFT JOIN erp_period p ON p.id = coalesce(t.period_id, d.period_id)
        WHERE t.debit IS DISTINCT FROM d.debit OR t.credit IS DISTINCT FROM d.credit
        """,
    ),
    Invariant(
        "daily_totals_are_sums_of_sealed_lines",
        "The totals of an account by day and plant are the sums of its sealed lines",
        _DAYS.format(**_WHOLE),
        recent=_DAYS.format(**_LATELY),
        scope=_("the last seven days on which each company posted"),
    ),
]
