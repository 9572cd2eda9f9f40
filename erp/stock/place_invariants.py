"""Invariants of places, lots, transfers and counts."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "tracked_stock_names_its_lot",
        "What is kept by lot or serial number lies under one, and what is kept by quantity under none",
        """
        SELECT b.id, m.code, m.tracking, b.lot_id AS lot, b.on_hand
        FROM erp_stockbalance b JOIN masterdata_material m ON m.id = b.material_id
        WHERE b.on_hand > 0 AND (m.tracking = 'none') <> (b.lot_id IS NULL)
        """,
    ),
    Invariant(
        "serial_number_is_one_piece",
        "A serial number is one piece, in one place",
        """
        SELECT t.id AS lot, t.number, sum(b.on_hand) AS pieces FROM erp_lot t JOIN erp_stockbalance b ON b.lot_id = t.id
        WHERE t.kind = 'serial' GROUP BY t.id HAVING sum(b.on_hand) > 1 OR NOT bool_and(b.is_serial)
        UNION ALL
        SELECT t.id, t.number, b.on_hand FROM erp_lot t JOIN erp_stockbalance b ON b.lot_id = t.id
        WHERE t.kind <> 'serial' AND b.is_serial
        """,
    ),
    Invariant(
        "lot_is_of_its_material",
        "The lot of a balance or move is a lot of its material",
        """
        SELECT 'balance ' || b.id AS what, t.number FROM erp_stockbalance b JOIN erp_lot t ON t.id = b.lot_id
        WHERE t.material_id <> b.material_id
        UNION ALL
        SELECT 'move ' || m.id, t.number FROM erp_stockmove m JOIN erp_lot t ON t.id IN (m.lot_id, m.target_lot_id)
        WHERE t.material_id <> m.material_id
        """,
    ),
    Invariant(
        "nothing_reserved_where_nothing_is_offered",
        "Nothing is reserved in quarantine, in a blocked place or of a blocked lot",
        """
        SELECT b.id, l.code, b.reserved FROM erp_stockbalance b JOIN masterdata_location l ON l.id = b.location_id
        LEFT JOIN erp_lot t ON t.id = b.lot_id
        WHERE b.reserved > 0 AND (l.kind <> 'stock' OR l.is_blocked OR t.is_blocked)
        """,
    ),
    Invariant(
        "goods_in_transit",
        "The account of goods in transit is the value of all that left one plant and has not arrived in the other",
        """
        SELECT c.code, coalesce(led.amount, 0) AS ledger, coalesce(way.value, 0) AS on_the_way
        FROM masterdata_company c
        LEFT JOIN LATERAL (SELECT sum(j.amount) AS amount FROM erp_journalline j
            JOIN erp_account a ON a.id = j.account_id AND a.role = 'transit' WHERE a.company_id = c.id) led ON true
        LEFT JOIN LATERAL (SELECT sum(l.value - l.arrived_value - l.lost_value) AS value FROM erp_transferline l
            JOIN erp_transfer t ON t.id = l.transfer_id JOIN masterdata_plant p ON p.id = t.plant_id
            WHERE p.company_id = c.id) way ON true
        WHERE coalesce(led.amount, 0) <> coalesce(way.value, 0)
        """,
    ),
    Invariant(
        "transfer_closed_when_nothing_is_on_the_way",
        "A transfer is closed exactly when all of it has arrived or is given up, with all its value",
        """
        SELECT t.number, t.closed_at, sum(l.quantity - l.arrived_qty - l.lost_qty) AS on_the_way
        FROM erp_transfer t JOIN erp_transferline l ON l.transfer_id = t.id
        GROUP BY t.id HAVING (t.closed_at IS NULL) <> (sum(l.quantity - l.arrived_qty - l.lost_qty) > 0)
            OR bool_or(l.quantity = l.arrived_qty + l.lost_qty AND l.value <> l.arrived_value + l.lost_value)
        """,
    ),
    Invariant(
        "counted_differences_are_moved",
        "A posted count line's difference is its move: a gain comes to the place, a loss leaves it",
        """
        SELECT l.id, s.number, l.difference, m.quantity AS moved FROM erp_countline l
        JOIN erp_countsheet s ON s.id = l.sheet_id LEFT JOIN erp_stockmove m ON m.id = l.move_id
        WHERE (s.posted_at IS NOT NULL) <> (l.difference IS NOT NULL)
            OR coalesce(l.difference, 0) <> coalesce(CASE WHEN m.target_id = l.location_id THEN m.quantity
                WHEN m.source_id = l.location_id THEN -m.quantity END, 0)
        """,
    ),
]
