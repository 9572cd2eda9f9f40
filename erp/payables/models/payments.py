"""Payments to suppliers and what they pay."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from erp.payables.models.invoices import SupplierInvoice
from masterdata.models import Company, Currency, Partner
from masterdata.models.fields import CodeField, MoneyField


class SupplierPayment(models.Model):
    """Money sent to a supplier. Immutable."""

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="supplier_payments")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    amount = MoneyField()
    paid_on = models.DateField()
    reference = models.CharField(max_length=80, blank=True)
    entry = models.OneToOneField("erp.JournalEntry", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="supplier_payment_has_its_entry", condition=Q(amount=0) | Q(amount__gt=0, entry__isnull=False)
            )
        ]
        triggers = [
            pgtrigger.Protect(name="supplier_payments_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.number


class SupplierAllocation(models.Model):
    """The part of an invoice that a payment pays; below zero the part of a credit note that it uses up."""

    payment = models.ForeignKey(SupplierPayment, models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(SupplierInvoice, models.PROTECT, related_name="allocations")
    amount = MoneyField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(name="supplier_payment_names_an_invoice_once", fields=["payment", "invoice"]),
            models.CheckConstraint(name="supplier_allocation_of_something", condition=~Q(amount=0)),
        ]
        triggers = [
            pgtrigger.Protect(name="supplier_allocations_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
