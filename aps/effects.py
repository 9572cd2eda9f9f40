"""What a planner's changes do: who becomes late or on time, setup, cost, how much moves, and the places that differ."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from aps.drafted import Drafted
from aps.drafting import PARTS, Ground
from aps.engine.arrays import PINNED, Times
from aps.engine.compiled import NEVER, Ints
from aps.engine.objective import ends_of
from masterdata import lateness, numbers

GRACE_MIN = lateness.GRACE // dt.timedelta(minutes=1)
TIGHT_MIN = 120
"""An order with less slack than this is at risk."""
SOON_MIN = 24 * 60


class Columns(TypedDict):
    """Places of operations: bars from `start` on for `length` minutes, whose first `setup` minutes are setup."""

    id: list[int]
    machine: list[int]
    start: list[int]
    setup: list[int]
    length: list[int]


@dataclass(frozen=True)
class Turned:
    """An order line that ends later or earlier than before; minutes after its date, 0 in time. It counts `weight` times
    as much as an ordinary one."""

    order: str
    line_no: int
    line: int
    was: int
    now: int
    weight: int = 1


@dataclass(frozen=True)
class Shifted:
    """An order line that reaches the customer at another minute than before."""

    line: int
    was: int
    now: int


@dataclass(frozen=True)
class Figures:
    """What a plan is worth: lines late and at risk, setup minutes, cost of machine time (setup and run)."""

    late: int
    tight: int
    setup_min: int
    cost: Decimal


@dataclass(frozen=True)
class Change:
    """What one plan does against another. `moved` operations start elsewhere or elsewhen, `machines` of them on another
    machine, `soon` of them within 24 hours. `cost` of machine time (setup and run) and `late_cost` of lateness, in the
    company's currency; the latter is None where the plant has not said what an hour late costs.
    """

    late: tuple[Turned, ...]
    better: tuple[Turned, ...]
    setup_min: int
    cost: Decimal
    moved: int
    machines: int
    soon: int
    late_cost: Decimal | None = None


class Scale:
    """Plans of one live plan weighed against each other."""

    def __init__(self, ground: Ground) -> None:
        """Nothing is read before it is asked for."""
        self.ground = ground
        self._after = int(ground.snapshot.problem.weights.moved_after_min)

    def figures(self, drafted: Drafted) -> Figures:
        """The whole plan."""
        a, ends = drafted.shop.a, ends_of(drafted.shop, drafted.times)
        has = (a.due < NEVER) & (ends >= 0)
        late = has & (ends - a.due >= GRACE_MIN)
        tight = has & ~late & (a.due - ends < TIGHT_MIN)
        return Figures(
            int(late.sum()), int(tight.sum()), int(drafted.times.setup.sum()), self._money(self._all_spent(drafted))
        )

    def change(self, before: Drafted, after: Drafted) -> Change:
        """What `after` does against `before`; work that only one of them knows is not compared."""
        late, better = self._turned(before, after)
        old, new = before.times, after.times
        other, moved = self._moved(before, after)
        begun, begins = bars(old)[: len(moved)], bars(new)[: len(moved)]
        until = self.ground.snapshot.problem.now_min + SOON_MIN
        soon = moved & (np.minimum(begun, begins) < until)
        return Change(
            late,
            better,
            int(new.setup.sum() - old.setup.sum()),
            self._money(self._all_spent(after) - self._all_spent(before)),
            int(moved.sum()),
            int(other.sum()),
            int(soon.sum()),
        )

    def _moved(self, before: Drafted, after: Drafted) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Which operations that both know change their machine, and which of them do or begin at another time."""
        old, new = before.times, after.times
        count = min(len(old.start), len(new.start))
        free = (before.shop.a.state[:count] <= PINNED) & (after.shop.a.state[:count] <= PINNED)
        other = free & (old.machine[:count] != new.machine[:count])
        return other, other | (free & (np.abs(bars(old)[:count] - bars(new)[:count]) > self._after))

    def late_cost(self, change: Change) -> Decimal | None:
        """What it costs that lines are later, less what it saves that others are earlier; an order of weight 3 counts
        three times."""
        weights = self.ground.snapshot.inputs.weights
        if weights is None or not weights.late_hour_cost:
            return None
        minutes = sum(one.weight * (one.now - one.was) for one in (*change.late, *change.better))
        return numbers.money(weights.late_hour_cost * minutes / 60, self.ground.currency.decimals)

    def moved(self, drafted: Drafted) -> Columns:
        """Places of work that has not begun and stands elsewhere than published, or is new."""
        return self.columns(drafted, self.ground.published)

    def columns(self, drafted: Drafted, against: Times) -> Columns:
        """Places of work that has not begun and stands elsewhere than in `against`."""
        return _columns(self.ground, drafted, _elsewhere(against, drafted))

    def lines(self, before: Drafted, after: Drafted) -> list[Shifted]:
        """Lines that reach the customer GRACE_MIN or more earlier or later; what becomes latest first."""
        count = len(before.shop.a.due)
        old, new = ends_of(before.shop, before.times), ends_of(after.shop, after.times)[:count]
        due = before.shop.a.due
        chosen = np.flatnonzero((due < NEVER) & (old >= 0) & (np.abs(old - new) >= GRACE_MIN))
        ranked = sorted(chosen.tolist(), key=lambda at: (-max(0, int(new[at] - due[at])), -abs(int(new[at] - old[at]))))
        found = []
        for at in ranked:
            one = self.ground.live.lines.get(str(before.shop.problem.orders[at].id))
            if one is not None and one.line_id is not None:
                found.append(Shifted(one.line_id, int(old[at]), int(new[at])))
        return found

    def floor(self, before: Drafted, after: Drafted) -> dict[int, int]:
        """Machine id -> operations that it gets, or does at another time, by the rule of `moved`; the most first."""
        _, moved = self._moved(before, after)
        chosen = _elsewhere(before.times, after)
        chosen[: len(moved)] &= moved
        counts = Counter(_columns(self.ground, after, chosen)["machine"])
        return dict(counts.most_common())

    def cost_of(self, drafted: Drafted, rows: Ints) -> Decimal:
        """Machine time of some operations."""
        a = drafted.shop.a
        free = np.flatnonzero((a.state <= PINNED) & (drafted.times.option >= 0))
        return self._money(self._spent(drafted, np.intersect1d(free, rows)))

    def late_min(self, drafted: Drafted, order: int) -> int:
        """Of one order (position), 0 in time."""
        ends = ends_of(drafted.shop, drafted.times)
        return int(_late_min(ends, drafted.shop.a.due)[order])

    def _all_spent(self, drafted: Drafted) -> int:
        """The same of all work that has not begun; a draft is asked for it with each trial on top of it."""
        if "spent" not in drafted.figures:
            free = (drafted.shop.a.state <= PINNED) & (drafted.times.option >= 0)
            drafted.figures["spent"] = self._spent(drafted, np.flatnonzero(free))
        return drafted.figures["spent"]

    def _spent(self, drafted: Drafted, rows: Ints) -> int:
        """Machine minutes times their rate, of these operations."""
        a, times = drafted.shop.a, drafted.times
        minutes = times.setup[rows] + a.option_run[times.option[rows]]
        return int((minutes * self.ground.rates[times.machine[rows]]).sum())

    def _money(self, spent: int) -> Decimal:
        return numbers.money(Decimal(spent) / (60 * PARTS), self.ground.currency.decimals)

    def _turned(self, before: Drafted, after: Drafted) -> tuple[tuple[Turned, ...], tuple[Turned, ...]]:
        """Lines that are late and later than before, and lines that were late and are less so; the worst first."""
        old, new = ends_of(before.shop, before.times), ends_of(after.shop, after.times)[: len(before.shop.a.due)]
        due = before.shop.a.due
        was, now = _late_min(old, due), _late_min(new, due)
        found = [self._line(before, at, int(was[at]), int(now[at])) for at in np.flatnonzero(was != now).tolist()]
        known = [one for one in found if one is not None]
        late = sorted((one for one in known if one.now > one.was), key=lambda one: (one.was > 0, -one.now, one.order))
        better = sorted((one for one in known if one.now < one.was), key=lambda one: (one.now > 0, -one.was, one.order))
        return tuple(late), tuple(better)

    def _line(self, drafted: Drafted, at: int, was: int, now: int) -> Turned | None:
        order = drafted.shop.problem.orders[at]
        one = self.ground.live.lines.get(str(order.id))
        if one is None:
            return None
        return Turned(one.order_no or "", one.line_no or 0, one.line_id or 0, was, now, order.weight)


def bars(times: Times) -> Ints:
    """When each bar begins: its setup, else its run."""
    found: Ints = np.where(times.setup > 0, times.begin, times.start)
    return found


def _late_min(ends: Ints, due: Ints) -> Ints:
    minutes = np.where((due < NEVER) & (ends >= 0), ends - due, 0)
    found: Ints = np.where(minutes >= GRACE_MIN, minutes, 0)
    return found


def _elsewhere(old: Times, drafted: Drafted) -> npt.NDArray[np.bool_]:
    new, count = drafted.times, len(old.start)
    found = np.ones(len(new.start), bool)
    same = (old.machine == new.machine[:count]) & (old.end == new.end[:count]) & (old.start == new.start[:count])
    found[:count] = ~(same & (bars(old) == bars(new)[:count]))
    free: npt.NDArray[np.bool_] = found & (drafted.shop.a.state <= PINNED) & (new.machine >= 0)
    return free


def _columns(ground: Ground, drafted: Drafted, chosen: npt.NDArray[np.bool_]) -> Columns:
    times, rows = drafted.times, np.flatnonzero(chosen)
    begin = bars(times)[rows]
    known = ground.operation_ids
    born = [int(str(drafted.shop.operations[at].id)) for at in rows[rows >= len(known)].tolist()]
    return {
        "id": [*known[rows[rows < len(known)]].tolist(), *born],
        "machine": ground.machine_ids[times.machine[rows]].tolist(),
        "start": begin.tolist(),
        "setup": (times.start[rows] - begin).tolist(),
        "length": (times.end[rows] - begin).tolist(),
    }


def plain_lines(lines: Sequence[Turned]) -> list[Mapping[str, object]]:
    """As JSON has them."""
    return [
        {"order": one.order, "line_no": one.line_no, "line": one.line, "was": one.was, "now": one.now} for one in lines
    ]
