"""Machine breakdown: alarm, new plan, new lists, a new cost estimate, and one honest notice to whom it hurts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from aps.models import Plan, PlannedOperation, ResourceBlock
from crm.models import Notice, Promise
from erp import services as erp
from erp.models import CostEstimate, SalesOrder
from masterdata.models import FactRecord
from mes import services as mes
from mes.models import Alarm, Dispatch, Downtime, MachineEvent
from suite import audit
from tests.crew import Crew, until
from tests.flows import workshop
from tests.flows.havoc import Havoc
from tests.flows.test_order_to_cash import quiet

D = Decimal


def confirmed(
    shop: workshop.Workshop, code: str, quantity: int, wanted: dt.date, customer: str = "customer"
) -> SalesOrder:
    """A confirmed order of one line, written two days ago."""
    now = dt.datetime.now(dt.UTC)
    order = erp.create_order(
        company=shop.company,
        customer=getattr(shop, customer),
        currency=shop.company.currency,
        lines=[
            erp.OrderLineInput(
                plant_id=shop.plant.pk,
                material_id=shop.materials[code].pk,
                quantity=D(quantity),
                unit_price=shop.materials[code].list_price,
                wanted_on=wanted,
            )
        ],
        now=now - dt.timedelta(days=2),
    )
    return erp.confirm_order(order_id=order.pk, now=now)


def row_counts() -> dict[str, int]:
    rows = (
        Alarm,
        Downtime,
        MachineEvent,
        Plan,
        PlannedOperation,
        Promise,
        Notice,
        CostEstimate,
        ResourceBlock,
        FactRecord,
    )
    return {row.__name__: row.objects.count() for row in rows}


@pytest.mark.tells("breakdown.block_machine", "planning.spread_plan")
def test_machine_down_hurts_one_order_and_not_the_other(havoc: Havoc) -> None:
    """ASM-01 runs at 100 %, ASM-02 at 80 %. A stool takes 60 min of assembly at 100 %.

    The urgent order (4 stools, wanted yesterday, so promised for when its plan ends: no slack) takes 4 h on ASM-01.
    The patient one (2 stools, wanted in 20 days and promised for then) has all the time. ASM-01 fails with no known
    end: 4 h are assumed. On ASM-01 the urgent order would end after 8 h; on ASM-02 it takes 5 h, ahead of or behind the
    patient one's 2.5 h. So it moves there, ends later than promised, and its labour rises from 4 h x 36 = 144.00 to
    5 h x 36 = 180.00.
    """
    shop = slow_and_fast().by_the_hour()
    now = dt.datetime.now(dt.UTC)
    urgent = confirmed(shop, "STOOL", 4, (now - dt.timedelta(days=1)).date())
    until(lambda: quiet(shop), what="the urgent order is planned")
    patient = confirmed(shop, "STOOL", 2, (now + dt.timedelta(days=20)).date(), customer="other_customer")
    until(lambda: quiet(shop), what="the patient order is planned")
    planned = PlannedOperation.objects.get(operation__work_order__sales_order_line__order=urgent)
    assert planned.machine.code == "ASM-01"
    estimates = CostEstimate.objects.filter(sales_order=urgent).count()

    mes.take_machine_event(
        event_id="plc-1",
        machine_code="ASM-01",
        state="fault",
        code="E-207",
        happened_at=now,
        now=dt.datetime.now(dt.UTC),
    )
    havoc.strike()
    until(
        lambda: Plan.objects.filter(reason="breakdown", is_final=True).exists(), what="a final plan for the breakdown"
    )
    until(lambda: quiet(shop), what="everybody knows")

    after = PlannedOperation.objects.get(operation_id=planned.operation_id)
    assert after.machine.code == "ASM-02"
    told = Dispatch.objects.get(operation_id=planned.operation_id)
    assert (told.machine_id, told.planned_start_at) == (after.machine_id, after.starts_at)
    promises = Promise.objects.filter(order_line__order=urgent).order_by("version_no")
    assert [promise.reason for promise in promises] == ["plan", "breakdown"]
    assert promises[1].promised_at == urgent.lines.get().expected_at
    notice = Notice.objects.get()
    assert notice.lines.get().promise == promises[1]
    assert "A machine that your order needs is down: Asm." in notice.body
    assert Promise.objects.filter(order_line__order=patient).count() == 1
    latest = CostEstimate.objects.filter(sales_order=urgent).order_by("-version_no").first()
    assert latest is not None
    assert CostEstimate.objects.filter(sales_order=urgent).count() == estimates + 1
    assert latest.labour == D("180.00")
    assert "ASM-01" in latest.cause

    havoc.check()
    before = row_counts()
    mes.take_machine_event(
        event_id="plc-1",
        machine_code="ASM-01",
        state="fault",
        code="E-207",
        happened_at=now,
        now=dt.datetime.now(dt.UTC),
    )
    until(lambda: quiet(shop))
    assert row_counts() == before
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []


@pytest.mark.tells("breakdown.free_machine")
def test_machine_up_again_frees_its_time(workers: Crew) -> None:
    shop = slow_and_fast()
    now = dt.datetime.now(dt.UTC)
    order = confirmed(shop, "STOOL", 4, (now + dt.timedelta(days=1)).date())
    until(lambda: quiet(shop))
    mes.report_machine_down(machine_id=shop.machines["ASM-01"].pk, since_at=now, now=dt.datetime.now(dt.UTC))
    until(lambda: Plan.objects.filter(reason="breakdown", is_final=True).exists())
    until(lambda: quiet(shop))
    up = dt.datetime.now(dt.UTC)
    mes.report_machine_up(machine_id=shop.machines["ASM-01"].pk, until_at=up, now=up)
    until(lambda: Plan.objects.filter(reason="machine_up", is_final=True).exists())
    until(lambda: quiet(shop))
    assert ResourceBlock.objects.get().lifted_at == up
    assert Promise.objects.filter(order_line__order=order).count() <= 2


def slow_and_fast() -> workshop.Workshop:
    shop = workshop.build(machines={"ASM": 2})
    slow = shop.machines["ASM-02"]
    slow.speed_percent = 80
    slow.save()
    shop.quantity("LEG", 100)
    return shop
