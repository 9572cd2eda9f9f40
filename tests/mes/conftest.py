"""Every test of the floor that wrote something also leaves the invariants of floor and hub whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from erp.invariants import INVARIANTS as HUB
from mes.invariants import INVARIANTS as FLOOR

# Lists of these tests are told by hand, no plan was published.
NEEDS_A_PLAN = "dispatch_not_newer_than_the_plan"


@pytest.fixture(autouse=True)
def invariants_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test with the database: no invariant has an offending row."""
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "db")
    yield
    if connection.needs_rollback:
        return
    broken = {}
    with connection.cursor() as cursor:
        for invariant in [*FLOOR, *HUB]:
            if invariant.name == NEEDS_A_PLAN:
                continue
            cursor.execute(invariant.sql)
            if rows := cursor.fetchall():
                broken[invariant.name] = rows
    assert broken == {}
