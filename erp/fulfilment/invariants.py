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
    Invariant(
        "packages_hold_what_is_shipped",
        "What a shipment packed by scan holds of a line lies in its packages",
        """
        SELECT h.number, s.id AS shipment_line, s.quantity, coalesce(sum(c.quantity), 0) AS packed
        FROM erp_shipmentline s JOIN erp_shipment h ON h.id = s.shipment_id AND h.is_scanned
        LEFT JOIN erp_packagecontent c ON c.line_id = s.id
        GROUP BY h.number, s.id HAVING s.quantity <> coalesce(sum(c.quantity), 0)
        """,
    ),
    Invariant(
        "picked_is_kept",
        "What is picked and has not left is reserved in the staging place, unless it was lost there",
        """
        SELECT p.order_line_id AS line, sum(p.picked_qty - p.gone_qty) AS picked, max(kept.quantity) AS kept
        FROM erp_pickline p JOIN erp_picklist k ON k.id = p.pick_list_id
        JOIN erp_stagingplace g ON g.plant_id = k.plant_id
        JOIN LATERAL (SELECT coalesce(sum(r.quantity), 0) + coalesce((SELECT sum(c.quantity) FROM erp_reservationcut c
                JOIN erp_reservation x ON x.id = c.reservation_id WHERE x.sales_order_line_id = p.order_line_id), 0)
                AS quantity
            FROM erp_reservation r JOIN erp_stockbalance b ON b.id = r.balance_id AND b.location_id = g.location_id
            WHERE r.sales_order_line_id = p.order_line_id) kept ON true
        WHERE p.owner_id IS NULL
        GROUP BY p.order_line_id HAVING sum(p.picked_qty - p.gone_qty) > max(kept.quantity)
        """,
    ),
    Invariant(
        "returned_equals_receipts",
        "What came back of a line and of a return is what was received",
        """
        SELECT 'order line' AS what, l.id AS line, l.returned_qty AS returned, coalesce(sum(r.quantity), 0) AS received
        FROM erp_salesorderline l LEFT JOIN erp_shipmentline s ON s.order_line_id = l.id
        LEFT JOIN erp_customerreturnline c ON c.shipment_line_id = s.id
        LEFT JOIN erp_returnreceipt r ON r.line_id = c.id
        WHERE l.shipped_qty > 0 GROUP BY l.id HAVING l.returned_qty <> coalesce(sum(r.quantity), 0)
        UNION ALL
        SELECT 'return line', c.id, c.received_qty, coalesce(sum(r.quantity), 0)
        FROM erp_customerreturnline c LEFT JOIN erp_returnreceipt r ON r.line_id = c.id
        GROUP BY c.id HAVING c.received_qty <> coalesce(sum(r.quantity), 0)
        """,
    ),
    Invariant(
        "taken_back_equals_receipts",
        "What is taken back of a line is what came back and was neither sent to the customer again nor replaced",
        """
        SELECT l.id AS line, l.taken_back_qty AS taken_back, coalesce(sum(r.quantity), 0) AS received
        FROM erp_salesorderline l LEFT JOIN erp_shipmentline s ON s.order_line_id = l.id
        LEFT JOIN erp_customerreturnline c ON c.shipment_line_id = s.id
        LEFT JOIN erp_returnreceipt r ON r.line_id = c.id AND r.outcome <> 'send_back' AND r.replaced_by_id IS NULL
        WHERE l.shipped_qty > 0 GROUP BY l.id HAVING l.taken_back_qty <> coalesce(sum(r.quantity), 0)
        """,
    ),
    Invariant(
        "line_is_as_last_changed",
        "An order line that was changed is of the quantity that its last change says",
        """
        SELECT l.id AS line, l.quantity, c.after FROM erp_salesorderline l
        JOIN LATERAL (SELECT after FROM erp_linechange WHERE line_id = l.id ORDER BY id DESC LIMIT 1) c ON true
        WHERE c.after <> l.quantity
        """,
    ),
]
