"""Why an operation is where it is: the chain of waits behind its start, as data and in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from aps.engine.arrays import DONE, PINNED, STARTED, Shop, Times, shop_of
from aps.engine.calendar import add_work, place
from aps.engine.compiled import Ints
from aps.engine.lanes import Lanes, lanes_of, setup_before
from aps.engine.problem import Id, Plan, Problem


@dataclass(frozen=True, slots=True)
class Link:
    """One wait: what the operation stands behind, from when it could else have begun until when it waits.

    Kinds: material, machine, predecessor, shift, started, done, pinned, kept (its published time), now. `orders` are
    those ahead on the machine or the predecessor's. `sentence` holds `{until}` for the caller's way of writing a time.
    """

    kind: str
    operation: Id
    machine: Id
    since: int
    until: int
    orders: tuple[Id, ...]
    behind: Id | None
    sentence: str

    @property
    def wait_min(self) -> int:
        """How long it waits for this cause alone."""
        return self.until - self.since


def chain(problem: Problem, plan: Plan, operation: Id) -> list[Link]:
    """The waits behind the operation's start, latest first, back to material, now or what the shop has begun."""
    shop = shop_of(problem)
    times = shop.times(plan)
    return links(shop, times, lanes_of(shop.a, times), shop.operation_at[operation])


def binding(found: list[Link]) -> Link:
    """The link that explains most: the longest wait; predecessors are work, not a cause, while anything else waits."""
    real = [link for link in found if link.kind != "predecessor"]
    return max(real or found, key=lambda link: link.wait_min)


def links(shop: Shop, times: Times, lanes: Lanes, at: int, most: int = 40) -> list[Link]:
    """The chain in arrays: at each step the binding predecessor or the operation ahead on the machine."""
    found: list[Link] = []
    here = at
    while here >= 0 and len(found) < most:
        link, here = _link(shop, times, lanes, here)
        found.append(link)
    return found


def _link(shop: Shop, times: Times, lanes: Lanes, at: int) -> tuple[Link, int]:
    a = shop.a
    start = int(times.start[at])
    fixed = {STARTED: "started", DONE: "done", PINNED: "pinned"}.get(int(a.state[at]))
    if fixed is not None:
        return _say(shop, times, at, fixed, start, (), -1), -1
    ready, behind = _latest_before(shop, times, at)
    material = int(a.release[at])
    lane, position = _lane(times, lanes, at)
    last = int(lane[position - 1]) if position > 0 else -1
    free, could = _could(shop, times, at, last, max(ready, material))
    if could < start:
        return _say(shop, times, at, "kept", could, (), -1), -1
    if free > max(ready, material) and last >= 0:
        ahead = lane[:position][times.end[lane[:position]] > max(ready, material)].tolist() or [last]
        return _say(shop, times, at, "machine", max(ready, material), _orders(shop, ahead), last), last
    if material > ready and material - ready >= could - material:
        return _say(shop, times, at, "material", ready, (), -1), -1
    if material > ready:
        ready, behind = material, -1
    if behind >= 0 and could == ready:
        return _say(shop, times, at, "predecessor", ready, _orders(shop, [behind]), behind), behind
    return _say(shop, times, at, "shift" if could > ready else "now", ready, (), behind), behind


def _latest_before(shop: Shop, times: Times, at: int) -> tuple[int, int]:
    """When predecessors let it start, and which of them is last (-1: none later than now)."""
    a = shop.a
    ready, behind = a.now, -1
    for k in range(a.first_before[at], a.first_before[at + 1]):
        lagged = int(times.end[a.before[k]] + a.before_lag[k])
        if lagged > ready:
            ready, behind = lagged, int(a.before[k])
    return ready, behind


def _could(shop: Shop, times: Times, at: int, last: int, ready: int) -> tuple[int, int]:
    """When the machine is free and set up behind `last`, and when the operation could start there."""
    a = shop.a
    machine, option = int(times.machine[at]), int(times.option[at])
    calendar = (a.starts[machine], a.ends[machine], int(a.windows[machine]))
    setup = setup_before(a, machine, last, at, option)
    free = max(a.now, int(times.end[last])) if last >= 0 else a.now
    free = int(add_work(*calendar, free, setup)) if setup else free
    could, _ = place(*calendar, max(ready, free), int(a.option_run[option]), int(a.splittable[at]))
    return free, int(could)


def _lane(times: Times, lanes: Lanes, at: int) -> tuple[Ints, int]:
    machine = int(times.machine[at])
    lane = lanes.sequence[machine, : lanes.used[machine]]
    found = np.flatnonzero(lane == at)
    return lane, int(found[0]) if len(found) else 0


def _orders(shop: Shop, operations: list[int]) -> tuple[Id, ...]:
    return tuple(dict.fromkeys(shop.operations[at].order for at in operations))


def _say(shop: Shop, times: Times, at: int, kind: str, since: int, orders: tuple[Id, ...], behind: int) -> Link:
    machine = shop.problem.machines[int(times.machine[at])].id
    named = ", ".join(str(order) for order in orders[:3]) + (" and others" if len(orders) > 3 else "")
    words = {
        "material": "waits for material until {until}",
        "machine": f"waits for machine {machine} behind {named} until {{until}}",
        "predecessor": f"follows the operation before it ({named}) at {{until}}",
        "shift": f"waits for working time on {machine} until {{until}}",
        "started": f"has been running on {machine} since {{until}}",
        "done": "was done from {until}",
        "pinned": f"is pinned to {machine} at {{until}}",
        "kept": "keeps its published time {until}",
        "now": f"can start on {machine} at once, at {{until}}",
    }
    until = int(times.start[at])
    operation = shop.operations[at].id
    other = None if behind < 0 else shop.operations[behind].id
    return Link(kind, operation, machine, since, until, orders, other, words[kind])
