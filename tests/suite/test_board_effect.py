"""What a drag on the board would do, asked through the front door; every figure is worked by hand.

Saw 1 has A 09:14 to 10:14 (promised 10:14) and B 10:14 to 10:44 (promised 11:30); saw 2 is free. 60.00 an hour.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from aps import services as aps
from aps import warm
from aps.minutes import minute_of
from aps.models import PlannedOperation, PlanWeights
from aps.rows import Row
from erp.models import SalesOrderLine, WorkOrderOperation
from masterdata.models import Membership, User, WorkCentre
from suite.asks import kinds, offer
from suite.asks.effects import EffectReply
from suite.desk.board import question_of, told
from tests.aps.shop import NOW, Shop, at, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    monkeypatch.setattr(offer.warm, "is_there", lambda: False)
    made = build(["SAW-1", "SAW-2", "PACK-1"])
    WorkCentre.objects.update(machine_rate=Decimal(60), labour_rate=0)
    yield made
    warm.forget(made.plant.pk)


@pytest.fixture
def jobs(shop: Shop) -> list[WorkOrderOperation]:
    """A and B, published."""
    first = shop.order([("SAW", 60)], promised_at=at("10:14"))[0]
    second = shop.order([("SAW", 30)], promised_at=at("11:30"))[0]
    publish(shop, (first, "SAW-1", "09:14", "10:14"), (second, "SAW-1", "10:14", "10:44"))
    return [first, second]


def publish(shop: Shop, *places: tuple[WorkOrderOperation, str, str, str]) -> None:
    rows = [
        Row(one.pk, shop.machines[machine].pk, at(start), at(start), at(end), 0) for one, machine, start, end in places
    ]
    aps.publish_plan(plant_id=shop.plant.pk, base_no=0, rows=rows, origin="search", now=NOW)


def planner(shop: Shop, role: str = "planner") -> Client:
    user = User.objects.create_user(role, password="a-long-password")
    Membership.objects.create(user=user, role=role, company=shop.plant.company)
    client = Client()
    client.force_login(user)
    return client


def effect(client: Client, shop: Shop, *, status: int = 200, **body: Any) -> Any:
    address = reverse("suite:board_effect", args=[shop.plant.pk])
    answer = client.post(address, body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def move(shop: Shop, job: WorkOrderOperation, machine: str, clock: str, *, pin: bool = False) -> dict[str, Any]:
    place = {"id": job.pk, "machine": shop.machines[machine].pk, "at": minute_of(at(clock))}
    return {"do": "move", "ops": [place], "pin": pin}


def places(shop: Shop, columns: Any) -> dict[int, tuple[str, str, int]]:
    """Machine, begin and length by operation, as a person reads them."""
    codes = {one.pk: one.code for one in shop.machines.values()}
    rows = zip(columns["id"], columns["machine"], columns["start"], columns["length"], strict=True)
    begin = minute_of(at("00:00"))
    return {
        key: (codes[machine], f"{(start - begin) // 60:02}:{(start - begin) % 60:02}", length)
        for key, machine, start, length in rows
    }


def test_a_trial_says_who_becomes_late_and_what_moves(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    """B before A: B 09:14 to 09:44, A 09:44 to 10:44, 30 minutes after its promise. Both move 15 minutes or more."""
    first, second = jobs
    found = effect(planner(shop), shop, edits=[], trial=move(shop, second, "SAW-1", "09:14"), seq=7)
    assert found["seq"] == 7
    assert places(shop, found["moved"]) == {}
    assert places(shop, found["trial"]) == {first.pk: ("SAW-1", "09:44", 60), second.pk: ("SAW-1", "09:14", 30)}
    order = first.work_order.sales_order_line.order.number  # type: ignore[union-attr]
    assert [(one["order"], one["was"], one["now"]) for one in found["effect"]["late"]] == [(order, 0, 30)]
    assert found["effect"]["better"] == []
    assert (found["effect"]["moved"], found["effect"]["machines"], found["effect"]["soon"]) == (2, 0, 2)
    assert found["figures"]["late"] == 1
    assert set(found["legal"]["machines"]) == {shop.machines["SAW-1"].pk, shop.machines["SAW-2"].pk}
    assert found["refused"] == []


def test_a_draft_is_what_the_trial_stands_on(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    """The draft has B first; A tried on saw 2 at 09:14 is in time again, and nobody is late."""
    first, second = jobs
    draft = [move(shop, second, "SAW-1", "09:14")]
    found = effect(planner(shop), shop, edits=draft, trial=move(shop, first, "SAW-2", "09:14"))
    assert places(shop, found["moved"]) == {first.pk: ("SAW-1", "09:44", 60), second.pk: ("SAW-1", "09:14", 30)}
    assert places(shop, found["trial"]) == {first.pk: ("SAW-2", "09:14", 60)}
    assert [(one["was"], one["now"]) for one in found["effect"]["better"]] == [(30, 0)]
    assert found["figures"]["late"] == 0


def test_whoever_drags_leaves_the_places_of_the_draft_out(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    """The page knows them from the draft's own answer; everything else is told as with them."""
    first, second = jobs
    body: dict[str, Any] = {
        "edits": [move(shop, second, "SAW-1", "09:14")],
        "trial": move(shop, first, "SAW-2", "09:14"),
    }
    client = planner(shop)
    whole, short = effect(client, shop, **body), effect(client, shop, **body, places=False)
    assert places(shop, whole["moved"]) == {first.pk: ("SAW-1", "09:44", 60), second.pk: ("SAW-1", "09:14", 30)}
    assert {**whole, "moved": None, "ms": 0} == {**short, "ms": 0}


def test_without_a_trial_the_draft_is_weighed_against_the_plan(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    found = effect(planner(shop), shop, edits=[move(shop, jobs[1], "SAW-2", "09:30")])
    assert found["trial"] is None
    assert places(shop, found["moved"]) == {jobs[1].pk: ("SAW-2", "09:30", 30)}
    assert (found["effect"]["moved"], found["effect"]["machines"], found["effect"]["late"]) == (1, 1, [])


def test_setup_and_its_cost_are_told_to_those_who_may_see_money(shop: Shop) -> None:
    """Oak, oak, then elm with 20 minutes of setup each time the family changes: the machine is bare, so 20 for the
    first oak and 20 for elm. Elm between the oaks: 20 more for the second oak, at 60.00 an hour 20.00.
    """
    oaks = [shop.order([("SAW", 60)], family="oak", setup=20)[0] for _ in range(2)]
    elm = shop.order([("SAW", 60)], family="elm", setup=20)[0]
    aps.publish_plan(
        plant_id=shop.plant.pk,
        base_no=0,
        rows=[
            Row(oaks[0].pk, shop.machines["SAW-1"].pk, at("09:14"), at("09:34"), at("10:34"), 20),
            Row(oaks[1].pk, shop.machines["SAW-1"].pk, at("10:34"), at("10:34"), at("11:34"), 0),
            Row(elm.pk, shop.machines["SAW-1"].pk, at("11:34"), at("11:54"), at("12:54"), 20),
        ],
        origin="search",
        now=NOW,
    )
    trial = move(shop, elm, "SAW-1", "10:34")
    found = effect(planner(shop), shop, edits=[], trial=trial)
    assert (found["effect"]["setup_min"], found["effect"]["cost"], found["effect"]["currency"]) == (20, "20.00", "EUR")
    assert found["figures"]["setup_min"] == 60
    assert places(shop, found["trial"]) == {elm.pk: ("SAW-1", "10:34", 80), oaks[1].pk: ("SAW-1", "11:54", 80)}


def test_what_an_hour_late_costs_is_counted_into_the_cost(shop: Shop) -> None:
    """A 09:14 to 10:14, due 10:14, and B until 10:44, due 11:30; an hour late costs 18.00. B first: A is 30 minutes
    late, 9.00, and no setup changes. A of weight 3: 27.00. Brought in time again, that is saved."""
    first = shop.order([("SAW", 60)], promised_at=at("10:14"))[0]
    second = shop.order([("SAW", 30)], promised_at=at("11:30"))[0]
    publish(shop, (first, "SAW-1", "09:14", "10:14"), (second, "SAW-1", "10:14", "10:44"))
    client, trial = planner(shop), move(shop, second, "SAW-1", "09:14")
    told = effect(client, shop, edits=[], trial=trial)["effect"]
    assert (told["cost"], told["late_cost"]) == ("0.00", None)
    aps.set_weights(plant_id=shop.plant.pk, values={"late_hour_cost": Decimal(18)})
    warm.forget(shop.plant.pk)
    told = effect(client, shop, edits=[], trial=trial)["effect"]
    assert (told["cost"], told["late_cost"]) == ("9.00", "9.00")
    SalesOrderLine.objects.filter(work_orders=first.work_order).update(weight=3)
    warm.forget(shop.plant.pk)
    told = effect(client, shop, edits=[], trial=trial)["effect"]
    assert (told["cost"], told["late_cost"]) == ("27.00", "27.00")
    told = effect(client, shop, edits=[trial], trial=move(shop, first, "SAW-2", "09:14"))["effect"]
    assert (told["cost"], told["late_cost"]) == ("-27.00", "-27.00")


def test_a_pin_holds_and_others_go_around_it(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    """B pinned to 09:30: A does not fit in the 16 minutes before it, so it comes behind, from 10:00 to 11:00."""
    first, second = jobs
    found = effect(planner(shop), shop, edits=[], trial=move(shop, second, "SAW-1", "09:30", pin=True))
    assert places(shop, found["trial"]) == {second.pk: ("SAW-1", "09:30", 30), first.pk: ("SAW-1", "10:00", 60)}


def test_followers_wait_for_what_was_moved(shop: Shop) -> None:
    """Sawn 09:14 to 10:14, packed from 10:14 on; sawing moved to 12:00 lets packing begin at 13:00."""
    saw, pack = shop.order([("SAW", 60), ("PACK", 30)])
    publish(shop, (saw, "SAW-1", "09:14", "10:14"), (pack, "PACK-1", "10:14", "10:44"))
    found = effect(planner(shop), shop, edits=[], trial=move(shop, saw, "SAW-2", "12:00"))
    assert places(shop, found["trial"]) == {saw.pk: ("SAW-2", "12:00", 60), pack.pk: ("PACK-1", "13:00", 30)}


def test_what_is_not_possible_is_named_and_the_rest_is_kept(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    first, second = jobs
    shop.start(first, "SAW-1", NOW)
    edits = [
        move(shop, first, "SAW-2", "09:30"),
        move(shop, second, "PACK-1", "09:30"),
        {"do": "pin", "ops": [999_999]},
        move(shop, second, "SAW-2", "09:30"),
    ]
    found = effect(planner(shop), shop, edits=edits)
    assert [(one["edit"], one["code"]) for one in found["refused"]] == [(0, "begun"), (1, "machine"), (2, "gone")]
    assert all(one["text"] for one in found["refused"])
    assert places(shop, found["moved"]) == {second.pk: ("SAW-2", "09:30", 30)}


def test_a_pinned_operation_moves_only_once_it_is_released(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    second = jobs[1]
    pin = {"do": "pin", "ops": [second.pk]}
    free = {"do": "unpin", "ops": [second.pk]}
    trial = move(shop, second, "SAW-2", "09:30")
    client = planner(shop)
    assert [one["code"] for one in effect(client, shop, edits=[pin, free], trial=trial)["refused"]] == []
    assert places(shop, effect(client, shop, edits=[pin, free], trial=trial)["trial"])


def test_the_frozen_window_stays(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    """Two hours are frozen: until 11:14 nothing moves, and what is moved comes behind it."""
    PlanWeights.objects.create(plant=shop.plant, frozen_h=2)
    late = shop.order([("SAW", 30)])[0]
    PlannedOperation.objects.create(
        plant=shop.plant,
        operation=late,
        machine=shop.machines["SAW-1"],
        starts_at=at("14:00"),
        runs_at=at("14:00"),
        ends_at=at("14:30"),
        plan_no=1,
    )
    client = planner(shop)
    assert effect(client, shop, trial=move(shop, jobs[1], "SAW-2", "12:00"))["refused"][0]["code"] == "frozen"
    found = effect(client, shop, trial=move(shop, late, "SAW-2", "09:30"))
    assert places(shop, found["trial"]) == {late.pk: ("SAW-2", "11:14", 30)}


def test_money_is_hidden_and_the_plan_is_only_for_planners(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    body = {"edits": [], "trial": move(shop, jobs[1], "SAW-2", "09:30")}
    address = reverse("suite:board_effect", args=[shop.plant.pk])
    assert planner(shop, "operator").post(address, body, content_type="application/json").status_code == 403
    found = offer.effect_and_wait(question_of(shop.plant.pk, body))
    assert told(found, sees_cost=False)["figures"]["cost"] is None  # every planner's role sees costs


def test_question_and_answer_travel_to_the_warm_worker_and_back(shop: Shop, jobs: list[WorkOrderOperation]) -> None:
    edits = [move(shop, jobs[0], "PACK-1", "09:30"), {"do": "unpin", "ops": [jobs[1].pk]}]
    split = {"do": "split", "op": jobs[0].pk, "quantity": "0.5", "machine": shop.machines["SAW-2"].pk, "at": 5}
    question = question_of(shop.plant.pk, {"edits": edits, "trial": split})
    assert kinds.question_from_json(json.loads(json.dumps(kinds.question_to_json(question)))) == question
    reply = kinds.compute(question)
    back = kinds.reply_from_json(json.loads(json.dumps(kinds.reply_to_json(reply))))
    assert isinstance(back, EffectReply)
    assert isinstance(reply, EffectReply)
    assert (back.content, back.places, back.refused) == (reply.content, reply.places, reply.refused)
    assert back.source == "warm"


@pytest.mark.parametrize(
    "body",
    [
        {"edits": [{"do": "explode"}]},
        {"edits": [{"do": "move", "ops": []}]},
        {"edits": [{"do": "move", "ops": [{"id": 1, "machine": 1, "at": -1}]}]},
        {"edits": "all"},
        {"trial": {"do": "split", "op": 1, "quantity": "NaN", "machine": 1, "at": 5}},
    ],
)
def test_what_is_not_understood_is_refused_with_a_reason(
    shop: Shop, jobs: list[WorkOrderOperation], body: dict[str, Any]
) -> None:
    found = effect(planner(shop), shop, status=400, **body)
    assert found["code"] == "invalid_input"
    assert found["text"]
