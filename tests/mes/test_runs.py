"""Runs: start, pause, resume, report and finish, each event done once, pieces and minutes booked as they were."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest
from django.db import connection

from erp import services as erp
from erp.models import CostEntry, WorkOrder
from erp.production.services.floor import EarlierOperationOpen, OverReport
from erp.production.services.release import WrongMachine
from masterdata.errors import Refusal
from mes import services as mes
from mes.models import ExecutionEvent, MachineState, OperationRun
from mes.services.events import ReusedEventId, WrongTime
from mes.services.runs import AlreadyStarted, MachineBusy, NotRunning
from tests.mes.hall import Hall, at, hall, step


def states(shop: Hall, machine: str) -> list[tuple[str, int | None]]:
    """What the machine did, oldest first: state and minutes (None: still)."""
    rows = MachineState.objects.filter(machine_id=shop.machine(machine)).order_by("since_at")
    return [
        (row.state, None if row.until_at is None else int((row.until_at - row.since_at).total_seconds() // 60))
        for row in rows
    ]


def test_a_job_from_start_to_finish() -> None:
    """Started at 0, 4 good and 1 scrap at 30, paused 40 to 60, the other 5 at 80: 30 + 10 + 20 = 60 minutes.

    Machine 60.00 an hour and labour 30.00: 90.00 for the hour. The saw was producing 40, stopped 20, producing 20.
    """
    shop = hall()
    order = shop.shelves()
    saw = step(order, 10)
    shop.start(saw, "SAW-1")
    order.refresh_from_db()
    assert order.state == WorkOrder.State.RELEASED
    shop.report(saw, "SAW-1", 30, "4", "1")
    pause = mes.pause(event=shop.event(saw, "SAW-1", 40, reason_id=shop.reasons["P-BREAK"].pk), now=at(40))
    assert (pause.state, pause.pause_reason) == ("paused", shop.reasons["P-BREAK"])
    resumed = mes.resume(event=shop.event(saw, "SAW-1", 60), now=at(60))
    assert (resumed.state, resumed.pause_reason) == ("running", None)
    shop.report(saw, "SAW-1", 80, "5")
    run = OperationRun.objects.get()
    assert (run.state, run.good_qty, run.scrap_qty, run.finished_at) == ("finished", 9, 1, at(80))
    assert step(order, 10).worked_min == 60
    costs = CostEntry.objects.filter(work_order=order, element__in=["labour", "machine"])
    assert sum(row.amount for row in costs) == 90
    assert states(shop, "SAW-1") == [("producing", 40), ("stopped", 20), ("producing", 20), ("idle", None)]
    kinds = ExecutionEvent.objects.values_list("kind", flat=True)
    assert list(kinds) == ["start", "report", "pause", "resume", "report"]


def test_the_same_event_again_is_answered_and_not_done_again() -> None:
    shop = hall()
    order = shop.shelves()
    saw = step(order, 10)
    started = shop.start(saw, "SAW-1")
    reported = shop.report(saw, "SAW-1", 30, "4")
    paused = shop.event(saw, "SAW-1", 40)
    mes.pause(event=paused, now=at(40))
    for deed, event in ((mes.start, started), (mes.report, reported), (mes.pause, paused)):
        run = deed(event=event, now=at(50))
        assert (run.good_qty, run.state) == (4, "paused")
    assert ExecutionEvent.objects.count() == 3
    assert step(order, 10).good_qty == 4


@pytest.mark.parametrize("kind", ["report", "pause"])
def test_an_event_id_used_for_something_else_is_refused(kind: str) -> None:
    shop = hall()
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1")
    first = shop.report(saw, "SAW-1", 30, "4")
    deed = {"report": mes.report, "pause": mes.pause}[kind]
    with pytest.raises(ReusedEventId) as refused:
        deed(event=shop.event(saw, "SAW-1", 30, "5", event_id=first.event_id), now=at(31))
    assert (refused.value.status, refused.value.code) == (422, "reused_event_id")
    assert OperationRun.objects.get().good_qty == 4


def test_more_than_came_in_is_refused_with_what_remains() -> None:
    """10 wanted, 4 good and 1 scrap reported: 6 are one too many, 5 remain. Packing got 4, so 5 are too many."""
    shop = hall()
    order = shop.shelves()
    saw, pack = step(order, 10), step(order, 20)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 30, "4", "1")
    shop.start(pack, "PACK-1", 40)
    for operation, machine, good, remaining in ((saw, "SAW-1", "6", 5), (pack, "PACK-1", "5", 4)):
        with pytest.raises(OverReport) as refused:
            mes.report(event=shop.event(operation, machine, 50, good), now=at(50))
        assert Decimal(refused.value.values["remaining"]) == remaining
    assert OperationRun.objects.get(operation=saw).good_qty == 4
    assert ExecutionEvent.objects.filter(kind="report").count() == 1


def test_a_busy_machine_takes_no_second_job_until_the_first_is_paused() -> None:
    shop = hall()
    first, second = step(shop.shelves(), 10), step(shop.shelves(), 10)
    shop.start(first, "SAW-1")
    with pytest.raises(MachineBusy, match=f"SAW-1 still runs {first.work_order.number}"):
        shop.start(second, "SAW-1", 10)
    mes.pause(event=shop.event(first, "SAW-1", 10), now=at(10))
    shop.start(second, "SAW-1", 15)
    with pytest.raises(MachineBusy):
        mes.resume(event=shop.event(first, "SAW-1", 20), now=at(20))
    with pytest.raises(AlreadyStarted, match="already started on SAW-1"):
        shop.start(first, "SAW-2", 20)


def test_finishing_a_paused_job_does_not_stop_the_one_that_runs() -> None:
    shop = hall()
    first, second = step(shop.shelves(), 10), step(shop.shelves(), 10)
    shop.start(first, "SAW-1")
    mes.pause(event=shop.event(first, "SAW-1", 10), now=at(10))
    shop.start(second, "SAW-1", 15)
    mes.finish(event=shop.event(first, "SAW-1", 20, "3"), now=at(20))
    assert states(shop, "SAW-1") == [("producing", 10), ("stopped", 5), ("producing", None)]


def test_the_operation_after_ends_when_nothing_more_can_reach_it() -> None:
    """Saw finishes with 6 of 10; packing had already packed these 6 and ends with it."""
    shop = hall()
    order = shop.shelves()
    saw, pack = step(order, 10), step(order, 20)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 30, "6")
    shop.start(pack, "PACK-1", 30)
    shop.report(pack, "PACK-1", 50, "6")
    with pytest.raises(EarlierOperationOpen, match="Finish operation 10"):
        mes.finish(event=shop.event(pack, "PACK-1", 51), now=at(51))
    mes.finish(event=shop.event(saw, "SAW-1", 60), now=at(60))
    assert set(OperationRun.objects.values_list("state", flat=True)) == {"finished"}
    order.refresh_from_db()
    assert (order.state, order.good_qty) == ("closed", 6)
    assert states(shop, "PACK-1")[-1] == ("idle", None)


def test_what_cannot_be_meant_is_refused() -> None:
    shop = hall()
    order = shop.shelves()
    saw, pack = step(order, 10), step(order, 20)
    with pytest.raises(NotRunning, match="Press Start first"):
        shop.report(saw, "SAW-1", 5, "1")
    with pytest.raises(WrongMachine):
        shop.start(pack, "SAW-1")
    with pytest.raises(WrongTime, match="future"):
        mes.start(event=shop.event(saw, "SAW-1", 10), now=at(5))
    shop.start(saw, "SAW-1", 10)
    with pytest.raises(Refusal, match="at least one"):
        shop.report(saw, "SAW-1", 15, "0")
    with pytest.raises(NotRunning, match="not paused"):
        mes.resume(event=shop.event(saw, "SAW-1", 16), now=at(16))
    assert OperationRun.objects.get().good_qty == 0


@pytest.mark.usefixtures("committed")
def test_of_two_who_start_on_one_machine_one_wins() -> None:
    shop = hall()
    operations = [step(shop.shelves(), 10), step(shop.shelves(), 10)]
    gate = threading.Barrier(2)

    def tap(number: int) -> str:
        gate.wait(timeout=30)
        try:
            shop.start(operations[number], "SAW-1")
        except MachineBusy:
            return "busy"
        finally:
            connection.close()
        return "started"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(tap, range(2))) == ["busy", "started"]
    assert OperationRun.objects.filter(state="running").count() == 1


@pytest.mark.usefixtures("committed")
def test_a_double_tap_at_the_same_moment_reports_once() -> None:
    shop = hall()
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1")
    event = shop.event(saw, "SAW-1", 30, "4")
    gate = threading.Barrier(2)

    def tap(_number: int) -> Decimal:
        gate.wait(timeout=30)
        try:
            return mes.report(event=event, now=at(30)).good_qty
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(tap, range(2))) == [4, 4]
    assert ExecutionEvent.objects.filter(kind="report").count() == 1


def test_a_job_whose_rest_is_in_rework_leaves_its_machine_free() -> None:
    """8 good and 2 to rework: the saw is idle, the job waits. When the two are mended, it ends by itself, and its run
    still says what was reported at it."""
    shop = hall()
    order = shop.shelves()
    saw = step(order, 10)
    shop.start(saw, "SAW-1")
    event = shop.event(saw, "SAW-1", 30, "8", rework_qty=Decimal(2))
    for _ in range(2):  # the same event again is answered
        run = mes.report(event=event, now=at(30))
        assert (run.state, run.good_qty, run.rework_qty, run.resumed_at) == ("paused", 8, 2, None)
    with pytest.raises(ReusedEventId):
        mes.report(event=replace(event, rework_qty=Decimal(1)), now=at(31))
    assert states(shop, "SAW-1") == [("producing", 30), ("idle", None)]
    sand = erp.add_rework_step(
        work_order_id=order.pk, operation_id=saw.pk, name="Sand", work_centre_id=saw.work_centre_id,
        quantity=Decimal(2), run_min_per_unit=Decimal(3), now=at(31),
    )  # fmt: skip
    shop.start(sand, "SAW-2", 40)
    shop.report(sand, "SAW-2", 46, "2")
    assert step(order, 10).finished_at == at(46)
    rows = OperationRun.objects.order_by("pk").values_list("operation", "state", "good_qty", "rework_qty")
    assert list(rows) == [(saw.pk, "finished", 8, 2), (sand.pk, "finished", 2, 0)]


def test_a_job_that_was_closed_short_ends_at_its_machine_too() -> None:
    """The hub closes the work order; what follows the report ends the run, and the saw is idle."""
    shop = hall()
    order = shop.shelves()
    saw = step(order, 10)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 30, "4")
    erp.close_short(work_order_id=order.pk, reason="The model ends", now=at(40))
    mes.end_finished_runs(operation_id=saw.pk, at=at(40))
    run = OperationRun.objects.get()
    assert (run.state, run.finished_at, run.good_qty) == ("finished", at(40), 4)
    assert states(shop, "SAW-1") == [("producing", 40), ("idle", None)]
