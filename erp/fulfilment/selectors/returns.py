"""What may come back of a shipment, at which cost, and what of a return is to be credited."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from erp.fulfilment.models import CustomerReturn, CustomerReturnLine, ShipmentLine
from masterdata.numbers import ZERO

# A shipment's moves are those of its lines at the moment when it left; later costs of the goods went with them.
_COST = """
    SELECT s.id, m.lot_id, sum(m.quantity), sum(m.value + (SELECT coalesce(sum(c.amount), 0) FROM erp_valuechange c
        WHERE c.used_by_id = m.id))
    FROM erp_shipmentline s JOIN erp_shipment h ON h.id = s.shipment_id
    JOIN erp_stockmove m ON m.sales_order_line_id = s.order_line_id AND m.kind = 'shipment'
        AND m.moved_at = h.shipped_at
    WHERE s.id = ANY(%s) GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class ShippedGoods:
    """What left of a shipment line, and what it cost then; per lot the quantity."""

    quantity: Decimal
    value: Decimal
    lots: dict[int | None, Decimal]


def shipped_goods(line_ids: Collection[int]) -> dict[int, ShippedGoods]:
    """Per shipment line, from its moves."""
    lots: dict[int, dict[int | None, Decimal]] = {}
    sums: dict[int, tuple[Decimal, Decimal]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COST, [sorted(line_ids)])
        for line_id, lot_id, quantity, value in cursor.fetchall():
            lots.setdefault(line_id, {})[lot_id] = quantity
            before = sums.get(line_id, (ZERO, ZERO))
            sums[line_id] = before[0] + quantity, before[1] + value
    return {line_id: ShippedGoods(*sums[line_id], lots[line_id]) for line_id in lots}


def returnable(line: ShipmentLine) -> Decimal:
    """What of a shipment line may still be authorised: shipped, less what other open returns or receipts have."""
    rows = CustomerReturnLine.objects.filter(shipment_line=line)
    still = Sum("quantity", filter=Q(customer_return__closed_at=None), default=ZERO)
    came = Sum("received_qty", filter=Q(customer_return__closed_at__isnull=False), default=ZERO)
    found = rows.aggregate(still=still, came=came)
    return line.quantity - found["still"] - found["came"]


CUSTOMERS_AGAIN = Q(receipts__outcome="send_back") | Q(receipts__replaced_by__isnull=False)


@dataclass(frozen=True, slots=True)
class Creditable:
    """So much of an order line came back with a line of a return."""

    line_id: int
    order_line_id: int
    quantity: Decimal


def creditable(customer_return: CustomerReturn) -> list[Creditable]:
    """What came back with a return and is neither sent to the customer again nor replaced without charge."""
    again = Coalesce(Sum("receipts__quantity", filter=CUSTOMERS_AGAIN), ZERO)
    rows = customer_return.lines.filter(received_qty__gt=0).annotate(left=F("received_qty") - again).filter(left__gt=0)
    return [Creditable(*row) for row in rows.order_by("pk").values_list("pk", "shipment_line__order_line_id", "left")]
