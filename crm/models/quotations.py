"""Quotations: what we offer a customer."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from crm.models.pipeline import LostReason, Opportunity
from erp.models import SalesOrder
from masterdata.models import Company, Currency, Material, Partner, Plant, User
from masterdata.models.fields import CodeField, MoneyField, QuantityField, UnitPriceField


class Quotation(models.Model):
    """What we offer a customer. Accepting it makes and confirms a sales order in the same transaction."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACCEPTED = "accepted", "Accepted"
        LOST = "lost", "Lost"

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="quotations")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    customer_reference = models.CharField(max_length=60, blank=True)
    valid_until = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    order = models.OneToOneField(SalesOrder, models.PROTECT, null=True, blank=True, related_name="quotation")
    opportunity = models.ForeignKey(Opportunity, models.PROTECT, null=True, blank=True, related_name="quotations")
    lost_reason = models.ForeignKey(LostReason, models.PROTECT, null=True, blank=True, related_name="quotations")
    lost_note = models.CharField(max_length=240, blank=True, db_default="", default="")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="accepted_quotation_has_order",
                condition=~Q(state="accepted") | (Q(order__isnull=False) & Q(accepted_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return self.number


class QuotationLine(models.Model):
    """A line with the delivery date, cost and cause that were offered when it was saved, and from which plan."""

    quotation = models.ForeignKey(Quotation, models.CASCADE, related_name="lines")
    line_no = models.PositiveIntegerField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    unit_price = UnitPriceField()
    net_amount = MoneyField()
    wanted_on = models.DateField()
    offered_at = models.DateTimeField(null=True, blank=True, help_text="Delivery date offered")
    offered_cost = MoneyField(null=True, blank=True)
    offered_cause = models.CharField(max_length=240, blank=True)
    plan_no = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["quotation", "line_no"]
        constraints = [
            models.UniqueConstraint(name="quotation_line_number_unique", fields=["quotation", "line_no"]),
            models.CheckConstraint(name="quotation_line_valid", condition=Q(quantity__gt=0) & Q(unit_price__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.quotation_id}/{self.line_no}"
