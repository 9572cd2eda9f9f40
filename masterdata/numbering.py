"""Document numbers: working documents may have gaps, legal ones may not."""

from __future__ import annotations

from django.db import connection

from masterdata.models import Company

_NEXT = """
    INSERT INTO masterdata_numberseries (company_id, kind, year, last_no) VALUES (%s, %s, %s, %s)
    ON CONFLICT (company_id, kind, year) DO UPDATE SET last_no = masterdata_numberseries.last_no + EXCLUDED.last_no
    RETURNING last_no
"""


def next_numbers(*, company: Company, kind: str, year: int, count: int = 1) -> list[str]:
    """`count` consecutive numbers such as SO-2026-00017.

    Locks the series until the caller's transaction ends, so that numbers have no gaps: take them as the last lock of
    the posting. Working documents take theirs from a series of their own and may lose some.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [company.pk, kind, year, count])
        last = cursor.fetchone()[0]
    return [f"{kind}-{year}-{number:05d}" for number in range(last - count + 1, last + 1)]
