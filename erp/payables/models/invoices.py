"""Supplier invoices and credit notes, their lines, what holds them, and the tolerances of the match."""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from masterdata.models import Company, Currency, Partner, Plant, TaxCode, User
from masterdata.models.fields import MoneyField, QuantityField


class MatchTolerance(models.Model):
    """How far a supplier invoice may be off before somebody has to release it; without a row: not at all.

    A price is within when it is within the percentage and within the amount of the line (empty: any amount).
    """

    company = models.OneToOneField(Company, models.PROTECT, related_name="match_tolerance")
    price_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    price_amount = MoneyField(null=True, blank=True)
    quantity_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["company"]
        constraints = [
            models.CheckConstraint(
                name="tolerance_not_negative",
                condition=Q(price_percent__gte=0)
                & Q(quantity_percent__gte=0)
                & (Q(price_amount=None) | Q(price_amount__gte=0)),
            )
        ]

    def __str__(self) -> str:
        return f"Tolerance of {self.company_id}"


class SupplierInvoice(models.Model):
    """What a supplier asks for, or credits. Held until it matches or somebody releases it; immutable once posted.

    Amounts are positive for both kinds, in its currency; `own_...` are the same in the company's, at `rate`. `number`
    is ours: gapless per company and year. `discount_amount` may be left off the gross until `discount_on`.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        CREDIT_NOTE = "credit_note", "Credit note"

    class State(models.TextChoices):
        HELD = "held", "Held"
        POSTED = "posted", "Posted"
        WITHDRAWN = "withdrawn", "Withdrawn"

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.INVOICE)
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    number = models.CharField(max_length=40, unique=True, null=True, blank=True)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="supplier_invoices")
    reference = models.CharField(max_length=60, help_text="The supplier's number")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    rate = models.DecimalField(max_digits=20, decimal_places=10, default=Decimal(1))
    invoiced_on = models.DateField(help_text="Date on the paper")
    due_on = models.DateField()
    net_amount = MoneyField()
    tax_amount = MoneyField()
    gross_amount = MoneyField()
    own_net = MoneyField()
    own_tax = MoneyField()
    own_gross = MoneyField()
    stated_gross = MoneyField(null=True, blank=True, help_text="Total on the paper")
    discount_on = models.DateField(null=True, blank=True)
    discount_amount = MoneyField(default=0)
    entered_at = models.DateTimeField(default=timezone.now)
    entered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    posted_at = models.DateTimeField(null=True, blank=True)
    release_reason = models.CharField(max_length=200, blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.OneToOneField("erp.JournalEntry", models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="supplier_reference_once",
                fields=["company", "supplier", "kind", "reference"],
                condition=~Q(state="withdrawn"),
            ),
            models.CheckConstraint(
                name="supplier_invoice_gross_is_sum", condition=Q(gross_amount=F("net_amount") + F("tax_amount"))
            ),
            models.CheckConstraint(
                name="supplier_invoice_posted_is_numbered",
                condition=Q(state="posted", number__isnull=False, entry__isnull=False, posted_at__isnull=False)
                | (~Q(state="posted") & Q(number__isnull=True, entry__isnull=True, posted_at__isnull=True)),
            ),
        ]
        indexes = [models.Index(name="supplier_invoices_held", fields=["company"], condition=Q(state="held"))]
        triggers = [
            pgtrigger.Protect(
                name="posted_supplier_invoices_stay",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state <> 'held'"),
            )
        ]

    def __str__(self) -> str:
        return self.number or self.reference

    @property
    def sign(self) -> int:
        """1 for an invoice, -1 for a credit note: what it adds to what the supplier is owed."""
        return -1 if self.kind == self.Kind.CREDIT_NOTE else 1


class SupplierInvoiceLine(models.Model):
    """A line of the paper: goods of a purchase order line, or a charge (freight, duty) without one.

    A charge is landed cost that was accrued, unless it names the `account` that bears it, or the `sales_order` whose
    cost it is, as an `element` of cost.

    `quantity` in base units; zero with an order line: only the price is corrected. `cleared_amount` is what posting
    took off goods received and not invoiced; what `net_amount` differs from it went to stock, to orders or to a
    variance.
    """

    invoice = models.ForeignKey(SupplierInvoice, models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    order_line = models.ForeignKey(
        "erp.PurchaseOrderLine", models.PROTECT, null=True, blank=True, related_name="supplier_invoice_lines"
    )
    charge = models.CharField(max_length=120, blank=True, help_text="What it is for, when it is no goods")
    quantity = QuantityField(default=0)
    account = models.ForeignKey("erp.Account", models.PROTECT, null=True, blank=True, related_name="+")
    plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    sales_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="+")
    element = models.CharField(max_length=12, blank=True)
    net_amount = MoneyField()
    own_net = MoneyField()
    tax_code = models.ForeignKey(TaxCode, models.PROTECT, null=True, blank=True, related_name="+")
    tax_amount = MoneyField(default=0)
    own_tax = MoneyField(default=0)
    cleared_amount = MoneyField(null=True, blank=True)

    class Meta:
        ordering = ["invoice", "line_no"]
        constraints = [
            models.UniqueConstraint(name="supplier_invoice_line_number_unique", fields=["invoice", "line_no"]),
            models.CheckConstraint(
                name="supplier_invoice_line_has_one_subject",
                condition=Q(order_line__isnull=False, charge="")
                | (Q(order_line__isnull=True, quantity=0) & ~Q(charge="")),
            ),
            models.CheckConstraint(
                name="supplier_invoice_line_is_borne_once",
                condition=Q(account=None, sales_order=None, element="")
                | (Q(order_line=None, account__isnull=False, sales_order=None, element=""))
                | (Q(order_line=None, account=None, sales_order__isnull=False) & ~Q(element="")),
            ),
            models.CheckConstraint(
                name="supplier_invoice_line_not_negative", condition=Q(quantity__gte=0) & Q(net_amount__gte=0)
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="posted_supplier_invoice_lines_stay",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.cleared_amount IS NOT NULL"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}/{self.line_no}"


class InvoiceHold(models.Model):
    """A reason why an invoice was held, with what was expected and what it says. Stays when it is released."""

    class Reason(models.TextChoices):
        PRICE = "price", "Price differs"
        QUANTITY = "quantity", "More than received"
        CREDIT = "credit", "More than sent back"
        NO_ORDER = "no_order", "Not ordered"
        TOTAL = "total", "Total differs"
        CORRECTION = "correction", "Price corrected later"
        APPROVAL = "approval", "Needs approval"

    invoice = models.ForeignKey(SupplierInvoice, models.PROTECT, related_name="holds")
    line = models.ForeignKey(SupplierInvoiceLine, models.PROTECT, null=True, blank=True, related_name="holds")
    reason = models.CharField(max_length=12, choices=Reason)
    expected = models.DecimalField(max_digits=20, decimal_places=6)
    found = models.DecimalField(max_digits=20, decimal_places=6)

    class Meta:
        ordering = ["id"]
        triggers = [pgtrigger.Protect(name="invoice_holds_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.reason}: {self.found} for {self.expected}"


class PaymentHold(models.Model):
    """Why a posted invoice is not paid for now: no proposal takes it until somebody lifts it."""

    invoice = models.ForeignKey(SupplierInvoice, models.PROTECT, related_name="payment_holds")
    reason = models.CharField(max_length=200)
    held_at = models.DateTimeField(default=timezone.now)
    held_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="one_payment_hold", fields=["invoice"], condition=Q(lifted_at=None))
        ]

    def __str__(self) -> str:
        return self.reason
