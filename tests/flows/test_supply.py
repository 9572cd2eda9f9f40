"""Material planning by itself: work for stock becomes firm, is scheduled, and then all is quiet."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from aps.models import PlannedOperation, PlanWish
from erp import services as erp
from erp.models import ActionMessage, MaterialChange, Peg, SupplierPrice, WorkOrder, WorkOrderMaterial
from masterdata import services as masters
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


@pytest.mark.tells("order_to_cash.want_plan_for_other_component", "planning.spread_plan")
def test_what_is_free_and_used_instead_really_makes_the_order_earlier(havoc: Havoc) -> None:
    """A stool takes 3 legs, which come in 30 days; 3 boards do as well and are free. It is wanted in 10 days.

    The plan waits for the legs; planning asks all the same. A click, and the new plan ends within the 10 days.
    """
    shop, now = workshop.build(), dt.datetime.now(dt.UTC)
    SupplierPrice.objects.filter(material=shop.materials["LEG"]).update(lead_time_days=30)
    shop.quantity("BOARD", 3)
    line = masters.BomLineInput(
        shop.materials["LEG"].pk, Decimal(3), substitutes=[masters.SubstituteInput(shop.materials["BOARD"].pk)]
    )
    draft = masters.write_bom(material_id=shop.materials["STOOL"].pk, lines=[line])
    masters.freeze_bom(bom_id=draft.pk, now=now)
    order = confirmed(shop, "STOOL", 1, now.date() + dt.timedelta(days=10))
    havoc.strike()
    until(lambda: not MaterialChange.objects.exists() and quiet(shop), what="everything is planned")
    late = order.lines.get().expected_at
    assert late is not None
    assert late > now + dt.timedelta(days=29)
    assert ActionMessage.objects.get(kind="substitute").substitute == shop.materials["BOARD"]
    need = WorkOrderMaterial.objects.get()
    erp.use_substitute(need_id=need.pk, material_id=shop.materials["BOARD"].pk, now=now)
    text = f"BOARD instead of LEG for {need.work_order.number}"
    until(lambda: PlanWish.objects.filter(reason="material", text=text).exists(), what="a plan is wanted")
    until(lambda: not MaterialChange.objects.exists() and quiet(shop), what="it is planned again")
    soon = order.lines.get().expected_at
    assert soon is not None
    assert soon < now + dt.timedelta(days=10)
    assert [finding.invariant.name for finding in audit.findings() if not finding.holds] == []
    havoc.check()
