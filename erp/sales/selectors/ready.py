"""What of an order is ready to be packed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, Greatest

from erp.production.models import WorkOrder
from erp.sales.models import SalesOrderLine
from erp.stock.models import Reservation, StockMove
from masterdata.numbers import ZERO

_READY = """
    SELECT l.id, l.line_no, l.plant_id, l.material_id, l.quantity - l.shipped_qty - coalesce(packed.quantity, 0),
           greatest(coalesce(made.good, 0) - coalesce(gone.quantity, 0), 0), coalesce(kept.quantity, 0),
           coalesce(packed.quantity, 0)
    FROM erp_salesorderline l
    LEFT JOIN LATERAL (SELECT sum(w.good_qty) AS good FROM erp_workorder w
        WHERE w.sales_order_line_id = l.id AND w.path NOT LIKE '%%.%%' AND w.state <> 'cancelled') made ON true
    LEFT JOIN LATERAL (SELECT sum(m.quantity) AS quantity FROM erp_stockmove m
        WHERE m.sales_order_line_id = l.id AND m.kind IN ('shipment', 'release')
            AND m.source_order_id IS NOT NULL AND m.material_id = l.material_id) gone ON true
    LEFT JOIN LATERAL (SELECT sum(r.quantity) AS quantity FROM erp_reservation r
        WHERE r.sales_order_line_id = l.id) kept ON true
    LEFT JOIN LATERAL (SELECT sum(s.quantity) AS quantity FROM erp_shipmentline s
        JOIN erp_shipment h ON h.id = s.shipment_id AND h.shipped_at IS NULL
        WHERE s.order_line_id = l.id) packed ON true
    WHERE l.order_id = %s
    ORDER BY l.line_no
"""


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """A line's pieces in hand: `made` for it, not gone and not set free, `reserved` for it.

    `packed` are those in shipments that have not left.

    `open` is what is neither shipped nor packed.
    """

    line_id: int
    line_no: int
    plant_id: int
    material_id: int
    open: Decimal
    made: Decimal
    reserved: Decimal
    packed: Decimal

    @property
    def quantity(self) -> Decimal:
        """What can be packed now."""
        return max(Decimal(0), min(self.open, self.made + self.reserved - self.packed))


def ready_lines(order_id: int) -> list[ReadyLine]:
    """Every line of the order with what is ready of it."""
    with connection.cursor() as cursor:
        cursor.execute(_READY, [order_id])
        return [ReadyLine(*row) for row in cursor.fetchall()]


def in_hand(lines: QuerySet[SalesOrderLine]) -> QuerySet[SalesOrderLine]:
    """Of these lines those with pieces that can be packed or are packed and have not left, as one condition."""
    here = {"sales_order_line": OuterRef("pk")}
    products = WorkOrder.objects.filter(**here).exclude(path__contains=".").exclude(state=WorkOrder.State.CANCELLED)
    left = [StockMove.Kind.SHIPMENT, StockMove.Kind.RELEASE]
    gone = StockMove.objects.filter(**here, kind__in=left, source_order__isnull=False, material=OuterRef("material"))
    made = Greatest(_sum(products, "good_qty") - _sum(gone, "quantity"), ZERO)
    return lines.annotate(in_hand=made + _sum(Reservation.objects.filter(**here), "quantity")).filter(in_hand__gt=0)


def _sum(rows: QuerySet[Any], name: str) -> Coalesce:
    total = rows.order_by().values("sales_order_line").annotate(total=Sum(F(name))).values("total")
    return Coalesce(total, ZERO)


OPEN_LINES = SalesOrderLine.objects.filter(order=OuterRef("pk"), shipped_qty__lt=F("quantity"))
TO_SHIP = Q(Exists(in_hand(OPEN_LINES)), confirmed_at__isnull=False, cancelled_at=None)
"""Orders of which something can be packed, or is packed and has not left."""
