"""Another BOM version: proposed work is made after it at once, and what the old one named is planned anew too."""

from __future__ import annotations

from decimal import Decimal

from erp import services as erp
from erp.models import ActionMessage, PlannedOrder, PurchaseOrderLine, SupplierPrice, WorkOrder, WorkOrderMaterial
from masterdata import services as masters
from masterdata.models import Material
from tests.erp.planning.test_run import day, for_stock, plan, planned, regenerate, work
from tests.erp.shop import NOW, Shop

D = Decimal


class World:
    """A table of 4 bolts and a board; 3 tables for day 10, 2 days to make. Bolts are bought in 3 days, pins in 1."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.table, self.bolt, self.board, self.pin = (
            shop.make("TABLE"), shop.buy("BOLT"), shop.buy("BOARD"), shop.buy("PIN"),
        )  # fmt: skip
        shop.price(self.bolt, days=3)
        shop.price(self.pin, days=1)
        shop.stock(self.board, "100")
        shop.bom(self.table, (self.bolt, "4"), (self.board, "1"))
        for_stock(shop, self.table, lead_time_days=2)
        for material in (self.bolt, self.board, self.pin):
            for_stock(shop, material)

    def order(self) -> None:
        draft = self.shop.draft((self.table, "3"))
        draft.lines.update(wanted_on=day(10))
        erp.confirm_order(order_id=draft.pk, now=NOW)
        plan(self.shop)

    def needs(self) -> list[tuple[str, Decimal]]:
        rows = WorkOrderMaterial.objects.order_by("work_order", "line_no")
        return [(row.material.code, row.quantity) for row in rows.select_related("material")]


def test_a_component_that_is_dropped_is_no_longer_bought(shop: Shop) -> None:
    """12 bolts were planned for day 8; without bolts in the BOM none are, and the work keeps its number."""
    world = World(shop)
    world.order()
    assert planned(shop, world.bolt) == [(D(12), day(5), day(8))]
    number = WorkOrder.objects.get().number
    shop.bom(world.table, (world.board, "1"))
    plan(shop)
    assert (world.needs(), planned(shop, world.bolt)) == ([("BOARD", D(3))], [])
    assert WorkOrder.objects.get().number == number
    assert not ActionMessage.objects.filter(material=world.bolt).exists()
    assert regenerate(shop).changes == 0


def test_a_component_that_is_changed_is_bought_instead(shop: Shop) -> None:
    """2 pins a table instead of 4 bolts: 6 pins for day 8, no bolts; 2 bolts again and one pin: 6 and 3."""
    world = World(shop)
    world.order()
    shop.bom(world.table, (world.pin, "2"), (world.board, "1"))
    plan(shop)
    assert (planned(shop, world.bolt), planned(shop, world.pin)) == ([], [(D(6), day(7), day(8))])
    assert regenerate(shop).changes == 0
    shop.bom(world.table, (world.pin, "1"), (world.bolt, "2"))
    plan(shop)
    assert (planned(shop, world.bolt), planned(shop, world.pin)) == ([(D(6), day(5), day(8))], [(D(3), day(7), day(8))])
    assert regenerate(shop).changes == 0


def test_what_is_ordered_of_a_dropped_component_may_be_cancelled(shop: Shop) -> None:
    """The 12 bolts are ordered: they are for nobody now, and planning says to cancel them."""
    world = World(shop)
    world.order()
    (row,) = [one.pk for one in open_orders(world.bolt)]
    erp.order_planned_together(planned_order_ids=[row], now=NOW)
    plan(shop)
    line = PurchaseOrderLine.objects.get()
    assert line.pegged_qty == 12
    shop.bom(world.table, (world.board, "1"))
    plan(shop)
    line.refresh_from_db()
    assert line.pegged_qty == 0
    assert list(ActionMessage.objects.values_list("kind", "quantity", "purchase_order_line")) == [
        ("cancel", D(12), line.pk)
    ]
    assert regenerate(shop).changes == 0


def test_firm_work_stays_as_it_was_made(shop: Shop) -> None:
    """Firm tables still take their 12 bolts."""
    world = World(shop)
    world.order()
    erp.firm_work_order(work_order_id=WorkOrder.objects.get().pk, now=NOW)
    plan(shop)
    shop.bom(world.table, (world.pin, "2"), (world.board, "1"))
    plan(shop)
    assert world.needs() == [("BOLT", D(12)), ("BOARD", D(3))]
    assert (planned(shop, world.bolt), planned(shop, world.pin)) == ([(D(12), day(5), day(8))], [])
    assert regenerate(shop).changes == 0


def test_a_made_component_that_is_dropped_takes_its_own_parts_along(shop: Shop) -> None:
    """Bolts go into a frame, the frame into a table: without frames neither frames nor bolts are planned."""
    world = World(shop)
    frame = shop.make("FRAME")
    shop.bom(frame, (world.bolt, "5"))
    for_stock(shop, frame, lead_time_days=1)
    shop.bom(world.table, (frame, "1"), (world.board, "1"))
    world.order()
    assert (work(shop, frame), planned(shop, world.bolt)) == (
        [("proposed", D(3), day(7), day(8))],
        [(D(15), day(4), day(7))],
    )
    shop.bom(world.table, (world.board, "1"))
    plan(shop)
    assert (work(shop, frame), planned(shop, world.bolt)) == ([], [])
    assert regenerate(shop).changes == 0


def test_a_substitute_and_a_byproduct_of_the_old_version_are_planned_anew(shop: Shop) -> None:
    """Pins stand in for bolts, which would come too late, and chips come beside: both only in the old version."""
    world = World(shop)
    chip = shop.buy("CHIP")
    shop.price(chip, days=4)
    for_stock(shop, chip)
    line = masters.BomLineInput(world.bolt.pk, D(4), substitutes=[masters.SubstituteInput(world.pin.pk)])
    out = [masters.ByproductInput(chip.pk, D(1))]
    draft = masters.write_bom(material_id=world.table.pk, lines=[line], byproducts=out)
    masters.freeze_bom(bom_id=draft.pk, now=NOW)
    SupplierPrice.objects.filter(material=world.bolt).update(lead_time_days=90)
    shop.stock(world.pin, "12")
    order = shop.draft((chip, "2"))
    order.lines.update(wanted_on=day(20))
    erp.confirm_order(order_id=order.pk, now=NOW)
    world.order()
    assert world.needs() == [("PIN", D(12))]
    assert (planned(shop, chip), planned(shop, world.bolt)) == ([], [])
    line = masters.BomLineInput(world.board.pk, D(1))
    draft = masters.write_bom(material_id=world.table.pk, lines=[line], byproducts=[])
    masters.freeze_bom(bom_id=draft.pk, now=NOW)
    plan(shop)
    assert world.needs() == [("BOARD", D(3))]
    assert planned(shop, chip) == [(D(2), day(16), day(20))]
    assert not ActionMessage.objects.filter(kind="substituted").exists()
    assert regenerate(shop).changes == 0


def open_orders(material: Material) -> list[PlannedOrder]:
    return list(PlannedOrder.objects.filter(material=material, closed_at=None))
