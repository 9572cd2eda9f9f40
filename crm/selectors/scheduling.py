"""What one click scheduled, and whether it can still be taken back."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from crm.models import QuotationScheduling
from erp.models import SalesOrderLine, WorkOrderOperation
from masterdata.rights import visible_to


def visible_schedulings(user: Any) -> QuerySet[QuotationScheduling]:
    """Those of orders that the user may see."""
    return visible_to(user, QuotationScheduling.objects.select_related("quotation", "order", "scheduled_by"))


def may_undo(*, order_id: int) -> bool:
    """Whether nothing of the order has begun or left; what was bought or charged is checked when it is taken back."""
    begun = WorkOrderOperation.objects.filter(
        work_order__sales_order_line__order=OuterRef("order"), started_at__isnull=False
    )
    left = SalesOrderLine.objects.filter(order=OuterRef("order"), shipped_qty__gt=0)
    rows = QuotationScheduling.objects.filter(order=order_id, undone_at__isnull=True)
    return rows.filter(~Exists(begun), ~Exists(left)).exists()
