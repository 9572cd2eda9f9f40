"""Invariants of the genealogy."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "edges_equal_the_moves_of_lots",
        "What went into, came out of or left with a lot by the genealogy is what its stock moves say",
        """
        SELECT m.id AS move, m.kind, m.quantity, e.quantity AS by_edges FROM erp_stockmove m
        LEFT JOIN LATERAL (SELECT coalesce(sum(quantity), 0) AS quantity FROM mes_genealogyedge
                           WHERE move_id = m.id) e ON true
        WHERE m.lot_id IS NOT NULL AND (m.work_order_id IS NOT NULL OR m.kind NOT IN ('issue', 'put_back', 'output',
                'byproduct'))
            AND m.kind IN ('issue', 'put_back', 'output', 'byproduct', 'receipt', 'shipment', 'return', 'came_back',
                'used', 'cut')
            AND e.quantity <> CASE WHEN m.kind = 'put_back' THEN -m.quantity ELSE m.quantity END
        """,
    ),
    Invariant(
        "undone_edges_are_those_of_reversed_moves",
        "An edge is undone exactly when its stock move was reversed",
        """
        SELECT e.id AS edge, e.undone_by_id, r.id AS reversed_by FROM mes_genealogyedge e
        LEFT JOIN erp_stockmove r ON r.reverses_id = e.move_id WHERE e.undone_by_id IS DISTINCT FROM r.id
        """,
    ),
]
