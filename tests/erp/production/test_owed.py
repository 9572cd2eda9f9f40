"""Owed issues: pieces made without booked components are never refused; the next stock that comes settles them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, MaterialValue, OwedIssue, StockMove, WorkOrder
from tests.erp.workbench import make, order_line, report, spec, wip, worth
from tests.factories import NOW, Factory, centre, factory, material, stock

pytestmark = pytest.mark.django_db

Role = Account.Role
LATER = NOW + dt.timedelta(hours=2)


def shop_without_boards() -> Factory:
    shop = factory()
    material(shop, "BOARD", standard_cost="3.50")
    material(shop, "SHELF", supply="make")
    centre(shop, "PACK")
    return shop


def shelves(shop: Factory, *, for_order: bool) -> WorkOrder:
    """10 shelves of 2 boards each, for an order or for nobody."""
    line = order_line(shop, "SHELF", "10") if for_order else None
    return make(spec(shop, "SHELF", "10", [("PACK", "0", "0")], [("BOARD", "20", 10)], line=line))[0]


def goods_in(shop: Factory, quantity: str, value: str) -> Decimal:
    """Boards come, here as a count finds them; how many owed pieces they settled."""
    board = shop.materials["BOARD"]
    owed = erp.hold_owed_issues(plant_id=shop.plant.pk, material_ids=[board.pk])
    intent = erp.MoveIntent(
        kind=StockMove.Kind.ADJUSTMENT,
        plant=shop.plant,
        material_id=board.pk,
        source_id=shop.locations["loss"].pk,
        target_id=shop.locations["stock"].pk,
        quantity=Decimal(quantity),
        value=Decimal(value),
        document="count:1",
    )
    erp.post_moves(moves=[intent], now=LATER)
    return erp.settle_owed_issues(owed=owed, plant=shop.plant, now=LATER)


def test_a_missing_component_is_owed_at_standard_cost_and_keeps_the_work_order_open() -> None:
    """20 boards at 3.50 that nobody booked: 70.00 into WIP against clearing, and on into the 10 shelves."""
    shop = shop_without_boards()
    order = shelves(shop, for_order=False)
    answer = report(order, 10, "10")
    assert answer.owed_material_ids == (shop.materials["BOARD"].pk,)
    assert (answer.is_finished, answer.is_closed, answer.output_value) == (True, False, 70)
    owed = OwedIssue.objects.get()
    assert (owed.quantity, owed.value) == (20, 70)
    assert erp_now.account_balance(shop.company, Role.OWED_ISSUE) == -70
    assert order.materials.get().issued_qty == 20


def test_only_what_is_missing_is_owed_at_the_average_of_what_was_there() -> None:
    """5 boards worth 20.00 are there: 5 are issued, 15 are owed; nothing is left to average, so 3.50 each."""
    shop = shop_without_boards()
    stock(shop, "BOARD", "5", "4")
    report(shelves(shop, for_order=False), 10, "10")
    owed = OwedIssue.objects.get()
    assert (owed.quantity, owed.value) == (15, Decimal("52.50"))
    assert worth(shop, "BOARD") == (0, 0)


def test_the_next_receipt_settles_and_the_difference_is_a_variance_without_an_order() -> None:
    """20 owed at 3.50 = 70.00; 30 come for 120.00 (4.00 each): 80.00 leave stock, clearing is empty, 10.00 variance."""
    shop = shop_without_boards()
    order = shelves(shop, for_order=False)
    report(order, 10, "10")
    assert goods_in(shop, "30", "120") == 20
    assert worth(shop, "BOARD") == (10, 40)
    assert erp_now.account_balance(shop.company, Role.OWED_ISSUE) == 0
    assert erp_now.account_balance(shop.company, Role.PRODUCTION_VARIANCE) == 10
    assert wip(order) == 0
    order.refresh_from_db()
    assert (order.state, order.closed_at) == ("closed", LATER)
    assert OwedIssue.objects.get().settled_at == LATER


def test_the_difference_belongs_to_the_order_that_used_it() -> None:
    """The same for an order: 10.00 go to its cost of goods, and its cost is 80.00, what was really paid."""
    shop = shop_without_boards()
    order = shelves(shop, for_order=True)
    order_id = order.sales_order_line.order_id
    report(order, 10, "10")
    goods_in(shop, "30", "120")
    assert erp_now.account_balance(shop.company, Role.COGS, order_id=order_id) == 10
    assert worth(shop, "SHELF", order_id) == (10, 70)
    assert erp_now.order_cost(order_id).incurred_total == 80


def test_a_receipt_that_is_too_small_settles_a_part_and_the_next_one_the_rest() -> None:
    """Of 20 owed at 70.00, 8 come at 3.50: 28.00 cleared, 42.00 left; then 12 at 3.50: nothing left, no variance."""
    shop = shop_without_boards()
    order = shelves(shop, for_order=False)
    report(order, 10, "10")
    assert goods_in(shop, "8", "28") == 8
    assert erp_now.account_balance(shop.company, Role.OWED_ISSUE) == -42
    order.refresh_from_db()
    assert order.state == "released"
    assert goods_in(shop, "12", "42") == 12
    assert erp_now.account_balance(shop.company, Role.OWED_ISSUE) == 0
    assert erp_now.account_balance(shop.company, Role.PRODUCTION_VARIANCE) == 0
    order.refresh_from_db()
    assert order.state == "closed"


def test_the_difference_stays_in_wip_while_pieces_are_to_come() -> None:
    """5 of 10 made with 10 boards owed at 35.00; 20 boards come at 4.00 each: 5.00 more in WIP.

    Out so far 5 x 7.00 = 35.00. The last 5 use 10 boards at 4.00 and take 40.00 + 5.00.
    """
    shop = shop_without_boards()
    order = shelves(shop, for_order=False)
    assert report(order, 10, "5").output_value == 35
    goods_in(shop, "20", "80")
    assert wip(order) == 5
    assert report(order, 10, "5").output_value == 45
    assert worth(shop, "SHELF") == (10, 80)
    assert erp_now.account_balance(shop.company, Role.PRODUCTION_VARIANCE) == 0


def test_what_is_made_later_settles_what_the_order_owes_itself() -> None:
    """The shelf is reported before its 20 boards, which the same order makes: owed at their planned 6.00.

    Boards: 20 x 15 min at 24/h = 120.00 planned, 100 min really: 40.00. Settling moves 40.00, 80.00 less than owed,
    and the order has cost what was incurred: 40.00 of labour. Its stock holds 120.00, its cost of goods is trued up
    by -80.00.
    """
    shop = shop_without_boards()
    centre(shop, "SAW", labour_rate="24")
    line = order_line(shop, "SHELF", "10")
    shelf, boards = make(
        spec(shop, "SHELF", "10", [("PACK", "0", "0")], [("BOARD", "20", 10)], line=line),
        spec(shop, "BOARD", "20", [("SAW", "0", "15")], line=line, path="1.1"),
    )
    report(shelf, 10, "10")
    assert OwedIssue.objects.get().value == 120
    report(boards, 10, "20", minutes="100")
    cost = erp_now.order_cost(line.order_id)
    assert cost.incurred_total == 40
    assert worth(shop, "SHELF", line.order_id) == (10, 120)
    assert erp_now.account_balance(shop.company, Role.COGS, order_id=line.order_id) == -80
    assert not MaterialValue.objects.filter(material=shop.materials["BOARD"], quantity__gt=0).exists()
    shelf.refresh_from_db()
    assert (shelf.state, wip(shelf), wip(boards)) == ("closed", 0, 0)
