"""The demo before the quote: a pipeline that looks alive, and pages of it that take few queries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from crm.models import Case, Lead, Opportunity
from masterdata.models import Partner
from suite import audit
from suite.demo import people, pipeline
from suite.demo.catalogue import build
from suite.demo.factory import Demo
from tests.crm.orders import confirmed
from tests.flows import workshop
from tests.flows.workshop import Workshop


@pytest.fixture
def demo(db: None) -> Demo:
    """The workshop, with the people and customers of the demo."""
    shop: Workshop = workshop.build()
    shop.quantity("LEG", 500)
    now = timezone.now()
    for _ in range(3):
        confirmed(shop, 1, now=now)
    made = Demo(
        now=now, company=shop.company, catalogue=build(), customers=list(Partner.objects.filter(is_customer=True))
    )
    made.plants = {"DG": shop.plant, "PZ": shop.plant}
    return made


def test_the_pipeline_of_the_demo_is_alive_and_sound(demo: Demo, client: Client) -> None:
    users = people.hire(demo)
    pipeline.tell(demo, users)
    assert (Opportunity.objects.count(), Lead.objects.count(), Case.objects.count()) == (16, 5, 3)
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []
    client.force_login(users["sara"])
    for name, most in (("pipeline", 16), ("opportunities", 16), ("leads", 14), ("my_activities", 12), ("cases", 14)):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(f"crm:{name}")).status_code == 200
        assert len(captured) <= most, (name, len(captured))
