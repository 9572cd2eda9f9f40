"""Invoices of what was shipped, payments of customers, and which pays which."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.db import models
from django.db.models import F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from erp.sales.models import SalesOrder, SalesOrderLine
from masterdata.models import Company, Currency, Partner
from masterdata.models.fields import CodeField, MoneyField, QuantityField
from masterdata.numbers import ZERO


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    """Invoices, also those of an order."""

    def with_open(self) -> Self:
        """Add `open_amount`: what the customer still owes of each."""
        paid = Allocation.objects.filter(invoice=OuterRef("pk")).order_by().values("invoice")
        return self.annotate(
            open_amount=F("gross_amount") - Coalesce(paid.annotate(total=Sum("amount")).values("total"), ZERO)
        )


class Invoice(models.Model):
    """A posted invoice; its number is gapless per company and year. Immutable."""

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    order = models.ForeignKey(SalesOrder, models.PROTECT, related_name="invoices")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="invoices")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    issued_on = models.DateField()
    due_on = models.DateField()
    net_amount = MoneyField()
    tax_amount = MoneyField()
    gross_amount = MoneyField()
    entry = models.OneToOneField("erp.JournalEntry", models.PROTECT, related_name="+")

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="invoice_gross_is_sum", condition=Q(gross_amount=F("net_amount") + F("tax_amount"))
            )
        ]
        triggers = [pgtrigger.Protect(name="invoices_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.number


class InvoiceLine(models.Model):
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, related_name="invoice_lines")
    quantity = QuantityField()
    net_amount = MoneyField()
    tax_amount = MoneyField()

    class Meta:
        ordering = ["id"]
        triggers = [
            pgtrigger.Protect(name="invoice_lines_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"


class Payment(models.Model):
    """Money received from a customer. Immutable."""

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="payments")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    amount = MoneyField()
    received_on = models.DateField()
    reference = models.CharField(max_length=80, blank=True)
    entry = models.OneToOneField("erp.JournalEntry", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="payment_positive", condition=Q(amount__gt=0))]
        triggers = [pgtrigger.Protect(name="payments_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.number


class Allocation(models.Model):
    """The part of a payment that pays an invoice."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="allocations")
    amount = MoneyField()

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="allocation_positive", condition=Q(amount__gt=0))]
        triggers = [pgtrigger.Protect(name="allocations_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.amount}"
