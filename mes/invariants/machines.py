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
]
