"""Machine state intervals: the projection of mes/state_fold.py, folded again from the moment of whatever is told.

An event may be told late: the intervals from its moment on are folded again and only the rows that differ are written.
`rebuild_states` folds everything from the beginning; the two always end the same.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import astuple, replace
from itertools import zip_longest
from typing import Any

from django.db import transaction

from masterdata import statements
from masterdata.models import Machine
from mes import state_fold
from mes.counted import COUNTS
from mes.models import MachineState
from mes.state_fold import Interval, Kind, Mark, Signal

A_MOMENT = dt.timedelta(microseconds=1)
BEGINNING = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
KINDS = {
    "setup": Kind.SETUP,
    "start": Kind.RUN,
    "resume": Kind.RUN,
    "pause": Kind.PAUSE,
    "report": Kind.REPORT,
    "finish": Kind.LEAVE,
}

# Where the interval that the moment falls into began, and from where on everything before that is overruled.
_FROM = f"""
    WITH own AS (
        SELECT coalesce((SELECT begun_at FROM mes_machinestate WHERE machine_id = %s AND since_at < %s::timestamptz
                         ORDER BY since_at DESC LIMIT 1), %s::timestamptz) AS since
    )
    SELECT own.since, coalesce((
        SELECT e.corrected_at FROM mes_executionevent e
        WHERE e.machine_id = %s AND e.corrected_at < own.since AND e.kind IN ('setup', 'start', 'resume') AND {COUNTS}
        ORDER BY e.corrected_at DESC LIMIT 1), %s::timestamptz)
    FROM own
"""  # noqa: S608 - our own text
_EVENTS = f"""
    SELECT CASE WHEN e.kind = 'pause' AND e.payload ->> 'cause' IN ('rework', 'job') THEN 'finish' ELSE e.kind END,
        e.corrected_at, coalesce(e.device_seq, -1), e.id::text, e.operation_id, e.reason_id
    FROM mes_executionevent e
    WHERE e.machine_id = %s AND e.corrected_at >= %s::timestamptz AND e.operation_id IS NOT NULL
      AND e.kind IN ('setup', 'start', 'resume', 'pause', 'report', 'finish') AND {COUNTS}
"""  # noqa: S608 - our own text
_ENDS = """
    SELECT operation_id, finished_at FROM mes_operationrun
    WHERE machine_id = %s AND finished_at >= %s::timestamptz
"""
_DOWNTIMES = """
    SELECT id, since_at, until_at, reason_id FROM mes_downtime
    WHERE machine_id = %s AND (until_at IS NULL OR until_at >= %s::timestamptz)
"""
_MESSAGES = """
    SELECT id, state, happened_at FROM mes_machineevent
    WHERE machine_id = %s AND happened_at >= greatest(%s::timestamptz, coalesce((
        SELECT max(happened_at) FROM mes_machineevent WHERE machine_id = %s AND happened_at < %s::timestamptz
    ), %s::timestamptz))
"""
_MARKS = f"""
    SELECT e.id::text, e.payload, e.reason_id, e.corrected_at, coalesce(e.device_seq, 0) FROM mes_executionevent e
    WHERE e.machine_id = %s AND e.kind = 'stop_reason' AND e.corrected_at >= %s::timestamptz AND {COUNTS}
"""  # noqa: S608 - our own text
_ROWS = """
    SELECT id, since_at, until_at, state, begun_at, operation_id, reason_id, event_id::text, machine_event, downtime_id,
           reason_event_id::text
    FROM mes_machinestate WHERE machine_id = %s AND since_at >= %s::timestamptz ORDER BY since_at
"""

_LOCK = "SELECT pg_advisory_xact_lock(20261130, (%s::bigint)::int)"
_END = "UPDATE mes_machinestate SET until_at = %s::timestamptz WHERE id = %s"


def refold(*, machine_id: int, since: dt.datetime) -> None:
    """Fold the machine's intervals again from `since` on. Call inside a transaction, after what is new was written.

    The last lock of a transaction: one of its own, as run and machine are locked in this order or that before.
    """
    refold_all(machine_ids=[machine_id], since=since)


@transaction.atomic
def refold_all(*, machine_ids: Collection[int | None], since: dt.datetime) -> None:
    """As `refold`, for several: in the order of their ids, so that two transactions never wait for each other."""
    for machine_id in sorted({one for one in machine_ids if one}):
        statements.run(_LOCK, [machine_id])
        begin, anchor = _from(machine_id, since)
        _write(machine_id, begin, _folded(machine_id, begin, anchor))


def rebuild_states(*, plant_ids: Collection[int] | None = None, fix: bool = True) -> list[tuple[str, str, str]]:
    """Fold every machine (of the plants) from the beginning; where the projection differs: the machine, what it says,
    what was told. With `fix` it is put right."""
    machines = Machine.objects.order_by("pk")
    if plant_ids is not None:
        machines = machines.filter(work_centre__plant__in=plant_ids)
    told = []
    for machine in machines:
        with transaction.atomic():
            statements.run(_LOCK, [machine.pk])
            found = _folded(machine.pk, None, BEGINNING)
            stands = [interval for _, interval in _stored(machine.pk, BEGINNING)]
            if found == stands:
                continue
            wrong = next((pair for pair in zip_longest(stands, found) if pair[0] != pair[1]), (None, None))
            told.append((machine.code, _words(wrong[0], len(stands)), _words(wrong[1], len(found))))
            if fix:
                _write(machine.pk, BEGINNING, found)
    return told


def _words(one: Interval | None, count: int) -> str:
    if one is None:
        return f"{count} intervals"
    return f"{count} intervals, {one.state} since {one.since.isoformat()} (reason {one.reason_id})"


def _from(machine_id: int, since: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """Where to begin writing, and from where on to read: the order put on the machine last before."""
    begin, anchor = statements.run(_FROM, [machine_id, since, since, machine_id, BEGINNING])[0]
    return begin, anchor


def _folded(machine_id: int, begin: dt.datetime | None, anchor: dt.datetime) -> list[Interval]:
    first = begin or BEGINNING
    events, ends, downs, messages, marks = statements.together(
        (_EVENTS, [machine_id, anchor]),
        (_ENDS, [machine_id, anchor]),
        (_DOWNTIMES, [machine_id, anchor]),
        (_MESSAGES, [machine_id, anchor, machine_id, first, BEGINNING]),
        (_MARKS, [machine_id, first]),
    )
    signals = [
        Signal(at, KINDS.get(kind, Kind.LEAVE), (seq, pk), operation_id, reason_id, event_id=pk)
        for kind, at, seq, pk, operation_id, reason_id in events
    ]
    known = {(one.operation_id, one.at) for one in signals if one.kind == Kind.LEAVE}
    begun = {(one.operation_id, one.at) for one in signals if one.kind in (Kind.SETUP, Kind.RUN, Kind.PAUSE)}
    signals += [
        Signal(at + A_MOMENT if (pk, at) in begun else at, Kind.LEAVE, operation_id=pk)
        for pk, at in ends
        if (pk, at) not in known
    ]
    for pk, down_at, up_at, reason_id in downs:
        signals.append(Signal(down_at, Kind.DOWN, (pk, ""), reason_id=reason_id, downtime_id=pk))
        if up_at is not None:
            signals.append(Signal(up_at, Kind.UP, (pk, ""), downtime_id=pk))
    signals += [Signal(at, Kind.MESSAGE, (0, pk), state=state, message_id=pk) for pk, state, at in messages]
    return state_fold.fold(signals, [mark for row in marks if (mark := _mark(*row))], begin)


def _mark(pk: str, payload: Any, reason_id: int | None, at: dt.datetime, seq: int) -> Mark | None:
    """A reason as the event tells it: its payload says from when, perhaps until when."""
    told = json.loads(payload) if isinstance(payload, str) else payload
    reason = reason_id or told.get("reason")
    if not reason or "interval_start" not in told:
        return None
    until = told.get("until")
    return Mark(
        dt.datetime.fromisoformat(told["interval_start"]),
        dt.datetime.fromisoformat(until) if until else None,
        int(reason),
        pk,
        (at, seq, pk),
    )


def _stored(machine_id: int, begin: dt.datetime) -> list[tuple[int, Interval]]:
    return [(pk, Interval(*rest)) for pk, *rest in statements.run(_ROWS, [machine_id, begin])]


def _write(machine_id: int, begin: dt.datetime, found: Sequence[Interval]) -> int:
    """Replace what differs: rows go first, so that the exclusion constraint never sees two at once."""
    stands = _stored(machine_id, begin)
    same = {interval: pk for pk, interval in stands}
    wanted = set(found)
    gone = [pk for pk, interval in stands if interval not in wanted]
    new = [one for one in found if one not in same]
    kept = _shortened(stands, new)
    for pk, interval in kept:
        statements.run(_END, [interval.until, pk])
    used, done = {pk for pk, _ in kept}, {interval for _, interval in kept}
    gone = [pk for pk in gone if pk not in used]
    if gone:
        MachineState.objects.filter(pk__in=gone).delete()
    rows = [one for one in new if one not in done]
    MachineState.objects.bulk_create([_row(machine_id, one) for one in rows])
    return len(kept) + len(gone) + len(rows)


def _shortened(stands: list[tuple[int, Interval]], new: Sequence[Interval]) -> list[tuple[int, Interval]]:
    """Rows that only end at another time keep their id; only shorter ones, which can overlap nothing."""
    by_rest = {astuple(replace(interval, until=None)): (pk, interval) for pk, interval in stands}
    found = []
    for one in new:
        pk, old = by_rest.get(astuple(replace(one, until=None)), (0, one))
        if pk and one.until is not None and (old.until is None or one.until < old.until):
            found.append((pk, one))
    return found


def _row(machine_id: int, one: Interval) -> MachineState:
    return MachineState(
        machine_id=machine_id,
        state=one.state,
        since_at=one.since,
        until_at=one.until,
        begun_at=one.begun,
        operation_id=one.operation_id,
        reason_id=one.reason_id,
        event_id=one.event_id,
        machine_event=one.message_id,
        downtime_id=one.downtime_id,
        reason_event_id=one.reason_event_id,
    )
