"""Making a line in another plant: let go of in the first on all levels, supplied anew in the other."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import (
    CostEstimate,
    PurchaseOrder,
    Reservation,
    SalesOrder,
    SalesOrderLine,
    StockBalance,
    WorkOrder,
    WorkOrderOperation,
)
from masterdata import services as masters
from masterdata.errors import StaleVersion
from masterdata.models import Company, FactRecord, Location, Machine, Material, Plant, Warehouse, WorkCentre
from tests.api.conftest import make_caller
from tests.erp import workbench
from tests.erp.shop import NOW, Shop

D = Decimal


def second_plant(shop: Shop) -> Plant:
    """P2, four hours from the customer; its saw costs 20 an hour instead of 60."""
    plant = Plant.objects.create(
        company=shop.company, code="P2", name="Second plant", calendar=shop.plant.calendar, transport_min=240
    )
    warehouse = Warehouse.objects.create(plant=plant, code="W2", name="Main", is_main=True)
    for kind in Location.Kind.values:
        inside = warehouse if kind in (Location.Kind.STOCK, Location.Kind.QUARANTINE) else None
        Location.objects.create(
            plant=plant, warehouse=inside, code=f"{kind.upper()}2", name=kind, kind=kind, is_default=True
        )
    saw = WorkCentre.objects.create(
        plant=plant, code="SAW", name="Saw", calendar=plant.calendar, machine_rate=D(20), labour_rate=D(30)
    )
    Machine.objects.create(work_centre=saw, code="SAW-9", name="Saw nine")
    erp.open_buying(plant=plant)
    return plant


def routed(material: Material, plant: Plant) -> None:
    """Made there as in the first plant."""
    saw = WorkCentre.objects.get(plant=plant, code="SAW")
    steps = [masters.OperationInput(10, "Saw", saw.pk, D(2), D(10))]
    masters.freeze_routing(
        routing_id=masters.write_routing(material_id=material.pk, plant_id=plant.pk, operations=steps).pk, now=NOW
    )


def table(shop: Shop, plant: Plant) -> tuple[Material, Material, Material]:
    """A table of one frame of two boards, made in both plants; boards are bought."""
    product, frame, board = shop.make("TABLE"), shop.make("FRAME"), shop.buy("BOARD")
    shop.bom(product, (frame, "1"))
    shop.bom(frame, (board, "2"))
    shop.price(board)
    routed(product, plant)
    routed(frame, plant)
    return product, frame, board


def move(order: SalesOrder, plant: Plant) -> SalesOrderLine:
    line = order.lines.order_by("line_no").first()
    assert line is not None
    return erp.move_line(line_id=line.pk, plant_id=plant.pk, now=NOW, reason="No room")


def test_all_that_was_kept_and_ordered_goes_and_comes_anew(shop: Shop) -> None:
    """2 tables need 4 boards: 3 in stock and 1 ordered in the first plant, 1 in stock and 3 ordered in the second."""
    plant = second_plant(shop)
    product, _frame, board = table(shop, plant)
    shop.stock(board, "3")
    shelf = Location.objects.get(plant=plant, kind=Location.Kind.STOCK)
    erp.receive_opening(rows=[erp.OpeningStock(board.pk, shelf.pk, D(1), D(1))], now=NOW)
    order = shop.order((product, "2", "100"))
    promised = SalesOrderLine.objects.get(order=order).promised_at
    line = move(order, plant)
    assert (line.plant_id, line.promised_at, line.expected_at) == (plant.pk, promised, None)
    work = {(one.plant.code, one.material.code): one.state for one in WorkOrder.objects.select_related("plant")}
    assert work == {
        ("P1", "TABLE"): "cancelled",
        ("P1", "FRAME"): "cancelled",
        ("P2", "TABLE"): "firm",
        ("P2", "FRAME"): "firm",
    }
    assert {row.plant.code: row.reserved for row in StockBalance.objects.filter(material=board)} == {"P1": 0, "P2": 1}
    assert Reservation.objects.get(quantity__gt=0).quantity == 1
    bought = {one.plant.code: one for one in PurchaseOrder.objects.select_related("plant")}
    assert bought["P1"].cancelled_at is not None
    second = bought["P2"].lines.get()
    assert (second.quantity, second.pegged_qty) == (3, 3)
    fact = FactRecord.objects.get(kind="LineMoved")
    assert fact.payload["text"] == f"Line {line.line_no} of {order.number} from First plant to Second plant: No room"


def test_the_expected_cost_follows(shop: Shop) -> None:
    """2 tables at 10 + 2 x 2 = 14 minutes: 90 an hour make 21 in the first plant, 50 make 11.67 in the second."""
    plant = second_plant(shop)
    product = shop.make("TABLE")
    routed(product, plant)
    order = shop.order((product, "2", "100"))
    move(order, plant)
    totals = [one.total for one in CostEstimate.objects.filter(sales_order=order).order_by("pk")]
    assert [totals[0], totals[-1]] == [D("21.00"), D("11.67")]


def test_what_another_line_waits_for_stays_ordered(shop: Shop) -> None:
    """Two lines of 1 table each: 4 boards in one purchase. One line goes: its 2 are free, the other's 2 are its own."""
    plant = second_plant(shop)
    product, _frame, board = table(shop, plant)
    order = shop.order((product, "1"), (product, "1"))
    move(order, plant)
    first = PurchaseOrder.objects.get(plant=shop.plant)
    assert first.cancelled_at is None
    assert (first.lines.get().quantity, first.lines.get().pegged_qty) == (4, 2)
    assert PurchaseOrder.objects.get(plant=plant).lines.get(material=board).pegged_qty == 2
    assert WorkOrder.objects.filter(plant=shop.plant, state="firm").count() == 2


def test_there_and_back_again(shop: Shop) -> None:
    plant = second_plant(shop)
    product, _frame, _board = table(shop, plant)
    order = shop.order((product, "2"))
    move(order, plant)
    line = erp.move_line(line_id=order.lines.get().pk, plant_id=shop.plant.pk, now=NOW)
    assert line.plant_id == shop.plant.pk
    firm = WorkOrder.objects.filter(state="firm")
    assert set(firm.values_list("plant", flat=True)) == {shop.plant.pk}
    assert firm.count() == 2


def test_goods_that_are_not_made_leave_from_there(shop: Shop) -> None:
    """5 lamps lie in the second plant: they are kept there, and arrive four hours later."""
    plant = second_plant(shop)
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "5")
    shelf = Location.objects.get(plant=plant, kind=Location.Kind.STOCK)
    erp.receive_opening(rows=[erp.OpeningStock(lamp.pk, shelf.pk, D(5), D(1))], now=NOW)
    order = shop.order((lamp, "5"))
    line = move(order, plant)
    line.refresh_from_db()
    assert line.expected_at is not None
    assert (line.expected_at - NOW).total_seconds() == 4 * 3600
    assert {row.plant.code: row.reserved for row in StockBalance.objects.filter(material=lamp)} == {"P1": 0, "P2": 5}


def test_begun_work_stays(shop: Shop) -> None:
    plant = second_plant(shop)
    product, frame, board = table(shop, plant)
    shop.stock(board, "4")
    order = shop.order((product, "2"))
    work = WorkOrder.objects.get(material=frame)
    workbench.report(work, 10, "1", now=NOW)
    with pytest.raises(erp.WorkIsUnderWay, match=work.number):
        move(order, plant)
    assert order.lines.get().plant_id == shop.plant.pk


def test_finished_work_stays(shop: Shop) -> None:
    plant = second_plant(shop)
    product = shop.make("TABLE")
    routed(product, plant)
    order = shop.order((product, "2"))
    workbench.report(WorkOrder.objects.get(), 10, "2", now=NOW, finish=True)
    with pytest.raises(erp.WorkIsUnderWay):
        move(order, plant)


def test_what_a_supplier_has_confirmed_stays(shop: Shop) -> None:
    """Nothing is changed, not even the work that was let go of before."""
    plant = second_plant(shop)
    product, _frame, _board = table(shop, plant)
    order = shop.order((product, "2"))
    bought = PurchaseOrder.objects.get()
    erp.confirm_purchase_date(line_id=bought.lines.get().pk, confirmed_at=NOW + dt.timedelta(days=4), now=NOW)
    with pytest.raises(erp.BoughtForIt, match="another place of delivery"):
        move(order, plant)
    assert WorkOrder.objects.filter(state="firm", plant=shop.plant).count() == 2


def test_a_plant_that_cannot_make_it_is_refused(shop: Shop) -> None:
    plant = second_plant(shop)
    order = shop.order((shop.make("TABLE"), "2"))
    with pytest.raises(erp.NoRouting):
        move(order, plant)


def test_what_cannot_move_says_why(shop: Shop) -> None:
    plant = second_plant(shop)
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "5")
    draft = shop.draft((lamp, "1"))
    with pytest.raises(erp.StaysInPlant, match="not a confirmed one"):
        move(draft, plant)
    order = shop.order((lamp, "2"))
    line = order.lines.get()
    with pytest.raises(erp.StaysInPlant, match="already"):
        move(order, shop.plant)
    other = Company.objects.create(code="ELM", name="Elm", currency=shop.euro)
    foreign = Plant.objects.create(company=other, code="P3", name="Third", calendar=plant.calendar)
    with pytest.raises(erp.StaysInPlant, match="another company"):
        move(order, foreign)
    with pytest.raises(StaleVersion):
        erp.move_line(line_id=line.pk, plant_id=plant.pk, now=NOW, expected_version=order.version + 1)
    packed = erp.pack_shipment(order_id=order.pk, lines=[(line.pk, D(1))], now=NOW)
    with pytest.raises(erp.StaysInPlant, match="is packed"):
        move(order, plant)
    erp.ship(shipment_id=packed.pk, now=NOW)
    with pytest.raises(erp.StaysInPlant, match="has left"):
        move(order, plant)
    assert not WorkOrderOperation.objects.exists()


def test_a_program_moves_a_line(shop: Shop) -> None:
    """With the version of the order; who may not confirm orders there may not move it there."""
    plant = second_plant(shop)
    product, _frame, _board = table(shop, plant)
    order = shop.order((product, "2"))
    line = order.lines.get()
    address = f"erp/sales-orders/{order.pk}/move-line/"
    body = {"line": line.pk, "plant": plant.pk, "reason": "No room"}
    here = make_caller(shop.company, "sales", plant=shop.plant)
    assert here.post(address, body).status_code in (400, 403)
    everywhere = make_caller(shop.company, "sales")
    assert everywhere.post(address, {**body, "line": line.pk + 1}).status_code in (400, 409)
    answer = everywhere.post(address, body)
    assert answer.status_code == 200, answer.content
    line.refresh_from_db()
    assert line.plant_id == plant.pk
