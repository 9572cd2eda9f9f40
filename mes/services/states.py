"""Machine state intervals: one state at a time, no gaps once begun."""

from __future__ import annotations

import datetime as dt

from masterdata import statements

_NOW = """
    SELECT id, state, since_at FROM mes_machinestate WHERE machine_id = %s AND until_at IS NULL
    ORDER BY id LIMIT 1 FOR UPDATE
"""
_END = "UPDATE mes_machinestate SET until_at = %s::timestamptz WHERE id = %s"
_RENAME = "UPDATE mes_machinestate SET state = %s::text WHERE id = %s"
_BEGIN = "INSERT INTO mes_machinestate (machine_id, state, since_at) VALUES (%s, %s::text, %s::timestamptz)"


def enter(*, machine_id: int, state: str, at: dt.datetime) -> None:
    """End the open interval at `at` and begin `state`. Call inside a transaction while holding the machine's lock.

    An event older than the open interval's beginning changes nothing here: what is known about now is newer.
    """
    found = statements.run(_NOW, [machine_id])
    if not found:
        statements.run(_BEGIN, [machine_id, str(state), at])
        return
    pk, now_in, since_at = found[0]
    if now_in == state or at < since_at:
        return
    if at == since_at:
        statements.run(_RENAME, [str(state), pk])
    else:
        statements.together((_END, [at, pk]), (_BEGIN, [machine_id, str(state), at]))
