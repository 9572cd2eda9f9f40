"""The profit of orders as lists show it."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Greatest, NullIf, Round

from erp.cost.models import CostEntry, CostEstimate
from erp.ledger.models import Account, JournalLine
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.stock.models import StockMove, ValueChange
from masterdata.numbers import ZERO

_MONEY: DecimalField[Any, Any] = DecimalField(max_digits=20, decimal_places=4)


def with_profit(orders: QuerySet[SalesOrder]) -> QuerySet[SalesOrder]:
    """Add revenue, incurred, estimate, expected cost, margin and margin_percent, as `order_cost` works them out.

    All in the company's currency. `is_final`: everything is shipped, so the cost is what was incurred.
    """
    lines = SalesOrderLine.objects.filter(order=OuterRef("pk")).order_by()
    posted = CostEntry.objects.filter(sales_order=OuterRef("pk"), kind=CostEntry.Kind.INCURRED).order_by()
    shipped = StockMove.objects.filter(
        sales_order_line__order=OuterRef("pk"), kind=StockMove.Kind.SHIPMENT, source_order=None
    ).order_by()
    back = StockMove.objects.filter(
        sales_order_line__order=OuterRef("pk"), kind__in=[StockMove.Kind.CAME_BACK, StockMove.Kind.RELEASE]
    ).order_by()
    later = ValueChange.objects.filter(
        used_by__sales_order_line__order=OuterRef("pk"), used_by__kind=StockMove.Kind.SHIPMENT,
        used_by__source_order=None,
    ).order_by()  # fmt: skip
    charged = JournalLine.objects.filter(
        sales_order=OuterRef("pk"), account__role__in=[Account.Role.REVENUE, Account.Role.DISCOUNT_GRANTED]
    ).order_by()
    to_charge = lines.annotate(
        left=F("net_amount") * Greatest(F("quantity") - F("invoiced_qty") - F("returned_qty"), ZERO)
        / NullIf(F("quantity"), ZERO)
    )  # fmt: skip
    newest = CostEstimate.objects.filter(sales_order=OuterRef("pk")).order_by("-version_no").values("total")[:1]

    def total(rows: QuerySet[Any], group: str, amount: str) -> Any:
        return Coalesce(Subquery(rows.values(group).annotate(figure=Sum(amount)).values("figure")), ZERO)

    return (
        orders.annotate(
            revenue=Round(total(to_charge, "order", "left") * F("rate"), 2, output_field=_MONEY)
            - total(charged, "sales_order", "amount"),
            incurred=total(posted, "sales_order", "amount")
            + total(shipped, "sales_order_line__order", "value")
            - total(back, "sales_order_line__order", "value")
            + total(later, "used_by__sales_order_line__order", "amount"),
            estimate=Subquery(newest, output_field=_MONEY),
            is_final=Exists(lines) & ~Exists(lines.filter(shipped_qty__lt=F("quantity"))),
        )
        .annotate(
            expected=Case(
                When(Q(is_final=True) | Q(estimate=None), then=F("incurred")),
                default=Greatest("estimate", "incurred"),
                output_field=_MONEY,
            )
        )
        .annotate(margin=F("revenue") - F("expected"))
        .annotate(
            margin_percent=Case(
                When(revenue=0, then=Value(None)), default=100 * F("margin") / F("revenue"), output_field=_MONEY
            )
        )
    )
