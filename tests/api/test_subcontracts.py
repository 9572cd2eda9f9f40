"""Subcontracting through the front door: supply, send, receive with what was used, take back."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from masterdata.models import Partner
from tests.api.test_stories import Shop, done, shop

__all__ = ["shop"]


def test_components_go_out_and_come_back(shop: Shop) -> None:
    """Five stools of three legs each at a fee: 15 legs of 20 are kept and go out; two stools use 7; 8 are there.

    Nine more are needed, so one has to follow; all eight come back when the buyer changes his mind.
    """
    buyer, warehouse = shop.by("buyer"), shop.by("warehouse")
    shop.shop.quantity("LEG", 20)
    supplier = Partner.objects.filter(is_supplier=True).order_by("pk").first()
    assert supplier is not None
    day = (timezone.now() + dt.timedelta(days=20)).isoformat()
    line = {"material": shop.shop.materials["STOOL"].pk, "quantity": "5", "unit_price": "9.00", "due_at": day}
    body = {"plant": shop.shop.plant.pk, "supplier": supplier.pk, "lines": [line]}
    order = done(buyer.post("erp/purchase-orders/", body), 201)
    address, first = f"erp/purchase-orders/{order['id']}", order["lines"][0]["id"]
    assert warehouse.post(f"{address}/supply-components/", {"line": first}).status_code == 403
    stale = buyer.post(f"{address}/supply-components/", {"line": first}, If_Match='"7"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    agreed = done(buyer.post(f"{address}/supply-components/", {"line": first}), 201)["components"]
    assert [(one["quantity"], one["sent_qty"]) for one in agreed] == [("3.000000", "0.000000")]
    component = agreed[0]["id"]
    state = done(buyer.get(f"erp/supplied-components/{component}/"))
    assert (state["to_send"], state["kept"], state["missing"]) == ("15.000000", "15.000000", "0.000000")

    assert buyer.post(f"{address}/send-components/", {}).status_code == 403
    note = done(warehouse.post(f"{address}/send-components/", {}, key="out-1"), 201)
    assert done(warehouse.post(f"{address}/send-components/", {}, key="out-1"), 201) == note
    assert [one["quantity"] for one in note["lines"]] == ["15.000000"]
    again = warehouse.post(f"{address}/send-components/", {})
    assert (again.status_code, again.json()["code"]) == (409, "no_components")

    came = {"lines": [{"line": first, "quantity": "2"}], "used": [{"component": component, "quantity": "16"}]}
    missing = warehouse.post(f"{address}/receive/", came)
    assert (missing.status_code, missing.json()["code"]) == (409, "components_missing")
    came["used"][0]["quantity"] = "7"
    done(warehouse.post(f"{address}/receive/", came), 201)
    state = done(buyer.get(f"erp/supplied-components/?order={order['id']}"))["results"][0]
    assert (state["there"], state["should_have_used"], state["to_send"]) == ("8.000000", "6.000000", "1.000000")
    back = {"parts": [{"component": component, "quantity": "8"}]}
    assert done(warehouse.post(f"{address}/take-back-components/", back), 201)["is_return"] is True
    notes = done(buyer.get(f"erp/subcontract-notes/?order={order['id']}"))["results"]
    assert sorted(one["is_return"] for one in notes) == [False, True]
