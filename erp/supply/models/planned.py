"""What buying or a transfer should bring and nobody has ordered."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from erp.stock.models import TransferLine
from masterdata.models import Material, Plant
from masterdata.models.fields import QuantityField


class PlannedOrder(models.Model):
    """What buying (or a transfer from `source_plant`) should bring and nobody has ordered.

    Material planning changes and takes back those that are not firm; a firm one was written for an order (no supplier
    has a price), or a buyer keeps it. Ordered by `order_by_on` it comes at `due_at`.

    What another plant has sent is firm too, one for each `transfer_line`, with what of it is still on the way.
    """

    class Kind(models.TextChoices):
        BUY = "buy", "Buy"
        TRANSFER = "transfer", "Transfer"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.BUY)
    quantity = QuantityField()
    due_at = models.DateTimeField()
    problem = models.CharField(max_length=200, blank=True, help_text="Why no purchase order was written")
    closed_at = models.DateTimeField(null=True, blank=True)
    is_firm = models.BooleanField(default=True, db_default=True, help_text="Planning leaves it as it is")
    order_by_on = models.DateField(null=True, blank=True)
    source_plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    transfer_line = models.OneToOneField(
        TransferLine, models.PROTECT, null=True, blank=True, related_name="coming", help_text="Sent, and on the way"
    )
    version = models.PositiveIntegerField(default=1, db_default=1)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="planned_quantity_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="transfer_has_its_source", condition=Q(kind="buy") | Q(source_plant__isnull=False)
            ),
            models.CheckConstraint(
                name="on_the_way_is_a_firm_transfer",
                condition=Q(transfer_line__isnull=True) | Q(kind="transfer", is_firm=True),
            ),
        ]
        indexes = [
            models.Index(name="planned_orders_open", fields=["plant", "material"], condition=Q(closed_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"
