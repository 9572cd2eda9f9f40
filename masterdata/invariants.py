"""Invariants: what must hold in the database whatever happened, each as one query that returns the offending rows."""

from __future__ import annotations

from dataclasses import dataclass

MATERIALS_FORM_NO_CIRCLE = """
    WITH RECURSIVE walk AS (
        SELECT b.material_id AS top, l.component_id AS part, 1 AS depth
        FROM masterdata_bom b JOIN masterdata_bomline l ON l.bom_id = b.id WHERE b.state = 'frozen'
        UNION
        SELECT w.top, l.component_id, w.depth + 1
        FROM walk w JOIN masterdata_bom b ON b.material_id = w.part AND b.state = 'frozen'
        JOIN masterdata_bomline l ON l.bom_id = b.id WHERE w.depth < 40
    )
    SELECT DISTINCT m.code FROM walk w JOIN masterdata_material m ON m.id = w.top WHERE w.part = w.top
"""


@dataclass(frozen=True)
class Invariant:
    """`sql` selects the rows that break the rule (none when all is well); its columns name them to a person.

    `name` is stable and part of `manage.py audit --json`; `sentence` is the rule in plain words.
    """

    name: str
    sentence: str
    sql: str


INVARIANTS = [
    Invariant("bom_acyclic", "No material is, at any depth, made of itself", MATERIALS_FORM_NO_CIRCLE),
    Invariant(
        "low_level_codes_descend",
        "A component's low-level code is greater than its parent's",
        """
        SELECT p.code AS parent, c.code AS component FROM masterdata_bom b
        JOIN masterdata_bomline l ON l.bom_id = b.id
        JOIN masterdata_material p ON p.id = b.material_id JOIN masterdata_material c ON c.id = l.component_id
        WHERE b.state = 'frozen' AND c.low_level_code <= p.low_level_code
        """,
    ),
    Invariant(
        "frozen_bom_has_lines",
        "A frozen BOM has lines",
        """
        SELECT b.id, m.code FROM masterdata_bom b JOIN masterdata_material m ON m.id = b.material_id
        WHERE b.state = 'frozen' AND NOT EXISTS (SELECT 1 FROM masterdata_bomline l WHERE l.bom_id = b.id)
        """,
    ),
    Invariant(
        "flow_runs_done_once",
        "A done flow run says when; an open one does not",
        "SELECT id, flow, state FROM masterdata_flowrun WHERE (state = 'done') <> (done_at IS NOT NULL)",
    ),
    Invariant(
        "flow_runs_not_given_up",
        "No flow run has been given up",
        "SELECT id, flow, left(error, 200) AS error FROM masterdata_flowrun WHERE state = 'dead'",
    ),
]
