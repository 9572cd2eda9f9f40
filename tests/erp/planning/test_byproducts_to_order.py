"""What is made to order counts on the by-products that other work will bring in time, and on nothing else of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp.models import Peg, PlannedOrder, PurchaseOrderLine, WorkOrder, WorkOrderMaterial
from masterdata import services as masters
from tests.erp.planning.test_made_to_order import bought, kept, ordered
from tests.erp.planning.test_run import day, plan, regenerate
from tests.erp.production.test_byproducts import report
from tests.erp.shop import NOW, Shop

D = Decimal


class Offcuts:
    """A shelf brings 2 offcuts; a crate, made to order of 3 offcuts, is wanted. Offcuts are bought in 4 days."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.shelf, self.board, self.off, self.crate = (
            shop.make("SHELF"), shop.buy("BOARD"), shop.buy("OFFCUT"), shop.make("CRATE"),
        )  # fmt: skip
        shop.stock(self.board, "100")
        shop.price(self.off, days=4)
        lines = [masters.BomLineInput(self.board.pk, D(1))]
        draft = masters.write_bom(
            material_id=self.shelf.pk, lines=lines, byproducts=[masters.ByproductInput(self.off.pk, D(2))]
        )
        masters.freeze_bom(bom_id=draft.pk, now=NOW)
        shop.bom(self.crate, (self.off, "3"))

    def pegs(self) -> list[tuple[str, Decimal]]:
        """What offcuts for crates come with, how much."""
        rows = Peg.objects.filter(work_order_material__material=self.off).order_by("pk")
        return [
            (one.work_order.material.code if one.work_order else "bought", one.quantity - one.received_qty)
            for one in rows
            if one.quantity > one.received_qty
        ]


def test_a_coming_byproduct_is_counted_on_and_the_rest_is_bought(shop: Shop) -> None:
    """2 shelves for day 5 bring 4 offcuts. Two crates for day 10 take 6: 2 are bought, and planning leaves it so."""
    world = Offcuts(shop)
    ordered(shop, 5, (world.shelf, "2"))
    ordered(shop, 10, (world.crate, "2"))
    assert world.pegs() == [("SHELF", D(4)), ("bought", D(2))]
    plan(shop)
    assert world.pegs() == [("SHELF", D(4)), ("bought", D(2))]
    assert sum(PurchaseOrderLine.objects.filter(material=world.off).values_list("quantity", flat=True)) == 2
    assert regenerate(shop).changes == 0


def test_one_that_comes_too_late_or_is_another_s_is_not_counted_on(shop: Shop) -> None:
    """Shelves for day 10 bring nothing for a crate of day 10, and their 4 offcuts serve one of two crates of day 20."""
    world = Offcuts(shop)
    ordered(shop, 10, (world.shelf, "2"))
    ordered(shop, 10, (world.crate, "1"))
    assert world.pegs() == [("bought", D(3))]
    ordered(shop, 20, (world.crate, "1"))
    ordered(shop, 20, (world.crate, "1"))
    assert world.pegs() == [("bought", D(3)), ("SHELF", D(3)), ("SHELF", D(1)), ("bought", D(2))]


def test_a_line_of_it_counts_on_it_too(shop: Shop) -> None:
    """3 offcuts for day 10 come with 2 shelves of day 5; the line is expected two hours after those have to leave."""
    world = Offcuts(shop)
    ordered(shop, 5, (world.shelf, "2"))
    order = ordered(shop, 10, (world.off, "3"))
    peg = Peg.objects.get(sales_order_line__order=order)
    assert peg.work_order is not None
    assert (peg.work_order.material, peg.quantity) == (world.shelf, D(3))
    assert order.lines.get().expected_at == dt.datetime(2026, 3, 8, tzinfo=dt.UTC)
    assert not bought(world.off)


def test_when_the_work_comes_later_the_byproduct_is_supplied_again(shop: Shop) -> None:
    """The shelves' customer wants them on day 30 instead of day 5: 3 offcuts are planned to be bought for the crate.

    Then their plan ends on day 2: they serve the crate again, and nothing is bought.
    """
    world = Offcuts(shop)
    first = ordered(shop, 5, (world.shelf, "2"))
    ordered(shop, 10, (world.crate, "1"))
    plan(shop)
    assert not bought(world.off)
    first.lines.update(wanted_on=day(30))
    plan(shop)
    assert [one.quantity for one in PlannedOrder.objects.filter(material=world.off, closed_at=None)] == [D(3)]
    WorkOrder.objects.filter(sales_order_line__order=first).update(planned_end_at=NOW + dt.timedelta(days=2))
    plan(shop)
    assert (bought(world.off), world.pegs()) == (False, [("SHELF", D(3))])
    assert regenerate(shop).changes == 0


def test_work_that_is_planned_takes_what_ends_before_it_begins_also_on_that_day(shop: Shop) -> None:
    """Shelves end at 11, the crate begins at 11: its offcuts stay pegged. It begins at 10: they are to be bought."""
    world = Offcuts(shop)
    ordered(shop, 5, (world.shelf, "2"))
    order = ordered(shop, 10, (world.crate, "1"))
    crate = WorkOrder.objects.get(sales_order_line__order=order)
    end = NOW + dt.timedelta(days=2, hours=3)
    WorkOrder.objects.filter(material=world.shelf).update(planned_start_at=NOW, planned_end_at=end)
    WorkOrder.objects.filter(pk=crate.pk).update(planned_start_at=end)
    crate.operations.update(planned_start_at=end)
    plan(shop)
    assert (bought(world.off), world.pegs()) == (False, [("SHELF", D(3))])
    crate.operations.update(planned_start_at=end - dt.timedelta(hours=1))
    plan(shop)
    assert bought(world.off)


def test_what_has_come_is_kept_for_those_who_counted_on_it(shop: Shop) -> None:
    """2 shelves are made: their 4 offcuts are stock, 3 of them kept for the crate."""
    world = Offcuts(shop)
    first = ordered(shop, 5, (world.shelf, "2"))
    order = ordered(shop, 10, (world.crate, "1"))
    plan(shop)
    report(WorkOrder.objects.get(sales_order_line__order=first), "2")
    plan(shop)
    need = WorkOrderMaterial.objects.get(work_order__sales_order_line__order=order)
    assert (kept(need), world.pegs(), bought(world.off)) == (D(3), [], False)
