"""The events that move a person, as the fold wants them: without what is undone or waits in quarantine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from masterdata import statements
from masterdata.models import Machine
from mes.labour import Told

PERSONAL = ("clock_in", "clock_out", "break_start", "break_end", "join", "leave", "setup", "start", "resume")
"""Kinds that move the person who did them."""
ENDS = ("pause", "finish")
"""Kinds that end the work of everybody at the job."""

COUNTS = """
    (q.id IS NULL OR q.state = 'accepted') AND NOT EXISTS (
        SELECT 1 FROM mes_executionevent c LEFT JOIN mes_quarantine x ON x.event_id = c.id
        WHERE c.corrects_id = e.id AND (x.id IS NULL OR x.state = 'accepted'))
"""
"""Condition on an event `e` with its quarantine `q`: it counts and was not taken back."""
_TOLD = "e.id::text, e.kind, e.corrected_at, coalesce(e.device_seq, 0), e.operator_id, e.operation_id, e.machine_id"
_OWN = f"""
    SELECT {_TOLD} FROM mes_executionevent e LEFT JOIN mes_quarantine q ON q.event_id = e.id
    WHERE e.operator_id = %s AND e.corrected_at >= %s::timestamptz AND e.kind = ANY(%s::text[]) AND {COUNTS}
"""  # noqa: S608 (our own words)
_OF_JOBS = f"""
    SELECT {_TOLD} FROM mes_executionevent e LEFT JOIN mes_quarantine q ON q.event_id = e.id
    WHERE e.operation_id = ANY(%s::bigint[]) AND e.corrected_at >= %s::timestamptz AND e.kind = ANY(%s::text[])
        AND {COUNTS}
"""  # noqa: S608 (our own words)
_LAST = 2**62
# Operations that end with their work order, without an event of the log: after all that was told of that instant.
_OVER = f"""
    SELECT 'over-' || id, 'finish', finished_at, {_LAST}::bigint, NULL::bigint, operation_id, machine_id
    FROM mes_operationrun WHERE operation_id = ANY(%s::bigint[]) AND finished_at >= %s::timestamptz
"""  # noqa: S608 (our own words)
_BEGAN = """
    SELECT min(since_at) FROM (
        SELECT since_at FROM mes_attendance
        WHERE person_id = %s AND since_at < %s::timestamptz AND (until_at IS NULL OR until_at >= %s::timestamptz)
        UNION ALL
        SELECT since_at FROM mes_labourbooking
        WHERE person_id = %s AND since_at < %s::timestamptz AND (until_at IS NULL OR until_at >= %s::timestamptz)
    ) x
"""


def session_start(person_id: int, at: dt.datetime) -> dt.datetime:
    """The last moment before `at` when the person was neither here nor at a job: what lies before can't change."""
    while True:
        found = statements.run(_BEGAN, [person_id, at, at, person_id, at, at])[0][0]
        if found is None:
            return at
        at = found


def events_of(person_id: int, since: dt.datetime) -> list[Told]:
    """All events since then that move the person; what ends a job may come twice."""
    own = [Told(*row) for row in statements.run(_OWN, [person_id, since, statements.array(PERSONAL)])]
    jobs = statements.array({one.operation_id for one in own if one.operation_id})
    ended, over = statements.together((_OF_JOBS, [jobs, since, statements.array(ENDS)]), (_OVER, [jobs, since]))
    found = {one.id: one for one in own} | {row[0]: Told(*row) for row in (*ended, *over)}
    return list(found.values())


def shared_machines(machine_ids: Iterable[int]) -> frozenset[int]:
    """Those of the machines that one person may tend together with others."""
    rows = Machine.objects.filter(pk__in=set(machine_ids)).values_list(
        "pk", "is_tended_together", "work_centre__is_tended_together"
    )
    return frozenset(pk for pk, own, centre in rows if own or centre)
