"""Goods that customers send back: why, what came, and what became of it."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from erp.fulfilment.models.shipments import ShipmentLine
from erp.production.models import WorkOrder
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.stock.models import Lot, StockMove
from masterdata.models import Plant, User
from masterdata.models.fields import CodeField, MoneyField, QuantityField


class CustomerReturn(models.Model):
    """A customer may send these goods back. Open until all of it has come and is decided, or it is withdrawn."""

    class Reason(models.TextChoices):
        DAMAGED = "damaged", "Damaged on the way"
        FAULTY = "faulty", "Faulty"
        WRONG = "wrong", "Not what was ordered"
        REFUSED = "refused", "Refused"
        SURPLUS = "surplus", "Not needed"

    number = CodeField()
    order = models.ForeignKey(SalesOrder, models.PROTECT, related_name="returns")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+", help_text="Where the goods come back to")
    reason = models.CharField(max_length=8, choices=Reason)
    note = models.CharField(max_length=200, blank=True)
    authorised_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.number


class CustomerReturnLine(models.Model):
    """`quantity` of a shipment line may come back, `received_qty` has, at `value`: its cost when it was shipped."""

    customer_return = models.ForeignKey(CustomerReturn, models.PROTECT, related_name="lines")
    shipment_line = models.ForeignKey(ShipmentLine, models.PROTECT, related_name="return_lines")
    quantity = QuantityField()
    received_qty = QuantityField(default=0)
    value = MoneyField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                name="one_return_line_per_shipment_line", fields=["customer_return", "shipment_line"]
            ),
            models.CheckConstraint(
                name="returned_within_authorised",
                condition=Q(quantity__gt=0, received_qty__gte=0, received_qty__lte=F("quantity"), value__gte=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.received_qty} of {self.quantity}"


class ReturnReceipt(models.Model):
    """Pieces of a return that came: the move that took them in, and what is to become of them.

    What was decided is done by the deed that it names: set free or scrapped in stock, a work order, another order.
    Decided in parts, each part is done by its own deed, which whoever decides keeps.
    """

    class Outcome(models.TextChoices):
        OPEN = "", "Not decided"
        RESTOCK = "restock", "Back to stock"
        SCRAP = "scrap", "Scrapped"
        REWORK = "rework", "To be reworked"
        SEND_BACK = "send_back", "Back to the customer"
        PARTS = "parts", "Decided in parts"

    CHOSEN: ClassVar = (Outcome.RESTOCK, Outcome.SCRAP, Outcome.REWORK, Outcome.SEND_BACK)
    """What somebody can choose for all of the pieces."""

    line = models.ForeignKey(CustomerReturnLine, models.PROTECT, related_name="receipts")
    move = models.OneToOneField(StockMove, models.PROTECT, related_name="+")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="+")
    quantity = QuantityField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default=Outcome.OPEN)
    decided_qty = QuantityField(default=0, db_default=0, help_text="Decided in parts so far")
    outcome_move = models.OneToOneField(StockMove, models.PROTECT, null=True, blank=True, related_name="+")
    replaced_by = models.ForeignKey(SalesOrderLine, models.PROTECT, null=True, blank=True, related_name="+")
    reworked_by = models.OneToOneField(WorkOrder, models.PROTECT, null=True, blank=True, related_name="returned_as")
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="return_receipt_positive", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="return_parts_within_what_came",
                condition=Q(decided_qty__gte=0, decided_qty__lte=F("quantity"))
                & (Q(outcome="", decided_qty__lt=F("quantity")) | Q(outcome="parts", decided_qty=F("quantity")))
                | Q(decided_qty=0),
            ),
            models.CheckConstraint(
                name="decided_return_has_an_outcome", condition=Q(outcome="") | Q(decided_at__isnull=False)
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(name="return_receipt_keeps_what_came", fields=["line", "move", "lot", "quantity"])
        ]

    def __str__(self) -> str:
        return f"{self.quantity}"
