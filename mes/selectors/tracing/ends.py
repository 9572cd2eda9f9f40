"""Where the graph ends: the suppliers that lots came from, the shipments and customers that they went to, returns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.urls import reverse

from masterdata.access import may
from mes.selectors.tracing.nodes import Node

_OF_LOTS = """
    SELECT e.kind, coalesce(e.child_node, e.parent_node) AS node, e.quantity, e.at, m.plant_id,
        m.purchase_order_line_id, m.sales_order_line_id, m.material_id
    FROM mes_genealogyedge e JOIN erp_stockmove m ON m.id = e.move_id
    WHERE e.undone_by_id IS NULL AND e.kind IN ('received', 'came_back') AND e.child_node = ANY(%(nodes)s)
    UNION ALL
    SELECT e.kind, e.parent_node, e.quantity, e.at, m.plant_id, m.purchase_order_line_id, m.sales_order_line_id,
        m.material_id
    FROM mes_genealogyedge e JOIN erp_stockmove m ON m.id = e.move_id
    WHERE e.undone_by_id IS NULL AND e.kind IN ('shipped', 'sent_back') AND e.parent_node = ANY(%(nodes)s)
"""
# A product without lots that was made for an order's line left with that line.
_OF_WORK = """
    SELECT 'shipped', -w.id, m.quantity, m.moved_at, m.plant_id, NULL::bigint, m.sales_order_line_id, m.material_id
    FROM unnest(%(nodes)s::bigint[]) AS n(node) JOIN erp_workorder w ON w.id = -n.node AND n.node < 0
    JOIN erp_stockmove m ON m.sales_order_line_id = w.sales_order_line_id AND m.material_id = w.material_id
        AND m.kind = 'shipment' AND m.lot_id IS NULL
    WHERE w.path NOT LIKE '%%.%%' AND NOT EXISTS (SELECT 1 FROM erp_stockmove r WHERE r.reverses_id = m.id)
"""
# Shipments of goods kept by quantity, beside the work that had put some into their stock.
_OF_MOVES = """
    SELECT 'shipped', n.node, m.quantity, m.moved_at, m.plant_id, NULL::bigint, m.sales_order_line_id, m.material_id
    FROM unnest(%(moves)s::bigint[], %(nodes)s::bigint[]) AS n(move, node) JOIN erp_stockmove m ON m.id = n.move
"""
_NAMED = """
    WITH ends(kind, node, quantity, at, plant_id, bought_id, sold_id, material_id) AS ({ends})
    SELECT x.kind, x.node, x.quantity, x.at, x.plant_id, x.material_id, p.id, p.number, v.id, v.code, v.name,
        o.id, o.number, c.id, c.code, c.name, s.id, s.number, x.sold_id
    FROM ends x
    LEFT JOIN erp_purchaseorderline b ON b.id = x.bought_id LEFT JOIN erp_purchaseorder p ON p.id = b.order_id
    LEFT JOIN masterdata_partner v ON v.id = p.supplier_id
    LEFT JOIN erp_salesorderline l ON l.id = x.sold_id LEFT JOIN erp_salesorder o ON o.id = l.order_id
    LEFT JOIN masterdata_partner c ON c.id = o.customer_id
    LEFT JOIN LATERAL (SELECT h.id, h.number FROM erp_shipmentline i JOIN erp_shipment h ON h.id = i.shipment_id
        WHERE x.kind = 'shipped' AND i.order_line_id = x.sold_id AND h.shipped_at = x.at LIMIT 1) s ON true
    ORDER BY x.at, x.node
"""
_ENDS = _NAMED.format(ends=f"{_OF_LOTS} UNION ALL {_OF_WORK}")
_ENDS_OF_MOVES = _NAMED.format(ends=_OF_MOVES)


@dataclass(frozen=True, slots=True)
class End:
    """One move over the fence: `of` is the lot's or work order's node; `comes_in` says which way."""

    kind: str
    of: int
    quantity: Decimal
    at: dt.datetime
    plant_id: int
    material_id: int
    purchase_id: int | None
    purchase_no: str | None
    supplier_id: int | None
    supplier_code: str | None
    supplier_name: str | None
    order_id: int | None
    order_no: str | None
    customer_id: int | None
    customer_code: str | None
    customer_name: str | None
    shipment_id: int | None
    shipment_no: str | None
    order_line_id: int | None

    @property
    def comes_in(self) -> bool:
        return self.kind in ("received", "came_back")

    def node(self, user: Any, *, is_hidden: bool) -> Node:
        """The document that it stands on: purchase order with its supplier, shipment with its customer, return."""
        if self.kind in ("received", "sent_back"):
            opens = may(user, "erp.view_purchase") and self.purchase_id is not None and not is_hidden
            url = reverse("erp:purchase_order", args=[self.purchase_id]) if opens else ""
            key = f"{self.kind}-{self.purchase_id or 0}"
            kind = "receipt" if self.kind == "received" else "sent_back"
            title, detail = self.purchase_no or "", self.supplier_name or ""
        else:
            opens = may(user, "erp.view_order") and not is_hidden
            url, kind, key = "", "came_back", f"came_back-{self.order_id}"
            title, detail = self.order_no or "", self.customer_name or ""
            if self.kind == "shipped":
                kind, title = "shipment", self.shipment_no or self.order_no or ""
                key = f"shipment-{self.shipment_id or 0}-{self.order_id}"
                if opens and self.shipment_id:
                    url = reverse("erp:shipment", args=[self.shipment_id])
            if opens and not url and self.order_id:
                url = reverse("erp:order", args=[self.order_id])
            if not may(user, "erp.view_order"):
                detail = ""
        if is_hidden:
            return Node(key, kind, "", "", "", is_hidden=True)
        return Node(key, kind, title, detail, url, at=self.at)


Ends = list[End]


def ends_of(nodes: Sequence[int]) -> Ends:
    """All that came in from outside or went out, of these lots and work orders, the oldest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDS, {"nodes": list(nodes)})
        return [End(*row) for row in cursor.fetchall()]


def ends_of_moves(shipments: Mapping[int, int]) -> Ends:
    """The customers that these moves went to: move -> the node beside which each is told. One query."""
    if not shipments:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_ENDS_OF_MOVES, {"moves": list(shipments), "nodes": list(shipments.values())})
        return [End(*row) for row in cursor.fetchall()]
