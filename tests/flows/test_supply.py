"""Material planning by itself: work for stock becomes firm, is scheduled, and then all is quiet."""

from __future__ import annotations

import datetime as dt

import pytest

from aps.models import PlannedOperation, PlanWish
from erp import services as erp
from erp.models import MaterialChange, Peg, WorkOrder
from masterdata.models import MaterialPlant
from suite import audit
from tests.crew import until
from tests.flows import workshop
from tests.flows.havoc import Havoc
from tests.flows.test_breakdown import confirmed
from tests.flows.test_order_to_cash import quiet


@pytest.mark.tells("order_to_cash.want_plan_for_supply", "planning.spread_plan")
def test_tops_for_stock_are_made_for_two_tables_and_then_nothing_chases_anything(havoc: Havoc) -> None:
    """Tables are made to order, their tops for stock: 2 tables lack 2 tops, which planning makes in a lot of 5.

    The plan puts the tops before the tables; its dates come back to planning, which finds nothing to change.
    """
    shop = workshop.build()
    MaterialPlant.objects.create(
        plant=shop.plant, material=shop.materials["TOP"], policy="to_stock", lot_rule="multiple", lot_qty=5
    )
    shop.quantity("BOARD", 20)
    shop.quantity("LEG", 20)
    confirmed(shop, "TABLE", 2, dt.datetime.now(dt.UTC).date())
    havoc.strike()
    until(lambda: WorkOrder.objects.filter(sales_order_line=None, state="firm").exists(), what="work for stock")
    until(lambda: not MaterialChange.objects.exists() and quiet(shop), what="everything is planned")
    tops = WorkOrder.objects.get(material=shop.materials["TOP"])
    table = WorkOrder.objects.get(material=shop.materials["TABLE"])
    assert (tops.quantity, Peg.objects.get(work_order=tops).quantity) == (5, 2)
    assert PlanWish.objects.filter(reason="material", text=f"Work order {tops.number} for stock").count() == 1
    ends = PlannedOperation.objects.filter(operation__work_order=tops).latest("ends_at").ends_at
    assert ends <= PlannedOperation.objects.filter(operation__work_order=table).earliest("starts_at").starts_at
    wishes = PlanWish.objects.count()
    again = erp.plan_materials(plant_id=shop.plant.pk, now=dt.datetime.now(dt.UTC))
    assert (again.changes, PlanWish.objects.count()) == (0, wishes)
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []
    havoc.check()
