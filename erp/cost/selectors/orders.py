"""Questions to costing: what an order has cost, will cost, and leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Sum

from erp.cost.models import CostBooking, CostEntry, CostEstimate, Element
from erp.cost.rates import Rates, rates_of
from masterdata.numbers import ZERO

# Cost stands below sales and stock; their rows are read by table, for one figure each.
# As agreed; and as it stands in the books, with what is still to be charged of it. What came back is not charged again.
_REVENUE = """
    SELECT round(coalesce(sum(l.net_amount * o.rate), 0), 2),
        round(coalesce(sum(l.net_amount * o.rate * greatest(l.quantity - l.invoiced_qty - l.returned_qty, 0)
            / nullif(l.quantity, 0)), 0), 2)
        - (SELECT coalesce(sum(j.amount), 0) FROM erp_journalline j JOIN erp_account a ON a.id = j.account_id
            WHERE j.sales_order_id = %s AND a.role IN ('revenue', 'discount_granted')),
        coalesce(bool_and(l.shipped_qty = l.quantity), false)
    FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id WHERE l.order_id = %s
"""
_FROM_FREE_STOCK = """
    SELECT coalesce(sum((m.value - m.fee) * (CASE m.kind WHEN 'shipment' THEN 1 ELSE -1 END)
            + (SELECT coalesce(sum(c.amount), 0) FROM erp_valuechange c
            WHERE c.used_by_id = m.id AND NOT c.is_fee)), 0),
        coalesce(sum(m.fee * (CASE m.kind WHEN 'shipment' THEN 1 ELSE -1 END)
            + (SELECT coalesce(sum(c.amount), 0) FROM erp_valuechange c WHERE c.used_by_id = m.id AND c.is_fee)), 0)
    FROM erp_stockmove m JOIN erp_salesorderline l ON l.id = m.sales_order_line_id
    WHERE l.order_id = %s AND (m.kind IN ('came_back', 'release') OR m.kind = 'shipment' AND m.source_order_id IS NULL)
"""
_HOURS = f"""
    SELECT m.id, r.* FROM masterdata_machine m
    CROSS JOIN LATERAL ({rates_of("m.work_centre_id", machine="m.id", at="%s::timestamptz")}) r WHERE m.id = ANY(%s)
"""  # noqa: S608 (our own words)


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderCost:
    """An order's money: `incurred` per element as posted, the newest `estimate`, the net `price` that was agreed.

    `revenue` is what its invoices charge less credit notes and cash discounts, as posted, and what they still will.

    `incurred` counts goods shipped from free stock as material (less what came back or was set free of any goods), what
    of them was a subcontractor's fee as subcontracting. `expected` is the estimate, or what is incurred when that is
    more, or when all is shipped (`is_final`); `margin` = revenue - expected.
    """

    incurred: dict[str, Decimal] = field(default_factory=dict)
    incurred_total: Decimal
    estimate: CostEstimate | None
    price: Decimal
    revenue: Decimal
    is_final: bool = False

    @property
    def expected(self) -> Decimal:
        if self.is_final:
            return self.incurred_total
        return max(self.estimate.total, self.incurred_total) if self.estimate else self.incurred_total

    @property
    def margin(self) -> Decimal:
        return self.revenue - self.expected

    @property
    def margin_percent(self) -> Decimal | None:
        return round(100 * self.margin / self.revenue, 2) if self.revenue else None


def order_cost(order_id: int) -> OrderCost:
    """Cost, estimate and margin of one order, live."""
    incurred: dict[str, Decimal] = {str(element): ZERO for element in Element}
    posted = CostEntry.objects.filter(sales_order_id=order_id, kind=CostEntry.Kind.INCURRED)
    incurred.update(posted.values_list("element").annotate(Sum("amount")).order_by())
    with connection.cursor() as cursor:
        cursor.execute(_FROM_FREE_STOCK, [order_id])
        material, fees = cursor.fetchone()
        incurred[Element.MATERIAL] += material
        incurred[Element.SUBCONTRACT] += fees
        cursor.execute(_REVENUE, [order_id, order_id])
        price, revenue, is_final = cursor.fetchone()
    return OrderCost(
        incurred=incurred,
        incurred_total=sum(incurred.values(), ZERO),
        estimate=CostEstimate.objects.filter(sales_order_id=order_id).order_by("-version_no").first(),
        price=price,
        revenue=revenue,
        is_final=is_final,
    )


def cost_entries(order_id: int) -> QuerySet[CostEntry]:
    """The order's cost entries, oldest first."""
    related = "work_order", "operation", "material", "machine"
    return CostEntry.objects.filter(sales_order_id=order_id).select_related(*related).order_by("id")


def estimates(order_id: int) -> QuerySet[CostEstimate]:
    """The order's cost estimates, newest first."""
    return CostEstimate.objects.filter(sales_order_id=order_id).order_by("-version_no")


def bookings(order_id: int) -> list[CostBooking]:
    """What was booked on the order beside production, newest first; `is_undone` says that it counts no more."""
    found = CostBooking.objects.filter(sales_order_id=order_id).select_related("partner").order_by("-id")
    return list(found.annotate(is_undone=Exists(CostBooking.objects.filter(reverses=OuterRef("pk")))))


def wip(work_order_id: int) -> Decimal:
    """What stands in a work order: all that flowed in less all that flowed out."""
    return CostEntry.objects.filter(work_order_id=work_order_id).aggregate(total=Sum("amount"))["total"] or ZERO


def hour_costs(*, machine_ids: Collection[int], at: dt.datetime) -> dict[int, Rates]:
    """What an hour on each machine costs at a moment; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_HOURS, [at, sorted(machine_ids)])
        return {pk: Rates(*figures) for pk, *figures in cursor.fetchall()}
