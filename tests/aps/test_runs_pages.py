"""Plan runs through the front door: the list, one run with its curve, the stop, longer searches, and who may."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from aps import services as aps
from aps.models import PlanRun, PlanWish, RunWorth
from aps.views.chart import chart
from tests.api.conftest import make_caller
from tests.aps.shop import NOW, Shop, at, build
from tests.aps.test_board_page import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """Sawn for an hour from 09:14, promised for 09:44, so half an hour late: one run, one plan."""
    shop = build(["SAW-1"])
    shop.order([("SAW", 60)], promised_at=at("09:44"))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop


@pytest.fixture
def planner(client: Client, shop: Shop) -> Client:
    client.force_login(person(shop, "planner", only_here=True))
    return client


def running(shop: Shop) -> PlanRun:
    """A search begun at 09:15: 12,000 points a minute later, 9,000 after two minutes; no plan has under 6,000."""
    return PlanRun.objects.create(
        plant=shop.plant,
        token=1,
        base_no=1,
        wanted_version=2,
        cause="Pavel wants it searched for 10 min",
        budget_seconds=600,
        moves=4321,
        objective_before=12_000,
        objective_after=9_000,
        lower_bound=6_000,
        minute_points=100,
        curve=[[60.0, 12_000], [120.0, 9_000]],
        started_at=at("09:15"),
        told_at=at("09:17"),
    )


def test_a_turn_keeps_why_it_was_made_its_curve_and_what_its_points_are_made_of(shop: Shop) -> None:
    """One order of weight 1: 30 min late at 100 points, and 60 min from now to its end at 1 point: 3,060."""
    run = PlanRun.objects.get()
    assert (run.reason, run.cause) == ("order", f"Order {run.cause.removeprefix('Order ')}")
    assert (run.objective_before, run.objective_after, run.saved_percent) == (3060, 3060, 0)
    assert [points for _seconds, points in run.curve] == [3060]
    assert (run.lower_bound, run.minute_points, run.budget_seconds) == (3060, 100, None)
    best = RunWorth.objects.get(is_best=True)
    assert (best.late_lines, best.lateness_min, best.setup_min) == (1, 30, 0)
    assert (best.late_points, best.waiting_points, best.setup_points, best.change_points) == (3000, 60, 0, 0)


def test_the_list_says_what_each_run_brought(planner: Client, shop: Shop) -> None:
    """9,000 of 12,000 points at 100 a minute: 120 and 90 minutes of delay, 25 % saved."""
    running(shop)
    page = planner.get(reverse("aps:runs"))
    cells = [[str(cell) for _column, cell in row.cells] for row in page.context["rows"]]
    assert cells[0][4:9] == ["120 s", "4,321", "120", "90", "25.0 %"]
    assert "Pavel wants it searched for 10 min" in cells[0][2]
    assert cells[1][9] == "1"
    text = page.content.decode()
    assert "live:runs from:body" in text
    for seconds in (30, 120, 600):
        assert f'name="seconds" value="{seconds}"' in text


def test_a_running_search_shows_its_curve_and_a_stop_button(planner: Client, shop: Shop) -> None:
    run = running(shop)
    text = planner.get(reverse("aps:run", args=[run.pk])).content.decode()
    assert f"live:run-{run.pk} from:body" in text
    assert reverse("aps:run_stop", args=[run.pk]) in text
    assert "no plan gets below 60" in text
    assert "From 120 to 90 minutes of delay within 120 s" in text
    part = planner.get(reverse("aps:run_now", args=[run.pk])).content.decode()
    assert "<html" not in part
    assert 'class="curve-line"' in part


def test_a_run_that_is_over_shows_what_its_points_are_made_of_and_its_plan(planner: Client, shop: Shop) -> None:
    """3,000 points of lateness and 60 of waiting at 100 a minute of delay: 30 and 1 minutes."""
    run = PlanRun.objects.get()
    page = planner.get(reverse("aps:run", args=[run.pk]))
    assert [(part.before, part.after) for _name, part in page.context["parts"]] == [(30, 30), (1, 1), (0, 0), (0, 0)]
    text = page.content.decode()
    assert reverse("aps:run_stop", args=[run.pk]) not in text
    assert f"{reverse('aps:plans')}?number=1" in text
    assert f"{reverse('aps:board')}?plant={shop.plant.pk}" in text


def test_a_search_is_stopped_once_and_names_who_did(planner: Client, shop: Shop) -> None:
    run = running(shop)
    for _ in range(2):
        answer = planner.post(reverse("aps:run_stop", args=[run.pk]))
        assert answer.status_code == 302
    run.refresh_from_db()
    assert str(run.stop_requested_by) == "plannerMAIN"
    text = planner.get(reverse("aps:run", args=[run.pk])).content.decode()
    assert "plannerMAIN has stopped it" in text
    assert reverse("aps:run_stop", args=[run.pk]) not in text


def test_a_run_that_ended_meanwhile_is_not_stopped(planner: Client, shop: Shop) -> None:
    run = PlanRun.objects.get()
    page = planner.post(reverse("aps:run_stop", args=[run.pk]), follow=True)
    assert "This run is over already: plan 1 was published." in page.content.decode()
    run.refresh_from_db()
    assert run.stop_requested_at is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("unchanged", "it found nothing better than the plan in force"),
        ("discarded", "its result was thrown away because the shop had moved on"),
        ("failed", "it failed"),
        ("lost", "its worker was lost and another one took over"),
    ],
)
def test_a_refusal_says_how_the_run_ended(shop: Shop, state: str, words: str) -> None:
    PlanRun.objects.update(state=state)
    caller = make_caller(shop.plant.company, "planner")
    refused = caller.post(f"aps/plan-runs/{PlanRun.objects.get().pk}/stop/")
    assert (refused.status_code, refused.json()["code"]) == (409, "run_is_over")
    assert refused.json()["detail"] == f"This run is over already: {words}."


def test_another_plants_run_is_not_to_be_found_and_sales_only_look(client: Client, shop: Shop) -> None:
    run = running(shop)
    other = build(["SAW-1"], code="OTHER")
    client.force_login(person(other, "planner", only_here=True))
    for name in ("run", "run_now"):
        assert client.get(reverse(f"aps:{name}", args=[run.pk])).status_code == 404
    assert client.post(reverse("aps:run_stop", args=[run.pk])).status_code == 404
    assert client.post(reverse("aps:optimise", args=[shop.plant.pk]), {"seconds": 30}).status_code == 404
    assert not client.get(reverse("aps:runs")).context["rows"]
    client.force_login(person(shop, "sales"))
    page = client.get(reverse("aps:run", args=[run.pk])).content.decode()
    assert reverse("aps:run_stop", args=[run.pk]) not in page
    assert client.post(reverse("aps:run_stop", args=[run.pk])).status_code == 403
    assert "optimise" not in client.get(reverse("aps:runs")).content.decode()


def test_a_longer_search_is_wished_for_in_words_and_seconds(planner: Client, shop: Shop) -> None:
    planner.post(reverse("aps:optimise", args=[shop.plant.pk]), {"seconds": 120})
    wish = PlanWish.objects.latest("version")
    assert (wish.seconds, wish.text, wish.reason) == (120, "plannerMAIN wants it searched for 2 min", "planner")
    for wrong in ("0", "601", "soon", ""):
        page = planner.post(reverse("aps:optimise", args=[shop.plant.pk]), {"seconds": wrong}, follow=True)
        assert "from 1 to 600" in page.content.decode()
    assert PlanWish.objects.filter(seconds__isnull=False).count() == 1


def test_beside_the_board_nobody_leaves_the_page(planner: Client, shop: Shop) -> None:
    """What is to be said comes with the answer, a refusal too; it does not wait for the next page."""
    address = reverse("aps:optimise", args=[shop.plant.pk])
    done = planner.post(address, {"seconds": 30, "stay": "1"}, headers={"HX-Request": "true"})
    assert (done.status_code, done.has_header("HX-Redirect")) == (204, False)
    said = json.loads(done["HX-Trigger"])["said"]
    assert (said["kind"], said["text"][:27]) == ("success", "A longer search has been as")
    refused = planner.post(address, {"seconds": 0, "stay": "1"}, headers={"HX-Request": "true"})
    assert json.loads(refused["HX-Trigger"])["said"]["kind"] == "error"
    assert "note is-" not in planner.get(reverse("aps:runs")).content.decode()


def test_over_rest_a_wish_may_say_for_how_long(shop: Shop) -> None:
    caller, address = make_caller(shop.plant.company, "planner"), f"aps/plants/{shop.plant.pk}/want-plan/"
    assert caller.post(address, {"text": "A quiet night", "seconds": 600}).status_code == 200
    wish = PlanWish.objects.latest("version")
    assert (wish.text, wish.seconds) == ("A quiet night", 600)
    refused = caller.post(address, {"text": "A quiet week", "seconds": 601})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "seconds")


def test_plans_are_found_by_their_number(planner: Client, shop: Shop) -> None:
    url = reverse("aps:plans")
    found = {wish: len(planner.get(f"{url}?number={wish}").context["rows"]) for wish in ("1", "2", "11", "x", "")}
    assert found == {"1": 1, "2": 0, "11": 0, "x": 0, "": 1}


def test_a_curve_is_drawn_as_steps_between_round_numbers() -> None:
    """From 120 to 90 minutes within 120 s: steps of 10 from 80 to 120, half of the time at 60 s, a bound of 85."""
    drawn = chart([(60.0, 120.0), (120.0, 90.0)], 120.0, 85.0)
    assert drawn is not None
    assert drawn.heights == (120, 110, 100, 90, 80)
    assert drawn.times == ("0 s", "30 s", "1 min", "1:30", "2 min")
    assert drawn.line == "M500.0 0.0H1000.0V750.0H1000.0"
    assert (drawn.end, drawn.bound) == ((1000.0, 750.0), 875.0)
    assert chart([], 3.0) is None


@pytest.mark.parametrize(
    ("least", "most"), [(0, 0), (0.2, 0.4), (7, 7), (99, 101), (1_234_567, 1_300_000), (3, 10**9), (2.5, 9.9)]
)
def test_every_curve_fits_between_its_heights(least: float, most: float) -> None:
    drawn = chart([(0.0, most), (1.0, least)], 1.0)
    assert drawn is not None
    assert drawn.heights[-1] <= least <= most <= drawn.heights[0]
    assert len({high - low for high, low in zip(drawn.heights, drawn.heights[1:], strict=False)}) == 1
