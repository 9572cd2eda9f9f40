"""Fulfilment over REST: from the pick list to what becomes of a return, with keys and versions."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.utils import timezone

from erp.models import CustomerReturn, Package, PickLine, SalesOrder, Shipment
from tests.api.conftest import Caller, make_caller
from tests.erp.fulfilment.yard import put, shelf
from tests.erp.shop import Shop

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n0000").decode()


@pytest.fixture
def program(shop: Shop) -> Caller:
    return make_caller(shop.company, "integration")


def ordered(shop: Shop, quantity: str = "3") -> SalesOrder:
    lamp = shop.buy("LAMP", cost="20")
    put(shop, lamp, "10", shelf(shop, "A1"))
    return shop.order((lamp, quantity))


def ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content.decode()
    return answer.json() if answer.content else None


def test_from_the_pick_list_to_the_return(shop: Shop, program: Caller) -> None:
    order = ordered(shop)
    body = {"plant": shop.plant.pk, "orders": [order.pk]}
    walk = ok(program.post("erp/pick-lists/", body, key="walk"), 201)
    assert ok(program.post("erp/pick-lists/", body, key="walk"), 201) == walk
    line = walk["lines"][0]["id"]
    refused = ok(program.post(f"erp/pick-lines/{line}/pick/", {"quantity": "3", "place": "B9"}), 409)
    assert refused["code"] == "wrong_goods"
    picked = ok(program.post(f"erp/pick-lines/{line}/pick/", {"quantity": "3", "place": "A1", "goods": "LAMP"}))
    assert picked["picked_qty"] == "3.000000"
    assert ok(program.get("erp/pick-lists/", closed_at__isnull="true"))["count"] == 0
    shipment = ok(program.post(f"erp/sales-orders/{order.pk}/start-packing/", {"plant": shop.plant.pk}), 201)["id"]
    package = ok(program.post(f"erp/shipments/{shipment}/add-package/", {"kind": "carton"}), 201)
    filled = ok(program.post(f"erp/packages/{package['id']}/pack-into/", {"goods": "LAMP", "quantity": "3"}))
    assert filled["contents"][0]["quantity"] == "3.000000"
    ok(program.post(f"erp/packages/{package['id']}/measure/", {"weight_kg": "4.2"}))
    assert ok(program.post(f"erp/shipments/{shipment}/ship/"), 409)["code"] == "not_loaded"
    ok(program.post(f"erp/shipments/{shipment}/load/", {"number": package["number"]}))
    stale = program.post(f"erp/shipments/{shipment}/ship/", If_Match='"1"')
    assert stale.status_code == 412
    shipped = ok(program.post(f"erp/shipments/{shipment}/ship/"))
    sent = shipped["lines"][0]["id"]
    delivered = {
        "delivered_at": timezone.now().isoformat(), "received_by": "Ms Corner", "proof": PNG,
        "damaged": [{"line": sent, "quantity": "1"}],
    }  # fmt: skip
    assert ok(program.post(f"erp/shipments/{shipment}/deliver/", delivered), 201)["proof_type"] == "image/png"
    back = ok(program.get("erp/customer-returns/", reason="damaged"))["results"][0]
    body = {"line": back["lines"][0]["id"], "quantity": "1"}
    receipt = ok(program.post(f"erp/customer-returns/{back['id']}/receive/", body), 201)
    quality = make_caller(shop.company, "quality")
    decided = ok(quality.post(f"erp/return-receipts/{receipt['id']}/decide/", {"outcome": "restock"}))
    assert decided["outcome"] == "restock"
    assert CustomerReturn.objects.get().closed_at is not None


def test_packing_is_undone_and_a_shipment_given_up(shop: Shop, program: Caller) -> None:
    order = ordered(shop)
    shipment = ok(program.post(f"erp/sales-orders/{order.pk}/start-packing/", {"plant": shop.plant.pk}), 201)["id"]
    package = ok(program.post(f"erp/shipments/{shipment}/add-package/", {}), 201)["id"]
    content = ok(program.post(f"erp/packages/{package}/pack-into/", {"goods": "LAMP"}))["contents"][0]["id"]
    ok(program.post(f"erp/packages/{package}/take-out/", {"content": content}))
    ok(program.post(f"erp/packages/{package}/drop/"), 204)
    assert not Package.objects.exists()
    ok(program.post(f"erp/shipments/{shipment}/unpack/"), 204)
    assert not Shipment.objects.exists()


def test_short_unpicked_and_closed(shop: Shop, program: Caller) -> None:
    order = ordered(shop)
    walk = ok(program.post("erp/pick-lists/", {"plant": shop.plant.pk, "orders": [order.pk]}), 201)
    line = walk["lines"][0]["id"]
    ok(program.post(f"erp/pick-lines/{line}/pick/", {"quantity": "2"}))
    ok(program.post(f"erp/pick-lines/{line}/unpick/", {"quantity": "1"}), 204)
    short = ok(program.post(f"erp/pick-lines/{line}/short/"))
    assert (short["missing"], short["elsewhere"]) == ("1.000000", [])
    assert short["count_sheet"]
    assert ok(program.post(f"erp/pick-lists/{walk['id']}/close/"), 409)["code"] == "pick_list_closed"
    assert PickLine.objects.get().picked_qty == 1


def test_an_order_is_shipped_as_agreed_and_cancelled_in_part(shop: Shop) -> None:
    order = ordered(shop)
    sales = make_caller(shop.company, "sales")
    agreed = ok(sales.post(f"erp/sales-orders/{order.pk}/set-shipping/", {"complete": "order", "over_percent": "5"}))
    assert (agreed["complete"], agreed["over_percent"]) == ("order", "5.00")
    assert ok(sales.post(f"erp/sales-orders/{order.pk}/close-short/", {"line": order.lines.get().pk}), 409)["code"] == (
        "not_within_tolerance"
    )
    store = make_caller(shop.company, "warehouse")
    refused = ok(store.post(f"erp/sales-orders/{order.pk}/bring-together/", {}), 400)
    assert refused["code"] == "invalid_input"
    body = {"reason": "Less", "line": order.lines.get().pk, "quantity": "1"}
    less = ok(sales.post(f"erp/sales-orders/{order.pk}/cancel/", body))
    assert less["lines"][0]["quantity"] == "2.000000"
    assert ok(sales.post(f"erp/sales-orders/{order.pk}/free-surplus/"), 409)["code"] == "no_surplus"
    gone = ok(sales.post(f"erp/sales-orders/{order.pk}/cancel/", {"reason": "All of it"}))
    assert gone["status"]["is_cancelled"] is True


def test_credit_is_limited_and_released(shop: Shop) -> None:
    lamp = shop.buy("LAMP")
    draft = shop.draft((lamp, "1"))
    clerk, sales = make_caller(shop.company, "accountant"), make_caller(shop.company, "sales")
    body = {"customer": shop.customer.pk, "company": shop.company.pk, "amount": "0", "overdue_days": 3}
    row = ok(clerk.post("erp/credit-limits/", body), 201)
    assert clerk.post("erp/credit-limits/", body, If_Match='"7"').status_code == 412
    assert ok(sales.get("erp/credit-limits/"))["results"][0]["id"] == row["id"]
    held = ok(sales.post(f"erp/sales-orders/{draft.pk}/confirm/"), 409)
    assert (held["code"], held["values"]["owed"]) == ("credit_hold", "119.00")
    assert sales.post(f"erp/sales-orders/{draft.pk}/release-credit/", {"reason": "x"}).status_code == 403
    released = ok(clerk.post(f"erp/sales-orders/{draft.pk}/release-credit/", {"reason": "Known well"}), 201)
    assert released["exposure"] == "119.0000"
    ok(sales.post(f"erp/sales-orders/{draft.pk}/confirm/"))
