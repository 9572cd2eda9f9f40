"""What follows from an event, by its kind: inside the event's transaction, after it was written to the log.

A handler raises a Refusal when it can't be: then nothing of the event stands (said now), or it waits in quarantine
(said offline). It must fold: the same events in any order of arrival end in the same state. The kinds that tell how far
an operation is are not here: `mes.services.runs` locks before it looks whether they were done.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from mes.services.events import FloorEvent

Handler = Callable[[FloorEvent, dt.datetime], None]
HANDLERS: dict[str, Handler] = {}
UNDOERS: dict[str, Handler] = {}
"""What takes an event of the kind back; a kind without one is only noted, and nothing but the log is corrected."""
AFTER_RUN: list[Handler] = []
"""Called after each event of a run (start, pause, report ...), with `kind` set."""
