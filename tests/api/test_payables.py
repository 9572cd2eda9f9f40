"""Supplier invoices and value of stock through the front door: each deed by a key of the role that does it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from erp import services as erp
from erp.models import PurchaseOrderLine, ReceiptLine, StockMove
from tests import factories
from tests.api.conftest import make_caller
from tests.factories import Factory

pytestmark = pytest.mark.django_db

D = Decimal


def done(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content
    return answer.json()


def bought() -> tuple[Factory, PurchaseOrderLine, ReceiptLine]:
    """10 boards at 3.00 ordered and received this year."""
    now = timezone.now()
    shop = factories.factory(year=now.year)
    board = factories.material(shop, "BOARD")
    line = erp.PurchaseLineInput(material_id=board.pk, quantity=D(10), unit_price=D(3), due_at=now)
    order = erp.create_purchase_order(plant=shop.plant, supplier=shop.supplier, lines=[line], now=now)
    receipt = erp.receive_purchase(purchase_order_id=order.pk, now=now)
    return shop, order.lines.get(), receipt.lines.get()


def paper(shop: Factory, line: PurchaseOrderLine, net: str) -> dict[str, Any]:
    return {
        "company": shop.company.pk,
        "supplier": shop.supplier.pk,
        "reference": "R-1",
        "invoiced_on": timezone.now().date().isoformat(),
        "lines": [{"order_line": line.pk, "quantity": "10", "net_amount": net, "tax_code": shop.tax.pk}],
    }


def test_an_invoice_is_entered_held_released_and_paid() -> None:
    """31.00 for 30.00 is held; the buyer releases it with the version read; 36.89 with 19 % tax are paid."""
    shop, line, _ = bought()
    accountant, buyer = make_caller(shop.company, "accountant"), make_caller(shop.company, "buyer")
    body = paper(shop, line, "31")
    held = done(accountant.post("erp/supplier-invoices/", body, key="one"), 201)
    assert (held["state"], [hold["reason"] for hold in held["holds"]]) == ("held", ["price"])
    assert done(accountant.post("erp/supplier-invoices/", body, key="one"), 201)["id"] == held["id"]
    again = accountant.post("erp/supplier-invoices/", body)
    assert (again.status_code, again.json()["code"]) == (409, "duplicate_reference")
    release = f"erp/supplier-invoices/{held['id']}/release/"
    assert accountant.post(release, {"reason": "Agreed"}).status_code == 403
    assert buyer.post(release, {"reason": "Agreed"}, If_Match='"7"').status_code == 412
    posted = done(buyer.post(release, {"reason": "Agreed"}, If_Match='"1"'))
    assert (posted["state"], posted["gross_amount"]) == ("posted", "36.8900")
    payment = {
        "company": shop.company.pk,
        "supplier": shop.supplier.pk,
        "parts": [{"invoice": held["id"], "amount": "36.89"}],
        "paid_on": timezone.now().date().isoformat(),
    }
    assert done(accountant.post("erp/supplier-payments/", payment), 201)["amount"] == "36.8900"
    assert accountant.post("erp/supplier-payments/", payment).json()["code"] == "paid_too_much"


def test_tolerances_withdrawal_and_what_another_company_may_not_name() -> None:
    shop, line, _ = bought()
    accountant = make_caller(shop.company, "accountant")
    held = done(accountant.post("erp/supplier-invoices/", paper(shop, line, "31")), 201)
    done(accountant.post(f"erp/supplier-invoices/{held['id']}/withdraw/"))
    limits = {"company": shop.company.pk, "price_percent": "5", "quantity_percent": "0"}
    done(accountant.post("erp/match-tolerances/", limits), 201)
    assert done(accountant.post("erp/supplier-invoices/", paper(shop, line, "31")), 201)["state"] == "posted"
    elsewhere = factories.Company.objects.create(code="EL", name="Elsewhere", currency=shop.company.currency)
    stranger = make_caller(elsewhere, "accountant")
    assert stranger.get("erp/supplier-invoices/").json()["results"] == []
    assert stranger.post("erp/supplier-invoices/", paper(shop, line, "1")).status_code == 400


def test_freight_revaluation_and_reversal_change_value_and_tie_to_the_ledger() -> None:
    """30.00 received, 5.00 freight: 35.00; revalued to 4.00 each: 40.00; 1 written off at 4.00 and undone."""
    shop, _, got = bought()
    accountant = make_caller(shop.company, "accountant")
    freight = {"plant": shop.plant.pk, "receipt_lines": [got.pk], "amount": "5"}
    assert done(accountant.post("erp/landed-costs/", freight), 201)["lines"][0]["amount"] == "5.0000"
    board = shop.materials["BOARD"].pk
    revalue = {"plant": shop.plant.pk, "values": [{"material": board, "unit_value": "4"}], "reason": "Market"}
    changed = done(accountant.post("erp/value-changes/", revalue), 201)["changes"]
    assert [change["amount"] for change in changed] == ["5.0000"]
    intent = erp.MoveIntent(
        kind=StockMove.Kind.ADJUSTMENT,
        plant=shop.plant,
        material_id=board,
        source_id=shop.locations["stock"].pk,
        target_id=shop.locations["loss"].pk,
        quantity=D(1),
        document="test:1",
    )
    move = erp.post_moves(moves=[intent], now=timezone.now())[0]
    undo = f"erp/stock-moves/{move.pk}/reverse/"
    back = done(make_caller(shop.company, "warehouse").post(undo, {"reason": "Found again"}), 201)
    assert back["reverses"] == move.pk
    assert accountant.post(undo, {"reason": "Again"}).json()["code"] == "already_reversed"
    then = done(accountant.get("erp/stock-then/"))["results"][0]
    assert (then["value"], then["ledger"], then["by_category"]) == ("40.0000", "40.0000", {"All": "40.0000"})
    places = done(accountant.get(f"erp/stock-then/{shop.plant.pk}/places/"))
    assert [place["quantity"] for place in places] == ["10.000000"]
    long_ago = done(accountant.get("erp/stock-then/", at="2020-01-01T00:00:00Z"))["results"][0]
    assert (long_ago["value"], long_ago["ledger"]) == ("0.0000", "0.0000")
    assert accountant.get("erp/stock-then/", at="yesterday").status_code == 400
