"""Every test of the hub that wrote something also leaves its invariants whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from erp.invariants import INVARIANTS
from tests.erp.shop import Shop


@pytest.fixture
def shop(db: None) -> Shop:
    """An empty shop with open books."""
    return Shop()


@pytest.fixture(autouse=True)
def invariants_hold(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test with the database: no invariant of the hub has an offending row."""
    marked = request.node.get_closest_marker("django_db") is not None or "db" in request.fixturenames
    if marked:
        request.getfixturevalue("db")
    elif "committed" in request.fixturenames:
        request.getfixturevalue("committed")
        marked = True
    yield
    if marked and not connection.needs_rollback:
        with connection.cursor() as cursor:
            broken = {}
            for invariant in INVARIANTS:
                cursor.execute(invariant.sql)
                if rows := cursor.fetchall():
                    broken[invariant.name] = rows
        assert broken == {}
