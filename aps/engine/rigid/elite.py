"""Good plans that differ, and new ones between two of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from aps.engine.compiled import Ints
from aps.engine.rigid.net import Net, Selection
from aps.engine.rigid.timing import build

ALIKE = 20
"""Two plans are alike when fewer than one operation in so many has another predecessor on its machine."""


def roll(dice: Ints, sides: int) -> int:
    """As search.throw, which only compiled functions can call."""
    dice[0] = int(dice[0]) * 48271 % 2147483647
    return int(dice[0]) % sides


class Elite(NamedTuple):
    """A plan: its makespan, an order in which nothing precedes what it waits for, and the options."""

    makespan: int
    order: Ints
    option: Ints


def ahead_of(net: Net, elite: Elite) -> Ints:
    """For each option the operation ahead on that machine, -1 for the first; -2 for options not chosen."""
    chosen = elite.option[elite.order]
    machine = net.option_machine[chosen]
    lane = np.argsort(machine, kind="stable")
    ahead = np.full(len(net.option_run), -2, np.int64)
    before = np.concatenate([np.full(1, -1, np.int64), elite.order[lane][:-1]])
    before[np.concatenate([np.ones(1, bool), np.diff(machine[lane]) > 0])] = -1
    ahead[chosen[lane]] = before
    return ahead


def distance(net: Net, one: Elite, other: Elite) -> int:
    """How many operations have another machine or another predecessor on it."""
    mine = ahead_of(net, one)
    return int(((mine != ahead_of(net, other)) & (mine != -2)).sum())


@dataclass
class Pool:
    """The best plans found, no two of them alike."""

    net: Net
    size: int
    members: list[Elite] = field(default_factory=list)

    def add(self, elite: Elite) -> bool:
        """Take the plan in when it is better than one like it, or than the worst; says whether it did."""
        near = max(1, len(elite.order) // ALIKE)
        alike = [one for one in self.members if distance(self.net, one, elite) < near]
        if any(one.makespan <= elite.makespan for one in alike):
            return False
        if alike:
            self.members = [one for one in self.members if not any(one is like for like in alike)]
        elif len(self.members) >= self.size:
            worst = max(range(len(self.members)), key=lambda at: (self.members[at].makespan, at))
            if self.members[worst].makespan <= elite.makespan:
                return False
            del self.members[worst]
        self.members.append(elite)
        return True

    def merge(self, elites: Iterable[Elite]) -> None:
        """Take in what others have found."""
        for elite in elites:
            self.add(elite)

    @property
    def best(self) -> Elite:
        """The best, the oldest of equals."""
        return min(self.members, key=lambda one: one.makespan)


def between(net: Net, s: Selection, one: Elite, other: Elite, dice: Ints) -> tuple[Ints, Ints]:
    """A plan somewhere between two, after the idea of path relinking (Glover, 1997; Peng, Lü and Cheng, 2015).

    The weighted mean of two plans' starts is an order in which nothing precedes what it waits for, and what both agree
    on stays. Where the machines differ the dice decide with the same weight.
    """
    share = 30 + roll(dice, 41)
    build(net, s, one.order, one.option)
    key = s.head * share
    build(net, s, other.order, other.option)
    key += s.head * (100 - share)
    option = one.option.copy()
    for at in np.flatnonzero(one.option != other.option).tolist():
        if roll(dice, 100) >= share:
            option[at] = other.option[at]
    return np.argsort(key, kind="stable").astype(np.int64), option
