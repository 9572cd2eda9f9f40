"""How far sales may go with a price, and who let a quotation pass beyond it."""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.db import models
from django.db.models import Q

from crm.models.quotations import Quotation
from masterdata.models import Company, MaterialCategory, User


class SalesPolicy(models.Model):
    """What of a company's quotations needs approval: a margin below the floor, a discount above the limit, in percent.

    Empty: not checked. The discount of a line counts against what the price list says, whatever price was typed.
    """

    company = models.OneToOneField(Company, models.CASCADE, related_name="sales_policy")
    floor_percent = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    discount_limit_percent = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["company"]
        verbose_name_plural = "sales policies"
        constraints = [
            models.CheckConstraint(
                name="margin_floor_is_a_share",
                condition=Q(floor_percent__isnull=True) | (Q(floor_percent__gte=-100) & Q(floor_percent__lte=100)),
            ),
            models.CheckConstraint(
                name="discount_limit_is_a_share",
                condition=Q(discount_limit_percent__isnull=True)
                | (Q(discount_limit_percent__gte=0) & Q(discount_limit_percent__lte=100)),
            ),
        ]

    def __str__(self) -> str:
        return f"Sales policy of {self.company_id}"


class CategoryFloor(models.Model):
    """Another margin floor for the lines of one category of material."""

    policy = models.ForeignKey(SalesPolicy, models.CASCADE, related_name="floors")
    category = models.ForeignKey(MaterialCategory, models.PROTECT, related_name="+")
    floor_percent = models.DecimalField(max_digits=7, decimal_places=2)

    class Meta:
        ordering = ["policy", "category"]
        constraints = [
            models.UniqueConstraint(name="one_floor_per_category", fields=["policy", "category"]),
            models.CheckConstraint(
                name="category_floor_is_a_share", condition=Q(floor_percent__gte=-100) & Q(floor_percent__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category_id}: {self.floor_percent}"


class QuotationApproval(models.Model):
    """Somebody asked to let a quotation pass, and somebody else decided. Its figures are kept; decided once.

    `figures` is a fingerprint of the prices, quantities, discounts and costs that were asked for: others are another
    question. `because` says what was beyond the limits, `margin_percent` is empty where costs were not known.
    """

    class Decision(models.TextChoices):
        OPEN = "open", "Open"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Not approved"
        DROPPED = "dropped", "Changed since"

    quotation = models.ForeignKey(Quotation, models.PROTECT, related_name="approvals")
    revision_no = models.PositiveSmallIntegerField()
    figures = models.CharField(max_length=64)
    because = models.CharField(max_length=240)
    margin_percent = models.DecimalField(max_digits=9, decimal_places=2, null=True, blank=True)
    discount_percent = models.DecimalField(max_digits=7, decimal_places=2, default=Decimal(0))
    note = models.CharField(max_length=400, blank=True, help_text="Why it should pass")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decision = models.CharField(max_length=8, choices=Decision, default=Decision.OPEN)
    reason = models.CharField(max_length=400, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_approval_per_quotation", fields=["quotation"], condition=Q(decision="open")
            ),
            models.CheckConstraint(
                name="decided_approval_says_when",
                condition=Q(decision="open", decided_at__isnull=True)
                | (~Q(decision="open") & Q(decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="nobody_approves_what_they_asked",
                condition=~Q(decision="approved") | Q(asked_by__isnull=True) | ~Q(asked_by=models.F("decided_by")),
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="approvals_keep_their_question",
                exclude=["decision", "reason", "decided_at", "decided_by"],
            ),
            pgtrigger.Protect(name="approvals_are_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.quotation_id}: {self.decision}"
