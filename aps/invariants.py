"""Invariants of planning."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "one_published_plan_per_plant",
        "The number that a plant's planning names is that of its newest plan",
        """
        SELECT p.code AS plant, g.plan_no, coalesce(n.newest, 0) AS newest FROM aps_plantplanning g
        JOIN masterdata_plant p ON p.id = g.plant_id
        LEFT JOIN (SELECT plant_id, max(number) AS newest FROM aps_plan GROUP BY plant_id) n ON n.plant_id = g.plant_id
        WHERE g.plan_no <> coalesce(n.newest, 0)
        """,
    ),
    Invariant(
        "plans_numbered_without_gaps",
        "A plant's plans are numbered from 1 on without gaps",
        """
        SELECT p.code AS plant, count(*) AS plans, max(a.number) AS newest FROM aps_plan a
        JOIN masterdata_plant p ON p.id = a.plant_id GROUP BY p.code HAVING count(*) <> max(a.number)
        """,
    ),
    Invariant(
        "planned_operations_never_overlap",
        "No machine does two operations at once in the published plan",
        """
        SELECT m.code AS machine, a.operation_id AS first, b.operation_id AS second FROM aps_plannedoperation a
        JOIN aps_plannedoperation b ON b.machine_id = a.machine_id AND b.id > a.id
            AND tstzrange(b.starts_at, b.ends_at, '[)') && tstzrange(a.starts_at, a.ends_at, '[)')
        JOIN masterdata_machine m ON m.id = a.machine_id
        """,
    ),
    Invariant(
        "planned_rows_of_known_work",
        "Planned operations belong to the plant and to firm, released or closed work orders",
        """
        SELECT w.number AS work_order, o.sequence, w.state FROM aps_plannedoperation a
        JOIN erp_workorderoperation o ON o.id = a.operation_id JOIN erp_workorder w ON w.id = o.work_order_id
        WHERE w.plant_id <> a.plant_id OR w.state IN ('proposed', 'cancelled')
        """,
    ),
    Invariant(
        "planned_rows_not_newer_than_plan",
        "No planned operation was written by a plan that is not published",
        """
        SELECT a.operation_id, a.plan_no, coalesce(g.plan_no, 0) AS published FROM aps_plannedoperation a
        LEFT JOIN aps_plantplanning g ON g.plant_id = a.plant_id WHERE a.plan_no > coalesce(g.plan_no, 0)
        """,
    ),
    Invariant(
        "planned_on_machines_of_the_work_centre",
        "Work that has not begun is planned on a machine of its work centre",
        """
        SELECT w.number AS work_order, o.sequence, m.code AS machine FROM aps_plannedoperation a
        JOIN erp_workorderoperation o ON o.id = a.operation_id JOIN erp_workorder w ON w.id = o.work_order_id
        JOIN masterdata_machine m ON m.id = a.machine_id
        WHERE o.started_at IS NULL AND m.work_centre_id <> o.work_centre_id
        """,
    ),
    Invariant(
        "pins_on_machines_of_the_work_centre",
        "Work that has not begun is pinned to a machine of its work centre, in its own plant",
        """
        SELECT w.number AS work_order, o.sequence, m.code AS machine FROM aps_operationpin a
        JOIN erp_workorderoperation o ON o.id = a.operation_id JOIN erp_workorder w ON w.id = o.work_order_id
        JOIN masterdata_machine m ON m.id = a.machine_id
        WHERE o.started_at IS NULL AND (m.work_centre_id <> o.work_centre_id OR w.plant_id <> a.plant_id)
        """,
    ),
    Invariant(
        "wishes_within_wanted",
        "Wishes are numbered up to the plant's wanted version",
        """
        SELECT w.plant_id, max(w.version) AS newest, g.wanted_version FROM aps_planwish w
        JOIN aps_plantplanning g ON g.plant_id = w.plant_id
        GROUP BY w.plant_id, g.wanted_version HAVING max(w.version) <> g.wanted_version
        """,
    ),
    Invariant(
        "plans_cover_no_more_than_wished",
        "No plan covers a wish that nobody made",
        """
        SELECT a.plant_id, a.number, a.covers_version, g.wanted_version FROM aps_plan a
        JOIN aps_plantplanning g ON g.plant_id = a.plant_id WHERE a.covers_version > g.wanted_version
        """,
    ),
    Invariant(
        "promoted_scenarios_became_plans",
        "A promoted scenario names the plan that it became",
        """
        SELECT s.name, s.promoted_no FROM aps_scenario s
        LEFT JOIN aps_plan a ON a.plant_id = s.plant_id AND a.number = s.promoted_no AND a.origin = 'scenario'
        WHERE s.state = 'promoted' AND a.id IS NULL
        """,
    ),
    Invariant(
        "solved_scenarios_have_figures",
        "A solved scenario has the figures of both sides, any other has none that belong to older changes",
        """
        SELECT s.name, s.state, count(f.id) AS figures FROM aps_scenario s
        LEFT JOIN aps_scenariofigures f ON f.scenario_id = s.id GROUP BY s.id
        HAVING (s.state IN ('solved', 'promoted') AND count(f.id) <> 2)
            OR (s.state IN ('draft', 'failed', 'dropped') AND count(f.id) > 0)
        """,
    ),
    Invariant(
        "solving_scenarios_have_a_run",
        "A scenario is being solved as long as one of its runs goes on",
        """
        SELECT s.name, s.state, count(r.id) AS runs FROM aps_scenario s
        LEFT JOIN aps_scenariorun r ON r.scenario_id = s.id AND r.state IN ('waiting', 'running') GROUP BY s.id
        HAVING (s.state = 'solving') <> (count(r.id) > 0)
        """,
    ),
]
