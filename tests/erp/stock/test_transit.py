"""Goods between two plants: in transit at their value, received in parts, or lost on the way."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, MaterialValue, StockBalance, Transfer
from erp.stock.book import NotEnoughStock
from erp.stock.transit import OverArrival, TransferClosed
from masterdata.models import Location, Material, Plant, Warehouse
from tests.erp.shop import NOW, Shop

D = Decimal
Role = Account.Role


def second_plant(shop: Shop) -> Plant:
    """With its default places."""
    plant = Plant.objects.create(company=shop.company, code="P2", name="Second plant", calendar=shop.plant.calendar)
    warehouse = Warehouse.objects.create(plant=plant, code="W2", name="Second", is_main=True)
    for kind in Location.Kind.values:
        inside = warehouse if kind in (Location.Kind.STOCK, Location.Kind.QUARANTINE) else None
        Location.objects.create(plant=plant, warehouse=inside, code=kind.upper(), name=kind, kind=kind, is_default=True)
    return plant


def worth(material: Material, plant: Plant) -> tuple[Decimal, Decimal]:
    row = MaterialValue.objects.filter(material=material, plant=plant, sales_order=None).first()
    return (row.quantity, row.value) if row else (D(0), D(0))


def send(shop: Shop, material: Material, quantity: str, to: Plant) -> Transfer:
    row = StockBalance.objects.get(material=material, location=shop.shelf)
    return erp.send_transfer(pieces=[erp.Piece(row.pk, D(quantity))], to_plant=to, now=NOW)


def test_value_travels_with_the_goods_and_the_last_part_takes_the_rest(shop: Shop) -> None:
    """3 boards worth 10.00 leave: 10.00 in transit. One arrives with 3.33 (10/3), the second with 3.34 (6.67 - 3.33),
    the third with the 3.33 left."""
    board, other = shop.buy("BOARD"), second_plant(shop)
    shop.stock(board, "2", "3"), shop.stock(board, "1", "4")
    transfer = send(shop, board, "3", other)
    line = transfer.lines.get()
    assert (worth(board, shop.plant), worth(board, other)) == ((0, 0), (0, 0))
    assert erp_now.account_balance(shop.company, Role.TRANSIT) == 10
    values = []
    for _ in range(3):
        moves = erp.receive_transfer(transfer_id=transfer.pk, lines=[(line.pk, D(1))], now=NOW)
        values.append(moves[0].value)
    assert values == [D("3.33"), D("3.34"), D("3.33")]
    assert worth(board, other) == (3, 10)
    assert erp_now.account_balance(shop.company, Role.TRANSIT) == 0
    with pytest.raises(TransferClosed):
        erp.receive_transfer(transfer_id=transfer.pk, now=NOW)


def test_what_is_lost_on_the_way_is_a_stock_difference(shop: Shop) -> None:
    """5 boards worth 10.00 leave, 3 arrive with 6.00, 2 are given up with 4.00."""
    board, other = shop.buy("BOARD"), second_plant(shop)
    shop.stock(board, "5", "2")
    transfer = send(shop, board, "5", other)
    line = transfer.lines.get()
    with pytest.raises(OverArrival):
        erp.receive_transfer(transfer_id=transfer.pk, lines=[(line.pk, D(6))], now=NOW)
    erp.receive_transfer(transfer_id=transfer.pk, lines=[(line.pk, D(3))], now=NOW)
    erp.give_up_transfer(transfer_id=transfer.pk, now=NOW, note="Lorry broken into")
    line.refresh_from_db(), transfer.refresh_from_db()
    assert (line.arrived_value, line.lost_qty, line.lost_value) == (6, 2, 4)
    assert transfer.closed_at == NOW
    assert erp_now.account_balance(shop.company, Role.STOCK_DIFFERENCE) == 4
    assert erp_now.account_balance(shop.company, Role.INVENTORY) == 6


def test_reserved_pieces_do_not_leave(shop: Shop) -> None:
    board, other = shop.buy("BOARD"), second_plant(shop)
    shop.stock(board, "5", "2")
    shop.order((board, "4"))
    with pytest.raises(NotEnoughStock, match="Only 1 of BOARD"):
        send(shop, board, "2", other)
