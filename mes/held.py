"""The state of a run as people see it: held while quality holds its operation, whatever its events have told.

One rule, as a function and as SQL; `mes.fold` alone says how far the work is.
"""

from __future__ import annotations

HELD, FINISHED = "held", "finished"
_OPEN = "EXISTS (SELECT 1 FROM mes_qualityhold kept WHERE kept.operation_id = {operation} AND kept.released_at IS NULL)"


def shown(state: str, *, is_held: bool) -> str:
    """`state` is the fold's, or planned; what is finished can't be held."""
    return HELD if is_held and state != FINISHED else state


def shown_sql(state: str, operation: str) -> str:
    """The same of two SQL expressions: the fold's state and the operation's id."""
    return f"CASE WHEN {state} <> '{FINISHED}' AND {_OPEN.format(operation=operation)} THEN '{HELD}' ELSE {state} END"
