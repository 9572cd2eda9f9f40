"""A planner decides about a proposal on its page and over REST; others look on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db.models import F
from django.test import Client
from django.urls import reverse

from aps import warm
from aps.models import Plan, PlantPlanning, RepairPolicy, RepairProposal
from masterdata.models import FlowRun
from suite import tasks
from tests.api.conftest import make_caller
from tests.aps.shop import Shop, build
from tests.aps.test_board_page import person
from tests.aps.test_proposals import broken, plan
from tests.crew import Crew, until


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    """Two saws round the clock, one of them down, and a proposal that waits without end; planned here, by no worker."""
    workers: Crew | None = request.getfixturevalue("workers") if "workers" in request.fixturenames else None
    if workers is None:
        request.getfixturevalue("db")
    else:
        workers.end()
    made = build(["SAW-1", "SAW-2"])
    broken(made, None)
    plan(made)
    if workers is not None:
        workers.start()
    yield made
    warm.forget(made.plant.pk)


@pytest.fixture
def planner(client: Client, shop: Shop) -> Client:
    client.force_login(person(shop, "planner", only_here=True))
    return client


def test_the_page_shows_both_options_and_what_each_does(planner: Client, shop: Shop) -> None:
    proposal = RepairProposal.objects.get()
    listed = planner.get(reverse("aps:proposals")).content.decode()
    assert reverse("aps:proposal", args=[proposal.pk]) in listed
    assert reverse("aps:any_policy") in listed
    page = planner.get(reverse("aps:proposal", args=[proposal.pk])).content.decode()
    assert page.count("Take this one") == 1
    assert "still late" in page
    assert "Leave it so" in page


def test_start_and_board_say_that_a_plan_waits_until_it_is_decided(planner: Client, shop: Shop) -> None:
    proposal = RepairProposal.objects.get()
    address, data = reverse("aps:proposal", args=[proposal.pk]), reverse("aps:board_data", args=[shop.plant.pk])
    start = planner.get(reverse("suite:home")).content.decode()
    assert "A plan waits for your decision" in start
    assert address in start
    assert "A plan waits for your decision" in planner.get(reverse("aps:board")).content.decode()
    assert planner.get(data).json()["proposal_url"] == address
    planner.post(reverse("aps:proposal_leave", args=[proposal.pk]))
    assert "waits for your decision" not in planner.get(reverse("suite:home")).content.decode()
    assert planner.get(data).json()["proposal_url"] == ""


def test_start_tells_only_who_may_decide(client: Client, shop: Shop) -> None:
    other = build(["SAW-1"], code="OTHER")
    client.force_login(person(other, "planner", only_here=True))
    assert "waits for your decision" not in client.get(reverse("suite:home")).content.decode()
    client.force_login(person(shop, "shift_lead"))
    assert "waits for your decision" not in client.get(reverse("suite:home")).content.decode()
    assert "A plan waits for a planner&#x27;s decision" in client.get(reverse("aps:board")).content.decode()


def test_work_of_which_nobody_knows_whether_it_began_is_not_published_late(planner: Client, shop: Shop) -> None:
    """The shop stands at 23 November; the button is pressed days later: what was to begin then has not begun."""
    proposal = RepairProposal.objects.get()
    answer = planner.post(reverse("aps:proposal_take", args=[proposal.pk]), {"option": "usual"}, follow=True)
    assert "Work was to have begun by it and has not: another proposal is being made" in answer.content.decode()
    assert RepairProposal.objects.get().is_open


def test_left_by_a_click_it_is_over_and_says_who_did_it(planner: Client, shop: Shop) -> None:
    proposal = RepairProposal.objects.get()
    answer = planner.post(reverse("aps:proposal_leave", args=[proposal.pk]), follow=True)
    assert RepairProposal.objects.get().state == "left"
    page = answer.content.decode()
    assert "Left as it was by" in page
    assert "Take this one" not in page
    assert Plan.objects.latest("number").is_final
    again = planner.post(reverse("aps:proposal_leave", args=[proposal.pk]), follow=True).content.decode()
    assert "It is over: left as it was by" in again


def test_sales_looks_on(client: Client, shop: Shop) -> None:
    client.force_login(person(shop, "sales"))
    proposal = RepairProposal.objects.get()
    assert "Take this one" not in client.get(reverse("aps:proposal", args=[proposal.pk])).content.decode()
    assert client.post(reverse("aps:proposal_take", args=[proposal.pk])).status_code == 403
    assert client.get(reverse("aps:policy", args=[shop.plant.pk])).status_code == 403


def test_another_plants_proposal_is_not_to_be_found(client: Client, shop: Shop) -> None:
    other = build(["SAW-1"], code="OTHER")
    client.force_login(person(other, "planner", only_here=True))
    assert client.get(reverse("aps:proposal", args=[RepairProposal.objects.get().pk])).status_code == 404


def test_the_policy_is_chosen_on_its_page(planner: Client, shop: Shop) -> None:
    """Three modes; the minutes count, and are asked for, only with the second."""
    RepairPolicy.objects.all().delete()
    page = planner.get(reverse("aps:any_policy"), follow=True)
    assert page.context["form"].initial == {"mode": "at_once", "wait_min": None}
    assert page.content.decode().count('type="radio"') == 3
    url = reverse("aps:policy", args=[shop.plant.pk])
    assert planner.post(url, {"mode": "some_time", "wait_min": "30", "version": 1}).status_code == 302
    assert RepairPolicy.objects.get().wait_min == 30
    assert planner.get(url).context["form"].initial == {"mode": "some_time", "wait_min": 30}
    assert planner.post(url, {"mode": "some_time", "wait_min": "5", "version": 1}).status_code == 409
    assert planner.post(url, {"mode": "planner", "wait_min": "30", "version": 2}).status_code == 302
    assert RepairPolicy.objects.get().wait_min is None
    assert planner.get(url).context["form"].initial == {"mode": "planner", "wait_min": None}
    assert planner.post(url, {"mode": "at_once", "wait_min": "soon", "version": 3}).status_code == 302
    assert RepairPolicy.objects.get().wait_min == 0


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        ("", "Enter for how many minutes it waits."),
        ("0", "greater than or equal to 1"),
        ("10081", "10080"),
        ("x", "whole"),
    ],
)
def test_waiting_needs_minutes_up_to_a_week(planner: Client, shop: Shop, minutes: str, said: str) -> None:
    url = reverse("aps:policy", args=[shop.plant.pk])
    answer = planner.post(url, {"mode": "some_time", "wait_min": minutes})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert RepairPolicy.objects.get().wait_min is None


def test_over_rest_the_same(shop: Shop) -> None:
    caller, proposal = make_caller(shop.plant.company, "planner"), RepairProposal.objects.get()
    listed = caller.get(f"aps/repair-proposals/?state=open&plant={shop.plant.pk}").json()["results"]
    assert [[one["key"] for one in row["options"]] for row in listed] == [["calm", "usual"]]
    assert len(listed[0]["options"][1]["effects"]) == 2
    left = caller.post(f"aps/repair-proposals/{proposal.pk}/leave/")
    assert (left.status_code, left.json()["state"]) == (200, "left")
    again = caller.post(f"aps/repair-proposals/{proposal.pk}/take/", {"option": "usual"})
    assert (again.status_code, again.json()["code"]) == (409, "proposal_is_over")
    changed = caller.post(f"aps/plants/{shop.plant.pk}/set-repair-policy/", {"wait_min": 30})
    assert (changed.json()["wait_min"], PlantPlanning.objects.get().planned_version) == (30, 4)


def test_the_clock_has_an_overtaken_proposal_computed_again_by_real_workers(workers: Crew, shop: Shop) -> None:
    """It was made days ago by a clock that stood still. The clock's task finds that its work was to have begun, and the
    planning worker makes another one, which waits like the first: nobody took it.
    """
    first = RepairProposal.objects.get()
    assert "suite.review_proposals" in {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    tasks.review_proposals.delay()
    until(lambda: RepairProposal.objects.get(pk=first.pk).state == "stale", what="the clock has seen it")
    until(lambda: not FlowRun.objects.exclude(state="done").exists(), what="the lines know")
    planning = until(
        lambda: (
            PlantPlanning.objects.filter(lease_until=None, proposed_version__gt=0).first()
            or PlantPlanning.objects.filter(lease_until=None, planned_version=F("wanted_version")).first()
        ),
        what="planned again",
    )
    assert planning is not None
    second = RepairProposal.objects.get(state="open")
    assert (second.reason, second.covers_version) == ("breakdown", planning.wanted_version)
