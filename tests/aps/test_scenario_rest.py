"""Scenarios over REST: keys, versions, refusals, and what they answer."""

from __future__ import annotations

import pytest

from aps import services as aps
from aps.models import PlannedOperation, Scenario, ScenarioRun
from tests.api.conftest import Caller, make_caller
from tests.aps.shop import NOW, Shop, at, build
from tests.aps.test_scenarios import line_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """One saw, two orders of an hour each, both due at 10:14: the second ends at 11:14, an hour late."""
    shop = build(["SAW-1"])
    for _ in range(2):
        shop.order([("SAW", 60)], promised_at=at("10:14"))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop


@pytest.fixture
def caller(shop: Shop) -> Caller:
    return make_caller(shop.plant.company, "planner")


def made(caller: Caller, shop: Shop, name: str = "A second saw") -> int:
    answer = caller.post("aps/scenarios/", {"plant": shop.plant.pk, "name": name})
    assert answer.status_code == 201, answer.json()
    return int(answer.json()["id"])


def solve(caller: Caller, key: int) -> None:
    """Asked for over REST, done at the time of the shop."""
    assert caller.post(f"aps/scenarios/{key}/solve/", {"seconds": 1}).status_code == 200
    aps.run_scenario(run_id=ScenarioRun.objects.latest("pk").pk, now=NOW)


def test_a_program_asks_what_if(caller: Caller, shop: Shop) -> None:
    """One more saw: one late line fewer, 60 min less delay; it cannot be promoted, and says why."""
    key = made(caller, shop)
    added = caller.post(
        f"aps/scenarios/{key}/add-change/",
        {"kind": "machine_copy", "machine": shop.machines["SAW-1"].pk, "speed_percent": 100},
    )
    assert (added.status_code, added.json()["sentence"]) == (201, "One more SAW-1, at 100 % speed")
    solve(caller, key)
    was, now = caller.get(f"aps/scenarios/{key}/result/").json()["figures"]
    assert (was["late_lines"], now["late_lines"], was["lateness_min"], now["lateness_min"]) == (1, 0, 60, 0)
    assert [one["state"] for one in caller.get("aps/scenario-runs/", scenario=key).json()["results"]] == ["done"]
    lines = caller.get("aps/scenario-lines/", scenario=key, ordering="-gained_min").json()["results"]
    assert [one["gained_min"] for one in lines] == [60, 0]
    assert caller.get("aps/scenario-operations/", scenario=key).json()["count"] == 2
    check = caller.get(f"aps/scenarios/{key}/promotion/").json()
    assert check["todo"][0].startswith("There is no second SAW-1")
    refused = caller.post(f"aps/scenarios/{key}/promote/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_real")
    taken = caller.post(f"aps/scenarios/{key}/remove-change/", {"change": added.json()["id"]})
    assert (taken.status_code, taken.json()["state"]) == (200, "draft")


def test_the_same_key_makes_one_scenario(caller: Caller, shop: Shop) -> None:
    body = {"plant": shop.plant.pk, "name": "Once"}
    first, second = (caller.post("aps/scenarios/", body, key="one-key") for _ in range(2))
    assert first.json()["id"] == second.json()["id"]
    assert second.headers["Idempotency-Replayed"] == "true"
    other = caller.post("aps/scenarios/", body, key="another-key")
    assert (other.status_code, other.json()["code"]) == (409, "name_taken")
    missing = caller.post("aps/scenarios/", body, key="")
    assert missing.json()["code"] == "idempotency_key_missing"


def test_names_are_changed_with_the_version_that_was_read(caller: Caller, shop: Shop) -> None:
    key = made(caller, shop)
    address = f"aps/scenarios/{key}/"
    etag = caller.get(address).headers["ETag"]
    assert caller.patch(address, {"name": "Blind"}).status_code == 428
    changed = caller.patch(address, {"name": "Two saws"}, If_Match=etag)
    assert (changed.status_code, changed.json()["name"]) == (200, "Two saws")
    assert caller.patch(address, {"name": "Late"}, If_Match=etag).status_code == 412
    stale = caller.post(f"{address}solve/", {"seconds": 1}, If_Match=etag)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "overtime", "from_at": "2031-01-01T08:00:00Z", "until_at": "2031-01-01T09:00:00Z"}, "machine"),
        ({"kind": "line_weight", "weight": 3}, "order_line"),
        ({"kind": "weights"}, "setup_hour_min"),
        ({"kind": "weights", "weight": 3}, "weight"),
        ({"kind": "weights", "setup_hour_min": 99_999_999}, "setup_hour_min"),
        ({"kind": "magic"}, "kind"),
        ({"kind": "speed", "speed_percent": 0}, "speed_percent"),
    ],
)
def test_a_change_that_says_too_little_or_too_much_is_a_400(
    caller: Caller, shop: Shop, body: dict[str, object], field: str
) -> None:
    refused = caller.post(f"aps/scenarios/{made(caller, shop)}/add-change/", body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field), refused.json()


@pytest.mark.parametrize("quantity", ["-1", "0"])
def test_an_order_of_nothing_is_refused_at_its_quantity(caller: Caller, shop: Shop, quantity: str) -> None:
    body = {"kind": "new_order", "material": shop.material.pk, "quantity": quantity, "due_on": "2031-01-01"}
    refused = caller.post(f"aps/scenarios/{made(caller, shop)}/add-change/", {**body, "weight": 1})
    said = refused.json()
    assert (refused.status_code, said["errors"][0]["field"]) == (400, "quantity"), said
    assert "Give a quantity of more than 0." in str(said)


def test_the_same_change_twice_is_refused(caller: Caller, shop: Shop) -> None:
    key = made(caller, shop)
    body = {"kind": "line_weight", "order_line": line_of(shop, NOW).pk, "weight": 3}
    assert caller.post(f"aps/scenarios/{key}/add-change/", body).status_code == 201
    refused = caller.post(f"aps/scenarios/{key}/add-change/", {**body, "weight": 4})
    assert (refused.status_code, refused.json()["code"]) == (409, "said_already")


def test_another_plants_machine_is_refused(caller: Caller, shop: Shop) -> None:
    other = build(["SAW-1"], code="OTHER")
    body = {"kind": "speed", "machine": other.machines["SAW-1"].pk, "speed_percent": 120}
    refused = caller.post(f"aps/scenarios/{made(caller, shop)}/add-change/", body)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "machine")


def test_a_scenario_is_promoted_stopped_and_dropped(caller: Caller, shop: Shop) -> None:
    """With no change the plan is as good: plan 2. What is over is a 409 that says so."""
    key = made(caller, shop)
    nothing = caller.post(f"aps/scenarios/{key}/stop/")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_stop")
    solve(caller, key)
    PlannedOperation.objects.update(plan_no=1)
    promoted = caller.post(f"aps/scenarios/{key}/promote/", {})
    assert (promoted.status_code, promoted.json()["state"], promoted.json()["promoted_no"]) == (200, "promoted", 2)
    dropped = caller.post(f"aps/scenarios/{key}/drop/")
    assert (dropped.status_code, dropped.json()["code"]) == (409, "scenario_is_over")
    second = made(caller, shop, "Another")
    assert caller.post(f"aps/scenarios/{second}/drop/").json()["state"] == "dropped"
    assert caller.post(f"aps/scenarios/{second}/drop/").json()["state"] == "dropped"


def test_several_are_compared(caller: Caller, shop: Shop) -> None:
    keys = [made(caller, shop, name) for name in ("One", "Two")]
    for key in keys:
        solve(caller, key)
    found = caller.post("aps/scenarios/compare/", {"scenarios": keys}, key="").json()
    assert (found["was"]["late_lines"], [one["scenario"] for one in found["results"]]) == (1, keys)
    unsolved = made(caller, shop, "Three")
    refused = caller.post("aps/scenarios/compare/", {"scenarios": [keys[0], unsolved]}, key="")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "scenarios")


def test_others_find_nothing(shop: Shop, caller: Caller) -> None:
    key = made(caller, shop)
    assert make_caller(shop.plant.company, "sales").get(f"aps/scenarios/{key}/").status_code == 403
    auditor = make_caller(shop.plant.company, "auditor")
    assert auditor.get(f"aps/scenarios/{key}/").status_code == 200
    assert auditor.post(f"aps/scenarios/{key}/drop/").status_code == 403
    assert Scenario.objects.get().state == "draft"
