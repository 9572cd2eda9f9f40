"""Many people take the last pieces at the same time: exactly so many get some, and stock is never negative."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection

from erp import services as erp
from erp.models import Reservation, StockMove
from erp.stock.book import NotEnoughStock
from masterdata.models import MaterialCategory
from tests.erp.workbench import balance, order_line, worth
from tests.factories import NOW, factory, material, stock

pytestmark = pytest.mark.usefixtures("committed")


def test_of_twelve_who_issue_the_last_five_pieces_five_succeed() -> None:
    """5 pieces worth 10.00, twelve takers of one piece: five moves of 2.00, seven refusals, nothing left."""
    shop = factory()
    board = material(shop, "BOARD")
    stock(shop, "BOARD", "5", "2")
    gate = threading.Barrier(4)

    def take(number: int) -> bool:
        if number < 4:
            gate.wait(timeout=30)
        intent = erp.MoveIntent(
            kind=StockMove.Kind.ADJUSTMENT,
            plant=shop.plant,
            material_id=board.pk,
            source_id=shop.locations["stock"].pk,
            target_id=shop.locations["loss"].pk,
            quantity=Decimal(1),
            document=f"test:{number}",
        )
        try:
            erp.post_moves(moves=[intent], now=NOW)
        except NotEnoughStock:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(take, range(12)))
    assert sum(answers) == 5
    assert worth(shop, "BOARD") == (0, 0)
    assert [move.value for move in StockMove.objects.filter(kind="adjustment")] == [2] * 5


def test_parallel_reservations_in_opposite_order_grant_what_there_is() -> None:
    """5 of A and 5 of B, eight people want one of each, half of them B first: 5 of each, no deadlock."""
    shop = factory()
    codes = ("A", "B")
    for code in codes:
        material(shop, code)
        stock(shop, code, "5", "1")
    line = order_line(shop, "A", "10")
    gate = threading.Barrier(4)

    def want(number: int) -> list[Decimal]:
        if number < 4:
            gate.wait(timeout=30)
        demands = [
            erp.StockDemand(
                plant_id=shop.plant.pk,
                material_id=shop.materials[code].pk,
                quantity=Decimal(1),
                sales_order_line_id=line.pk,
            )
            for code in (codes if number % 2 else reversed(codes))
        ]
        try:
            return erp.reserve(demands=demands, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        granted = list(pool.map(want, range(8)))
    assert sum(map(sum, granted)) == 10
    assert Reservation.objects.count() == 10
    assert [(balance(shop, code).on_hand, balance(shop, code).reserved) for code in codes] == [(5, 5), (5, 5)]


def test_two_who_take_from_one_fifo_area_take_one_after_the_other() -> None:
    """1 for 1.00 and 3 for 9.00, two takers of 2: one pays 4.00 (1 + 3), the other 6.00, and nothing is left."""
    shop = factory()
    shop.category = MaterialCategory.objects.create(code="FIFO", name="Fifo", valuation="fifo")
    material(shop, "BOARD")
    stock(shop, "BOARD", "1", "1")
    stock(shop, "BOARD", "3", "3")
    gate = threading.Barrier(2)

    def take(number: int) -> Decimal:
        intent = erp.MoveIntent(
            kind=StockMove.Kind.ADJUSTMENT,
            plant=shop.plant,
            material_id=shop.materials["BOARD"].pk,
            source_id=shop.locations["stock"].pk,
            target_id=shop.locations["loss"].pk,
            quantity=Decimal(2),
            document=f"test:{number}",
        )
        gate.wait(timeout=30)
        try:
            return erp.post_moves(moves=[intent], now=NOW)[0].value
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        paid = sorted(pool.map(take, range(2)))
    assert paid == [4, 6]
    assert worth(shop, "BOARD") == (0, 0)
