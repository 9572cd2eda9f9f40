"""Lots, serial numbers, remnants: told apart, one number one piece, and what expires first goes first."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from erp import selectors as erp_now
from erp import services as erp
from erp.models import Lot, MaterialValue, Reservation, StockBalance
from erp.stock.lots import TrackingStands
from erp.stock.tracking import LotNeeded, SerialNumberTaken
from masterdata.errors import InvalidInput
from masterdata.models import Material, Unit
from tests.erp.shop import NOW, Shop

D = Decimal


def tracked(
    shop: Shop, code: str, tracking: str, *, unit: Unit | None = None, is_dimensioned: bool = False
) -> Material:
    material = shop.buy(code, unit)
    return erp.set_tracking(material_id=material.pk, tracking=tracking, is_dimensioned=is_dimensioned)


def lot(material: Material, number: str, **more: object) -> Lot:
    return erp.ensure_lot(material=material, number=number, now=NOW, **more)  # type: ignore[arg-type]


def bring(shop: Shop, material: Material, quantity: str, one: Lot | None) -> None:
    row = erp.OpeningStock(material.pk, shop.shelf.pk, D(quantity), D(2), one.pk if one else None)
    erp.receive_opening(rows=[row], now=NOW)


def test_what_is_kept_by_lot_does_not_come_without_one(shop: Shop) -> None:
    glue = tracked(shop, "GLUE", "lot")
    with pytest.raises(LotNeeded):
        bring(shop, glue, "5", None)
    bring(shop, glue, "5", lot(glue, "A1"))
    bring(shop, glue, "5", lot(glue, "A1"))
    assert [(row.lot.number, row.on_hand) for row in StockBalance.objects.filter(on_hand__gt=0)] == [("A1", 10)]
    assert MaterialValue.objects.get().value == 20


def test_what_expires_first_is_taken_first_and_what_is_blocked_not_at_all(shop: Shop) -> None:
    """B expires before A, C is recalled: an order of 7 gets 5 of B and 2 of A; 3 of A are free."""
    glue = tracked(shop, "GLUE", "lot")
    a, b, c = (
        lot(glue, number, expires_on=dt.date(2026, month, 1)) for number, month in (("A", 9), ("B", 8), ("C", 7))
    )
    for one in (a, b, c):
        bring(shop, glue, "5", one)
    erp.block_lot(lot_id=c.pk, because="Recalled", now=NOW)
    shop.order((glue, "7"))
    kept = Reservation.objects.order_by("id").values_list("balance__lot__number", "quantity")
    assert list(kept) == [("B", 5), ("A", 2)]
    assert erp_now.free_quantity(shop.plant.pk, [glue.pk]) == {glue.pk: 3}


def test_an_expired_lot_is_blocked_by_the_clock_and_its_order_supplied_again(shop: Shop) -> None:
    """On 2 August the lot that ends on the 1st is blocked: the order's 4 come from the other lot."""
    glue = tracked(shop, "GLUE", "lot")
    old, new = lot(glue, "OLD", expires_on=dt.date(2026, 8, 1)), lot(glue, "NEW", expires_on=dt.date(2026, 12, 1))
    bring(shop, glue, "4", old), bring(shop, glue, "9", new)
    shop.order((glue, "4"))
    assert erp.block_expired_lots(now=dt.datetime(2026, 8, 1, 12, tzinfo=dt.UTC)) == 0
    assert erp.block_expired_lots(now=dt.datetime(2026, 8, 2, 1, tzinfo=dt.UTC)) == 1
    kept = Reservation.objects.filter(quantity__gt=0).values_list("balance__lot__number", "quantity")
    assert list(kept) == [("NEW", 4)]


def test_a_serial_number_is_one_piece_in_one_place(shop: Shop) -> None:
    saw = tracked(shop, "SAW", "serial")
    one = lot(saw, "S-1")
    bring(shop, saw, "1", one)
    with pytest.raises(SerialNumberTaken):
        bring(shop, saw, "1", one)
    with pytest.raises(SerialNumberTaken):
        bring(shop, saw, "2", lot(saw, "S-2"))
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE erp_stockbalance SET on_hand = 2 WHERE is_serial")


def test_tracking_changes_only_while_nothing_is_there(shop: Shop) -> None:
    glue = shop.buy("GLUE")
    shop.stock(glue, "1")
    with pytest.raises(TrackingStands):
        erp.set_tracking(material_id=glue.pk, tracking="lot")
    with pytest.raises(IntegrityError), transaction.atomic():
        Material.objects.filter(pk=glue.pk).update(tracking="lot")


def test_a_cut_leaves_a_smaller_lot_of_its_size(shop: Shop) -> None:
    """A panel of 2.8 x 2.0 m is 5.6 m2 worth 11.20. A remnant of 1.5 x 1.2 m is 1.8 m2; 3.8 m2 stay with the panel."""
    m2 = Unit.objects.create(code="M2", name="Square metre", rounding=D("0.0001"))
    board = tracked(shop, "BOARD", "lot", unit=m2, is_dimensioned=True)
    with pytest.raises(InvalidInput):
        lot(board, "P0")
    panel = lot(board, "P1", length_mm=2800, width_mm=2000)
    bring(shop, board, "5.6", panel)
    row = StockBalance.objects.get(lot=panel)
    with pytest.raises(InvalidInput):
        erp.cut_remnant(balance_id=row.pk, number="R0", length_mm=2700, width_mm=2100, now=NOW)
    erp.cut_remnant(balance_id=row.pk, number="R1", length_mm=1500, width_mm=1200, now=NOW)
    found = {one.lot.number: one.on_hand for one in StockBalance.objects.filter(on_hand__gt=0)}
    assert found == {"P1": D("3.8"), "R1": D("1.8")}
    assert Lot.objects.get(number="R1").cut_from == panel
    assert MaterialValue.objects.get().value == D("11.20")
