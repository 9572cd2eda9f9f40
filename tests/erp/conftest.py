"""Fixtures of the hub's tests."""

import pytest

from tests.erp.shop import Shop


@pytest.fixture
def shop(db: None) -> Shop:
    """An empty shop with open books."""
    return Shop()
