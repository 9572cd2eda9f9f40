"""The OpenAPI description: whole, without warnings, and to be read by those who are logged in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.test import Client

from masterdata.models import Membership, User
from suite import addresses
from tests.api.conftest import Caller, World

Callers = Callable[..., Caller]


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Written with every warning an error, and checked against OpenAPI's own schema."""
    target = tmp_path_factory.mktemp("openapi") / "schema.json"
    options = ["--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(target)]
    call_command("spectacular", *options)
    return target.read_text()


def test_description_is_valid_and_without_warnings(description: str) -> None:
    assert '"openapi": "3.' in description


def test_every_address_is_described(description: str) -> None:
    for address in addresses.addresses():
        if address.pattern.startswith("api/v1/") and address.name not in ("api:nothing", "api:docs", "api:schema"):
            shown = "/" + address.pattern.replace("^", "").replace("$", "")
            shown = shown.replace("(?P<pk>[0-9]{1,18})", "{id}").replace("<slug:token>", "{token}")
            shown = shown.replace("(?P<pk>[0-9a-f-]{36})", "{id}").replace("<uuid:pk>", "{id}")
            # A row whose key is another row's is described by that one's name: /entry-seals/{entry}/.
            keyed = re.escape(shown).replace(r"\{id\}", r"\{\w+\}")
            assert re.search(f'"{keyed}"', description), shown


def test_description_is_for_those_who_are_logged_in(caller: Callers, world: World) -> None:
    assert caller("operator").get("schema/").json()["info"]["title"] == "Throughline"
    assert Client().get("/api/v1/schema/").status_code == 401


def test_page_of_the_description_has_no_inline_script(world: World) -> None:
    user = User.objects.create(username="anna")
    Membership.objects.create(user=user, role="sales", company=world.ours.company)
    client = Client()
    client.force_login(user, "masterdata.rights.MembershipBackend")
    answer = client.get("/api/v1/docs/")
    assert answer.status_code == 200
    assert "<script>" not in answer.content.decode()
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert Client().get("/api/v1/docs/").status_code == 302


@pytest.mark.parametrize("accept", ["application/json", "application/vnd.oai.openapi+json", "*/*"])
def test_description_comes_as_json_to_whoever_takes_json(world: World, accept: str) -> None:
    user = User.objects.create(username="anna")
    Membership.objects.create(user=user, role="sales", company=world.ours.company)
    client = Client()
    client.force_login(user, "masterdata.rights.MembershipBackend")
    answer = client.get("/api/v1/schema/", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")
