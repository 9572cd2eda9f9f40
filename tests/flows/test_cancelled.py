"""A customer cancels: what was to be made for him leaves the plan, and the machines are free for others."""

from __future__ import annotations

import datetime as dt

import pytest

from aps.models import PlannedOperation, PlanWish
from erp import services as erp
from erp.models import Reservation, WorkOrder
from suite import audit
from tests.crew import until
from tests.flows import workshop
from tests.flows.havoc import Havoc
from tests.flows.test_breakdown import confirmed
from tests.flows.test_order_to_cash import quiet


@pytest.mark.tells("order_to_cash.want_plan_without_order", "planning.spread_plan")
def test_a_cancelled_order_leaves_the_plan(havoc: Havoc) -> None:
    """Two tables are planned, then cancelled: their work is in no plan any more, nothing is kept for them. A third one,
    for somebody else, stays."""
    shop = workshop.build()
    shop.quantity("BOARD", 6), shop.quantity("LEG", 12)
    other = confirmed(shop, "TABLE", 1, dt.datetime.now(dt.UTC).date())
    order = confirmed(shop, "TABLE", 2, dt.datetime.now(dt.UTC).date())
    until(lambda: quiet(shop), what="the order is planned and promised")
    assert PlannedOperation.objects.filter(operation__work_order__sales_order_line__order=order).exists()
    erp.cancel_order(order_id=order.pk, reason="No money", by=None, now=dt.datetime.now(dt.UTC))
    havoc.strike()
    wish = f"Order {order.number} cancelled"
    until(lambda: PlanWish.objects.filter(text=wish).exists(), what="a plan is wanted")
    until(lambda: quiet(shop), what="everybody knows")
    assert PlanWish.objects.get(text=wish).reason == "order"
    work = WorkOrder.objects.filter(sales_order_line__order=order)
    assert set(work.values_list("state", flat=True)) == {"cancelled"}
    assert PlannedOperation.objects.filter(operation__work_order__sales_order_line__order=other).exists()
    assert not PlannedOperation.objects.filter(operation__work_order__sales_order_line__order=order).exists()
    assert not Reservation.objects.filter(work_order_material__work_order__in=work, quantity__gt=0).exists()
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []
    havoc.check()
