"""Document numbers: legal ones have no gaps and are given one after the other, working ones to many at once."""

from __future__ import annotations

from masterdata import statements
from masterdata.models import Company

WORKING = frozenset({"MJ", "NC", "PK", "PO", "RA", "RC", "RT", "SH", "SN", "SO", "TR", "WO"})
"""Kinds that many take at the same moment, and that may have gaps."""

_NEXT = """
    INSERT INTO masterdata_numberseries (company_id, kind, year, last_no) VALUES (%s, %s, %s, %s)
    ON CONFLICT (company_id, kind, year) DO UPDATE SET last_no = masterdata_numberseries.last_no + EXCLUDED.last_no
    RETURNING last_no
"""
_TAKE = """
    WITH mine AS (
        SELECT f.id FROM masterdata_freenumber f JOIN masterdata_numberseries s ON s.id = f.series_id
        WHERE s.company_id = %s AND s.kind = %s AND s.year = %s ORDER BY f.no LIMIT %s FOR UPDATE OF f SKIP LOCKED
    )
    DELETE FROM masterdata_freenumber f USING mine WHERE f.id = mine.id RETURNING f.no
"""
# Some more than are missing, so that those who come next find free ones and wait for nobody.
_FILL = """
    WITH series AS (
        INSERT INTO masterdata_numberseries (company_id, kind, year, last_no) VALUES (%s, %s, %s, %s::bigint + %s)
        ON CONFLICT (company_id, kind, year) DO UPDATE SET last_no = masterdata_numberseries.last_no + EXCLUDED.last_no
        RETURNING id, last_no
    ), filled AS (
        INSERT INTO masterdata_freenumber (series_id, no)
        SELECT id, number FROM series, generate_series(last_no - %s + 1, last_no) number
    )
    SELECT last_no FROM series
"""
LEAST_AHEAD, MOST_AHEAD = 32, 1000


def next_numbers(*, company: Company, kind: str, year: int, count: int = 1) -> list[str]:
    """`count` numbers such as SO-2026-00017, rising.

    Those of a legal kind are consecutive and without gaps: the series is locked until the caller's transaction ends, so
    take them as the last lock of the posting. A working kind's are the lowest that nobody else is just taking: nobody
    waits for another's commit, and a number whose transaction is rolled back is taken by the next.
    """
    series = (company.pk, kind, year)
    found = _free(series, count) if kind in WORKING else _locked(series, count)
    return [f"{kind}-{year}-{number:05d}" for number in found]


def _locked(series: tuple[int, str, int], count: int) -> list[int]:
    last: int = statements.run(_NEXT, [*series, count])[0][0]
    return list(range(last - count + 1, last + 1))


def _free(series: tuple[int, str, int], count: int) -> list[int]:
    found = sorted(number for (number,) in statements.run(_TAKE, [*series, count]))
    missing = count - len(found)
    if missing:
        ahead = min(max(LEAST_AHEAD, 10 * count), MOST_AHEAD)
        last: int = statements.run(_FILL, [*series, missing, ahead, ahead])[0][0]
        found += range(last - ahead - missing + 1, last - ahead + 1)
    return found
