"""Invariants of operation runs and dispatch lists."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "runs_equal_their_events",
        "A run's good, scrap and rework quantities are the sums of its events that count",
        """
        SELECT r.id AS run, r.good_qty, e.good, r.scrap_qty, e.scrap, r.rework_qty, e.rework FROM mes_operationrun r
        JOIN LATERAL (SELECT coalesce(sum(good_qty), 0) AS good, coalesce(sum(scrap_qty), 0) AS scrap,
                          coalesce(sum(rework_qty), 0) AS rework
                      FROM mes_executionevent e WHERE e.operation_id = r.operation_id
                          AND NOT EXISTS (SELECT 1 FROM mes_quarantine q
                                          WHERE q.event_id = e.id AND q.state <> 'accepted')
                          AND NOT EXISTS (SELECT 1 FROM mes_executionevent c
                                          LEFT JOIN mes_quarantine k ON k.event_id = c.id
                                          WHERE c.corrects_id = e.id AND coalesce(k.state, 'accepted') = 'accepted')
                     ) e ON true
        WHERE (r.good_qty, r.scrap_qty, r.rework_qty) <> (e.good, e.scrap, e.rework)
        """,
    ),
    Invariant(
        "runs_equal_their_operations",
        "A run's quantities are those booked at its operation, less what rework steps brought back there",
        """
        SELECT r.id AS run, r.good_qty, o.good_qty AS booked, m.good AS mended FROM mes_operationrun r
        JOIN erp_workorderoperation o ON o.id = r.operation_id
        JOIN LATERAL (SELECT coalesce(sum(s.good_qty), 0) AS good, coalesce(sum(s.scrap_qty), 0) AS scrap
                      FROM erp_workorderoperation s WHERE s.mends_id = o.id) m ON true
        WHERE (r.good_qty, r.scrap_qty, r.rework_qty)
            <> (o.good_qty - m.good, o.scrap_qty - m.scrap, o.rework_qty + m.good + m.scrap)
        """,
    ),
    Invariant(
        "good_and_scrap_within_input",
        "Good, scrap and rework of an operation do not exceed what the operation before passed on",
        """
        SELECT o.id AS operation, o.good_qty, o.scrap_qty, o.rework_qty,
            coalesce(o.quantity, b.good_qty, w.quantity + w.over_qty) AS input
        FROM erp_workorderoperation o JOIN erp_workorder w ON w.id = o.work_order_id
        LEFT JOIN LATERAL (SELECT p.good_qty FROM erp_workorderoperation p
                           WHERE p.work_order_id = o.work_order_id AND p.sequence < o.sequence AND p.mends_id IS NULL
                           ORDER BY p.sequence DESC LIMIT 1) b ON true
        WHERE o.good_qty + o.scrap_qty + o.rework_qty > coalesce(o.quantity, b.good_qty, w.quantity + w.over_qty)
        """,
    ),
    Invariant(
        "finished_runs_are_finished_operations",
        "A run is finished exactly when its operation is",
        """
        SELECT r.id AS run, r.state, o.finished_at FROM mes_operationrun r
        JOIN erp_workorderoperation o ON o.id = r.operation_id
        WHERE (r.state = 'finished') <> (o.finished_at IS NOT NULL)
        """,
    ),
    Invariant(
        "dispatch_not_newer_than_the_plan",
        "No line was told a plan that is not published",
        """
        SELECT d.operation_id, d.plan_no, p.plan_no AS published FROM mes_dispatch d
        LEFT JOIN aps_plantplanning p ON p.plant_id = d.plant_id WHERE d.plan_no > coalesce(p.plan_no, 0)
        """,
    ),
]
