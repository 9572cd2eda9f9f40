"""The board's data: what changed since a version, who was offline, scenarios, and why an operation is where it is."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from time_machine import TimeMachineFixture

from aps import selectors, snapshot
from aps import services as aps
from aps.edits import Move, Pin, Place
from aps.minutes import minute_of
from aps.models import OperationPin, PlanWeights
from aps.selectors import board_versions, board_wire
from aps.selectors.board_picture import PINNED, picture
from aps.selectors.board_read import published_reading
from benchmarks._board_data import one_behind_another
from benchmarks._planning_plant import plant_with
from erp.models import SalesOrder, SalesOrderLine, WorkOrderOperation
from masterdata.models import Machine, Routing, RoutingOperation, User
from tests.aps.board_message import operations_of
from tests.aps.shop import NOW, Shop, at, build, minutes
from tests.aps.test_board_page import person
from tests.aps.test_scenarios import scenario, solved

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    """Two orders sawn one after the other, 60 min each from 09:14 on, and packed for 30 min behind that."""
    shop = build(["SAW-1", "PACK-1"], transport_min=20)
    for _ in range(2):
        shop.order([("SAW", 60), ("PACK", 30)], promised_at=at("12:00"))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop


def told(shop: Shop, since: str | None = None, now: dt.datetime = NOW) -> dict[str, Any]:
    return selectors.board(shop.plant.pk, now=now, since=since)


def first(shop: Shop) -> WorkOrderOperation:
    return WorkOrderOperation.objects.filter(work_order__plant=shop.plant, sequence=10).order_by("pk")[0]


def test_nothing_changed_nothing_is_told_but_the_clock(shop: Shop) -> None:
    whole = told(shop)
    assert (whole["kind"], whole["since"], len(operations_of(whole))) == ("full", None, 4)
    later = told(shop, whole["version"], NOW + minutes(5))
    assert (later["kind"], later["since"], later["version"]) == ("delta", whole["version"], whole["version"])
    assert later["parts"] == []
    assert later["now"] == whole["now"] + 5
    assert not {"machines", "calendars", "shifts", "work_centres"} & set(later)


def test_a_delta_holds_the_changed_operation_and_what_it_uses(shop: Shop) -> None:
    """Begun by the floor, 0.4 of its one piece are done: only that operation of the four is told."""
    whole = told(shop)
    saw = first(shop)
    WorkOrderOperation.objects.filter(pk=saw.pk).update(started_at=NOW, machine=shop.machines["SAW-1"], good_qty="0.4")
    delta = told(shop, whole["version"])
    assert (delta["kind"], len(delta["parts"])) == ("delta", 1)
    changed = operations_of({**whole, **delta})
    assert list(changed) == [saw.pk]
    assert (changed[saw.pk]["done"], changed[saw.pk]["flags"] & 8) == (40, 8)
    assert delta["parts"][0]["orders"]["number"] == [saw.work_order.sales_order_line.order.number]
    assert told(shop, delta["version"])["parts"] == []


def test_what_is_finished_is_gone(shop: Shop) -> None:
    whole, saw = told(shop), first(shop)
    shop.finish(saw, NOW)
    delta = told(shop, whole["version"])
    assert delta["parts"][0]["gone"] == [saw.pk]
    # The packing behind it waits for nothing any more.
    assert [one["before"] for one in operations_of({**whole, **delta}).values()] == [[]]


def test_what_an_operation_is_for_changes_it_too(shop: Shop) -> None:
    """Promised half an hour later: both operations of the line, none of the other."""
    whole, saw = told(shop), first(shop)
    line = saw.work_order.sales_order_line
    SalesOrderLine.objects.filter(pk=line.pk).update(promised_at=at("12:30"))
    delta = told(shop, whole["version"])
    found = operations_of({**whole, **delta})
    assert len(found) == 2
    # 20 min of transport before the promise.
    assert {(one["due"], one["promised"]) for one in found.values()} == {
        (minute_of(at("12:10")), minute_of(at("12:30")))
    }
    SalesOrder.objects.filter(pk=line.order_id).update(is_rush=True)
    assert len(operations_of({**whole, **told(shop, delta["version"])})) == 2


def test_who_was_offline_gets_every_version_behind_his(shop: Shop) -> None:
    whole = told(shop)
    saw, other = WorkOrderOperation.objects.filter(work_order__plant=shop.plant, sequence=10).order_by("pk")
    shop.finish(saw, NOW)
    between = told(shop, whole["version"])
    shop.finish(other, NOW)
    last = told(shop, between["version"])
    caught_up = told(shop, whole["version"])
    assert [part["gone"] for part in caught_up["parts"]] == [[saw.pk], [other.pk]]
    assert caught_up["version"] == last["version"]
    merged = operations_of({**whole, "parts": whole["parts"] + caught_up["parts"]})
    assert merged == operations_of(told(shop))


def test_lean_reading_says_the_same_as_planning_knows() -> None:
    """Trees of work orders on three levels, some of it begun, reported, lost, mended, finished and not planned."""
    shop = plant_with(64, "MAIN")
    rows = list(one_behind_another(shop, NOW))
    aps.publish_plan(plant_id=shop.plant.pk, base_no=0, rows=rows[:-3], origin="insert", now=NOW)
    begun, lost, finished = WorkOrderOperation.objects.filter(
        work_order__path__startswith="1.1.", sequence=10
    ).order_by("pk")[:3]
    machine = Machine.objects.filter(work_centre=begun.work_centre)[0]
    WorkOrderOperation.objects.filter(pk=begun.pk).update(started_at=NOW, machine=machine, good_qty="0.5")
    WorkOrderOperation.objects.filter(pk=lost.pk).update(started_at=NOW, machine=machine, good_qty=1, scrap_qty="0.3")
    WorkOrderOperation.objects.filter(pk=finished.pk).update(started_at=NOW, finished_at=NOW, good_qty=1)
    WorkOrderOperation.objects.create(
        work_order=begun.work_order,
        sequence=11,
        name="Mend",
        work_centre=begun.work_centre,
        setup_min=0,
        run_min_per_unit=5,
        mends=begun,
        quantity="0.25",
    )
    kept = rows[5]
    OperationPin.objects.create(
        plant=shop.plant, operation_id=kept.operation_id, machine_id=kept.machine_id, runs_at=kept.runs_at
    )
    inputs = snapshot.read_inputs(shop.plant.pk, NOW)
    known, lean = picture(inputs, inputs.published), published_reading(shop.plant.pk, NOW).picture
    assert board_wire.part(lean) == board_wire.part(known)
    assert (lean.head, lean.machines, lean.calendars) == (known.head, known.machines, known.calendars)
    assert 50 in {one.done for one in lean.operations if one.id == begun.pk}
    assert [one.id for one in lean.operations if one.flags & PINNED] == [kept.operation_id]
    assert any(len(one.before) > 1 for one in lean.operations)


@pytest.mark.parametrize("since", ["", "nonsense", "0123456789ab.0", "a.b.c", "x.99999999"])
def test_an_unknown_version_gets_the_whole(shop: Shop, since: str) -> None:
    told(shop)
    assert told(shop, since)["kind"] == "full"


def test_a_version_of_the_future_or_of_a_lost_memory_gets_the_whole(shop: Shop) -> None:
    token, number, ground = told(shop)["version"].split(".")
    assert told(shop, f"{token}.{int(number) + 1}.{ground}")["kind"] == "full"
    board_versions.forget(str(shop.plant.pk))
    again = told(shop, f"{token}.{number}.{ground}")
    assert again["kind"] == "full"
    assert not again["version"].startswith(token)


def test_too_many_versions_behind_gets_the_whole(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_versions, "MOST_STEPS", 2)
    versions = [told(shop)["version"]]
    for quantity in ("0.1", "0.2", "0.3"):
        WorkOrderOperation.objects.filter(pk=first(shop).pk).update(good_qty=quantity, started_at=NOW)
        versions.append(told(shop, versions[-1])["version"])
    assert [told(shop, one)["kind"] for one in versions] == ["full", "delta", "delta", "delta"]


def test_so_much_changed_that_the_whole_is_less(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    version = told(shop)["version"]
    monkeypatch.setattr(board_versions, "MOST_BYTES", 100)
    shop.finish(first(shop), NOW)
    assert told(shop, version)["kind"] == "full"


def test_another_machine_gets_the_whole(shop: Shop) -> None:
    whole = told(shop)
    saw = shop.machines["SAW-1"]
    Machine.objects.create(work_centre=saw.work_centre, code="SAW-0", name="Old saw")
    later = told(shop, whole["version"])
    assert later["kind"] == "full"
    assert [one["code"] for one in later["machines"]] == ["PACK-1", "SAW-0", "SAW-1"]


def test_machines_and_calendars_come_when_they_changed(shop: Shop) -> None:
    whole = told(shop)
    aps.block_machine(machine_id=shop.machines["PACK-1"].pk, source="downtime:1", since_at=NOW, until_at=at("12:00"))
    delta = told(shop, whole["version"])
    assert (delta["kind"], delta["parts"]) == ("delta", [])
    [block] = delta["machines"][0]["blocks"]
    assert (block["start"], block["end"]) == (minute_of(NOW), minute_of(at("12:00")))
    assert "machines" not in told(shop, delta["version"])
    assert told(shop, delta["version"].rpartition(".")[0])["calendars"] == whole["calendars"]


def test_without_the_broker_everybody_gets_the_whole(shop: Shop) -> None:
    version = told(shop)["version"]
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        alone = told(shop, version)
    assert (alone["kind"], alone["version"], len(operations_of(alone))) == ("full", "", 4)


def test_the_frozen_window_ends_where_the_weights_say(shop: Shop) -> None:
    assert told(shop)["frozen_until"] is None
    PlanWeights.objects.create(plant=shop.plant, frozen_h=8)
    assert told(shop)["frozen_until"] == minute_of(NOW) + 8 * 60


def test_what_is_frozen_is_not_called_pinned(shop: Shop) -> None:
    """The saw does one order after the other; all of it begins within eight hours, which are frozen."""
    PlanWeights.objects.create(plant=shop.plant, frozen_h=8)
    rows = operations_of(told(shop))
    saw = max((key for key in rows if rows[key]["name"] == "Step 1"), key=lambda key: rows[key]["start"])
    found = selectors.operation_why(plant_id=shop.plant.pk, operation_id=saw, now=NOW)
    assert found is not None
    assert (found.binding.kind, found.binding.icon) == ("frozen", "lock")
    assert "is within the frozen window and stays at Mon 23 Nov, 10:14" in found.sentence


def test_machines_of_one_calendar_share_its_windows(shop: Shop) -> None:
    whole = told(shop)
    assert len(whole["calendars"]) == 1
    assert {one["calendar"] for one in whole["machines"]} == {0}


def test_shifts_have_the_names_of_their_calendar(shop: Shop) -> None:
    """Early from 06:00 and late from 14:00 of one day a week, a night that ends on the next; nothing on days off."""
    calendar = Machine.objects.all()[0].work_centre.calendar
    calendar.shifts.all().delete()
    for name, starts, ends in (("Early", 6, 14), ("Late", 14, 22), ("Night", 22, 6)):
        calendar.shifts.create(name=name, weekday=NOW.weekday(), starts=dt.time(starts), ends=dt.time(ends))
    for days in (7, 14):
        calendar.exceptions.create(on=NOW.date() + dt.timedelta(days=days), is_working=False)
    whole = told(shop)
    names = whole["shift_names"]
    [shifts] = whole["shifts"]
    assert [(start, end, names[name]) for start, end, name in shifts] == [
        (minute_of(at("06:00")), minute_of(at("14:00")), "Early"),
        (minute_of(at("14:00")), minute_of(at("22:00")), "Late"),
        (minute_of(at("22:00")), minute_of(at("06:00", 24)), "Night"),
    ]


def test_the_queries_do_not_grow(shop: Shop) -> None:
    version = told(shop)["version"]
    with CaptureQueriesContext(connection) as few:
        told(shop, version)
    for _ in range(5):
        shop.order([("SAW", 60), ("PACK", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    with CaptureQueriesContext(connection) as many:
        assert told(shop, version)["kind"] in ("delta", "full")
    assert len(many) == len(few)


def test_a_delta_over_http_is_for_those_who_see_the_plant(client: Client, shop: Shop) -> None:
    client.force_login(person(shop, "shift_lead", only_here=True))
    address = reverse("aps:board_data", args=[shop.plant.pk])
    whole = client.get(address)
    assert whole["Content-Type"] == "application/json"
    delta = client.get(address, {"since": whole.json()["version"]}).json()
    assert (delta["kind"], delta["proposal_url"]) == ("delta", "")
    other = build(["CNC-1"], code="OTHER")
    assert client.get(reverse("aps:board_data", args=[other.plant.pk])).status_code == 404


def test_a_scenario_is_shown_with_what_it_assumes(client: Client, shop: Shop) -> None:
    """One more saw: both orders are sawn from 09:14 on, one of them on the machine that nobody has.

    Promised for 11:10 and packed until 11:44 the second is 54 min late with transport; 24 min count less, by ten.
    """
    SalesOrderLine.objects.update(promised_at=at("11:10"), weight=10)
    pavel = person(shop, "planner")
    copy = ("machine_copy", {"machine": shop.machines["SAW-1"], "speed_percent": 100})
    made = solved(scenario(shop, pavel, copy), pavel)
    client.force_login(pavel)
    address = reverse("aps:board_data", args=[shop.plant.pk])
    found = client.get(address, {"scenario": made.pk}).json()
    assert [one["code"] for one in found["machines"]] == ["PACK-1", "SAW-1", "SAW-1+2"]
    sawn = [one for one in operations_of(found).values() if one["name"] == "Step 1"]
    assert sorted(one["machine"] for one in sawn) == ["SAW-1", "SAW-1+2"]
    assert {one["start"] for one in sawn} == {minute_of(NOW)}
    assert found["kind"] == "full"
    assert found["setup_min"] == 0
    for wrong in ("0", "x", str(made.pk + 1)):
        assert client.get(address, {"scenario": wrong}).status_code == 404
    other = build(["CNC-1"], code="OTHER")
    assert client.get(reverse("aps:board_data", args=[other.plant.pk]), {"scenario": made.pk}).status_code == 404


def test_an_order_that_is_only_assumed_is_shown_like_one(shop: Shop) -> None:
    """Two more tables, 10 min each on the saw: ids that nobody has, due at the end of its day less transport."""
    row = Routing.objects.create(material=shop.material, plant=shop.plant)
    saw = shop.machines["SAW-1"].work_centre
    RoutingOperation.objects.create(
        routing=row, sequence=10, name="Cut", work_centre=saw, setup_min=0, run_min_per_unit=10
    )
    Routing.objects.filter(pk=row.pk).update(state="frozen", frozen_at=NOW)
    wish = {"material": shop.material, "quantity": Decimal(2), "due_on": NOW.date(), "weight": 1}
    pavel = person(shop, "planner")
    made = solved(scenario(shop, pavel, ("new_order", wish)), pavel)
    found = operations_of(json.loads(selectors.board_message(shop.plant.pk, now=NOW, scenario_id=made.pk).text))
    [(key, cut)] = [(key, one) for key, one in found.items() if one["name"] == "Cut"]
    assert key < 0
    assert (cut["order"], cut["quantity"], cut["end"] - cut["start"]) == ("NEW-1", "2", 20)
    assert cut["due"] == minute_of(at("00:00", 24)) - 20


def test_the_chain_of_an_operation_is_numbered_and_names_its_operations(client: Client, shop: Shop) -> None:
    """The second order's packing waits for its sawing, that for the saw, which saws the first order until 10:14."""
    pavel = person(shop, "planner")
    client.force_login(pavel)
    rows = operations_of(told(shop))
    last = max((key for key in rows if rows[key]["name"] == "Step 2"), key=lambda key: rows[key]["start"])
    found = selectors.operation_why(plant_id=shop.plant.pk, operation_id=last, now=NOW)
    assert found is not None
    assert [(link.kind, link.wait_min) for link in found.links][:2] == [("predecessor", 0), ("machine", 60)]
    assert found.links[0].operation_id == last
    assert rows[last]["before"] == [found.links[1].operation_id]
    assert (found.binding.kind, found.late_min) == ("machine", 0)
    page = client.get(reverse("aps:operation_why", args=[shop.plant.pk, last])).content.decode()
    assert f'data-op="{last}"' in page
    assert "Why not earlier?" in page
    assert "waits <b>1 h</b>" in page
    assert "With your changes" not in page
    assert client.get(reverse("aps:operation_why", args=[shop.plant.pk, 0])).status_code == 404
    other = build(["CNC-1"], code="OTHER")
    assert client.get(reverse("aps:operation_why", args=[other.plant.pk, last])).status_code == 404


def test_the_chain_is_that_of_the_planners_own_draft(
    client: Client, shop: Shop, time_machine: TimeMachineFixture
) -> None:
    """One saw does two orders from 09:14 to 10:14 and to 11:14. In the draft the second is put to 12:00: that is why it
    does not begin earlier; pinned there, it is because of the pin. Somebody else still sees the published plan."""
    time_machine.move_to(NOW, tick=False)
    pavel, other = person(shop, "planner"), person(shop, "sales")
    rows = operations_of(told(shop))
    saw = max((key for key in rows if rows[key]["name"] == "Step 1"), key=lambda key: rows[key]["start"])

    def page(user: User, key: int) -> str:
        client.force_login(user)
        return client.get(reverse("aps:operation_why", args=[shop.plant.pk, key])).content.decode()

    assert "waits for machine SAW-1" in page(pavel, saw)
    move = Move((Place(saw, shop.machines["SAW-1"].pk, minute_of(at("12:00"))),))
    aps.save_draft(plant_id=shop.plant.pk, by=pavel, edits=(move,), expected_version=0, now=NOW)
    mine = page(pavel, saw)
    assert "With your changes, which are not published yet." in mine
    assert "Begins Mon 23 Nov, 12:00: Step 1" in mine
    assert "stands where you put it" in mine
    assert "waits for machine SAW-1" not in mine
    assert "waits for machine SAW-1" in page(other, saw)
    aps.save_draft(plant_id=shop.plant.pk, by=pavel, edits=(move, Pin((saw,))), expected_version=1, now=NOW)
    assert "is pinned to SAW-1 at Mon 23 Nov, 12:00" in page(pavel, saw)
    assert client.get(reverse("aps:operation_why", args=[shop.plant.pk, -1010])).status_code == 404
