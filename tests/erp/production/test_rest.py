"""Release, issue, give back and undoing over REST: refusals with what to do, versions, one effect a key."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp.models import WorkOrder
from tests.api.conftest import Caller, make_caller
from tests.erp.production.test_release import kept, shop_with, ten_shelves
from tests.factories import Factory

pytestmark = pytest.mark.django_db

D = Decimal


def planner_of(shop: Factory) -> Caller:
    return make_caller(shop.company, "planner")


def test_a_release_that_lacks_material_lists_it_and_needs_a_reason() -> None:
    """15 of 20 boards: a 409 with the 5 that lack, nothing kept; with a reason the 15 and the 80 screws are kept."""
    shop = shop_with("15", "80")
    order, planner = ten_shelves(shop), planner_of(shop)
    path = f"erp/work-orders/{order.pk}/release/"
    refused = planner.post(path, {})
    assert (refused.status_code, refused.json()["code"]) == (409, "material_short")
    assert [(one["code"], one["missing"]) for one in refused.json()["values"]["shortages"]] == [("BOARD", "5.000000")]
    assert kept(order) == {}
    wanting = planner.post(path, {"despite_shortage": True})
    assert (wanting.status_code, [one["field"] for one in wanting.json()["errors"]]) == (400, ["reason"])
    done = planner.post(path, {"despite_shortage": True, "reason": "The truck is at the gate"})
    assert (done.status_code, done.json()["state"]) == (200, "released")
    assert kept(order) == {"BOARD": 15, "SCREW": 80}


def test_a_release_of_an_old_version_is_refused_and_one_key_has_one_effect() -> None:
    """The release makes version 2; who read version 1 cannot take it back, who read 2 can."""
    shop = shop_with("20", "80")
    order, planner = ten_shelves(shop), planner_of(shop)
    path = f"erp/work-orders/{order.pk}/"
    first = planner.post(f"{path}release/", {}, key="a-release")
    again = planner.post(f"{path}release/", {}, key="a-release")
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert planner.post(f"{path}unrelease/", {}, If_Match='"1"').status_code == 412
    back = planner.post(f"{path}unrelease/", {}, If_Match=first.headers["ETag"])
    assert (back.status_code, back.json()["state"]) == (200, "firm")


def test_material_is_issued_and_given_back() -> None:
    """20 of 25 boards at 1.00 are issued; a 21st needs a reason; 5 go back, 15.00 stay in work."""
    shop = shop_with("25", "80")
    order, floor = ten_shelves(shop), make_caller(shop.company, "warehouse")
    path, board = f"erp/work-orders/{order.pk}", shop.materials["BOARD"].pk
    planner_of(shop).post(f"{path}/release/", {})
    assert floor.post(f"{path}/issue/", {"material": board, "quantity": "20"}).status_code == 200
    more = floor.post(f"{path}/issue/", {"material": board, "quantity": "1"})
    assert (more.status_code, [one["field"] for one in more.json()["errors"]]) == (409, ["reason"])
    foreign = floor.post(f"{path}/issue/", {"material": shop.materials["SHELF"].pk, "quantity": "1"})
    assert [one["field"] for one in foreign.json()["errors"]] == ["material"]
    back = floor.post(f"{path}/give-back/", {"material": board, "quantity": "5", "reason": "Cut with less"})
    assert back.status_code == 200
    [need] = [one for one in back.json()["materials"] if one["material"] == board]
    assert D(need["issued_qty"]) == 15
    cost = make_caller(shop.company, "accountant").get(f"{path}/cost/").json()
    assert (D(cost["wip"]), D(cost["live"]["material"])) == (15, 15)


def test_who_may_not_is_refused_and_what_is_not_theirs_is_not_found() -> None:
    shop = shop_with("20", "80")
    order = ten_shelves(shop)
    assert make_caller(shop.company, "sales").post(f"erp/work-orders/{order.pk}/release/", {}).status_code == 403
    assert planner_of(shop).post("erp/work-orders/999999/release/", {}).status_code == 404
    assert WorkOrder.objects.get(pk=order.pk).state == "firm"
