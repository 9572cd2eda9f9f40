"""The warm worker: a desk a plant, alarms that wait for no search, and what happens when it is killed."""

from __future__ import annotations

import datetime as dt
import threading

import pytest

from aps.models import Plan, PlannedOperation
from masterdata.models import FlowRun
from mes import services as mes
from mes.models import Dispatch
from suite.asks import offer, warm
from suite.asks.answers import OfferReply
from suite.asks.desks import Desks
from tests.crew import Crew, until
from tests.flows.test_breakdown import confirmed, slow_and_fast
from tests.flows.test_order_to_cash import quiet
from tests.suite.asks.test_offer import answered, asked, question, stocked


def test_a_plant_does_not_wait_for_anothers_questions() -> None:
    """The first plant's question is held up; the second plant's is answered, the first one's next is not."""
    desks, held, seen = Desks(), threading.Event(), []
    desks.open()
    desks.hand(1, held.wait)
    desks.hand(1, lambda: seen.append("first"))
    desks.hand(2, lambda: seen.append("second"))
    until(lambda: seen, timeout=10)
    assert seen == ["second"]
    held.set()
    desks.close(10)
    assert seen == ["second", "first"]


def test_a_question_that_fails_leaves_the_desk_to_the_next_one(caplog: pytest.LogCaptureFixture) -> None:
    desks, seen = Desks(), []
    desks.open()
    desks.hand(1, lambda: 1 // 0)
    desks.hand(1, lambda: seen.append("next"))
    desks.close(10)
    assert seen == ["next"]
    assert "ask_failed" in caplog.text


def test_closed_desks_work_at_once() -> None:
    seen: list[str] = []
    Desks().hand(1, lambda: seen.append("now"))
    assert seen == ["now"]


@pytest.mark.crash
def test_an_alarm_reaches_the_lines_though_no_planning_worker_is_there(workers: Crew) -> None:
    """ASM-01 has the order's 4 h of work and fails: 4 h are assumed, and ASM-02, at 80 %, ends in 5 h. The warm worker
    moves it there and the lines hear of it. The planning worker, killed before, makes its own once it is there again.
    """
    shop = slow_and_fast()
    now = dt.datetime.now(dt.UTC)
    confirmed(shop, "STOOL", 4, (now + dt.timedelta(days=9)).date())
    until(lambda: quiet(shop), what="the order is planned")
    until(warm.is_there)
    before = PlannedOperation.objects.get()
    workers.kill("plan")
    mes.report_machine_down(machine_id=before.machine_id, since_at=now, now=dt.datetime.now(dt.UTC))
    until(lambda: Plan.objects.filter(reason="breakdown", is_final=False).exists(), what="a plan without planner")
    until(lambda: not FlowRun.objects.exclude(state="done").exists(), what="the line knows")
    after = PlannedOperation.objects.get()
    told = Dispatch.objects.get()
    assert (before.machine.code, after.machine.code) == ("ASM-01", "ASM-02")
    assert (told.machine_id, told.planned_start_at) == (after.machine_id, after.starts_at)
    assert Plan.objects.latest("number").origin == Plan.Origin.REPAIR
    workers.start("plan")
    until(lambda: quiet(shop), what="the better plan")
    assert Plan.objects.latest("number").is_final


@pytest.mark.crash
def test_without_a_warm_worker_an_alarm_takes_the_way_of_every_plan(workers: Crew) -> None:
    shop = slow_and_fast()
    now = dt.datetime.now(dt.UTC)
    confirmed(shop, "STOOL", 4, (now + dt.timedelta(days=9)).date())
    until(lambda: quiet(shop), what="the order is planned")
    workers.kill("ask")
    machine_id = PlannedOperation.objects.get().machine_id
    mes.report_machine_down(machine_id=machine_id, since_at=now, now=dt.datetime.now(dt.UTC))
    until(lambda: Plan.objects.filter(reason="breakdown", is_final=True).exists(), what="a final plan")
    until(lambda: quiet(shop), what="everybody knows")


@pytest.mark.crash
def test_what_a_killed_worker_had_taken_is_answered_by_the_asker_and_the_next_one_is_warm(workers: Crew) -> None:
    """The question goes to the first worker and is lost with it; the second has never heard of it, and the asker knows.
    What is asked of the second one is answered warm, from the same plan.
    """
    shop = stocked()
    until(warm.is_there)
    token = warm.ask(question(shop))
    assert token is not None
    workers.kill("ask")
    first = warm.is_at(token)
    workers.start("ask")
    until(lambda: warm.is_there() and not warm.is_at(token), timeout=60, what="another worker")
    assert first, "its heartbeat had not yet run out"
    lost = offer.answer_of(token)
    assert isinstance(lost, OfferReply)
    reply = answered(asked(shop))
    assert (reply.source, reply.input_version) == ("warm", lost.input_version)
