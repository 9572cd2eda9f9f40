"""Cases of masterdata and of the house: versions, facts, keys, guards."""

from tests.suite.violations import case

BOM = "(SELECT b.id FROM masterdata_bom b JOIN masterdata_material m ON m.id = b.material_id WHERE m.code = '{}')"
ROUTING = BOM.replace("masterdata_bom", "masterdata_routing")
STOOL = "(SELECT id FROM masterdata_material WHERE code = 'STOOL')"
FIRST_RUN = "(SELECT min(id) FROM masterdata_flowrun)"
NEXT_PLANT = "(SELECT id FROM masterdata_plant WHERE code = 'NEXT-1')"
NEXT_MACHINE = "(SELECT id FROM masterdata_machine WHERE code = 'NEXT-ASM')"
NEXT_SHELF = f"(SELECT id FROM masterdata_location WHERE plant_id = {NEXT_PLANT})"
COMPANY = "keys_stay_in_one_company"

CASES = [
    case(
        "bom_acyclic",
        f"""INSERT INTO masterdata_bomline (bom_id, line_no, component_id, quantity, unit_id, scrap_percent)
        SELECT {BOM.format("TOP")}, 9, id, 1, unit_id, 0 FROM masterdata_material WHERE code = 'TABLE'
        RETURNING 'TOP'""",
        "low_level_codes_descend",
        "needs_equal_their_frozen_bom",
    ),
    case(
        "locations_form_a_tree",
        """UPDATE masterdata_location SET parent_id = id WHERE id = (SELECT min(id) FROM masterdata_location)
        RETURNING code""",
    ),
    case(
        "plants_supply_in_no_circle",
        f"""DELETE FROM masterdata_materialplant;
        INSERT INTO masterdata_materialplant (material_id, plant_id, source_plant_id, policy, safety_stock,
            reorder_point, lead_time_days, lot_rule, lot_qty, period_days, scrap_percent, safety_time_days,
            planning_fence_days)
        SELECT {STOOL}, p.id, q.id, 'to_order', 0, 0, 0, 'lot_for_lot', 0, 0, 0, 0, 0
        FROM (SELECT * FROM masterdata_plant ORDER BY id LIMIT 2) p
        JOIN (SELECT * FROM masterdata_plant ORDER BY id LIMIT 2) q ON q.id <> p.id;
        SELECT 'STOOL'""",
        COMPANY,
    ),
    case(
        "low_level_codes_descend",
        "UPDATE masterdata_material SET low_level_code = 0 WHERE code = 'BOARD' RETURNING code",
    ),
    case(
        "frozen_bom_has_lines",
        f"DELETE FROM masterdata_bomline WHERE bom_id = {BOM.format('STOOL')} RETURNING bom_id",
        "needs_equal_their_frozen_bom",
    ),
    case(
        "frozen_routing_has_operations",
        f"DELETE FROM masterdata_routingoperation WHERE routing_id = {ROUTING.format('STOOL')} RETURNING routing_id",
        "operations_equal_their_frozen_routing",
    ),
    case(
        "one_version_in_force",
        f"""INSERT INTO masterdata_bom (material_id, version_no, state, base_qty, frozen_at)
        VALUES ({STOOL}, 2, 'frozen', 1, now()) RETURNING 'STOOL'""",
        "frozen_bom_has_lines",
        drop=("one_frozen_bom_per_material",),
        what="boms",
    ),
    case(
        "one_version_in_force",
        f"""INSERT INTO masterdata_routing (material_id, plant_id, version_no, state, frozen_at)
        SELECT material_id, plant_id, 2, 'frozen', now() FROM masterdata_routing WHERE material_id = {STOOL}
        RETURNING 'STOOL'""",
        "frozen_routing_has_operations",
        drop=("one_frozen_routing_per_material_and_plant",),
        what="routings",
    ),
    case(
        "one_version_in_force",
        f"UPDATE masterdata_routing SET frozen_at = NULL WHERE material_id = {STOOL} RETURNING 'STOOL'",
        what="undated",
    ),
    case(
        "one_effect_per_idempotency_key",
        """INSERT INTO masterdata_idempotencykey (user_id, key, fingerprint, status, created_at)
        SELECT user_id, key, 'g', 201, now() FROM masterdata_idempotencykey RETURNING key""",
        drop=("one_effect_per_idempotency_key",),
        what="twice",
    ),
    case(
        "one_effect_per_idempotency_key",
        "UPDATE masterdata_idempotencykey SET status = NULL RETURNING key",
        what="unanswered",
    ),
    case(
        "flow_runs_done_once",
        f"UPDATE masterdata_flowrun SET done_at = NULL WHERE id = {FIRST_RUN} RETURNING id",
        what="undated",
    ),
    case(
        "flow_runs_done_once",
        f"""INSERT INTO masterdata_flowrun (fact_id, flow, queue, state, attempts, next_at, done_at, error)
        SELECT fact_id, flow, queue, state, attempts, next_at, done_at, error FROM masterdata_flowrun
        WHERE id = {FIRST_RUN} RETURNING flow""",
        drop=("one_run_per_fact_and_flow",),
        what="twice",
    ),
    case(
        "flow_runs_not_given_up",
        f"UPDATE masterdata_flowrun SET state = 'dead', done_at = NULL WHERE id = {FIRST_RUN} RETURNING id",
    ),
    case(
        "files_go_with_their_import",
        """WITH run AS (INSERT INTO masterdata_dataimport (plant_id, state, shift_days, uploaded_by_id, uploaded_at,
            token, tries, stage, done, total, fault_count, note, version)
        SELECT min(p.id), 'cancelled', 0, (SELECT min(id) FROM masterdata_user), now(), 0, 0, '', 0, 0, 0, '', 1
        FROM masterdata_plant p RETURNING id),
        file AS (INSERT INTO masterdata_dataimportfile (run_id, name, size, sha256)
        SELECT id, 'units.csv', 1, '' FROM run RETURNING id, run_id)
        INSERT INTO masterdata_dataimportchunk (file_id, no, content) SELECT id, 0, 'x' FROM file
        RETURNING (SELECT run_id FROM file)""",
    ),
    case("facts_have_their_runs", f"DELETE FROM masterdata_flowrun WHERE id = {FIRST_RUN} RETURNING fact_id"),
    case(
        "facts_caused_as_declared",
        """UPDATE masterdata_factrecord SET cause_id =
        (SELECT id FROM masterdata_factrecord WHERE kind = 'InvoicePosted') WHERE kind = 'OrderShipped' RETURNING id""",
    ),
    case(
        COMPANY,
        f"""UPDATE crm_quotationline SET plant_id = {NEXT_PLANT}
        WHERE id = (SELECT max(id) FROM crm_quotationline) RETURNING id""",
        what="quotation",
    ),
    case(
        COMPANY,
        f"""UPDATE erp_workorder SET plant_id = {NEXT_PLANT} WHERE id = (SELECT max(id) FROM erp_workorder)
        RETURNING id""",
        "work_order_stays_in_its_plant",
        "pegs_join_one_material",
        "planned_rows_of_known_work",
        what="work-order",
    ),
    case(
        COMPANY,
        f"""UPDATE mes_dispatch SET machine_id = {NEXT_MACHINE} WHERE id = (SELECT max(id) FROM mes_dispatch)
        RETURNING id""",
        what="dispatch",
    ),
    case(
        COMPANY,
        f"""UPDATE aps_plannedoperation SET machine_id = {NEXT_MACHINE} WHERE operation_id =
        (SELECT operation_id FROM mes_operationrun WHERE state = 'running') RETURNING id""",
        what="plan",
    ),
    case(
        COMPANY,
        f"UPDATE erp_stockmove SET source_id = {NEXT_SHELF} WHERE kind = 'receipt' RETURNING id",
        "balance_is_sum_of_moves",
        "value_is_sum_of_moves",
        "valued_moves_have_their_entry",
        what="move",
    ),
    case(
        COMPANY,
        f"""UPDATE masterdata_routingoperation SET work_centre_id =
        (SELECT id FROM masterdata_workcentre WHERE plant_id = {NEXT_PLANT})
        WHERE routing_id = {ROUTING.format("STOOL")} RETURNING id""",
        "operations_equal_their_frozen_routing",
        what="routing",
    ),
    case(
        "guards_stand",
        """ALTER TABLE erp_stockmove DISABLE TRIGGER USER;
        SELECT tgname FROM pg_trigger WHERE tgrelid = 'erp_stockmove'::regclass AND tgname LIKE '%immutable%'""",
        what="trigger-off",
    ),
    case(
        "guards_stand",
        "ALTER TABLE erp_stockbalance DROP CONSTRAINT stock_never_negative; SELECT 'stock_never_negative'",
        what="check-gone",
    ),
    case(
        "guards_stand",
        "DROP INDEX one_open_promise_per_line; SELECT 'one_open_promise_per_line'",
        what="index-gone",
    ),
]
