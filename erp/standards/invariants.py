"""Invariants of standard costs."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "standard_costs_are_their_elements",
        "A rolled-up standard cost is the sum of its elements, none of them less than what its own level adds",
        """
        SELECT c.id, c.version_id, c.material_id, c.total FROM erp_standardcost c
        WHERE c.total <> c.material_cost + c.labour_cost + c.machine_cost + c.overhead_cost + c.subcontract_cost
            OR c.total < 0
        """,
    ),
    Invariant(
        "released_standards_were_rolled_up",
        "A released version of standard costs was rolled up before, and has its day behind it",
        """
        SELECT v.id, v.name FROM erp_standardversion v WHERE v.state = 'released'
            AND (v.rolled_at IS NULL OR v.released_at < v.rolled_at
                OR NOT EXISTS (SELECT FROM erp_standardcost c WHERE c.version_id = v.id))
        """,
    ),
]
