"""Machine states are a fold: any order of arrival ends the same, late words change the past, reasons divide stops."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid

import pytest

from mes import services as mes
from mes.models import ExecutionEvent, MachineState, OperationRun
from mes.services import states as projection
from mes.services.stops import NoSuchStop
from mes.state_fold import Kind, Mark, Signal, fold
from tests.mes.hall import Hall, at, hall, step
from tests.mes.test_machines import sent
from tests.mes.test_runs import states

RUN = Signal(at(0), Kind.RUN, operation_id=1)
FIVE = [
    RUN,
    Signal(at(20), Kind.PAUSE, operation_id=1, reason_id=7),
    Signal(at(30), Kind.RUN, operation_id=1),
    Signal(at(40), Kind.MESSAGE, state="idle"),
    Signal(at(60), Kind.LEAVE, operation_id=1),
]


def told(*signals: Signal, marks: tuple[Mark, ...] = ()) -> list[tuple[str, int, int | None, int | None]]:
    """State, minute of its beginning, operation and reason."""
    return [
        (one.state, int((one.since - at(0)).total_seconds() // 60), one.operation_id, one.reason_id)
        for one in fold(signals, marks)
    ]


def mark(start: int, until: int | None, reason: int, number: int = 0) -> Mark:
    return Mark(at(start), None if until is None else at(until), reason, f"e{number}", (at(100), number, ""))


def test_all_orders_of_arrival_fold_to_the_same_intervals() -> None:
    """Sawing 0 to 20, a break with its reason to 30, sawing to 40; then the machine says idle: it stands with an order,
    nobody has said why; at 60 the job is over."""
    expected = [
        ("producing", 0, 1, None), ("stopped", 20, 1, 7), ("producing", 30, 1, None), ("stopped", 40, 1, None),
        ("idle", 60, None, None),
    ]  # fmt: skip
    for order in itertools.permutations(FIVE):
        assert told(*order) == expected


@pytest.mark.parametrize(
    ("word", "with_order", "without"),
    [
        ("off", "off", "off"),
        ("idle", "stopped", "idle"),
        ("stopped", "stopped", "stopped"),
        ("producing", "producing", "producing"),
        ("unknown", "unknown", "unknown"),
        ("maintenance", "maintenance", "maintenance"),
    ],
)
def test_a_machines_word_is_read_in_its_context(word: str, with_order: str, without: str) -> None:
    said = Signal(at(5), Kind.MESSAGE, state=word)
    assert told(RUN, said)[-1][0] == with_order
    assert told(said)[-1][0] == without


def test_a_machine_that_works_while_it_is_set_up_is_in_setup() -> None:
    setup = Signal(at(0), Kind.SETUP, operation_id=1)
    assert told(setup, Signal(at(5), Kind.MESSAGE, state="producing")) == [("setup", 0, 1, None)]


def test_a_downtime_lies_over_everything_and_two_that_overlap_are_one() -> None:
    """Down 10 to 30 and 20 to 50: a fault from 10 to 50; its reason is that of the one that began last."""
    signals = [
        RUN,
        Signal(at(10), Kind.DOWN, downtime_id=1, reason_id=3), Signal(at(30), Kind.UP, downtime_id=1),
        Signal(at(20), Kind.DOWN, downtime_id=2, reason_id=4), Signal(at(50), Kind.UP, downtime_id=2),
        Signal(at(15), Kind.MESSAGE, state="producing"),
    ]  # fmt: skip
    assert told(*signals) == [
        ("producing", 0, 1, None), ("fault", 10, 1, 3), ("fault", 20, 1, 4), ("idle", 50, None, None)
    ]  # fmt: skip


def test_reasons_divide_a_stop_and_the_later_word_holds() -> None:
    """Stopped 20 to 60. First all of it was material; then from 30 to 40 it was the tool, said once more from 35 on."""
    stop = [RUN, Signal(at(20), Kind.PAUSE, operation_id=1), Signal(at(60), Kind.RUN, operation_id=1)]
    assert told(*stop, marks=(mark(20, None, 1),)) == [
        ("producing", 0, 1, None), ("stopped", 20, 1, 1), ("producing", 60, 1, None)
    ]  # fmt: skip
    marks = (mark(20, None, 1, 0), mark(30, 40, 2, 1), mark(35, None, 3, 2))
    parts = [("stopped", 20, 1, 1), ("stopped", 30, 1, 2), ("stopped", 35, 1, 3)]
    for order in itertools.permutations(marks):
        assert told(*stop, marks=order)[1:-1] == parts
    assert told(*stop, marks=(mark(5, None, 1),))[0] == ("producing", 0, 1, None)


def shop_with_a_stop() -> tuple[Hall, int]:
    shop = hall()
    saw = step(shop.shelves(), 10)
    shop.start(saw, "SAW-1")
    mes.pause(event=shop.event(saw, "SAW-1", 20), now=at(20))
    mes.resume(event=shop.event(saw, "SAW-1", 50), now=at(50))
    return shop, shop.machine("SAW-1")


def test_a_reason_given_afterwards_stands_in_the_log_and_at_the_stop() -> None:
    """20 to 50 without a reason: 20 to 35 was the break, the rest a fault; no other minute may be explained."""
    shop, machine = shop_with_a_stop()
    stop = MachineState.objects.get(state="stopped")
    assert (stop.reason, stop.operation_id) == (None, OperationRun.objects.get().operation_id)
    given = {"machine_id": machine, "now": at(55), "operator": shop.operator}
    event_id = uuid.uuid4()
    for _ in range(2):
        mes.give_stop_reason(
            start_at=at(20), until_at=at(35), reason_id=shop.reasons["P-BREAK"].pk, event_id=event_id, **given
        )
    mes.give_stop_reason(start_at=at(35), reason_id=shop.reasons["D-MECH"].pk, **given)
    rows = MachineState.objects.filter(state="stopped").order_by("since_at")
    assert [(row.since_at, row.until_at, row.reason.code) for row in rows] == [
        (at(20), at(35), "P-BREAK"), (at(35), at(50), "D-MECH")
    ]  # fmt: skip
    assert {row.begun_at for row in rows} == {at(20)}
    assert ExecutionEvent.objects.filter(kind="stop_reason").count() == 2
    with pytest.raises(NoSuchStop):
        mes.give_stop_reason(start_at=at(10), reason_id=shop.reasons["D-MECH"].pk, **given)
    assert projection.rebuild_states() == []


def test_a_late_message_changes_the_past_and_the_rebuild_agrees() -> None:
    """Sawing 0 to 20, paused to 50. At 60 the machine's words of 10 (idle) and 15 (it works) arrive."""
    shop, _ = shop_with_a_stop()
    mes.take_machine_event(event_id="w", machine_code="SAW-1", state="producing", happened_at=at(15), now=at(60))
    mes.take_machine_event(event_id="i", machine_code="SAW-1", state="idle", happened_at=at(10), now=at(60))
    expected = [("producing", 10), ("stopped", 5), ("producing", 5), ("stopped", 30), ("producing", None)]
    assert states(shop, "SAW-1") == expected
    assert projection.rebuild_states() == []
    MachineState.objects.filter(state="stopped").update(reason=shop.reasons["D-MECH"])
    assert [code for code, _said, _told in projection.rebuild_states(fix=False)] == ["SAW-1"]
    assert len(projection.rebuild_states()) == 1
    assert projection.rebuild_states() == []
    assert states(shop, "SAW-1") == expected


def test_every_order_of_messages_ends_the_same() -> None:
    """Five words of a machine in all 120 orders: idle 0, setup 5, producing 10, off 20, idle 25."""
    words = [("idle", 0), ("setup", 5), ("producing", 10), ("off", 20), ("idle", 25)]
    shop = hall()
    machine = shop.machine("SAW-1")
    for number, order in enumerate(itertools.permutations(words)):
        shift = dt.timedelta(minutes=30 * number)
        for state, minute in order:
            mes.take_machine_event(
                event_id=f"{number}-{minute}", machine_code="SAW-1", state=state,
                happened_at=at(minute) + shift, now=at(30) + shift,
            )  # fmt: skip
        found = MachineState.objects.filter(machine=machine, since_at__gte=at(5) + shift).order_by("since_at")
        assert list(found.values_list("state", flat=True)) == ["setup", "producing", "off", "idle"]
    assert projection.rebuild_states() == []


def test_a_message_in_the_words_of_opc_40550() -> None:
    hall()
    assert sent("a", "WORKING", 0)
    assert sent("b", "OFFLINE", 5)
    assert list(MachineState.objects.order_by("since_at").values_list("state", flat=True)) == ["producing", "off"]
