"""Invariants of manual entries."""

from __future__ import annotations

from erp.books.services.drafts import CONTROLLED
from masterdata.invariants import Invariant

_ROLES = ", ".join(f"'{role}'" for role in sorted(CONTROLLED))

INVARIANTS = [
    Invariant(
        "manual_entries_stand_in_the_journal",
        "What was written by hand and posted stands in the journal account by account",
        """
        SELECT m.number, a.code AS account, sum(x.written) AS written, sum(x.posted) AS posted FROM (
            SELECT l.manual_entry_id, l.account_id, l.amount AS written, 0 AS posted FROM erp_manualentryline l
            UNION ALL
            SELECT m.id, l.account_id, 0, l.amount
            FROM erp_journalline l JOIN erp_manualentry m ON m.entry_id = l.entry_id
        ) x JOIN erp_manualentry m ON m.id = x.manual_entry_id AND m.state = 'posted'
        JOIN erp_account a ON a.id = x.account_id
        GROUP BY m.number, a.code HAVING sum(x.written) <> sum(x.posted)
        """,
    ),
    Invariant(
        "documents_alone_post_to_control_accounts",
        "Nothing was written by hand to an account that has to tie to its documents",
        f"""
        SELECT e.id, a.code AS account, sum(l.amount) AS amount
        FROM erp_journalentry e JOIN erp_journalline l ON l.entry_id = e.id JOIN erp_account a ON a.id = l.account_id
        WHERE e.kind = 'manual' AND a.role IN ({_ROLES}) GROUP BY e.id, a.code
        """,  # noqa: S608 (our own words)
    ),
]
