"""Invariants: what must hold in the database whatever happened, each as one query that returns the offending rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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

    `name` is stable and part of `manage.py audit --json`; `sentence` is the rule in plain words. Of a rule over rows
    that pile up for years and never change, `recent` asks the newest part alone, for a page that somebody waits for,
    and `scope` says in words which part that is.
    """

    name: str
    sentence: str
    sql: str
    recent: str = ""
    scope: Any = ""


INVARIANTS = [
    Invariant("bom_acyclic", "No material is, at any depth, made of itself", MATERIALS_FORM_NO_CIRCLE),
    Invariant(
        "locations_form_a_tree",
        "No place lies in itself at any depth, and none in a place of another plant",
        """
        WITH RECURSIVE walk(id, above) AS (
            SELECT id, parent_id FROM masterdata_location WHERE parent_id IS NOT NULL
            UNION
            SELECT w.id, l.parent_id FROM walk w JOIN masterdata_location l ON l.id = w.above
            WHERE l.parent_id IS NOT NULL
        )
        SELECT l.code FROM walk w JOIN masterdata_location l ON l.id = w.id WHERE w.above = w.id
        UNION
        SELECT l.code FROM masterdata_location l JOIN masterdata_location p ON p.id = l.parent_id
        WHERE p.plant_id <> l.plant_id
        """,
    ),
    Invariant(
        "plants_supply_in_no_circle",
        "No plant gets a material from a plant that gets it from there, directly or through others",
        """
        WITH RECURSIVE walk(material_id, plant_id, source_id) AS (
            SELECT material_id, plant_id, source_plant_id FROM masterdata_materialplant
            WHERE source_plant_id IS NOT NULL
            UNION
            SELECT w.material_id, w.plant_id, p.source_plant_id FROM walk w
            JOIN masterdata_materialplant p ON p.material_id = w.material_id AND p.plant_id = w.source_id
            WHERE p.source_plant_id IS NOT NULL
        )
        SELECT m.code AS material, p.code AS plant FROM walk w JOIN masterdata_material m ON m.id = w.material_id
        JOIN masterdata_plant p ON p.id = w.plant_id WHERE w.source_id = w.plant_id
        """,
    ),
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
        "frozen_routing_has_operations",
        "A frozen routing has operations",
        """
        SELECT r.id, m.code FROM masterdata_routing r JOIN masterdata_material m ON m.id = r.material_id
        WHERE r.state = 'frozen' AND NOT EXISTS (SELECT 1 FROM masterdata_routingoperation o WHERE o.routing_id = r.id)
        """,
    ),
    Invariant(
        "one_version_in_force",
        "A material has at most one frozen BOM, and one frozen routing a plant; only drafts have no date of freezing",
        """
        SELECT 'BOM' AS what, m.code, count(*) AS frozen FROM masterdata_bom b
        JOIN masterdata_material m ON m.id = b.material_id WHERE b.state = 'frozen' GROUP BY m.code HAVING count(*) > 1
        UNION ALL
        SELECT 'routing', m.code, count(*) FROM masterdata_routing r
        JOIN masterdata_material m ON m.id = r.material_id WHERE r.state = 'frozen'
        GROUP BY m.code, r.plant_id HAVING count(*) > 1
        UNION ALL
        SELECT 'date of ' || v.what, m.code, v.version_no FROM (
            SELECT 'BOM' AS what, material_id, version_no, state, frozen_at FROM masterdata_bom
            UNION ALL
            SELECT 'routing', material_id, version_no, state, frozen_at FROM masterdata_routing
        ) v JOIN masterdata_material m ON m.id = v.material_id WHERE (v.state = 'draft') <> (v.frozen_at IS NULL)
        """,
    ),
    Invariant(
        "one_effect_per_idempotency_key",
        "A key of a person or integration was used once, and has the answer that its twin gets",
        """
        SELECT user_id, key, count(*) AS used, min(status) AS status FROM masterdata_idempotencykey
        GROUP BY user_id, key HAVING count(*) > 1 OR min(status) IS NULL
        """,
    ),
    Invariant(
        "flow_runs_done_once",
        "A fact has one run of each flow; a done one says when, an open one does not",
        """
        SELECT id, flow, state FROM masterdata_flowrun WHERE (state = 'done') <> (done_at IS NOT NULL)
        UNION ALL
        SELECT min(id), flow, count(*) || ' runs' FROM masterdata_flowrun GROUP BY fact_id, flow HAVING count(*) > 1
        """,
    ),
    Invariant(
        "files_go_with_their_import",
        "Uploaded files are kept as long as they may still be imported",
        """
        SELECT DISTINCT r.id, r.state FROM masterdata_dataimportchunk c
        JOIN masterdata_dataimportfile f ON f.id = c.file_id JOIN masterdata_dataimport r ON r.id = f.run_id
        WHERE r.state IN ('done', 'cancelled')
        """,
    ),
    Invariant(
        "flow_runs_not_given_up",
        "No flow run has been given up",
        "SELECT id, flow, left(error, 200) AS error FROM masterdata_flowrun WHERE state = 'dead'",
    ),
]
