"""The board's data shared: one reading for all who ask at once, kept while nothing is written, compressed once."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from threading import Event, Thread

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aps import selectors
from aps import services as aps
from aps.models import OperationPin, PlannedOperation
from aps.selectors import board_held
from aps.selectors.board_prints import differences, prints_of
from aps.selectors.board_read import published_reading
from aps.selectors.board_shared import Shared
from benchmarks._board_data import one_behind_another
from benchmarks._planning_plant import plant_with
from erp.models import Peg, SalesOrder, WorkOrder, WorkOrderMaterial, WorkOrderOperation
from masterdata.models import Machine, Material
from tests.aps.board_message import operations_of
from tests.aps.shop import NOW, Shop, build, minutes
from tests.aps.test_board_page import person


@pytest.fixture
def shop() -> Shop:
    """Two orders, sawn and packed."""
    shop = build(["SAW-1", "PACK-1"])
    for _ in range(2):
        shop.order([("SAW", 60), ("PACK", 30)])
    aps.plan_plant(plant_id=shop.plant.pk, now=NOW)
    return shop


def test_who_comes_while_a_reading_is_made_shares_the_next_one() -> None:
    """One reads; two come meanwhile: what they have done before may lack in it, so that one more is made for both."""
    shared: Shared[int] = Shared()
    began, go, found = Event(), Event(), []

    def read(before: int | None) -> int:
        began.set()
        assert go.wait(60)
        return (before or 0) + 1

    def ask() -> None:
        found.append(shared.read("plant", read))

    first = Thread(target=ask)
    first.start()
    assert began.wait(60)
    later = [Thread(target=ask) for _ in range(2)]
    for one in later:
        one.start()
    while shared.waiting("plant") < 2:
        pass
    go.set()
    for one in (first, *later):
        one.join(60)
    assert sorted(found) == [1, 2, 2]
    assert shared.read("plant", read) == 3


def test_a_reading_that_failed_is_made_again() -> None:
    shared: Shared[str] = Shared()

    def fail(_before: str | None) -> str:
        raise ValueError("no database")

    with pytest.raises(ValueError, match="no database"):
        shared.read(1, fail)
    assert shared.read(1, lambda before: f"read behind {before}") == "read behind None"


@pytest.mark.usefixtures("alone")
def test_what_was_read_stands_while_nothing_is_written(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_held, "moment_of", lambda now: f"the same, {now}")
    whole = selectors.board(shop.plant.pk, now=NOW)
    with CaptureQueriesContext(connection) as asked:
        again = selectors.board(shop.plant.pk, now=NOW, since=whole["version"])
        assert selectors.board(shop.plant.pk, now=NOW) == whole
    assert len(asked) == 0
    assert (again["kind"], again["parts"], again["version"]) == ("delta", [], whole["version"])
    # A minute later things may be late that were not.
    with CaptureQueriesContext(connection) as asked:
        assert selectors.board(shop.plant.pk, now=NOW + minutes(1))["now"] == whole["now"] + 1
    assert len(asked) > 0


@pytest.mark.usefixtures("alone")
def test_whatever_is_written_makes_another_moment(shop: Shop) -> None:
    before = board_held.moment_of(NOW)
    SalesOrder.objects.update(is_rush=True)
    assert board_held.moment_of(NOW) != before


@pytest.mark.usefixtures("alone")
def test_one_report_is_told_to_who_holds_the_plan(shop: Shop) -> None:
    whole = selectors.board(shop.plant.pk, now=NOW)
    saw = WorkOrderOperation.objects.filter(sequence=10).order_by("pk")[0]
    WorkOrderOperation.objects.filter(pk=saw.pk).update(started_at=NOW, machine=shop.machines["SAW-1"], good_qty="0.5")
    delta = selectors.board(shop.plant.pk, now=NOW, since=whole["version"])
    [part] = delta["parts"]
    assert (part["operations"]["id"], part["operations"]["done"]) == ([saw.pk], {str(saw.pk): 50})
    assert selectors.board(shop.plant.pk, now=NOW)["version"] == delta["version"]


@pytest.mark.usefixtures("alone")
def test_the_whole_is_the_last_one_with_the_steps_since(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two reports, two more parts; when those grow too long, or the memory is lost, it is made anew: the same plan."""
    selectors.board(shop.plant.pk, now=NOW)
    for quantity in ("0.25", "0.5"):
        saw = WorkOrderOperation.objects.filter(sequence=10).order_by("pk")[0]
        WorkOrderOperation.objects.filter(pk=saw.pk).update(started_at=NOW, good_qty=quantity)
        told = selectors.board_message(shop.plant.pk, now=NOW)
    long = json.loads(told.text)
    assert (long["kind"], [len(part["operations"]["id"]) for part in long["parts"]]) == ("full", [4, 1, 1])
    assert operations_of(long)[saw.pk]["done"] == 50
    monkeypatch.setattr(board_held, "MOST_TAIL", 10)
    WorkOrderOperation.objects.filter(pk=saw.pk).update(good_qty="0.75")
    short = selectors.board(shop.plant.pk, now=NOW)
    assert [len(part["operations"]["id"]) for part in short["parts"]] == [4]
    changed = {saw.pk: {**operations_of(long)[saw.pk], "done": 75}}
    assert operations_of(short) == operations_of(long) | changed


@pytest.mark.django_db
def test_fingerprints_taken_over_are_those_made_anew(shop: Shop) -> None:
    """One operation finished, one begun: of the three that are left one differs, and one that waits for nothing now."""
    known = published_reading(shop.plant.pk, NOW).picture
    before = prints_of(known)
    one, other = WorkOrderOperation.objects.filter(sequence=10).order_by("pk")
    shop.finish(one, NOW)
    WorkOrderOperation.objects.filter(pk=other.pk).update(started_at=NOW, machine=shop.machines["SAW-1"])
    later = published_reading(shop.plant.pk, NOW).picture
    anew, taken = prints_of(later), prints_of(later, (known, before))
    assert anew.ids.tolist() == taken.ids.tolist()
    assert anew.marks.tolist() == taken.marks.tolist()
    changed, gone = differences(before, taken)
    assert (len(changed), gone) == (2, [one.pk])
    SalesOrder.objects.update(is_rush=True)
    rush = published_reading(shop.plant.pk, NOW).picture
    assert prints_of(rush, (later, taken)).marks.tolist() == prints_of(rush).marks.tolist()
    assert len(differences(taken, prints_of(rush, (later, taken)))[0]) == 3


def _writes(shop: Shop) -> Iterator[object]:
    """One thing after the other that changes what a board shows."""
    plant, steps = shop.plant, list(WorkOrderOperation.objects.filter(planned__isnull=False).order_by("pk"))
    one, other, third = (WorkOrderOperation.objects.filter(pk=step.pk) for step in steps[:3])
    machine = steps[0].planned.machine_id
    yield  # nothing yet
    yield one.update(started_at=NOW, machine=machine, good_qty="0.5")
    yield one.update(finished_at=NOW, good_qty=1)
    yield other.update(started_at=NOW, scrap_qty="0.25")
    mends = WorkOrderOperation(
        work_order=steps[2].work_order, sequence=11, name="Mend", work_centre=steps[2].work_centre, setup_min=0
    )
    mends.run_min_per_unit, mends.mends, mends.quantity = Decimal(5), steps[2], Decimal("0.25")
    yield mends.save()
    pin = OperationPin(plant=plant, operation=steps[5], machine_id=machine, runs_at=NOW)
    yield pin.save()
    yield pin.delete()
    yield PlannedOperation.objects.filter(operation=steps[7]).delete()
    planned = PlannedOperation.objects.get(operation=steps[8])
    planned.ends_at -= dt.timedelta(minutes=1)
    yield planned.save()
    work = WorkOrder.objects.filter(plant=plant)
    yield work.filter(pk=steps[3].work_order_id).update(quantity=3)
    yield work.filter(pk=steps[4].work_order_id).update(state=WorkOrder.State.CANCELLED)
    yield Peg.objects.filter(work_order__plant=plant).order_by("pk")[0].delete()
    yield SalesOrder.objects.update(is_rush=True)
    yield Material.objects.filter(pk=steps[0].work_order.material_id).update(name="Plank")
    yield WorkOrderMaterial.objects.filter(work_order__plant=plant).update(issued_qty=F("quantity"))
    yield Machine.objects.filter(pk=machine).update(name="Other saw")
    yield third.update(started_at=NOW, machine=machine)


@pytest.mark.django_db
def test_what_is_taken_over_from_an_earlier_reading_is_what_a_new_one_finds() -> None:
    shop = plant_with(64, "MAIN")
    rows = list(one_behind_another(shop, NOW))
    aps.publish_plan(plant_id=shop.plant.pk, base_no=0, rows=rows, origin="insert", now=NOW)
    before, differs = published_reading(shop.plant.pk, NOW), 0
    for number, _ in enumerate(_writes(shop)):
        now = NOW + number * dt.timedelta(minutes=1)
        taken, anew = published_reading(shop.plant.pk, now, before), published_reading(shop.plant.pk, now).picture
        assert taken.picture == anew, number
        differs += taken.picture.operations != before.picture.operations
        before = taken
    assert differs > 8


@pytest.mark.django_db
def test_the_whole_is_the_same_compressed(client: Client, shop: Shop) -> None:
    client.force_login(person(shop, "planner"))
    address = reverse("aps:board_data", args=[shop.plant.pk])
    plain, packed = client.get(address), client.get(address, headers={"Accept-Encoding": "gzip"})
    assert (packed["Content-Encoding"], "Content-Encoding" in plain) == ("gzip", False)
    assert "Accept-Encoding" in packed["Vary"]
    is_told, was_told = json.loads(gzip.decompress(packed.content)), plain.json()
    assert is_told["parts"] == was_told["parts"]
    assert is_told["machines"] == was_told["machines"]
