"""Scenarios through their pages: made, changed, solved, compared, promoted, dropped; and who may."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aps import services as aps
from aps.models import ChangeKind, Plan, PlannedOperation, Scenario, ScenarioChange, ScenarioRun
from erp.models import WorkOrder
from masterdata.models import Calendar, Material, User
from tests.aps.shop import NOW, Shop, at, build
from tests.aps.test_board_page import person
from tests.aps.test_scenarios import line_of, scenario, solved
from tests.pages.counting import assert_query_count

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """One saw, two orders of an hour each, both due at 10:14: the second ends at 11:14, an hour late."""
    shop = build(["SAW-1"])
    shop.order([("SAW", 60)], promised_at=at("10:14"))
    shop.order([("SAW", 60)], promised_at=at("10:14"))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop


@pytest.fixture
def pavel(shop: Shop) -> User:
    return person(shop, "planner", only_here=True)


@pytest.fixture
def planner(client: Client, pavel: User) -> Client:
    client.force_login(pavel)
    return client


@pytest.fixture
def second_saw(shop: Shop, pavel: User) -> Scenario:
    """Solved: one more saw, nobody late."""
    return solved(
        scenario(shop, pavel, ("machine_copy", {"machine": shop.machines["SAW-1"], "speed_percent": 100})), pavel
    )


def page_of(planner: Client, made: Scenario) -> str:
    answer = planner.get(reverse("aps:scenario", args=[made.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_empty_list_says_what_to_do_next(planner: Client) -> None:
    text = planner.get(reverse("aps:scenarios")).content.decode()
    assert "Copy the plan, change a machine" in text
    assert reverse("aps:scenario_create") in text


def test_a_planner_copies_the_plan_and_says_what_to_assume(planner: Client, shop: Shop) -> None:
    create = reverse("aps:scenario_create")
    page = planner.post(create, {"name": " A second saw ", "plant": shop.plant.pk, "notes": ""}, follow=True)
    made = Scenario.objects.get()
    assert (made.name, made.base_no, made.state, made.version) == ("A second saw", 1, "draft", 1)
    assert "Nothing yet: it is the plan as it stands." in page.content.decode()
    again = planner.post(create, {"name": "A second saw", "plant": shop.plant.pk})
    assert "Another open scenario of this plant has this name" in again.content.decode()

    address = reverse("aps:scenario_change", args=[made.pk, "machine_copy"])
    wrong = planner.post(address, {"machine": "", "speed_percent": "0"})
    assert set(wrong.context["form"].errors) == {"machine", "speed_percent"}
    page = planner.post(address, {"machine": shop.machines["SAW-1"].pk, "speed_percent": "100"}, follow=True)
    assert "One more SAW-1, at 100 % speed" in page.content.decode()
    taken = planner.post(reverse("aps:scenario_change_remove", args=[ScenarioChange.objects.get().pk]), follow=True)
    assert "Nothing yet: it is the plan as it stands." in taken.content.decode()


@pytest.mark.parametrize("kind", ChangeKind.values)
def test_every_kind_of_change_has_a_form(planner: Client, shop: Shop, pavel: User, kind: str) -> None:
    """Filled in with what it asks for, and read back in words; typed times are the plant's."""
    made = scenario(shop, pavel)
    tomorrow = timezone.now().date() + dt.timedelta(days=1)
    filled = {
        "machine": shop.machines["SAW-1"].pk,
        "calendar": shop.plant.calendar_id,
        "from_at": f"{tomorrow}T14:00",
        "until_at": f"{tomorrow}T16:00",
        "order_line": str(line_of(shop, NOW).order.number) + "/10",
        "due_on": str(tomorrow),
        "weight": "3",
        "speed_percent": "120",
        "material": shop.material.pk,
        "quantity": "2",
        "setup_hour_min": "30",
    }
    if kind == "new_order":
        return
    answer = planner.post(reverse("aps:scenario_change", args=[made.pk, kind]), filled)
    assert answer.status_code == 302, answer.content.decode()
    change = ScenarioChange.objects.get()
    assert change.kind == kind
    if change.from_at:
        assert (change.from_at.hour, change.from_at.tzinfo) == (14, dt.UTC)
    assert "nothing" not in page_of(planner, made).split("What is assumed")[1][:200].lower()


def test_an_order_that_the_plant_cannot_make_is_refused_at_once(planner: Client, shop: Shop, pavel: User) -> None:
    made = scenario(shop, pavel)
    Material.objects.update(is_sellable=True)
    wish = {"material": shop.material.pk, "quantity": "2", "due_on": str(timezone.now().date()), "weight": "1"}
    answer = planner.post(reverse("aps:scenario_change", args=[made.pk, "new_order"]), wish)
    assert answer.status_code == 422
    assert "routing" in answer.content.decode()
    assert not ScenarioChange.objects.exists()


def test_an_order_of_nothing_is_refused_at_its_quantity(planner: Client, shop: Shop, pavel: User) -> None:
    made = scenario(shop, pavel)
    wish = {"material": shop.material.pk, "quantity": "-1", "due_on": str(timezone.now().date()), "weight": "1"}
    answer = planner.post(reverse("aps:scenario_change", args=[made.pk, "new_order"]), wish)
    assert answer.status_code == 422
    assert answer.context["form"].errors["quantity"] == ["Give a quantity of more than 0."]


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("overtime", {}, "machine"),
        ("machine_off", {"from_at": "2026-11-23T12:00", "until_at": "2026-11-23T11:00"}, "until_at"),
        ("line_out", {"order_line": "SO-none/1"}, "order_line"),
        ("weights", {}, "setup_hour_min"),
    ],
)
def test_what_cannot_be_meant_is_said_at_its_field(
    planner: Client, shop: Shop, pavel: User, kind: str, values: dict[str, str], field: str
) -> None:
    made = scenario(shop, pavel)
    tomorrow = timezone.now().date() + dt.timedelta(days=1)
    times = {"from_at": f"{tomorrow}T08:00", "until_at": f"{tomorrow}T09:00"} if kind == "overtime" else {}
    machine = {"machine": shop.machines["SAW-1"].pk} if kind == "machine_off" else {}
    answer = planner.post(reverse("aps:scenario_change", args=[made.pk, kind]), {**values, **times, **machine})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_solve_is_asked_for_once_and_shown_while_it_waits(planner: Client, shop: Shop, pavel: User) -> None:
    made = scenario(shop, pavel)
    address = reverse("aps:scenario_solve", args=[made.pk])
    page = planner.post(address, {"seconds": "0"}, follow=True)
    assert "from 1 to 600" in page.content.decode()
    page = planner.post(address, {"seconds": "30"}, follow=True).content.decode()
    run = ScenarioRun.objects.get()
    assert (run.budget_seconds, run.state) == (30, "waiting")
    assert f"live:scenario-run-{run.pk} from:body" in page
    assert "waits for a worker" in page
    again = planner.post(address, {"seconds": "30"}, follow=True).content.decode()
    assert "This scenario is being solved. Wait for it, or stop it first." in again
    part = planner.get(reverse("aps:scenario_now", args=[made.pk])).content.decode()
    assert "<html" not in part
    planner.post(reverse("aps:scenario_stop", args=[made.pk]))
    run.refresh_from_db()
    made.refresh_from_db()
    assert (run.state, made.state) == ("cancelled", "draft")


def test_a_solved_scenario_says_what_it_brings(planner: Client, second_saw: Scenario) -> None:
    """One late line fewer, an hour less delay, mean from 30 to 0, one operation an hour sooner."""
    answer = planner.get(reverse("aps:scenario", args=[second_saw.pk]))
    text = answer.content.decode()
    assert [words for words, _tone in answer.context["verdict"]] == ["1 late line fewer", "1 h less delay"]
    kpis = {
        str(line.label): [(cell.text, cell.said, cell.tone) for cell in line.cells] for line in answer.context["kpis"]
    }
    assert kpis["Late lines"] == [("1", "", "planned"), ("0", "1 fewer", "done")]
    assert kpis["Mean delay"] == [("30 min", "", "planned"), ("0 min", "30 min less", "done")]
    assert kpis["Operations moved"] == [("0", "", "planned"), ("1", "1 more", "planned")]
    assert kpis["Setup"][1] == ("0 min", "the same", "planned")
    assert [row.difference for row in answer.context["winners"]] == ["1 h sooner"]
    assert answer.context["losers"] == []
    assert reverse("aps:scenario_promote", args=[second_saw.pk]) in text


def test_its_orders_and_operations_are_lists(planner: Client, second_saw: Scenario) -> None:
    orders = reverse("aps:scenario_orders", args=[second_saw.pk])
    found = {
        wish: len(planner.get(f"{orders}?{wish}").context["rows"]) for wish in ("", "sooner=1", "later=1", "late=1")
    }
    assert found == {"": 2, "sooner=1": 1, "later=1": 0, "late=1": 0}
    operations = reverse("aps:scenario_operations", args=[second_saw.pk])
    found = {wish: len(planner.get(f"{operations}?{wish}").context["rows"]) for wish in ("", "moved=1", "machine=1")}
    assert found == {"": 2, "moved=1": 1, "machine=1": 1}
    assert "one more SAW-1" in planner.get(operations).content.decode()
    for address in (orders, operations, reverse("aps:scenarios")):
        assert "attachment" in planner.get(f"{address}?export=csv")["Content-Disposition"]


def test_several_stand_side_by_side(planner: Client, shop: Shop, pavel: User, second_saw: Scenario) -> None:
    """An hour less of the saw beside one more saw."""
    off = {"machine": shop.machines["SAW-1"], "from_at": NOW, "until_at": at("10:14")}
    worse = solved(scenario(shop, pavel, ("machine_off", off), name="Off"), pavel)
    address = reverse("aps:scenario_compare")
    assert "Choose what to compare" in planner.get(address).content.decode()
    answer = planner.get(f"{address}?with={second_saw.pk}&with={worse.pk}&with=none")
    late = next(line for line in answer.context["kpis"] if str(line.label) == "Late lines")
    assert [cell.said for cell in late.cells] == ["", "1 fewer", "1 more"]
    assert [cell.tone for cell in late.cells] == ["planned", "done", "late"]


def test_promote_says_first_what_has_to_be_done(planner: Client, second_saw: Scenario) -> None:
    address = reverse("aps:scenario_promote", args=[second_saw.pk])
    text = planner.get(address).content.decode()
    assert "There is no second SAW-1: add the machine under Machines" in text
    assert "Make it the plan" not in text
    refused = planner.post(address, {"onto": 1, "version": second_saw.version})
    assert refused.status_code == 422
    assert Plan.objects.count() == 1


def test_promote_makes_it_the_plan(planner: Client, shop: Shop, pavel: User) -> None:
    made = scenario(shop, pavel, ("line_weight", {"order_line": line_of(shop, at("10:14")), "weight": 5}))
    aps.remove_change(change_id=made.changes.get().pk)
    solved(made, pavel, timezone.now())
    address = reverse("aps:scenario_promote", args=[made.pk])
    page = planner.get(address)
    assert "Make it the plan" in page.content.decode()
    form = page.context["form"].initial
    stale = planner.post(address, {**form, "version": form["version"] - 1})
    assert stale.status_code == 409
    done = planner.post(address, form, follow=True)
    assert "has promoted it: it is plan 2." in done.content.decode()
    assert "It has" not in done.content.decode()


def test_a_dropped_scenario_keeps_its_name_for_others(planner: Client, shop: Shop, second_saw: Scenario) -> None:
    planner.post(reverse("aps:scenario_drop", args=[second_saw.pk]))
    second_saw.refresh_from_db()
    assert (second_saw.state, second_saw.figures.count()) == ("dropped", 0)
    assert "has dropped it." in page_of(planner, second_saw)
    like = {"name": second_saw.name, "plant": shop.plant.pk}
    planner.post(reverse("aps:scenario_create"), like)
    assert Scenario.objects.filter(name=second_saw.name).count() == 2


def test_a_copy_begins_with_the_same_changes(planner: Client, shop: Shop, second_saw: Scenario) -> None:
    wish = {"name": "And a third", "plant": shop.plant.pk, "like": second_saw.pk}
    planner.post(reverse("aps:scenario_create"), wish)
    made = Scenario.objects.get(name="And a third")
    assert list(made.changes.values_list("kind", "speed_percent")) == [("machine_copy", 100)]
    assert second_saw.changes.count() == 1


def test_two_planners_who_edit_see_both_versions(planner: Client, shop: Shop, pavel: User) -> None:
    made = scenario(shop, pavel)
    address = reverse("aps:scenario_edit", args=[made.pk])
    assert planner.post(address, {"name": "Mine", "notes": "", "version": made.version}).status_code == 302
    answer = planner.post(address, {"name": "Theirs", "notes": "", "version": made.version})
    assert answer.status_code == 409
    made.refresh_from_db()
    assert made.name == "Mine"


def test_only_planners_of_the_plant_see_it(client: Client, second_saw: Scenario, shop: Shop) -> None:
    other = build(["SAW-1"], code="OTHER")
    client.force_login(person(other, "planner", only_here=True))
    for name in (
        "scenario",
        "scenario_now",
        "scenario_edit",
        "scenario_orders",
        "scenario_operations",
        "scenario_promote",
    ):
        assert client.get(reverse(f"aps:{name}", args=[second_saw.pk])).status_code == 404
    for name in ("scenario_solve", "scenario_stop", "scenario_drop"):
        assert client.post(reverse(f"aps:{name}", args=[second_saw.pk])).status_code == 404
    assert client.post(reverse("aps:scenario_change_remove", args=[second_saw.changes.get().pk])).status_code == 404
    client.force_login(person(shop, "sales"))
    assert client.get(reverse("aps:scenarios")).status_code == 403
    client.force_login(person(shop, "auditor"))
    page = client.get(reverse("aps:scenario", args=[second_saw.pk])).content.decode()
    assert reverse("aps:scenario_promote", args=[second_saw.pk]) not in page
    assert reverse("aps:scenario_solve", args=[second_saw.pk]) not in page
    assert client.post(reverse("aps:scenario_drop", args=[second_saw.pk])).status_code == 403


def test_pages_take_their_pinned_queries(planner: Client, second_saw: Scenario) -> None:
    for name in ("scenario", "scenario_orders", "scenario_operations", "scenario_promote"):
        with assert_query_count(f"aps:{name}"):
            planner.get(reverse(f"aps:{name}", args=[second_saw.pk]))
    with assert_query_count("aps:scenario_compare"):
        planner.get(f"{reverse('aps:scenario_compare')}?with={second_saw.pk}")
    with assert_query_count("aps:scenarios"):
        planner.get(reverse("aps:scenarios"))


def test_a_failed_scenario_says_why(planner: Client, shop: Shop, pavel: User) -> None:
    closed = Calendar.objects.create(code="CLOSED", name="Closed")
    made = scenario(shop, pavel, ("calendar", {"machine": shop.machines["SAW-1"], "calendar": closed}))
    text = page_of(planner, solved(made, pavel))
    assert "has no working time: give it shifts" in text


def test_a_scenario_of_a_plant_without_work_shows_nothing_to_compare(planner: Client, pavel: User, shop: Shop) -> None:
    """Its last operation ends never: a dash on both sides."""
    WorkOrder.objects.update(state="closed")
    PlannedOperation.objects.all().delete()
    answer = planner.get(reverse("aps:scenario", args=[solved(scenario(shop, pavel), pavel).pk]))
    done = next(line for line in answer.context["kpis"] if str(line.label) == "All done")
    assert [cell.text for cell in done.cells] == ["–", "–"]
    assert "Delay and setup stay as they are" in answer.content.decode()
