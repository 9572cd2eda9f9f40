"""Numbers of working documents while several transactions are open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from masterdata.models import Company, Currency, FreeNumber
from masterdata.numbering import MOST_AHEAD, next_numbers

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def company() -> Company:
    return Company.objects.create(code="C", name="C", currency=Currency.objects.create(code="EUR", name="Euro"))


def _elsewhere(company: Company, kind: str = "RC") -> str:
    """Taken and committed by another connection, which waits for nobody."""

    def take() -> str:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '5s'")
                return next_numbers(company=company, kind=kind, year=2026)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(take).result()


def test_nobody_waits_and_what_is_rolled_back_is_taken_by_the_next(company: Company) -> None:
    """1 is committed; 2 is held while 3 is taken elsewhere; 2 is given back, so the next is 2 and then 4."""
    assert _elsewhere(company) == "RC-2026-00001"
    with transaction.atomic():
        assert next_numbers(company=company, kind="RC", year=2026) == ["RC-2026-00002"]
        assert _elsewhere(company) == "RC-2026-00003"
        transaction.set_rollback(True)
    assert _elsewhere(company) == "RC-2026-00002"
    assert _elsewhere(company) == "RC-2026-00004"


def test_more_than_are_free_are_taken_in_one_go_and_rise(company: Company) -> None:
    """The first takes 1 to 40 and leaves 400 free; 450 more are those 400 and 50 new ones."""
    assert len(next_numbers(company=company, kind="WO", year=2026, count=40)) == 40
    more = next_numbers(company=company, kind="WO", year=2026, count=450)
    assert more == [f"WO-2026-{number:05d}" for number in range(41, 491)]
    assert FreeNumber.objects.count() == MOST_AHEAD


def test_eight_at_once_never_share_a_number(company: Company) -> None:
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda _: _elsewhere(company, "PO"), range(64)))
    assert len(set(taken)) == 64
    assert max(taken) < "PO-2026-00400"
