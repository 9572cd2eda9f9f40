"""Invariants of value: areas, layers and standard cost, each equal to the moves, the changes and the ledger."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "no_quantity_no_value",
        "Nothing on hand is worth nothing, and nothing is worth less than nothing",
        "SELECT id, quantity, value FROM erp_materialvalue WHERE value < 0 OR (quantity = 0 AND value <> 0)",
    ),
    Invariant(
        "value_is_sum_of_moves",
        "Every material value is the sum of what its moves and later changes were worth",
        """
        WITH moved AS (
            SELECT material_id, plant_id, owner_id AS owner, sum(value) AS value FROM erp_stockleg GROUP BY 1, 2, 3
        )
        SELECT v.id, v.value, coalesce(m.value, 0) AS moved
        FROM erp_materialvalue v LEFT JOIN moved m ON m.material_id = v.material_id AND m.plant_id = v.plant_id
            AND coalesce(m.owner, 0) = coalesce(v.sales_order_id, 0)
        WHERE v.value <> coalesce(m.value, 0)
        """,
    ),
    Invariant(
        "valued_moves_have_their_entry",
        "Each move and change with a value has its journal entry, whose inventory lines carry that value",
        """
        WITH moved AS (
            SELECT min(move_id) AS move, entry_id, plant_id, material_id, owner_id AS owner, sum(value) AS value
            FROM erp_stockleg WHERE value <> 0 GROUP BY 2, 3, 4, 5
        ), booked AS (
            SELECT j.entry_id, j.plant_id, j.material_id, j.sales_order_id AS owner, sum(j.amount) AS amount
            FROM erp_journalline j JOIN erp_account a ON a.id = j.account_id AND a.role = 'inventory'
            GROUP BY 1, 2, 3, 4
        )
        SELECT m.id AS move, m.kind, m.entry_id AS entry, m.value, 'no such entry' AS booked FROM erp_stockmove m
        WHERE m.value <> 0 AND NOT EXISTS (SELECT 1 FROM erp_journalentry e WHERE e.id = m.entry_id)
        UNION ALL
        SELECT m.move, 'with its like', m.entry_id, m.value, coalesce(b.amount, 0)::text
        FROM moved m LEFT JOIN booked b ON b.entry_id = m.entry_id AND b.plant_id = m.plant_id
            AND b.material_id = m.material_id AND coalesce(b.owner, 0) = coalesce(m.owner, 0)
        WHERE m.value <> coalesce(b.amount, 0)
        """,
    ),
    Invariant(
        "value_moves_with_its_entry",
        "A value changes at the moment of its journal entry, so that stock and ledger tie at any moment",
        """
        SELECT leg.move_id AS move, leg.entry_id AS entry, leg.at, e.posted_at FROM erp_stockleg leg
        JOIN erp_journalentry e ON e.id = leg.entry_id WHERE leg.value <> 0 AND e.posted_at <> leg.at
        """,
    ),
    Invariant(
        "inventory_equals_stock",
        "The inventory account equals the value of stock, plant by plant and order by order",
        """
        WITH booked AS (
            SELECT l.plant_id, l.material_id, l.sales_order_id, sum(l.amount) AS amount
            FROM erp_journalline l JOIN erp_account a ON a.id = l.account_id AND a.role = 'inventory' GROUP BY 1, 2, 3
        )
        SELECT coalesce(v.plant_id, b.plant_id) AS plant, coalesce(v.material_id, b.material_id) AS material,
            coalesce(v.sales_order_id, b.sales_order_id) AS sales_order, v.value, b.amount AS booked
        FROM erp_materialvalue v FULL JOIN booked b ON b.plant_id = v.plant_id AND b.material_id = v.material_id
            AND coalesce(b.sales_order_id, 0) = coalesce(v.sales_order_id, 0)
        WHERE coalesce(v.value, 0) <> coalesce(b.amount, 0)
        """,
    ),
    Invariant(
        "layers_sum_to_their_area",
        "First in, first out: the layers of an area sum to its quantity and value; no other area has open layers",
        """
        WITH held AS (
            SELECT area_id, sum(quantity) AS quantity, sum(value) AS value FROM erp_valuelayer GROUP BY 1
        )
        SELECT v.id AS area, v.method, v.quantity, v.value, h.quantity AS in_layers, h.value AS worth
        FROM erp_materialvalue v LEFT JOIN held h ON h.area_id = v.id
        WHERE (coalesce(h.quantity, 0), coalesce(h.value, 0)) <>
            CASE WHEN v.method = 'fifo' THEN (v.quantity, v.value) ELSE (0::numeric, 0::numeric) END
        """,
    ),
    Invariant(
        "layer_is_its_receipt_less_its_uses",
        "What is left of a layer is what its move brought less what others took of it",
        """
        SELECT l.id AS layer, l.quantity, m.quantity AS brought, u.quantity AS used
        FROM erp_valuelayer l JOIN erp_stockmove m ON m.id = l.move_id
        JOIN LATERAL (SELECT coalesce(sum(quantity), 0) AS quantity FROM erp_layeruse WHERE layer_id = l.id) u ON true
        WHERE l.quantity <> m.quantity - u.quantity
        """,
    ),
    Invariant(
        "standard_stock_at_standard",
        "Stock at standard cost is worth quantity times standard price, rounded once",
        """
        SELECT v.id AS area, v.quantity, v.standard_price, v.value FROM erp_materialvalue v
        JOIN masterdata_plant p ON p.id = v.plant_id JOIN masterdata_company y ON y.id = p.company_id
        JOIN masterdata_currency c ON c.id = y.currency_id
        WHERE v.method = 'standard' AND v.value <> round(v.quantity * v.standard_price, c.decimals)
        """,
    ),
    Invariant(
        "reversal_mirrors_its_move",
        "A reversal takes back the same quantity of the same material, the other way",
        """
        SELECT r.id AS reversal, r.quantity, m.quantity AS reversed FROM erp_stockmove r
        JOIN erp_stockmove m ON m.id = r.reverses_id
        WHERE (r.material_id, r.plant_id, r.quantity, r.source_id, r.target_id)
            <> (m.material_id, m.plant_id, m.quantity, m.target_id, m.source_id)
        """,
    ),
]
