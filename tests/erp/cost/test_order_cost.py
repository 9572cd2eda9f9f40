"""Cost per order as it happens: two levels made to order, its estimate, and what a product would cost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import Sum

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, CostEntry, CostEstimate, SalesOrder
from masterdata.causes import Cause
from tests.erp.workbench import make, order_line, report, spec, step, wip, worth
from tests.factories import NOW, Factory, bom, centre, factory, material, routing, stock

pytestmark = pytest.mark.django_db

Role = Account.Role


def furniture() -> Factory:
    """TABLE of 1 FRAME and 4 LEG; FRAME of 3 BAR. SAW: 60 machine and 30 labour an hour, ASM: 24 labour."""
    shop = factory()
    for code, cost in (("BAR", "2"), ("LEG", "1")):
        material(shop, code, standard_cost=cost)
    material(shop, "FRAME", supply="make")
    material(shop, "TABLE", supply="make", list_price="80")
    centre(shop, "SAW", machine_rate="60", labour_rate="30", machines=2)
    centre(shop, "ASM", labour_rate="24")
    return shop


def two_levels(shop: Factory) -> tuple[int, list]:
    """An order of 10 tables: 10 frames of 30 bars, sawn 4 min each; 10 tables of 40 legs, assembled 5 min each."""
    line = order_line(shop, "TABLE", "10", price="80")
    orders = make(
        spec(shop, "TABLE", "10", [("ASM", "0", "5")], [("FRAME", "10", 10), ("LEG", "40", 10)], line=line),
        spec(shop, "FRAME", "10", [("SAW", "20", "4")], [("BAR", "30", 10)], line=line, path="1.1"),
    )
    return line.order_id, orders


def test_planned_costs_roll_up() -> None:
    """FRAME: 30 x 2 + 60 min x 90/h = 150, 15 a piece. TABLE: 150 + 40 x 1 + 50 min x 24/h = 210, 21 a piece."""
    shop = furniture()
    _, (table, frame) = two_levels(shop)
    assert (frame.planned_unit_cost, table.planned_unit_cost) == (15, 21)


def test_value_flows_from_part_to_product_and_the_order_has_cost_what_was_incurred() -> None:
    """Bars in stock at 2.50, legs at 1.00.

    FRAME: planned 75.00 of bars + 60 min x 90/h, 16.50 a piece; really 75.00 + 80 min (40.00 + 80.00) = 195.00.
    Out in two reports: 6 x 16.50 = 99.00 (WIP then holds 6/10 of the bars, 45.00, and 60 min, 90.00), the rest 96.00.
    TABLE: frames 195.00 (transfer) + 40 legs 40.00 + 45 min 18.00 = 253.00.
    Incurred: bars 75 + legs 40 = 115.00 material, 40 + 18 = 58.00 labour, 80.00 machine: 253.00 = value of the 10
    tables.
    """
    shop = furniture()
    stock(shop, "BAR", "100", "2.5")
    stock(shop, "LEG", "100", "1")
    order_id, (table, frame) = two_levels(shop)
    assert report(frame, 10, "6", minutes="60").output_value == 99
    assert report(frame, 10, "4", minutes="20").output_value == 96
    assert worth(shop, "FRAME", order_id) == (10, 195)
    assert report(table, 10, "10", minutes="45").output_value == 253
    assert worth(shop, "FRAME", order_id) == (0, 0)
    assert worth(shop, "TABLE", order_id) == (10, 253)
    cost = erp_now.order_cost(order_id)
    assert {key: amount for key, amount in cost.incurred.items() if amount} == {
        "material": 115,
        "labour": 58,
        "machine": 80,
    }
    assert cost.incurred_total == 253
    assert (cost.revenue, cost.margin) == (800, 547)
    assert (wip(table), wip(frame)) == (0, 0)
    entries = CostEntry.objects.filter(sales_order=order_id)
    assert entries.aggregate(sum=Sum("amount"))["sum"] == 0
    assert erp_now.account_balance(shop.company, Role.WIP, order_id=order_id) == 0
    assert erp_now.account_balance(shop.company, Role.INVENTORY, order_id=order_id) == 253


def confirmed(order_id: int) -> None:
    SalesOrder.objects.filter(pk=order_id).update(confirmed_at=NOW)


def test_the_estimate_is_incurred_plus_what_is_left_and_a_version_only_when_it_changes() -> None:
    """Nothing in stock, so standard cost: bars 60 + legs 40 = 100 material. SAW 20 + 40 = 60 min, ASM 50 min.

    Labour 30.00 + 20.00 = 50.00, machine 60.00: 210.00. Asked again: the same. Then 5 frames with 20 min: bars at 3.00,
    15 x 3 = 45.00 incurred and 15 x 3 to come; labour 10.00, machine 20.00 incurred. Setup is over: 5 x 4 = 20 min to
    come, 10.00 and 20.00. Material 90 + 40 = 130, labour 20 + 20 = 40, machine 40: again 210.00, so no version.
    """
    shop = furniture()
    order_id, (_, frame) = two_levels(shop)
    confirmed(order_id)
    assert len(erp.estimate_orders(order_ids=[order_id], cause=Cause("order", "Confirmed"), now=NOW)) == 1
    first = CostEstimate.objects.get()
    assert (first.material, first.labour, first.machine, first.total) == (100, 50, 60, 210)
    assert (first.version_no, first.cause) == (1, "Confirmed")
    assert erp.reestimate_costs(plant_id=shop.plant.pk, cause=Cause("planner", "Again")) == []
    stock(shop, "BAR", "100", "3")
    report(frame, 10, "5", minutes="20")
    assert erp.reestimate_costs(plant_id=shop.plant.pk, cause=Cause("planner", "Progress")) == []
    report(frame, 10, "5", minutes="30")
    assert [row.total for row in erp.reestimate_costs(plant_id=shop.plant.pk, cause=Cause("planner", "Slow"))] == [225]
    newest = erp_now.order_cost(order_id).estimate
    assert newest is not None
    assert (newest.version_no, newest.total, newest.cause) == (2, 225, "Slow")


def test_a_slower_machine_in_the_plan_costs_more() -> None:
    """SAW-2 at half speed: setup 20 min stays, the run takes 80 instead of 40: 40 min x 90/h = 60.00 more, 270.00."""
    shop = furniture()
    slow = shop.machines["SAW-2"]
    slow.speed_percent = 50
    slow.save()
    order_id, (_, frame) = two_levels(shop)
    confirmed(order_id)
    erp.estimate_orders(order_ids=[order_id], cause=Cause("order", "Confirmed"), now=NOW)
    placement = erp.Placement(step(frame, 10).pk, slow.pk, NOW, NOW.replace(hour=12))
    erp.apply_plan(plant_id=shop.plant.pk, plan_no=1, placements=[placement])
    cause = Cause("breakdown", "Machine SAW-1 is down since Mon 23 Nov, 09:14")
    written = erp.reestimate_costs(plant_id=shop.plant.pk, cause=cause)
    assert [(row.total, row.cause) for row in written] == [(270, cause.text)]


def test_an_order_is_not_the_cause_of_its_own_change() -> None:
    """As above at half speed, by the plan that the order itself had asked for."""
    shop = furniture()
    slow = shop.machines["SAW-2"]
    slow.speed_percent = 50
    slow.save()
    order_id, (_, frame) = two_levels(shop)
    confirmed(order_id)
    erp.estimate_orders(order_ids=[order_id], cause=Cause("confirmed", "Confirmed"), now=NOW)
    erp.apply_plan(
        plant_id=shop.plant.pk,
        plan_no=1,
        placements=[erp.Placement(step(frame, 10).pk, slow.pk, NOW, NOW.replace(hour=12))],
    )
    number = SalesOrder.objects.get(pk=order_id).number
    written = erp.reestimate_costs(plant_id=shop.plant.pk, cause=Cause("order", f"Order {number}"))
    assert [(row.total, row.cause) for row in written] == [(270, "Planned for the first time")]


def test_goods_sold_from_stock_count_at_their_average_until_they_ship() -> None:
    """3 legs of an order for trade goods, 1.50 each in stock: 4.50 material."""
    shop = furniture()
    stock(shop, "LEG", "10", "1.5")
    line = order_line(shop, "LEG", "3")
    order_id = line.order_id
    confirmed(order_id)
    leg = shop.materials["LEG"]
    kept = erp.StockDemand(plant_id=shop.plant.pk, material_id=leg.pk, quantity=Decimal(3), sales_order_line_id=line.pk)
    erp.reserve(demands=[kept], now=NOW)
    written = erp.estimate_orders(order_ids=[order_id], cause=Cause("order", "Confirmed"), now=NOW)
    assert [(row.material, row.total) for row in written] == [(Decimal("4.50"), Decimal("4.50"))]


def test_the_price_explodes_the_product_at_average_else_standard_cost() -> None:
    """2 tables: 2 frames of 6 bars at 2.50 in stock = 15.00, 8 legs at standard 1.00 = 8.00.

    Setup 20 + 2 x 4 = 28 min at the saw: labour 14.00, machine 28.00; 10 min assembly: 4.00. In all 69.00.
    """
    shop = furniture()
    stock(shop, "BAR", "4", "2.5")
    bom(shop, "TABLE", [("FRAME", "1"), ("LEG", "4")])
    bom(shop, "FRAME", [("BAR", "3")])
    routing(shop, "TABLE", [("ASM", "0", "5")])
    routing(shop, "FRAME", [("SAW", "20", "4")])
    price = erp_now.price_of(plant_id=shop.plant.pk, material_id=shop.materials["TABLE"].pk, quantity=Decimal(2))
    assert (price.material, price.labour, price.machine, price.total) == (23, 18, 28, 69)
    assert price.list_price == 80
