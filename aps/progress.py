"""When started work will end, as far as its machine's calendar says."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

from masterdata.worktime import end_of_work, expanded, patterns

LOOK_AHEAD = dt.timedelta(days=60)


def expected_end(calendar_id: int, left_min: Decimal, now: dt.datetime) -> dt.datetime | None:
    """`now` plus the minutes that are left, in the calendar's working time; None when it has too little."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    working = expanded(patterns([calendar_id])[calendar_id], today, today + LOOK_AHEAD)
    return end_of_work(working, now, math.ceil(left_min))
