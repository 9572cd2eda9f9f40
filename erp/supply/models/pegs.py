"""Which supply is for which demand."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from erp.supply.models.planned import PlannedOrder
from erp.supply.models.purchases import PurchaseOrderLine
from masterdata.models.fields import QuantityField


class Peg(models.Model):
    """`quantity` of one supply that is for one demand; exactly one of each. Open until the supply is received."""

    work_order = models.ForeignKey("erp.WorkOrder", models.PROTECT, null=True, blank=True, related_name="pegs")
    purchase_order_line = models.ForeignKey(
        PurchaseOrderLine, models.PROTECT, null=True, blank=True, related_name="pegs"
    )
    planned_order = models.ForeignKey(PlannedOrder, models.PROTECT, null=True, blank=True, related_name="pegs")
    work_order_material = models.ForeignKey(
        "erp.WorkOrderMaterial", models.PROTECT, null=True, blank=True, related_name="pegs"
    )
    sales_order_line = models.ForeignKey(
        "erp.SalesOrderLine", models.PROTECT, null=True, blank=True, related_name="pegs"
    )
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
                condition=(
                    Q(work_order__isnull=False, purchase_order_line__isnull=True, planned_order__isnull=True)
                    | Q(work_order__isnull=True, purchase_order_line__isnull=False, planned_order__isnull=True)
                    | Q(work_order__isnull=True, purchase_order_line__isnull=True, planned_order__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="peg_has_one_demand",
                condition=Q(work_order_material__isnull=False) ^ Q(sales_order_line__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"peg {self.quantity}"
