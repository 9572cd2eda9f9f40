"""A shop that buys: orders, receipts and invoices in one line each."""

from __future__ import annotations

from decimal import Decimal

from erp import selectors as erp_now
from erp import services as erp
from erp.models import PurchaseOrderLine, ReceiptLine, SupplierInvoice
from masterdata.models import MaterialCategory
from tests.factories import NOW, Factory, factory, material

D = Decimal


def shop_at(method: str = "moving_average", *, standard_cost: str = "0") -> Factory:
    """A factory whose BOARD is valued by the method."""
    shop = factory()
    shop.category = MaterialCategory.objects.create(code=method, name=method, valuation=method)
    material(shop, "BOARD", standard_cost=standard_cost)
    return shop


def order(shop: Factory, quantity: str, price: str, code: str = "BOARD") -> PurchaseOrderLine:
    """A purchase order with one line."""
    line = erp.PurchaseLineInput(
        material_id=shop.materials[code].pk, quantity=D(quantity), unit_price=D(price), due_at=NOW
    )
    made = erp.create_purchase_order(plant=shop.plant, supplier=shop.supplier, lines=[line], now=NOW)
    return made.lines.get()


def receive(line: PurchaseOrderLine, quantity: str | None = None) -> ReceiptLine:
    """All of it, or a part."""
    lines = None if quantity is None else [(line.pk, D(quantity))]
    return erp.receive_purchase(purchase_order_id=line.order_id, lines=lines, now=NOW).lines.get()


def invoice(
    shop: Factory,
    line: PurchaseOrderLine | None,
    quantity: str,
    net: str,
    *,
    reference: str = "R-1",
    kind: str = "invoice",
    tax: bool = False,
) -> SupplierInvoice:
    """One line on paper."""
    row = erp.InvoiceLineInput(
        order_line_id=line.pk if line else None,
        charge="" if line else "Freight",
        quantity=D(quantity),
        net_amount=D(net),
        tax_code_id=shop.tax.pk if tax else None,
    )
    return erp.enter_supplier_invoice(
        company_id=shop.company.pk,
        supplier_id=shop.supplier.pk,
        reference=reference,
        invoiced_on=NOW.date(),
        lines=[row],
        kind=kind,
        now=NOW,
    )


def tolerate(shop: Factory, percent: str = "100", amount: str | None = None, quantity: str = "0") -> None:
    """How far papers may be off."""
    erp.set_match_tolerance(
        company_id=shop.company.pk,
        price_percent=D(percent),
        price_amount=None if amount is None else D(amount),
        quantity_percent=D(quantity),
    )


def account(shop: Factory, role: str) -> Decimal:
    """Debit above zero."""
    return erp_now.account_balance(shop.company, role)
