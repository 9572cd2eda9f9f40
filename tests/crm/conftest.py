"""The workshop whose customers are promised something."""

import pytest

from tests.flows import workshop


@pytest.fixture
def shop(db: None) -> workshop.Workshop:
    """The small workshop with legs for many stools."""
    built = workshop.build()
    built.quantity("LEG", 500)
    return built
