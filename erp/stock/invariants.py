"""Invariants of stock: balances, values, reservations, and their accounts."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "stock_never_negative",
        "On hand is never below zero, reserved never below zero or above on hand",
        "SELECT id, on_hand, reserved FROM erp_stockbalance WHERE on_hand < 0 OR reserved < 0 OR reserved > on_hand",
    ),
    Invariant(
        "balance_is_sum_of_moves",
        "Every balance is the sum of its moves",
        """
        WITH moved AS (
            SELECT material_id, place, owner, lot, sum(quantity) AS quantity FROM (
                SELECT material_id, target_id AS place, target_order_id AS owner,
                    coalesce(target_lot_id, lot_id) AS lot, quantity FROM erp_stockmove
                UNION ALL
                SELECT material_id, source_id, source_order_id, lot_id, -quantity FROM erp_stockmove
            ) m JOIN masterdata_location l ON l.id = m.place AND l.kind IN ('stock', 'quarantine', 'subcontractor')
            GROUP BY 1, 2, 3, 4
        )
        SELECT coalesce(b.material_id, m.material_id) AS material, coalesce(b.location_id, m.place) AS location,
            coalesce(b.sales_order_id, m.owner) AS sales_order, coalesce(b.lot_id, m.lot) AS lot, b.on_hand,
            m.quantity AS moved
        FROM erp_stockbalance b FULL JOIN moved m ON m.material_id = b.material_id AND m.place = b.location_id
            AND coalesce(m.owner, 0) = coalesce(b.sales_order_id, 0) AND coalesce(m.lot, 0) = coalesce(b.lot_id, 0)
        WHERE coalesce(b.on_hand, 0) <> coalesce(m.quantity, 0)
        """,
    ),
    Invariant(
        "reserved_is_sum_of_reservations",
        "What a balance has reserved is the sum of its open reservations",
        """
        SELECT b.id, b.reserved, coalesce(sum(r.quantity), 0) AS reservations
        FROM erp_stockbalance b LEFT JOIN erp_reservation r ON r.balance_id = b.id
        GROUP BY b.id HAVING b.reserved <> coalesce(sum(r.quantity), 0)
        """,
    ),
    Invariant(
        "order_stock_has_no_reservations",
        "Only free stock is reserved: order stock is the order's already",
        """
        SELECT r.id FROM erp_reservation r JOIN erp_stockbalance b ON b.id = r.balance_id
        WHERE r.quantity > 0 AND b.sales_order_id IS NOT NULL
        """,
    ),
    Invariant(
        "valued_quantity_is_sum_of_balances",
        "A material value's quantity is the sum of the balances in its area",
        """
        WITH held AS (
            SELECT material_id, plant_id, sales_order_id, sum(on_hand) AS quantity FROM erp_stockbalance
            GROUP BY 1, 2, 3
        )
        SELECT coalesce(v.material_id, h.material_id) AS material, coalesce(v.plant_id, h.plant_id) AS plant,
            coalesce(v.sales_order_id, h.sales_order_id) AS sales_order, v.quantity AS valued, h.quantity AS on_hand
        FROM erp_materialvalue v FULL JOIN held h ON h.material_id = v.material_id AND h.plant_id = v.plant_id
            AND coalesce(h.sales_order_id, 0) = coalesce(v.sales_order_id, 0)
        WHERE coalesce(v.quantity, 0) <> coalesce(h.quantity, 0)
        """,
    ),
    Invariant(
        "owed_account_equals_owed_issues",
        "The clearing account of owed issues equals what is still owed, plant by plant",
        """
        WITH owed AS (
            SELECT w.plant_id, sum(o.value - round(o.value * o.settled_qty / o.quantity, c.decimals)) AS value
            FROM erp_owedissue o JOIN erp_workordermaterial m ON m.id = o.work_order_material_id
            JOIN erp_workorder w ON w.id = m.work_order_id JOIN masterdata_plant p ON p.id = w.plant_id
            JOIN masterdata_company y ON y.id = p.company_id JOIN masterdata_currency c ON c.id = y.currency_id
            GROUP BY 1
        ), booked AS (
            SELECT l.plant_id, sum(l.amount) AS amount
            FROM erp_journalline l JOIN erp_account a ON a.id = l.account_id AND a.role = 'owed_issue' GROUP BY 1
        )
        SELECT coalesce(o.plant_id, b.plant_id) AS plant, o.value AS owed, b.amount AS booked
        FROM owed o FULL JOIN booked b ON b.plant_id = o.plant_id
        WHERE coalesce(o.value, 0) + coalesce(b.amount, 0) <> 0
        """,
    ),
    Invariant(
        "owed_issue_settled_when_all_is",
        "An owed issue is settled exactly when all of it is",
        """
        SELECT id, quantity, settled_qty FROM erp_owedissue
        WHERE settled_qty > quantity OR (settled_at IS NULL) <> (settled_qty < quantity)
        """,
    ),
]
