"""Tax stands in the journal by its code, with the base beside it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from erp import services as erp
from erp.models import JournalLine
from masterdata.models import TaxCode
from tests.erp.payables.bought import order, receive, shop_at
from tests.erp.shop import NOW, WANTED, Shop
from tests.factories import NOW as THEN

D = Decimal


def posted(entry_id: int) -> list[tuple[str, Decimal, str | None, Decimal | None]]:
    rows = JournalLine.objects.filter(entry=entry_id).order_by("id")
    return list(rows.values_list("account__role", "amount", "tax_code__code", "tax_base"))


def test_an_invoice_under_three_codes(shop: Shop) -> None:
    """30.00 + 10.15 at 19 %: 40.15 x 0.19 = 7.6285 -> 7.63. 50.00 at 7 %: 3.50. 20.00 at 0 %: no tax, so its base
    stands on revenue of its own. Gross 110.15 + 11.13 = 121.28."""
    low = TaxCode.objects.create(code="VAT7", name="Low", rate_percent=7)
    none = TaxCode.objects.create(code="VAT0", name="Export", rate_percent=0)
    goods = [shop.buy(code, cost="1") for code in ("LAMP", "BULB", "BOOK", "GIFT")]
    for material in goods:
        shop.stock(material, "1", "1")
    codes = shop.vat, shop.vat, low, none
    lines = [
        erp.OrderLineInput(shop.plant.pk, material.pk, D(1), D(price), WANTED, tax_code_id=code.pk)
        for material, price, code in zip(goods, ("30", "10.15", "50", "20"), codes, strict=True)
    ]
    made = erp.create_order(company=shop.company, customer=shop.customer, currency=shop.euro, lines=lines, now=NOW)
    erp.confirm_order(order_id=made.pk, now=NOW)
    erp.ship(shipment_id=erp.pack_shipment(order_id=made.pk, now=NOW).pk, now=NOW)
    invoice = erp.post_invoice(order_id=made.pk, now=NOW)
    assert sorted(posted(invoice.entry_id), key=str) == sorted(
        [
            ("receivable", D("121.28"), None, None),
            ("revenue", D("-90.15"), None, None),
            ("revenue", D("-20.00"), "VAT0", D("-20.00")),
            ("tax_payable", D("-7.63"), "VAT19", D("-40.15")),
            ("tax_payable", D("-3.50"), "VAT7", D("-50.00")),
        ],
        key=str,
    )


@pytest.mark.django_db
def test_a_suppliers_invoice_under_two_codes() -> None:
    """Goods 10 x 2.00 = 20.00 at 19 %: 3.80. Freight 5.00 at 0 %: payable on a line of its own. Gross 28.80."""
    shop = shop_at()
    none = TaxCode.objects.create(code="VAT0", name="Import", rate_percent=0)
    line = order(shop, "10", "2")
    receive(line)
    paper = erp.enter_supplier_invoice(
        company_id=shop.company.pk,
        supplier_id=shop.supplier.pk,
        reference="R-1",
        invoiced_on=THEN.date(),
        lines=[
            erp.InvoiceLineInput(order_line_id=line.pk, quantity=D(10), net_amount=D(20), tax_code_id=shop.tax.pk),
            erp.InvoiceLineInput(charge="Freight", quantity=D(0), net_amount=D(5), tax_code_id=none.pk),
        ],
        now=THEN,
    )
    paper = erp.release_supplier_invoice(invoice_id=paper.pk, reason="Freight was agreed by phone", now=THEN)
    assert sorted(posted(paper.entry_id or 0), key=str) == sorted(
        [
            ("grni", D("20.00"), None, None),
            ("landed_cost", D("5.00"), None, None),
            ("input_tax", D("3.80"), "VAT", D("20.00")),
            ("payable", D("-5.00"), "VAT0", D("5.00")),
            ("payable", D("-23.80"), None, None),
        ],
        key=str,
    )
