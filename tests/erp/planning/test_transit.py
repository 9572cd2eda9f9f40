"""Goods on the way from another plant are supply there: nothing is planned twice, and who waits gets what arrives."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client

from erp import selectors as erp_now
from erp import services as erp
from erp.models import (
    ActionMessage,
    Peg,
    PlannedOrder,
    PurchaseOrder,
    PurchaseOrderLine,
    Reservation,
    StockBalance,
    Transfer,
)
from masterdata.errors import InvalidInput
from masterdata.models import Location, Material, MaterialPlant, Plant
from masterdata.records import change_record
from suite import audit
from tests.erp.planning.test_run import day, for_stock
from tests.erp.shop import NOW, Shop
from tests.erp.stock.test_transit import second_plant
from tests.erp.test_pages import become

D = Decimal


@pytest.fixture
def stool(shop: Shop) -> Material:
    """Bought here, moved from here to the second plant within two days; 12 lie here."""
    stool, other = shop.buy("STOOL"), second_plant(shop)
    shop.stock(stool, "12", "5")
    for_stock(shop, stool)
    MaterialPlant.objects.create(
        material=stool, plant=other, policy="to_stock", source_plant=shop.plant, lead_time_days=2
    )
    return stool


@pytest.fixture
def other(stool: Material) -> Plant:
    return Plant.objects.get(code="P2")


def run(*plants: Plant) -> None:
    """Plan until nobody has anything left to plan."""
    while any(erp.plan_changes(plant_id=plant.pk, now=NOW).changes for plant in plants):
        pass


def send(shop: Shop, stool: Material, other: Plant, quantity: str, **more: object) -> Transfer:
    row = StockBalance.objects.get(material=stool, plant=shop.plant)
    return erp.send_transfer(pieces=[erp.Piece(row.pk, D(quantity))], to_plant=other, now=NOW, **more)  # type: ignore[arg-type]


def boards_on_the_way(shop: Shop, quantity: str, *, days: int, buying: int) -> tuple[Material, Material, Transfer]:
    """A shelf, the board of which it takes two, and boards sent here that come in so many days; bought in `buying`."""
    shelf, board, other = shop.make("SHELF"), shop.buy("BOARD"), second_plant(shop)
    shop.price(board, days=buying)
    shop.bom(shelf, (board, "2"))
    there = Location.objects.get(plant=other, kind="stock")
    erp.receive_opening(rows=[erp.OpeningStock(board.pk, there.pk, D(quantity), D(4))], now=NOW)
    row = StockBalance.objects.get(material=board)
    expected = NOW + dt.timedelta(days=days)
    pieces = [erp.Piece(row.pk, D(quantity))]
    return shelf, board, erp.send_transfer(pieces=pieces, to_plant=shop.plant, expected_at=expected, now=NOW)


def ordered(shop: Shop, stool: Material, other: Plant, quantity: str) -> int:
    """An order for the other plant, planned there and here; its line."""
    order = shop.draft((stool, quantity))
    order.lines.update(plant=other)
    erp.confirm_order(order_id=order.pk, now=NOW)
    run(other, shop.plant)
    return order.lines.get().pk


def broken() -> list[str]:
    return [finding.invariant.name for finding in audit.findings() if not finding.holds]


def open_rows(other: Plant) -> list[tuple[Decimal, bool]]:
    """Planned orders of the other plant: quantity, and whether it is on the way."""
    rows = PlannedOrder.objects.filter(plant=other, closed_at=None).order_by("pk")
    return [(row.quantity, row.transfer_line_id is not None) for row in rows]


def test_what_has_left_is_not_planned_again(shop: Shop, stool: Material, other: Plant) -> None:
    """5 ordered there: 5 are to be moved. Once they have left the line waits for them, and neither plant wants more."""
    line = ordered(shop, stool, other, "5")
    assert open_rows(other) == [(5, False)]
    assert ActionMessage.objects.get(planned_order__plant=other).kind == "send"
    send(shop, stool, other, "5", expected_at=NOW + dt.timedelta(days=3))
    assert open_rows(other) == [(5, True)]
    assert Peg.objects.get(planned_order__plant=other).sales_order_line_id == line
    run(other, shop.plant)
    assert open_rows(other) == [(5, True)]
    assert PlannedOrder.objects.get(plant=other, closed_at=None).due_at.date() == day(3)
    assert not ActionMessage.objects.filter(planned_order__plant=other).exists()
    assert not PlannedOrder.objects.filter(plant=shop.plant).exists()
    assert broken() == []


def test_who_waits_gets_what_arrives_in_the_same_moment(shop: Shop, stool: Material, other: Plant) -> None:
    """Of 5 on the way 2 arrive: 2 are kept for the line and 3 are still on the way; then the rest."""
    line = ordered(shop, stool, other, "5")
    transfer = send(shop, stool, other, "5")
    part = transfer.lines.get()
    erp.receive_transfer(transfer_id=transfer.pk, lines=[(part.pk, D(2))], now=NOW)
    assert Reservation.objects.get(sales_order_line=line).quantity == 2
    assert open_rows(other) == [(3, True)]
    run(other, shop.plant)
    assert (open_rows(other), Peg.objects.get(sales_order_line=line).quantity) == ([(3, True)], 3)
    erp.receive_transfer(transfer_id=transfer.pk, now=NOW)
    assert sum(row.quantity for row in Reservation.objects.filter(sales_order_line=line)) == 5
    assert open_rows(other) == []
    run(other, shop.plant)
    assert (open_rows(other), Peg.objects.count()) == ([], 0)
    assert broken() == []


def test_a_part_that_leaves_takes_over_its_part(shop: Shop, stool: Material, other: Plant) -> None:
    """Of 5 to be moved 2 leave: 3 are to be moved. 6 more leave without being asked: 3 of them are for nobody yet."""
    ordered(shop, stool, other, "5")
    send(shop, stool, other, "2")
    assert open_rows(other) == [(3, False), (2, True)]
    assert sum(peg.quantity for peg in Peg.objects.filter(planned_order__plant=other)) == 5
    run(other, shop.plant)
    assert open_rows(other) == [(3, False), (2, True)]
    send(shop, stool, other, "6")
    run(other, shop.plant)
    assert open_rows(other) == [(2, True), (6, True)]
    assert sum(peg.quantity for peg in Peg.objects.filter(planned_order__plant=other)) == 5
    ordered(shop, stool, other, "3")
    assert open_rows(other) == [(2, True), (6, True)]
    assert broken() == []


def test_what_is_lost_on_the_way_is_moved_again(shop: Shop, stool: Material, other: Plant) -> None:
    ordered(shop, stool, other, "5")
    transfer = send(shop, stool, other, "5")
    erp.give_up_transfer(transfer_id=transfer.pk, note="The truck burnt", now=NOW)
    assert open_rows(other) == []
    run(other, shop.plant)
    assert open_rows(other) == [(5, False)]
    assert broken() == []


def test_what_is_on_the_way_is_neither_ordered_nor_given_back(shop: Shop, stool: Material, other: Plant) -> None:
    send(shop, stool, other, "5")
    row = PlannedOrder.objects.get(plant=other)
    with pytest.raises(erp.AlreadyOrdered):
        erp.order_planned(planned_order_id=row.pk, supplier=shop.supplier, unit_price=D(1), due_at=NOW, now=NOW)
    with pytest.raises(erp.NotProposed, match="receive the transfer"):
        erp.firm_planned_order(planned_order_id=row.pk, is_firm=False)


def test_the_page_proposes_what_to_send(shop: Shop, stool: Material, other: Plant, client: Client) -> None:
    """The planned transfer's page leads to a form with the row of stock, the 5 of its 12, the plant and the day."""
    ordered(shop, stool, other, "5")
    planned = PlannedOrder.objects.get(plant=other)
    row = StockBalance.objects.get(material=stool, plant=shop.plant)
    url = f"/stock/transfers/send/?planned={planned.pk}"
    warehouse = become(client, "warehouse", shop.plant)
    form = warehouse.get(url).context["form"]
    assert form[f"row_{row.pk}"].value() == "5"
    assert form["to_plant"].value() == other.pk
    answer = warehouse.post(url, {f"row_{row.pk}": "5", "to_plant": other.pk, "key": "send-1"})
    assert answer.status_code == 302
    assert open_rows(other) == [(5, True)]


def test_an_order_counts_on_what_is_on_the_way(shop: Shop) -> None:
    """Made to order here from two boards; three boards come from the other plant: two of them are the order's.

    What arrives is kept for it, and nothing is bought. Available to promise of a board order names the transfer.
    """
    shelf, board, transfer = boards_on_the_way(shop, "3", days=2, buying=9)
    expected = NOW + dt.timedelta(days=2)
    draft = shop.draft((board, "1"))
    (line,) = erp_now.available_to_promise(order_id=draft.pk, now=NOW)
    assert [(part.source, part.quantity, part.at, part.number) for part in line.parts] == [
        ("transfer", 1, expected, transfer.number)
    ]
    order = shop.order((shelf, "1"))
    assert not PurchaseOrder.objects.exists()
    peg = Peg.objects.get(work_order_material__work_order__sales_order_line__order=order)
    assert (peg.planned_order.transfer_line.transfer, peg.quantity) == (transfer, 2)  # type: ignore[union-attr]
    run(shop.plant)
    assert broken() == []
    erp.confirm_order(order_id=draft.pk, now=NOW)
    assert not PurchaseOrder.objects.exists()
    erp.receive_transfer(transfer_id=transfer.pk, now=NOW)
    assert sorted(row.quantity for row in Reservation.objects.all()) == [1, 2]
    assert not PlannedOrder.objects.filter(closed_at=None).exists()
    assert broken() == []


def test_an_order_does_not_wait_for_goods_that_come_after_it_could_buy_them(shop: Shop) -> None:
    """Ten boards come in two hundred days, a supplier brings them in five: they are bought instead."""
    shelf, board, _ = boards_on_the_way(shop, "10", days=200, buying=5)
    (line,) = erp_now.available_to_promise(order_id=shop.draft((board, "1")).pk, now=NOW)
    assert [part.source for part in line.parts] == ["lead_time"]
    shop.order((shelf, "1"))
    assert PurchaseOrderLine.objects.get().quantity == 2
    assert not Peg.objects.filter(planned_order__isnull=False).exists()
    assert broken() == []


def test_who_waits_for_goods_on_the_way_that_are_late_hurries_them(shop: Shop, stool: Material, other: Plant) -> None:
    """5 for Friday 20 March are expected on Tuesday 31 March: somebody is told to hurry them."""
    ordered(shop, stool, other, "5")
    send(shop, stool, other, "5", expected_at=NOW + dt.timedelta(days=29))
    run(other, shop.plant)
    message = ActionMessage.objects.get(planned_order__plant=other)
    assert (message.kind, message.from_on, message.to_on) == ("expedite", dt.date(2026, 3, 31), dt.date(2026, 3, 20))


def test_the_plant_that_sends_is_told_so(shop: Shop, stool: Material, other: Plant, client: Client) -> None:
    """Who sees only the first plant sees what it is to send to the second, and opens it; the second's people too."""
    ordered(shop, stool, other, "5")
    row = PlannedOrder.objects.get(plant=other)
    for plant in (shop.plant, other):
        buyer = become(client, "buyer", plant, everywhere=False)
        assert "Leaves by" in buyer.get("/supply/?kind=send").content.decode()
        assert buyer.get(f"/supply/planned/{row.pk}/").status_code == 200
    third = Plant.objects.create(company=shop.company, code="P3", name="Third", calendar=shop.plant.calendar)
    stranger = become(client, "buyer", third, everywhere=False)
    assert "Leaves by" not in stranger.get("/supply/?kind=send").content.decode()
    assert stranger.get(f"/supply/planned/{row.pk}/").status_code == 404


def test_what_cannot_be_sent_is_refused(shop: Shop, stool: Material, other: Plant) -> None:
    """A day that has passed; a planned order of something else; a blocked lot."""
    with pytest.raises(InvalidInput, match="has passed"):
        send(shop, stool, other, "1", expected_at=NOW - dt.timedelta(days=2))
    with pytest.raises(InvalidInput, match="no planned transfer"):
        send(shop, stool, other, "1", planned_order_ids=[999])
    oil = shop.buy("OIL")
    oil.tracking = "lot"
    oil.save()
    lot = erp.ensure_lot(material=oil, number="L1", now=NOW)
    erp.receive_opening(rows=[erp.OpeningStock(oil.pk, shop.shelf.pk, D(3), D(1), lot.pk)], now=NOW)
    type(lot).objects.filter(pk=lot.pk).update(is_blocked=True, blocked_because="Smells")
    with pytest.raises(InvalidInput, match="Smells"):
        send(shop, oil, other, "1")


def test_plants_supply_each_other_in_no_circle(shop: Shop, stool: Material, other: Plant) -> None:
    """The second plant gets stools from the first: the first can't get them from there."""
    values = {"material": stool, "plant": shop.plant, "source_plant": other, "policy": "to_stock"}
    row = MaterialPlant.objects.get(material=stool, plant=shop.plant)
    with pytest.raises(InvalidInput, match="choose another") as refused:
        change_record(record=row, values=values)
    assert refused.value.field == "source_plant"


def test_what_an_order_counted_on_and_was_lost_is_bought(shop: Shop) -> None:
    shelf, _, transfer = boards_on_the_way(shop, "2", days=0, buying=9)
    shop.order((shelf, "1"))
    erp.give_up_transfer(transfer_id=transfer.pk, note="Gone", now=NOW)
    run(shop.plant)
    assert [(row.kind, row.quantity) for row in PlannedOrder.objects.filter(closed_at=None)] == [("buy", 2)]
    assert broken() == []
