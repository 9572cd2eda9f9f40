"""Manual entries: what the accountant writes by hand, until somebody else posts it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from erp.ledger.models import Account, JournalEntry
from masterdata.models import Company, Partner, Plant, TaxCode
from masterdata.models.fields import CodeField, MoneyField


class ManualEntry(models.Model):
    """A posting written by hand: draft, submitted, then posted by somebody else, or refused and changed again.

    An accrual is undone on the first day of the next period. One that repeats has a copy for the next month, submitted
    and waiting, until the day `repeats_until`.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Waits for a yes")
        REFUSED = "refused", _("Refused")
        POSTED = "posted", _("Posted")

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    posted_on = models.DateField()
    memo = models.CharField(max_length=160)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    is_accrual = models.BooleanField(default=False)
    repeats_until = models.DateField(null=True, blank=True)
    copy_of = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="next_copy")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    refused_because = models.CharField(max_length=200, blank=True)
    entry = models.OneToOneField(JournalEntry, models.PROTECT, null=True, blank=True, related_name="manual")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-number"]
        verbose_name_plural = "manual entries"
        constraints = [
            models.CheckConstraint(
                name="posted_by_another_than_the_author",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("author")),
            ),
            models.CheckConstraint(
                name="posted_manual_entries_have_an_entry",
                condition=Q(state="posted", entry__isnull=False, decided_by__isnull=False)
                | (~Q(state="posted") & Q(entry__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ManualEntryLine(models.Model):
    """An account and an amount of it, above zero a debit; in the company's currency."""

    manual_entry = models.ForeignKey(ManualEntry, models.CASCADE, related_name="lines")
    line_no = models.PositiveIntegerField()
    account = models.ForeignKey(Account, models.PROTECT, related_name="+")
    amount = MoneyField()
    text = models.CharField(max_length=120, blank=True)
    plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    sales_order = models.ForeignKey("erp.SalesOrder", models.PROTECT, null=True, blank=True, related_name="+")
    tax_code = models.ForeignKey(TaxCode, models.PROTECT, null=True, blank=True, related_name="+")
    tax_base = MoneyField(null=True, blank=True)

    class Meta:
        ordering = ["manual_entry", "line_no"]
        constraints = [
            models.UniqueConstraint(name="manual_line_no_unique", fields=["manual_entry", "line_no"]),
            models.CheckConstraint(name="no_zero_manual_line", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="manual_tax_base_has_its_code", condition=Q(tax_base__isnull=True) | Q(tax_code__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.amount}"
