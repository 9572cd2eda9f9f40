"""Invoices and payments of customers over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.receivables import services
from erp.receivables.models import Invoice, InvoiceLine, Payment
from erp.sales.models import SalesOrder
from masterdata.api.deeds import deed
from masterdata.api.rows import ReadableRows, RowDeeds
from masterdata.api.serializers import Body, Day, Row


class InvoiceLineRow(Row):
    class Meta:
        model = InvoiceLine
        fields = ("id", "order_line", "quantity", "net_amount", "tax_amount")


class InvoiceRow(Row):
    lines = InvoiceLineRow(many=True)
    open_amount = serializers.DecimalField(max_digits=20, decimal_places=4)

    class Meta:
        model = Invoice
        fields = (
            "id",
            "number",
            "company",
            "order",
            "customer",
            "currency",
            "issued_on",
            "due_on",
            "net_amount",
            "tax_amount",
            "gross_amount",
            "open_amount",
            "lines",
        )


class PaymentBody(Body):
    amount = serializers.DecimalField(max_digits=20, decimal_places=4)
    received_on = Day()
    reference = serializers.CharField(max_length=80, default="", allow_blank=True)


class PaymentRow(Row):
    class Meta:
        model = Payment
        fields = ("id", "number", "company", "customer", "currency", "amount", "received_on", "reference")


class OrderInvoices(RowDeeds):
    """What is charged of an order."""

    queryset = SalesOrder.objects.all()
    serializer_class = InvoiceRow
    view_deed = "erp.view_order"

    @deed("erp.post_invoice", gives=InvoiceRow, status=201)
    def invoice(self, request: Request, pk: str) -> Response:
        """Charge what is shipped and not invoiced."""
        invoice = services.post_invoice(order_id=self.row_id(), now=timezone.now())
        posted = Invoice.objects.with_open().prefetch_related("lines").get(pk=invoice.pk)
        return self.shown(InvoiceRow, posted, status=201)


class Invoices(ReadableRows):
    """Posted invoices, with what is still open."""

    queryset = Invoice.objects.with_open().prefetch_related("lines")
    serializer_class = InvoiceRow
    view_deed = "erp.view_invoice"
    filterset_fields = ("number", "order", "customer", "issued_on", "due_on")

    @deed("erp.receive_payment", takes=PaymentBody, gives=PaymentRow, status=201, path="payments")
    def receive_payment(self, request: Request, pk: str) -> Response:
        """Book money of the customer against this invoice."""
        invoice = self.get_object()
        payment = services.receive_payment(invoice_id=invoice.pk, now=timezone.now(), **self.taken())
        return self.shown(PaymentRow, payment, status=201)


class Payments(ReadableRows):
    """Money received."""

    queryset = Payment.objects.all()
    serializer_class = PaymentRow
    view_deed = "erp.view_invoice"
    filterset_fields = ("number", "customer", "received_on")


VIEWSETS: list[tuple[str, Any]] = [
    ("invoices", Invoices),
    ("payments", Payments),
    ("sales-orders", OrderInvoices),
]
