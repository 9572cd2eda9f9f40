"""Facts and their flows: stated with the effect, run once, tried again, given up, woken without a broker."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from aps.models import PlantPlanning, PlanWish
from erp.facts import GoodsReceived, OperationReported, OrderConfirmed
from masterdata import facts
from masterdata.models import FactRecord, FlowRun
from suite import relay, tasks
from suite.flows import runner
from tests.crew import Crew
from tests.flows import workshop
from tests.flows.test_breakdown import confirmed

State = FlowRun.State


@pytest.fixture
def run(db: None) -> FlowRun:
    """A waiting run: a receipt that orders waited for wants a plan."""
    shop = workshop.build()
    with transaction.atomic():
        facts.state(GoodsReceived(receipt_id=0, plant_id=shop.plant.pk, order_ids=()))
    return FlowRun.objects.get()


@pytest.fixture
def failing(run: FlowRun) -> FlowRun:
    """A run that cannot succeed: orders waited for a receipt that nobody knows."""
    with transaction.atomic():
        record = facts.state(GoodsReceived(receipt_id=404, plant_id=run.fact.payload["plant_id"], order_ids=(1,)))
    return record.runs.get()


def test_a_fact_is_stated_only_inside_a_transaction(committed: None) -> None:
    with pytest.raises(RuntimeError, match="in the transaction that made it so"):
        facts.state(GoodsReceived(receipt_id=1, plant_id=1, order_ids=()))


@pytest.mark.django_db
def test_a_fact_that_no_row_names_is_a_defect() -> None:
    @dataclass(frozen=True, kw_only=True)
    class MoonRose(facts.Fact):
        night: int

    with transaction.atomic(), pytest.raises(facts.UnregisteredFact, match="MoonRose"):
        facts.state(MoonRose(night=1))
    assert FactRecord.objects.count() == 0


@pytest.mark.django_db
def test_a_fact_is_read_as_it_was_stated() -> None:
    stated = OperationReported(
        operation_id=1,
        work_order_id=2,
        order_id=None,
        plant_id=3,
        good_qty=Decimal("1.250000"),
        scrap_qty=Decimal(0),
        is_finished=True,
    )
    with transaction.atomic():
        record = facts.state(stated)
    assert facts.read(OperationReported, FactRecord.objects.get(pk=record.pk)) == stated
    assert record.subject == "work_order:2"


def test_a_run_is_done_once(run: FlowRun) -> None:
    assert runner.run(run.pk) == "done"
    assert runner.run(run.pk) == "ended"
    run.refresh_from_db()
    assert (run.state, run.attempts, run.error) == (State.DONE, 1, "")
    assert run.done_at is not None


def test_a_failed_run_leaves_nothing_but_its_error_and_is_tried_later(failing: FlowRun) -> None:
    assert runner.run(failing.pk) == "failed"
    failing.refresh_from_db()
    assert PlanWish.objects.count() == 0
    assert (failing.state, failing.attempts) == (State.FAILED, 1)
    assert "DoesNotExist" in failing.error
    assert failing.next_at > timezone.now()


def test_a_run_is_given_up_after_twelve_tries_and_can_be_tried_again(failing: FlowRun) -> None:
    answers = [runner.run(failing.pk) for _ in range(runner.MAX_ATTEMPTS)]
    assert answers == ["failed"] * 11 + ["dead"]
    assert runner.run(failing.pk) == "ended"
    assert runner.retry(failing.pk)
    failing.refresh_from_db()
    assert (failing.state, failing.attempts) == (State.WAITING, 0)


def test_waits_grow_to_five_minutes() -> None:
    """0.1 s x 2^n with a fifth of jitter: the third wait is 0.64 to 0.96 s, the twelfth 240 to 360 s."""
    assert 0.64 <= runner.backoff(3).total_seconds() <= 0.96
    assert 240 <= runner.backoff(12).total_seconds() <= 360


def test_facts_inside_a_flow_name_their_cause(run: FlowRun) -> None:
    with transaction.atomic(), facts.because(run.fact):
        inner = facts.state(GoodsReceived(receipt_id=2, plant_id=1, order_ids=()))
    assert inner.cause == run.fact
    assert facts.current_cause() is None


def test_the_relay_leaves_alone_what_was_just_woken(run: FlowRun) -> None:
    FlowRun.objects.filter(pk=run.pk).update(woken_at=timezone.now())
    assert relay.pass_once(timezone.now()) == 0
    assert relay.pass_once(timezone.now() + dt.timedelta(seconds=10)) == 1


def test_without_a_broker_the_relay_does_the_work_itself(run: FlowRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks.run_flow, "apply_async", unreachable)
    assert tasks.wake_runs([(run.pk, run.queue)]) is False
    assert relay.pass_once(timezone.now() + dt.timedelta(seconds=10)) == 1
    run.refresh_from_db()
    assert run.state == State.DONE


def unreachable(*args: object, **options: object) -> None:
    from kombu.exceptions import OperationalError

    raise OperationalError("no broker")


def test_a_confirmed_order_states_its_fact_and_its_flow_wants_a_plan(alone: Crew) -> None:
    shop = workshop.build()
    shop.quantity("LEG", 10)
    order = confirmed(shop, "STOOL", 1, timezone.localdate() + dt.timedelta(days=9))
    record = FactRecord.objects.get(kind="OrderConfirmed")
    assert facts.read(OrderConfirmed, record) == OrderConfirmed(order_id=order.pk, plant_ids=(shop.plant.pk,))
    run = record.runs.get()
    assert runner.run(run.pk) == "done"
    wish = PlanWish.objects.get()
    assert (wish.reason, wish.text, wish.fact_id) == ("order", f"Order {order.number}", record.pk)
    assert PlantPlanning.objects.get().wanted_version == 1
