"""Statements of bank accounts, their lines, what each line was matched with, and rules that are remembered."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from erp.payables.models import SupplierPayment
from erp.receivables.models import Payment
from erp.treasury.models import BankAccount
from masterdata.models import Company, User
from masterdata.models.fields import MoneyField


class BankStatement(models.Model):
    """A file of the bank as it was read: opening balance and all its lines make the closing balance. Immutable."""

    bank_account = models.ForeignKey(BankAccount, models.PROTECT, related_name="statements")
    name = models.CharField(max_length=120)
    file_hash = models.CharField(max_length=64)
    opening = MoneyField(null=True, blank=True)
    closing = MoneyField(null=True, blank=True)
    first_on = models.DateField()
    last_on = models.DateField()
    imported_at = models.DateTimeField(default=timezone.now)
    imported_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(name="bank_file_read_once", fields=["bank_account", "file_hash"])]
        triggers = [
            pgtrigger.Protect(name="bank_statements_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.name


class BankLine(models.Model):
    """Money that came (above zero) or left, as the bank says. `line_hash` tells it from every other of the account."""

    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    bank_account = models.ForeignKey(BankAccount, models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    booked_on = models.DateField()
    amount = MoneyField()
    partner_name = models.CharField(max_length=140, blank=True)
    iban = models.CharField(max_length=34, blank=True)
    text = models.CharField(max_length=400, blank=True)
    line_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-booked_on", "-id"]
        constraints = [
            models.UniqueConstraint(name="bank_line_read_once", fields=["bank_account", "line_hash"]),
            models.CheckConstraint(name="bank_line_of_something", condition=~Q(amount=0)),
        ]
        triggers = [pgtrigger.Protect(name="bank_lines_are_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.booked_on} {self.amount}"


class BankMatch(models.Model):
    """What of a line is a payment, or an entry on an account; counts until it is undone."""

    line = models.ForeignKey(BankLine, models.PROTECT, related_name="matches")
    amount = MoneyField()
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="bank_matches")
    supplier_payment = models.ForeignKey(
        SupplierPayment, models.PROTECT, null=True, blank=True, related_name="bank_matches"
    )
    entry = models.ForeignKey("erp.JournalEntry", models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was thought to belong together")
    matched_at = models.DateTimeField(default=timezone.now)
    matched_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    undone_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "bank matches"
        constraints = [
            models.CheckConstraint(
                name="bank_match_has_one_subject",
                condition=Q(payment__isnull=False, supplier_payment=None, entry=None)
                | Q(payment=None, supplier_payment__isnull=False, entry=None)
                | Q(payment=None, supplier_payment=None, entry__isnull=False),
            ),
            models.CheckConstraint(name="bank_match_of_something", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="bank_match_undone_after", condition=Q(undone_at=None) | Q(undone_at__gte=F("matched_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount}"


class BankRule(models.Model):
    """Lines whose text or partner has the words are proposed for an account (charges, interest, rent)."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    words = models.CharField(max_length=80)
    account = models.ForeignKey("erp.Account", models.PROTECT, related_name="+")

    class Meta:
        ordering = ["company", "words"]
        constraints = [models.UniqueConstraint(name="bank_rule_once", fields=["company", "words"])]

    def __str__(self) -> str:
        return self.words
