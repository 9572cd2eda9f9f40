"""Invariants of fulfilment: what is packed and shipped ties to orders and stock."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "shipped_equals_moves",
        "What a line has shipped is what its shipments and its stock moves say",
        """
        SELECT l.id AS line, o.number, l.shipped_qty, s.quantity AS shipments, m.quantity AS moves
        FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id
        JOIN LATERAL (SELECT coalesce(sum(x.quantity), 0) AS quantity FROM erp_shipmentline x
            JOIN erp_shipment h ON h.id = x.shipment_id AND h.shipped_at IS NOT NULL
            WHERE x.order_line_id = l.id) s ON true
        JOIN LATERAL (SELECT coalesce(sum(x.quantity), 0) AS quantity FROM erp_stockmove x
            WHERE x.sales_order_line_id = l.id AND x.kind = 'shipment') m ON true
        WHERE l.shipped_qty <> s.quantity OR l.shipped_qty <> m.quantity
        """,
    ),
    Invariant(
        "packed_within_ordered",
        "No more is shipped and packed than was ordered",
        """
        SELECT l.id AS line, o.number, l.quantity, s.quantity AS packed
        FROM erp_salesorderline l JOIN erp_salesorder o ON o.id = l.order_id
        JOIN LATERAL (SELECT sum(x.quantity) AS quantity FROM erp_shipmentline x WHERE x.order_line_id = l.id) s ON true
        WHERE s.quantity > l.quantity
        """,
    ),
]
