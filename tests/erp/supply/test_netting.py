"""Netting: what confirming an order takes from stock, makes and buys."""

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Peg, PlannedOrder, PurchaseOrderLine, Reservation, StockBalance, WorkOrder, WorkOrderMaterial
from erp.supply.netting import NoRouting
from tests.erp.shop import NOW, Shop


def made(order_id: int) -> list[tuple[str, str, Decimal]]:
    """Path, code and quantity of the order's work orders."""
    rows = WorkOrder.objects.filter(sales_order_line__order=order_id).order_by("path")
    return [(row.path, row.material.code, row.quantity) for row in rows.select_related("material")]


def bought() -> list[tuple[str, Decimal, Decimal]]:
    """Code, quantity and open pegged quantity of all purchase order lines."""
    rows = PurchaseOrderLine.objects.order_by("id").values_list("material__code", "quantity", "pegged_qty")
    return list(rows)


def test_two_levels_are_netted_with_stock_in_between(shop: Shop) -> None:
    """10 tables need 10 frames and 40 legs. 4 frames lie on the shelf, so 6 are made, each of 2 kg steel: 12 kg, of
    which 5 kg are free, 7 kg are bought. Legs: 15 free less 3 safety stock = 12, so 28 are bought."""
    table, frame = shop.make("TABLE"), shop.make("FRAME")
    leg, steel = shop.buy("LEG"), shop.buy("STEEL", shop.kilo)
    shop.bom(table, (frame, "1"), (leg, "4"))
    shop.bom(frame, (steel, "2"))
    shop.price(leg), shop.price(steel)
    shop.stock(frame, "4", "9"), shop.stock(steel, "5"), shop.stock(leg, "15")
    shop.safety(leg, "3")

    order = shop.order((table, "10"))

    assert made(order.pk) == [("1", "TABLE", Decimal(10)), ("1.1", "FRAME", Decimal(6))]
    assert bought() == [("LEG", Decimal(28), Decimal(28)), ("STEEL", Decimal(7), Decimal(7))]
    kept = Reservation.objects.values_list("work_order_material__material__code", "quantity").order_by("id")
    assert list(kept) == [("FRAME", Decimal(4)), ("LEG", Decimal(12)), ("STEEL", Decimal(5))]
    assert StockBalance.objects.get(material=leg).reserved == Decimal(12)
    needs = WorkOrderMaterial.objects.order_by("id").values_list("material__code", "quantity")
    assert list(needs) == [("FRAME", Decimal(10)), ("LEG", Decimal(40)), ("STEEL", Decimal(12))]
    child = Peg.objects.get(work_order__path="1.1")
    assert (child.quantity, child.work_order_material.material) == (Decimal(6), frame)
    assert Peg.objects.get(work_order__path="1").sales_order_line == order.lines.get()


def test_scrap_is_grossed_up_and_rounded_up_once_for_the_work_order(shop: Shop) -> None:
    """10 tables x 4 legs = 40 net; 3 % scrap: 40 / 0.97 = 41.237114, so 42 pieces. Glue: 10 x 0.0333 kg = 0.333 kg; 2 %
    scrap: 0.333 / 0.98 = 0.339796, so 0.340 kg."""
    table, leg, glue = shop.make("TABLE"), shop.buy("LEG"), shop.buy("GLUE", shop.kilo)
    shop.bom(table, (leg, "4", "3"), (glue, "0.0333", "2"))
    shop.order((table, "10"))
    assert dict(WorkOrderMaterial.objects.values_list("material__code", "quantity")) == {
        "LEG": Decimal(42),
        "GLUE": Decimal("0.340"),
    }


def test_a_base_quantity_divides_before_rounding(shop: Shop) -> None:
    """A BOM for 100 boards takes 3 kg of glue: 7 boards take 0.21 kg."""
    board, glue = shop.make("BOARD"), shop.buy("GLUE", shop.kilo)
    shop.bom(board, (glue, "3"), base="100")
    shop.order((board, "7"))
    assert WorkOrderMaterial.objects.get().quantity == Decimal("0.21")


def test_the_rounded_work_order_explodes_further(shop: Shop) -> None:
    """2.5 kg of paste are wanted of a paste made in whole pieces' steps: the batch unit is 1, so 3 are made and their
    3 x 2 = 6 powder are needed, not 5. The peg carries the 2.5 that the demand takes."""
    paint = shop.make("PAINT", shop.kilo)
    paste, powder = shop.make("PASTE"), shop.buy("POWDER")
    shop.bom(paint, (paste, "1"))
    shop.bom(paste, (powder, "2"))
    shop.order((paint, "2.5"))
    assert WorkOrderMaterial.objects.get(material=paste).quantity == Decimal(3)
    assert WorkOrderMaterial.objects.get(material=powder).quantity == Decimal(6)


def test_buying_keeps_the_minimum_in_whole_boxes_at_the_price_per_piece(shop: Shop) -> None:
    """23 handles are needed, boxes hold 10, a box costs 4.50, at least 4 boxes: 40 handles at 0.45, 23 of them pegged.
    The next order of 15 takes the 17 left; one more of 5 takes the last 2 and needs 3, so again 40."""
    door, handle = shop.make("DOOR"), shop.buy("HANDLE")
    shop.bom(door, (handle, "1"))
    shop.boxes(handle, 10)
    shop.price(handle, "4.50", shop.box, least="4")
    shop.order((door, "23"))
    assert bought() == [("HANDLE", Decimal(40), Decimal(23))]
    assert PurchaseOrderLine.objects.get().unit_price == Decimal("0.45")
    shop.order((door, "15"))
    assert bought() == [("HANDLE", Decimal(40), Decimal(38))]
    shop.order((door, "5"))
    assert bought() == [("HANDLE", Decimal(40), Decimal(40)), ("HANDLE", Decimal(40), Decimal(3))]


def test_a_supplier_who_sells_few_at_once_gets_several_lines(shop: Shop) -> None:
    """23 handles, boxes of 5, at most 2 boxes an order: 5 boxes in lines of 10, 10 and 5, pegs 10, 10 and 3."""
    door, handle = shop.make("DOOR"), shop.buy("HANDLE")
    shop.bom(door, (handle, "1"))
    shop.boxes(handle, 5)
    shop.price(handle, "5", shop.box, least="1", most="2")
    shop.order((door, "23"))
    assert bought() == [
        ("HANDLE", Decimal(10), Decimal(10)),
        ("HANDLE", Decimal(10), Decimal(10)),
        ("HANDLE", Decimal(5), Decimal(3)),
    ]


def test_the_preferred_supplier_goes_before_the_cheaper_one(shop: Shop) -> None:
    """Cheap asks 1, preferred 2 a piece."""
    door, handle = shop.make("DOOR"), shop.buy("HANDLE")
    shop.bom(door, (handle, "1"))
    shop.price(handle, "1")
    good = type(shop.supplier).objects.create(code="S2", name="Best", is_supplier=True, is_preferred=True)
    shop.price(handle, "2", supplier=good, days=9)
    shop.order((door, "1"))
    line = PurchaseOrderLine.objects.get()
    assert line.order.supplier == good
    assert line.due_at == NOW + dt.timedelta(days=9)


def test_without_a_supplier_a_planned_order_says_what_to_do(shop: Shop) -> None:
    """Nobody sells felt; lace is priced in boxes that nobody can convert."""
    cushion, felt, lace = shop.make("CUSHION"), shop.buy("FELT"), shop.buy("LACE")
    shop.bom(cushion, (felt, "2"), (lace, "1"))
    shop.price(lace, "3", shop.box)
    order = shop.order((cushion, "3"))
    problems = {row.material.code: (row.quantity, row.problem) for row in PlannedOrder.objects.all()}
    assert problems == {
        "FELT": (Decimal(6), "No supplier has a price for FELT: enter one, then order it"),
        "LACE": (
            Decimal(3),
            "The price of LACE is per a unit that has no conversion: enter the conversion, then order it",
        ),
    }
    planned = PlannedOrder.objects.get(material=felt)
    assert planned.pegs.get().work_order_material.work_order.sales_order_line.order == order
    bought = erp.order_planned(
        planned_order_id=planned.pk, supplier=shop.supplier, unit_price=Decimal(2), due_at=NOW, now=NOW
    )
    assert bought.lines.get().pegged_qty == Decimal(6)
    with pytest.raises(erp.AlreadyOrdered):
        erp.order_planned(
            planned_order_id=planned.pk, supplier=shop.supplier, unit_price=Decimal(2), due_at=NOW, now=NOW
        )


def test_a_traded_article_is_kept_or_bought_and_expected_then(shop: Shop) -> None:
    """Lamps: 5 on the shelf. The first order of 3 can leave at once: now + 2 h transport. The second of 4 keeps 2 and
    waits 5 days for 2."""
    lamp = shop.buy("LAMP")
    shop.price(lamp, "20", days=5)
    shop.stock(lamp, "5", "20")
    first = shop.order((lamp, "3")).lines.get()
    second = shop.order((lamp, "4")).lines.get()
    transport = dt.timedelta(hours=2)
    assert first.expected_at == NOW + transport
    assert second.expected_at == NOW + dt.timedelta(days=5) + transport
    assert list(Reservation.objects.order_by("id").values_list("sales_order_line", "quantity")) == [
        (first.pk, Decimal(3)),
        (second.pk, Decimal(2)),
    ]
    assert bought() == [("LAMP", Decimal(2), Decimal(2))]


def test_an_offer_explodes_as_the_order_is_confirmed(shop: Shop) -> None:
    """Table of two frames (each of steel) and a top (of board); one frame on the shelf. All is the same."""
    table, frame, top = shop.make("TABLE"), shop.make("FRAME"), shop.make("TOP")
    steel, board = shop.buy("STEEL", shop.kilo), shop.buy("BOARD")
    shop.bom(table, (frame, "2"), (steel, "0.1"), (top, "1"))
    shop.bom(frame, (steel, "2"))
    shop.bom(top, (board, "1", "5"))
    shop.price(steel, days=7), shop.price(board, days=3)
    shop.stock(frame, "1", "9")

    offered = erp_now.explode(plant_id=shop.plant.pk, material_id=table.pk, quantity=Decimal(5), now=NOW)
    order = shop.order((table, "5"))

    rows = WorkOrder.objects.filter(sales_order_line__order=order.pk).order_by("id").prefetch_related("operations")
    written = [
        (
            row.path,
            row.material_id,
            row.quantity,
            [(step.sequence, step.work_centre_id, step.run_min_per_unit) for step in row.operations.all()],
            [(need.material_id, need.quantity) for need in row.materials.all()],
        )
        for row in rows
    ]
    asked = [
        (
            make.path,
            make.material_id,
            make.quantity,
            [(step.sequence, step.work_centre_id, step.run_min_per_unit) for step in make.steps],
            [(need.material_id, need.quantity) for need in make.components],
        )
        for make in offered.work_orders
    ]
    assert asked == written
    assert [make.path for make in offered.work_orders] == ["1", "1.1", "1.2"]
    assert offered.work_orders[1].ready_at(10) == NOW + dt.timedelta(days=7)
    assert offered.work_orders[0].parent_path == ""


def test_an_offer_writes_nothing(shop: Shop) -> None:
    """Not a row of supply."""
    door, handle = shop.make("DOOR"), shop.buy("HANDLE")
    shop.bom(door, (handle, "1"))
    erp_now.explode(plant_id=shop.plant.pk, material_id=door.pk, quantity=Decimal(1), now=NOW)
    assert not WorkOrder.objects.exists()
    assert not PlannedOrder.objects.exists()


def test_what_cannot_be_made_here_is_refused(shop: Shop) -> None:
    """No routing in this plant: nothing is written."""
    order = shop.draft((shop.make("GHOST", routed=False), "1"))
    with pytest.raises(NoRouting, match="GHOST has no frozen routing"):
        erp.confirm_order(order_id=order.pk, now=NOW)
    order.refresh_from_db()
    assert order.confirmed_at is None
