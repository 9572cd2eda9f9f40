"""Buying through the front door: a requisition, its quotation and order, what changes, comes and goes back."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from masterdata.models import Partner
from tests.api.test_stories import Shop, done, shop

__all__ = ["shop"]


def test_from_a_wish_to_goods_that_go_back(shop: Shop) -> None:
    """10 legs are wished for, agreed to, asked for at 2.50, ordered, cut to 8; 6 come, 2 go back, 2 are cancelled."""
    buyer, planner, warehouse = shop.by("buyer"), shop.by("planner"), shop.by("warehouse")
    day = (timezone.localdate() + dt.timedelta(days=20)).isoformat()
    legs = {"material": shop.shop.materials["LEG"].pk, "quantity": "10", "needed_on": day}
    body = {"plant": shop.shop.plant.pk, "reason": "Spare legs", "lines": [legs]}
    wish = done(warehouse.post("erp/requisitions/", body), 201)
    assert warehouse.post(f"erp/requisitions/{wish['id']}/approve/").status_code == 403
    stale = planner.post(f"erp/requisitions/{wish['id']}/approve/", If_Match='"7"')
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    agreed = done(planner.post(f"erp/requisitions/{wish['id']}/approve/", If_Match='"1"'))
    planned = agreed["lines"][0]["planned_order"]

    supplier = Partner.objects.filter(is_supplier=True).order_by("pk").first()
    assert supplier is not None
    asked = {"planned_orders": [planned], "suppliers": [supplier.pk], "answer_by": day}
    request = done(buyer.post("erp/quotation-requests/", asked), 201)
    line = request["lines"][0]["id"]
    said: dict[str, Any] = {"line": line, "unit_price": "2.50", "lead_time_days": 3}
    noted = {"supplier": supplier.pk, "answers": [said]}
    done(buyer.post(f"erp/quotation-requests/{request['id']}/note-answer/", noted))
    award = {"awards": [{"line": line, "supplier": supplier.pk}]}
    answer = buyer.post(f"erp/quotation-requests/{request['id']}/award/", award, key="award-1")
    order = done(answer, 201)["orders"][0]
    again = buyer.post(f"erp/quotation-requests/{request['id']}/award/", award, key="award-1")
    assert done(again, 201)["orders"] == [order]
    left = done(buyer.post("erp/planned-orders/order-together/", {"planned_orders": [planned]}), 201)["left"]
    assert [one["material_code"] for one in left] == ["LEG"]

    address, first = f"erp/purchase-orders/{order['id']}", order["lines"][0]["id"]
    changed = done(buyer.post(f"{address}/change-line/", {"line": first, "quantity": "8"}))
    assert (changed["lines"][0]["quantity"], changed["lines"][0]["cancelled_qty"]) == ("8.000000", "2.000000")
    parts = [{"quantity": quantity, "confirmed_at": f"{day}T10:00:00Z"} for quantity in ("6", "2")]
    split = done(buyer.post(f"{address}/split-line/", {"line": first, "deliveries": parts}))
    assert [one["quantity"] for one in split["lines"]] == ["6.000000", "2.000000"]
    receipt = done(warehouse.post(f"{address}/receive/", {"lines": [{"line": first, "quantity": "6"}]}), 201)
    back = {
        "lines": [{"line": receipt["lines"][0]["id"], "quantity": "2"}],
        "reason": "Scratched",
        "is_replaced": False,
    }
    assert done(warehouse.post(f"erp/receipts/{receipt['id']}/send-back/", back), 201)["number"].startswith("RT-")
    closed = done(buyer.post(f"{address}/cancel/", {"why": "is not needed"}))
    assert [(one["quantity"], one["received_qty"]) for one in closed["lines"]] == [
        ("4.000000", "4.000000"),
        ("0.000000", "0.000000"),
    ]
    over = warehouse.post(f"{address}/receive/", {"lines": [{"line": first, "quantity": "1"}]})
    assert (over.status_code, over.json()["code"]) == (409, "over_receipt")


def test_limits_are_set_by_who_answers_for_the_money(shop: Shop) -> None:
    """The accountant may, the buyer may only look."""
    buyer, accountant = shop.by("buyer"), shop.by("accountant")
    body = {"plant": shop.shop.plant.pk, "buyer": buyer.user.pk, "max_value": "500.00", "fence_days": 14}
    assert buyer.post("erp/buying-limits/", body).status_code == 403
    made = done(accountant.post("erp/buying-limits/", body), 201)
    assert done(buyer.get(f"erp/buying-limits/?buyer={buyer.user.pk}"))["results"] == [made]
    twice = accountant.post("erp/buying-limits/", body)
    assert twice.status_code == 400
