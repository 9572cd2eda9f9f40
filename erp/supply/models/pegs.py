"""Which supply is for which demand."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from erp.supply.models.planned import PlannedOrder
from erp.supply.models.purchases import PurchaseOrderLine
from masterdata.models.fields import QuantityField

ENDS = (
    "work_order", "purchase_order_line", "planned_order", "work_order_material", "sales_order_line", "transfer",
    "requisition_line", "supplied_component",
)  # fmt: skip


def _one_of(*names: str) -> Q:
    """Exactly one of them is set."""
    found = Q()
    for name in names:
        found |= Q(**{f"{other}__isnull": other != name for other in names})
    return found


class Peg(models.Model):
    """`quantity` of one supply that is for one demand; exactly one of each. Open until the supply is received.

    Pegs that material planning makes (`is_planned`) follow the dates at each run; those of an order's netting stay.
    """

    work_order = models.ForeignKey(
        "erp.WorkOrder", models.PROTECT, null=True, blank=True, related_name="pegs", db_index=False
    )
    purchase_order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, null=True, blank=True, related_name="pegs", db_index=False
    )
    planned_order = models.ForeignKey(
        PlannedOrder, models.PROTECT, null=True, blank=True, related_name="pegs", db_index=False
    )
    work_order_material = models.ForeignKey(
        "erp.WorkOrderMaterial", models.PROTECT, null=True, blank=True, related_name="pegs", db_index=False
    )
    sales_order_line = models.ForeignKey(
        "erp.SalesOrderLine", models.PROTECT, null=True, blank=True, related_name="pegs", db_index=False
    )
    transfer = models.ForeignKey(
        PlannedOrder,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="outgoing_pegs",
        db_index=False,
        help_text="The demand is a planned order: a transfer to another plant, or what a subcontractor needs for it",
    )
    supplied_component = models.ForeignKey(
        "erp.SuppliedComponent", models.PROTECT, null=True, blank=True, related_name="pegs", db_index=False
    )
    requisition_line = models.ForeignKey(
        "erp.RequisitionLine",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="pegs",
        db_index=False,
        help_text="The demand is what somebody in the house asked for and was granted",
    )
    is_planned = models.BooleanField(default=False, db_default=False)
    quantity = QuantityField()
    received_qty = QuantityField(default=0)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="peg_quantity_within",
                condition=Q(quantity__gt=0) & Q(received_qty__gte=0) & Q(received_qty__lte=F("quantity")),
            ),
            models.CheckConstraint(
                name="peg_has_one_supply",
                condition=_one_of("work_order", "purchase_order_line", "planned_order"),
            ),
            models.CheckConstraint(
                name="peg_has_one_demand",
                condition=_one_of(*ENDS[3:]),
            ),
        ]
        indexes = [
            models.Index(name=f"{field}_pegs", fields=[field], condition=Q(**{f"{field}__isnull": False}))
            for field in ENDS
        ]

    def __str__(self) -> str:
        return f"peg {self.quantity}"
