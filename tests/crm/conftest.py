"""The workshop whose customers are promised something, and who sits at the pages of sales."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import timezone

from masterdata import rights
from suite.roles import ROLES
from tests.crm.desk import settle
from tests.crm.orders import confirmed
from tests.flows import workshop
from tests.flows.workshop import Workshop
from tests.pages.conftest import person


@pytest.fixture
def shop(db: None) -> workshop.Workshop:
    """The small workshop with legs for many stools."""
    built = workshop.build()
    built.quantity("LEG", 500)
    return built


@pytest.fixture
def sara(client: Client, shop: Workshop) -> Client:
    client.force_login(person("sara", "sales", shop.plant))
    return client


@pytest.fixture
def blind(sara: Client) -> Iterator[Client]:
    """The same person, whose role may not see cost."""
    rights.install({**ROLES, "sales": ROLES["sales"] - {"erp.view_cost"}})
    yield sara
    rights.install(ROLES)


@pytest.fixture
def busy(shop: Workshop) -> Workshop:
    """Six stools of another order are planned on the one assembly machine: 6 h of work."""
    shop.by_the_hour()
    confirmed(shop, 6, now=timezone.now())
    settle(shop)
    return shop
