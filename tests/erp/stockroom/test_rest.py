"""The stockroom through its interface: keys of the roles that do it, refusals with what is left."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from erp.models import Reservation, StockBalance
from masterdata.models import Location, ReasonCode
from tests.api.conftest import Caller, make_caller
from tests.erp.shop import Shop
from tests.erp.stock.test_transit import second_plant


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def refused(answer: Any, code: str) -> Any:
    assert (answer.status_code, answer.json()["code"]) == (409, code), answer.content
    return answer.json()


@pytest.fixture
def clerk(shop: Shop) -> Caller:
    return make_caller(shop.company, "warehouse")


def test_a_balance_is_moved_put_apart_and_set_free(shop: Shop, clerk: Caller) -> None:
    """10 lamps: 4 to the rack, 2 of the rest apart and back."""
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10")
    rack = Location.objects.create(plant=shop.plant, warehouse=shop.shelf.warehouse, code="RACK", name="Rack")
    reason = ReasonCode.objects.create(code="WET", name="Wet", kind="quarantine")
    balance = StockBalance.objects.get().pk
    key = uuid.uuid4().hex
    body = {"quantity": "4", "target": rack.pk, "note": "Nearer"}
    first = done(clerk.post(f"erp/stock-balances/{balance}/transfer/", body, key=key))
    assert done(clerk.post(f"erp/stock-balances/{balance}/transfer/", body, key=key)) == first
    assert (first["kind"], first["quantity"], "value" in first) == ("transfer", "4.000000", False)
    done(clerk.post(f"erp/stock-balances/{balance}/quarantine/", {"quantity": "2", "reason": reason.pk}))
    apart = StockBalance.objects.get(location__kind="quarantine")
    refused(clerk.post(f"erp/stock-balances/{apart.pk}/set-free/", {"quantity": "3"}), "not_enough_stock")
    done(clerk.post(f"erp/stock-balances/{apart.pk}/set-free/", {"quantity": "2"}))
    found = {row["location"]: row["on_hand"] for row in done(clerk.get("erp/stock-balances/"))["results"]}
    assert (found[shop.shelf.pk], found[rack.pk]) == ("6.000000", "4.000000")
    forbidden = clerk.post(f"erp/stock-balances/{balance}/scrap/", {"quantity": "1", "reason": reason.pk})
    assert forbidden.status_code == 403
    done(clerk.post(f"erp/stock-places/{rack.pk}/block/", {"because": "Broken"}))
    refused(clerk.post(f"erp/stock-balances/{balance}/transfer/", body), "location_blocked")


def test_a_count_is_blind_until_it_is_posted_and_above_the_limit_approved(shop: Shop, clerk: Caller) -> None:
    """10 lamps at 3, 6 found: 12.00 are above the limit of 5, which the shift lead may post."""
    lamp, lead = shop.buy("LAMP"), make_caller(shop.company, "shift_lead")
    shop.stock(lamp, "10", "3")
    done(lead.post("erp/count-limits/", {"plant": shop.plant.pk, "amount": "5"}), 201)
    sheet = done(clerk.post("erp/count-sheets/", {"plant": shop.plant.pk, "location": shop.shelf.pk}), 201)
    address = f"erp/count-sheets/{sheet['id']}"
    refused(clerk.post(f"{address}/post/"), "not_counted")
    counted = done(clerk.post(f"{address}/enter/", {"line": sheet["lines"][0]["id"], "quantity": "6"}))
    assert [(line["counted_qty"], line["book_qty"]) for line in counted["lines"]] == [("6.000000", None)]
    refused(clerk.post(f"{address}/post/"), "count_needs_approval")
    posted = done(lead.post(f"{address}/post/"))
    assert [(line["book_qty"], line["difference"]) for line in posted["lines"]] == [("10.000000", "-4.000000")]
    refused(clerk.post(f"{address}/drop/"), "count_sheet_closed")


def test_a_slip_of_the_pen_needs_somebody_who_may_approve_it(shop: Shop, clerk: Caller) -> None:
    """10 lamps by the book, a code typed as the quantity: refused although the plant has no limit. 100 more may be
    found anywhere, 101 of ten are more than ten times what is known. The shift lead may post it."""
    lamp, lead = shop.buy("LAMP"), make_caller(shop.company, "shift_lead")
    shop.stock(lamp, "10", "3")
    sheet = done(clerk.post("erp/count-sheets/", {"plant": shop.plant.pk, "location": shop.shelf.pk}), 201)
    address, line = f"erp/count-sheets/{sheet['id']}", sheet["lines"][0]["id"]
    done(clerk.post(f"{address}/enter/", {"line": line, "quantity": "400638133393"}))
    said = refused(clerk.post(f"{address}/post/"), "count_needs_approval")["detail"]
    assert "finds 400638133393 of LAMP where the book knows 10 in the whole plant: count again" in said
    done(clerk.post(f"{address}/enter/", {"line": line, "quantity": "111"}))
    refused(clerk.post(f"{address}/post/"), "count_needs_approval")
    done(clerk.post(f"{address}/enter/", {"line": line, "quantity": "110"}))
    done(clerk.post(f"{address}/post/"))
    again = done(clerk.post("erp/count-sheets/", {"plant": shop.plant.pk, "location": shop.shelf.pk}), 201)
    address, line = f"erp/count-sheets/{again['id']}", again["lines"][0]["id"]
    done(clerk.post(f"{address}/enter/", {"line": line, "quantity": "5000"}))
    refused(clerk.post(f"{address}/post/"), "count_needs_approval")
    done(lead.post(f"{address}/post/"))


def test_a_value_far_off_wants_somebody_who_is_sure(shop: Shop) -> None:
    """Lamps worth 3: 30 and 0.30 are taken, beyond that only with `is_sure`."""
    lamp, accountant = shop.buy("LAMP"), make_caller(shop.company, "accountant")
    shop.stock(lamp, "10", "3")
    body = {"plant": shop.plant.pk, "reason": "Market"}

    def worth(value: str, **more: Any) -> Any:
        return accountant.post(
            "erp/value-changes/", body | {"values": [{"material": lamp.pk, "unit_value": value}]} | more
        )

    said = refused(worth("30.01"), "implausible_value")["detail"]
    assert said.startswith("LAMP is worth 3 a unit: 30.01 is more than 10 times that, or less than a tenth.")
    done(worth("30"), 201)
    refused(worth("0"), "implausible_value")
    done(worth("0", is_sure=True), 201)


def test_lots_are_made_blocked_and_traced(shop: Shop, clerk: Caller) -> None:
    engineer = make_caller(shop.company, "planner")
    glue = shop.buy("GLUE")
    done(engineer.post(f"erp/tracked-materials/{glue.pk}/set-tracking/", {"tracking": "lot"}))
    made = done(clerk.post("erp/lots/", {"material": glue.pk, "number": "G1", "expires_on": "2027-01-31"}), 201)
    sheet_of = {"plant": shop.plant.pk, "location": shop.shelf.pk}
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "1")
    sheet = done(clerk.post("erp/count-sheets/", sheet_of), 201)
    address = f"erp/count-sheets/{sheet['id']}"
    done(clerk.post(f"{address}/enter/", {"line": sheet["lines"][0]["id"], "quantity": "1"}))
    body = {"material": glue.pk, "location": shop.shelf.pk, "lot": made["id"], "quantity": "5"}
    done(clerk.post(f"{address}/found/", body))
    done(clerk.post(f"{address}/post/"))
    assert done(clerk.post(f"erp/lots/{made['id']}/block/", {"because": "Lumps"}))["is_blocked"]
    assert not done(clerk.post(f"erp/lots/{made['id']}/unblock/"))["is_blocked"]
    trace = done(clerk.get(f"erp/lots/{made['id']}/trace/"))
    assert [(step["kind"], step["quantity"]) for step in trace] == [("adjustment", "5.000000")]


def test_pieces_are_kept_and_let_go(shop: Shop) -> None:
    seller = make_caller(shop.company, "sales")
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "3")
    line = shop.draft((lamp, "5")).lines.get()
    body = {"sales_order_line": line.pk, "quantity": "4"}
    answer = refused(seller.post("erp/reservations/keep/", body), "not_enough_free")
    assert answer["values"]["available"] == "3.000000"
    kept = done(seller.post("erp/reservations/keep/", body | {"quantity": "3"}), 201)["reservations"]
    assert [(row["quantity"], row["kind"]) for row in kept] == [("3.000000", "soft")]
    done(seller.post(f"erp/reservations/{kept[0]['id']}/let-go/", {"quantity": "1"}))
    assert StockBalance.objects.get().reserved == 2


def test_of_forty_requests_for_ten_pieces_ten_are_granted_and_thirty_told(committed: None) -> None:
    """40 draft orders of one lamp each, 10 lamps, 8 connections at a time: 10 answers 201, 30 answers 409 that say
    that nothing is left, nothing else."""
    shop = Shop()
    lamp = shop.buy("LAMP")
    shop.stock(lamp, "10")
    lines = [shop.draft((lamp, "1")).lines.get().pk for _ in range(40)]
    seller = make_caller(shop.company, "sales")
    gate = threading.Barrier(8)

    def want(place: int) -> tuple[int, str]:
        if place < 8:
            gate.wait(timeout=30)
        try:
            answer = seller.post("erp/reservations/keep/", {"sales_order_line": lines[place], "quantity": "1"})
            told = answer.json()
            return answer.status_code, told["values"]["available"] if answer.status_code == 409 else ""
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(want, range(40)))
    assert sorted(set(answers)) == [(201, ""), (409, "0")]
    assert (answers.count((201, "")), answers.count((409, "0"))) == (10, 30)
    assert (Reservation.objects.count(), StockBalance.objects.get().reserved) == (10, 10)


def test_the_plant_that_goods_go_to_receives_them_and_the_one_they_left_gives_them_up(shop: Shop) -> None:
    """Two shift leads, each of one plant: the first may not receive in the other, nor the second give up."""
    other = second_plant(shop)
    shop.stock(shop.buy("BOARD"), "5", "2")
    here = make_caller(shop.company, "shift_lead", plant=shop.plant)
    there = make_caller(shop.company, "shift_lead", plant=other)
    both = make_caller(shop.company, "shift_lead")
    piece = {"balance": StockBalance.objects.get().pk, "quantity": "3"}
    sent = done(both.post("erp/transfers/", {"to_plant": other.pk, "pieces": [piece]}), 201)
    address, part = f"erp/transfers/{sent['id']}", {"lines": [{"line": sent["lines"][0]["id"], "quantity": "1"}]}
    assert here.post(f"{address}/receive/", part).status_code == 403
    assert there.post(f"{address}/give-up/", {"note": "Lost"}).status_code == 403
    assert done(there.post(f"{address}/receive/", part))["lines"][0]["arrived_qty"] == "1.000000"
    assert done(here.post(f"{address}/give-up/", {"note": "Lost"}))["lines"][0]["lost_qty"] == "2.000000"


def test_only_places_that_hold_stock_are_blocked(shop: Shop, clerk: Caller) -> None:
    """Where goods come from or go to is no place: blocking it would change nothing."""
    for kind in ("supplier", "customer", "production", "loss"):
        place = Location.objects.get(plant=shop.plant, kind=kind)
        refused(clerk.post(f"erp/stock-places/{place.pk}/block/", {"because": "Inventory"}), "no_place")
