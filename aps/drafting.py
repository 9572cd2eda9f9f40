"""A planner's changes made to a live plan in memory: each on top of those before, so that one more costs one decoding.

What was computed is kept per plant for as long as its live plan is the same; a drag asks the same draft again and
again with another trial, and what is dropped was the last trial (`aps.grounds`).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from aps import splitting
from aps.drafted import Drafted
from aps.edits import TRIAL, Edit, Move, Pin, Place, Refused, Replant, Split
from aps.engine import moving
from aps.engine.arrays import FREE, PINNED, STARTED, Times
from aps.engine.compiled import Ints
from aps.engine.decode import option_on
from aps.problem import Snapshot
from aps.warm import Live
from erp import selectors as erp_now
from masterdata.models import Currency

PARTS = 10_000
"""Parts of a unit of money in which machine hours are counted, so that sums are exact."""
KEEPS = 32
"""Drafts that are kept per plant: a megabyte each at 20,000 operations."""
PREPARES = 4
"""Of them so many, asked for last, are made ready for the next live plan."""
LATELY_S = 120.0
"""Who asked so long ago does not drag any more."""


class Ground:
    """A live plan with what drafts need of it, by position as in its arrays."""

    def __init__(self, live: Live) -> None:
        """Nothing is computed before it is asked for."""
        self.live = live
        self.base = Drafted(live.arrays.shop, live.arrays.times)
        self._kept: OrderedDict[tuple[Edit, ...], Drafted] = OrderedDict()
        self._tried: tuple[tuple[Edit, ...], Drafted] | None = None
        self._asked = 0.0
        self._lock = threading.Lock()
        self.cannot_go: Mapping[Replant, str] = {}

    @property
    def snapshot(self) -> Snapshot:
        """The inputs that the live plan was made of."""
        return self.live.snapshot

    @cached_property
    def machine_ids(self) -> Ints:
        """The id of the machine at each position."""
        by_code = {one.code: one.id for one in self.snapshot.inputs.machines.values()}
        return np.array([by_code[str(one.id)] for one in self.snapshot.problem.machines], np.int64)

    @cached_property
    def machine_at(self) -> dict[int, int]:
        """The position of the machine with an id."""
        return {key: at for at, key in enumerate(self.machine_ids.tolist())}

    @cached_property
    def operation_ids(self) -> Ints:
        """The id of the operation at each position."""
        return np.array([one.id for one in self.snapshot.problem.operations], np.int64)

    @cached_property
    def published(self) -> Times:
        """The plan as its rows have it, not shifted to now."""
        return self.base.shop.times(self.snapshot.published)

    @cached_property
    def currency(self) -> Currency:
        """The company's."""
        return self.snapshot.inputs.plant.company.currency

    @cached_property
    def rates(self) -> Ints:
        """What an hour costs at each machine, in PARTS of the currency's unit; one query."""
        ids = self.machine_ids.tolist()
        hours = erp_now.hour_costs(machine_ids=ids, at=self.snapshot.inputs.now)
        return np.array([int(hours[key].full * PARTS) if key in hours else 0 for key in ids], np.int64)

    @property
    def frozen_until(self) -> int:
        """What begins earlier stays; the present when nothing is frozen."""
        return self.snapshot.problem.now_min + self.snapshot.problem.frozen_min

    def drafted(self, edits: Sequence[Edit]) -> Drafted:
        """The plan with these edits; what is not possible is named and left out."""
        key = tuple(edits)
        known, done = self._known(key)
        for at in range(done, len(key)):
            known = self.with_edit(known, key[at], at, at)
            if at >= len(key) - 2:  # the last one is what will be undone or done otherwise
                self._keep(key[: at + 1], known)
        return known

    def tried(self, edits: Sequence[Edit], trial: Edit) -> Drafted:
        """The plan with these edits and what is being tried besides."""
        before = self.drafted(edits)
        found = self.with_edit(before, trial, TRIAL, len(edits))
        if found.refused == before.refused and not isinstance(trial, Replant):
            self._tried = (*edits, trial), found
        return found

    def lately(self) -> list[tuple[Edit, ...]]:
        """Drafts that somebody still works on, the last one last."""
        with self._lock:
            return list(self._kept)[-PREPARES:] if time.monotonic() - self._asked < LATELY_S else []

    def _known(self, edits: tuple[Edit, ...]) -> tuple[Drafted, int]:
        """What was computed of as many of these edits as possible, and how many those are."""
        tried = self._tried
        if tried is not None and tried[0] == edits:
            self._keep(*tried)
        with self._lock:
            self._asked = time.monotonic()
            for done in range(len(edits), 0, -1):
                known = self._kept.get(edits[:done])
                if known is not None:
                    self._kept.move_to_end(edits[:done])
                    return known, done
        return self.base, 0

    def hear(self, asked: Collection[Replant], cannot_go: Mapping[Replant, str]) -> None:
        """Which of these lines cannot go, as the other plants say now; drafts that knew it otherwise are forgotten."""
        told = {one: self.cannot_go.get(one) != cannot_go.get(one) for one in asked}
        if any(told.values()):
            stays = {one: text for one, text in self.cannot_go.items() if one not in told}
            with self._lock:
                self.cannot_go = {**stays, **cannot_go}
                for edits in [one for one in self._kept if any(isinstance(step, Replant) for step in one)]:
                    del self._kept[edits]
                self._tried = None

    def _keep(self, edits: tuple[Edit, ...], known: Drafted) -> None:
        with self._lock:
            self._kept[edits] = known
            while len(self._kept) > KEEPS:
                self._kept.popitem(last=False)

    def with_edit(self, known: Drafted, edit: Edit, at: int | str, index: int) -> Drafted:
        """One edit more, named `at` if it is refused; some milliseconds at 20,000 operations."""
        if isinstance(edit, Move):
            return self._moved(known, edit, at)
        if isinstance(edit, Pin):
            return self._pinned(known, edit, at)
        return self._split(known, edit, at, index) if isinstance(edit, Split) else self._replanted(known, edit, at)

    def _moved(self, known: Drafted, edit: Move, at: int | str) -> Drafted:
        moves, refused, pins = [], [], dict(known.pins)
        for place in edit.places:
            code = self._cannot(known, place)
            if code:
                refused.append(Refused(at, code, place.operation))
                continue
            position = known.shop.operation_at[place.operation]
            begin = max(place.at, self.frozen_until)
            moves.append(moving.Move(position, self.machine_at[place.machine], begin, edit.pin))
            pins[place.operation] = edit.pin
        if moves:
            free = [one.operation for one in moves if known.shop.a.state[one.operation] == PINNED]
            shop = moving.without_pins(known.shop, free) if free else known.shop
            shop, times = moving.moved(shop, known.times, moves)
            if moving.fits(times):
                return replace(known, shop=shop, times=times, pins=pins, refused=(*known.refused, *refused))
            refused = [Refused(at, "room", one.operation) for one in edit.places]
        return replace(known, refused=(*known.refused, *refused))

    def _pinned(self, known: Drafted, edit: Pin, at: int | str) -> Drafted:
        refused, chosen, pins = [], [], dict(known.pins)
        for key in edit.operations:
            position = known.shop.operation_at.get(key)
            if position is None or known.shop.a.state[position] not in (FREE, PINNED):
                is_begun = position is not None and known.shop.a.state[position] == STARTED
                refused.append(Refused(at, "begun" if is_begun else "gone", key))
                continue
            chosen.append(position)
            pins[key] = edit.holds
        times = known.times
        if edit.holds:
            stand = [(one, int(times.machine[one]), int(times.start[one])) for one in chosen]
            shop = moving.with_pins(known.shop, stand)
        else:
            thawed = [one for one in chosen if not self._is_frozen(known, one)]
            shop = moving.without_pins(known.shop, thawed)
        return replace(known, shop=shop, times=times, pins=pins, refused=(*known.refused, *refused))

    def _split(self, known: Drafted, edit: Split, at: int | str, index: int) -> Drafted:
        """The pieces that go as work of their own."""
        code = splitting.cannot(self.snapshot, known, edit)
        code = code or self._cannot(known, Place(edit.operation, edit.machine, edit.at))
        if not code:
            both = splitting.parted(self.snapshot, known, edit, index)
            begin, machine = max(edit.at, self.frozen_until), self.machine_at[edit.machine]
            ways = splitting.moves(self.snapshot, both, edit, index, machine, begin)
            shop, times = moving.moved(both.shop, both.times, ways)
            if moving.fits(times):
                return replace(both, shop=shop, times=times)
        return replace(known, refused=(*known.refused, Refused(at, code or "room", edit.operation)))

    def _replanted(self, known: Drafted, edit: Replant, at: int | str) -> Drafted:
        """The line's work leaves this plan; what it is in the other plant is asked of that plant's (`cannot_go`)."""
        rows = self.rows_of_line(known, edit.line)
        states = known.shop.a.state[rows]
        code = "gone" if not len(rows) or bool((states > STARTED).any()) else ""
        code = "begun" if not code and bool((states == STARTED).any()) else code
        text = self.cannot_go.get(edit, "")
        if code or text:
            return replace(known, refused=(*known.refused, Refused(at, code or "elsewhere", None, text)))
        shop, times = moving.left(known.shop, known.times, rows.tolist())
        return replace(known, shop=shop, times=times, gone=(*known.gone, edit))

    def rows_of_line(self, known: Drafted, line_id: int) -> Ints:
        """Positions of the operations of an order line, split ones with them."""
        label = self._labels.get(line_id)
        found: Ints = np.flatnonzero(known.shop.a.order == self._order_at[label]) if label else np.zeros(0, np.int64)
        return found

    @cached_property
    def _labels(self) -> dict[int, str]:
        return {one.line_id: label for label, one in self.live.lines.items() if one.line_id is not None}

    @cached_property
    def _order_at(self) -> dict[str, int]:
        return {str(one.id): at for at, one in enumerate(self.base.shop.problem.orders)}

    def _cannot(self, known: Drafted, place: Place) -> str:
        """Why the operation cannot be moved there; empty when it can."""
        position, machine = known.shop.operation_at.get(place.operation), self.machine_at.get(place.machine)
        if position is None:
            return "gone"
        state = int(known.shop.a.state[position])
        if state == STARTED:
            return "begun"
        if self._is_frozen(known, position):
            return "frozen"
        if state == PINNED and not known.pins.get(place.operation):
            return "pinned"
        if machine is None or option_on(known.shop.a, position, machine) < 0:
            return "machine"
        return "" if state in (FREE, PINNED) else "gone"

    def _is_frozen(self, known: Drafted, position: int) -> bool:
        """Whether the plan in force lets it begin within the frozen window."""
        if self.snapshot.problem.frozen_min <= 0 or position >= len(self.base.times.start):
            return False
        return bool(self.base.times.machine[position] >= 0 and self.base.times.start[position] < self.frozen_until)

    def legal_machines(self, known: Drafted, operation: int) -> list[int]:
        """Ids of the machines that can do the operation; none when it may not be moved."""
        position = known.shop.operation_at.get(operation)
        if position is None:
            return []
        a = known.shop.a
        found = a.option_machine[a.first_option[position] : a.first_option[position + 1]].tolist()
        return sorted(int(self.machine_ids[one]) for one in found)
