"""Fixtures of planning."""

from collections.abc import Iterator

import pytest
from django.test import override_settings


@pytest.fixture(autouse=True)
def small_budget() -> Iterator[None]:
    """Plans of a handful of operations: the search in this process ends after a few moves."""
    with override_settings(THROUGHLINE_SOLVE_MOVES=500):
        yield
