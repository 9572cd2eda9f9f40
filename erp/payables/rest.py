"""Supplier invoices, landed costs and match tolerances over REST."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.ledger.models import Account
from erp.payables import services
from erp.payables.models import (
    InvoiceHold,
    LandedCost,
    LandedCostLine,
    MatchTolerance,
    SupplierInvoice,
    SupplierInvoiceLine,
)
from erp.supply.models import PurchaseOrderLine, ReceiptLine
from masterdata.api.deeds import creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Company, Currency, Partner, Plant, TaxCode
from masterdata.numbers import ZERO

SEE = "erp.view_supplier_invoice"
SUPPLIERS = Partner.objects.filter(is_supplier=True, is_active=True)


def order_rows() -> Any:
    """Sales orders, whose table stands above payables."""
    return apps.get_model("erp", "SalesOrder").objects.all()


def _id(row: Any) -> int | None:
    return row.pk if row else None


class InvoiceHoldRow(Row):
    class Meta:
        model = InvoiceHold
        fields = ("id", "line", "reason", "expected", "found")


class SupplierInvoiceLineRow(Row):
    class Meta:
        model = SupplierInvoiceLine
        fields = (
            "id",
            "line_no",
            "order_line",
            "charge",
            "account",
            "plant",
            "sales_order",
            "element",
            "quantity",
            "net_amount",
            "own_net",
            "tax_code",
            "tax_amount",
            "cleared_amount",
        )


class SupplierInvoiceRow(Row):
    lines = SupplierInvoiceLineRow(many=True)
    holds = InvoiceHoldRow(many=True)

    class Meta:
        model = SupplierInvoice
        fields = (
            "id",
            "kind",
            "state",
            "number",
            "company",
            "supplier",
            "reference",
            "currency",
            "rate",
            "invoiced_on",
            "due_on",
            "discount_on",
            "discount_amount",
            "net_amount",
            "tax_amount",
            "gross_amount",
            "stated_gross",
            "entered_at",
            "posted_at",
            "release_reason",
            "version",
            "lines",
            "holds",
        )


class SupplierInvoiceLineBody(Body):
    """Goods of a purchase order line in base units, or a charge. Quantity 0 with a line corrects its price.

    A charge is borne by an `account` (of a `plant`), or by a `sales_order` as an `element` of cost; else it was
    accrued.
    """

    order_line = Visible(queryset=PurchaseOrderLine.objects.all(), required=False, allow_null=True)
    charge = serializers.CharField(max_length=120, default="", allow_blank=True)
    quantity = Amount(min_value=0, default=ZERO)
    net_amount = Amount(min_value=0)
    tax_code = Visible(queryset=TaxCode.objects.all(), required=False, allow_null=True)
    account = Visible(queryset=Account.objects.all(), required=False, allow_null=True)
    plant = Visible(queryset=Plant.objects.all(), required=False, allow_null=True)
    sales_order = Visible(queryset=order_rows(), required=False, allow_null=True)
    element = serializers.CharField(max_length=12, default="", allow_blank=True)

    def meant(self, given: dict[str, Any]) -> services.InvoiceLineInput:
        """As the service takes it."""
        line, code = given.get("order_line"), given.get("tax_code")
        return services.InvoiceLineInput(
            order_line_id=line.pk if line else None,
            charge=given["charge"],
            quantity=given["quantity"],
            net_amount=given["net_amount"],
            tax_code_id=code.pk if code else None,
            account_id=_id(given.get("account")),
            plant_id=_id(given.get("plant")),
            sales_order_id=_id(given.get("sales_order")),
            element=given["element"],
        )


class SupplierInvoiceBody(Body):
    """A supplier's paper as it is; `stated_gross` is its total, to be compared with the lines."""

    company = Visible(queryset=Company.objects.all())
    supplier = Visible(queryset=SUPPLIERS)
    kind = serializers.ChoiceField(SupplierInvoice.Kind.choices, default=SupplierInvoice.Kind.INVOICE)
    reference = serializers.CharField(max_length=60)
    invoiced_on = Day()
    stated_gross = Amount(required=False, allow_null=True)
    currency = Visible(queryset=Currency.objects.all(), required=False, allow_null=True)
    rate = serializers.DecimalField(max_digits=20, decimal_places=10, min_value=0, required=False, allow_null=True)
    lines = SupplierInvoiceLineBody(many=True, allow_empty=False)


class ReleaseInvoiceBody(Body):
    reason = serializers.CharField(max_length=200)


class LandedLineRow(Row):
    class Meta:
        model = LandedCostLine
        fields = ("id", "move", "amount")


class LandedRow(Row):
    lines = LandedLineRow(many=True)

    class Meta:
        model = LandedCost
        fields = ("id", "number", "plant", "partner", "element", "basis", "amount", "note", "posted_at", "lines")


class LandedBody(Body):
    """An amount to be spread over receipt lines."""

    plant = Visible(queryset=Plant.objects.all())
    receipt_lines = Visible(queryset=ReceiptLine.objects.all(), many=True, allow_empty=False)
    amount = Amount()
    element = serializers.ChoiceField(LandedCost.Element.choices, default=LandedCost.Element.FREIGHT)
    basis = serializers.ChoiceField(LandedCost.Basis.choices, default=LandedCost.Basis.VALUE)
    partner = Visible(queryset=Partner.objects.all(), required=False, allow_null=True)
    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class MatchToleranceRow(Row):
    class Meta:
        model = MatchTolerance
        fields = ("id", "company", "price_percent", "price_amount", "quantity_percent", "version")


class MatchToleranceBody(Body):
    company = Visible(queryset=Company.objects.all())
    price_percent = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0)
    price_amount = Amount(required=False, allow_null=True)
    quantity_percent = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0)


class SupplierInvoices(ReadableRows):
    """Supplier invoices and credit notes, matched with orders and receipts; posted, or held with reasons."""

    queryset = SupplierInvoice.objects.prefetch_related("lines", "holds")
    serializer_class = SupplierInvoiceRow
    view_deed = SEE
    filterset_fields = ("number", "kind", "state", "company", "supplier", "reference")
    search_fields = ("number", "reference", "supplier__name")

    @creates("erp.enter_supplier_invoice", takes=SupplierInvoiceBody, gives=SupplierInvoiceRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Enter a paper; it is posted when it matches, else held."""
        given = self.taken(SupplierInvoiceBody)
        invoice = services.enter_supplier_invoice(
            company_id=given["company"].pk,
            supplier_id=given["supplier"].pk,
            kind=given["kind"],
            reference=given["reference"],
            invoiced_on=given["invoiced_on"],
            stated_gross=given.get("stated_gross"),
            lines=[SupplierInvoiceLineBody().meant(line) for line in given["lines"]],
            currency_id=_id(given.get("currency")),
            rate=given.get("rate"),
            by=self.caller(),
            now=timezone.now(),
        )
        return self.answer(invoice, status=201)

    @deed("erp.release_supplier_invoice", takes=ReleaseInvoiceBody)
    def release(self, request: Request, pk: str) -> Response:
        """Post a held paper as it is."""
        invoice = services.release_supplier_invoice(
            invoice_id=self.get_object().pk,
            reason=self.taken()["reason"],
            by=self.caller(),
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.answer(invoice)

    @deed("erp.enter_supplier_invoice")
    def withdraw(self, request: Request, pk: str) -> Response:
        """Send a held paper back to the supplier."""
        invoice = services.withdraw_supplier_invoice(
            invoice_id=self.get_object().pk, expected_version=self.expected_version()
        )
        return self.answer(invoice)

    @deed("erp.hold_supplier_payment", takes=ReleaseInvoiceBody)
    def hold_payment(self, request: Request, pk: str) -> Response:
        """Keep it out of payment proposals."""
        invoice = self.get_object()
        reason = self.taken()["reason"]
        services.hold_payment(invoice_id=invoice.pk, reason=reason, by=self.caller(), now=timezone.now())
        return self.answer(invoice)

    @deed("erp.hold_supplier_payment")
    def lift_hold(self, request: Request, pk: str) -> Response:
        """It may be paid again."""
        invoice = self.get_object()
        services.lift_payment_hold(invoice_id=invoice.pk, by=self.caller(), now=timezone.now())
        return self.answer(invoice)


class LandedCosts(ReadableRows):
    """Freight, duty and the like, spread over receipts."""

    queryset = LandedCost.objects.prefetch_related("lines")
    serializer_class = LandedRow
    view_deed = "erp.view_cost"
    filterset_fields = ("number", "plant", "partner", "element")

    @creates("erp.post_landed_cost", takes=LandedBody, gives=LandedRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Spread a cost over received goods, to where they are now."""
        given = self.taken(LandedBody)
        partner = given.get("partner")
        cost = services.post_landed_cost(
            plant_id=given["plant"].pk,
            receipt_line_ids=[line.pk for line in given["receipt_lines"]],
            amount=given["amount"],
            element=given["element"],
            basis=given["basis"],
            partner_id=partner.pk if partner else None,
            note=given["note"],
            now=timezone.now(),
        )
        return self.answer(cost, status=201)


class MatchTolerances(ReadableRows):
    """How far supplier invoices of a company may be off and still be posted at once."""

    queryset = MatchTolerance.objects.all()
    serializer_class = MatchToleranceRow
    view_deed = SEE
    filterset_fields = ("company",)

    @creates("erp.set_match_tolerance", takes=MatchToleranceBody, gives=MatchToleranceRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set them for a company, in place of what stood there; If-Match guards against somebody faster."""
        given = self.taken(MatchToleranceBody)
        row = services.set_match_tolerance(
            company_id=given["company"].pk,
            price_percent=given["price_percent"],
            price_amount=given.get("price_amount"),
            quantity_percent=given["quantity_percent"],
            expected_version=self.expected_version(),
        )
        return self.answer(row, status=201)


VIEWSETS: list[tuple[str, Any]] = [
    ("supplier-invoices", SupplierInvoices),
    ("landed-costs", LandedCosts),
    ("match-tolerances", MatchTolerances),
]
