"""What customers are asked for, or credited: invoices, deposit invoices, credit notes, fees, and their lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from erp.fulfilment.models import CustomerReturnLine
from erp.sales.models import SalesOrder, SalesOrderLine
from masterdata.models import Company, Currency, Partner, Plant, TaxCode, User
from masterdata.models.fields import CodeField, MoneyField, QuantityField
from masterdata.numbers import ZERO


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Invoices, also those of an order."""

    def with_open(self) -> Any:
        """Add `open_amount`: what the customer still owes of each, in its currency; below zero: a credit note's rest.

        `open_own` is the same in the company's currency, `next_due_on` when the first instalment not paid is due.
        """
        rows = Invoice.objects.filter(pk=OuterRef("pk")).order_by().values("pk")
        waiting = InvoiceInstalment.objects.filter(invoice=OuterRef("pk"), rest_amount__lt=OuterRef("open_amount"))
        found = self.annotate(
            open_amount=F("gross_amount") - Coalesce(rows.annotate(x=Sum("allocations__amount")).values("x"), ZERO),
            open_own=F("own_gross") - Coalesce(rows.annotate(x=Sum("allocations__own_amount")).values("x"), ZERO),
        )
        return found.annotate(
            next_due_on=Coalesce(Subquery(waiting.order_by("number").values("due_on")[:1]), F("due_on"))
        )


class Invoice(models.Model):
    """A posted document; its number is gapless per company, kind and year. Immutable.

    Amounts are in its currency and below zero on a credit note; `own_...` are the same in the company's, at `rate`.
    Without an order it charges the shipments of several. `due_on` is when all of it is due: parts of it may be due
    sooner (its instalments). `discount_amount` may be left off the gross until
    `discount_on`.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        DEPOSIT = "deposit", "Deposit invoice"
        CREDIT_NOTE = "credit_note", "Credit note"
        FEE = "fee", "Dunning fee"

    number = CodeField()
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.INVOICE)
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    order = models.ForeignKey(SalesOrder, models.PROTECT, null=True, blank=True, related_name="invoices")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="invoices")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    rate = models.DecimalField(max_digits=20, decimal_places=10, default=Decimal(1))
    issued_on = models.DateField()
    due_on = models.DateField()
    net_amount = MoneyField()
    tax_amount = MoneyField()
    gross_amount = MoneyField()
    own_net = MoneyField()
    own_tax = MoneyField()
    own_gross = MoneyField()
    discount_on = models.DateField(null=True, blank=True)
    discount_amount = MoneyField(default=0)
    credits = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="credit_notes")
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was credited, or charged")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.OneToOneField("erp.JournalEntry", models.PROTECT, null=True, blank=True, related_name="+")

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="invoice_gross_is_sum",
                condition=Q(gross_amount=F("net_amount") + F("tax_amount")) & Q(own_gross=F("own_net") + F("own_tax")),
            ),
            models.CheckConstraint(
                name="credit_note_names_its_invoice",
                condition=Q(kind="credit_note", credits__isnull=False) | (~Q(kind="credit_note") & Q(credits=None)),
            ),
            models.CheckConstraint(
                name="only_a_settled_invoice_posts_nothing", condition=Q(entry__isnull=False) | Q(gross_amount=0)
            ),
        ]
        indexes = [models.Index(name="invoice_by_customer", fields=["customer", "currency"])]
        triggers = [pgtrigger.Protect(name="invoices_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.number


class InvoiceInstalment(models.Model):
    """A part of an invoice with a day of its own; `rest_...` is what of the invoice is due later than this part.

    Money pays the first instalment first: of this one is open what the invoice's open amount exceeds its rest by.
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = MoneyField()
    own_amount = MoneyField()
    rest_amount = MoneyField()
    rest_own = MoneyField()

    class Meta:
        ordering = ["invoice", "number"]
        constraints = [
            models.UniqueConstraint(name="instalment_once", fields=["invoice", "number"]),
            models.CheckConstraint(
                name="instalment_above_zero", condition=Q(amount__gt=0, rest_amount__gte=0, number__gte=1)
            ),
        ]
        triggers = [pgtrigger.Protect(name="instalments_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.invoice_id}/{self.number}"


class InvoiceLine(models.Model):
    """Goods of an order line; a part of a deposit (`deposit`: deducted again, below zero); or what `text` says.

    `credits` is the line that a credit note's line takes back: pieces of it, or with a quantity of zero an amount.
    `return_line`: the pieces came back with that return.
    """

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, null=True, blank=True, related_name="invoice_lines")
    order = models.ForeignKey(SalesOrder, models.PROTECT, null=True, blank=True, related_name="invoice_lines")
    plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=200, blank=True)
    quantity = QuantityField(default=0)
    net_amount = MoneyField()
    tax_amount = MoneyField()
    own_net = MoneyField()
    own_tax = MoneyField()
    tax_code = models.ForeignKey(TaxCode, models.PROTECT, null=True, blank=True, related_name="+")
    deposit = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="deductions")
    credits = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="credited_by")
    return_line = models.ForeignKey(
        CustomerReturnLine, models.PROTECT, null=True, blank=True, related_name="credited_by"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="invoice_line_has_a_subject", condition=Q(order_line__isnull=False) | ~Q(text="")
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="invoice_lines_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"
