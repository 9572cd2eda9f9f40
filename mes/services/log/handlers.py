"""What follows from an event, by its kind: inside the event's transaction, after it was written to the log.

A handler raises a Refusal when it can't be: then nothing of the event stands (said now), or it waits in quarantine
(said offline). It must fold: the same events in any order of arrival end in the same state. The kinds that tell how far
an operation is are not here: `mes.services.runs` locks before it looks whether they were done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from mes.services import check_events, labour
from mes.services.events import FloorEvent

Handler = Callable[[FloorEvent, dt.datetime], None]
_OF_PEOPLE = ("clock_in", "clock_out", "break_start", "break_end", "join", "leave")
HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(_OF_PEOPLE, labour.follow),
    "check": check_events.take_check,
    "nonconformance": check_events.take_nonconformance,
}
UNDOERS: dict[str, Handler] = {
    **dict.fromkeys(_OF_PEOPLE, labour.unfollow),
    "check": check_events.undo_check,
    "nonconformance": check_events.undo_nonconformance,
}
"""What takes an event of the kind back; a kind without one is only noted, and nothing but the log is corrected."""
AFTER_RUN: list[Handler] = [labour.follow]
"""Called after each event of a run (start, pause, report ...), with `kind` set."""
