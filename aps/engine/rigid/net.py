"""A rigid shop as a graph of positions and numbers, and the selection that a search works on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from aps.engine.arrays import Shop, shop_of
from aps.engine.compiled import Ints
from aps.engine.problem import Placement, Plan, Problem

TABLE = 1 << 16
"""Slots of the table of forbidden arrangements."""


class Net(NamedTuple):
    """The shop: earliest start and time after the end per operation, options, arcs both ways, places per machine, and
    the operations so that none precedes what it waits for.
    """

    release: Ints
    after: Ints
    first_option: Ints
    option_machine: Ints
    option_run: Ints
    first_before: Ints
    before: Ints
    before_lag: Ints
    first_behind: Ints
    behind: Ints
    behind_lag: Ints
    first_lane: Ints
    topological: Ints


class Selection(NamedTuple):
    """One plan: options chosen and the sequence on each machine, with what follows from them.

    `lane` holds the operations machine by machine from `first_lane`, -1 around them; `at` is their place there.
    `head` is its start, `ready` when its predecessors let it start, `tail` the longest way from its end to the end of
    all, `rest` the same through its followers only. `topo` lists all operations, none before what it waits for, `place`
    is its inverse. `dirty`, `held`, `path`, `fore` and `back` are scratch.
    """

    option: Ints
    machine: Ints
    run: Ints
    lane: Ints
    used: Ints
    at: Ints
    head: Ints
    ready: Ints
    tail: Ints
    rest: Ints
    topo: Ints
    place: Ints
    dirty: Ints
    held: Ints
    path: Ints
    fore: Ints
    back: Ints


@dataclass(frozen=True)
class Rigid:
    """A rigid problem, its arrays and its graph."""

    shop: Shop
    net: Net


def rigid_of(problem: Problem) -> Rigid:
    """Build the graph; the problem has to be rigid."""
    shop = shop_of(problem)
    a = shop.a
    count = len(a.state)
    owner = np.repeat(np.arange(count), np.diff(a.first_before)).astype(np.int64)
    by_source = np.argsort(a.before, kind="stable")
    width = np.bincount(a.option_machine, minlength=len(a.windows)) + 2
    net = Net(
        release=np.maximum(a.release, a.now),
        after=a.transport[a.order].astype(np.int64),
        first_option=a.first_option,
        option_machine=a.option_machine,
        option_run=a.option_run,
        first_before=a.first_before,
        before=a.before,
        before_lag=a.before_lag,
        first_behind=_offsets(np.bincount(a.before, minlength=count)),
        behind=owner[by_source],
        behind_lag=a.before_lag[by_source],
        first_lane=_offsets(width) + 1,
        topological=shop.topological,
    )
    return Rigid(shop, net)


def _offsets(counts: Ints) -> Ints:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]).astype(np.int64)


def selection_for(net: Net) -> Selection:
    """Room for one plan; nothing is chosen yet."""
    count = len(net.release)
    rows = {name: np.zeros(count, np.int64) for name in Selection._fields}
    rows["lane"] = np.full(net.first_lane[-1], -1, np.int64)
    rows["used"] = np.zeros(len(net.first_lane) - 1, np.int64)
    return Selection(**rows)


def plan_of(rigid: Rigid, option: Ints, head: Ints) -> Plan:
    """The plan with these options and starts."""
    net, problem = rigid.net, rigid.shop.problem
    names = [machine.id for machine in problem.machines]
    machine, run = net.option_machine[option].tolist(), net.option_run[option].tolist()
    return Plan(
        {
            operation.id: Placement(names[machine[at]], start, start + run[at])
            for at, (operation, start) in enumerate(zip(problem.operations, head.tolist(), strict=True))
        }
    )
