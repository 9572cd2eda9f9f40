"""Whatever goes wrong is answered as problem details."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from masterdata.models import Membership, User
from tests.api.conftest import Caller, World

Callers = Callable[..., Caller]


def shape(answer: Any) -> tuple[int, str, str]:
    body = answer.json()
    assert answer["Content-Type"] == "application/problem+json"
    assert body["status"] == answer.status_code
    assert body["type"] == f"urn:throughline:problem:{body['code']}"
    assert body["title"]
    assert body["detail"]
    return answer.status_code, body["code"], ",".join(error["field"] for error in body.get("errors", []))


def test_malformed_body_names_every_field(caller: Callers) -> None:
    answer = caller("sales").post("masterdata/partners/", {"kind": "ghost", "email": "nobody", "name": "x" * 161})
    assert shape(answer) == (400, "invalid_input", "code,name,kind,email")


def test_unknown_field_is_named(caller: Callers) -> None:
    answer = caller("sales").post("masterdata/partners/", {"code": "C2", "name": "Second", "is_custmer": True})
    assert shape(answer) == (400, "invalid_input", "is_custmer")
    assert answer.json()["errors"][0]["code"] == "unknown_field"


def test_field_that_is_not_written_here_is_named(caller: Callers) -> None:
    answer = caller("sales").post("masterdata/partners/", {"code": "C2", "name": "Second", "version": 7})
    assert answer.json()["errors"][0] == {
        "field": "version",
        "code": "read_only",
        "detail": "This field is not written here.",
    }


@pytest.mark.parametrize("body", ["{", '{"a": NaN}', "[" * 100_000])
def test_what_is_not_json_is_400(caller: Callers, body: str) -> None:
    seller = caller("sales")
    answer = seller.client.post(
        "/api/v1/masterdata/partners/",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {seller.token}", "Idempotency-Key": "k"},
    )
    assert shape(answer)[:2] == (400, "malformed")


def test_a_list_where_a_row_is_wanted_is_400(caller: Callers) -> None:
    assert shape(caller("sales").post("masterdata/partners/", [1, 2]))[0] == 400


def test_other_media_types_are_415(caller: Callers) -> None:
    seller = caller("sales")
    answer = seller.client.post(
        "/api/v1/masterdata/partners/",
        {"code": "C2"},
        headers={"Authorization": f"Bearer {seller.token}", "Idempotency-Key": "k"},
    )
    assert shape(answer)[0] == 415


def test_role_without_the_right_is_403(caller: Callers) -> None:
    assert shape(caller("operator").post("masterdata/partners/", {}))[:2] == (403, "not_allowed")


def test_foreign_missing_and_unknown_addresses_have_one_body(caller: Callers, world: World) -> None:
    planner = caller("planner")
    foreign = planner.get(f"masterdata/machines/{world.theirs.machine.pk}/")
    missing = planner.get("masterdata/machines/999999999/")
    nowhere = planner.get("masterdata/no-such-thing/")
    assert shape(foreign)[:2] == (404, "not_found")
    assert foreign.json() == missing.json() == nowhere.json()


def test_foreign_rows_are_not_listed(caller: Callers, world: World) -> None:
    rows = caller("planner").get("masterdata/machines/").json()["results"]
    assert [row["code"] for row in rows] == ["OUR-SAW1"]


def test_foreign_key_to_a_foreign_row_is_as_unknown_as_a_missing_one(caller: Callers, world: World) -> None:
    planner = caller("planner")
    body = {"code": "M9", "name": "Ninth"}
    foreign = planner.post("masterdata/machines/", body | {"work_centre": world.theirs.work_centre.pk})
    missing = planner.post("masterdata/machines/", body | {"work_centre": 987654})
    assert shape(foreign) == shape(missing) == (400, "invalid_input", "work_centre")
    texts = [answer.json()["errors"][0]["detail"] for answer in (foreign, missing)]
    assert texts[0].replace(str(world.theirs.work_centre.pk), "#") == texts[1].replace("987654", "#")


def test_filter_by_a_foreign_id_finds_what_a_missing_id_finds(caller: Callers, world: World) -> None:
    planner = caller("planner")
    foreign = planner.get("masterdata/machines/", work_centre=world.theirs.work_centre.pk)
    missing = planner.get("masterdata/machines/", work_centre=987654)
    assert foreign.json() == missing.json() == {"count": 0, "next": None, "previous": None, "results": []}


def test_misspelt_filter_is_400(caller: Callers) -> None:
    assert shape(caller("planner").get("masterdata/machines/", work_center=1)) == (400, "invalid_input", "work_center")


@pytest.mark.parametrize(
    "query",
    [{"is_active": "perhaps"}, {"work_centre": "x"}, {"work_centre": "9" * 40}, {"search": "\0"}, {"page": "0"}],
)
def test_odd_queries_never_crash(caller: Callers, query: dict[str, str]) -> None:
    assert caller("planner").get("masterdata/machines/", **query).status_code in (200, 400, 404)


def test_row_in_use_is_not_deleted(caller: Callers, world: World) -> None:
    planner = caller("planner")
    centre = world.ours.work_centre
    answer = planner.delete(f"masterdata/work-centres/{centre.pk}/")
    assert shape(answer)[:2] == (409, "in_use")
    assert answer.json()["values"] == {"used_by": "machine"}


def test_plant_limited_role_does_not_reach_the_other_plant(caller: Callers, world: World) -> None:
    """A planner of plant OUR1 sees that plant's work centre and not OUR2's; its company's other plant is missing."""
    from masterdata.models import Plant, WorkCentre

    second = Plant.objects.create(company=world.ours.company, code="OUR2", name="Second", calendar=world.calendar)
    there = WorkCentre.objects.create(plant=second, code="CNC", name="Mills", calendar=world.calendar)
    planner = caller("planner", plant=world.ours.plant)
    assert [row["code"] for row in planner.get("masterdata/work-centres/").json()["results"]] == ["SAW"]
    assert planner.get(f"masterdata/work-centres/{there.pk}/").status_code == 404


def test_who_may_look_but_not_touch_gets_403_not_404(caller: Callers, world: World) -> None:
    """Planner in plant OUR1, auditor in the whole company: OUR2's work centre is seen, and not changed."""
    from masterdata.models import Plant, WorkCentre

    second = Plant.objects.create(company=world.ours.company, code="OUR2", name="Second", calendar=world.calendar)
    there = WorkCentre.objects.create(plant=second, code="CNC", name="Mills", calendar=world.calendar)
    planner = caller("planner", plant=world.ours.plant)
    Membership.objects.create(user=planner.user, role="auditor", company=world.ours.company)
    assert planner.get(f"masterdata/work-centres/{there.pk}/").status_code == 200
    assert shape(planner.patch(f"masterdata/work-centres/{there.pk}/", {"name": "Mine"}))[:2] == (403, "not_allowed")


def test_cost_is_shown_only_to_roles_that_may_see_it(caller: Callers, world: World) -> None:
    path = f"masterdata/work-centres/{world.ours.work_centre.pk}/"
    assert caller("accountant").get(path).json()["machine_rate"] == "60.000000"
    assert "machine_rate" not in caller("operator").get(path).json()
    answer = caller("maintenance").patch(path, {"machine_rate": "1"})
    assert shape(answer) == (400, "invalid_input", "machine_rate")


def test_session_needs_the_csrf_token(world: World) -> None:
    user = User.objects.create(username="anna")
    Membership.objects.create(user=user, role="sales", company=world.ours.company)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user, "masterdata.rights.MembershipBackend")
    assert client.get("/api/v1/masterdata/partners/").status_code == 200
    answer = client.post("/api/v1/masterdata/partners/", {"code": "C2", "name": "B"}, content_type="application/json")
    assert shape(answer)[0] == 403


def test_crash_tells_nothing_of_the_inside(caller: Callers, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing that has to be broken on purpose to be seen: a column that the database does not have."""
    from masterdata.rest.resources import Machines

    monkeypatch.setattr(Machines, "queryset", Machines.queryset.extra(where=["secret_column = 1"]))
    answer = caller("planner").get("masterdata/machines/")
    assert shape(answer)[:2] == (500, "internal_error")
    assert "secret_column" not in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "query", "field"),
    [
        ("masterdata/materials/", {"ordering": "nope"}, "ordering"),
        ("masterdata/materials/", {"ordering": "code,-nope"}, "ordering"),
        ("masterdata/units/", {"ordering": "code"}, "ordering"),
        ("masterdata/materials/", {"page_size": "abc"}, "page_size"),
        ("masterdata/materials/", {"page_size": "0"}, "page_size"),
        ("mes/alarms/", {"search": "saw"}, "search"),
    ],
)
def test_a_parameter_that_would_be_ignored_is_refused(
    caller: Callers, world: World, address: str, query: dict[str, str], field: str
) -> None:
    answer = caller("integration").get(address, **query)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_orders_and_sizes_that_a_list_knows_are_followed(caller: Callers, world: World) -> None:
    found = caller("integration").get("masterdata/materials/", ordering="-code", page_size="1")
    assert found.status_code == 200
    assert len(found.json()["results"]) == 1
