"""Reports that a tablet sends together: booked under one lock, and to the cent as if each had come by itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from erp.models import StockMove, WorkOrder, WorkReport
from masterdata.models import FlowRun
from mes import services as mes
from mes.models import Device, ExecutionEvent, OperationRun, Quarantine
from mes.services.events import FloorEvent
from tests.mes.hall import Hall, hall, step
from tests.mes.test_log import numbered, send, statuses, tablet, told


def shift(shop: Hall, order: WorkOrder, *pieces: str) -> list[FloorEvent]:
    """A start at the saw, then a report every three minutes."""
    saw = step(order, 10)
    reports = [replace(shop.event(saw, "SAW-1", 10 + 3 * n, good), kind="report") for n, good in enumerate(pieces)]
    return numbered([replace(shop.event(saw, "SAW-1", 0), kind="start"), *reports])


def everything(order: WorkOrder) -> dict[str, Any]:
    """What was moved, and what each report remembers of it."""
    rows = StockMove.objects.filter(work_order=order).values_list("pk", "kind", "quantity", "value")
    moves = {pk: (str(kind), quantity, value) for pk, kind, quantity, value in rows}
    reports = WorkReport.objects.filter(operation__work_order=order).order_by("reported_at")
    booked = [
        (one.key, one.good_qty, one.worked_min, one.reported_at, [moves[pk] for pk in one.move_ids], len(one.entry_ids))
        for one in reports
    ]
    needs = list(order.materials.values_list("issued_qty", "issued_value"))
    flows = sorted(FlowRun.objects.values_list("flow", "state"))
    return told(order) | {"reports": booked, "needs": needs, "flows": flows}


@pytest.mark.parametrize("pieces", [["1"] * 7, ["3", "2", "5"], ["1"] * 24])
@pytest.mark.parametrize("is_ordered", [False, True])
def test_a_series_moves_what_its_reports_move_one_by_one(pieces: list[str], is_ordered: bool) -> None:
    """7 of 10 pieces, all 10, and 24 of which 14 are too many; then one of the first ten is taken back."""
    shop = hall()
    order = shop.shelves(is_ordered=is_ordered)
    device = tablet(shop)
    events = shift(shop, order, *pieces)
    undo = replace(
        shop.event(step(order, 10), "SAW-1", 13), kind="correction", device_seq=len(events) + 1,
        payload={"corrects": str(events[2].event_id)},
    )  # fmt: skip
    found = []
    for is_together in (False, True):
        with transaction.atomic():
            first = send(device, *events) if is_together else [send(device, one)[0] for one in events]
            before = everything(order)
            last = send(device, undo)
            found.append((statuses(first), before, statuses(last), told(order)))
            transaction.set_rollback(True)
    assert found[0] == found[1]
    assert found[0][0].count("applied") == 1 + min(len(pieces), 10)
    assert found[0][2] == ["applied"]


def test_a_series_asks_less_than_its_reports_one_by_one() -> None:
    shop = hall(boards="1000")
    order = shop.shelves("400")
    device = tablet(shop)
    events = shift(shop, order, *["1"] * 42)
    send(device, *events[:2])
    with CaptureQueriesContext(connection) as alone:
        assert statuses(send(device, events[2])) == ["applied"]
    with CaptureQueriesContext(connection) as together:
        assert statuses(send(device, *events[3:], minute=200)) == ["applied"] * 40
    assert len(together) / 40 < len(alone) * 0.65
    assert step(order, 10).good_qty == 42


def test_one_that_cannot_be_waits_and_the_others_count() -> None:
    """4, 4 and 2 of 10 are made; the 4 that were said between them are too many."""
    shop = hall()
    order = shop.shelves()
    device = tablet(shop)
    events = shift(shop, order, "4", "4", "4", "2")
    assert statuses(send(device, *events)) == ["applied", "applied", "applied", "quarantined", "applied"]
    assert Quarantine.objects.get().event_id == events[3].event_id
    assert (step(order, 10).good_qty, OperationRun.objects.get().good_qty) == (10, 10)
    assert statuses(send(device, *events)) == ["replay", "replay", "replay", "quarantined", "replay"]
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_a_series_of_a_job_that_nobody_began_waits_for_its_start() -> None:
    """Two tablets: the one that reported is heard before the one that began."""
    shop = hall()
    order = shop.shelves()
    start, *reports = shift(shop, order, "1", "1", "1")
    early = [replace(one, device_seq=number) for number, one in enumerate(reports, 1)]
    send(tablet(shop, "Second tablet"), *early)
    send(tablet(shop, "First tablet"), start)
    assert (step(order, 10).good_qty, OperationRun.objects.get().good_qty) == (3, 3)
    assert not Quarantine.objects.filter(state="open").exists()
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_a_series_owes_what_is_not_there() -> None:
    """Boards for 3 shelves are there; the fourth shelf's are owed."""
    shop = hall(boards="6")
    order = shop.shelves()
    device = tablet(shop)
    send(device, *shift(shop, order, "1", "1", "1", "1"))
    assert list(order.materials.values_list("issued_qty", flat=True)) == [8]
    assert order.materials.get().owed_issues.get().quantity == 2


@pytest.mark.usefixtures("committed")
def test_series_of_two_tablets_on_one_job_and_another_of_the_same_boards() -> None:
    """Three tablets at once, 60 reports each: two at one job, one at another. 180 pieces take 360 boards."""
    shop = hall(boards="1000")
    orders = [shop.shelves("200"), shop.shelves("200")]
    jobs = [(orders[0], "SAW-1"), (orders[0], "SAW-1"), (orders[1], "SAW-2")]
    for order, code in (jobs[0], jobs[2]):
        shop.start(step(order, 10), code)
    work: list[tuple[Device, list[FloorEvent]]] = []
    for number, (order, code) in enumerate(jobs):
        saw = step(order, 10)
        said = [replace(shop.event(saw, code, 10 + 2 * n + number, "1"), kind="report") for n in range(60)]
        work.append((tablet(shop, f"Tablet {number}"), numbered(said)))

    def drain(job: tuple[Device, list[FloorEvent]]) -> list[str]:
        try:
            return [status for part in range(0, 60, 30) for status in statuses(_sent(*job, part))]
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        found = [status for part in pool.map(drain, work) for status in part]
    assert found == ["applied"] * 180
    assert [step(order, 10).good_qty for order in orders] == [120, 60]
    taken = StockMove.objects.filter(kind="issue").values_list("quantity", flat=True)
    assert sum(taken) == 360
    assert ExecutionEvent.objects.filter(kind="report").count() == 180
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def _sent(device: Device, events: list[FloorEvent], first: int) -> list[Any]:
    return send(device, *events[first : first + 30], minute=400)
