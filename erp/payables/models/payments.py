"""Payments to suppliers and what they settle."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, OuterRef, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from erp.payables.models.invoices import SupplierInvoice
from masterdata.models import Company, Currency, Partner, User
from masterdata.models.fields import CodeField, MoneyField
from masterdata.numbers import ZERO


class SupplierPaymentQuerySet(models.QuerySet["SupplierPayment"]):
    """Payments to suppliers."""

    def with_open(self) -> Any:
        """Add `open_amount`: what of each pays no invoice yet, in its currency; `open_own`: in ours."""
        used = SupplierAllocation.objects.filter(payment=OuterRef("pk"), kind="payment").order_by().values("payment")
        return self.annotate(
            open_amount=F("amount") - Coalesce(used.annotate(x=Sum("amount")).values("x"), ZERO),
            open_own=F("own_amount") - Coalesce(used.annotate(x=Sum("own_payment")).values("x"), ZERO),
        )


class SupplierPayment(models.Model):
    """Money sent to a supplier (above zero), got back (below), or none: documents settled with each other. Immutable.

    `own_amount`: what it takes off payables, in the company's currency.
    """

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="supplier_payments")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    rate = models.DecimalField(max_digits=20, decimal_places=10, default=Decimal(1))
    amount = MoneyField()
    own_amount = MoneyField()
    bank_account = models.ForeignKey("erp.BankAccount", models.PROTECT, null=True, blank=True, related_name="+")
    paid_on = models.DateField()
    reference = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.OneToOneField("erp.JournalEntry", models.PROTECT, null=True, blank=True, related_name="+")

    objects = SupplierPaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="supplier_payment_has_its_entry", condition=Q(amount=0) | Q(entry__isnull=False)
            )
        ]
        triggers = [
            pgtrigger.Protect(name="supplier_payments_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.number


class SupplierAllocation(models.Model):
    """What settles a part of a supplier's invoice: a payment, or cash discount; below zero the part of a credit note.

    `own_amount` is what it takes of the invoice in the company's currency, `own_payment` what of the payment: they
    differ by the realised currency difference. Undone by a row that `reverses` it. `entry` holds the discount or the
    difference.
    """

    class Kind(models.TextChoices):
        PAYMENT = "payment", "Payment"
        DISCOUNT = "discount", "Cash discount"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PAYMENT)
    payment = models.ForeignKey(SupplierPayment, models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(SupplierInvoice, models.PROTECT, related_name="allocations")
    amount = MoneyField()
    tax_amount = MoneyField(default=0, help_text="Of a discount: the part of the tax that it takes back")
    own_amount = MoneyField()
    own_payment = MoneyField(default=0)
    entry = models.ForeignKey("erp.JournalEntry", models.PROTECT, null=True, blank=True, related_name="+")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")
    reason = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="supplier_allocation_of_something", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="supplier_discount_is_posted",
                condition=Q(kind="payment") | (Q(entry__isnull=False) & Q(own_payment=0)),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="supplier_allocations_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
