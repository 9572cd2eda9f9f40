"""Payment proposals: which supplier invoices are paid on a day from a bank account, and who agreed to it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.payables.models.invoices import SupplierInvoice
from erp.payables.models.payments import SupplierPayment
from masterdata.models import Company, Currency, User
from masterdata.models.fields import CodeField, MoneyField


class PaymentProposal(models.Model):
    """Drafted, approved by somebody else than who made it, paid; or dropped."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        APPROVED = "approved", "Approved"
        PAID = "paid", "Paid"
        DROPPED = "dropped", "Dropped"

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    bank_account = models.ForeignKey("erp.BankAccount", models.PROTECT, null=True, blank=True, related_name="+")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    pay_on = models.DateField()
    due_until = models.DateField(help_text="Invoices due until then, or whose discount ends before the next run")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    paid_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="paid_proposal_was_approved", condition=~Q(state="paid") | Q(approved_at__isnull=False)
            ),
            models.CheckConstraint(
                name="proposal_is_approved_by_somebody_else",
                condition=Q(approved_by=None) | Q(made_by=None) | ~Q(approved_by=models.F("made_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PaymentProposalLine(models.Model):
    """What of an invoice is paid (of a credit note below zero), and what discount is left off.

    `is_open` while the proposal is neither paid nor dropped: no invoice is in two open ones.
    """

    proposal = models.ForeignKey(PaymentProposal, models.CASCADE, related_name="lines")
    invoice = models.ForeignKey(SupplierInvoice, models.PROTECT, related_name="proposal_lines")
    amount = MoneyField()
    discount = MoneyField(default=0)
    is_open = models.BooleanField(default=True)
    payment = models.ForeignKey(SupplierPayment, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["proposal", "id"]
        constraints = [
            models.UniqueConstraint(name="invoice_in_one_open_proposal", fields=["invoice"], condition=Q(is_open=True)),
            models.CheckConstraint(name="proposed_amount_of_something", condition=~Q(amount=0) & Q(discount__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"
