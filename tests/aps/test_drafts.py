"""Drafts of two planners through the front door: kept, seen by the other, published on top of each other; and pins.

Saw 1 has A 09:14 to 10:14 and B 10:14 to 10:44 as plan 1; saw 2 is free. It is 09:14.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import reverse

from aps import services as aps
from aps import warm
from aps.minutes import minute_of
from aps.models import BoardDraft, OperationPin, Plan, PlannedOperation
from aps.rows import Row
from erp.models import WorkOrderOperation
from masterdata.models import Membership, User
from suite.asks import offer
from tests.aps.shop import NOW, Shop, at, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    monkeypatch.setattr(offer.warm, "is_there", lambda: False)
    made = build(["SAW-1", "SAW-2"])
    with override_settings(THROUGHLINE_SOLVE_MOVES=200):
        yield made
    warm.forget(made.plant.pk)


@pytest.fixture
def jobs(shop: Shop) -> list[WorkOrderOperation]:
    """A and B, published."""
    first = shop.order([("SAW", 60)], promised_at=at("10:14"))[0]
    second = shop.order([("SAW", 30)], promised_at=at("11:30"))[0]
    saw = shop.machines["SAW-1"].pk
    rows = [
        Row(first.pk, saw, at("09:14"), at("09:14"), at("10:14"), 0),
        Row(second.pk, saw, at("10:14"), at("10:14"), at("10:44"), 0),
    ]
    aps.publish_plan(plant_id=shop.plant.pk, base_no=0, rows=rows, origin="search", now=NOW, covers_version=2)
    return [first, second]


class Planner:
    """Somebody at the board."""

    def __init__(self, shop: Shop, name: str, role: str = "planner") -> None:
        self.user = User.objects.create_user(name, password="a-long-password", first_name=name.title())
        Membership.objects.create(user=self.user, role=role, company=shop.plant.company)
        self.client, self.shop = Client(), shop
        self.client.force_login(self.user)

    def draft(self) -> Any:
        return self.client.get(reverse("aps:draft", args=[self.shop.plant.pk])).json()

    def save(self, *edits: dict[str, Any], version: int | None = None, status: int = 200) -> Any:
        last = self.draft()["version"] if version is None else version
        answer = self.client.put(
            reverse("aps:draft", args=[self.shop.plant.pk]),
            {"version": last, "edits": list(edits)},
            content_type="application/json",
        )
        assert answer.status_code == status, answer.content
        return answer.json()

    def address(self) -> str:
        return f"{reverse('suite:board_summary')}?plant={self.shop.plant.pk}"

    def summary(self) -> str:
        answer = self.client.get(self.address())
        assert answer.status_code == 200
        return answer.content.decode()

    def publish(self, *, status: int = 204, **more: Any) -> Any:
        key = self.shop.plant.pk
        given = {"version": self.draft()["version"], "left_out": 0, **more}
        numbers = {f"{name}-{key}": given.pop(name) for name in ("version", "left_out")}
        body = {"plant": key, "note": "", **numbers, **given}
        answer = self.client.post(self.address(), body)
        assert answer.status_code == status, answer.content
        return answer


def move(shop: Shop, job: WorkOrderOperation, machine: str, clock: str, *, pin: bool = False) -> dict[str, Any]:
    place = {"id": job.pk, "machine": shop.machines[machine].pk, "at": minute_of(at(clock))}
    return {"do": "move", "ops": [place], "pin": pin}


def stands(job: WorkOrderOperation) -> tuple[str, str, str]:
    row = PlannedOperation.objects.select_related("machine").get(operation=job.pk)
    return row.machine.code, f"{row.starts_at:%H:%M}", f"{row.ends_at:%H:%M}"


def test_a_draft_is_kept_and_the_other_planner_sees_that(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    anna, bert = Planner(shop, "anna"), Planner(shop, "bert")
    edit = move(shop, jobs[1], "SAW-2", "09:30")
    assert anna.draft() == {"version": 0, "base_no": 0, "edits": [], "others": [], "can_edit": True}
    assert anna.save(edit)["version"] == 1
    assert anna.draft()["edits"] == [edit]
    assert anna.draft()["base_no"] == 1
    seen = bert.draft()
    assert seen["edits"] == []
    assert [(one["name"], one["changes"]) for one in seen["others"]] == [("Anna", 1)]


def test_a_second_window_does_not_overwrite_the_first(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    anna = Planner(shop, "anna")
    first, second = move(shop, jobs[1], "SAW-2", "09:30"), move(shop, jobs[1], "SAW-2", "11:00")
    anna.save(first)
    refused = anna.save(second, version=0, status=409)
    assert refused["code"] == "stale_draft"
    assert anna.draft()["edits"] == [first]


def test_who_may_not_publish_looks_on(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    sales = Planner(shop, "sam", "sales")
    assert sales.draft()["can_edit"] is False
    sales.save(version=0, status=403)
    assert sales.client.get(sales.address()).status_code == 403
    assert Planner(shop, "otto", "operator").client.get(reverse("aps:draft", args=[shop.plant.pk])).status_code == 403


def test_publishing_makes_the_draft_the_plan(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    """B before A on saw 1: A ends at 10:44, half an hour after its promise."""
    first, second = jobs
    anna = Planner(shop, "anna")
    anna.save(move(shop, second, "SAW-1", "09:14"))
    shown = re.sub(r"\s+", " ", anna.summary())
    assert "Publish 1 change as plan 2?" in shown
    assert "30 min late" in shown
    answer = anna.publish(note="Tables first")
    told = {"plants": [shop.plant.pk], "is_whole": True}
    assert json.loads(answer["HX-Trigger"]) == {"board:published": told}
    assert stands(second) == ("SAW-1", "09:14", "09:44")
    assert stands(first) == ("SAW-1", "09:44", "10:44")
    plan = Plan.objects.get(plant=shop.plant, number=2)
    assert (plan.origin, plan.cause, plan.late_lines, plan.changed) == ("board", "Anna: Tables first", 1, 2)
    assert anna.draft()["edits"] == []
    assert not OperationPin.objects.exists()


def test_nothing_is_published_without_changes_or_twice(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    anna = Planner(shop, "anna")
    assert "Nothing to publish" in anna.summary()
    anna.publish(status=409)
    anna.save(move(shop, jobs[1], "SAW-2", "09:30"))
    anna.publish(version=7, status=409)
    anna.publish()
    anna.publish(status=409)
    assert Plan.objects.filter(plant=shop.plant).count() == 2


def test_a_pin_is_kept_by_later_planning_until_it_is_released(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    """B is pinned to saw 2 at 11:00, though it could begin at once. Planning anew leaves it there; released, it goes
    as early as it can: 09:14 on saw 2.
    """
    second = jobs[1]
    anna = Planner(shop, "anna")
    anna.save(move(shop, second, "SAW-2", "11:00", pin=True))
    anna.publish()
    assert [(one.operation_id, one.machine.code, one.runs_at) for one in OperationPin.objects.all()] == [
        (second.pk, "SAW-2", at("11:00"))
    ]
    again(shop)
    assert stands(second) == ("SAW-2", "11:00", "11:30")
    refused = anna.save(move(shop, second, "SAW-1", "12:00"))
    assert "pinned" in anna.summary()
    anna.save({"do": "unpin", "ops": [second.pk]}, version=refused["version"])
    anna.publish()
    assert not OperationPin.objects.exists()
    assert stands(second) == ("SAW-2", "11:00", "11:30")


def again(shop: Shop) -> None:
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Again")
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)


def test_a_pin_of_begun_work_binds_nobody(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    """B is pinned to 11:00 on saw 2 and begun at 09:14 there: it ends at 09:44."""
    second = jobs[1]
    anna = Planner(shop, "anna")
    anna.save(move(shop, second, "SAW-2", "11:00", pin=True))
    anna.publish()
    shop.start(second, "SAW-2", NOW)
    again(shop)
    assert stands(second) == ("SAW-2", "09:14", "09:44")


def test_the_second_planner_keeps_his_changes_on_top_of_the_first_ones(
    shop: Shop, jobs: list[WorkOrderOperation]
) -> None:
    """Anna moves B to saw 2 at 09:30, Bert moves A behind 09:50 on saw 2; both are published, B first."""
    first, second = jobs
    anna, bert = Planner(shop, "anna"), Planner(shop, "bert")
    anna.save(move(shop, second, "SAW-2", "09:30"))
    bert.save(move(shop, first, "SAW-2", "09:50"))
    anna.publish()
    assert bert.draft()["edits"]
    bert.publish()
    assert stands(second) == ("SAW-2", "09:30", "10:00")
    assert stands(first) == ("SAW-2", "10:00", "11:00")


def test_what_is_not_possible_any_more_is_named_and_left_out(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    """A has begun meanwhile: it stays; B still moves, once the planner has seen what is left out."""
    first, second = jobs
    anna = Planner(shop, "anna")
    anna.save(move(shop, first, "SAW-2", "09:30"), move(shop, second, "SAW-2", "10:00"))
    shop.start(first, "SAW-1", NOW)
    warm.forget(shop.plant.pk)
    refused = anna.publish(status=422).content.decode()
    assert "It has begun on the floor" in refused
    assert f'name="left_out-{shop.plant.pk}" value="1"' in refused
    assert Plan.objects.filter(plant=shop.plant).count() == 1
    anna.publish(left_out=1)
    assert stands(second) == ("SAW-2", "10:00", "10:30")


def test_drafts_are_per_planner_and_plant(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    anna = Planner(shop, "anna")
    anna.save(move(shop, jobs[1], "SAW-2", "09:30"))
    anna.save()
    assert BoardDraft.objects.count() == 1
    assert anna.draft()["version"] == 2
