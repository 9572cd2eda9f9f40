"""The chain behind a line's date over REST, and what would make it earlier."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from aps import services as aps
from masterdata.models import Machine
from tests.api.conftest import Caller, make_caller
from tests.aps.shop import Shop, build, minutes
from tests.aps.test_sooner import label, line_of, two

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return build()


@pytest.fixture
def caller(shop: Shop) -> Caller:
    return make_caller(shop.plant.company, "planner")


def test_a_program_reads_the_chain_and_what_would_help(caller: Caller, shop: Shop) -> None:
    """The second waits an hour behind the first, which begins at once; first on the saw it is an hour earlier."""
    first, second = two(shop)
    address = f"aps/order-lines/{line_of(second).pk}/why/"
    answer = caller.get(address).json()
    assert "sooner" not in answer
    assert [(one["kind"], one["machine"], one["wait_min"], one["is_binding"]) for one in answer["chain"]] == [
        ("machine", "SAW-1", 60, True),
        ("now", "SAW-1", 0, False),
    ]
    link = answer["chain"][0]
    assert (link["operation"], link["order"], link["orders"]) == (second.pk, label(second), [label(first)])
    assert link["sentence"].startswith(f"waits for machine SAW-1 behind {label(first)} until ")
    assert answer["late_min"] == 0
    found = caller.get(address, sooner=1).json()["sooner"]
    (change,) = found["changes"]
    assert (change["kind"], change["operation"], change["gain_min"]) == ("behind", second.pk, 60)
    assert change["sentence"] == f"if {label(first)} goes behind it on SAW-1"
    gained = dt.datetime.fromisoformat(found["ends_at"]) - dt.datetime.fromisoformat(change["ends_at"])
    assert gained == minutes(60)
    assert [one["order"] for one in change["delayed"]] == [label(first)]
    assert found["tried"] == []


def test_a_line_without_open_work_has_an_empty_chain(caller: Caller, shop: Shop) -> None:
    first, _ = two(shop)
    shop.finish(first, timezone.now())
    answer = caller.get(f"aps/order-lines/{line_of(first).pk}/why/", sooner=1).json()
    assert (answer["chain"], answer["ends_at"], answer["sooner"]) == ([], None, None)
    assert answer["sentence"] == "Nothing of this line is open in the plan."


def test_parameters_that_nobody_knows_are_refused(caller: Caller, shop: Shop) -> None:
    first, _ = two(shop)
    address = f"aps/order-lines/{line_of(first).pk}/why/"
    assert caller.get(address, sooner="yes").status_code == 400
    assert caller.get(address, earlier=1).status_code == 400


def test_a_plant_that_cannot_be_planned_says_what_to_do(caller: Caller, shop: Shop) -> None:
    first, _ = two(shop)
    Machine.objects.update(is_active=False)
    aps.want_plan(plant_id=shop.plant.pk, reason="planner", text="Saw sold")
    answer = caller.get(f"aps/order-lines/{line_of(first).pk}/why/")
    assert (answer.status_code, answer.json()["code"]) == (409, "cannot_plan")
    assert "no active machine" in answer.json()["detail"]


def test_a_program_of_another_plant_finds_no_line(shop: Shop) -> None:
    first, _ = two(shop)
    other = build(["SAW-9"], code="OTHER")
    stranger = make_caller(other.plant.company, "planner", plant=other.plant)
    assert stranger.get(f"aps/order-lines/{line_of(first).pk}/why/").status_code == 404
