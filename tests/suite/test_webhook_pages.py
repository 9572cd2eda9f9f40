"""The administrator's pages of webhooks, and the same over REST."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from masterdata.models import WebhookDelivery, WebhookEndpoint
from masterdata.webhooks import signing
from tests.api.conftest import make_caller, make_world
from tests.pages.conftest import person


def test_an_administrator_makes_rotates_tests_pauses_and_resumes(client: Client, db: None, settings: Any) -> None:
    world = make_world()
    client.force_login(person("ada", "admin", world.ours.plant))
    given = {"company": world.ours.company.pk, "name": "ERP of Nord", "url": "https://hooks.example.com/a",
             "kinds": ["OrderConfirmed"], "plants": [world.ours.plant.pk]}  # fmt: skip
    refused = client.post(reverse("suite:webhook_create"), given | {"url": "https://10.0.0.1/"})
    assert refused.status_code == 422
    assert "This address is inside the house" in refused.content.decode()
    answer = client.post(reverse("suite:webhook_create"), given)
    row = WebhookEndpoint.objects.get()
    assert answer["Location"] == reverse("suite:webhook", args=[row.pk])
    page = client.get(answer["Location"]).content.decode()
    assert signing.secret_of(row) in page
    assert signing.secret_of(row) not in client.get(answer["Location"]).content.decode()
    client.post(reverse("suite:webhook_rotate", args=[row.pk]))
    row.refresh_from_db()
    assert row.secret_no == 2
    assert signing.secret_of(row) in client.get(answer["Location"]).content.decode()
    client.post(reverse("suite:webhook_test", args=[row.pk]))
    delivery = WebhookDelivery.objects.get()
    WebhookDelivery.objects.update(state="dead", attempts=12, excerpt="not now")
    assert "not now" in client.get(reverse("suite:webhook_deliveries")).content.decode()
    client.post(reverse("suite:webhook_retry", args=[delivery.pk]))
    client.post(reverse("suite:webhook_pause", args=[row.pk]))
    row.refresh_from_db()
    delivery.refresh_from_db()
    assert (row.is_active, delivery.state, delivery.attempts) == (False, "waiting", 0)
    edited = client.post(
        reverse("suite:webhook_edit", args=[row.pk]), given | {"name": "ERP", "kinds": [], "version": row.version}
    )
    assert edited.status_code == 302, edited.content.decode()
    client.post(reverse("suite:webhook_resume", args=[row.pk]))
    row.refresh_from_db()
    assert (row.name, row.kinds, row.is_active) == ("ERP", [], True)
    assert "ERP" in client.get(reverse("suite:webhooks")).content.decode()


def test_another_companys_endpoint_is_not_there(client: Client, db: None) -> None:
    world = make_world()
    client.force_login(person("ada", "admin", world.ours.plant))
    theirs = WebhookEndpoint.objects.create(company=world.theirs.company, name="B", url="https://b.example.com/")
    assert client.get(reverse("suite:webhook", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("suite:webhook_rotate", args=[theirs.pk])).status_code == 404
    caller = make_caller(world.ours.company, "admin")
    assert caller.get(f"masterdata/webhook-endpoints/{theirs.pk}/").status_code == 404
    assert caller.get("masterdata/webhook-deliveries/").json()["count"] == 0


def test_rest_makes_changes_rotates_tests_and_retries(db: None) -> None:
    world = make_world()
    caller = make_caller(world.ours.company, "admin")
    made = caller.post(
        "masterdata/webhook-endpoints/",
        {"company": world.ours.company.pk, "name": "A", "url": "https://a.example.com/", "kinds": ["PlanPublished"]},
    )
    assert made.status_code == 201, made.content
    row = WebhookEndpoint.objects.get()
    assert made.json()["secret"] == signing.secret_of(row)
    url = f"masterdata/webhook-endpoints/{row.pk}/"
    assert "secret" not in caller.get(url).json()
    rotated = caller.post(url + "rotate/").json()
    assert rotated["secret"] != made.json()["secret"]
    tested = caller.post(url + "test/")
    assert (tested.status_code, tested.json()["kind"]) == (201, "TestEvent")
    assert caller.post(url + "pause/").json()["is_active"] is False
    refused = caller.post(url + "test/")
    assert (refused.status_code, refused.json()["code"]) == (409, "endpoint_paused")
    assert caller.post(url + "resume/").json()["is_active"] is True
    WebhookDelivery.objects.update(state="dead")
    retried = caller.post(f"masterdata/webhook-deliveries/{tested.json()['id']}/retry/")
    assert retried.json()["state"] == "waiting"
    wrong = caller.post(
        "masterdata/webhook-endpoints/",
        {"company": world.ours.company.pk, "name": "B", "url": "https://a.example.com/", "kinds": ["Nothing"]},
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "kinds")
    sales = make_caller(world.ours.company, "sales")
    assert sales.get(url).status_code == 403
