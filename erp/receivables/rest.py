"""Invoices, credit notes, payments of customers and what settles what, over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.fulfilment.models import CustomerReturn, Shipment
from erp.receivables import services
from erp.receivables.letters import invoice_pdf
from erp.receivables.models import Allocation, Invoice, InvoiceInstalment, InvoiceLine, Payment
from erp.sales.models import SalesOrder
from erp.sales.selectors.deposits import STAGES
from erp.treasury.models import BankAccount
from masterdata.api.deeds import creates, deed
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.rows import ReadableRows, RowDeeds
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Company, Currency, Partner
from masterdata.numbers import ZERO

SEE = "erp.view_invoice"
CUSTOMERS = Partner.objects.filter(is_customer=True)


def money(**more: Any) -> serializers.DecimalField:
    """An amount that may be below zero."""
    return serializers.DecimalField(max_digits=20, decimal_places=4, **more)


def rate() -> serializers.DecimalField:
    """The company's currency for one of the document's; without it the day's."""
    return serializers.DecimalField(max_digits=20, decimal_places=10, min_value=0, required=False, allow_null=True)


class InvoiceLineRow(Row):
    class Meta:
        model = InvoiceLine
        fields = (
            "id", "order", "order_line", "text", "quantity", "net_amount", "tax_amount", "tax_code", "deposit",
            "credits", "return_line",
        )  # fmt: skip


class InstalmentRow(Row):
    class Meta:
        model = InvoiceInstalment
        fields = ("id", "number", "due_on", "amount", "rest_amount")


class InvoiceRow(Row):
    """`due_on`: all of it is due; `next_due_on`: the first instalment that is not paid."""

    lines = InvoiceLineRow(many=True)
    instalments = InstalmentRow(many=True)
    next_due_on = Day()
    open_amount = serializers.DecimalField(max_digits=20, decimal_places=4)

    class Meta:
        model = Invoice
        fields = (
            "id", "number", "kind", "company", "order", "customer", "currency", "rate", "issued_on", "due_on",
            "net_amount", "tax_amount", "gross_amount", "own_gross", "open_amount", "discount_on", "discount_amount",
            "credits", "reason", "lines", "next_due_on", "instalments",
        )  # fmt: skip


class AllocationRow(Row):
    class Meta:
        model = Allocation
        fields = (
            "id", "kind", "payment", "invoice", "amount", "tax_amount", "own_amount", "own_payment", "reverses",
            "reason", "made_at",
        )  # fmt: skip


class PaymentRow(Row):
    class Meta:
        model = Payment
        fields: Any = (
            "id", "number", "company", "customer", "currency", "rate", "amount", "own_amount", "bank_account",
            "refunds", "received_on", "reference",
        )  # fmt: skip


class PaymentShown(PaymentRow):
    open_amount = serializers.DecimalField(max_digits=20, decimal_places=4)
    allocations = AllocationRow(many=True)

    class Meta(PaymentRow.Meta):
        fields: Any = (*PaymentRow.Meta.fields, "open_amount", "allocations")


class InvoicingBody(Body):
    """All that is shipped and not invoiced, or what left with these shipments."""

    shipments = Visible(queryset=Shipment.objects.all(), many=True, required=False)
    rate = rate()


class DepositBody(Body):
    """What the terms want until a stage, or an amount."""

    stage = serializers.ChoiceField(STAGES, default="shipping")
    net = Amount(required=False, allow_null=True)
    rate = rate()


class CollectiveBody(Body):
    company = Visible(queryset=Company.objects.all())
    customer = Visible(queryset=CUSTOMERS)
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    until_on = Day(required=False, allow_null=True)
    rate = rate()


class CreditLineBody(Body):
    """Pieces of a line, or an amount off its price."""

    line = serializers.IntegerField(min_value=1)
    quantity = Amount(min_value=0, default=ZERO)
    net = Amount(min_value=0, default=ZERO)


class CreditBody(Body):
    """Without lines: all that is left of the invoice."""

    reason = serializers.CharField(max_length=200)
    lines = CreditLineBody(many=True, required=False, allow_empty=False)


class ReturnCreditBody(Body):
    """`restock_fee` is kept, net, in the order's currency; without a reason: why the goods came back."""

    restock_fee = Amount(min_value=0, default=ZERO)
    reason = serializers.CharField(max_length=200, default="", allow_blank=True)


class CreditNotesRow(serializers.Serializer):
    credit_notes = InvoiceRow(many=True)


class MoneyReasonBody(Body):
    reason = serializers.CharField(max_length=200)


class PaymentBody(Body):
    amount = money()
    received_on = Day()
    reference = serializers.CharField(max_length=80, default="", allow_blank=True)
    discount = money(default=ZERO)
    bank_account = Visible(queryset=BankAccount.objects.all(), required=False, allow_null=True)
    rate = rate()


class PartBody(Body):
    """What of a payment is for which invoice; of a credit note below zero."""

    invoice = Visible(queryset=Invoice.objects.all())
    amount = money()
    discount = money(default=ZERO)


class MoneyBody(Body):
    """Money of a customer; what no part takes stays on account. Zero: documents settle each other."""

    company = Visible(queryset=Company.objects.all())
    customer = Visible(queryset=CUSTOMERS)
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    amount = money()
    received_on = Day()
    parts = PartBody(many=True, required=False)
    reference = serializers.CharField(max_length=80, default="", allow_blank=True)
    bank_account = Visible(queryset=BankAccount.objects.all(), required=False, allow_null=True)
    rate = rate()


class AllocateBody(Body):
    parts = PartBody(many=True, allow_empty=False)


class RefundBody(Body):
    amount = Amount()
    paid_on = Day()
    reference = serializers.CharField(max_length=80, default="", allow_blank=True)
    bank_account = Visible(queryset=BankAccount.objects.all(), required=False, allow_null=True)
    rate = rate()


def _parts(given: Any) -> list[services.PaymentPart]:
    return [
        services.PaymentPart(invoice_id=one["invoice"].pk, amount=one["amount"], discount=one["discount"])
        for one in given or []
    ]


def _id(row: Any) -> int | None:
    return row.pk if row else None


class _Documents(RowDeeds):
    """Answers with the document that a deed has posted."""

    def posted(self, invoice: Invoice) -> Response:
        row = Invoice.objects.with_open().prefetch_related("lines", "instalments").get(pk=invoice.pk)
        return self.shown(InvoiceRow, row, status=201)


class OrderInvoices(_Documents):
    """What is charged of an order."""

    queryset = SalesOrder.objects.all()
    serializer_class = InvoiceRow
    view_deed = "erp.view_order"

    @deed("erp.post_invoice", takes=InvoicingBody, gives=InvoiceRow, status=201)
    def invoice(self, request: Request, pk: str) -> Response:
        """Charge what is shipped and not invoiced."""
        order_id, given = self.row_id(), self.taken()
        invoice = services.post_invoice(
            order_id=order_id,
            shipment_ids=[row.pk for row in given.get("shipments") or []],
            rate=given.get("rate"),
            by=self.caller(),
            now=timezone.now(),
        )
        return self.posted(invoice)

    @deed("erp.post_invoice", takes=DepositBody, gives=InvoiceRow, status=201)
    def deposit(self, request: Request, pk: str) -> Response:
        """Ask for the deposit that the terms want, or for an amount."""
        order_id, given = self.row_id(), self.taken()
        return self.posted(services.post_deposit(order_id=order_id, by=self.caller(), now=timezone.now(), **given))


class Invoices(ReadableRows, _Documents):
    """Posted invoices, deposit invoices and credit notes, with what is still open."""

    queryset = Invoice.objects.with_open().prefetch_related("lines", "instalments")
    serializer_class = InvoiceRow
    view_deed = SEE
    filterset_fields = ("number", "kind", "order", "customer", "currency", "issued_on", "due_on", "credits")

    @pdf_part(SEE)
    def pdf(self, request: Request, pk: str) -> Response:
        """The document as it was issued, in the customer's language."""
        return pdf_answer(invoice_pdf(self.get_object(), timezone.now(), language_of(request)))

    @deed("erp.receive_payment", takes=PaymentBody, gives=PaymentRow, status=201, path="payments")
    def receive_payment(self, request: Request, pk: str) -> Response:
        """Book money of the customer against this invoice, less a cash discount."""
        invoice, given = self.get_object(), self.taken()
        bank = given.pop("bank_account", None)
        payment = services.receive_payment(
            invoice_id=invoice.pk, bank_account_id=_id(bank), by=self.caller(), now=timezone.now(), **given
        )
        return self.shown(PaymentRow, payment, status=201)

    @deed("erp.post_invoice", takes=CollectiveBody, gives=InvoiceRow, status=201, on_one=False)
    def collective(self, request: Request) -> Response:
        """One invoice for everything a customer was shipped, of all its orders."""
        given = self.taken()
        invoice = services.post_collective_invoice(
            company_id=given["company"].pk,
            customer_id=given["customer"].pk,
            currency_id=_id(given.get("currency")) or given["company"].currency_id,
            until_on=given.get("until_on"),
            rate=given.get("rate"),
            by=self.caller(),
            now=timezone.now(),
        )
        return self.posted(invoice)

    @deed("erp.credit_invoice", takes=CreditBody, gives=InvoiceRow, status=201)
    def credit(self, request: Request, pk: str) -> Response:
        """Take it back, whole or line by line, with a credit note."""
        invoice, given = self.get_object(), self.taken()
        lines = [
            services.Credit(line_id=one["line"], quantity=one["quantity"], net=one["net"])
            for one in given.get("lines") or []
        ]
        note = services.credit_invoice(
            invoice_id=invoice.pk, reason=given["reason"], lines=lines, by=self.caller(), now=timezone.now()
        )
        return self.posted(note)

    @deed("erp.write_off", takes=MoneyReasonBody, gives=AllocationRow, status=201)
    def write_off(self, request: Request, pk: str) -> Response:
        """Give up a small rest, within the company's limit."""
        row = services.write_off(
            invoice_id=self.get_object().pk, reason=self.taken()["reason"], by=self.caller(), now=timezone.now()
        )
        return self.shown(AllocationRow, row, status=201)


class ReturnCredits(_Documents):
    """What is credited of a return."""

    queryset = CustomerReturn.objects.all()
    serializer_class = CreditNotesRow
    view_deed = "erp.view_order"

    @deed("erp.credit_invoice", takes=ReturnCreditBody, gives=CreditNotesRow, status=201)
    def credit(self, request: Request, pk: str) -> Response:
        """Credit what came back: a credit note for each invoice that charged it."""
        return_id, version = self.row_id(), self.expected_version()
        notes = services.credit_return(
            return_id=return_id, expected_version=version, by=self.caller(), now=timezone.now(), **self.taken()
        )
        rows = (
            Invoice.objects.with_open()
            .prefetch_related("lines", "instalments")
            .filter(pk__in=[note.pk for note in notes])
        )
        return self.shown(CreditNotesRow, {"credit_notes": rows.order_by("pk")}, status=201)


class Payments(ReadableRows):
    """Money received and paid back, with what is on account."""

    queryset = Payment.objects.with_open().prefetch_related("allocations")
    serializer_class = PaymentShown
    view_deed = SEE
    filterset_fields = ("number", "customer", "currency", "received_on", "bank_account")

    @creates("erp.receive_payment", takes=MoneyBody, gives=PaymentShown)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Book money of a customer: for invoices, or on account."""
        given = self.taken(MoneyBody)
        payment = services.receive_money(
            company_id=given["company"].pk,
            customer_id=given["customer"].pk,
            currency_id=_id(given.get("currency")),
            amount=given["amount"],
            received_on=given["received_on"],
            parts=_parts(given.get("parts")),
            reference=given["reference"],
            bank_account_id=_id(given.get("bank_account")),
            rate=given.get("rate"),
            by=self.caller(),
            now=timezone.now(),
        )
        return self.answer(payment, status=201)

    @deed("erp.receive_payment", takes=AllocateBody)
    def allocate(self, request: Request, pk: str) -> Response:
        """Pay invoices with what is on account of it."""
        payment = self.get_object()
        services.allocate_payment(
            payment_id=payment.pk, parts=_parts(self.taken()["parts"]), by=self.caller(), now=timezone.now()
        )
        return self.answer(payment)

    @deed("erp.refund_payment", takes=RefundBody, gives=PaymentRow, status=201)
    def refund(self, request: Request, pk: str) -> Response:
        """Give back what is on account of it."""
        payment, given = self.get_object(), self.taken()
        bank = given.pop("bank_account", None)
        back = services.refund_payment(
            payment_id=payment.pk, bank_account_id=_id(bank), by=self.caller(), now=timezone.now(), **given
        )
        return self.shown(PaymentRow, back, status=201)


class Allocations(ReadableRows):
    """What settles which invoice: money, cash discount, rests written off."""

    queryset = Allocation.objects.all()
    serializer_class = AllocationRow
    view_deed = SEE
    filterset_fields = ("invoice", "payment", "kind")

    @deed("erp.undo_allocation", takes=MoneyReasonBody)
    def undo(self, request: Request, pk: str) -> Response:
        """Take it back by linked rows; the money is on account again."""
        row = self.get_object()
        made = services.undo_allocation(
            allocation_id=row.pk, reason=self.taken()["reason"], by=self.caller(), now=timezone.now()
        )
        return self.answer(made[0])


VIEWSETS: list[tuple[str, Any]] = [
    ("invoices", Invoices),
    ("payments", Payments),
    ("allocations", Allocations),
    ("sales-orders", OrderInvoices),
    ("customer-returns", ReturnCredits),
]
