"""Deny by default: every address declares its permission, and who gets in where stands in one table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.urls.resolvers import RegexPattern, URLResolver

from masterdata.access import PUBLIC, SIGNED_IN, requires
from masterdata.api.rows import ReadableRows
from suite import addresses
from suite.roles import DEEDS, LABELS, ROLES
from tests.api.conftest import Caller, World, make_caller

TABLE = Path(__file__).with_name("access_matrix.json")


def bare(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@requires("erp.own_the_house")
def unknown(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


@requires(PUBLIC)
def opened(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


class HalfDeclared(ReadableRows):
    """Says who may look and not who may create."""

    view_deed = "masterdata.view"

    def create(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse()


def wrong(*patterns: object) -> list[str]:
    resolver = URLResolver(RegexPattern(r"^/"), list(patterns))
    return addresses.undeclared(addresses.addresses(resolver))


def test_every_address_declares_its_permission() -> None:
    assert addresses.undeclared(addresses.addresses()) == []


def test_system_check_is_part_of_every_start(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check", "--tag", "security")


def test_address_without_a_permission_is_found() -> None:
    assert wrong(path("bare/", bare, name="bare")) == ["/bare/ (bare) declares no permission"]


def test_permission_that_nobody_has_is_found() -> None:
    assert "erp.own_the_house" in wrong(path("unknown/", unknown))[0]


def test_open_address_that_is_not_listed_is_found() -> None:
    assert "stands not in suite.addresses.OPEN" in wrong(path("opened/", opened, name="opened"))[0]


def test_method_without_a_permission_is_found() -> None:
    view = HalfDeclared.as_view({"get": "list", "post": "create"})
    assert wrong(path("half/", view))[0].startswith("/half/ POST demands ''")


def test_at_most_ten_addresses_are_open() -> None:
    """The ninth is the customer's page of a quotation, the tenth that of an order; tokens of 256 bits open them."""
    assert len(addresses.OPEN) <= 10


def test_admin_posts_no_business() -> None:
    writing = {deed for deed in ROLES["admin"] if deed.startswith(("erp.", "crm.", "aps.", "mes."))}
    assert writing - {"mes.manage_device", "crm.edit_template"} == set()  # keys and words, not business


def test_auditor_only_looks() -> None:
    assert {deed.split(".")[1].split("_")[0] for deed in ROLES["auditor"]} == {"view"}


def test_every_role_has_a_label() -> None:
    assert LABELS.keys() == ROLES.keys()


def current() -> dict[str, dict[str, str]]:
    """REST address and method -> the permission demanded and the roles that get in, from the URL configuration."""
    found: dict[str, dict[str, str]] = {}
    for address in addresses.addresses():
        if not address.pattern.startswith("api/"):
            continue
        for method, permission in address.permissions.items():
            roles = [role for role in sorted(ROLES) if permission == SIGNED_IN or permission in ROLES[role]]
            found[f"{method} /{address.pattern}"] = {"permission": permission, "roles": " ".join(roles)}
    return dict(sorted(found.items()))


def test_roles_by_endpoints_is_the_expected_table() -> None:
    """Written anew by `python manage.py shell -c "from tests.api.test_access import write; write()"`: read the diff."""
    assert current() == json.loads(TABLE.read_text())


def write() -> None:
    TABLE.write_text(json.dumps(current(), indent=1) + "\n")


def cells(world: World) -> list[tuple[str, str, str]]:
    """Each address and method once, with ids that lead to nothing."""
    found = []
    for key in json.loads(TABLE.read_text()):
        method, pattern = key.split(" ", 1)
        if method == "*":
            continue  # the page of the description: no key opens it, see test_description
        address = pattern.removeprefix("/api/v1/").replace("^", "").replace("$", "")
        nobody = "00000000-0000-4000-8000-000000000000"
        for regex, value in (
            (r"(?P<pk>[0-9]{1,18})", "999999"),
            (r"(?P<pk>[0-9a-f-]{36})", nobody),
            ("<uuid:pk>", nobody),
            ("<slug:token>", "nothing"),
            (".*", "nothing/"),
        ):
            address = address.replace(regex, value)
        found.append((method, address, key))
    return found


@pytest.mark.parametrize("role", sorted(ROLES))
def test_role_gets_in_exactly_where_the_table_says(world: World, role: str) -> None:
    """403 where the table says no; where it says yes anything but 401, 403 and a crash (404: there is no such row)."""
    table = json.loads(TABLE.read_text())
    caller = make_caller(world.ours.company, role)
    wrong = []
    for method, address, key in cells(world):
        answer = send(caller, method, address)
        allowed = role in table[key]["roles"].split()
        right = answer not in (401, 403) and answer < 500 if allowed else answer == 403
        if not right:
            wrong.append((key, answer))
    assert wrong == []


def test_strangers_get_in_nowhere(world: World) -> None:
    stranger = Caller(None, "")  # type: ignore[arg-type]
    assert {send(stranger, method, address) for method, address, _ in cells(world)} == {401}


def send(caller: Caller, method: str, address: str) -> int:
    if method == "GET":
        return int(caller.get(address).status_code)
    if method == "POST":
        return int(caller.post(address, {}).status_code)
    if method == "PATCH":
        return int(caller.patch(address, {}).status_code)
    return int(caller.delete(address).status_code)


def test_every_deed_of_the_table_is_named_after_an_app() -> None:
    assert {deed.split(".")[0] for deed in DEEDS} <= {"masterdata", "crm", "erp", "aps", "mes", "suite"}
