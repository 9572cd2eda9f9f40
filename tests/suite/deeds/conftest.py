"""The busy workshop whose quotations are scheduled."""

import pytest

from tests.flows.workshop import Workshop
from tests.suite.deeds import scheduling
from tests.suite.deeds.scheduling import by_itself as by_itself


@pytest.fixture
def shop(db: None) -> Workshop:
    return scheduling.busy_shop()
