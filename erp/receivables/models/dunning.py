"""Reminders of overdue invoices: levels with fee and text, notices that were proposed and sent, holds."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.receivables.models.invoices import Invoice, InvoiceInstalment
from masterdata.models import Company, Currency, Partner, User
from masterdata.models.fields import CodeField, MoneyField


class DunningLevel(models.Model):
    """From how many days overdue on a company reminds, what it charges then (its own currency), interest a year."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    level_no = models.PositiveSmallIntegerField()
    after_days = models.PositiveSmallIntegerField()
    fee = MoneyField(default=0)
    interest_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["company", "level_no"]
        constraints = [
            models.UniqueConstraint(name="dunning_level_once", fields=["company", "level_no"]),
            models.CheckConstraint(
                name="dunning_level_from_one", condition=Q(level_no__gte=1) & Q(fee__gte=0) & Q(interest_percent__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company_id}/{self.level_no}"


class DunningText(models.Model):
    """What a level writes in a language; {customer}, {invoices}, {total} and {fee} are filled in."""

    level = models.ForeignKey(DunningLevel, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=8)
    subject = models.CharField(max_length=120)
    body = models.TextField(max_length=4000)

    class Meta:
        ordering = ["level", "language"]
        constraints = [models.UniqueConstraint(name="dunning_text_once", fields=["level", "language"])]

    def __str__(self) -> str:
        return self.subject


class DunningHold(models.Model):
    """A customer, or one invoice, that is not reminded until a day, and why."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    invoice = models.ForeignKey(Invoice, models.PROTECT, null=True, blank=True, related_name="dunning_holds")
    until_on = models.DateField()
    reason = models.CharField(max_length=200)
    made_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.reason


class DunningNotice(models.Model):
    """A reminder to a customer: proposed, then sent as it is written, or dropped."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "Proposed"
        SENT = "sent", "Sent"
        DROPPED = "dropped", "Dropped"

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    level_no = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    language = models.CharField(max_length=8, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField(max_length=8000, blank=True)
    fee_invoice = models.OneToOneField(Invoice, models.PROTECT, null=True, blank=True, related_name="dunning_notice")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="sent_notice_has_its_text", condition=~Q(state="sent") | ~Q(body=""))
        ]

    def __str__(self) -> str:
        return self.number


class DunningNoticeLine(models.Model):
    """An overdue invoice, or an instalment of it, on a notice, at its own level; reminded of once at each level.

    `interest_days`: for how many of its days overdue interest was charged, with this notice or an earlier one.
    """

    notice = models.ForeignKey(DunningNotice, models.PROTECT, related_name="lines")
    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="dunning_lines")
    level_no = models.PositiveSmallIntegerField()
    instalment = models.ForeignKey(InvoiceInstalment, models.PROTECT, null=True, blank=True, related_name="+")
    open_amount = MoneyField()
    days = models.PositiveIntegerField()
    interest_days = models.PositiveIntegerField(default=0, db_default=0)
    counts = models.BooleanField(default=True, help_text="No longer when the notice is dropped")

    class Meta:
        ordering = ["notice", "id"]
        constraints = [
            models.UniqueConstraint(
                name="invoice_reminded_once_a_level",
                fields=["invoice", "instalment", "level_no"],
                condition=Q(counts=True),
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.invoice_id}: {self.level_no}"

    @property
    def due_on(self) -> dt.date:
        """Of the instalment, else of the invoice."""
        return self.instalment.due_on if self.instalment else self.invoice.due_on
