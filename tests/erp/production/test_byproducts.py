"""By-products: what good pieces bring beside themselves, its value, its reversal, what pieces cost then."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import CostEntry, MaterialValue, StockBalance, StockMove, WorkOrder
from masterdata import services as masters
from masterdata.errors import InvalidInput
from masterdata.models import Bom, BomByproduct, Material, WorkCentre
from tests.erp.planning.test_run import for_stock
from tests.erp.shop import NOW, Shop

D = Decimal


def beside(shop: Shop, parent: Material, lines: list[tuple[Material, str]], *outs: masters.ByproductInput) -> Bom:
    """Freeze a BOM with by-products."""
    rows = [masters.BomLineInput(one.pk, D(quantity)) for one, quantity in lines]
    draft = masters.write_bom(material_id=parent.pk, lines=rows, byproducts=outs)
    return masters.freeze_bom(bom_id=draft.pk, now=NOW)


def firm_work(shop: Shop, material: Material, quantity: str) -> WorkOrder:
    """Work for stock, firm at once: it is needed today."""
    for_stock(shop, material, planning_fence_days=30)
    shop.order((material, quantity))
    erp.plan_changes(plant_id=shop.plant.pk, now=NOW)
    return WorkOrder.objects.get(material=material, state="firm")


def report(order: WorkOrder, good: str, minutes: str = "0") -> erp.Report:
    operation = order.operations.get(is_last=True)
    return erp.report_operation(
        operation_id=operation.pk, good_qty=D(good), scrap_qty=D(0), worked_min=D(minutes), now=NOW
    )


def worth(material: Material) -> tuple[Decimal, Decimal]:
    row = MaterialValue.objects.filter(material=material, sales_order=None).first()
    return (row.quantity, row.value) if row else (D(0), D(0))


def test_good_pieces_bring_their_byproduct_at_stock_value(shop: Shop) -> None:
    """A board of 10 makes one shelf and 0.5 kg of chips at 2 a kilogram.

    4 shelves take 40. The first good one brings 0.5 kg = 1, and takes at most its planned cost: 10 less 1, and
    (2 x 4 + 10) / 4 minutes at 90 an hour = 6.75, so 15.75. But only 10 less 1 is in the work: 9. The last three
    bring 1.5 kg = 3 and take the rest: 30 - 3 = 27.
    """
    shelf, board, chips = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("CHIPS", shop.kilo, "2")
    beside(shop, shelf, [(board, "1")], masters.ByproductInput(chips.pk, D("0.5")))
    shop.stock(board, "4", "10")
    order = firm_work(shop, shelf, "4")
    assert order.planned_unit_cost == D("15.75")
    assert report(order, "1").output_value == D(9)
    assert worth(chips) == (D("0.5"), D(1))
    assert report(order, "3").output_value == D(27)
    assert worth(chips) == (D(2), D(4))
    order.refresh_from_db()
    assert order.state == "closed"
    assert sum(CostEntry.objects.filter(work_order=order).values_list("amount", flat=True)) == 0


def test_shares_of_the_cost_are_split(shop: Shop) -> None:
    """A share of 20 %: of 30 in the work the product takes 24, the by-product 6."""
    shelf, board, off = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("OFFCUT")
    beside(shop, shelf, [(board, "1")], masters.ByproductInput(off.pk, D(2), D(20)))
    shop.stock(board, "3", "10")
    order = firm_work(shop, shelf, "3")
    assert report(order, "3").output_value == D(24)
    assert worth(off) == (D(6), D(6))


@pytest.mark.parametrize("reports", [["4"], ["1", "3"], ["3", "1"], ["2", "2"], ["1", "1", "1", "1"]])
def test_a_share_is_the_same_however_often_one_reports(shop: Shop, reports: list[str]) -> None:
    """Four shelves of boards at 4 are 16; half an offcut beside each at a tenth of the cost: two offcuts are 1.60.

    Reported in parts: of the first shelf's 4 the product takes 3.60, and 0.40 wait for the offcut that the second
    brings. Three at once bring one of one and a half: 1.20 x 1 / 1.5 = 0.80; the fourth brings the other, 0.80.
    """
    shelf, board, off = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("OFFCUT")
    WorkCentre.objects.update(labour_rate=0, machine_rate=0)
    beside(shop, shelf, [(board, "1")], masters.ByproductInput(off.pk, D("0.5"), D(10)))
    shop.stock(board, "4", "4")
    order = firm_work(shop, shelf, "4")
    assert order.planned_unit_cost == D("3.6")
    worths = [(report(order, good).output_value, worth(off)[1]) for good in reports]
    assert sum(value for value, _ in worths) == D("14.40")
    assert worth(off) == (D(2), D("1.60"))
    assert worths[0] == {
        "1": (D("3.60"), D(0)), "2": (D("7.20"), D("0.80")), "3": (D("10.80"), D("0.80")), "4": (D("14.40"), D("1.60")),
    }[reports[0]]  # fmt: skip


def test_a_share_of_which_no_whole_piece_comes_is_the_products(shop: Shop) -> None:
    """Half an offcut beside each of three shelves: one comes, at a tenth of 12. Beside one shelf none: it takes 4."""
    shelf, board, off = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("OFFCUT")
    WorkCentre.objects.update(labour_rate=0, machine_rate=0)
    beside(shop, shelf, [(board, "1")], masters.ByproductInput(off.pk, D("0.5"), D(10)))
    shop.stock(board, "4", "4")
    order = firm_work(shop, shelf, "3")
    assert [report(order, good).output_value for good in ("1", "2")] == [D("3.60"), D("7.20")]
    assert worth(off) == (D(1), D("1.20"))
    shop.order((shelf, "1"))
    erp.plan_changes(plant_id=shop.plant.pk, now=NOW)
    single = WorkOrder.objects.get(material=shelf, state="firm")
    assert report(single, "1").output_value == D(4)


def test_an_undone_share_stays_in_the_work(shop: Shop) -> None:
    """Of two offcuts at 0.80 the first is undone: the product's last piece takes its 0.80 beside its own 7.20."""
    shelf, board, off = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("OFFCUT")
    WorkCentre.objects.update(labour_rate=0, machine_rate=0)
    beside(shop, shelf, [(board, "1")], masters.ByproductInput(off.pk, D("0.5"), D(10)))
    shop.stock(board, "4", "4")
    order = firm_work(shop, shelf, "4")
    assert report(order, "2").output_value == D("7.20")
    erp.reverse_move(move_id=StockMove.objects.get(kind="byproduct").pk, reason="It was dust", now=NOW)
    assert report(order, "2").output_value == D(8)
    assert worth(off) == (D(1), D("0.80"))


def test_a_byproduct_never_makes_the_product_worth_less_than_nothing(shop: Shop) -> None:
    """Gold of 50 beside a board of 10: the gold takes the 10 that there are, the shelf nothing."""
    shelf, board, gold = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("GOLD", cost="50")
    beside(shop, shelf, [(board, "1")], masters.ByproductInput(gold.pk, D(1)))
    shop.stock(board, "1", "10")
    order = firm_work(shop, shelf, "1")
    assert order.planned_unit_cost == 0
    assert report(order, "1").output_value == 0
    assert worth(gold) == (D(1), D(10))


def test_whole_steps_come_with_the_piece_that_fills_them(shop: Shop) -> None:
    """One offcut for each three shelves: with the second report of two the first comes, with the sixth the second."""
    shelf, board, off = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("OFFCUT")
    rows = [masters.BomLineInput(board.pk, D(3))]
    draft = masters.write_bom(
        material_id=shelf.pk, lines=rows, base_qty=D(3), byproducts=[masters.ByproductInput(off.pk, D(1))]
    )
    masters.freeze_bom(bom_id=draft.pk, now=NOW)
    shop.stock(board, "6", "10")
    order = firm_work(shop, shelf, "6")
    came = []
    for _ in range(3):
        report(order, "2")
        came.append(worth(off)[0])
    assert came == [0, 1, 2]


def test_an_orders_own_work_leaves_its_byproduct_to_everybody(shop: Shop) -> None:
    """Made for a customer: the shelf is the order's, the chips are free, and the order's cost is 10 less 1."""
    shelf, board, chips = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("CHIPS", shop.kilo, "2")
    beside(shop, shelf, [(board, "1")], masters.ByproductInput(chips.pk, D("0.5")))
    shop.stock(board, "1", "10")
    order = shop.order((shelf, "1"))
    work = WorkOrder.objects.get(sales_order_line__order=order)
    assert report(work, "1").output_value == D(9)
    balance = StockBalance.objects.get(material=chips)
    assert (balance.sales_order_id, balance.on_hand) == (None, D("0.5"))
    incurred = CostEntry.objects.filter(sales_order=order, kind="incurred")
    assert sum(incurred.values_list("amount", flat=True)) == D(9)


def test_a_byproduct_is_undone_while_the_work_runs(shop: Shop) -> None:
    """0.5 kg go back at 1: the work holds it again, and the last piece takes it. Later it is too late."""
    shelf, board, chips = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("CHIPS", shop.kilo, "2")
    beside(shop, shelf, [(board, "1")], masters.ByproductInput(chips.pk, D("0.5")))
    shop.stock(board, "2", "10")
    order = firm_work(shop, shelf, "2")
    report(order, "1")
    move = StockMove.objects.get(kind="byproduct")
    erp.reverse_move(move_id=move.pk, reason="It was dust", now=NOW)
    assert worth(chips) == (0, 0)
    assert report(order, "1").output_value == D(10)
    last = StockMove.objects.filter(kind="byproduct").latest("pk")
    with pytest.raises(erp.NotReversible):
        erp.reverse_move(move_id=last.pk, reason="Too late", now=NOW)


def test_a_byproduct_with_lots_goes_into_the_work_orders(shop: Shop) -> None:
    shelf, board, oil = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("OIL")
    Material.objects.filter(pk=oil.pk).update(tracking="lot")
    beside(shop, shelf, [(board, "1")], masters.ByproductInput(oil.pk, D(1)))
    shop.stock(board, "1", "10")
    order = firm_work(shop, shelf, "1")
    report(order, "1")
    assert StockBalance.objects.get(material=oil).lot.number == order.number  # type: ignore[union-attr]


def test_what_cannot_be_a_byproduct_is_refused(shop: Shop) -> None:
    """The product itself, one named twice, shares of the whole cost, numbered pieces; a circle through a by-product."""
    shelf, board, off = shop.make("SHELF"), shop.make("BOARD"), shop.buy("OFFCUT")
    rows = [masters.BomLineInput(board.pk, D(1))]
    for outs in (
        [masters.ByproductInput(shelf.pk, D(1))],
        [masters.ByproductInput(off.pk, D(1)), masters.ByproductInput(off.pk, D(2))],
        [masters.ByproductInput(off.pk, D(1), D(60)), masters.ByproductInput(board.pk, D(1), D(40))],
        [masters.ByproductInput(off.pk, D(0))],
    ):
        with pytest.raises(InvalidInput):
            masters.write_bom(material_id=shelf.pk, lines=rows, byproducts=outs)
    Material.objects.filter(pk=off.pk).update(tracking="serial")
    with pytest.raises(InvalidInput):
        masters.write_bom(material_id=shelf.pk, lines=rows, byproducts=[masters.ByproductInput(off.pk, D(1))])
    Material.objects.filter(pk=off.pk).update(tracking="none")
    beside(shop, shelf, [(board, "1")], masters.ByproductInput(off.pk, D(1)))
    off.refresh_from_db()
    assert off.low_level_code == 1
    draft = masters.write_bom(material_id=off.pk, lines=[masters.BomLineInput(shelf.pk, D(1))])
    with pytest.raises(masters.BomCircle):
        masters.freeze_bom(bom_id=draft.pk, now=NOW)


def test_a_new_draft_keeps_what_nobody_spoke_of(shop: Shop) -> None:
    shelf, board, off, oak = shop.make("SHELF"), shop.buy("BOARD"), shop.buy("OFFCUT"), shop.buy("OAK")
    line = masters.BomLineInput(board.pk, D(1), substitutes=[masters.SubstituteInput(oak.pk, D(2))])
    draft = masters.write_bom(
        material_id=shelf.pk, lines=[line], byproducts=[masters.ByproductInput(off.pk, D(1), D(5))]
    )
    masters.freeze_bom(bom_id=draft.pk, now=NOW)
    again = masters.write_bom(material_id=shelf.pk, lines=[masters.BomLineInput(board.pk, D(3))])
    assert again.pk != draft.pk
    assert list(again.byproducts.values_list("material", "cost_share_percent")) == [(off.pk, D(5))]
    assert list(again.lines.values_list("substitutes__material", "substitutes__ratio")) == [(oak.pk, D(2))]
    without = masters.write_bom(
        material_id=shelf.pk, lines=[masters.BomLineInput(board.pk, D(3), substitutes=[])], byproducts=[]
    )
    assert not BomByproduct.objects.filter(bom=without).exists()
    assert not without.lines.exclude(substitutes=None).exists()
