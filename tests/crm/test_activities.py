"""Activities: about one customer, done with the next one, and rung once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from crm import selectors
from crm import services as crm
from crm.models import Activity
from masterdata.errors import InvalidInput
from masterdata.models import Partner, User
from tests.crm.orders import confirmed
from tests.flows.workshop import Workshop
from tests.pages.conftest import person

NOW = timezone.now()
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def owner(shop: Workshop) -> User:
    return person("sara", "sales", shop.plant)


def plan(shop: Workshop, owner: User, about: crm.About | None = None, **given: Any) -> Activity:
    what = {"kind": "call", "subject": "Ask for the drawing", "due_at": NOW + HOUR, "owner_id": owner.pk} | given
    about = about or crm.About(customer_id=shop.customer.pk, company_id=shop.company.pk)
    return crm.plan_activity(about=about, activity=crm.ActivityInput(**what), now=NOW)


def test_an_activity_about_an_order_is_its_customers(shop: Workshop, owner: User) -> None:
    order = confirmed(shop, 1, now=NOW)
    row = plan(shop, owner, crm.About(order_id=order.pk))
    assert (row.customer_id, row.company_id) == (order.customer_id, order.company_id)


def test_documents_of_two_customers_are_refused(shop: Workshop, owner: User) -> None:
    other = Partner.objects.create(code="OTHER", name="Other", is_customer=True)
    order = confirmed(shop, 1, now=NOW)
    with pytest.raises(InvalidInput, match="different customers"):
        plan(shop, owner, crm.About(order_id=order.pk, customer_id=other.pk))


def test_done_with_the_next_one_in_one_step(shop: Workshop, owner: User) -> None:
    row = plan(shop, owner)
    following = crm.ActivityInput(kind="visit", subject="Measure", due_at=NOW + 24 * HOUR, owner_id=owner.pk)
    done, coming = crm.finish_activity(
        activity_id=row.pk, outcome="They want oak", following=following, now=NOW, by=owner
    )
    assert coming is not None
    assert (done.outcome, done.done_by, coming.customer) == ("They want oak", owner, shop.customer)
    with pytest.raises(crm.ActivityIsDone):
        crm.finish_activity(activity_id=row.pk, outcome="", now=NOW)


def test_a_next_one_that_is_refused_leaves_the_first_to_be_done(shop: Workshop, owner: User) -> None:
    row = plan(shop, owner)
    nobody = crm.ActivityInput(kind="visit", subject="", due_at=NOW, owner_id=owner.pk)
    with pytest.raises(InvalidInput):
        crm.finish_activity(activity_id=row.pk, outcome="Done", following=nobody, now=NOW)
    assert Activity.objects.get().done_at is None


def test_a_reminder_rings_once_at_its_time(shop: Workshop, owner: User) -> None:
    row = plan(shop, owner, remind_at=NOW + HOUR / 2)
    assert crm.ring_reminders(now=NOW) == []
    assert crm.ring_reminders(now=NOW + HOUR / 2) == [row]
    assert crm.ring_reminders(now=NOW + HOUR) == []
    assert list(selectors.rung(owner)) == [row]
    assert crm.see_reminders(user=owner, now=NOW) == 1
    assert crm.see_reminders(user=owner, now=NOW) == 0


def test_another_time_rings_again_and_what_is_done_rings_never(shop: Workshop, owner: User) -> None:
    row = plan(shop, owner, remind_at=NOW)
    crm.ring_reminders(now=NOW)
    later = crm.ActivityInput(
        kind="call", subject="Ask again", due_at=NOW + 3 * HOUR, remind_at=NOW + HOUR, owner_id=owner.pk
    )
    crm.change_activity(activity_id=row.pk, activity=later, now=NOW)
    assert crm.ring_reminders(now=NOW) == []
    assert len(crm.ring_reminders(now=NOW + HOUR)) == 1
    done = plan(shop, owner, remind_at=NOW)
    crm.finish_activity(activity_id=done.pk, outcome="", now=NOW)
    assert crm.ring_reminders(now=NOW + HOUR) == []


def test_a_reminder_after_the_due_time_is_refused(shop: Workshop, owner: User) -> None:
    with pytest.raises(InvalidInput, match="Remind before") as found:
        plan(shop, owner, remind_at=NOW + 2 * HOUR)
    assert found.value.field == "remind_at"


def test_one_is_planned_from_my_activities(shop: Workshop, owner: User, client: Client) -> None:
    """About a customer that is found by typing; what names none is asked again."""
    client.force_login(owner)
    url = reverse("crm:activity_new")
    assert f'href="{url}"' in client.get(reverse("crm:my_activities")).content.decode()
    assert "Nordhaus · NORD" in client.get(url).content.decode()
    given = {"kind": "call", "subject": "Ask for the drawing", "due_on": str(timezone.localdate()), "owner": owner.pk}
    refused = client.post(url, given | {"customer": "Nobody we know"})
    assert "Choose a customer from the list." in refused.content.decode()
    answer = client.post(url, given | {"customer": "Nordhaus · NORD"})
    assert answer["Location"] == reverse("crm:my_activities")
    row = Activity.objects.get()
    assert (row.customer, row.company, row.owner, row.is_whole_day) == (shop.customer, shop.company, owner, True)
    assert "Ask for the drawing" in client.get(answer["Location"]).content.decode()
