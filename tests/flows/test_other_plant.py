"""A line is made in another plant: the first plant's plan has room, the other one's has the work."""

from __future__ import annotations

import datetime as dt

import pytest

from aps.models import PlannedOperation, PlanWish
from erp import services as erp
from erp.models import WorkOrder
from suite import audit
from tests.crew import until
from tests.flows import workshop
from tests.flows.havoc import Havoc
from tests.flows.test_breakdown import confirmed
from tests.flows.test_levers import second_plant
from tests.flows.test_order_to_cash import quiet


@pytest.mark.tells("order_to_cash.want_plan_in_both_plants", "planning.spread_plan")
def test_a_line_moves_to_another_plant(havoc: Havoc) -> None:
    """Two stools are planned, then made in the south: the plan that had them has them no more, the south's has."""
    shop = workshop.build()
    south = second_plant(shop)
    shop.quantity("LEG", 12)
    order = confirmed(shop, "STOOL", 2, dt.datetime.now(dt.UTC).date())
    until(lambda: quiet(shop), what="the order is planned and promised")
    line = order.lines.get()
    erp.move_line(line_id=line.pk, plant_id=south.pk, now=dt.datetime.now(dt.UTC), reason="No room")
    havoc.strike()
    wish = PlanWish.objects.filter(plant=south, text__contains="No room")
    until(wish.exists, what="a plan is wanted")
    planned = PlannedOperation.objects.filter(operation__work_order__sales_order_line=line)
    until(lambda: planned.filter(plant=south).exists() and quiet(shop), what="everybody knows")
    assert not planned.exclude(plant=south).exists()
    states = WorkOrder.objects.filter(sales_order_line=line, plant=shop.plant).values_list("state", flat=True)
    assert set(states) == {"cancelled"}
    until(lambda: order.lines.filter(expected_at__isnull=False).exists(), what="the line has a date again")
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []
    havoc.check()
