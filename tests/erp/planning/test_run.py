"""Planning runs: netting by day, lots, lead times, components by the lot, what is firm, what keeps its number."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from erp import services as erp
from erp.models import ActionMessage, MaterialChange, Peg, PlannedOrder, Reservation, WorkOrder
from masterdata.models import Material, MaterialPlant
from tests.erp.shop import NOW, Shop

TODAY = NOW.date()  # Monday 2 March 2026; the shop works every day and is at UTC


def for_stock(shop: Shop, material: Material, **figures: Any) -> MaterialPlant:
    """Planned for stock with these figures."""
    return MaterialPlant.objects.create(
        material=material, plant=shop.plant, policy=MaterialPlant.Policy.TO_STOCK, **figures
    )


def plan(shop: Shop, now: dt.datetime = NOW) -> erp.Planned:
    return erp.plan_changes(plant_id=shop.plant.pk, now=now)


def regenerate(shop: Shop, now: dt.datetime = NOW) -> erp.Planned:
    return erp.plan_materials(plant_id=shop.plant.pk, now=now)


def work(shop: Shop, material: Material) -> list[tuple[str, Decimal, dt.date | None, dt.date | None]]:
    """Work for stock: state, quantity, start by, needed on."""
    rows = WorkOrder.objects.filter(material=material, sales_order_line=None).order_by("needed_on", "id")
    return [(one.state, one.quantity, one.start_by_on, one.needed_on) for one in rows]


def planned(shop: Shop, material: Material) -> list[tuple[Decimal, dt.date | None, dt.date]]:
    """Planned orders: quantity, order by, due."""
    rows = PlannedOrder.objects.filter(material=material, closed_at=None).order_by("due_at", "id")
    return [(one.quantity, one.order_by_on, one.due_at.date()) for one in rows]


def day(count: int) -> dt.date:
    return TODAY + dt.timedelta(days=count)


@pytest.fixture
def table(shop: Shop) -> tuple[Material, Material, Material]:
    """A table of 4 legs and 2.5 kg of board with 10 % scrap; a leg of 0.5 kg; all for stock, leads 5, 3 and 4 days."""
    table, leg, board = shop.make("TABLE"), shop.make("LEG"), shop.buy("BOARD", shop.kilo)
    shop.price(board, days=4)
    shop.bom(leg, (board, "0.5"))
    shop.bom(table, (leg, "4"), (board, "2.5", "10"))
    for_stock(shop, table, lead_time_days=5)
    for_stock(shop, leg, lead_time_days=3)
    for_stock(shop, board)
    return table, leg, board


def test_all_levels_are_planned_by_day(shop: Shop, table: tuple[Material, Material, Material]) -> None:
    """6 tables for Friday 20 March (transport 2 h): start by Sunday 15; 24 legs for the 15th, start by the 12th.

    Board: 6 x 2.5 / 0.9 = 16.667 kg for the 15th and 24 x 0.5 = 12 kg for the 12th, ordered four days before, by
    the whole kilogram.
    """
    goods, leg, board = table
    order = shop.order((goods, "6"))
    assert WorkOrder.objects.count() == 0
    plan(shop)
    assert work(shop, goods) == [("proposed", Decimal(6), dt.date(2026, 3, 15), dt.date(2026, 3, 20))]
    assert work(shop, leg) == [("proposed", Decimal(24), dt.date(2026, 3, 12), dt.date(2026, 3, 15))]
    assert planned(shop, board) == [
        (Decimal(12), dt.date(2026, 3, 8), dt.date(2026, 3, 12)),
        (Decimal(17), dt.date(2026, 3, 11), dt.date(2026, 3, 15)),
    ]
    line = order.lines.get()
    assert line.expected_at == dt.datetime(2026, 3, 21, 2, tzinfo=dt.UTC)
    assert {(peg.sales_order_line_id, peg.quantity) for peg in Peg.objects.filter(work_order__material=goods)} == {
        (line.pk, Decimal(6))
    }
    assert set(ActionMessage.objects.values_list("kind", "quantity")) == {
        ("order", Decimal(12)),
        ("order", Decimal(17)),
    }


def test_the_same_run_again_changes_nothing(shop: Shop, table: tuple[Material, Material, Material]) -> None:
    shop.order((table[0], "6"))
    assert plan(shop).changes > 0
    assert not MaterialChange.objects.exists()
    assert regenerate(shop).changes == 0
    assert plan(shop).changes == 0


def test_stock_above_the_safety_stock_is_kept_for_the_earliest(shop: Shop) -> None:
    """10 in stock, 4 for safety: the order gets 6 at once, planning makes the missing 2."""
    stool = shop.make("STOOL")
    for_stock(shop, stool, safety_stock=Decimal(4), lead_time_days=2)
    shop.stock(stool, "10")
    order = shop.order((stool, "8"))
    plan(shop)
    assert Reservation.objects.get().quantity == 6
    assert work(shop, stool) == [("proposed", Decimal(2), dt.date(2026, 3, 18), dt.date(2026, 3, 20))]
    shop.stock(stool, "2")
    plan(shop)
    assert work(shop, stool) == []
    assert sum(row.quantity for row in Reservation.objects.filter(sales_order_line__order=order)) == 8


def test_below_safety_stock_is_made_up_and_told(shop: Shop) -> None:
    """Nothing there, 5 kept for safety: begun today, and a message says that 5 are missing."""
    stool = shop.make("STOOL")
    shop.bom(stool, (shop.buy("WOOD"), "1"))
    for_stock(shop, stool, safety_stock=Decimal(5), lead_time_days=2)
    plan(shop)
    assert work(shop, stool) == [("firm", Decimal(5), TODAY, day(2))]
    message = ActionMessage.objects.get(kind="below_safety")
    assert (message.quantity, message.to_on) == (Decimal(5), TODAY)
    shop.stock(stool, "5")
    plan(shop)
    assert not ActionMessage.objects.filter(kind="below_safety").exists()
    assert ActionMessage.objects.get(material=stool).kind == "cancel"


@pytest.mark.parametrize(
    ("figures", "quantities"),
    [
        ({}, [7]),
        ({"lot_rule": "multiple", "lot_qty": Decimal(5)}, [10]),
        ({"lot_rule": "minimum", "lot_qty": Decimal(12)}, [12]),
        ({"lot_rule": "minimum", "lot_qty": Decimal(3)}, [7]),
        ({"max_lot": Decimal(3)}, [3, 3, 1]),
        ({"lot_rule": "multiple", "lot_qty": Decimal(2), "max_lot": Decimal(5)}, [4, 4]),
        ({"scrap_percent": Decimal(20)}, [9]),
        ({"scrap_percent": Decimal(20), "lot_rule": "multiple", "lot_qty": Decimal(6)}, [12]),
    ],
)
def test_lot_rules(shop: Shop, figures: dict[str, Any], quantities: list[int]) -> None:
    """7 are needed. With 20 % scrap: 7 / 0.8 = 8.75, so 9 go in; with lots of 6 then 12."""
    stool = shop.make("STOOL")
    for_stock(shop, stool, lead_time_days=2, **figures)
    shop.order((stool, "7"))
    plan(shop)
    assert [row[1] for row in work(shop, stool)] == quantities


def test_a_period_of_supply_merges_what_its_days_need(shop: Shop) -> None:
    """Needs of 3, 4 and 5 on the 20th, 24th and 27th; seven days from the 20th cover the first two."""
    stool = shop.make("STOOL")
    for_stock(shop, stool, lead_time_days=2, lot_rule="period", period_days=7)
    for quantity, wanted in (("3", 20), ("4", 24), ("5", 27)):
        order = shop.draft((stool, quantity))
        order.lines.update(wanted_on=dt.date(2026, 3, wanted))
        erp.confirm_order(order_id=order.pk, now=NOW)
    plan(shop)
    assert [(row[1], row[3]) for row in work(shop, stool)] == [
        (Decimal(7), dt.date(2026, 3, 20)),
        (Decimal(5), dt.date(2026, 3, 27)),
    ]


def test_a_start_in_the_past_is_today_with_a_message(shop: Shop) -> None:
    """Wanted in 18 days, 30 days to come: ordered today, there 30 days from today, and it says since when."""
    board = shop.buy("BOARD")
    shop.price(board, days=30)
    for_stock(shop, board)
    order = shop.order((board, "4"))
    plan(shop)
    assert planned(shop, board) == [(Decimal(4), TODAY, day(30))]
    late = ActionMessage.objects.get(kind="redated")
    assert (late.from_on, late.to_on) == (day(18 - 30), TODAY)
    assert order.lines.get().expected_at == dt.datetime(2026, 4, 2, 2, tzinfo=dt.UTC)
    tomorrow = NOW + dt.timedelta(days=1)
    plan(shop, tomorrow)
    assert planned(shop, board) == [(Decimal(4), day(1), day(31))]


def test_a_proposal_keeps_its_number_while_something_like_it_is_wanted(
    shop: Shop, table: tuple[Material, Material, Material]
) -> None:
    """6 tables, then 3 more for the same day: one work order of 9 under the old number, 36 legs likewise."""
    goods, leg, _ = table
    shop.order((goods, "6"))
    plan(shop)
    numbers = set(WorkOrder.objects.values_list("number", flat=True))
    more = shop.order((goods, "3"))
    plan(shop)
    assert [row[1] for row in work(shop, goods)] == [Decimal(9)]
    assert [row[1] for row in work(shop, leg)] == [Decimal(36)]
    assert set(WorkOrder.objects.values_list("number", flat=True)) == numbers
    more.lines.update(wanted_on=dt.date(2026, 3, 25))
    plan(shop)
    assert [(row[1], row[3]) for row in work(shop, goods)] == [
        (Decimal(6), dt.date(2026, 3, 20)),
        (Decimal(3), dt.date(2026, 3, 25)),
    ]
    assert regenerate(shop).changes == 0


def test_firm_work_stays_and_what_should_change_is_told(shop: Shop, table: tuple[Material, Material, Material]) -> None:
    """6 tables firm for the 20th; then the order is wanted on the 10th: expedite; on the 30th: defer; gone: cancel."""
    goods, _, _ = table
    order = shop.order((goods, "6"))
    plan(shop)
    firm = WorkOrder.objects.get(material=goods)
    erp.firm_work_order(work_order_id=firm.pk, now=NOW)
    plan(shop)
    for wanted, kind in ((10, "expedite"), (30, "defer")):
        order.lines.update(wanted_on=dt.date(2026, 3, wanted))
        plan(shop)
        assert work(shop, goods) == [("firm", Decimal(6), dt.date(2026, 3, 15), dt.date(2026, 3, 20))]
        message = ActionMessage.objects.get(work_order=firm)
        assert (message.kind, message.quantity) == (kind, Decimal(6))
        assert (message.from_on, message.to_on) == (dt.date(2026, 3, 20), dt.date(2026, 3, wanted))
    order.cancelled_at = NOW
    order.save()
    plan(shop)
    assert ActionMessage.objects.get(work_order=firm).kind == "cancel"
    assert regenerate(shop).changes == 0


def test_an_open_purchase_line_is_taken_before_anything_is_ordered(shop: Shop) -> None:
    """10 on order for nobody; 4 needed: pegged. The supplier comes later than needed: expedite."""
    board = shop.buy("BOARD")
    shop.price(board, days=5)
    for_stock(shop, board)
    bought = erp.create_purchase_order(
        plant=shop.plant,
        supplier=shop.supplier,
        lines=[erp.PurchaseLineInput(board.pk, Decimal(10), Decimal(1), NOW + dt.timedelta(days=10))],
        now=NOW,
    )
    shop.order((board, "4"))
    plan(shop)
    line = bought.lines.get()
    assert line.pegged_qty == 4
    assert planned(shop, board) == []
    erp.confirm_purchase_date(line_id=line.pk, confirmed_at=NOW + dt.timedelta(days=25))
    plan(shop)
    message = ActionMessage.objects.get()
    assert (message.kind, message.from_on, message.to_on) == ("expedite", day(25), day(18))
    erp.receive_purchase(purchase_order_id=bought.pk, now=NOW)
    assert Reservation.objects.get().quantity == 4
    plan(shop)
    assert not ActionMessage.objects.exists()
    assert regenerate(shop).changes == 0


def test_what_another_plant_supplies_is_a_transfer_and_a_demand_there(shop: Shop) -> None:
    """The second plant's 5 come from the first, two days on the way; there they are made for the day they leave."""
    other = type(shop.plant).objects.create(
        company=shop.company, code="P2", name="Second plant", calendar=shop.plant.calendar, transport_min=120
    )
    stool = shop.make("STOOL")
    for_stock(shop, stool, lead_time_days=3)
    MaterialPlant.objects.create(
        material=stool, plant=other, policy="to_stock", source_plant=shop.plant, lead_time_days=2
    )
    order = shop.draft((stool, "5"))
    order.lines.update(plant=other)
    erp.confirm_order(order_id=order.pk, now=NOW)
    erp.plan_changes(plant_id=other.pk, now=NOW)
    transfer = PlannedOrder.objects.get()
    assert (transfer.kind, transfer.quantity, transfer.order_by_on) == ("transfer", Decimal(5), dt.date(2026, 3, 18))
    plan(shop)
    assert work(shop, stool) == [("proposed", Decimal(5), dt.date(2026, 3, 15), dt.date(2026, 3, 18))]
    assert Peg.objects.get(work_order__material=stool).transfer_id == transfer.pk
