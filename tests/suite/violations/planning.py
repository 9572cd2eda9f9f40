"""Cases of material planning."""

from tests.suite.violations import case

QUIET = "DELETE FROM erp_materialchange"
# Open work's material of which all that is not used yet is kept, and its plant.
KEPT = """SELECT m.id, m.material_id, w.plant_id FROM erp_workordermaterial m
    JOIN erp_workorder w ON w.id = m.work_order_id AND w.state IN ('firm', 'released')
    WHERE m.issued_qty > 0 AND m.quantity - m.issued_qty = (SELECT sum(r.quantity) FROM erp_reservation r
        WHERE r.work_order_material_id = m.id)
        AND NOT EXISTS (SELECT 1 FROM erp_peg p WHERE p.work_order_material_id = m.id) ORDER BY m.id LIMIT 1"""
PLANNED = "INSERT INTO erp_plannedorder (plant_id, material_id, kind, quantity, due_at, problem, is_firm, order_by_on)"
CASES = [
    case(
        "planned_pegs_within_what_lacks",
        f"""{QUIET};
        {PLANNED} SELECT k.plant_id, k.material_id, 'buy', 1, now(), '', true, NULL FROM ({KEPT}) k;
        INSERT INTO erp_peg (planned_order_id, work_order_material_id, quantity, received_qty, is_planned)
        SELECT n.id, k.id, 1, 0, true FROM erp_plannedorder n, ({KEPT}) k
        RETURNING 'need ' || work_order_material_id""",
    ),
    case(
        "what_is_ordered_is_planned_no_more",
        f"""{PLANNED} SELECT k.plant_id, k.material_id, 'buy', 1, now(), '', true, NULL FROM ({KEPT}) k;
        UPDATE erp_plannedorder SET closed_at = now();
        INSERT INTO erp_plannedcomponent (planned_order_id, material_id, quantity)
        SELECT id, material_id, 1 FROM erp_plannedorder RETURNING planned_order_id""",
    ),
    case(
        "proposals_begin_when_planned_or_later",
        f"""{QUIET};
        {PLANNED} SELECT k.plant_id, k.material_id, 'buy', 1, now(), '', false, CURRENT_DATE - 1 FROM ({KEPT}) k;
        INSERT INTO erp_plannedmaterial (plant_id, material_id, planned_on)
        SELECT plant_id, material_id, CURRENT_DATE FROM erp_plannedorder
        ON CONFLICT (plant_id, material_id) DO UPDATE SET planned_on = EXCLUDED.planned_on
        RETURNING (SELECT 'planned order ' || max(id) FROM erp_plannedorder)""",
        "proposals_are_for_somebody",
    ),
    case(
        "proposals_are_for_somebody",
        f"""{QUIET};
        {PLANNED} SELECT k.plant_id, k.material_id, 'buy', 1, now(), '', false, CURRENT_DATE FROM ({KEPT}) k
        RETURNING 'planned order ' || id""",
    ),
    case(
        "messages_are_about_what_is_open",
        f"""{QUIET};
        INSERT INTO erp_actionmessage (plant_id, material_id, kind, work_order_id, quantity, made_at, version)
        SELECT plant_id, material_id, 'expedite', id, 1, now(), 1 FROM erp_workorder WHERE state = 'closed'
        RETURNING id""",
        what="over",
    ),
    case(
        "messages_are_about_what_is_open",
        f"""INSERT INTO erp_actionmessage (plant_id, material_id, kind, quantity, made_at, version)
        SELECT k.plant_id, k.material_id, 'below_safety', 1, now(), 1 FROM ({KEPT}) k;
        INSERT INTO erp_actionmessage (plant_id, material_id, kind, quantity, made_at, version)
        SELECT k.plant_id, k.material_id, 'below_safety', 2, now(), 1 FROM ({KEPT}) k RETURNING id""",
        drop=("one_message_of_a_kind",),
        what="twice",
    ),
]
