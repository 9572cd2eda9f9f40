"""Requests for quotation: what suppliers were asked for, what they answered, who got the order."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from erp.supply.models.planned import PlannedOrder
from masterdata.models import Material, Partner, Plant
from masterdata.models.fields import CodeField, QuantityField, UnitPriceField


class QuotationRequest(models.Model):
    """Asked of several suppliers at once, to be answered by a day; closed when it is awarded or dropped."""

    number = CodeField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    answer_by = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class QuotationRequestLine(models.Model):
    """One material that a planned order needs, base units; `awarded_to` has the order for it."""

    request = models.ForeignKey(QuotationRequest, models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    needed_at = models.DateTimeField()
    planned_order = models.ForeignKey(PlannedOrder, models.PROTECT, related_name="quotation_lines")
    awarded_to = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["request", "line_no"]
        constraints = [
            models.UniqueConstraint(name="asked_line_number_unique", fields=["request", "line_no"]),
            models.CheckConstraint(name="asked_quantity_positive", condition=Q(quantity__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}/{self.line_no}"


class QuotationInvitation(models.Model):
    """A supplier that was asked."""

    request = models.ForeignKey(QuotationRequest, models.PROTECT, related_name="invitations")
    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="+")
    declined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["request", "supplier"]
        constraints = [
            models.UniqueConstraint(name="supplier_asked_once", fields=["request", "supplier"]),
        ]

    def __str__(self) -> str:
        return f"{self.request_id}: {self.supplier_id}"


class SupplierAnswer(models.Model):
    """What a supplier answered for a line: price per base unit, lead time, least quantity (base units)."""

    line = models.ForeignKey(QuotationRequestLine, models.PROTECT, related_name="answers")
    invitation = models.ForeignKey(QuotationInvitation, models.PROTECT, related_name="answers")
    unit_price = UnitPriceField()
    lead_time_days = models.PositiveSmallIntegerField()
    min_quantity = QuantityField(default=0)
    valid_until = models.DateField(null=True, blank=True)
    supplier_article = models.CharField(max_length=60, blank=True)
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["line", "unit_price"]
        constraints = [
            models.UniqueConstraint(name="one_answer_per_line_and_supplier", fields=["line", "invitation"]),
            models.CheckConstraint(name="answer_not_negative", condition=Q(unit_price__gte=0, min_quantity__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.unit_price}"
