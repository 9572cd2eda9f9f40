"""What people are shown: the board's columns and the reason behind a date."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aps import invariants, selectors
from aps import services as aps
from aps.minutes import minute_of
from aps.selectors.board_picture import RUNNING
from tests.aps.board_message import operations_of
from tests.aps.shop import NOW, at, build, fact

pytestmark = pytest.mark.django_db


def test_board_shows_machines_operations_and_lateness() -> None:
    """Promised for 10:14, sawn until 10:14, packed until 10:44: 30 min late. Work runs on the saw since 09:14."""
    shop = build(["SAW-1", "PACK-1"])
    saw, pack = shop.order([("SAW", 60), ("PACK", 30)], promised_at=at("10:14"), family="oak", setup=5)
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    shop.start(saw, "SAW-1", NOW)
    aps.block_machine(
        machine_id=shop.machines["PACK-1"].pk,
        source="downtime:1",
        since_at=at("12:00"),
        until_at=at("13:00"),
        fact=fact(),
    )
    found = selectors.board(shop.plant.pk, now=NOW)
    json.dumps(found)
    assert [machine["code"] for machine in found["machines"]] == ["PACK-1", "SAW-1"]
    assert [work_centre["name"] for work_centre in found["work_centres"]] == ["Pack", "Saw"]
    [block] = found["machines"][0]["blocks"]
    assert (block["start"], block["end"]) == (minute_of(at("12:00")), minute_of(at("13:00")))
    shown = operations_of(found)
    assert [shown[key]["machine"] for key in (saw.pk, pack.pk)] == ["SAW-1", "PACK-1"]
    assert [shown[key]["flags"] & RUNNING for key in (saw.pk, pack.pk)] == [RUNNING, 0]
    assert shown[pack.pk]["end"] - shown[pack.pk]["run"] == 30
    assert shown[saw.pk]["run"] - shown[saw.pk]["start"] == 5
    assert shown[saw.pk]["due"] == shown[pack.pk]["due"] == minute_of(at("10:14"))
    assert shown[saw.pk]["order"] == saw.work_order.sales_order_line.order.number
    assert shown[saw.pk]["customer"] == shop.customer.name
    assert found["plan"]["no"] == 1
    assert found["is_waiting"]


def test_board_costs_the_same_queries_whatever_its_size() -> None:
    shop = build(["SAW-1", "PACK-1"])
    shop.order([("SAW", 60), ("PACK", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    with CaptureQueriesContext(connection) as few:
        selectors.board(shop.plant.pk, now=NOW)
    for _ in range(10):
        shop.order([("SAW", 60), ("PACK", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    with CaptureQueriesContext(connection) as many:
        selectors.board(shop.plant.pk, now=NOW)
    assert len(many) == len(few) <= 22


def test_empty_plant_has_an_empty_board() -> None:
    shop = build()
    found = selectors.board(shop.plant.pk, now=NOW)
    assert found["plan"] is None
    assert operations_of(found) == {}


def test_why_names_the_order_ahead_on_the_machine() -> None:
    """60 min for the first order, promised for their end, then 30 for the second: it waits an hour for the saw."""
    shop = build(time_zone="Europe/Berlin")
    [first] = shop.order([("SAW", 60)], promised_at=at("10:14"))
    [second] = shop.order([("SAW", 30)], wanted_on=dt.date(2026, 11, 26))
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    line = second.work_order.sales_order_line
    found = selectors.why(plant_id=shop.plant.pk, line_id=line.pk, now=NOW)
    assert found is not None
    ahead = f"{first.work_order.sales_order_line.order.number}/10"
    assert (found.binding.kind, found.binding.orders, found.binding.wait_min) == ("machine", (ahead,), 60)
    assert found.ends_at == at("10:44")
    assert found.late_min == 0
    assert found.sentence == (
        f"Ends Mon 23 Nov, 11:44: Step 1 of {second.work_order.number} waits for machine SAW-1 behind {ahead}"
        " until Mon 23 Nov, 11:14"
    )
    assert selectors.why(plant_id=shop.plant.pk, line_id=0, now=NOW) is None


def test_an_order_waits_behind_other_work_of_its_own_never_behind_itself() -> None:
    """Two work orders of one line on one saw, an hour each: the second waits an hour behind the first."""
    shop = build()
    [first] = shop.order([("SAW", 60)])
    [second] = shop.order([("SAW", 60)])
    line = first.work_order.sales_order_line
    type(first.work_order).objects.filter(pk=second.work_order_id).update(sales_order_line=line)
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    found = selectors.why(plant_id=shop.plant.pk, line_id=line.pk, now=NOW)
    assert found is not None
    assert (found.binding.kind, found.binding.orders, found.binding.wait_min) == ("machine", (f"{line.order}/10",), 60)
    assert found.binding.sentence == (
        "waits for machine SAW-1 behind other work of the same order until Mon 23 Nov, 10:14"
    )


def test_published_plan_holds_every_invariant() -> None:
    shop = build(["SAW-1", "SAW-2", "PACK-1"])
    for _ in range(5):
        shop.order([("SAW", 60), ("PACK", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    aps.block_machine(
        machine_id=shop.machines["SAW-1"].pk, source="downtime:1", since_at=NOW, until_at=None, fact=fact()
    )
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    for invariant in invariants.INVARIANTS:
        with connection.cursor() as cursor:
            cursor.execute(invariant.sql)
            assert cursor.fetchall() == [], invariant.name
