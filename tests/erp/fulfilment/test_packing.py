"""Packages filled by scan, loaded by scan, and shipped with just the lots that lie in them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import services as erp
from erp.fulfilment.services.packing import sscc
from erp.models import Package, PackageContent, SalesOrder, Shipment, StockMove
from erp.stock.selectors import lot_trace
from masterdata import accounts
from masterdata.errors import InvalidInput
from masterdata.models import Material
from tests.erp.fulfilment.yard import D, lot_of, lying, pick_all, pick_list, put, shelf, tracked
from tests.erp.shop import NOW, Shop


def begun(shop: Shop, order: SalesOrder) -> tuple[Shipment, Package]:
    shipment = erp.start_packing(order_id=order.pk, plant=shop.plant, now=NOW)
    return shipment, erp.add_package(shipment_id=shipment.pk)


def fill(package: Package, goods: str, quantity: str | None = None) -> PackageContent:
    return erp.pack_into(package_id=package.pk, goods=goods, quantity=None if quantity is None else D(quantity))


def load(shipment: Shipment, package: Package) -> None:
    erp.load_package(shipment_id=shipment.pk, number=package.number, now=NOW)


def lamps(shop: Shop, quantity: str = "10") -> Material:
    lamp = shop.buy("LAMP", cost="20")
    put(shop, lamp, quantity, shelf(shop, "A1"))
    return lamp


def test_the_check_digit_of_a_package() -> None:
    """0 0000001 000000002: digits in turns times 3 and 1. The 1 stands in place 7 (from 0): times 1. The 2 in place 16:
    times 3 = 6. 7 in all, 3 to the next ten."""
    assert sscc(1, 2) == "000000010000000023"


def test_a_shipment_leaves_when_every_package_was_scanned(shop: Shop) -> None:
    """5 lamps, 3 in one carton and 2 in another."""
    lamp = lamps(shop)
    order = shop.order((lamp, "5"))
    pick_all(pick_list(shop, order))
    shipment, first = begun(shop, order)
    assert erp.start_packing(order_id=order.pk, plant=shop.plant, now=NOW) == shipment
    fill(first, "LAMP", "3")
    second = erp.add_package(shipment_id=shipment.pk)
    fill(second, "lamp")
    fill(second, "lamp")
    assert shipment.lines.get().quantity == 5
    with pytest.raises(erp.NotOfThisOrder):
        fill(second, "lamp")
    load(shipment, first)
    with pytest.raises(erp.NotLoaded) as refused:
        erp.ship(shipment_id=shipment.pk, now=NOW)
    assert refused.value.values["packages"] == [second.number]
    load(shipment, second)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    assert order.lines.get().shipped_qty == 5
    assert lying(lamp) == {"A1": (D(5), D(0))}
    with pytest.raises(erp.AlreadyShipped):
        fill(first, "LAMP")


def test_what_does_not_belong_is_put_aside(shop: Shop) -> None:
    lamp = lamps(shop)
    shop.buy("SHADE")
    shipment, package = begun(shop, shop.order((lamp, "2")))
    with pytest.raises(erp.NotOfThisOrder):
        fill(package, "SHADE")
    with pytest.raises(erp.OverShip):
        fill(package, "LAMP", "3")
    with pytest.raises(erp.NoSuchPackage):
        erp.load_package(shipment_id=shipment.pk, number="123", now=NOW)
    with pytest.raises(erp.OverShip):
        load(shipment, package)  # it is empty
    with pytest.raises(erp.NothingToPack):
        erp.ship(shipment_id=shipment.pk, now=NOW)


def test_the_lots_that_were_packed_leave(shop: Shop) -> None:
    """3 of L1 and 3 of L2 are kept for 4 + 2: 1 of L1 and 3 of L2 are packed and leave; the tracing knows the
    package."""
    glue, place = tracked(shop, "GLUE"), shelf(shop, "A1")
    one, two = lot_of(glue, "L1"), lot_of(glue, "L2")
    put(shop, glue, "3", place, one)
    put(shop, glue, "3", place, two)
    order = shop.order((glue, "6"))
    shipment, package = begun(shop, order)
    with pytest.raises(InvalidInput):
        fill(package, "GLUE", "1")
    fill(package, "L2", "3")
    fill(package, "L1")
    with pytest.raises(erp.OverShip):
        fill(package, "L2")
    load(shipment, package)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    gone = {row.lot.number: row.quantity for row in StockMove.objects.filter(kind="shipment") if row.lot}
    assert gone == {"L1": 1, "L2": 3}
    found = PackageContent.objects.filter(lot=two).get()
    assert (found.package.number, found.line.shipment) == (package.number, shipment)
    seen = accounts.create_user(username="eye", roles=[accounts.Role("auditor", shop.company)])
    assert lot_trace(two, seen)[-1].document == f"{order.number}, {package.number}"  # type: ignore[attr-defined]


def test_serial_numbers_go_one_by_one(shop: Shop) -> None:
    saw = tracked(shop, "SAW", "serial")
    place = shelf(shop, "A1")
    for number in ("S1", "S2"):
        put(shop, saw, "1", place, lot_of(saw, number))
    shipment, package = begun(shop, shop.order((saw, "1")))
    kept = "S1"
    fill(package, kept)
    load(shipment, package)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    assert [row.lot.number for row in StockMove.objects.filter(kind="shipment") if row.lot] == [kept]


def test_cartons_on_a_pallet_are_loaded_with_it(shop: Shop) -> None:
    lamp = lamps(shop)
    order = shop.order((lamp, "2"))
    shipment = erp.start_packing(order_id=order.pk, plant=shop.plant, now=NOW)
    pallet = erp.add_package(shipment_id=shipment.pk, kind="pallet")
    carton = erp.add_package(shipment_id=shipment.pk, parent_id=pallet.pk)
    with pytest.raises(erp.NoSuchPackage):
        erp.add_package(shipment_id=shipment.pk, parent_id=carton.pk)
    fill(carton, "LAMP", "2")
    with pytest.raises(erp.PackageNotEmpty):
        erp.drop_package(package_id=pallet.pk)
    erp.measure_package(package_id=pallet.pk, weight_kg=Decimal("12.5"), length_mm=1200, width_mm=800, height_mm=900)
    load(shipment, pallet)
    erp.ship(shipment_id=shipment.pk, now=NOW)
    assert set(shipment.packages.values_list("loaded_at", flat=True)) == {NOW}


def test_packing_is_taken_back(shop: Shop) -> None:
    """2 of 3 are taken out again, the shipment shrinks; then it is given up whole and all may be packed anew."""
    lamp = lamps(shop)
    order = shop.order((lamp, "3"))
    shipment, package = begun(shop, order)
    content = fill(package, "LAMP", "3")
    load(shipment, package)
    erp.take_out(content_id=content.pk, quantity=D(2))
    assert shipment.lines.get().quantity == 1
    erp.unpack_shipment(shipment_id=shipment.pk)
    assert not Shipment.objects.exists()
    assert erp.pack_shipment(order_id=order.pk, now=NOW).lines.get().quantity == 3
