"""One searcher: runs of tabu search from first plans, then from plans between two elites."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from aps.engine.compiled import Ints
from aps.engine.rigid import tabu
from aps.engine.rigid.elite import Elite, Pool, between, roll
from aps.engine.rigid.net import TABLE, Net, selection_for
from aps.engine.rigid.start import first_order, tails_of
from aps.engine.rigid.timing import build

ELITES = 8
"""Plans kept by one searcher."""
PATIENCE = 5_000
"""Moves without a better plan after which a run ends."""
THRIFT = 4
"""Ways to build a first plan: how much a minute of work saved on a faster machine counts."""
MANY = 5000
"""Operations beyond which the first plan is built in one way only."""
BREATH = 200_000
"""Moves times operations between two looks at whether to stop: some 10 to 30 ms."""


class Island:
    """A searcher with its own dice and elites; the same for the same seed, however often it rests."""

    def __init__(self, net: Net, seed: int, lowest: int) -> None:
        """Make the first plan; `lowest` is a makespan that nothing can beat."""
        self.net, self.count = net, len(net.release)
        self.dice = np.full(1, seed * 7919 % 2147483646 + 1, np.int64)
        self.s, self.spare = selection_for(self.net), selection_for(self.net)
        self.marks, self.choice = np.zeros(tabu.MARKS, np.int64), np.zeros(tabu.CHOICES, np.int64)
        self.table = np.zeros(TABLE, np.int64)
        self.forbidden = np.zeros(len(self.net.option_run), np.int64)
        self.pool = Pool(self.net, ELITES)
        self.tail = tails_of(net)
        self.starts = 0
        self.marks[tabu.LOWEST] = lowest
        self.marks[tabu.EARLIEST], self.marks[tabu.SHORTEST] = self.net.release.min(), self.net.after.min()
        self.marks[tabu.TENURE], self.marks[tabu.HOLD] = tenures(net)
        self._next(seed)

    @property
    def best(self) -> Elite:
        """The best plan so far."""
        running = self._running()
        if not self.pool.members or running.makespan < self.pool.best.makespan:
            return running
        return self.pool.best

    @property
    def least(self) -> int:
        """The makespan of the best plan so far."""
        return min([int(self.marks[tabu.LEAST]), *(one.makespan for one in self.pool.members)])

    def elites(self) -> list[Elite]:
        """What others may learn from this searcher: its pool and the best of the present run."""
        return [*self.pool.members, self._running()]

    def is_done(self) -> bool:
        """Whether the best plan meets the bound."""
        return self.least <= int(self.marks[tabu.LOWEST])

    def advance(self, moves: int, stop: Callable[[], bool]) -> int:
        """Make so many moves, fewer when stopped or done; how many were made."""
        breath, done = max(10, min(2000, BREATH // max(1, self.count))), 0
        while done < moves and not stop() and not self.is_done():
            step = min(breath, moves - done)
            made = tabu.explore(
                self.net,
                self.s,
                self.run,
                self.choice,
                self.dice,
                self.marks,
                self.table,
                self.forbidden,
                step,
                PATIENCE,
            )
            done += made
            if made < step:
                done += 1
                self._end()
        return done

    def _running(self) -> Elite:
        return Elite(int(self.marks[tabu.LEAST]), self.run[0].copy(), self.run[1].copy())

    def _end(self) -> None:
        """Keep what the run found and begin the next one."""
        self.pool.add(self._running())
        if not self.is_done():
            self._next(0)

    def _next(self, seed: int) -> None:
        """Another first plan until the pool is full, then a plan between two of its elites."""
        if self.starts < ELITES or len(self.pool.members) < 2:
            self.run = self._start(seed)
            self.starts += 1
        else:
            count = len(self.pool.members)
            one = roll(self.dice, count)
            other = (one + 1 + roll(self.dice, count - 1)) % count
            members = self.pool.members
            self.run = between(self.net, self.spare, members[one], members[other], self.dice)
        tabu.begin(self.net, self.s, self.run, self.marks)

    def _start(self, seed: int) -> tuple[Ints, Ints]:
        """A first plan: at the very first the best without noise (odd seeds) or with little of it (even seeds)."""
        if self.starts > 0:
            return first_order(self.net, self.tail, 5 + 5 * (self.starts % 8), roll(self.dice, THRIFT), self.dice)
        noise = 0 if seed % 2 == 1 else 5
        ways = range(THRIFT) if self.count <= MANY else (THRIFT - 2,)
        plans = [first_order(self.net, self.tail, noise, thrift, self.dice) for thrift in ways]
        return min(plans, key=lambda plan: int(build(self.net, self.spare, *plan)))


def tenures(net: Net) -> tuple[int, int]:
    """For how many moves an arc may not be turned back, and an operation not go back to a machine."""
    machines = max(1, len(net.first_lane) - 1)
    lane = len(net.release) // machines
    return 5 + lane // (2 * machines), 3 + lane // 5
