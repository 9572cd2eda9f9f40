"""The publish dialog with changes in several plants: chosen plant by plant, each by itself, each its own word.

In each plant saw 1 has A 09:14 to 10:14 and B 10:14 to 10:44 as plan 1; saw 2 is free. It is 09:14.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import override_settings
from django.urls import reverse

from aps import services as aps
from aps import warm
from aps.models import BoardDraft, Plan
from aps.rows import Row
from erp.models import WorkOrderOperation
from masterdata.models import Membership
from suite.asks import offer
from tests.aps.shop import NOW, Shop, at, build
from tests.aps.test_drafts import Planner, move, stands

pytestmark = pytest.mark.django_db


@pytest.fixture
def shops(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Shop, Shop]]:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    monkeypatch.setattr(offer.warm, "is_there", lambda: False)
    west, east = build(["SAW-1", "SAW-2"]), build(["SAW-1", "SAW-2"], code="EAST")
    with override_settings(THROUGHLINE_SOLVE_MOVES=200):
        yield west, east
    for shop in (west, east):
        warm.forget(shop.plant.pk)


def published(shop: Shop) -> list[WorkOrderOperation]:
    first = shop.order([("SAW", 60)], promised_at=at("10:14"))[0]
    second = shop.order([("SAW", 30)], promised_at=at("11:30"))[0]
    saw = shop.machines["SAW-1"].pk
    rows = [
        Row(first.pk, saw, at("09:14"), at("09:14"), at("10:14"), 0),
        Row(second.pk, saw, at("10:14"), at("10:14"), at("10:44"), 0),
    ]
    aps.publish_plan(plant_id=shop.plant.pk, base_no=0, rows=rows, origin="search", now=NOW, covers_version=2)
    return [first, second]


class Both:
    """One planner of two plants, with a change in each: in the west B goes before A, in the east B to saw 2."""

    def __init__(self, shops: tuple[Shop, Shop]) -> None:
        self.west, self.east = shops
        self.jobs = {shop.plant.code: published(shop) for shop in shops}
        self.anna = Planner(self.west, "anna")
        self.there = copy.copy(self.anna)
        self.there.shop = self.east
        self.anna.save(move(self.west, self.jobs["MAIN"][1], "SAW-1", "09:14"))
        self.there.save(move(self.east, self.jobs["EAST"][1], "SAW-2", "09:30"))

    def shown(self, *shops: Shop) -> str:
        wish = "&".join(f"plant={shop.plant.pk}" for shop in shops)
        answer = self.anna.client.get(f"{reverse('suite:board_summary')}?{wish}")
        assert answer.status_code == 200
        return re.sub(r"\s+", " ", answer.content.decode())

    def publish(self, *shops: Shop, status: int = 204, **more: Any) -> Any:
        """These plants are ticked; what the dialog says of the drafts' versions travels for both."""
        body: dict[str, Any] = {"plant": [shop.plant.pk for shop in shops], "note": "Both"}
        for one in (self.anna, self.there):
            body[f"version-{one.shop.plant.pk}"] = one.draft()["version"]
        answer = self.anna.client.post(reverse("suite:board_summary"), body | more)
        assert answer.status_code == status, answer.content
        return answer


@pytest.fixture
def both(shops: tuple[Shop, Shop]) -> Both:
    return Both(shops)


def ticked(page: str, shop: Shop) -> bool:
    return f'name="plant" value="{shop.plant.pk}" checked' in page


def test_each_plant_has_its_part_and_those_of_the_board_are_ticked(both: Both) -> None:
    """In the west A ends at 10:44, half an hour late; in the east nobody becomes late."""
    page = both.shown(both.west)
    assert "Publish the changes of 2 plants?" in page
    assert ticked(page, both.west)
    assert not ticked(page, both.east)
    west, east = sorted(page.split('class="publish-plant"')[1:], key=lambda part: both.east.plant.name in part)
    assert "1 change, becomes plan 2" in west
    assert "30 min late" in west
    assert "30 min late" not in east
    assert "Nobody: every order comes when it came before." not in west
    assert all(ticked(both.shown(both.west, both.east), one) for one in (both.west, both.east))


def test_one_is_said_as_one_and_money_as_everywhere(both: Both) -> None:
    """In the west A and B change places, which makes A late, and both stay on their saw. In the east B alone moves, to
    the other saw, and nobody becomes late; nothing is set up anywhere."""
    page = both.shown(both.west)
    west, east = sorted(page.split('class="publish-plant"')[1:], key=lambda part: both.east.plant.name in part)
    figures = [re.findall("<dd[^>]*>(.*?)</dd><dt>(.*?)</dt>", part) for part in (west, east)]
    assert [figures[0][at] for at in (0, 1, 3)] == [
        ("2", "operations move"), ("0", "change machine"), ("1", "order becomes late"),
    ]  # fmt: skip
    assert [figures[1][at] for at in (0, 1, 3)] == [
        ("1", "operation moves"), ("1", "changes machine"), ("0", "orders become late"),
    ]  # fmt: skip
    assert {part[4] for part in figures} == {("EUR 0.00", "cost of machine time")}


def test_the_dialog_says_what_lateness_costs(both: Both) -> None:
    """A is half an hour late in the west, where an hour costs 18.00; in the east nobody has said what one costs."""
    aps.set_weights(plant_id=both.west.plant.pk, values={"late_hour_cost": 18})
    warm.forget(both.west.plant.pk)
    page = both.shown(both.west)
    assert "<dd>EUR +9.00</dd><dt>cost, EUR +9.00 of it lateness</dt>" in page
    assert "<dd>EUR 0.00</dd><dt>cost of machine time</dt>" in page


def test_where_nothing_is_late_the_dialog_names_no_lateness(both: Both) -> None:
    """In the east nobody becomes late, whatever an hour costs."""
    aps.set_weights(plant_id=both.east.plant.pk, values={"late_hour_cost": 18})
    warm.forget(both.east.plant.pk)
    assert "<dd>EUR 0.00</dd><dt>cost</dt>" in both.shown(both.east)


def test_one_plant_is_published_and_the_other_stays_a_draft(both: Both) -> None:
    answer = both.publish(both.west)
    told = {"plants": [both.west.plant.pk], "is_whole": True}
    assert json.loads(answer["HX-Trigger"]) == {"board:published": told}
    assert stands(both.jobs["MAIN"][1]) == ("SAW-1", "09:14", "09:44")
    assert stands(both.jobs["EAST"][1]) == ("EAST-SAW-1", "10:14", "10:44")
    assert both.anna.draft()["edits"] == []
    assert len(both.there.draft()["edits"]) == 1
    page = both.shown(both.west)
    assert "Publish 1 change as plan 2?" in page
    assert both.east.plant.name in page


def test_who_saw_the_effect_on_another_plan_is_shown_it_anew_before_it_is_published(both: Both) -> None:
    """His dialog speaks of plan 1; plan 2 comes. He is told so once, with what his change means on plan 2."""
    key = f"plan_no-{both.west.plant.pk}"
    assert f'name="{key}" value="1"' in both.shown(both.west)
    first, second = both.jobs["MAIN"]
    saw, other = both.west.machines["SAW-1"].pk, both.west.machines["SAW-2"].pk
    rows = [
        Row(first.pk, saw, at("09:14"), at("09:14"), at("10:14"), 0),
        Row(second.pk, other, at("10:14"), at("10:14"), at("10:44"), 0),
    ]
    aps.publish_plan(plant_id=both.west.plant.pk, base_no=1, rows=rows, origin="search", now=NOW)
    warm.forget(both.west.plant.pk)
    page = both.publish(both.west, status=409, **{key: 1}).content.decode()
    assert "Plan 2 is in force meanwhile. This is what your changes mean now: look, and publish again." in page
    assert f'name="{key}" value="2"' in page
    assert len(both.anna.draft()["edits"]) == 1
    both.publish(both.west, **{key: 2})
    assert Plan.objects.filter(plant=both.west.plant).latest("number").number == 3


def test_both_are_published_at_once(both: Both) -> None:
    both.publish(both.west, both.east)
    assert stands(both.jobs["MAIN"][1]) == ("SAW-1", "09:14", "09:44")
    assert stands(both.jobs["EAST"][1]) == ("EAST-SAW-2", "09:30", "10:00")
    causes = Plan.objects.filter(number=2).values_list("cause", flat=True)
    assert list(causes) == ["Anna: Both", "Anna: Both"]
    assert not BoardDraft.objects.exclude(edits=[]).exists()


def test_a_refusal_of_one_is_said_and_the_other_is_published(both: Both) -> None:
    """In the west B has begun meanwhile: that draft stays as it was, with its reason; the east has plan 2."""
    both.west.start(both.jobs["MAIN"][1], "SAW-1", NOW)
    warm.forget(both.west.plant.pk)
    answer = both.publish(both.west, both.east, status=422)
    page = re.sub(r"\s+", " ", answer.content.decode())
    assert f"{both.east.plant.name} has plan 2 now." in page
    assert "It has begun on the floor" in page
    told = {"plants": [both.east.plant.pk], "is_whole": False}
    assert json.loads(answer["HX-Trigger"]) == {"board:published": told}
    assert stands(both.jobs["EAST"][1]) == ("EAST-SAW-2", "09:30", "10:00")
    assert Plan.objects.filter(plant=both.west.plant).count() == 1
    assert len(both.anna.draft()["edits"]) == 1
    assert both.there.draft()["edits"] == []


def test_a_draft_that_was_changed_in_another_window_is_not_published_unseen(both: Both) -> None:
    stale = {f"version-{both.west.plant.pk}": 7}
    page = both.publish(both.west, both.east, status=409, **stale).content.decode()
    assert "in another window" in page
    assert Plan.objects.filter(plant=both.west.plant).count() == 1
    assert Plan.objects.filter(plant=both.east.plant).count() == 2


def test_nothing_ticked_publishes_nothing(both: Both) -> None:
    page = both.publish(status=422).content.decode()
    assert "Choose at least one plant to publish." in page
    assert Plan.objects.filter(number=2).count() == 0


def test_a_plant_that_one_may_not_publish_is_neither_shown_nor_published(both: Both) -> None:
    Membership.objects.filter(user=both.anna.user).update(plant=both.west.plant)
    page = both.shown(both.west, both.east)
    assert "Publish 1 change as plan 2?" in page
    assert both.east.plant.name not in page
    answer = both.anna.client.post(
        reverse("suite:board_summary"), {"plant": both.east.plant.pk, f"version-{both.east.plant.pk}": 1}
    )
    assert answer.status_code == 422
    assert Plan.objects.filter(number=2).count() == 0
