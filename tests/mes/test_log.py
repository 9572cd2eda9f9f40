"""The log of the floor: any order of arrival ends the same, nothing is lost or doubled, what can't be is kept."""

from __future__ import annotations

import itertools
import random
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from erp import services as erp
from erp.models import CostEntry, JournalLine, StockMove, WorkOrder
from mes import services as mes
from mes.models import Device, ExecutionEvent, MachineState, OperationRun, Quarantine
from mes.services.events import FloorEvent, WrongTime
from mes.services.log import Answer, NothingToCorrect, Right, Said
from tests.mes.hall import Hall, at, hall, step

STATUSES = ("applied", "replay", "quarantined", "rejected")


def tablet(shop: Hall, name: str = "Saw tablet") -> Device:
    """A device of the hall's plant that has said nothing yet."""
    return Device.objects.create(name=name, plant=shop.shop.plant)


def numbered(events: Iterable[FloorEvent]) -> list[FloorEvent]:
    """The events as a device numbers them, from 1."""
    return [replace(event, device_seq=number) for number, event in enumerate(events, 1)]


def send(device: Device, *events: FloorEvent, minute: int = 100, **more: Any) -> list[Answer]:
    """The device sends these together at that minute; what became of each."""
    said = [Said(event) for event in events]
    return mes.take_batch(device=device, said=said, sent_at=at(minute), now=at(minute), **more)[1]


def statuses(answers: Iterable[Answer]) -> list[str]:
    return [answer.status for answer in answers]


def a_day(shop: Hall, order: WorkOrder) -> list[FloorEvent]:
    """Start at 0, pause 20 to 40, 6 good and 1 scrap at 60, the job ended at 70 with nothing more."""
    saw = step(order, 10)
    kinds = [("start", 0, {}), ("pause", 20, {}), ("resume", 40, {}), ("report", 60, {"good": "6", "scrap": "1"}),
             ("finish", 70, {})]  # fmt: skip
    return numbered(replace(shop.event(saw, "SAW-1", minute, **more), kind=kind) for kind, minute, more in kinds)


def told(order: WorkOrder) -> dict[str, Any]:
    """All that the events have moved: run, operation, stock, ledger by account, cost by element, machine states."""
    run, saw = OperationRun.objects.get(operation__work_order=order), step(order, 10)
    moves = StockMove.objects.filter(work_order=order)
    lines = JournalLine.objects.filter(work_order=order)
    costs = CostEntry.objects.filter(work_order=order).order_by()
    return {
        "run": (run.state, run.started_at, run.finished_at, run.booked_sec, run.unbooked_sec, run.good_qty,
                run.scrap_qty),
        "operation": (saw.good_qty, saw.scrap_qty, saw.worked_min, saw.started_at, saw.finished_at),
        "moves": sorted(moves.values_list("kind", "material__code").annotate(q=Sum("quantity"), v=Sum("value"))),
        "ledger": sorted(lines.order_by().values_list("account__role").annotate(sum=Sum("amount"))),
        "cost": sorted(costs.values_list("element").annotate(s=Sum("amount"))),
        "states": list(MachineState.objects.order_by("since_at").values_list("state", "since_at", "until_at")),
    }  # fmt: skip


def test_all_orders_of_arrival_of_five_events_end_the_same() -> None:
    """Worked by hand: 20 minutes until the pause, 20 after it until the report, 10 until the end: 50 of work.

    Labour 30.00 and machine 60.00 an hour: 25.00 and 50.00. All 120 orders of arrival end so, to the cent.
    """
    shop = hall()
    order = shop.shelves()
    device = tablet(shop)
    ends = []
    for arrival in itertools.permutations(a_day(shop, order)):
        with transaction.atomic():
            assert {answer.status for event in arrival for answer in send(device, event)} == {"applied"}
            ends.append(told(order))
            transaction.set_rollback(True)
    assert len(ends) == 120
    assert all(end == ends[0] for end in ends)
    assert ends[0]["run"] == ("finished", at(0), at(70), 3000, 0, 6, 1)
    assert ends[0]["operation"] == (6, 1, 50, at(0), at(70))
    assert dict(ends[0]["cost"]) | {"material": 0} == {"labour": 25, "machine": 50, "material": 0}
    assert [state for state, _, _ in ends[0]["states"]] == ["producing", "stopped", "producing", "idle"]


@pytest.mark.long
@pytest.mark.usefixtures("committed")
def test_4200_shuffled_and_doubled_sends_of_1800_events_by_8_clients_are_1800_effects() -> None:
    """Six tablets say 300 things each: a start and 299 reports of one piece at six operations of 400 pieces.

    Each is sent twice, 600 of them a third time, shuffled: 4,200 sends. 1,800 are applied, the rest is answered again;
    each operation has 299 pieces, no more and no fewer.
    """
    shop = hall(boards="6000")
    orders = [shop.shelves("400") for _ in range(6)]
    devices = [tablet(shop, f"Tablet {number}") for number in range(6)]
    machines = ["SAW-1", "SAW-2"]
    events: list[tuple[Device, FloorEvent]] = []
    for number, (order, device) in enumerate(zip(orders, devices, strict=True)):
        saw, code = step(order, 10), machines[number % 2]
        first = replace(shop.event(saw, code, number), kind="start")
        rest = [replace(shop.event(saw, code, 10 + n, "1"), kind="report") for n in range(299)]
        events += [(device, event) for event in numbered([first, *rest])]
    dice = random.Random(7)
    sends = [*events, *events, *dice.sample(events, 600)]
    dice.shuffle(sends)
    assert (len(events), len(sends)) == (1800, 4200)

    def client(part: list[tuple[Device, FloorEvent]]) -> list[str]:
        try:
            return [send(device, event, minute=400)[0].status for device, event in part]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = [status for part in pool.map(client, [sends[k::8] for k in range(8)]) for status in part]
    assert (found.count("applied"), found.count("replay")) == (1800, 2400)
    assert ExecutionEvent.objects.exclude(device=None).count() == 1800
    assert not Quarantine.objects.filter(state="open").exists()
    assert [step(order, 10).good_qty for order in orders] == [299] * 6
    assert list(OperationRun.objects.order_by("pk").values_list("good_qty", flat=True)) == [299] * 6
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_what_was_made_offline_beyond_the_order_waits_for_the_shift_lead_who_takes_it() -> None:
    """10 shelves are ordered and none may be more: of 12 that a tablet says, none counts until somebody has looked;
    then all 12 do, and the order is for 2 more."""
    shop = hall()
    order = shop.shelves()
    saw, device = step(order, 10), tablet(shop)
    start, report = numbered(
        [
            replace(shop.event(saw, "SAW-1", 0), kind="start"),
            replace(shop.event(saw, "SAW-1", 60, "12"), kind="report"),
        ]
    )
    assert statuses(send(device, start, report)) == ["applied", "quarantined"]
    assert statuses(send(device, start, report)) == ["replay", "quarantined"]
    waits = Quarantine.objects.get(state="open")
    assert waits.code == "over_report"
    assert "Only 10" in waits.sentence
    assert OperationRun.objects.get().good_qty == 0
    lead = shop.person("shift_lead")
    mes.accept_quarantined(quarantine_id=waits.pk, by=lead, now=at(120))
    order.refresh_from_db()
    assert (OperationRun.objects.get().good_qty, order.over_qty) == (12, 2)
    assert statuses(send(device, report)) == ["replay"]
    with pytest.raises(mes.log.AlreadyDecided):
        mes.dismiss_quarantined(quarantine_id=waits.pk, by=lead, note="twice", now=at(121))


def test_later_pieces_that_come_first_count_when_the_earlier_ones_have_come() -> None:
    """Packing says 5 before sawing has said its 5: they wait, and count by themselves."""
    shop = hall()
    order = shop.shelves()
    saw, pack = step(order, 10), step(order, 20)
    sawing, packing = tablet(shop), tablet(shop, "Packing tablet")
    begun, done = shop.event(pack, "PACK-1", 30), shop.event(pack, "PACK-1", 50, "5")
    packed = numbered([replace(begun, kind="start"), replace(done, kind="report")])
    assert statuses(send(packing, *packed)) == ["applied", "quarantined"]
    sawn = numbered(
        [replace(shop.event(saw, "SAW-1", 0), kind="start"), replace(shop.event(saw, "SAW-1", 25, "5"), kind="report")]
    )
    assert statuses(send(sawing, *sawn)) == ["applied", "applied"]
    assert (step(order, 10).good_qty, step(order, 20).good_qty) == (5, 5)
    assert not Quarantine.objects.filter(state="open").exists()


def test_a_clock_that_is_wrong_by_seven_minutes_is_put_right() -> None:
    """The tablet says 27 when it is 20: the event is of minute 20, its own time stands beside."""
    shop = hall()
    saw, device = step(shop.shelves(), 10), tablet(shop)
    event = numbered([replace(shop.event(saw, "SAW-1", 27), kind="start")])[0]
    offset, answers = mes.take_batch(device=device, said=[Said(event)], sent_at=at(37), now=at(30))
    assert (offset, statuses(answers)) == (-7 * 60 * 1000, ["applied"])
    kept = ExecutionEvent.objects.get()
    assert (kept.happened_at, kept.corrected_at) == (at(27), at(20))
    assert OperationRun.objects.get().started_at == at(20)


@pytest.mark.parametrize(("minute", "word"), [(105, "future"), (-8 * 24 * 60, "7 days")])
def test_a_time_that_cannot_be_is_kept_and_asked_about(minute: int, word: str) -> None:
    shop = hall()
    saw, device = step(shop.shelves(), 10), tablet(shop)
    event = numbered([replace(shop.event(saw, "SAW-1", minute), kind="start")])[0]
    assert statuses(send(device, event)) == ["quarantined"]
    assert word in Quarantine.objects.get().sentence
    assert not OperationRun.objects.exists()
    lead, row = shop.person("shift_lead"), Quarantine.objects.get()
    with pytest.raises(WrongTime, match="when it happened"):
        mes.accept_quarantined(quarantine_id=row.pk, by=lead, now=at(110))
    assert not OperationRun.objects.exists()
    mes.correct_quarantined(quarantine_id=row.pk, right=Right(happened_at=at(90)), note="Asked", by=lead, now=at(110))
    assert OperationRun.objects.get().started_at == at(90)


def test_the_same_id_with_other_pieces_is_rejected_and_the_first_stands() -> None:
    shop = hall()
    order = shop.shelves()
    saw, device = step(order, 10), tablet(shop)
    shop.start(saw, "SAW-1")
    event = replace(shop.event(saw, "SAW-1", 30, "4"), kind="report")
    assert statuses(send(device, event)) == ["applied"]
    answer = send(device, replace(event, good_qty=Decimal(5)))[0]
    assert (answer.status, answer.code) == ("rejected", "reused_event_id")
    assert step(order, 10).good_qty == 4


def test_a_report_that_is_undone_never_was() -> None:
    """All 10 in one report: stock, cost and ledger move, the operation ends. Taken back: as before it, and again."""
    shop = hall()
    order = shop.shelves("10")
    saw, device = step(order, 10), tablet(shop)
    shop.start(saw, "SAW-1")
    before = told(order)
    report = replace(shop.event(saw, "SAW-1", 30, "10"), kind="report", device_seq=1)
    undo = replace(
        shop.event(saw, "SAW-1", 30), kind="correction", device_seq=2, payload={"corrects": str(report.event_id)}
    )
    assert statuses(send(device, report, undo, minute=30)) == ["applied", "applied"]
    after = told(order)
    assert [after[name] for name in ("run", "operation")] == [before[name] for name in ("run", "operation")]
    assert all(amount == 0 for _, amount in after["ledger"])
    assert all(amount == 0 for _, amount in after["cost"])
    assert statuses(send(device, report, undo, minute=31)) == ["replay", "replay"]
    shop.report(saw, "SAW-1", 40, "10")
    assert (step(order, 10).good_qty, step(order, 10).worked_min) == (10, 40)
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []


def test_the_last_report_of_an_order_is_taken_back_with_its_output() -> None:
    """Both operations are done and 10 shelves lie in stock; taking packing's report back opens the order again."""
    shop = hall()
    order = shop.shelves("10")
    saw, pack = step(order, 10), step(order, 20)
    shop.start(saw, "SAW-1")
    shop.report(saw, "SAW-1", 50, "10")
    shop.start(pack, "PACK-1", 55)
    packed = shop.report(pack, "PACK-1", 75, "10")
    order.refresh_from_db()
    assert (order.state, order.good_qty) == ("closed", 10)
    lead = shop.person("shift_lead")
    mes.correct(event_id=packed.event_id, by=lead, reason="Counted wrong", now=at(80), correction_id=uuid.uuid4())
    order.refresh_from_db()
    assert (order.state, order.good_qty) == ("released", 0)
    assert step(order, 20).finished_at is None
    run = OperationRun.objects.get(operation=pack)
    assert (run.state, run.good_qty) == ("running", 0)
    with pytest.raises(NothingToCorrect, match="taken back before"):
        mes.correct(event_id=packed.event_id, by=lead, reason="Again", now=at(81), correction_id=uuid.uuid4())
    shop.report(pack, "PACK-1", 90, "10")
    order.refresh_from_db()
    assert (order.state, order.good_qty) == ("closed", 10)
    left = CostEntry.objects.filter(work_order=order).aggregate(sum=Sum("amount"))["sum"]
    assert left == 0  # nothing stays in work


def test_pieces_that_were_worked_on_since_are_not_taken_back() -> None:
    shop = hall()
    order = shop.shelves("10")
    saw, pack = step(order, 10), step(order, 20)
    shop.start(saw, "SAW-1")
    sawn = shop.report(saw, "SAW-1", 30, "5")
    shop.start(pack, "PACK-1", 35)
    shop.report(pack, "PACK-1", 40, "3")
    with pytest.raises(erp.PiecesWentOn, match="Take its report"):
        mes.correct(
            event_id=sawn.event_id, by=shop.person("shift_lead"), reason="x", now=at(50), correction_id=uuid.uuid4()
        )
    assert step(order, 10).good_qty == 5


def test_what_a_tablet_never_sent_is_not_waited_for_for_ever() -> None:
    """Number 2 never comes: number 3 counts after a quarter of an hour, or at once when the tablet says it is gone."""
    shop = hall()
    order = shop.shelves()
    saw, device = step(order, 10), tablet(shop)
    start, _, report, more = numbered(
        [
            replace(shop.event(saw, "SAW-1", 0), kind="start"),
            replace(shop.event(saw, "SAW-1", 10), kind="note"),
            replace(shop.event(saw, "SAW-1", 20, "2"), kind="report"),
            replace(shop.event(saw, "SAW-1", 30, "3"), kind="report"),
        ]
    )
    send(device, start, report, minute=40)
    assert step(order, 10).good_qty == 0
    assert mes.release_stale(now=at(50)) == 0
    assert mes.release_stale(now=at(56)) == 1
    assert step(order, 10).good_qty == 2
    send(device, more, minute=57, oldest=4)
    assert step(order, 10).good_qty == 5


def test_notes_are_kept_together_and_each_once() -> None:
    """Five notes in one go; the same again are answered again; a number that was used is asked about."""
    shop = hall()
    saw, device = step(shop.shelves(), 10), tablet(shop)
    notes = numbered(
        replace(shop.event(saw, "SAW-1", minute), kind="tool_change", payload={"tool": f"T{minute}"})
        for minute in range(5)
    )
    assert statuses(send(device, *notes)) == ["applied"] * 5
    assert statuses(send(device, *notes)) == ["replay"] * 5
    device.refresh_from_db()
    assert (device.told_seq, ExecutionEvent.objects.count()) == (5, 5)
    other = replace(shop.event(saw, "SAW-1", 9), kind="tool_change", device_seq=5)
    assert [(one.status, one.code) for one in send(device, other)] == [("quarantined", "number_used")]
    ahead = replace(shop.event(saw, "SAW-1", 9), kind="tool_change", device_seq=7)
    between = replace(shop.event(saw, "SAW-1", 9), kind="tool_change", device_seq=6)
    assert statuses(send(device, ahead)) == ["applied"]
    assert statuses(send(device, between)) == ["applied"]
    device.refresh_from_db()
    assert device.told_seq == 7


def test_a_job_of_which_one_hears_late_was_paused_by_the_job_that_began_after_it() -> None:
    """The saw made another job from 30 to 60, and only then is told that this one had begun at 10: it ran 20 minutes
    and is paused; the other way round it is the same. The saw idles since 60."""
    shop = hall()
    first, second = step(shop.shelves(), 10), step(shop.shelves(), 10)
    shop.start(second, "SAW-1", 30)
    shop.report(second, "SAW-1", 60, "10")
    late = numbered([replace(shop.event(first, "SAW-1", 10), kind="start")])
    assert statuses(send(tablet(shop), *late)) == ["applied"]
    run = OperationRun.objects.get(operation=first)
    assert (run.state, run.started_at, run.unbooked_sec) == ("paused", at(10), 20 * 60)
    states = MachineState.objects.filter(machine_id=shop.machine("SAW-1")).order_by("since_at")
    assert [(one.state, one.since_at) for one in states] == [
        ("producing", at(10)),
        ("producing", at(30)),
        ("idle", at(60)),
    ]
    assert mes.rebuild(plant_ids=[shop.shop.plant.pk]) == []
