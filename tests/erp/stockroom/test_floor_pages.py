"""Putting away and counting as pages: what the warehouse and the shift lead see and do, with figures."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from erp import services as erp
from erp.models import CountSheet, Lot, StockBalance
from erp.stock import counting
from masterdata import accounts
from masterdata.models import Location, Material
from tests.erp.shop import NOW, Shop

D = Decimal


def enter(shop: Shop, role: str) -> Client:
    client = Client()
    client.force_login(accounts.create_user(username=role, roles=[accounts.Role(role, shop.company)]))
    return client


def place(shop: Shop, code: str, **more: Any) -> Location:
    return Location.objects.create(
        plant=shop.plant, warehouse=shop.shelf.warehouse, code=code, name=f"Place {code}", **more
    )


def bring(
    shop: Shop, material: Material, where: Location, quantity: str, cost: str = "3", lot: Lot | None = None
) -> None:
    row = erp.OpeningStock(material.pk, where.pk, D(quantity), D(cost), lot.pk if lot else None)
    erp.receive_opening(rows=[row], now=NOW)


def there(material: Material) -> dict[str, Decimal]:
    rows = StockBalance.objects.filter(material=material, on_hand__gt=0)
    return dict(rows.values_list("location__code", "on_hand"))


def test_goods_are_put_away_with_one_click_or_by_scanning_the_place(shop: Shop) -> None:
    """10 lamps at the dock, the rack is their place. 4 go by scan to another place, the other 6 by one click."""
    dock, rack, far = place(shop, "DOCK", is_receiving=True), place(shop, "RACK"), place(shop, "FAR")
    lamp, wanda = shop.buy("LAMP"), enter(shop, "warehouse")
    bring(shop, lamp, dock, "10")
    erp.set_home(material=lamp, location=rack, plant=shop.plant)
    address = reverse("erp:put_away")
    assert b"Place RACK" in wanda.get(address).content
    assert b"NAIL does not wait" in wanda.post(address, {"scan": "NAIL"}).content
    at_hand = wanda.post(address, {"scan": "lamp"})["Location"]
    wrong = wanda.post(at_hand, {"scan": "NOWHERE", "quantity": "4"})
    assert (wrong.status_code, b"There is no place NOWHERE" in wrong.content) == (422, True)
    assert b"Only 10 of LAMP can be taken" in wanda.post(at_hand, {"scan": "FAR", "quantity": "11"}).content
    assert wanda.post(at_hand, {"scan": "far", "quantity": "4"})["Location"] == address
    row = StockBalance.objects.get(location=dock)
    for _ in range(2):  # a double click has one effect
        wanda.post(address, {"deed": "propose", "row": row.pk, "idempotency_key": "once"})
    assert there(lamp) == {"FAR": 4, "RACK": 6}
    assert b"Everything is put away" in wanda.get(address).content
    assert far.pk


def test_a_blind_count_is_scanned_in_reviewed_and_approved(shop: Shop) -> None:
    """10 lamps at 3.00, 6 found; 5 screws at 1.00, 5 found: 12.00 are above the limit of 5.00."""
    lamp, screw = shop.buy("LAMP"), shop.buy("SCREW")
    shop.stock(lamp, "10", "3"), shop.stock(screw, "5")
    order = shop.order((lamp, "8"))
    counting.set_count_limit(plant=shop.plant, amount=D(5))
    wanda, lead = enter(shop, "warehouse"), enter(shop, "shift_lead")
    new = reverse("erp:new_count_sheet")
    wrong = wanda.post(new, {"plant": shop.plant.pk, "location": "NOWHERE", "is_blind": "on"})
    assert (wrong.status_code, b"NOWHERE is not known here" in wrong.content) == (422, True)
    page = wanda.post(new, {"plant": shop.plant.pk, "location": "stock", "is_blind": "on"})["Location"]
    sheet = CountSheet.objects.get()
    assert b"10" not in wanda.get(page).content.split(b"<tbody>")[1]  # blind
    at_lamp = wanda.post(page, {"scan": "lamp"})["Location"]
    assert b"as a number" in wanda.post(at_lamp, {"scan": "many"}).content
    wanda.post(at_lamp, {"scan": "6"})
    post = reverse("erp:post_count_sheet", args=[sheet.pk])
    wanda.post(post)
    sheet.refresh_from_db()
    assert sheet.is_open  # one place is not counted
    wanda.post(wanda.post(page, {"scan": "SCREW"})["Location"], {"scan": "5"})
    review = reverse("erp:count_sheet", args=[sheet.pk])
    assert b"Difference" not in wanda.get(review).content
    assert b"12.00 EUR, more than 5.00" in lead.get(review).content
    wanda.post(post, {"version": "1"})
    sheet.refresh_from_db()
    assert sheet.is_open  # above the limit
    lead.post(post, {"version": "1"})
    posted = lead.get(f"{review}?tab=cuts").content
    assert order.number.encode() in posted
    assert (there(lamp), there(screw)) == ({"STOCK": 6}, {"STOCK": 5})
    assert wanda.get(page).status_code == 302  # closed: the sheet itself


def test_what_the_sheet_does_not_know_is_counted_where_it_was_found(shop: Shop) -> None:
    """3 nails lie in a place that the book says is empty."""
    rack, lamp, nail = place(shop, "RACK"), shop.buy("LAMP"), shop.buy("NAIL")
    shop.stock(lamp, "1"), shop.stock(nail, "1", "2")
    sheet = counting.make_count_sheet(plant=shop.plant, now=NOW, material=lamp)
    wanda, page = enter(shop, "warehouse"), reverse("erp:enter_count", args=[sheet.pk])
    assert b"Scan the place in which it lies first" in wanda.post(page, {"scan": "NAIL"}).content
    assert b"is no place, material or lot here" in wanda.post(page, {"scan": "4006381333931"}).content
    at_rack = wanda.post(page, {"scan": "RACK"})["Location"]
    wanda.post(wanda.post(at_rack, {"scan": "NAIL"})["Location"], {"scan": "3"})
    wanda.post(wanda.post(page, {"scan": "STOCK"})["Location"], {"scan": "1"})
    wanda.post(reverse("erp:post_count_sheet", args=[sheet.pk]))
    assert there(nail) == {"STOCK": 1, rack.code: 3}


@pytest.mark.parametrize("name", ["put_away", "new_count_sheet"])
def test_who_may_not_count_or_move_is_refused(shop: Shop, name: str) -> None:
    assert enter(shop, "sales").get(reverse(f"erp:{name}")).status_code == 403
