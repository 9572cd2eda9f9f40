"""What fulfilment lists: walks, what is due to leave, what is left over, returns."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, DateTimeField, Exists, F, Func, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from erp.fulfilment.models import CustomerReturn, PickLine, PickList, ReturnReceipt, Shipment
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.selectors.ready import OPEN_LINES, TO_SHIP, in_hand
from masterdata.numbers import ZERO

# The day on which a line is wanted, as a moment: the next midnight in UTC.
WANTED = Func(
    F("wanted_on"), template="((%(expressions)s + 1)::timestamp AT TIME ZONE 'UTC')", output_field=DateTimeField()
)
OPEN = Q(quantity__gt=F("picked_qty") + F("short_qty"))


def listed_walks() -> QuerySet[PickList]:
    """With how many lines there are, how many are done, and for how many orders."""
    return PickList.objects.select_related("plant", "picker").annotate(
        line_count=Count("lines", distinct=True),
        done_count=Count(
            "lines", filter=Q(lines__quantity=F("lines__picked_qty") + F("lines__short_qty")), distinct=True
        ),
        order_count=Count("lines__order_line__order", distinct=True),
    )


def walk_lines(pick_list: PickList) -> QuerySet[PickLine]:
    """In the sequence of places; what is done last."""
    rows = pick_list.lines.select_related(
        "material__unit", "location", "lot", "order_line__order__customer", "reservation"
    )
    return rows.annotate(
        left=F("quantity") - F("picked_qty") - F("short_qty"),
    ).order_by("location__code", "material__code", "pk")


def to_ship(orders: QuerySet[SalesOrder], plant_id: int | None = None) -> QuerySet[SalesOrder]:
    """Orders of which something can be packed, or is packed and has not left; `due_at`: when the first of it is due.

    As promised, else as planned; without either at the end of the day on which it is wanted, in UTC.
    """
    lines = OPEN_LINES if plant_id is None else OPEN_LINES.filter(plant=plant_id)
    ready = in_hand(lines).order_by().values("order")
    rows = orders.filter(TO_SHIP, Exists(in_hand(lines)))
    return rows.annotate(
        due_at=ready.annotate(first=Min(Coalesce("promised_at", "expected_at", WANTED))).values("first"),
        ready_lines=Coalesce(ready.annotate(n=Count("pk")).values("n"), 0),
        walking=Exists(PickLine.objects.filter(order_line__order=OuterRef("pk"), pick_list__closed_at=None)),
        packed=Exists(Shipment.objects.filter(order=OuterRef("pk"), shipped_at=None)),
    )


def left_over(order_ids: QuerySet[Any]) -> QuerySet[SalesOrderLine]:
    """Lines of orders of which a part has left: what is still open of them."""
    begun = SalesOrderLine.objects.filter(order=OuterRef("order"), shipped_qty__gt=0)
    rows = SalesOrderLine.objects.filter(
        Exists(begun), order__in=order_ids, shipped_qty__lt=F("quantity"), order__cancelled_at=None
    )
    return rows.select_related("order__customer", "material__unit", "plant").annotate(
        left=F("quantity") - F("shipped_qty")
    )


def listed_returns() -> QuerySet[CustomerReturn]:
    """With what may come, what came, how many pieces wait for a decision, and whether rework of some is not planned."""
    unplanned = ReturnReceipt.objects.filter(
        line__customer_return=OuterRef("pk"), outcome=ReturnReceipt.Outcome.REWORK, reworked_by=None
    )
    waiting = ReturnReceipt.objects.filter(line__customer_return=OuterRef("pk"), outcome="").order_by()
    return CustomerReturn.objects.select_related("order__customer", "plant").annotate(
        waits_for_rework=Exists(unplanned),
        pieces=Coalesce(Sum("lines__quantity"), ZERO),
        came=Coalesce(Sum("lines__received_qty"), ZERO),
        undecided=Coalesce(
            waiting.values("line__customer_return").annotate(total=Sum("quantity")).values("total"), ZERO
        ),
    )
