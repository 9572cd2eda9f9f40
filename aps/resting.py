"""How long a plant rests: time that does not count when plans are to be calm for so many hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from aps.engine.problem import Weights
from aps.snapshot import Inputs
from masterdata.worktime import Interval

DAY = dt.timedelta(days=1)


def closed_for(inputs: Inputs, windows: Mapping[int, Sequence[Interval]]) -> int:
    """Minutes by which calm lasts longer, because nobody works: until somebody does again, and rests of a day or more.

    So what is calm for a day on Thursday is calm for Monday on Saturday, and in the night for the day to come.
    """
    hours = inputs.weights.stable_for_h if inputs.weights is not None else Weights().stable_for_min // 60
    now = inputs.now
    end, closed, at = now + dt.timedelta(hours=hours), dt.timedelta(), now
    for start, until in sorted(window for row in windows.values() for window in row if window[1] > now):
        if at >= end:
            break
        if start - at >= DAY or at == now < start:
            closed, end = closed + (start - at), end + (start - at)
        at = max(at, until)
    return closed // dt.timedelta(minutes=1)
