"""Landed cost and late supplier invoices: to the goods on hand, to who used them, to a variance."""

from __future__ import annotations

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, ValueChange
from masterdata.errors import InvalidInput
from masterdata.models import Material
from tests.erp.payables.bought import D, account, invoice, order, receive, shop_at, tolerate
from tests.erp.stock.test_methods import layers, take
from tests.erp.workbench import make, order_line, report, spec, wip, worth
from tests.factories import NOW, Factory, bom, centre, material, routing

pytestmark = pytest.mark.django_db

Role = Account.Role


def land(shop: Factory, amount: str, *lines: int, basis: str = "value") -> erp.LandedCost:
    return erp.post_landed_cost(plant_id=shop.plant.pk, receipt_line_ids=lines, amount=D(amount), basis=basis, now=NOW)


def sell_from_stock(shop: Factory, quantity: str) -> int:
    """Ship free stock to a customer; the order."""
    order_id = order_line(shop, "BOARD", quantity).order_id
    erp.confirm_order(order_id=order_id, now=NOW)
    erp.ship(shipment_id=erp.pack_shipment(order_id=order_id, now=NOW).pk, now=NOW)
    return order_id


@pytest.mark.parametrize("method", ["moving_average", "fifo"])
def test_freight_goes_to_goods_on_hand_and_what_was_written_off_to_a_variance(method: str) -> None:
    """10 received for 30.00, 4 written off. 5.00 of freight: 3.00 for the 6 there (18.00 -> 21.00), 2.00 variance."""
    shop = shop_at(method)
    got = receive(order(shop, "10", "3"))
    take(shop, "4")
    cost = land(shop, "5", got.pk)
    assert worth(shop, "BOARD") == (6, 21)
    assert account(shop, Role.PRICE_VARIANCE) == 2
    assert account(shop, Role.LANDED_COST) == -5
    assert cost.number == "LC-2026-00001"
    assert sorted(ValueChange.objects.values_list("is_stock", "amount")) == [(False, 2), (True, 3)]


def test_at_standard_cost_freight_is_a_variance() -> None:
    shop = shop_at("standard", standard_cost="3")
    got = receive(order(shop, "10", "3"))
    land(shop, "5", got.pk)
    assert worth(shop, "BOARD") == (10, 30)
    assert account(shop, Role.PRICE_VARIANCE) == 5


def test_freight_by_value_quantity_and_weight_sums_to_the_whole() -> None:
    """10.00 over 1 board of 10.00 and 2 of another at 10.00 each.

    By value 10 : 20 = 3.33 and 6.67; by quantity 1 : 2 the same; by weight 1 x 3 kg : 2 x 0.5 kg = 7.50 and 2.50.
    """
    shop = shop_at()
    material(shop, "PLATE")
    first, second = receive(order(shop, "1", "10")), receive(order(shop, "2", "10", "PLATE"))
    with pytest.raises(InvalidInput):
        land(shop, "10", first.pk, second.pk, basis="weight")
    for code, weight in (("BOARD", "3"), ("PLATE", "0.5")):
        Material.objects.filter(pk=shop.materials[code].pk).update(weight_kg=D(weight))
    for basis, parts in (("value", ["3.33", "6.67"]), ("quantity", ["3.33", "6.67"]), ("weight", ["7.50", "2.50"])):
        cost = land(shop, "10", first.pk, second.pk, basis=basis)
        assert [line.amount for line in cost.lines.order_by("id")] == [D(part) for part in parts]
    assert worth(shop, "BOARD") == (1, D("24.16"))


def test_fifo_knows_which_receipt_was_used() -> None:
    """2 at 1.00 and 2 at 5.00, 3 taken: the first receipt is gone, of the second one is used.

    4.00 on the first are all variance; 4.00 on the second are 2.00 for its layer, 2.00 variance.
    """
    shop = shop_at("fifo")
    first, second = receive(order(shop, "2", "1")), receive(order(shop, "2", "5"))
    take(shop, "3")
    land(shop, "4", first.pk)
    assert account(shop, Role.PRICE_VARIANCE) == 4
    land(shop, "4", second.pk)
    assert layers() == [(1, 7)]
    assert account(shop, Role.PRICE_VARIANCE) == 6


def test_the_average_counts_the_oldest_as_used_first() -> None:
    """5 there, then 4 received, 7 taken: of the receipt 2 are used and 2 are there; 6.00 of freight are 3.00 each."""
    shop = shop_at()
    receive(order(shop, "5", "1"))
    got = receive(order(shop, "4", "1"))
    take(shop, "7")
    land(shop, "6", got.pk)
    assert worth(shop, "BOARD") == (2, 5)
    assert account(shop, Role.PRICE_VARIANCE) == 3


def test_goods_shipped_from_stock_are_paid_by_their_order() -> None:
    """10 at 3.00, 4 shipped: a late invoice of 35.00 puts 3.00 on the 6 there and 2.00 on the order: it cost 14.00."""
    shop = shop_at()
    tolerate(shop)
    line = order(shop, "10", "3")
    receive(line)
    order_id = sell_from_stock(shop, "4")
    assert invoice(shop, line, "10", "35").state == "posted"
    assert worth(shop, "BOARD") == (6, 21)
    assert account(shop, Role.COGS) == 14
    assert erp_now.order_cost(order_id).incurred_total == 14


def made(shop: Factory, *, of_order: bool) -> tuple[erp.WorkOrder, int | None]:
    """A work order for 2 tables of 2 boards each."""
    centre(shop, "SAW")
    material(shop, "TABLE", supply="make")
    bom(shop, "TABLE", [("BOARD", "2")])
    routing(shop, "TABLE", [("SAW", "0", "1")])
    line = order_line(shop, "TABLE", "2") if of_order else None
    work_order = make(spec(shop, "TABLE", "2", [("SAW", "0", "1")], [("BOARD", "4", 10)], line=line))[0]
    erp.release_work_order(work_order_id=work_order.pk, now=NOW)
    return work_order, line.order_id if line else None


def test_a_late_invoice_joins_the_work_that_still_runs() -> None:
    """4 boards at 3.00, two used by the first of two tables: 2.00 more are 1.00 for the stock and 1.00 for its WIP.

    The last table takes 2 boards for 7.00 and the WIP: 6 + 1 + 7 = 14.00 in all, less what the first took.
    """
    shop = shop_at()
    tolerate(shop)
    line = order(shop, "4", "3")
    receive(line)
    work_order, order_id = made(shop, of_order=True)
    report(work_order, 10, "1")
    before = wip(work_order)
    invoice(shop, line, "4", "14")
    assert worth(shop, "BOARD") == (2, 7)
    assert wip(work_order) == before + 1
    report(work_order, 10, "1", finish=True)
    assert wip(work_order) == 0
    assert erp_now.order_cost(order_id or 0).incurred["material"] == 14
    assert worth(shop, "TABLE", order_id) == (2, 14)


def test_a_late_invoice_for_finished_work_goes_on_to_cost_of_goods() -> None:
    """All 4 boards are in 2 finished tables: 2.00 more pass through the work order to the order's cost of goods."""
    shop = shop_at()
    tolerate(shop)
    line = order(shop, "4", "3")
    receive(line)
    work_order, order_id = made(shop, of_order=True)
    report(work_order, 10, "2", finish=True)
    invoice(shop, line, "4", "14")
    assert wip(work_order) == 0
    assert account(shop, Role.COGS) == 2
    assert erp_now.order_cost(order_id or 0).incurred["material"] == 14


def test_a_late_invoice_for_finished_work_without_an_order_is_a_production_variance() -> None:
    shop = shop_at()
    tolerate(shop)
    line = order(shop, "4", "3")
    receive(line)
    work_order, _ = made(shop, of_order=False)
    report(work_order, 10, "2", finish=True)
    invoice(shop, line, "4", "14")
    assert wip(work_order) == 0
    assert account(shop, Role.PRODUCTION_VARIANCE) == 2


def test_a_cheaper_invoice_makes_stock_cheaper_but_never_worth_less_than_nothing() -> None:
    """10 at 3.00 revalued to 0.10 each: 1.00. An invoice of 20.00 is 10.00 less: 1.00 off the stock, 9.00 variance."""
    shop = shop_at()
    tolerate(shop)
    line = order(shop, "10", "3")
    receive(line)
    erp.revalue_stock(
        plant_id=shop.plant.pk,
        values=[erp.NewValue(shop.materials["BOARD"].pk, D("0.1"))],
        reason="Water damage",
        now=NOW,
        is_sure=True,
    )
    invoice(shop, line, "10", "20")
    assert worth(shop, "BOARD") == (10, 0)
    assert account(shop, Role.PRICE_VARIANCE) == -9
