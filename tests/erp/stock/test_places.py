"""Places: put away, moved with what is reserved, quarantine, scrap, blocked; value stays or goes as it must."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Account, PurchaseOrder, Reservation, ReservationCut, StockBalance, StockMove
from erp.stock.book import NotEnoughStock
from erp.stock.places import LocationBlocked, below, paths, proposed_places, receiving_place
from masterdata.errors import InvalidInput
from masterdata.models import Location, Material, ReasonCode
from tests.erp.shop import NOW, Shop

D = Decimal


def place(shop: Shop, code: str, parent: Location | None = None, **more: object) -> Location:
    """Another stock location of the shop."""
    warehouse = shop.shelf.warehouse
    return Location.objects.create(
        plant=shop.plant, warehouse=warehouse, code=code, name=code.title(), parent=parent, **more
    )


def reason(kind: str) -> int:
    return ReasonCode.objects.get_or_create(code=kind.upper(), defaults={"name": kind, "kind": kind})[0].pk


def there(material: Material, location: Location) -> tuple[Decimal, Decimal]:
    """On hand and reserved."""
    row = StockBalance.objects.filter(material=material, location=location).first()
    return (row.on_hand, row.reserved) if row else (D(0), D(0))


def balance(material: Material, location: Location) -> StockBalance:
    return StockBalance.objects.get(material=material, location=location)


def test_a_transfer_takes_free_pieces_first_and_reservations_along(shop: Shop) -> None:
    """10 lamps worth 30, 6 reserved for an order. 7 go to the rack: 4 free ones and 3 of the reserved. 3 stay, all of
    them reserved; the value does not move and nothing is posted."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10", "3")
    order = shop.order((lamp, "6"))
    rack = place(shop, "RACK")

    moves = erp.transfer_stock(pieces=[erp.Piece(balance(lamp, shop.shelf).pk, D(7))], target_id=rack.pk, now=NOW)

    assert (there(lamp, shop.shelf), there(lamp, rack)) == ((3, 3), (7, 3))
    assert [(move.value, move.entry) for move in moves] == [(0, None)]
    assert erp_now.account_balance(shop.company, Account.Role.INVENTORY) == 30
    kept = Reservation.objects.filter(sales_order_line__order=order, quantity__gt=0).order_by("id")
    assert [(row.balance.location, row.quantity) for row in kept] == [(shop.shelf, 3), (rack, 3)]
    erp.ship(shipment_id=erp.pack_shipment(order_id=order.pk, now=NOW).pk, now=NOW)
    assert (there(lamp, shop.shelf), there(lamp, rack)) == ((0, 0), (4, 0))


def test_more_than_there_is_is_not_transferred(shop: Shop) -> None:
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "2")
    row = balance(lamp, shop.shelf)
    with pytest.raises(NotEnoughStock):
        erp.transfer_stock(pieces=[erp.Piece(row.pk, D(3))], target_id=place(shop, "RACK").pk, now=NOW)
    with pytest.raises(InvalidInput):
        erp.transfer_stock(pieces=[erp.Piece(row.pk, D(1))], target_id=shop.shelf.pk, now=NOW)


def test_goods_come_to_the_receiving_location_and_are_put_away_where_they_belong(shop: Shop) -> None:
    """A lamp has a fixed place; a shade lies on the rack already; a cable lies nowhere and goes to the main place."""
    lamp, shade, cable = shop.buy("LAMP"), shop.buy("SHADE"), shop.buy("CABLE")
    dock = place(shop, "DOCK", is_receiving=True)
    rack, bay = place(shop, "RACK"), place(shop, "BAY")
    shop.stock(shade, "2")
    erp.transfer_stock(pieces=[erp.Piece(balance(shade, shop.shelf).pk, D(2))], target_id=rack.pk, now=NOW)
    erp.set_home(material=lamp, location=bay, plant=shop.plant)
    for material in (lamp, shade):
        shop.price(material)
    shop.order((lamp, "3"), (shade, "5"))
    erp.receive_purchase(purchase_order_id=PurchaseOrder.objects.get().pk, now=NOW)
    assert receiving_place(shop.plant) == dock
    assert (there(lamp, dock), there(shade, dock)) == ((3, 3), (3, 3))
    proposed = proposed_places(plant_id=shop.plant.pk, material_ids=[lamp.pk, shade.pk, cable.pk])
    assert proposed == {lamp.pk: bay.pk, shade.pk: rack.pk, cable.pk: shop.shelf.pk}
    erp.transfer_stock(pieces=[erp.Piece(balance(lamp, dock).pk, D(3))], target_id=bay.pk, now=NOW)
    assert there(lamp, bay) == (3, 3)


def test_places_lie_in_places(shop: Shop) -> None:
    hall = place(shop, "HALL")
    rack = place(shop, "RACK", hall)
    shelf = place(shop, "BOX", rack)
    place(shop, "YARD")
    assert sorted(below([hall.pk])) == sorted([hall.pk, rack.pk, shelf.pk])
    assert paths([shelf.pk, hall.pk]) == {shelf.pk: "Hall / Rack / Box", hall.pk: "Hall"}


def test_quarantine_is_neither_offered_nor_reserved_and_whoever_loses_is_supplied_again(shop: Shop) -> None:
    """5 lamps, all reserved for an order of 5. 2 go to quarantine: the order keeps 3, 2 are bought for it; the value of
    all 5 stays. Set free again they are free stock."""
    lamp = shop.buy("LAMP")
    shop.price(lamp)
    shop.stock(lamp, "5", "2")
    order = shop.order((lamp, "5"))
    apart = Location.objects.get(plant=shop.plant, kind=Location.Kind.QUARANTINE)

    erp.quarantine_stock(
        balance_id=balance(lamp, shop.shelf).pk,
        quantity=D(2),
        reason_id=reason("quarantine"),
        now=NOW,
        note="Scratched",
    )

    assert (there(lamp, shop.shelf), there(lamp, apart)) == ((3, 3), (2, 0))
    assert [(cut.quantity, cut.was_hard) for cut in ReservationCut.objects.all()] == [(2, False)]
    line = order.lines.get()
    assert [(peg.quantity, peg.purchase_order_line.quantity) for peg in line.pegs.all()] == [(2, 2)]
    assert erp_now.free_quantity(shop.plant.pk, [lamp.pk]) == {lamp.pk: 0}
    assert erp_now.account_balance(shop.company, Account.Role.INVENTORY) == 10
    assert StockMove.objects.get(note="Scratched").reason.kind == "quarantine"
    erp.set_free(balance_id=balance(lamp, apart).pk, quantity=D(2), target_id=None, now=NOW)
    assert (there(lamp, shop.shelf), there(lamp, apart)) == ((5, 3), (0, 0))


def test_scrap_goes_to_stock_differences_with_its_reason(shop: Shop) -> None:
    """4 lamps worth 10.00: one scrapped takes 2.50."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "4", "2.5")
    move = erp.scrap_stock(balance_id=balance(lamp, shop.shelf).pk, quantity=D(1), reason_id=reason("scrap"), now=NOW)
    assert (move.value, move.kind) == (D("2.50"), "scrap")
    assert erp_now.account_balance(shop.company, Account.Role.STOCK_DIFFERENCE) == D("2.50")
    with pytest.raises(InvalidInput):
        erp.scrap_stock(balance_id=balance(lamp, shop.shelf).pk, quantity=D(1), reason_id=reason("quarantine"), now=NOW)


def test_a_blocked_place_lets_its_reservations_go_and_gives_and_takes_nothing(shop: Shop) -> None:
    """3 lamps on the shelf reserved for an order, 4 more on the rack. The shelf is blocked: the order's 3 come from
    the rack instead. Opened again, the shelf's 3 are free."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "3")
    shop.order((lamp, "3"))
    shop.stock(lamp, "4")
    rack = place(shop, "RACK")
    erp.transfer_stock(pieces=[erp.Piece(balance(lamp, shop.shelf).pk, D(4))], target_id=rack.pk, now=NOW)

    erp.block_location(location_id=shop.shelf.pk, because="Wet", now=NOW)

    assert (there(lamp, shop.shelf), there(lamp, rack)) == ((3, 0), (4, 3))
    assert erp_now.free_quantity(shop.plant.pk, [lamp.pk]) == {lamp.pk: 1}
    with pytest.raises(LocationBlocked):
        erp.transfer_stock(pieces=[erp.Piece(balance(lamp, rack).pk, D(1))], target_id=shop.shelf.pk, now=NOW)
    erp.block_location(location_id=shop.shelf.pk, because="", now=NOW)
    assert erp_now.free_quantity(shop.plant.pk, [lamp.pk]) == {lamp.pk: 4}
