"""The global search finds lots and receipts, for whoever may see them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.test import Client

from erp import services as erp
from erp.models import Lot, PurchaseOrder, Receipt, StockBalance
from masterdata.models import Company, Currency, Material, Plant
from tests.erp.shop import NOW, Shop
from tests.pages.conftest import person


@pytest.fixture
def found_in(client: Client, shop: Shop) -> Client:
    """A table's top that has come with delivery note LS-77, and an empty place that a lot once lay in."""
    table, top = shop.make("TABLE"), shop.buy("TOP")
    shop.price(top, "3")
    shop.bom(table, (top, "1"))
    shop.order((table, "5", "100"))
    erp.receive_purchase(purchase_order_id=PurchaseOrder.objects.get().pk, now=NOW, delivery_note="LS-77")
    lot = Lot.objects.create(material=top, number="L-2026-1", supplier_lot="BATCH9")
    place = StockBalance.objects.filter(material=top).first()
    assert place is not None
    StockBalance.objects.create(material=top, plant=shop.plant, location=place.location, lot=lot)
    return client


def test_lots_are_found_by_our_number_and_by_the_suppliers(found_in: Client, shop: Shop) -> None:
    found_in.force_login(person("wanda", "warehouse", shop.plant))
    for text in ("l-2026", "batch9"):
        page = found_in.get("/search/", {"q": text}).content.decode()
        assert "L-2026-1" in page
        assert f"/stock/lots/{Lot.objects.get(number='L-2026-1').pk}/" in page


def test_receipts_are_found_by_their_number_and_delivery_note(found_in: Client, shop: Shop) -> None:
    found_in.force_login(person("berta", "buyer", shop.plant))
    number = Receipt.objects.get().number
    for text in (number, "ls-77"):
        assert number in found_in.get("/search/", {"q": text}).content.decode()


def test_other_companies_and_roles_find_nothing(found_in: Client, shop: Shop) -> None:
    money = Currency.objects.create(code="USD", name="Dollar")
    other = Company.objects.create(code="X", name="Other", currency=money)
    far = Plant.objects.create(company=other, code="FAR", name="Far away", calendar=shop.plant.calendar)
    for user in (person("far", "warehouse", far), person("admin", "admin", shop.plant)):
        found_in.force_login(user)
        assert "L-2026-1" not in found_in.get("/search/", {"q": "BATCH9"}).content.decode()
        assert Receipt.objects.get().number not in found_in.get("/search/", {"q": "LS-77"}).content.decode()


def test_papers_of_buying_and_of_the_stockroom_are_found(found_in: Client, shop: Shop) -> None:
    """A requisition by its reason, a supplier invoice by the supplier's number, a count sheet by its own."""
    wanda, berta = person("wanda", "warehouse", shop.plant), person("berta", "buyer", shop.plant)
    top = Material.objects.get(code="TOP")
    line = erp.RequisitionLineInput(top.pk, Decimal(2), NOW.date())
    wish = erp.request_purchase(plant=shop.plant, by=wanda, reason="Showroom in Kiel", lines=[line], now=NOW)
    sheet = erp.make_count_sheet(plant=shop.plant, now=NOW, material=top)
    paper = erp.InvoiceLineInput(
        order_line_id=PurchaseOrder.objects.get().lines.get().pk, quantity=Decimal(5), net_amount=Decimal(15)
    )
    erp.enter_supplier_invoice(
        company_id=shop.company.pk, supplier_id=shop.supplier.pk, reference="INV-4711", invoiced_on=NOW.date(),
        lines=[paper], now=NOW,
    )  # fmt: skip
    found_in.force_login(wanda)
    assert wish.number in found_in.get("/search/", {"q": "kiel"}).content.decode()
    assert f"/{sheet.pk}/" in found_in.get("/search/", {"q": sheet.number}).content.decode()
    found_in.force_login(berta)
    assert "INV-4711" in found_in.get("/search/", {"q": "inv-4711"}).content.decode()
