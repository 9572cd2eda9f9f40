"""The minutes in which somebody or something works, counted with the judge's own arithmetic."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from aps.engine.problem import Machine, Resource


class Openings:
    """The minutes in which all of the given machines and resources work."""

    def __init__(self, all_of: Sequence[Machine | Resource]) -> None:
        """Sweep over the edges of all windows and holes."""
        self.at: list[int] = []
        self.before: list[int] = []
        self.open: list[bool] = []
        if len(all_of) > 1 or all_of[0].holes or not self._followed(all_of[0].windows):
            self._swept(all_of)

    def _followed(self, windows: Sequence[tuple[int, int]]) -> bool:
        """Take windows one behind the other as they are; False, and nothing taken, when they are not."""
        worked, last = 0, -math.inf
        for start, end in windows:
            if not last < start < end:
                self.at, self.before, self.open = [], [], []
                return False
            self.at += (start, end)
            self.before += (worked, worked + end - start)
            self.open += (True, False)
            worked, last = worked + end - start, end
        return True

    def _swept(self, all_of: Sequence[Machine | Resource]) -> None:
        edges: list[tuple[int, int, int]] = []
        for which, one in enumerate(all_of):
            edges += [(at, which, change) for start, end in one.windows for at, change in ((start, 1), (end, -1))]
            edges += [(at, which, change) for start, end in one.holes for at, change in ((start, -1000), (end, 1000))]
        levels = [0] * len(all_of)
        worked, last, is_open = 0, 0, False
        for at, which, change in sorted(edges):
            if is_open:
                worked += at - last
            levels[which] += change
            last, is_open = at, min(levels) > 0
            if self.at and self.at[-1] == at:
                self.open[-1] = is_open
            else:
                self.at.append(at)
                self.before.append(worked)
                self.open.append(is_open)

    def until(self, t: int) -> int:
        """Working minutes before `t`."""
        k = bisect_right(self.at, t) - 1
        if k < 0:
            return 0
        return self.before[k] + (t - self.at[k] if self.open[k] else 0)

    def worked(self, start: int, end: int) -> int:
        """Working minutes in [start, end)."""
        at = self.at
        k = bisect_right(at, start) - 1
        if k >= 0 and (k + 1 == len(at) or end <= at[k + 1]) and end >= start:
            return end - start if self.open[k] else 0
        return self.until(end) - self.until(start)
