"""Stock moves: moving average value-first, order stock apart from free stock, nothing negative."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, JournalEntry, StockMove
from erp.stock.book import NotEnoughStock
from masterdata.errors import InvalidInput
from tests.erp.workbench import balance, order_line, worth
from tests.factories import NOW, Factory, factory, material, stock

pytestmark = pytest.mark.django_db

Kind = StockMove.Kind


def take(shop: Factory, code: str, quantity: str, *, document: str = "test:1") -> StockMove:
    """Write off: out of the stock place into loss and gain."""
    intent = erp.MoveIntent(
        kind=Kind.ADJUSTMENT,
        plant=shop.plant,
        material_id=shop.materials[code].pk,
        source_id=shop.locations["stock"].pk,
        target_id=shop.locations["loss"].pk,
        quantity=Decimal(quantity),
        document=document,
    )
    return erp.post_moves(moves=[intent], now=NOW)[0]


def test_an_issue_takes_its_share_and_the_last_takes_all_the_value() -> None:
    """3 pieces worth 10.00: one takes 3.33 (10/3), the next 3.34 (6.67/2 = 3.335, half up), the last the 3.33 left."""
    shop = factory()
    material(shop, "BOARD")
    stock(shop, "BOARD", "2", "3")
    stock(shop, "BOARD", "1", "4")
    assert worth(shop, "BOARD") == (3, 10)
    assert [take(shop, "BOARD", "1").value for _ in range(3)] == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]
    assert worth(shop, "BOARD") == (0, 0)
    assert erp_now.account_balance(shop.company, Account.Role.INVENTORY) == 0
    assert erp_now.account_balance(shop.company, Account.Role.STOCK_DIFFERENCE) == 10


def test_moves_of_one_document_share_one_entry() -> None:
    shop = factory()
    for code in ("A", "B"):
        material(shop, code)
    rows = [
        erp.OpeningStock(shop.materials[code].pk, shop.locations["stock"].pk, Decimal(5), Decimal(2)) for code in "AB"
    ]
    moves = erp.receive_opening(rows=rows, now=NOW)
    assert [move.material.code for move in moves] == ["A", "B"]
    entry = JournalEntry.objects.get()
    assert {move.entry_id for move in moves} == {entry.pk}
    assert entry.lines.count() == 4


def test_a_move_without_value_has_no_entry() -> None:
    shop = factory()
    material(shop, "AIR")
    stock(shop, "AIR", "5", "0")
    assert StockMove.objects.get().entry is None
    assert JournalEntry.objects.count() == 0


def test_more_than_there_is_is_refused_and_nothing_moves() -> None:
    shop = factory()
    material(shop, "BOARD")
    stock(shop, "BOARD", "2", "3")
    with pytest.raises(NotEnoughStock) as refused:
        take(shop, "BOARD", "3")
    assert refused.value.values["available"] == "2.000000"
    assert worth(shop, "BOARD") == (2, 6)


def test_what_others_reserved_is_not_there_to_take() -> None:
    """5 pieces, 4 of them reserved for an order line: 2 can't be taken, 1 can."""
    shop = factory()
    material(shop, "BOARD")
    stock(shop, "BOARD", "5", "1")
    line = order_line(shop, "BOARD", "4")
    demand = erp.StockDemand(
        plant_id=shop.plant.pk,
        material_id=shop.materials["BOARD"].pk,
        quantity=Decimal(4),
        sales_order_line_id=line.pk,
    )
    assert erp.reserve(demands=[demand], now=NOW) == [4]
    with pytest.raises(NotEnoughStock):
        take(shop, "BOARD", "2")
    take(shop, "BOARD", "1")
    assert (balance(shop, "BOARD").on_hand, balance(shop, "BOARD").reserved) == (4, 4)


def test_reserving_grants_what_is_free_first_come_first_served() -> None:
    """10 free, 2 of them safety stock: demands of 5, 5 and 1 get 5, 3 and nothing."""
    shop = factory()
    board = material(shop, "BOARD")
    stock(shop, "BOARD", "10", "1")
    line = order_line(shop, "BOARD", "11")
    demands = [
        erp.StockDemand(
            plant_id=shop.plant.pk, material_id=board.pk, quantity=Decimal(quantity), sales_order_line_id=line.pk
        )
        for quantity in (5, 5, 1)
    ]
    granted = erp.reserve(demands=demands, now=NOW, safety={(shop.plant.pk, board.pk): Decimal(2)})
    assert granted == [5, 3, 0]
    assert balance(shop, "BOARD").reserved == 8
    assert erp_now.free_quantity(shop.plant.pk, [board.pk]) == {board.pk: 2}


def test_order_stock_set_free_keeps_its_value() -> None:
    """2 pieces of order stock worth 7.00 become free stock beside 2 worth 3.00: 4 worth 10.00, the ledger unmoved."""
    shop = factory()
    board = material(shop, "BOARD")
    stock(shop, "BOARD", "2", "1.5")
    order = order_line(shop, "BOARD", "2").order
    place = shop.locations["stock"].pk
    into_order = erp.MoveIntent(
        kind=Kind.ADJUSTMENT,
        plant=shop.plant,
        material_id=board.pk,
        source_id=shop.locations["loss"].pk,
        target_id=place,
        quantity=Decimal(2),
        value=Decimal(7),
        target_order_id=order.pk,
        document="test:1",
    )
    erp.post_moves(moves=[into_order], now=NOW)
    set_free = erp.MoveIntent(
        kind=Kind.RELEASE,
        plant=shop.plant,
        material_id=board.pk,
        source_id=place,
        target_id=place,
        quantity=Decimal(2),
        source_order_id=order.pk,
        document="test:2",
    )
    erp.post_moves(moves=[set_free], now=NOW)
    assert worth(shop, "BOARD") == (4, 10)
    assert worth(shop, "BOARD", order.pk) == (0, 0)
    assert erp_now.account_balance(shop.company, Account.Role.INVENTORY) == 10


def test_a_move_of_nothing_is_refused() -> None:
    shop = factory()
    material(shop, "BOARD")
    with pytest.raises(InvalidInput):
        take(shop, "BOARD", "0")


def test_moves_can_not_be_changed_or_deleted() -> None:
    shop = factory()
    material(shop, "BOARD")
    stock(shop, "BOARD", "2", "3")
    for statement in ("UPDATE erp_stockmove SET quantity = 1", "DELETE FROM erp_stockmove"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_database_holds_on_hand_above_zero_and_above_what_is_reserved() -> None:
    shop = factory()
    material(shop, "BOARD")
    stock(shop, "BOARD", "2", "3")
    for change in ("on_hand = -1", "reserved = 3", "reserved = -1"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE erp_stockbalance SET {change}")
