"""Substitutes: planning uses what is free instead of what would be late, asks about firm work, and can be overruled."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from erp import services as erp
from erp.models import ActionMessage, PlannedOrder, Reservation, WorkOrder, WorkOrderMaterial
from masterdata import services as masters
from masterdata.errors import StaleVersion
from masterdata.models import Material, MaterialPlant
from tests.erp.planning.test_run import day, for_stock, plan, planned, regenerate
from tests.erp.shop import NOW, Shop

D = Decimal


class World:
    """A table of 2 legs of oak; beech does as well, 3 for 2. Oak takes 20 days, a table 3 days to make."""

    def __init__(self, shop: Shop, **how: Any) -> None:
        self.shop = shop
        self.table, self.oak, self.beech = shop.make("TABLE"), shop.buy("OAK"), shop.buy("BEECH")
        shop.price(self.oak, days=20)
        shop.price(self.beech, days=2)
        instead = [masters.SubstituteInput(self.beech.pk, D("1.5"), **how)]
        line = masters.BomLineInput(self.oak.pk, D(2), substitutes=instead)
        draft = masters.write_bom(material_id=self.table.pk, lines=[line])
        masters.freeze_bom(bom_id=draft.pk, now=NOW)
        for_stock(shop, self.table, lead_time_days=3)
        for_stock(shop, self.oak)
        for_stock(shop, self.beech)

    def order(self, quantity: str, on: int) -> None:
        draft = self.shop.draft((self.table, quantity))
        draft.lines.update(wanted_on=day(on))
        erp.confirm_order(order_id=draft.pk, now=NOW)

    def needs(self) -> list[tuple[str, Decimal, Decimal | None, str]]:
        """Of all work, by need: code, quantity, how much of the component it replaces, who decided."""
        rows = WorkOrderMaterial.objects.select_related("material").order_by("work_order__needed_on", "pk")
        return [(row.material.code, row.quantity, row.instead_qty, row.choice) for row in rows]

    def firm(self) -> WorkOrderMaterial:
        """The work is firm."""
        work = WorkOrder.objects.get(state="proposed", material=self.table)
        erp.firm_work_order(work_order_id=work.pk, now=NOW)
        return work.materials.get()


def messages(kind: str) -> list[tuple[str, str, Decimal]]:
    rows = ActionMessage.objects.filter(kind=kind).order_by("pk")
    return [(one.material.code, one.substitute.code if one.substitute else "", one.quantity) for one in rows]


def test_proposed_work_uses_what_is_free_instead_of_what_is_late(shop: Shop) -> None:
    """4 tables for day 10 need 8 oak by day 7, there on day 20. 12 beech are free, 8 x 1.5 = 12: they are used.

    With 11 they would not do. When oak is there, oak is used again.
    """
    world = World(shop)
    shop.stock(world.beech, "11")
    world.order("4", 10)
    plan(shop)
    assert world.needs() == [("OAK", D(8), None, "")]
    assert [quantity for quantity, _, _ in planned(shop, world.oak)] == [D(8)]
    shop.stock(world.beech, "1")
    plan(shop)
    assert world.needs() == [("BEECH", D(12), D(8), "planned")]
    assert (planned(shop, world.oak), planned(shop, world.beech)) == ([], [])
    assert messages("substituted") == [("OAK", "BEECH", D(8))]
    assert regenerate(shop).changes == 0
    shop.stock(world.oak, "8")
    plan(shop)
    assert world.needs() == [("OAK", D(8), None, "")]
    assert messages("substituted") == []
    assert regenerate(shop).changes == 0


def test_what_comes_in_time_is_not_replaced(shop: Shop) -> None:
    world = World(shop)
    shop.stock(world.beech, "100")
    world.order("4", 30)
    plan(shop)
    assert world.needs() == [("OAK", D(8), None, "")]


def test_the_first_needed_is_served_first_and_others_keep_theirs(shop: Shop) -> None:
    """12 beech for 4 tables of day 10 or those of day 12: the first get them. The safety stock stays."""
    world = World(shop)
    shop.stock(world.beech, "14")
    MaterialPlant.objects.filter(material=world.beech).update(safety_stock=2)
    world.order("4", 12)
    world.order("4", 10)
    plan(shop)
    assert world.needs() == [("BEECH", D(12), D(8), "planned"), ("OAK", D(8), None, "")]
    assert regenerate(shop).changes == 0


def test_days_and_plant_of_a_substitute_count(shop: Shop) -> None:
    """Valid until day 6 only, the need is on day 7."""
    world = World(shop, valid_until=day(6))
    shop.stock(world.beech, "100")
    world.order("4", 10)
    plan(shop)
    assert world.needs() == [("OAK", D(8), None, "")]


def test_firm_work_is_asked_about_and_one_click_does_it(shop: Shop) -> None:
    """Firm before beech came: a message; the click keeps 12 beech and lets the oak go. Undone, it stays undone."""
    world = World(shop)
    world.order("4", 10)
    plan(shop)
    need = world.firm()
    plan(shop)
    shop.stock(world.beech, "12")
    plan(shop)
    assert messages("substitute") == [("OAK", "BEECH", D(8))]
    assert world.needs() == [("OAK", D(8), None, "")]
    version = WorkOrder.objects.get(pk=need.work_order_id).version
    with pytest.raises(StaleVersion):
        erp.use_substitute(need_id=need.pk, material_id=world.beech.pk, now=NOW, expected_version=version - 1)
    with pytest.raises(erp.NotReplaceable):
        erp.use_substitute(need_id=need.pk, material_id=world.table.pk, now=NOW)
    erp.use_substitute(need_id=need.pk, material_id=world.beech.pk, now=NOW, expected_version=version)
    assert world.needs() == [("BEECH", D(12), D(8), "chosen")]
    assert sum(Reservation.objects.filter(work_order_material=need).values_list("quantity", flat=True)) == 12
    plan(shop)
    assert (planned(shop, world.oak), messages("substitute")) == ([], [])
    erp.keep_component(need_id=need.pk, now=NOW)
    plan(shop)
    assert world.needs() == [("OAK", D(8), None, "kept")]
    assert not Reservation.objects.filter(work_order_material=need, quantity__gt=0).exists()
    assert [quantity for quantity, _, _ in planned(shop, world.oak)] == [D(8)]
    assert messages("substitute") == []
    assert regenerate(shop).changes == 0


def test_by_itself_planning_replaces_in_firm_work_and_says_so(shop: Shop) -> None:
    world = World(shop, by_itself=True)
    world.order("4", 10)
    plan(shop)
    need = world.firm()
    plan(shop)
    shop.stock(world.beech, "12")
    plan(shop)
    assert world.needs() == [("BEECH", D(12), D(8), "planned")]
    assert messages("substituted") == [("OAK", "BEECH", D(8))]
    assert sum(Reservation.objects.filter(work_order_material=need).values_list("quantity", flat=True)) == 12
    shop.stock(world.oak, "8")
    plan(shop)
    assert world.needs() == [("BEECH", D(12), D(8), "planned")], "firm work stays as it is"
    assert regenerate(shop).changes == 0


def test_work_that_becomes_firm_keeps_its_replacement(shop: Shop) -> None:
    world = World(shop)
    MaterialPlant.objects.filter(material=world.table).update(planning_fence_days=30)
    shop.stock(world.beech, "12")
    world.order("4", 10)
    plan(shop)
    assert WorkOrder.objects.get().state == "firm"
    assert world.needs() == [("BEECH", D(12), D(8), "planned")]
    assert regenerate(shop).changes == 0


def test_a_customers_own_work_gives_back_what_was_bought_for_it(shop: Shop) -> None:
    """Made to order: 8 oak were to be bought for it. With beech nothing of it is; kept again, 8 are."""
    world = World(shop)
    MaterialPlant.objects.filter(material__in=[world.table, world.oak]).update(policy="to_order")
    world.order("4", 10)
    shop.stock(world.beech, "12")
    need = WorkOrderMaterial.objects.get()
    assert PlannedOrder.objects.filter(material=world.oak, closed_at=None).exists() or need.pegs.exists()
    erp.use_substitute(need_id=need.pk, material_id=world.beech.pk, now=NOW)
    plan(shop)
    assert not need.pegs.exists()
    assert world.needs() == [("BEECH", D(12), D(8), "chosen")]
    erp.keep_component(need_id=need.pk, now=NOW)
    plan(shop)
    assert sum(need.pegs.values_list("quantity", flat=True)) == 8


def test_released_and_proposed_work_is_not_touched_by_hand(shop: Shop) -> None:
    world = World(shop)
    world.order("4", 10)
    plan(shop)
    need = WorkOrderMaterial.objects.get()
    with pytest.raises(erp.NotReplaceable, match="only proposed"):
        erp.use_substitute(need_id=need.pk, material_id=world.beech.pk, now=NOW)
    world.firm()
    with pytest.raises(erp.NotReplaceable):
        erp.keep_component(need_id=need.pk, now=NOW)
    erp.release_work_order(work_order_id=need.work_order_id, despite_shortage=True, reason="Urgent", now=NOW)
    with pytest.raises(erp.NotReplaceable, match="released"):
        erp.use_substitute(need_id=need.pk, material_id=world.beech.pk, now=NOW)


def test_each_may_stand_in_for_the_other_but_not_for_what_it_is_made_of(shop: Shop) -> None:
    """Oak for beech here, beech for oak there: one level. A substitute that contains the component is a circle."""
    world = World(shop)
    chair = shop.make("CHAIR")
    line = masters.BomLineInput(world.beech.pk, D(1), substitutes=[masters.SubstituteInput(world.oak.pk)])
    masters.freeze_bom(bom_id=masters.write_bom(material_id=chair.pk, lines=[line]).pk, now=NOW)
    levels = set(
        Material.objects.filter(pk__in=[world.oak.pk, world.beech.pk]).values_list("low_level_code", flat=True)
    )
    assert levels == {1}
    rod, pin, door = shop.make("ROD"), shop.buy("PIN"), shop.make("DOOR")
    shop.bom(rod, (pin, "1"))
    line = masters.BomLineInput(pin.pk, D(1), substitutes=[masters.SubstituteInput(rod.pk)])
    with pytest.raises(masters.BomCircle):
        masters.freeze_bom(bom_id=masters.write_bom(material_id=door.pk, lines=[line]).pk, now=NOW)


def test_a_day_later_it_is_decided_anew(shop: Shop) -> None:
    world = World(shop)
    shop.stock(world.beech, "12")
    world.order("4", 10)
    plan(shop)
    erp.plan_changes(plant_id=shop.plant.pk, now=NOW + dt.timedelta(days=1))
    assert world.needs() == [("BEECH", D(12), D(8), "planned")]
