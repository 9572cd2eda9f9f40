"""What a plan's chains say about its times, worked out from nothing in the slowest and plainest way.

Shares no code with the search: windows are lists, every operation is timed again and again until nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aps.engine.arrays import PINNED, Arrays, Times
from aps.engine.net import Net

Windows = Sequence[tuple[int, int]]


@dataclass
class Row:
    """Start, end and setup minutes of an operation."""

    start: int
    end: int
    setup: int


def windows_of(a: Arrays, row: int) -> Windows:
    """A calendar as a list."""
    count = int(a.windows[row])
    return list(zip(a.starts[row, :count].tolist(), a.ends[row, :count].tolist(), strict=True))


def through(windows: Windows, t: int, minutes: int) -> int:
    """When so many minutes of work begun at `t` are done; no minutes: the next open minute."""
    for start, end in windows:
        at = max(start, t)
        if at < end:
            if minutes <= end - at:
                return at + minutes
            minutes -= end - at
    raise AssertionError("the calendar is too short")


def placed(windows: Windows, t: int, minutes: int, whole: bool) -> tuple[int, int]:
    """The first place at `t` or later, in one window when it must stay whole."""
    t = through(windows, t, 0)
    if not whole:
        return t, through(windows, t, minutes)
    found = next(max(start, t) for start, end in windows if end - max(start, t) >= minutes)
    return found, found + minutes


class Slowly:
    """The chains of a net: predecessors, machines, people, floors and batches."""

    def __init__(self, a: Arrays, times: Times, net: Net) -> None:
        """Read machines and people off the net as plain lists."""
        self.a, self.times, self.net = a, times, net
        self.rows = [Row(0, 0, 0) for _ in a.state]
        self.people: list[list[tuple[int, bool]]] = []
        for unit in range(a.units):
            ring, node = [], int(net.crew.behind[net.crew.home + unit])
            while node < net.crew.home:
                one, slot = divmod(node, net.crew.width)
                ring.append((one, bool(a.held_setup[a.first_held[times.option[one]] + slot])))
                assert int(a.held[a.first_held[times.option[one]] + slot]) == unit
                node = int(net.crew.behind[node])
            self.people.append(ring)
        self.on: list[list[int]] = [[] for _ in a.state]
        for unit, ring in enumerate(self.people):
            for one, _ in ring:
                if unit not in self.on[one]:
                    self.on[one].append(unit)

    def all(self) -> list[Row]:
        """Times of every operation, as early as possible."""
        for at, state in enumerate(self.a.state.tolist()):
            if state > PINNED:
                self.rows[at] = Row(int(self.times.start[at]), int(self.times.end[at]), int(self.times.setup[at]))
        leaders = [at for at, state in enumerate(self.a.state.tolist()) if state <= PINNED and self.net.lead[at] == at]
        while sum(self.time(at) for at in leaders):
            pass
        return self.rows

    def batch(self, at: int) -> list[int]:
        found = [at]
        while self.net.mate[found[-1]] >= 0:
            found.append(int(self.net.mate[found[-1]]))
        return found

    def time(self, at: int) -> bool:
        """Time one batch, mostly of one; True when anything has changed."""
        a, option = self.a, int(self.times.option[at])
        machine = int(a.option_machine[option])
        ready, least = int(max(a.now, self.net.begun_until[machine])), 0
        for one in self.batch(at):
            ready = max(ready, int(a.release[one]), int(self.net.floor[one]))
            for k in range(a.first_before[one], a.first_before[one + 1]):
                first, last = self.link(k, machine, option)
                ready, least = max(ready, first), max(least, last)
        ahead = int(self.net.ahead[at])
        free = max(ready if ahead < 0 else self.rows[ahead].end, a.now)
        if ahead < 0:
            free = int(max(a.now, self.net.begun_until[machine]))
        setup = self.setup(machine, ahead, at, option)
        run_from, setup_from = self.helped(at)
        ready = max(ready, run_from)
        if setup:
            free = through(windows_of(a, int(a.option_setting[option])), max(free, setup_from), setup)
        windows, run = windows_of(a, int(a.option_calendar[option])), int(a.option_run[option])
        whole = not all(a.splittable[one] for one in self.batch(at))
        start, end = placed(windows, max(free, ready), run, whole)
        while end < least:
            start, end = placed(windows, start + 1, run, whole)
        rows = [Row(start, end, setup if one == at else 0) for one in self.batch(at)]
        before = [self.rows[one] for one in self.batch(at)]
        for one, row in zip(self.batch(at), rows, strict=True):
            self.rows[one] = row
        return rows != before

    def link(self, k: int, machine: int, option: int) -> tuple[int, int]:
        """Earliest start and earliest end that the predecessor at row `k` allows."""
        a, before, lag = self.a, int(self.a.before[k]), int(self.a.before_lag[k])
        if self.times.machine[before] < 0:
            return 0, 0
        row = self.rows[before]
        way = int(a.travel[a.site[self.times.machine[before]], a.site[machine]]) if len(a.travel) else 0
        if a.before_first[k] < 0:
            return row.end + lag + way, 0
        of = int(self.times.option[before])
        calendar = windows_of(a, int(a.option_calendar[of] if of >= 0 else self.times.machine[before]))
        there = min(row.end, through(calendar, row.start, int(a.before_first[k]))) if row.end else 0
        last = row.end + lag + way
        if a.before_last[k] > 0:
            last = through(windows_of(a, int(a.option_calendar[option])), last, int(a.before_last[k]))
        return there + lag + way, last

    def setup(self, machine: int, ahead: int, at: int, option: int) -> int:
        a = self.a
        family = int(a.machine_family[machine] if ahead < 0 else a.family[ahead])
        if family == a.family[at] and family:
            return 0
        if len(a.change) and a.change[family, a.family[at]] >= 0:
            return int(a.change[family, a.family[at]])
        return int(a.option_setup[option])

    def helped(self, at: int) -> tuple[int, int]:
        """When people let the run and the setup of the operation begin; it starts before nobody ahead of it."""
        run, setup = 0, 0
        for unit in self.on[at]:
            free, begun = int(self.net.crew.until[unit]), 0
            for one, is_setup in self.people[unit]:
                row = self.rows[one]
                if one == at:
                    run = max(run, begun, 0 if is_setup else free)
                    setup = max(setup, free if is_setup else 0)
                else:
                    begun = max(begun, row.start)
                    free = self.freed(row, is_setup, free)
        return run, setup

    @staticmethod
    def freed(row: Row, is_setup: bool, free: int) -> int:
        """When the person is free behind this; a setter without a setup was not there."""
        if not is_setup:
            return row.end
        return row.start if row.setup else free
