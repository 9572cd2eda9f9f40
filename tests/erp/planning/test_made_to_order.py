"""What is made to order: substitutes that lie there are used instead of buying, or somebody is asked about them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from erp import selectors as erp_now
from erp import services as erp
from erp.models import (
    ActionMessage,
    PlannedOrder,
    PurchaseOrderLine,
    Reservation,
    SalesOrder,
    WorkOrder,
    WorkOrderMaterial,
)
from masterdata import services as masters
from masterdata.models import FactRecord, Material, MaterialPlant
from tests.erp.planning.test_run import day, plan, regenerate
from tests.erp.planning.test_substitutes import messages
from tests.erp.shop import NOW, Shop

D = Decimal


class ToOrder:
    """A table of 2 oak is made to order; beech does as well, 3 for 2. Oak is bought in 20 days. It takes 12 minutes."""

    def __init__(self, shop: Shop, **how: Any) -> None:
        self.shop = shop
        self.table, self.oak, self.beech = shop.make("TABLE"), shop.buy("OAK"), shop.buy("BEECH")
        shop.price(self.oak, days=20)
        shop.price(self.beech, days=2)
        instead = [masters.SubstituteInput(self.beech.pk, D("1.5"), **how)]
        line = masters.BomLineInput(self.oak.pk, D(2), substitutes=instead)
        draft = masters.write_bom(material_id=self.table.pk, lines=[line])
        masters.freeze_bom(bom_id=draft.pk, now=NOW)

    def order(self, quantity: str, on: int = 10) -> SalesOrder:
        return ordered(self.shop, on, (self.table, quantity))

    def need(self, order: SalesOrder) -> WorkOrderMaterial:
        return WorkOrderMaterial.objects.select_related("material").get(work_order__sales_order_line__order=order)


def ordered(shop: Shop, on: int, *lines: tuple[Material, str]) -> SalesOrder:
    draft = shop.draft(*lines)
    draft.lines.update(wanted_on=day(on))
    return erp.confirm_order(order_id=draft.pk, now=NOW)


def said(need: WorkOrderMaterial) -> tuple[str, Decimal, str, Decimal | None, str]:
    """What is used, how much, instead of what, how much of that, who decided."""
    main = need.instead_of.code if need.instead_of else ""
    return need.material.code, need.quantity, main, need.instead_qty, need.choice


def kept(need: WorkOrderMaterial) -> Decimal:
    return sum(Reservation.objects.filter(work_order_material=need).values_list("quantity", flat=True), D(0))


def bought(*materials: Material) -> bool:
    return (
        PurchaseOrderLine.objects.filter(material__in=materials).exists()
        or PlannedOrder.objects.filter(material__in=materials).exists()
    )


def test_what_lies_there_is_used_by_itself_and_nothing_is_bought(shop: Shop) -> None:
    """4 tables take 8 oak, of which 5 are free: 8 x 1.5 = 12 beech are kept instead, 5 oak stay free for others.

    Planning says so, and has nothing to change.
    """
    world = ToOrder(shop, by_itself=True)
    shop.stock(world.oak, "5")
    shop.stock(world.beech, "12")
    need = world.need(world.order("4"))
    assert said(need) == ("BEECH", D(12), "OAK", D(8), "planned")
    assert kept(need) == D(12)
    assert not bought(world.oak, world.beech)
    assert not Reservation.objects.filter(balance__material=world.oak, quantity__gt=0).exists()
    plan(shop)
    assert messages("substituted") == [("OAK", "BEECH", D(8))]
    assert said(world.need(SalesOrder.objects.get())) == ("BEECH", D(12), "OAK", D(8), "planned")
    assert not bought(world.oak, world.beech)
    assert regenerate(shop).changes == 0


def test_the_component_is_used_when_it_is_there_or_on_order_for_nobody(shop: Shop) -> None:
    """8 oak free for the first; for the second 8 are on order for nobody: beech is not touched."""
    world = ToOrder(shop, by_itself=True)
    shop.stock(world.oak, "8")
    shop.stock(world.beech, "100")
    assert said(world.need(world.order("4"))) == ("OAK", D(8), "", None, "")
    line = erp.PurchaseLineInput(world.oak.pk, D(8), D(1), NOW + dt.timedelta(days=5))
    erp.create_purchase_order(plant=shop.plant, supplier=shop.supplier, lines=[line], now=NOW)
    need = world.need(world.order("4"))
    assert said(need) == ("OAK", D(8), "", None, "")
    assert need.pegs.get().quantity == 8


def test_too_little_above_the_safety_stock_is_no_substitute(shop: Shop) -> None:
    """13 beech less 2 for safety are 11; 12 would be needed."""
    world = ToOrder(shop, by_itself=True)
    shop.stock(world.beech, "13")
    shop.safety(world.beech, "2")
    assert said(world.need(world.order("4"))) == ("OAK", D(8), "", None, "")
    assert bought(world.oak)


def test_days_of_a_substitute_count_today_and_when_it_is_needed(shop: Shop) -> None:
    """Allowed until day 6, the table is wanted on day 10: the work may begin on day 10 as well."""
    world = ToOrder(shop, by_itself=True, valid_until=day(6))
    shop.stock(world.beech, "100")
    assert said(world.need(world.order("4", on=10))) == ("OAK", D(8), "", None, "")
    assert said(world.need(world.order("4", on=5)))[0] == "BEECH"


def test_what_one_gives_back_another_takes(shop: Shop) -> None:
    """One order of 4 and 2 tables, 5 oak and 12 beech free: the first gets beech and gives its 5 oak to the second.

    4 of the second's 4 oak are then there: nothing is bought.
    """
    world = ToOrder(shop, by_itself=True)
    shop.stock(world.oak, "5")
    shop.stock(world.beech, "12")
    order = ordered(shop, 10, (world.table, "4"), (world.table, "2"))
    needs = WorkOrderMaterial.objects.filter(work_order__sales_order_line__order=order).order_by("pk")
    assert [said(need)[:2] for need in needs] == [("BEECH", D(12)), ("OAK", D(4))]
    assert [kept(need) for need in needs] == [D(12), D(4)]
    assert not bought(world.oak, world.beech)


def test_an_offer_says_what_confirming_would_do(shop: Shop) -> None:
    """With 12 beech free 4 tables wait for nothing; without, for 20 days."""
    world = ToOrder(shop, by_itself=True)
    asked = {"plant_id": shop.plant.pk, "material_id": world.table.pk, "quantity": D(4), "now": NOW}
    assert [one.material_id for one in erp_now.explode(**asked).waiting] == [world.oak.pk]
    shop.stock(world.beech, "12")
    found = erp_now.explode(**asked)
    assert (found.waiting, found.purchases) == ([], ())
    assert not WorkOrder.objects.exists()


def test_a_click_is_asked_for_when_the_customer_s_day_asks_for_it(shop: Shop) -> None:
    """Wanted on day 10, 8 oak come on day 20: beech may be used instead, also while the plan waits until day 20.

    The click keeps 12 beech and gives the purchase back; a new plan is wanted.
    """
    world = ToOrder(shop)
    shop.stock(world.beech, "12")
    order = world.order("4", on=10)
    plan(shop)
    assert messages("substitute") == [("OAK", "BEECH", D(8))]
    assert ActionMessage.objects.get(kind="substitute").from_on == day(10)
    need = world.need(order)
    need.work_order.operations.update(planned_start_at=NOW + dt.timedelta(days=20))
    plan(shop)
    assert messages("substitute") == [("OAK", "BEECH", D(8))]
    assert regenerate(shop).changes == 0
    erp.use_substitute(need_id=need.pk, material_id=world.beech.pk, now=NOW)
    fact = FactRecord.objects.get(kind="ComponentReplaced")
    assert fact.subject == f"work_order:{need.work_order_id}"
    plan(shop)
    assert (kept(world.need(order)), messages("substitute")) == (D(12), [])
    assert not need.pegs.exists()
    assert not any(one.material_ready_at for one in erp_now.open_operations(shop.plant.pk, now=NOW))
    assert regenerate(shop).changes == 0


def test_nobody_is_asked_while_the_purchase_comes_in_time(shop: Shop) -> None:
    """Wanted on day 30, oak comes on day 20; then the supplier says day 35, and beech may be used instead."""
    world = ToOrder(shop)
    shop.stock(world.beech, "12")
    need = world.need(world.order("4", on=30))
    plan(shop)
    assert messages("substitute") == []
    line = need.pegs.get().purchase_order_line
    assert line is not None
    erp.confirm_purchase_date(line_id=line.pk, confirmed_at=NOW + dt.timedelta(days=35))
    plan(shop)
    assert messages("substitute") == [("OAK", "BEECH", D(8))]


def test_what_the_levels_above_take_counts(shop: Shop) -> None:
    """A chest for day 22 takes 3 days and a table for it is to be made before: oak of day 20 is too late by one."""
    world = ToOrder(shop)
    chest = shop.make("CHEST")
    shop.bom(chest, (world.table, "4"))
    MaterialPlant.objects.create(material=chest, plant=shop.plant, lead_time_days=3)
    shop.stock(world.beech, "100")
    ordered(shop, 23, (chest, "1"))
    plan(shop)
    assert messages("substitute") == []
    ordered(shop, 22, (chest, "1"))
    plan(shop)
    assert messages("substitute") == [("OAK", "BEECH", D(8))]


def test_what_planning_buys_for_an_order_s_work_is_judged_by_the_customer_s_day_too(shop: Shop) -> None:
    """Oak is for stock: planning buys it for day 20. Beech that may be used by itself is, and a plan is wanted."""
    world = ToOrder(shop, by_itself=True)
    MaterialPlant.objects.create(material=world.oak, plant=shop.plant, policy="to_stock")
    order = world.order("4", on=10)
    need = world.need(order)
    plan(shop)
    need.work_order.operations.update(planned_start_at=NOW + dt.timedelta(days=20))
    plan(shop)
    assert said(world.need(order))[0] == "OAK"
    shop.stock(world.beech, "12")
    plan(shop)
    assert said(world.need(order)) == ("BEECH", D(12), "OAK", D(8), "planned")
    assert kept(world.need(order)) == D(12)
    assert FactRecord.objects.filter(kind="SupplyPlanned", subject=f"work_order:{need.work_order_id}").count() == 1
    assert regenerate(shop).changes == 0


def test_a_promise_that_follows_a_late_plan_does_not_make_the_purchase_timely(shop: Shop) -> None:
    """Wanted on day 10, promised for day 25 because oak comes on day 20: beech is asked about all the same."""
    world = ToOrder(shop)
    shop.stock(world.beech, "12")
    order = world.order("4", on=10)
    order.lines.update(promised_at=NOW + dt.timedelta(days=25))
    plan(shop)
    assert messages("substitute") == [("OAK", "BEECH", D(8))]
