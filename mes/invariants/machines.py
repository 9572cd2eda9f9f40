"""Invariants of machines."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "one_running_operation_per_machine",
        "A machine runs one operation at a time",
        "SELECT machine_id, count(*) FROM mes_operationrun WHERE state = 'running' GROUP BY 1 HAVING count(*) > 1",
    ),
    Invariant(
        "one_open_downtime_per_machine",
        "A machine has at most one open downtime",
        "SELECT machine_id, count(*) FROM mes_downtime WHERE until_at IS NULL GROUP BY 1 HAVING count(*) > 1",
    ),
    Invariant(
        "machine_states_do_not_overlap",
        "A machine is in one state at a time",
        """
        SELECT a.machine_id, a.since_at, b.since_at AS overlaps FROM mes_machinestate a
        JOIN mes_machinestate b ON b.machine_id = a.machine_id AND b.id > a.id
         AND tstzrange(a.since_at, a.until_at) && tstzrange(b.since_at, b.until_at)
        """,
    ),
    Invariant(
        "machine_states_leave_no_gap",
        "Once a machine was told of, each of its states begins where the one before ends",
        """
        SELECT machine_id, since_at, until_at, next_at FROM (
            SELECT machine_id, since_at, until_at,
                lead(since_at) OVER (PARTITION BY machine_id ORDER BY since_at) AS next_at FROM mes_machinestate
        ) s WHERE until_at IS DISTINCT FROM next_at
        """,
    ),
    Invariant(
        "only_stops_have_reasons",
        "A reason stands at a stop, a breakdown or a machine without an order, and at nothing else",
        """
        SELECT id, machine_id, state, reason_id FROM mes_machinestate
        WHERE reason_id IS NOT NULL AND state NOT IN ('stopped', 'fault', 'idle')
        """,
    ),
    Invariant(
        "open_downtimes_are_faults",
        "A machine that is down is in no other state",
        """
        SELECT d.id, d.machine_id, s.state FROM mes_downtime d
        LEFT JOIN mes_machinestate s ON s.machine_id = d.machine_id AND s.until_at IS NULL
        WHERE d.until_at IS NULL AND s.state IS DISTINCT FROM 'fault'
        """,
    ),
    Invariant(
        "ended_downtimes_have_no_open_alarm",
        "An alarm of a breakdown is cleared when the machine works again",
        """
        SELECT a.id, a.machine_id, a.state FROM mes_alarm a
        WHERE a.kind = 'down' AND a.state NOT IN ('cleared', 'closed')
          AND NOT EXISTS (SELECT 1 FROM mes_downtime d WHERE d.machine_id = a.machine_id AND d.until_at IS NULL)
        """,
    ),
    Invariant(
        "closed_alarms_say_why",
        "A closed alarm has a reason or a word",
        """
        SELECT id, machine_id FROM mes_alarm
        WHERE state = 'closed' AND (closed_at IS NULL OR (reason_id IS NULL AND note = ''))
        """,
    ),
    Invariant(
        "alarm_levels_are_their_steps",
        "How far up an alarm was told is its highest step",
        """
        SELECT a.id, a.level, coalesce(max(s.level), 0) AS told FROM mes_alarm a
        LEFT JOIN mes_alarmstep s ON s.alarm_id = a.id GROUP BY a.id, a.level
        HAVING a.level <> coalesce(max(s.level), 0)
        """,
    ),
    Invariant(
        "accepted_times_are_in_their_routing",
        "The routing that an accepted standard time became has its minutes",
        """
        SELECT p.id, p.observed, o.setup_min, o.run_min_per_unit FROM mes_timeproposal p
        LEFT JOIN masterdata_routingoperation o ON o.routing_id = p.became_id AND o.sequence = p.sequence
        WHERE p.state = 'accepted'
          AND p.observed IS DISTINCT FROM CASE p.kind WHEN 'run' THEN o.run_min_per_unit ELSE o.setup_min END
        """,
    ),
]
