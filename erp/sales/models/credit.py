"""How much a customer may owe a company, and which orders were let pass beyond it."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from erp.sales.models.orders import SalesOrder
from masterdata.models import Company, Partner, User
from masterdata.models.fields import MoneyField


class CreditLimit(models.Model):
    """What a customer may owe a company, in its currency: open invoices, shipped and ordered goods, less deposits.

    `amount` empty: any amount. `overdue_days` empty: however long an invoice is overdue. A customer without a row is
    not checked.
    """

    customer = models.ForeignKey(Partner, models.PROTECT, related_name="credit_limits")
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    amount = MoneyField(null=True, blank=True)
    overdue_days = models.PositiveSmallIntegerField(null=True, blank=True)
    held_because = models.CharField(max_length=200, blank=True, help_text="Not empty: nothing is confirmed or shipped")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["customer", "company"]
        constraints = [
            models.UniqueConstraint(name="one_credit_limit_per_customer_and_company", fields=["customer", "company"]),
            models.CheckConstraint(
                name="credit_limit_not_negative", condition=Q(amount__isnull=True) | Q(amount__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.company_id}"


class CreditRelease(models.Model):
    """Somebody let one order pass although its customer is over the limit, overdue or on hold. Append-only.

    `exposure` is what the customer would have owed with the order, `limit_amount` what was allowed.
    """

    order = models.ForeignKey(SalesOrder, models.PROTECT, related_name="credit_releases")
    reason = models.CharField(max_length=200)
    exposure = MoneyField()
    limit_amount = MoneyField(null=True, blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="credit_release_has_a_reason", condition=~Q(reason=""))]
        triggers = [
            pgtrigger.Protect(name="credit_releases_are_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.reason
