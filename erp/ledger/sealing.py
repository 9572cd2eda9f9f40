"""Sealing: journal entries get their legal number, their place in the hash chain, and go into the totals.

Postings never wait for a number: they leave their entries waiting (UnsealedEntry), and a task seals what is committed.
An entry with a smaller id that is committed later simply comes with a later batch.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from django.db import connection, transaction

from erp.ledger.models import SealBatch, UnsealedEntry
from erp.ledger.seal_text import DIGEST, FIRST

LOCK = 11
"""The class of advisory locks under which one sealer works for a company."""
MOST_AT_ONCE = 100_000

_PLACES = f"""
    WITH waiting AS (
        SELECT e.id, extract(year FROM e.posted_on)::int AS year
        FROM erp_unsealedentry u JOIN erp_journalentry e ON e.id = u.entry_id
        WHERE e.company_id = %(company)s AND e.id BETWEEN (SELECT min(entry_id) FROM erp_unsealedentry)
            AND (SELECT max(entry_id) FROM erp_unsealedentry) ORDER BY e.id LIMIT %(most)s
    ), numbered AS (
        SELECT y.year, (
            SELECT max(number) FROM erp_entryseal WHERE company_id = %(company)s AND year = y.year
        ) AS last FROM (SELECT DISTINCT year FROM waiting) y
    ), s AS (
        SELECT w.id, %(company)s::bigint AS company_id, w.year,
            %(last)s::bigint + row_number() OVER (ORDER BY w.id) AS position,
            coalesce(n.last, 0) + row_number() OVER (PARTITION BY w.year ORDER BY w.id) AS number
        FROM waiting w LEFT JOIN numbered n ON n.year = w.year
    )
    SELECT s.id, s.position, s.year, s.number, {DIGEST}
    FROM s JOIN erp_journalentry e ON e.id = s.id
    WHERE e.id BETWEEN (SELECT min(id) FROM waiting) AND (SELECT max(id) FROM waiting) ORDER BY s.position
"""  # noqa: S608 (our own words)
_COPY = "COPY erp_entryseal (entry_id, company_id, position, year, number, previous, digest) FROM STDIN"
_TOTALS = """
    WITH days AS (
        SELECT l.account_id, e.period_id, e.posted_on, l.plant_id, coalesce(o.kind, e.kind) = 'closing' AS is_closing,
            coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0) AS debit,
            coalesce(-sum(l.amount) FILTER (WHERE l.amount < 0), 0) AS credit
        FROM erp_entryseal s JOIN erp_journalentry e ON e.id = s.entry_id JOIN erp_journalline l ON l.entry_id = e.id
        LEFT JOIN erp_journalentry o ON o.id = e.reverses_id
        WHERE s.company_id = %s AND s.position > %s AND e.id BETWEEN %s AND %s AND l.entry_id BETWEEN %s AND %s
        GROUP BY 1, 2, 3, 4, 5
    ), daily AS (
        INSERT INTO erp_dailytotal AS t (account_id, posted_on, plant_id, is_closing, debit, credit)
        SELECT account_id, posted_on, plant_id, is_closing, debit, credit FROM days
        ON CONFLICT (account_id, posted_on, plant_id, is_closing)
        DO UPDATE SET debit = t.debit + EXCLUDED.debit, credit = t.credit + EXCLUDED.credit
    )
    INSERT INTO erp_accounttotal AS t (account_id, period_id, plant_id, is_closing, debit, credit)
    SELECT account_id, period_id, plant_id, is_closing, sum(debit), sum(credit) FROM days GROUP BY 1, 2, 3, 4
    ON CONFLICT (account_id, period_id, plant_id, is_closing)
    DO UPDATE SET debit = t.debit + EXCLUDED.debit, credit = t.credit + EXCLUDED.credit
"""
_NO_LONGER_WAITING = """
    DELETE FROM erp_unsealedentry u USING erp_entryseal s
    WHERE s.entry_id = u.entry_id AND s.company_id = %s AND s.position > %s
"""


def companies_to_seal() -> list[int]:
    """Companies with an entry that waits."""
    waiting = UnsealedEntry.objects.order_by().values_list("entry__company_id", flat=True)
    return sorted(waiting.distinct())


@transaction.atomic
def seal_entries(*, company_id: int, now: dt.datetime, is_waiting: bool = False, most: int = MOST_AT_ONCE) -> int:
    """Seal committed entries of the company in the order of their ids, at most `most`; how many.

    One sealer at a time works for a company: another one leaves with nothing, or with `is_waiting` comes after it.
    """
    with connection.cursor() as cursor:
        if not _is_ours(cursor, company_id, is_waiting=is_waiting):
            return 0
        last = SealBatch.objects.filter(company=company_id).order_by("-batch_no").first()
        at = last.last_position if last else 0
        cursor.execute(_PLACES, {"company": company_id, "most": most, "last": at})
        rows = cursor.fetchall()
        if not rows:
            return 0
        digests = _chain(bytes(last.digest) if last else FIRST, [bytes(row[4]) for row in rows])
        SealBatch.objects.create(
            company_id=company_id,
            batch_no=last.batch_no + 1 if last else 1,
            sealed_at=now,
            entry_count=len(rows),
            last_position=at + len(rows),
            digest=digests[-1],
        )
        with cursor.copy(_COPY) as copy:
            for (entry, position, year, number, _content), previous, digest in zip(
                rows, digests, digests[1:], strict=False
            ):
                copy.write_row((entry, company_id, position, year, number, previous, digest))
        ends = [rows[0][0], rows[-1][0]]
        cursor.execute(_TOTALS, [company_id, at, *ends, *ends])
        cursor.execute(_NO_LONGER_WAITING, [company_id, at])
    return len(rows)


@transaction.atomic
def seal_all(*, company_id: int, now: dt.datetime) -> int:
    """Seal everything of the company that waits, after whoever is just sealing; how many entries."""
    sealed = 0
    while found := seal_entries(company_id=company_id, now=now, is_waiting=True):
        sealed += found
    return sealed


def _is_ours(cursor: Any, company_id: int, *, is_waiting: bool) -> bool:
    if is_waiting:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, company_id])
        return True
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, company_id])
    return bool(cursor.fetchone()[0])


def _chain(first: bytes, contents: Sequence[bytes]) -> list[bytes]:
    """The digest before, then that of each entry."""
    digests = [first]
    for content in contents:
        digests.append(sha256(digests[-1] + content).digest())
    return digests
