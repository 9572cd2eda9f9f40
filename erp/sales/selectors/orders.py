"""Sales orders as lists, pages and flows ask for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Max, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from erp.production.models import WorkOrder
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.selectors.status import OrderStatus, order_status, status_query, statuses_of
from erp.supply.models import PlannedOrder, PurchaseOrder
from masterdata import rights, statements
from masterdata.numbers import ZERO
from masterdata.whole import Whole


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """Everything that the order's page shows of the hub; invoices carry their `open_amount`."""

    order: SalesOrder
    lines: Sequence[SalesOrderLine]
    work_orders: Sequence[WorkOrder]
    purchase_orders: Sequence[PurchaseOrder]
    planned_orders: Sequence[PlannedOrder]
    shipments: Sequence[Any]
    invoices: Sequence[Any]
    payments: Sequence[Any]
    status: OrderStatus
    net_amount: Decimal


def order_number(order_id: int) -> str:
    """The order's number, as shown in a cause."""
    return SalesOrder.objects.values_list("number", flat=True).get(pk=order_id)


def expected_without(*, order_id: int, plant_id: int, line_ids: Collection[int | None]) -> dt.datetime | None:
    """When the last of the order's other lines from the plant is at the customer; nothing when none is still to go."""
    lines = SalesOrderLine.objects.filter(order=order_id, plant=plant_id, quantity__gt=F("shipped_qty"))
    others = lines.exclude(pk__in=[pk for pk in line_ids if pk is not None])
    found: dt.datetime | None = others.aggregate(at=Max("expected_at"))["at"]
    return found


def visible_orders(user: Any) -> QuerySet[SalesOrder]:
    """Orders where the user may see orders: all of a company, or those with a line in one of the user's plants.

    `net_amount`, `wanted_on`, `promised_at` and `expected_at` are added for lists: the sum, the earliest wish, the
    latest promise and expectation.
    """
    orders = rights.visible_to(user, SalesOrder.objects.select_related("customer", "currency"), "erp.view_order")
    return with_dates(orders)


def with_dates(orders: QuerySet[SalesOrder]) -> QuerySet[SalesOrder]:
    """Add what lists show of the lines, each by a subquery, so that it can be sorted and filtered.

    `plant_id` is the plant of the line that comes last: the order's dates are in its time.
    """
    lines = SalesOrderLine.objects.filter(order=OuterRef("pk")).order_by()
    return orders.annotate(
        net_amount=Coalesce(lines.values("order").annotate(total=Sum("net_amount")).values("total"), ZERO),
        wanted_on=lines.order_by("wanted_on").values("wanted_on")[:1],
        promised_at=lines.order_by(F("promised_at").desc(nulls_last=True)).values("promised_at")[:1],
        expected_at=lines.order_by(F("expected_at").desc(nulls_last=True)).values("expected_at")[:1],
        plant_id=lines.order_by(F("expected_at").desc(nulls_last=True), "line_no").values("plant_id")[:1],
    )


def order_as_it_stands(order_id: int) -> SalesOrder:
    """An order with `lines`, `net_amount` and `status`, in one round trip: for the answer to who has just changed it.

    The rights were checked before the deed. Raises SalesOrder.DoesNotExist.
    """
    found, lines, status = statements.together(
        _ORDER.statement(order_id), _LINES.statement(order_id), status_query([order_id])
    )
    if not found:
        raise SalesOrder.DoesNotExist
    order: Any = _ORDER.rows(found)[0]
    order._prefetched_objects_cache = {"lines": _LINES.rows(lines)}
    order.net_amount = sum((line.net_amount for line in order.lines.all()), ZERO)
    order.status = statuses_of(status)[order_id]
    return order


_ORDER = Whole(SalesOrder, "t.id = %s")
_LINES = Whole(SalesOrderLine, "t.order_id = %s ORDER BY t.line_no")


def order_detail(order_id: int) -> OrderDetail:
    """One order with all that belongs to it, in a fixed number of queries. Raises SalesOrder.DoesNotExist."""
    order = SalesOrder.objects.select_related("customer__payment_term", "payment_term", "currency", "company").get(
        pk=order_id
    )
    lines = list(order.lines.select_related("material__unit", "plant", "tax_code").order_by("line_no"))
    supply = Q(pegs__sales_order_line__order=order_id) | Q(
        pegs__work_order_material__work_order__sales_order_line__order=order_id
    )
    bought = PurchaseOrder.objects.filter(
        Q(lines__pegs__sales_order_line__order=order_id)
        | Q(lines__pegs__work_order_material__work_order__sales_order_line__order=order_id)
    )
    invoices = list(
        order.invoices.with_open().select_related("currency").prefetch_related("allocations__payment").order_by("id")
    )
    settled = [paid.payment for invoice in invoices for paid in invoice.allocations.all()]
    payments = {payment.pk: payment for payment in settled if payment is not None}
    return OrderDetail(
        order=order,
        lines=lines,
        work_orders=list(
            WorkOrder.objects.filter(sales_order_line__order=order_id)
            .select_related("material__unit", "plant")
            .order_by("sales_order_line__line_no", "path", "id")
        ),
        purchase_orders=list(bought.select_related("supplier").distinct().order_by("id")),
        planned_orders=list(
            PlannedOrder.objects.filter(supply)
            .select_related("material__unit", "source_plant", "transfer_line__transfer")
            .distinct()
            .order_by("id")
        ),
        shipments=list(
            order.shipments.select_related("plant").prefetch_related("lines__order_line__material__unit").order_by("id")
        ),
        invoices=invoices,
        payments=[payments[pk] for pk in sorted(payments)],
        status=order_status([order_id])[order_id],
        net_amount=sum((line.net_amount for line in lines), ZERO),
    )
