"""Planned supply in words, for causes and pages."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from erp.production.models import WorkOrder
from erp.supply.models import PlannedOrder


def open_planned_supply() -> QuerySet[PlannedOrder]:
    """Planned orders that nobody has ordered, with what their page shows."""
    rows = PlannedOrder.objects.filter(closed_at=None)
    return rows.select_related("material__unit", "plant__company", "source_plant", "transfer_line")


def supply_words(work_order_ids: Sequence[int]) -> str:
    """What became firm, or uses other components, as a cause: "Work order WO-2026-00012 for stock and 3 more"."""
    if not work_order_ids:
        return "Dates of material planning"
    number, line_id = WorkOrder.objects.values_list("number", "sales_order_line").get(pk=work_order_ids[0])
    more = f" and {len(work_order_ids) - 1} more" if len(work_order_ids) > 1 else ""
    return f"Components of {number}{more}" if line_id else f"Work order {number} for stock{more}"
