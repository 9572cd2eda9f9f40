"""Purchase orders and their lines."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from masterdata.models import Material, Partner, Plant
from masterdata.models.fields import CodeField, QuantityField, UnitPriceField


class PurchaseOrder(models.Model):
    """An order to a supplier; how far it is follows from its lines' quantities."""

    number = CodeField()
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    supplier = models.ForeignKey(Partner, models.PROTECT, related_name="purchase_orders")
    ordered_at = models.DateTimeField(default=timezone.now)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class PurchaseOrderLine(models.Model):
    """`quantity` in base units at `unit_price` per base unit; `due_at` is ordered + lead time.

    What is cancelled leaves `quantity` for `cancelled_qty`; what goes back to the supplier leaves `received_qty` for
    `returned_qty` (and `quantity` too when nothing comes for it). `over_qty` is what was accepted beyond the order.
    """

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="lines")
    line_no = models.PositiveIntegerField()
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    quantity = QuantityField()
    unit_price = UnitPriceField()
    due_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True, help_text="Date that the supplier confirmed")
    first_confirmed_at = models.DateTimeField(null=True, blank=True, help_text="What the supplier promised at first")
    received_qty = QuantityField(default=0)
    over_qty = QuantityField(default=0)
    returned_qty = QuantityField(default=0)
    cancelled_qty = QuantityField(default=0)
    split_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="splits")
    invoiced_qty = QuantityField(default=0, help_text="On posted supplier invoices less credit notes")
    pegged_qty = QuantityField(default=0, help_text="Still to come and already for a demand: what its open pegs sum to")

    class Meta:
        ordering = ["order", "line_no"]
        constraints = [
            models.UniqueConstraint(name="purchase_line_number_unique", fields=["order", "line_no"]),
            models.CheckConstraint(
                name="purchase_quantity_positive",
                condition=Q(quantity__gte=0, unit_price__gte=0, cancelled_qty__gte=0, returned_qty__gte=0)
                & (Q(quantity__gt=0) | Q(cancelled_qty__gt=0)),
            ),
            models.CheckConstraint(name="purchase_invoiced_not_negative", condition=Q(invoiced_qty__gte=0)),
            models.CheckConstraint(
                name="received_within_ordered",
                condition=Q(received_qty__gte=0, over_qty__gte=0, received_qty__lte=F("quantity") + F("over_qty")),
            ),
            models.CheckConstraint(
                name="pegged_within_what_is_to_come",
                condition=Q(pegged_qty=0) | Q(pegged_qty__gt=0, pegged_qty__lte=F("quantity") - F("received_qty")),
            ),
        ]
        indexes = [
            models.Index(name="purchase_lines_open", fields=["material"], condition=Q(received_qty__lt=F("quantity")))
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.line_no}"
