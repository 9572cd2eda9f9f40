"""What counts in a plan is the planner's to say, in minutes of delay; the next plan goes by it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from aps import services as aps
from aps.models import PlannedOperation, PlanWeights, PlanWish
from erp.models import WorkOrderOperation
from tests.api.conftest import make_caller
from tests.aps.shop import NOW, Shop, at, build
from tests.aps.test_board_page import person

pytestmark = pytest.mark.django_db
USUAL = {
    "setup_hour_min": 6,
    "sooner_day_min": 14,
    "moved_min": 20,
    "machine_min": 20,
    "moved_after_min": 15,
    "stable_for_h": 24,
    "frozen_h": 0,
    "overtime_day_min": 120,
    "overtime_premium_percent": 25,
    "late_hour_cost": 0,
}


@pytest.fixture
def planner(client: Client, shop: Shop) -> Client:
    client.force_login(person(shop, "planner", only_here=True))
    return client


@pytest.fixture
def shop() -> Shop:
    """One saw, round the clock."""
    return build(["SAW-1"])


def test_the_page_shows_the_cost_of_an_hour_as_it_was_written(planner: Client, shop: Shop) -> None:
    save(planner, shop, late_hour_cost=18)
    page = planner.get(reverse("aps:weights", args=[shop.plant.pk])).content.decode()
    assert 'name="late_hour_cost" value="18"' in page


def sequence(shop: Shop, jobs: list[WorkOrderOperation]) -> str:
    """The jobs in the order of the plan, A for the first."""
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    order = PlannedOperation.objects.order_by("starts_at").values_list("operation_id", flat=True)
    names = {job.pk: "ABC"[at] for at, job in enumerate(jobs)}
    return "".join(names[key] for key in order)


def save(planner: Client, shop: Shop, **changed: int) -> None:
    url = reverse("aps:weights", args=[shop.plant.pk])
    version = PlanWeights.objects.values_list("version", flat=True).first() or 1
    answer = planner.post(url, {**USUAL, **changed, "version": version})
    assert answer.status_code == 302, answer.content.decode()


def test_setups_that_cost_more_are_saved_and_calm_that_costs_nothing_is_given_up(planner: Client, shop: Shop) -> None:
    """From 09:14, 30 min of setup between families. A (oak, due 10:44), B (red, due 12:14), C (oak, any time), an hour
    each. A B C: three setups, nobody late. A C B: two setups, B 60 min late, two jobs moved.

    Usual: half an hour of setup is worth 3 min of delay: A B C. An hour of setup worth 150: half an hour saves 75, and
    costs 60 of delay and twice 20 of moving: still A B C. Moving for nothing: 75 against 60, A C B.
    """
    jobs = [
        *shop.order([("SAW", 60)], family="oak", setup=30, promised_at=at("10:44")),
        *shop.order([("SAW", 60)], family="red", setup=30, promised_at=at("12:14")),
        *shop.order([("SAW", 60)], family="oak", setup=30, promised_at=at("12:14", 30)),
    ]
    assert sequence(shop, jobs) == "ABC"
    save(planner, shop, setup_hour_min=150)
    assert PlanWish.objects.latest("version").text == "The planner changed what counts in a plan"
    assert sequence(shop, jobs) == "ABC"
    save(planner, shop, setup_hour_min=150, moved_min=0)
    assert sequence(shop, jobs) == "ACB"


@pytest.mark.parametrize(("frozen_h", "expected"), [(3, "ABC"), (1, "ACB")])
def test_what_is_frozen_stays_whatever_it_costs(planner: Client, shop: Shop, frozen_h: int, expected: str) -> None:
    """As above: A 09:44, B 11:14, C 12:44, and moving for nothing would be A C B. Until 12:14 A and B are frozen; until
    10:14 A alone.
    """
    jobs = [
        *shop.order([("SAW", 60)], family="oak", setup=30, promised_at=at("10:44")),
        *shop.order([("SAW", 60)], family="red", setup=30, promised_at=at("12:14")),
        *shop.order([("SAW", 60)], family="oak", setup=30, promised_at=at("12:14", 30)),
    ]
    assert sequence(shop, jobs) == "ABC"
    save(planner, shop, setup_hour_min=150, moved_min=0, frozen_h=frozen_h)
    assert sequence(shop, jobs) == expected


def test_the_page_shows_the_usual_values_until_somebody_changes_them(planner: Client, shop: Shop) -> None:
    page = planner.get(reverse("aps:any_weights"), follow=True)
    assert page.redirect_chain == [(reverse("aps:weights", args=[shop.plant.pk]), 302)]
    assert {name: page.context["form"].initial[name] for name in USUAL} == USUAL
    save(planner, shop)
    assert PlanWish.objects.count() == 0, "the same values again want no plan"
    save(planner, shop, moved_min=45)
    assert PlanWeights.objects.get().moved_min == 45


def test_a_wrong_value_is_said_at_its_field_and_changes_nothing(planner: Client, shop: Shop) -> None:
    url = reverse("aps:weights", args=[shop.plant.pk])
    for name, value in (("moved_min", "-1"), ("setup_hour_min", "99999999"), ("stable_for_h", "soon")):
        answer = planner.post(url, {**USUAL, name: value, "version": 1})
        assert answer.status_code == 422
        assert name in answer.context["form"].errors
    assert not PlanWeights.objects.exists()
    assert not PlanWish.objects.exists()


def test_two_planners_at_once_see_both_versions(planner: Client, shop: Shop) -> None:
    save(planner, shop, moved_min=45)
    answer = planner.post(reverse("aps:weights", args=[shop.plant.pk]), {**USUAL, "moved_min": 5, "version": 1})
    assert answer.status_code == 409
    assert PlanWeights.objects.get().moved_min == 45


def test_another_plants_weights_are_not_to_be_found(planner: Client, shop: Shop) -> None:
    other = build(["SAW-1"], code="OTHER")
    assert planner.get(reverse("aps:weights", args=[other.plant.pk])).status_code == 404


def test_sales_may_not_change_what_counts(client: Client, shop: Shop) -> None:
    client.force_login(person(shop, "sales"))
    assert client.get(reverse("aps:weights", args=[shop.plant.pk])).status_code == 403


def test_over_rest_what_is_not_sent_stays(shop: Shop) -> None:
    caller, address = make_caller(shop.plant.company, "planner"), f"aps/plants/{shop.plant.pk}"
    assert caller.get(f"{address}/weights/").json()["moved_min"] == 20
    changed = caller.post(f"{address}/set-weights/", {"moved_min": 45}).json()
    assert (changed["moved_min"], changed["machine_min"], changed["version"]) == (45, 20, 2)
    refused = caller.post(f"{address}/set-weights/", {"moved_min": 99_999_999})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "moved_min")
