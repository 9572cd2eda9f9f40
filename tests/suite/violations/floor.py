"""Cases of production, planning and the shop floor."""

from tests.suite.violations import case
from tests.suite.violations.masters import BOM, NEXT_MACHINE, NEXT_PLANT, ROUTING
from tests.suite.violations.places import BOARD, LOT

STEP = """(SELECT o.id FROM erp_workorderoperation o JOIN erp_workorder w ON w.id = o.work_order_id
    JOIN masterdata_material m ON m.id = w.material_id WHERE m.code = '{}' AND o.sequence = {})"""
RUNNING = "(SELECT operation_id FROM mes_operationrun WHERE state = 'running')"
NUMBER = "RETURNING (SELECT number FROM erp_workorder WHERE id = work_order_id)"
MACHINE = "(SELECT id FROM masterdata_machine WHERE code = '{}')"
LAST_ORDER = "(SELECT max(id) FROM erp_workorder)"

PRODUCTION = [
    case(
        "no_more_than_came_in",
        f"UPDATE erp_workorderoperation SET scrap_qty = 100 WHERE id = {STEP.format('TOP', 10)} RETURNING id",
        "good_and_scrap_within_input",
        "runs_equal_their_operations",
    ),
    case(
        "rework_is_of_pieces_in_rework",
        f"""INSERT INTO erp_workorderoperation (work_order_id, sequence, name, work_centre_id, setup_min,
            run_min_per_unit, setup_family, is_splittable, is_last, good_qty, scrap_qty, worked_min, mends_id, quantity)
        SELECT work_order_id, sequence + 1, 'Sand', work_centre_id, 0, 1, '', true, false, 0, 0, 0, id, 1
        FROM erp_workorderoperation WHERE id = {RUNNING} {NUMBER}""",
    ),
    case(
        "work_order_counts_its_last_operation",
        f"UPDATE erp_workorder SET scrap_qty = 1 WHERE id = {LAST_ORDER} RETURNING number",
    ),
    case(
        "one_last_operation",
        f"UPDATE erp_workorderoperation SET is_last = true WHERE id = {STEP.format('TOP', 10)} RETURNING work_order_id",
    ),
    case(
        "closed_means_finished",
        f"UPDATE erp_workorderoperation SET finished_at = NULL WHERE id = {STEP.format('TOP', 10)} {NUMBER}",
        "finished_runs_are_finished_operations",
    ),
    case(
        "finished_means_closed",
        f"""UPDATE erp_workorder SET state = 'released' WHERE id =
        (SELECT work_order_id FROM erp_workorderoperation WHERE id = {STEP.format("TOP", 10)}) RETURNING number""",
    ),
    case(
        "output_is_what_was_reported",
        """WITH moved AS (SELECT id, work_order_id FROM erp_stockmove WHERE kind = 'output' ORDER BY id LIMIT 1)
        UPDATE erp_stockmove m SET work_order_id = NULL FROM moved WHERE m.id = moved.id
        RETURNING (SELECT number FROM erp_workorder WHERE id = moved.work_order_id)""",
    ),
    case(
        "byproducts_are_what_good_pieces_bring",
        f"""INSERT INTO masterdata_bombyproduct (bom_id, line_no, material_id, quantity, unit_id)
        SELECT {BOM.format("TABLE")}, 1, m.id, 1, m.unit_id FROM masterdata_material m WHERE m.code = 'BOARD'
        RETURNING (SELECT min(w.number) FROM erp_workorder w WHERE w.bom_id = {BOM.format("TABLE")}
            AND w.good_qty > 0)""",
    ),
    case(
        "substitutes_stand_in_the_bom",
        """UPDATE erp_workordermaterial SET instead_of_id = material_id, instead_qty = quantity, choice = 'chosen'
        WHERE id = (SELECT min(m.id) FROM erp_workordermaterial m JOIN erp_workorder w ON w.id = m.work_order_id
            WHERE w.bom_id IS NOT NULL)
        RETURNING (SELECT number FROM erp_workorder WHERE id = work_order_id)""",
    ),
    case(
        "closed_work_orders_hold_no_stock",
        """UPDATE erp_reservation SET work_order_material_id = (SELECT min(id) FROM erp_workordermaterial)
        WHERE id = (SELECT max(id) FROM erp_reservation WHERE work_order_material_id IS NOT NULL AND quantity > 0)
        RETURNING id""",
    ),
    case(
        "operations_equal_their_frozen_routing",
        f"""UPDATE masterdata_routingoperation SET run_min_per_unit = run_min_per_unit + 1
        WHERE routing_id = {ROUTING.format("STOOL")} RETURNING run_min_per_unit""",
        what="changed",
    ),
    case(
        "operations_equal_their_frozen_routing",
        f"""DELETE FROM masterdata_routingoperation WHERE routing_id = {ROUTING.format("TABLE")} AND sequence = 20
        RETURNING sequence""",
        what="gone",
    ),
    case(
        "needs_equal_their_frozen_bom",
        f"""UPDATE masterdata_bomline SET quantity = quantity + 1 WHERE bom_id = {BOM.format("STOOL")}
        RETURNING (SELECT number FROM erp_workorder WHERE id = {LAST_ORDER})""",
        what="changed",
    ),
    case(
        "needs_equal_their_frozen_bom",
        f"DELETE FROM masterdata_bomline WHERE bom_id = {BOM.format('TABLE')} AND line_no = 2 RETURNING line_no",
        what="gone",
    ),
    case(
        "work_order_stays_in_its_plant",
        f"UPDATE erp_workorderoperation SET machine_id = {NEXT_MACHINE} WHERE id = {RUNNING} {NUMBER}",
        "keys_stay_in_one_company",
        what="machine",
    ),
    case(
        "work_order_stays_in_its_plant",
        f"""INSERT INTO masterdata_plant (company_id, code, name, time_zone, calendar_id, transport_min)
        SELECT company_id, 'SECOND', 'Second', 'UTC', calendar_id, 0 FROM masterdata_plant WHERE id <> {NEXT_PLANT};
        UPDATE masterdata_routing SET plant_id = (SELECT id FROM masterdata_plant WHERE code = 'SECOND')
        WHERE id = {ROUTING.format("STOOL")}
        RETURNING (SELECT min(number) FROM erp_workorder WHERE routing_id = masterdata_routing.id)""",
        what="routing",
    ),
]
SCENARIO = """INSERT INTO aps_scenario
    (plant_id, name, notes, state, base_no, base_version, made_at, promoted_no, ended_at, version)
    SELECT id, 'What if', '', '{}', 1, 1, now(), {}, {}, 1 FROM masterdata_plant ORDER BY id LIMIT 1 RETURNING name"""
PLANNING = [
    case(
        "promoted_scenarios_became_plans",
        SCENARIO.format("promoted", 99, "now()"),
        "solved_scenarios_have_figures",
    ),
    case("solved_scenarios_have_figures", SCENARIO.format("solved", "NULL", "NULL")),
    case("solving_scenarios_have_a_run", SCENARIO.format("solving", "NULL", "NULL")),
    case("one_published_plan_per_plant", "UPDATE aps_plantplanning SET plan_no = plan_no + 1 RETURNING plan_no"),
    case(
        "plans_numbered_without_gaps",
        "DELETE FROM aps_plan WHERE number = 2 RETURNING (SELECT code FROM masterdata_plant WHERE id = plant_id)",
    ),
    case(
        "planned_operations_never_overlap",
        f"""UPDATE aps_plannedoperation SET machine_id = {MACHINE.format("ASM-01")} WHERE operation_id = {RUNNING}
        RETURNING operation_id""",
        drop=("no_two_operations_at_once",),
    ),
    case(
        "planned_rows_of_known_work",
        f"UPDATE erp_workorder SET state = 'proposed' WHERE id = {LAST_ORDER} RETURNING number",
    ),
    case(
        "planned_rows_not_newer_than_plan",
        f"UPDATE aps_plannedoperation SET plan_no = 99 WHERE operation_id = {RUNNING} RETURNING operation_id",
    ),
    case(
        "planned_on_machines_of_the_work_centre",
        f"""UPDATE aps_plannedoperation SET machine_id = {MACHINE.format("SAW-01")}
        WHERE id = (SELECT max(id) FROM aps_plannedoperation)
        RETURNING (SELECT w.number FROM erp_workorder w JOIN erp_workorderoperation o ON o.work_order_id = w.id
        WHERE o.id = operation_id)""",
    ),
    case(
        "pins_on_machines_of_the_work_centre",
        f"""INSERT INTO aps_operationpin (plant_id, operation_id, machine_id, runs_at, pinned_at)
        SELECT plant_id, operation_id, {MACHINE.format("SAW-01")}, now(), now() FROM aps_plannedoperation
        WHERE id = (SELECT max(id) FROM aps_plannedoperation)
        RETURNING (SELECT w.number FROM erp_workorder w JOIN erp_workorderoperation o ON o.work_order_id = w.id
        WHERE o.id = operation_id)""",
    ),
    case(
        "wishes_within_wanted",
        "DELETE FROM aps_planwish WHERE version = (SELECT max(version) FROM aps_planwish) RETURNING version",
    ),
    case(
        "plans_cover_no_more_than_wished",
        "UPDATE aps_plan SET covers_version = 99 WHERE number = 1 RETURNING covers_version",
    ),
]
SHOP_FLOOR = [
    case(
        "runs_equal_their_events",
        f"""UPDATE mes_executionevent SET scrap_qty = 1 WHERE operation_id = {RUNNING} AND kind = 'report'
        RETURNING (SELECT r.id FROM mes_operationrun r WHERE r.operation_id = mes_executionevent.operation_id)""",
    ),
    case(
        "runs_equal_their_operations",
        f"""UPDATE erp_workorderoperation SET scrap_qty = 1 WHERE id = {RUNNING}
        RETURNING (SELECT r.id FROM mes_operationrun r WHERE r.operation_id = erp_workorderoperation.id)""",
        "work_order_counts_its_last_operation",
        "nobody_waits_for_lost_pieces",
        "open_lines_are_covered",
    ),
    case(
        "good_and_scrap_within_input",
        f"UPDATE erp_workorderoperation SET good_qty = 3 WHERE id = {STEP.format('TABLE', 10)} RETURNING id",
        "no_more_than_came_in",
        "runs_equal_their_operations",
    ),
    case(
        "finished_runs_are_finished_operations",
        f"UPDATE mes_operationrun SET state = 'paused' WHERE operation_id = {STEP.format('TOP', 10)} RETURNING id",
    ),
    case(
        "one_running_operation_per_machine",
        f"""UPDATE mes_operationrun SET state = 'running', machine_id = {MACHINE.format("ASM-02")}
        WHERE state = 'paused' RETURNING machine_id""",
        drop=("one_running_operation_per_machine",),
    ),
    case(
        "one_open_downtime_per_machine",
        """INSERT INTO mes_downtime (machine_id, since_at) SELECT machine_id, now() FROM mes_downtime
        RETURNING machine_id""",
        drop=("one_open_downtime",),
    ),
    case(
        "machine_states_do_not_overlap",
        """UPDATE mes_machinestate SET since_at = since_at - interval '1 minute' WHERE state = 'fault'
        RETURNING since_at""",
        "machine_states_leave_no_gap",
        drop=("one_state_at_a_time",),
    ),
    case(
        "edges_equal_the_moves_of_lots",
        LOT.format(material=BOARD, kind="lot", blocked="false")
        + """INSERT INTO erp_stockmove (kind, material_id, plant_id, source_id, target_id, lot_id, quantity, value,
            difference, fee, note, moved_at)
        SELECT 'used', t.material_id, l.plant_id, l.id, l.id, t.id, 1, 0, 0, 0, '', now() FROM erp_lot t,
            (SELECT * FROM masterdata_location WHERE kind = 'supplier' ORDER BY id LIMIT 1) l
        WHERE t.number = 'MADE-UP' RETURNING id""",
    ),
    case(
        "undone_edges_are_those_of_reversed_moves",
        LOT.format(material=BOARD, kind="lot", blocked="false")
        + """INSERT INTO mes_genealogyedge (kind, move_id, child_lot_id, quantity, at, undone_by_id)
        SELECT 'received', m.id, t.id, 1, now(), m.id FROM erp_lot t, (SELECT min(id) AS id FROM erp_stockmove) m
        WHERE t.number = 'MADE-UP' RETURNING id""",
    ),
    case(
        "machine_states_leave_no_gap",
        """UPDATE mes_machinestate SET since_at = since_at + interval '1 second' WHERE id = (
            SELECT max(b.id) FROM mes_machinestate a JOIN mes_machinestate b
            ON b.machine_id = a.machine_id AND b.since_at = a.until_at) RETURNING machine_id""",
    ),
    case(
        "only_stops_have_reasons",
        """UPDATE mes_machinestate SET reason_id = 1
        WHERE id = (SELECT min(id) FROM mes_machinestate WHERE state = 'producing') RETURNING id""",
    ),
    case(
        "open_downtimes_are_faults",
        """UPDATE mes_machinestate SET state = 'maintenance' WHERE state = 'fault' AND until_at IS NULL
        RETURNING machine_id""",
    ),
    case(
        "ended_downtimes_have_no_open_alarm",
        """INSERT INTO mes_alarm (machine_id, kind, code, text, state, count, raised_at, note, level)
        SELECT machine_id, 'down', 'E-1', 'Never cleared', 'raised', 1, now(), '', 0 FROM mes_operationrun
        WHERE state = 'running' LIMIT 1 RETURNING id""",
    ),
    case(
        "closed_alarms_say_why",
        """UPDATE mes_alarm SET state = 'closed' WHERE id = (SELECT min(id) FROM mes_alarm) RETURNING id""",
        drop=("closed_alarm_says_why",),
    ),
    case(
        "alarm_levels_are_their_steps",
        "UPDATE mes_alarm SET level = 2 WHERE id = (SELECT min(id) FROM mes_alarm) RETURNING id",
    ),
    case(
        "accepted_times_are_in_their_routing",
        """INSERT INTO mes_timeproposal (plant_id, material_id, routing_id, sequence, name, machine_id, kind, state,
            planned, observed, low, high, run_count, outlier_count, monthly_min, monthly_cost, evidence, made_at, note,
            became_id)
        SELECT r.plant_id, r.material_id, r.id, o.sequence, o.name, (SELECT min(m.id) FROM masterdata_machine m
            JOIN masterdata_workcentre c ON c.id = m.work_centre_id WHERE c.plant_id = r.plant_id), 'run',
            'accepted', 1, 99, 99, 99, 6, 0, 1, 1, '', now(), '', r.id
        FROM masterdata_routing r JOIN masterdata_routingoperation o ON o.routing_id = r.id ORDER BY o.id LIMIT 1
        RETURNING id""",
    ),
    case(
        "dispatch_not_newer_than_the_plan",
        f"UPDATE mes_dispatch SET plan_no = 99 WHERE operation_id = {RUNNING} RETURNING operation_id",
    ),
]
SOMEBODY = "(SELECT min(id) FROM masterdata_employee)"
_HERE = f"""INSERT INTO mes_attendance (person_id, plant_id, since_at, until_at)
    SELECT {SOMEBODY}, min(id), '2020-01-06 {{}}+00', '2020-01-06 {{}}+00' FROM masterdata_plant"""
_AT_JOB = f"""INSERT INTO mes_labourbooking (person_id, plant_id, operation_id, machine_id, lane, since_at, until_at,
    tended, place) SELECT {SOMEBODY}, min(p.id), {RUNNING}, min(m.id), {{}}, '2020-01-06 {{}}+00', '2020-01-06 {{}}+00',
    {{}}, 0 FROM masterdata_plant p, masterdata_machine m"""
PEOPLE = [
    case(
        "here_once_at_a_time",
        f"{_HERE.format('06:00', '14:00')}; {_HERE.format('13:00', '15:00')} RETURNING person_id",
        drop=("here_once_at_a_time",),
    ),
    case(
        "never_at_two_exclusive_machines",
        f"{_AT_JOB.format(1, '06:00', '07:00', 1)}; {_AT_JOB.format(2, '06:30', '08:00', 1)} RETURNING person_id",
        drop=("never_at_two_exclusive_machines", "once_at_a_job_at_a_time"),
    ),
    case(
        "breaks_lie_in_their_attendance",
        f"""{_HERE.format("06:00", "14:00")}; INSERT INTO mes_attendancebreak (attendance_id, since_at, paid_sec)
        SELECT max(id), '2020-01-06 07:00+00', 0 FROM mes_attendance RETURNING id""",
    ),
    case("shares_are_one_person", f"{_AT_JOB.format(1, '06:00', '07:00', 2)} RETURNING person_id"),
    case(
        "labour_cost_was_worked",
        """WITH there AS (SELECT operation_id, person_id FROM erp_costentry c WHERE person_id IS NOT NULL AND EXISTS (
            SELECT FROM mes_operationrun r WHERE r.operation_id = c.operation_id AND r.state = 'finished')
            ORDER BY c.id LIMIT 1)
        UPDATE mes_labourbooking l SET since_at = since_at - interval '1 hour' FROM there
        WHERE l.operation_id = there.operation_id AND l.person_id = there.person_id RETURNING l.operation_id""",
        drop=("never_at_two_exclusive_machines", "once_at_a_job_at_a_time"),
    ),
]
QUALITY = [
    case(
        "values_are_judged_by_their_tolerance",
        "UPDATE mes_checkvalue SET value = 400 WHERE NOT is_good RETURNING id",
    ),
    case(
        "checks_are_judged_by_their_values",
        "UPDATE mes_checkresult SET verdict = 'ok' WHERE verdict = 'tolerance' RETURNING id",
    ),
    case(
        "holds_come_from_their_operation",
        f"UPDATE mes_qualityhold SET operation_id = {STEP.format('TOP', 10)} RETURNING id",
    ),
    case(
        "dispositions_sum_to_their_nonconformance",
        """UPDATE mes_disposition SET quantity = 5
        RETURNING (SELECT number FROM mes_nonconformance WHERE id = nonconformance_id)""",
    ),
    case("dispositions_did_what_they_say", "UPDATE mes_disposition SET kind = 'scrap' RETURNING id"),
]
CASES = [*PRODUCTION, *PLANNING, *SHOP_FLOOR, *QUALITY, *PEOPLE]
