"""Money of customers, and what settles their invoices: payments, cash discount, small rests written off."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from erp.receivables.models.invoices import Invoice
from masterdata.models import Company, Currency, Partner, User
from masterdata.models.fields import CodeField, MoneyField
from masterdata.numbers import ZERO


class PaymentQuerySet(models.QuerySet["Payment"]):
    """Payments of customers."""

    def with_open(self) -> Any:
        """Add `open_amount`: what of each is not allocated yet nor paid back, in its currency; `open_own`: in ours."""
        used = Allocation.objects.filter(payment=OuterRef("pk"), kind=Allocation.Kind.PAYMENT).order_by()
        back = Payment.objects.filter(refunds=OuterRef("pk")).order_by()

        def left(amount: str, taken: str) -> Case:
            total = used.values("payment").annotate(total=Sum(taken)).values("total")
            paid_back = back.values("refunds").annotate(total=Sum(amount)).values("total")
            return Case(
                When(refunds__isnull=False, then=ZERO),
                default=F(amount) - Coalesce(total, ZERO) + Coalesce(paid_back, ZERO),
            )

        return self.annotate(open_amount=left("amount", "amount"), open_own=left("own_amount", "own_payment"))


class Payment(models.Model):
    """Money received from a customer (above zero), paid back (below), or none: documents settled with one another.

    `own_amount`: what it takes off receivables, in the company's currency. `refunds`: the payment of which this gives
    something back. Immutable.
    """

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="payments")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    rate = models.DecimalField(max_digits=20, decimal_places=10, default=Decimal(1))
    amount = MoneyField()
    own_amount = MoneyField()
    bank_account = models.ForeignKey("erp.BankAccount", models.PROTECT, null=True, blank=True, related_name="+")
    refunds = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="refunded_by")
    received_on = models.DateField()
    reference = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    entry = models.OneToOneField("erp.JournalEntry", models.PROTECT, null=True, blank=True, related_name="+")

    objects = PaymentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="payment_has_its_entry",
                condition=Q(amount=0, entry=None) | (~Q(amount=0) & Q(entry__isnull=False)),
            ),
            models.CheckConstraint(name="refund_is_below_zero", condition=Q(refunds=None) | Q(amount__lt=0)),
        ]
        indexes = [models.Index(name="payment_by_customer", fields=["customer", "currency"])]
        triggers = [pgtrigger.Protect(name="payments_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.number


class Allocation(models.Model):
    """What settles a part of an invoice: money of a payment, cash discount, or a small rest written off.

    `amount` in the invoice's currency, with its sign; `own_amount` what it takes of the invoice's amount in the
    company's currency, `own_payment` what of the payment's: the two differ by the realised currency difference. Undone
    by a row that `reverses` it. `entry` holds discount, write-off or difference.
    """

    class Kind(models.TextChoices):
        PAYMENT = "payment", "Payment"
        DISCOUNT = "discount", "Cash discount"
        WRITE_OFF = "write_off", "Written off"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PAYMENT)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="allocations")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="allocations")
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
            models.CheckConstraint(name="allocation_of_something", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="allocated_money_is_of_a_payment",
                condition=Q(kind="payment", payment__isnull=False) | (~Q(kind="payment") & Q(own_payment=0)),
            ),
            models.CheckConstraint(
                name="discount_and_write_off_are_posted", condition=Q(kind="payment") | Q(entry__isnull=False)
            ),
        ]
        triggers = [pgtrigger.Protect(name="allocations_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.amount}"
