"""Webhooks against a real HTTP server: signed, of their company alone, tried again, never sent where they may harm."""

from __future__ import annotations

import dataclasses
import datetime as dt
import ipaddress
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm import facts as crm_facts
from erp import facts as erp_facts
from masterdata import facts, sending
from masterdata import services as masterdata
from masterdata.errors import InvalidInput
from masterdata.models import Plant, WebhookDelivery, WebhookEndpoint
from masterdata.services import webhooks as services
from masterdata.webhooks import places, posting, signing
from suite import webhooks
from suite.flows import described, table
from suite.stack import places as folders
from tests.api.conftest import World, make_world
from tests.crew import Crew, until
from tests.crm.orders import NOW, confirmed
from tests.flows import workshop
from tests.flows.workshop import Workshop
from tests.receiver import Receiver, receiving

INSIDE = ["127.0.0.0/8"]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A server on this machine, which this installation allows."""
    settings.WEBHOOK_HTTP, settings.WEBHOOK_NETWORKS = True, INSIDE
    with receiving() as found:
        yield found


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def shop(db: None) -> Workshop:
    built = workshop.build()
    built.quantity("LEG", 500)
    return built


def endpoint(shop: Workshop, url: str, *kinds: str, **more: Any) -> WebhookEndpoint:
    given = {"company": shop.company, "name": f"Hook {WebhookEndpoint.objects.count()}", "kinds": kinds, "now": NOW}
    return masterdata.make_endpoint(url=url, **(given | more)).endpoint


def stated(shop: Workshop, count: int = 1) -> None:
    """Facts of the shop's plant."""
    with transaction.atomic():
        facts.state_all([_of(shop.plant, number) for number in range(count)])


def _of(plant: Plant, number: int) -> crm_facts.Fact:
    return erp_facts.SupplyPlanned(plant_id=plant.pk, work_order_ids=(), order_ids=(number,))


def send(to: WebhookEndpoint, after: float = 0) -> int:
    """What is due so many seconds from now."""
    return sending.send_due(to.pk, lambda: timezone.now() + dt.timedelta(seconds=after))


def test_an_order_is_told_signed_with_links_and_no_money(shop: Workshop, receiver: Receiver) -> None:
    to = endpoint(shop, receiver.url, "OrderConfirmed")
    order = confirmed(shop)
    assert send(to) == 1
    (came,) = receiver.came
    event, headers = came.event, came.headers
    assert event["kind"] == headers["Throughline-Kind"] == "OrderConfirmed"
    assert event["data"] == {"order_id": order.pk, "plant_ids": [shop.plant.pk]}
    assert event["links"] == {"order": f"/api/v1/erp/sales-orders/{order.pk}/"}
    assert (event["company"], event["subject"], event["sequence"]) == ("TL", f"order:{order.pk}", 1)
    delivery = WebhookDelivery.objects.get()
    assert event["id"] == headers["Throughline-Event"] == str(delivery.fact_id)
    assert (delivery.state, delivery.status, delivery.excerpt) == ("done", 200, "taken")
    verify = verifier()
    assert verify(signing.secret_of(to), headers["Throughline-Signature"], came.body)
    assert not verify(signing.secret_of(to), headers["Throughline-Signature"], came.body + b" ")
    assert not verify("whsec_other", headers["Throughline-Signature"], came.body)
    assert not verify(signing.secret_of(to), headers["Throughline-Signature"], came.body, now=time.time() + 301)


def verifier() -> Any:
    """The code that docs/webhooks.md gives to those who receive."""
    page = (folders.ROOT / "docs" / "webhooks.md").read_text()
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code is not None
    space: dict[str, Any] = {}
    exec(code[1], space)  # noqa: S102 - our own page is what is tested
    return space["is_genuine"]


def test_for_a_day_after_a_rotation_both_secrets_sign(shop: Workshop, receiver: Receiver) -> None:
    to, verify = endpoint(shop, receiver.url), verifier()
    old = signing.secret_of(to)
    new = masterdata.rotate_secret(endpoint_id=to.pk, now=timezone.now()).secret
    assert new != old
    stated(shop)
    send(to)
    stated(shop)
    send(to, after=24 * 3600 + 1)
    signed = [(one.headers["Throughline-Signature"], one.body) for one in receiver.came]
    day = time.time() + 24 * 3600
    assert [verify(old, *signed[0]), verify(old, *signed[1], now=day)] == [True, False]
    assert [verify(new, *signed[0]), verify(new, *signed[1], now=day)] == [True, True]


def test_what_fails_is_tried_again_with_the_same_id_and_number(shop: Workshop, receiver: Receiver) -> None:
    """After a 500 in 4 to 6 s, after a second one in 8 to 12 s."""
    to = endpoint(shop, receiver.url)
    stated(shop)
    receiver.answers = [500, 503]
    assert [send(to), send(to), send(to, 3), send(to, 7), send(to, 30)] == [1, 0, 0, 1, 1]
    events = receiver.events()
    assert len({event["id"] for event in events}) == 1
    assert [one.headers["Throughline-Attempt"] for one in receiver.came] == ["1", "2", "3"]
    assert {event["sequence"] for event in events} == {1}
    assert len({one.body for one in receiver.came}) == 1
    assert WebhookDelivery.objects.get().state == "done"


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "a byte now and then"])
def test_who_does_not_answer_in_time_is_cut_off(receiver: Receiver, *, drips: bool) -> None:
    receiver.waits_s, receiver.drips = 2, drips
    began = time.monotonic()
    answer = posting.post(receiver.url, b"{}", {}, seconds=0.4)
    assert (answer.status, answer.excerpt) == (None, "No answer within 0.4 s")
    assert time.monotonic() - began < 2


def test_redirects_are_not_followed(shop: Workshop, receiver: Receiver) -> None:
    to = endpoint(shop, receiver.url)
    receiver.answers, receiver.location = [302], receiver.url + "/elsewhere"
    stated(shop)
    send(to)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.status) == ("failed", 302)
    assert delivery.excerpt.startswith("Redirects are not followed")
    assert [one.path for one in receiver.came] == ["/hook"]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.9", "172.16.0.1", "169.254.169.254", "0.0.0.1", "100.64.0.1", "224.0.0.1",
     "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "240.0.0.1"],
)  # fmt: skip
def test_addresses_inside_the_house_are_refused(settings: Any, address: str) -> None:
    settings.WEBHOOK_NETWORKS = []
    assert not posting.may_reach(ipaddress.ip_address(address))


def test_addresses_of_the_internet_are_reached(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    assert posting.may_reach(ipaddress.ip_address("93.184.216.34"))
    assert posting.may_reach(ipaddress.ip_address("2606:2800:220:1:248:1893:25c8:1946"))
    settings.WEBHOOK_NETWORKS = ["10.1.0.0/16"]
    assert posting.may_reach(ipaddress.ip_address("10.1.2.3"))
    assert not posting.may_reach(ipaddress.ip_address("10.2.2.3"))


@pytest.mark.parametrize(
    "url",
    ["http://example.com/", "ftp://example.com/", "https://", "https://a:b@example.com/", "https://127.0.0.1/",
     "https://[::1]/", "https://example.com:99999/", "https://exa mple.com/", "file:///etc/passwd"],
)  # fmt: skip
def test_an_address_that_may_not_be_is_refused_at_its_field(shop: Workshop, url: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        endpoint(shop, url)
    assert refusal.value.field == "url"


def test_a_name_that_leads_inside_is_not_reached(shop: Workshop, receiver: Receiver, settings: Any) -> None:
    to = endpoint(shop, f"http://localhost:{receiver.port}/hook")
    settings.WEBHOOK_NETWORKS = []
    stated(shop)
    send(to)
    assert "which is inside the house" in WebhookDelivery.objects.get().excerpt
    assert receiver.came == []


def test_a_name_is_resolved_once_and_that_address_is_reached(
    receiver: Receiver, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that says something else at each question gets one question; `Host` is the name, not the address."""
    asked, real = [], socket.getaddrinfo

    def changing(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host != "changes.example":
            return real(host, port, *rest, **more)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "10.0.0.1", port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    answer = posting.post(f"http://changes.example:{receiver.port}/hook", b"{}", {})
    assert (answer.status, len(asked)) == (200, 1)
    assert receiver.came[0].headers["Host"] == f"changes.example:{receiver.port}"
    assert "inside the house" in posting.post(f"http://changes.example:{receiver.port}/", b"{}", {}).excerpt
    assert len(receiver.came) == 1


def test_facts_of_other_companies_are_told_to_nobody_else(receiver: Receiver, world: World) -> None:
    """Two companies, an endpoint each; a fact of theirs, a fact of ours, and one of nobody that is known."""
    ours = masterdata.make_endpoint(company=world.ours.company, name="A", url=receiver.url, now=NOW).endpoint
    theirs = masterdata.make_endpoint(company=world.theirs.company, name="B", url=receiver.url, now=NOW).endpoint
    with transaction.atomic():
        facts.state_all([_of(world.theirs.plant, 1), _of(world.ours.plant, 2), _of(Plant(pk=987654), 3)])
    told = {(one.endpoint_id, one.fact.payload["plant_id"]) for one in WebhookDelivery.objects.select_related("fact")}
    assert told == {(ours.pk, world.ours.plant.pk), (theirs.pk, world.theirs.plant.pk)}


def test_an_endpoint_of_some_plants_and_kinds_hears_of_these(shop: Workshop, receiver: Receiver) -> None:
    second = Plant.objects.create(
        company=shop.company, code="SECOND", name="Second", calendar=shop.plant.calendar, transport_min=0
    )
    there = endpoint(shop, receiver.url, plants=[second])
    orders = endpoint(shop, receiver.url, "OrderConfirmed", "OrderShipped")
    paused = endpoint(shop, receiver.url)
    masterdata.pause_endpoint(endpoint_id=paused.pk)
    stated(shop)
    with transaction.atomic():
        facts.state(_of(second, 7))
    confirmed(shop)
    told = [(one.endpoint_id, one.kind) for one in WebhookDelivery.objects.order_by("pk")]
    assert told == [(there.pk, "SupplyPlanned"), (orders.pk, "OrderConfirmed")]


def test_a_rolled_back_fact_is_told_to_nobody(shop: Workshop, receiver: Receiver) -> None:
    to = endpoint(shop, receiver.url)
    with transaction.atomic():
        facts.state(_of(shop.plant, 1))
        transaction.set_rollback(True)
    assert send(to) == 0


def test_a_thousand_facts_cost_few_statements(shop: Workshop, receiver: Receiver) -> None:
    """With runs: facts, runs, whose the plants are, plants and orders, deliveries: 5. Where nobody listens: 2."""
    with CaptureQueriesContext(connection) as silent, transaction.atomic():
        facts.state_all([_of(shop.plant, number) for number in range(1000)])
    endpoint(shop, receiver.url)
    with CaptureQueriesContext(connection) as heard, transaction.atomic():
        facts.state_all([_of(shop.plant, number) for number in range(1000)])
    assert [_written(silent), _written(heard)] == [2, 5]
    assert WebhookDelivery.objects.count() == 1000


def _written(captured: CaptureQueriesContext) -> int:
    return sum(not one["sql"].startswith(("SAVEPOINT", "RELEASE")) for one in captured.captured_queries)


def test_what_fails_twelve_times_is_given_up_until_somebody_tries_again(shop: Workshop, receiver: Receiver) -> None:
    to = endpoint(shop, receiver.url)
    stated(shop)
    receiver.answers = [500] * 12
    for day in range(12):
        assert send(to, after=7200 * day) == 1
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == ("dead", 12)
    assert send(to, after=7200 * 13) == 0
    masterdata.retry_delivery(delivery_id=delivery.pk, now=timezone.now())
    assert send(to) == 1
    delivery.refresh_from_db()
    assert delivery.state == "done"
    with pytest.raises(masterdata.AlreadyDelivered):
        masterdata.retry_delivery(delivery_id=delivery.pk, now=timezone.now())


def test_an_endpoint_that_fails_thirty_times_and_for_two_hours_is_switched_off(
    shop: Workshop, receiver: Receiver
) -> None:
    """Many failures within seconds are a receiver that is started anew: nothing is lost for that."""
    to = endpoint(shop, receiver.url)
    stated(shop, 31)
    receiver.answers = [500] * 31
    assert send(to) == 31
    to.refresh_from_db()
    assert (to.is_active, to.failures) == (True, 31)
    assert to.failing_since_at is not None
    to.failing_since_at -= dt.timedelta(hours=2)
    to.save()
    stated(shop, 1)
    receiver.answers = [500]
    send(to, 1)
    to.refresh_from_db()
    assert not to.is_active
    assert to.stopped_because == "Switched off: it took nothing for 2 hours, 32 tries in a row"
    with pytest.raises(masterdata.EndpointPaused):
        masterdata.send_test(endpoint_id=to.pk, now=timezone.now())
    masterdata.resume_endpoint(endpoint_id=to.pk, now=timezone.now())
    assert send(to, 1) == 32


def test_a_test_event_is_sent_to_its_endpoint_alone(shop: Workshop, receiver: Receiver) -> None:
    to, other = endpoint(shop, receiver.url), endpoint(shop, receiver.url)
    masterdata.send_test(endpoint_id=to.pk, now=timezone.now())
    assert [send(other), send(to)] == [0, 1]
    assert (receiver.events()[0]["kind"], receiver.events()[0]["links"]) == ("TestEvent", {})


def test_one_sends_to_an_endpoint_at_a_time_until_its_lease_ends(shop: Workshop, receiver: Receiver) -> None:
    """A sender claims and dies: nobody sends for 60 s, then the same event goes out with the same id and number."""
    to = endpoint(shop, receiver.url)
    stated(shop)
    now = timezone.now()
    assert services.take_endpoint(endpoint_id=to.pk, now=now)
    claimed = services.claim_delivery(endpoint_id=to.pk, now=now)
    assert claimed is not None
    assert [send(to), send(to, 59), send(to, 62)] == [0, 0, 1]
    assert receiver.events()[0]["id"] == str(claimed.event_id)
    assert receiver.came[0].headers["Throughline-Attempt"] == "2"


def test_every_fact_says_whose_it_is() -> None:
    """Of each kind in the flow table at least one field leads to a company, so that no webhook misses it."""
    lost = [
        fact.__name__
        for fact in table.TABLE
        if not [
            name
            for name in places.placed(fact.__name__, [field.name for field in dataclasses.fields(fact)])
            if _leads_home(places.place_of(fact.__name__, name))
        ]
    ]
    assert lost == []


def _leads_home(place: places.Place | None) -> bool:
    from masterdata import scopes

    return place is not None and scopes.of(place.model) is not scopes.EVERYBODYS


def test_the_page_of_webhooks_lists_every_fact_with_its_fields() -> None:
    page = (folders.ROOT / "docs" / "webhooks.md").read_text()
    assert described.rewritten(page) == page, "run: python3 manage.py list_facts"


def test_links_lead_to_rest(client: Any) -> None:
    """Each address that a link may have is one of REST's lists."""
    from django.urls import resolve

    for place in (*webhooks.FIELDS.values(), *webhooks.OF_KIND.values()):
        if place.rest:
            assert str(resolve(f"/api/v1/{place.rest}/1/").url_name).endswith("-detail"), place.rest


@pytest.mark.crash
def test_a_killed_worker_loses_nothing(workers: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker dies while the receiver holds its first request: that event comes again with the same id."""
    for name, value in (("WEBHOOK_HTTP", "1"), ("WEBHOOK_NETWORKS", "127.0.0.0/8")):
        monkeypatch.setenv(name, value)
    workers.kill("webhook")
    workers.start("webhook")
    shop = workshop.build()
    with receiving() as receiver:
        receiver.waits_s = 2
        to = WebhookEndpoint.objects.create(company=shop.company, name="Slow", url=receiver.url)
        stated(shop, 2)
        until(lambda: receiver.came, what="the first request is there")
        workers.kill("webhook")
        receiver.waits_s = 0
        WebhookEndpoint.objects.filter(busy_until_at__isnull=False).update(busy_until_at=timezone.now())
        WebhookDelivery.objects.filter(leased_until_at__isnull=False).update(leased_until_at=timezone.now())
        workers.start("webhook")
        until(lambda: not WebhookDelivery.objects.exclude(state="done").exists(), what="both are delivered")
    ids = [event["id"] for event in receiver.events()]
    assert ids[0] == ids[1]
    assert set(ids) == {
        str(pk) for pk in WebhookDelivery.objects.filter(endpoint=to).values_list("event_id", flat=True)
    }
