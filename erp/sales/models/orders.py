"""Sales orders. Status is derived, never stored."""

from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from masterdata.models import Company, Currency, Material, Partner, PaymentTerm, Plant, TaxCode
from masterdata.models.fields import CodeField, MoneyField, QuantityField, UnitPriceField


class SalesOrder(models.Model):
    """A customer's order. Draft until `confirmed_at`; everything else about its state follows from quantities.

    `rate`: the company's currency for one of the order's, on the day it was written; what it earns is counted with it.
    Without a payment term of its own it has the customer's.
    """

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="sales_orders")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    rate = models.DecimalField(max_digits=20, decimal_places=10, default=Decimal(1))
    payment_term = models.ForeignKey(PaymentTerm, models.PROTECT, null=True, blank=True, related_name="+")
    customer_reference = models.CharField(max_length=60, blank=True)
    ordered_on = models.DateField()
    quoted_at = models.DateTimeField(null=True, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    is_rush = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(name="order_by_customer", fields=["customer", "-id"])]

    def __str__(self) -> str:
        return self.number


class SalesOrderLine(models.Model):
    """`wanted_on` is the customer's wish, `promised_at` the commitment in force, `expected_at` what the plan says.

    A line of quantity 0 is cancelled: `changes` say what it was. `returned_qty` of what was shipped came back, of that
    `taken_back_qty` is not the customer's again (sent back, replaced): it is not charged, or credited.

    `first_promised_at` is what was promised at first: however often a late supply has moved the promise, it is late.
    """

    order = models.ForeignKey(SalesOrder, models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    unit_price = UnitPriceField()
    net_amount = MoneyField()
    tax_code = models.ForeignKey(TaxCode, models.PROTECT, null=True, blank=True, related_name="+")
    wanted_on = models.DateField()
    promised_at = models.DateTimeField(null=True, blank=True)
    first_promised_at = models.DateTimeField(null=True, blank=True)
    expected_at = models.DateTimeField(null=True, blank=True)
    weight = models.PositiveSmallIntegerField(default=1, help_text="Importance to the planner")
    shipped_qty = QuantityField(default=0)
    invoiced_qty = QuantityField(default=0)
    returned_qty = QuantityField(default=0, db_default=0)
    taken_back_qty = QuantityField(default=0, db_default=0)

    class Meta:
        ordering = ["order", "line_no"]
        constraints = [
            models.UniqueConstraint(name="order_line_number_unique", fields=["order", "line_no"]),
            models.CheckConstraint(
                name="order_quantity_not_negative", condition=Q(quantity__gte=0) & Q(unit_price__gte=0)
            ),
            models.CheckConstraint(
                name="shipped_within_ordered", condition=Q(shipped_qty__gte=0) & Q(shipped_qty__lte=F("quantity"))
            ),
            models.CheckConstraint(
                name="returned_within_shipped",
                condition=Q(returned_qty__gte=0) & Q(returned_qty__lte=F("shipped_qty")),
            ),
            models.CheckConstraint(
                name="taken_back_within_returned",
                condition=Q(taken_back_qty__gte=0) & Q(taken_back_qty__lte=F("returned_qty")),
            ),
            models.CheckConstraint(
                name="invoiced_within_shipped", condition=Q(invoiced_qty__gte=0) & Q(invoiced_qty__lte=F("shipped_qty"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}"
