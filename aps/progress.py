"""When started work will end, as far as its machine's calendar says."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

from aps.models import PlannedOperation
from masterdata.worktime import end_of_work, expanded, patterns

LOOK_AHEAD = dt.timedelta(days=60)


def expected_end(planned: PlannedOperation, remaining_qty: Decimal, now: dt.datetime) -> dt.datetime:
    """`now` plus the run minutes of what remains, in the machine's working time; the planned end when it has none."""
    machine = planned.machine
    calendar_id = machine.calendar_id or machine.work_centre.calendar_id
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    working = expanded(patterns([calendar_id])[calendar_id], today, today + LOOK_AHEAD)
    minutes = math.ceil(remaining_qty * planned.operation.run_min_per_unit * 100 / machine.speed_percent)
    return end_of_work(working, now, minutes) or planned.ends_at
