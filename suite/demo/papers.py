"""Papers of suppliers in the demo: matched, held for a price, credited, paid, and freight spread over a receipt."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from erp import services as erp
from erp.models import PurchaseOrder, ReceiptLine, SupplierInvoice
from masterdata.models import TaxCode
from suite.demo.factory import Demo

MOST_PAPERS = 8


def tell(demo: Demo) -> None:
    """The oldest orders that came are invoiced, two not as ordered; some are paid; a carrier asks for freight."""
    company = next(iter(demo.plants.values())).company
    erp.set_match_tolerance(
        company_id=company.pk, price_percent=Decimal(2), price_amount=Decimal(25), quantity_percent=Decimal(0)
    )
    came = PurchaseOrder.objects.filter(lines__received_qty__gt=0).distinct().order_by("pk")
    posted = []
    for number, order in enumerate(came.select_related("supplier")[:MOST_PAPERS]):
        paper = _invoice(demo, company.pk, order, number)
        if paper.state == SupplierInvoice.State.POSTED:
            posted.append(paper)
    for paper in posted[:3]:
        erp.pay_supplier(
            company_id=company.pk,
            supplier_id=paper.supplier_id,
            parts=[(paper.pk, paper.gross_amount)],
            paid_on=demo.now.date(),
            reference="Weekly run",
            now=demo.now,
        )
    _freight(demo, company.pk)


def _invoice(demo: Demo, company_id: int, order: PurchaseOrder, number: int) -> SupplierInvoice:
    """What came of an order; the second is 6 % too dear, the fourth says a total that its lines do not make."""
    tax = TaxCode.objects.get(code="VAT23").pk
    dearer = Decimal("1.06") if number == 1 else Decimal(1)
    lines = [
        erp.InvoiceLineInput(
            order_line_id=line.pk,
            quantity=line.received_qty,
            net_amount=round(line.received_qty * line.unit_price * dearer, 2),
            tax_code_id=tax,
        )
        for line in order.lines.order_by("line_no")
        if line.received_qty and line.unit_price
    ]
    return erp.enter_supplier_invoice(
        company_id=company_id,
        supplier_id=order.supplier_id,
        reference=f"{order.supplier.code}-{4100 + number}",
        invoiced_on=(demo.now - dt.timedelta(days=2)).date(),
        lines=lines,
        stated_gross=Decimal(100) if number == 3 else None,
        now=demo.now,
    )


def _freight(demo: Demo, company_id: int) -> None:
    """A carrier's invoice that nobody ordered is held; what it is for was spread over the newest receipt."""
    line = ReceiptLine.objects.select_related("receipt__order").order_by("-pk")[0]
    order = line.receipt.order
    erp.post_landed_cost(
        plant_id=order.plant_id,
        receipt_line_ids=list(order.receipts.order_by("-pk")[0].lines.values_list("pk", flat=True)),
        amount=Decimal(180),
        partner_id=order.supplier_id,
        note="Truck from the port",
        now=demo.now,
    )
    erp.enter_supplier_invoice(
        company_id=company_id,
        supplier_id=order.supplier_id,
        reference="FR-2201",
        invoiced_on=demo.now.date(),
        lines=[erp.InvoiceLineInput(charge="Truck from the port", net_amount=Decimal(180))],
        now=demo.now,
    )
