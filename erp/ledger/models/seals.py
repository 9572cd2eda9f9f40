"""Seals: the number and the hash of each journal entry, and what the sealed ones come to per account and period.

Entries are immutable, so these stand beside them. `erp.ledger.sealing` alone writes here.
"""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from erp.ledger.models.accounts import Account
from erp.ledger.models.journal import JournalEntry
from erp.ledger.models.periods import Period
from masterdata.models import Company, Plant
from masterdata.models.fields import MoneyField

ONLY_ADDED = pgtrigger.Update | pgtrigger.Delete


class UnsealedEntry(models.Model):
    """An entry that has no seal yet: written by a trigger with the entry, taken away with its seal."""

    entry = models.OneToOneField(JournalEntry, models.PROTECT, primary_key=True, related_name="waiting")

    def __str__(self) -> str:
        return f"{self.entry_id}"


class SealBatch(models.Model):
    """Entries of a company that were sealed together; `digest` is that of the last one, to be kept elsewhere too."""

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    batch_no = models.PositiveIntegerField()
    sealed_at = models.DateTimeField()
    entry_count = models.PositiveIntegerField()
    last_position = models.PositiveBigIntegerField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["company", "batch_no"]
        verbose_name_plural = "seal batches"
        constraints = [models.UniqueConstraint(name="batches_count_by_company", fields=["company", "batch_no"])]
        triggers = [pgtrigger.Protect(name="batches_are_only_added", operation=ONLY_ADDED)]

    def __str__(self) -> str:
        return f"{self.company_id}: {self.batch_no}"


class EntrySeal(models.Model):
    """The legal number of an entry (by company and year, without gaps) and its place in the company's chain.

    `digest` is SHA-256 over `previous` and the digest of the entry's text (erp/ledger/seal_text.py says how). Its batch
    is the one that its position lies in. The company is the entry's, as an invariant proves: a constraint for each of
    100,000 rows would take as long as their hashes.
    """

    entry = models.OneToOneField(JournalEntry, models.PROTECT, primary_key=True, related_name="seal")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    position = models.PositiveBigIntegerField()
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    previous = models.BinaryField(max_length=32)
    digest = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["company", "position"]
        constraints = [
            models.UniqueConstraint(name="one_place_in_the_chain", fields=["company", "position"]),
            models.UniqueConstraint(name="entry_number_unique_in_year", fields=["company", "year", "number"]),
        ]
        triggers = [pgtrigger.Protect(name="seals_are_only_added", operation=ONLY_ADDED)]

    def __str__(self) -> str:
        return f"JE-{self.year}-{self.number:06d}"


class AccountTotal(models.Model):
    """What the sealed lines of an account come to in a period and plant; those that close a year apart."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="totals")
    period = models.ForeignKey(Period, models.PROTECT, related_name="+")
    plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    is_closing = models.BooleanField(default=False)
    debit = MoneyField()
    credit = MoneyField()

    class Meta:
        ordering = ["account", "period"]
        constraints = [
            models.UniqueConstraint(
                name="one_total_per_account_period_plant",
                fields=["account", "period", "plant", "is_closing"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="totals_not_negative", condition=Q(debit__gte=0, credit__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.debit} / {self.credit}"


class DailyTotal(models.Model):
    """What the sealed lines of an account come to on a day in a plant: for balances in the middle of a period."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_index=False)
    posted_on = models.DateField()
    plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    is_closing = models.BooleanField(default=False)
    debit = MoneyField()
    credit = MoneyField()

    class Meta:
        ordering = ["account", "posted_on"]
        constraints = [
            models.UniqueConstraint(
                name="one_total_per_account_day_plant",
                fields=["account", "posted_on", "plant", "is_closing"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="daily_totals_not_negative", condition=Q(debit__gte=0, credit__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.posted_on}: {self.debit} / {self.credit}"
