"""Pieces that a draft splits off, through the front door: tried, split again, moved, pinned and published as told.

It is 09:14; the work order has ten pieces.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from aps import services as aps
from aps.minutes import minute_of, time_of
from aps.models import OperationPin, PlannedOperation, PlanWeights
from aps.rows import Row
from erp.models import WorkOrder, WorkOrderOperation
from tests.aps.shop import NOW, Shop, at
from tests.aps.test_drafts import Planner, move, shop, stands

pytestmark = pytest.mark.django_db
__all__ = ["shop"]


def test_pieces_that_are_split_off_go_their_own_way(shop: Shop) -> None:
    """Ten pieces of six minutes from 09:14 to 10:14 on saw 1. Four of them go to saw 2 at 09:30: 24 minutes there, and
    36 remain on saw 1.
    """
    job = shop.order([("SAW", 60)], quantity=10)[0]
    saw = shop.machines["SAW-1"].pk
    row = Row(job.pk, saw, at("09:14"), at("09:14"), at("10:14"), 0)
    aps.publish_plan(plant_id=shop.plant.pk, base_no=0, rows=[row], origin="search", now=NOW, covers_version=1)
    anna = Planner(shop, "anna")
    edit = {
        "do": "split",
        "op": job.pk,
        "quantity": "4",
        "machine": shop.machines["SAW-2"].pk,
        "at": minute_of(at("09:30")),
    }
    anna.save(edit)
    found = anna.client.post(
        reverse("suite:board_effect", args=[shop.plant.pk]), {"edits": [edit]}, content_type="application/json"
    ).json()
    assert found["refused"] == []
    lengths = dict(zip(found["moved"]["id"], found["moved"]["length"], strict=True))
    assert lengths == {job.pk: 36, -1010: 24}
    anna.publish()
    second = WorkOrder.objects.exclude(pk=job.work_order_id).get()
    new = WorkOrderOperation.objects.get(work_order=second)
    assert stands(job) == ("SAW-1", "09:14", "09:50")
    assert stands(new) == ("SAW-2", "09:30", "09:54")


def split(shop: Shop, operation: int, quantity: str, machine: str, clock: str) -> dict[str, Any]:
    place = {"machine": shop.machines[machine].pk, "at": minute_of(at(clock))}
    return {"do": "split", "op": operation, "quantity": quantity, **place}


def told(anna: Planner, shop: Shop, *edits: dict[str, Any]) -> dict[int, tuple[str, str, str]]:
    """Machine, begin and end of what stands elsewhere with the edits, as the board is told; nothing is refused."""
    address = reverse("suite:board_effect", args=[shop.plant.pk])
    found = anna.client.post(address, {"edits": list(edits)}, content_type="application/json").json()
    assert found["refused"] == []
    codes = {one.pk: one.code for one in shop.machines.values()}
    clock = lambda minute: f"{time_of(minute):%H:%M}"  # noqa: E731
    columns = (found["moved"][name] for name in ("id", "machine", "start", "length"))
    rows = zip(*columns, strict=True)
    return {key: (codes[machine], clock(start), clock(start + length)) for key, machine, start, length in rows}


def in_plan(shop: Shop, sequence: int = 10) -> list[tuple[str, str, str]]:
    """Where the operations of this step stand in the published plan, by begin."""
    rows = PlannedOperation.objects.filter(plant=shop.plant, operation__sequence=sequence).select_related("machine")
    return [(one.machine.code, f"{one.starts_at:%H:%M}", f"{one.ends_at:%H:%M}") for one in rows.order_by("starts_at")]


def ten_pieces(shop: Shop, work: list[tuple[str, int]], *places: tuple[str, str, str]) -> list[WorkOrderOperation]:
    """One work order of ten pieces, published."""
    steps = shop.order(work, quantity=10)
    rows = [
        Row(one.pk, shop.machines[machine].pk, at(begin), at(begin), at(end), 0)
        for one, (machine, begin, end) in zip(steps, places, strict=True)
    ]
    aps.publish_plan(plant_id=shop.plant.pk, base_no=0, rows=rows, origin="search", now=NOW, covers_version=1)
    return steps


def test_what_was_split_off_is_split_again(shop: Shop) -> None:
    """Ten pieces of six minutes. Four go to saw 2 at 09:30, one of these back to saw 1 at 11:00, two of the six that
    stayed to saw 2 at 12:00: 4 x 6 = 24, 3 x 6 = 18, 6, and 12 minutes. Published as told.
    """
    (job,) = ten_pieces(shop, [("SAW", 60)], ("SAW-1", "09:14", "10:14"))
    anna = Planner(shop, "anna")
    edits = [
        split(shop, job.pk, "4", "SAW-2", "09:30"),
        split(shop, -1010, "1", "SAW-1", "11:00"),
        split(shop, job.pk, "2", "SAW-2", "12:00"),
    ]
    anna.save(*edits)
    assert told(anna, shop, *edits) == {
        job.pk: ("SAW-1", "09:14", "09:38"),
        -1010: ("SAW-2", "09:30", "09:48"),
        -2010: ("SAW-1", "11:00", "11:06"),
        -3010: ("SAW-2", "12:00", "12:12"),
    }
    assert told(anna, shop, *edits[:1]) == {
        job.pk: ("SAW-1", "09:14", "09:50"),
        -1010: ("SAW-2", "09:30", "09:54"),
    }
    anna.publish()
    assert in_plan(shop) == [
        ("SAW-1", "09:14", "09:38"),
        ("SAW-2", "09:30", "09:48"),
        ("SAW-1", "11:00", "11:06"),
        ("SAW-2", "12:00", "12:12"),
    ]
    sizes = dict(WorkOrder.objects.order_by("pk").values_list("pk", "quantity"))
    assert sizes[job.work_order_id] == 4
    assert sorted(sizes.values()) == [1, 2, 3, 4]


def test_more_than_a_piece_has_cannot_be_split_off_it(shop: Shop) -> None:
    """Of four pieces at most three go; the engine says so by the step, and publishing writes nothing."""
    (job,) = ten_pieces(shop, [("SAW", 60)], ("SAW-1", "09:14", "10:14"))
    anna = Planner(shop, "anna")
    edits = [split(shop, job.pk, "4", "SAW-2", "09:30"), split(shop, -1010, "4", "SAW-1", "11:00")]
    address = reverse("suite:board_effect", args=[shop.plant.pk])
    found = anna.client.post(address, {"edits": edits}, content_type="application/json").json()
    assert [(one["edit"], one["code"]) for one in found["refused"]] == [(1, "quantity")]
    anna.save(*edits)
    anna.publish(status=422)
    assert WorkOrder.objects.count() == 1
    anna.publish(left_out=1)
    assert in_plan(shop) == [("SAW-1", "09:14", "09:50"), ("SAW-2", "09:30", "09:54")]


def test_pieces_that_another_planner_took_first_are_named(shop: Shop) -> None:
    """Of ten pieces Bert sends seven to saw 2. Anna's four of the three that are left, and one of these four, are not
    possible any more; what she has moved besides is published.
    """
    (job,) = ten_pieces(shop, [("SAW", 60)], ("SAW-1", "09:14", "10:14"))
    anna, bert = Planner(shop, "anna"), Planner(shop, "bert")
    anna.save(
        split(shop, job.pk, "4", "SAW-2", "09:30"),
        split(shop, -1010, "1", "SAW-1", "11:00"),
        move(shop, job, "SAW-1", "12:00"),
    )
    bert.save(split(shop, job.pk, "7", "SAW-2", "09:30"))
    bert.publish()
    assert in_plan(shop) == [("SAW-1", "09:14", "09:32"), ("SAW-2", "09:30", "10:12")]
    refused = anna.publish(status=422).content.decode()
    assert f'name="left_out-{shop.plant.pk}" value="2"' in refused
    anna.publish(left_out=2)
    assert in_plan(shop) == [("SAW-2", "09:30", "10:12"), ("SAW-1", "12:00", "12:18")]
    assert WorkOrder.objects.count() == 2


def test_a_piece_is_moved_and_pinned_before_the_next_split(shop: Shop) -> None:
    """Four of ten pieces to saw 2 at 09:30, then pinned to 13:00 there: 13:00 to 13:24. One of these goes to saw 1 at
    11:00; the pin holds for the three that stay: 13:00 to 13:18.
    """
    (job,) = ten_pieces(shop, [("SAW", 60)], ("SAW-1", "09:14", "10:14"))
    anna = Planner(shop, "anna")
    place = {"id": -1010, "machine": shop.machines["SAW-2"].pk, "at": minute_of(at("13:00"))}
    edits = [
        split(shop, job.pk, "4", "SAW-2", "09:30"),
        {"do": "move", "ops": [place], "pin": True},
        split(shop, -1010, "1", "SAW-1", "11:00"),
    ]
    anna.save(*edits)
    assert told(anna, shop, *edits) == {
        job.pk: ("SAW-1", "09:14", "09:50"),
        -1010: ("SAW-2", "13:00", "13:18"),
        -3010: ("SAW-1", "11:00", "11:06"),
    }
    anna.publish()
    assert in_plan(shop) == [("SAW-1", "09:14", "09:50"), ("SAW-1", "11:00", "11:06"), ("SAW-2", "13:00", "13:18")]
    (pin,) = OperationPin.objects.all()
    assert (pin.machine.code, pin.runs_at) == ("SAW-2", at("13:00"))


def test_steps_behind_a_split_stand_where_the_board_has_told(shop: Shop) -> None:
    """Ten pieces, six minutes each at saw 1 from 11:30 on and three at saw 2, which are moved to 15:00 first.

    Four pieces are split off at the first step, to 13:00: their second step stands behind that of the six, which takes
    18 minutes. Published as told, though two hours are frozen and new work would find a gap before.
    """
    first, second = ten_pieces(
        shop, [("SAW", 60), ("SAW", 30)], ("SAW-1", "11:30", "12:30"), ("SAW-2", "12:30", "13:00")
    )
    PlanWeights.objects.create(plant=shop.plant, frozen_h=2)
    anna = Planner(shop, "anna")
    place = {"id": second.pk, "machine": shop.machines["SAW-2"].pk, "at": minute_of(at("15:00"))}
    edits = [{"do": "move", "ops": [place], "pin": False}, split(shop, first.pk, "4", "SAW-1", "13:00")]
    anna.save(*edits)
    expected = {
        first.pk: ("SAW-1", "11:30", "12:06"),
        second.pk: ("SAW-2", "15:00", "15:18"),
        -2010: ("SAW-1", "13:00", "13:24"),
        -2020: ("SAW-2", "15:18", "15:30"),
    }
    assert told(anna, shop, *edits) == expected
    anna.publish()
    assert in_plan(shop) == [expected[first.pk], expected[-2010]]
    assert in_plan(shop, 20) == [expected[second.pk], expected[-2020]]
