"""Invariants of people's hours and what they cost."""

from __future__ import annotations

from masterdata.invariants import Invariant

INVARIANTS = [
    Invariant(
        "here_once_at_a_time",
        "A person is here once at a time",
        """
        SELECT a.person_id, a.since_at, b.since_at AS again FROM mes_attendance a
        JOIN mes_attendance b ON b.person_id = a.person_id AND b.id > a.id
         AND tstzrange(a.since_at, a.until_at) && tstzrange(b.since_at, b.until_at)
        """,
    ),
    Invariant(
        "never_at_two_exclusive_machines",
        "A person works at one machine at a time, or at several that are tended together, once at each job",
        """
        SELECT a.person_id, a.operation_id, b.operation_id AS other FROM mes_labourbooking a
        JOIN mes_labourbooking b ON b.person_id = a.person_id AND b.id > a.id
         AND (b.lane <> a.lane OR b.operation_id = a.operation_id)
         AND tstzrange(a.since_at, a.until_at) && tstzrange(b.since_at, b.until_at)
        """,
    ),
    Invariant(
        "breaks_lie_in_their_attendance",
        "A break lies within the time that the person is here",
        """
        SELECT r.id, r.since_at, a.since_at AS here_since FROM mes_attendancebreak r
        JOIN mes_attendance a ON a.id = r.attendance_id
        WHERE r.since_at < a.since_at OR r.until_at > a.until_at OR (r.until_at IS NULL AND a.until_at IS NOT NULL)
        """,
    ),
    Invariant(
        "shares_are_one_person",
        "The jobs that share a person at a time are as many as each of them says",
        """
        SELECT b.person_id, b.since_at, b.tended, x.jobs FROM mes_labourbooking b
        JOIN LATERAL (SELECT count(*) AS jobs FROM mes_labourbooking o
                      WHERE o.person_id = b.person_id AND o.since_at = b.since_at) x ON true
        WHERE x.jobs <> b.tended
        """,
    ),
    Invariant(
        "labour_cost_was_worked",
        "A person's minutes in the cost of a finished operation are those worked there until its last report",
        """
        SELECT c.operation_id AS operation, c.person_id AS person, c.minutes, w.minutes AS worked
        FROM (SELECT operation_id, person_id, sum(quantity) AS minutes, count(pieces) AS pieces FROM erp_costentry
              WHERE person_id IS NOT NULL GROUP BY 1, 2) c
        JOIN mes_operationrun r ON r.operation_id = c.operation_id AND r.state = 'finished'
        LEFT JOIN LATERAL (
            SELECT coalesce(sum(greatest(0, extract(epoch FROM
                    least(l.until_at, x.newest_at) - l.since_at)) / 60 / l.tended), 0) AS minutes
            FROM mes_labourbooking l
            CROSS JOIN LATERAL (
                SELECT max(e.corrected_at) AS newest_at FROM mes_executionevent e
                LEFT JOIN mes_quarantine q ON q.event_id = e.id
                WHERE e.operation_id = l.operation_id AND e.kind IN ('report', 'finish')
                    AND coalesce(q.state, 'accepted') = 'accepted'
                    AND NOT EXISTS (SELECT FROM mes_executionevent y WHERE y.corrects_id = e.id)) x
            WHERE l.operation_id = c.operation_id AND l.person_id = c.person_id) w ON true
        WHERE c.pieces = 0 AND abs(c.minutes - w.minutes) > 1
        """,
    ),
]
