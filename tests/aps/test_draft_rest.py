"""A planner's draft over REST: a program tries, keeps and publishes changes, and reads the pins.

Saw 1 has A 09:14 to 10:14 and B 10:14 to 10:44; saw 2 is free.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aps import warm
from erp.models import WorkOrderOperation
from tests.api.conftest import Caller, make_caller
from tests.aps.shop import Shop, build
from tests.aps.test_drafts import jobs, move, shop, stands

pytestmark = pytest.mark.django_db
__all__ = ["jobs", "shop"]


@pytest.fixture
def caller(shop: Shop) -> Iterator[Caller]:
    yield make_caller(shop.plant.company, "planner")
    warm.forget(shop.plant.pk)


def test_a_program_tries_keeps_and_publishes(caller: Caller, shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    address = f"aps/plants/{shop.plant.pk}"
    edit = move(shop, jobs[1], "SAW-2", "09:30", pin=True)
    tried = caller.post(f"{address}/plan-effect/", {"edits": [], "trial": edit}, key="").json()
    assert (tried["effect"]["moved"], tried["effect"]["machines"], tried["refused"]) == (1, 1, [])
    assert (tried["moved"]["id"], tried["trial"]["id"]) == ([], [jobs[1].pk])
    short = caller.post(f"{address}/plan-effect/", {"edits": [], "trial": edit, "places": False}, key="").json()
    assert {**tried, "moved": None, "ms": 0} == {**short, "ms": 0}
    assert caller.get(f"{address}/draft/").json() == {"version": 0, "base_no": 0, "edits": []}
    kept = caller.post(f"{address}/save-draft/", {"version": 0, "edits": [edit]}).json()
    assert kept == {"version": 1, "base_no": 1, "edits": [edit]}
    stale = caller.post(f"{address}/save-draft/", {"version": 0, "edits": []})
    assert (stale.status_code, stale.json()["code"]) == (409, "stale_draft")
    assert caller.post(f"{address}/publish-draft/", {"version": 1}).json() == {"plan_no": 2}
    assert stands(jobs[1]) == ("SAW-2", "09:30", "10:00")
    (pin,) = caller.get("aps/operation-pins/", plant=shop.plant.pk).json()["results"]
    assert (pin["operation"], pin["machine"]) == (jobs[1].pk, shop.machines["SAW-2"].pk)


def test_other_plants_and_people_without_the_right_stay_out(caller: Caller, shop: Shop) -> None:
    other = build(code="EAST")
    foreign = make_caller(shop.plant.company, "sales")
    body = {"version": 0, "edits": []}
    assert foreign.post(f"aps/plants/{other.plant.pk}/save-draft/", body).status_code == 403
    assert foreign.post(f"aps/plants/{other.plant.pk}/plan-effect/", {}, key="").status_code == 403
    assert caller.post("aps/plants/999999/plan-effect/", {}, key="").status_code == 404
