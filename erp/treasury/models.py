"""Bank accounts of companies, and how far money matters may go by themselves."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models import Company, Currency
from masterdata.models.fields import MoneyField


class BankAccount(models.Model):
    """An account at a bank, with a ledger account of its own. One per company and currency is where money comes to.

    The columns say how its statements are written as CSV: names in the file's head, or numbers from 1.
    """

    class Days(models.TextChoices):
        ISO = "%Y-%m-%d", "2026-03-31"
        GERMAN = "%d.%m.%Y", "31.03.2026"
        SHORT = "%d.%m.%y", "31.03.26"
        BRITISH = "%d/%m/%Y", "31/03/2026"
        AMERICAN = "%m/%d/%Y", "03/31/2026"

    company = models.ForeignKey(Company, models.PROTECT, related_name="bank_accounts")
    account = models.OneToOneField("erp.Account", models.PROTECT, related_name="bank_account")
    name = models.CharField(max_length=80)
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    is_main = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    csv_delimiter = models.CharField(max_length=1, default=",")
    csv_decimal = models.CharField(max_length=1, default=".")
    csv_days = models.CharField(max_length=10, choices=Days, default=Days.ISO)
    csv_booked_on = models.CharField(max_length=60, default="date")
    csv_amount = models.CharField(max_length=60, default="amount")
    csv_partner = models.CharField(max_length=60, default="partner", blank=True)
    csv_iban = models.CharField(max_length=60, default="iban", blank=True)
    csv_text = models.CharField(max_length=60, default="text", blank=True)
    csv_balance = models.CharField(max_length=60, default="", blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["company", "name"]
        constraints = [
            models.UniqueConstraint(
                name="one_main_bank_account", fields=["company", "currency"], condition=Q(is_main=True)
            ),
            models.UniqueConstraint(name="bank_account_named_once", fields=["company", "name"]),
            models.UniqueConstraint(name="bank_account_by_iban", fields=["iban", "currency"], condition=~Q(iban="")),
        ]

    def __str__(self) -> str:
        return self.name


class MoneyPolicy(models.Model):
    """How far a company's money matters go by themselves; without a row: not at all.

    `write_off_limit`: the largest rest of an invoice that is written off. `discount_grace_days`: how long after its day
    a cash discount is still granted. `invoice_limit`: the largest net amount of a supplier invoice's lines without an
    order that needs nobody else. All amounts in the company's currency.
    """

    company = models.OneToOneField(Company, models.PROTECT, related_name="money_policy")
    write_off_limit = MoneyField(default=0)
    discount_grace_days = models.PositiveSmallIntegerField(default=0)
    invoice_limit = MoneyField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["company"]
        verbose_name_plural = "money policies"
        constraints = [
            models.CheckConstraint(
                name="money_policy_not_negative", condition=Q(write_off_limit__gte=0) & Q(invoice_limit__gte=0)
            )
        ]

    def __str__(self) -> str:
        return f"Policy of {self.company_id}"
