"""Why an operation is where it is: the chain of waits behind its start, as data and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from aps.engine.arrays import DONE, PINNED, STARTED, Shop, Times, shop_of
from aps.engine.calendar import open_windows, place
from aps.engine.lanes import Lanes, lanes_of
from aps.engine.problem import Id, Plan, Problem
from aps.engine.waits import (
    at_work,
    busy_setter,
    busy_with,
    could_start,
    ends_behind,
    lane_of,
    latest_before,
    placed,
    placed_within,
    slowest_mate,
    torn_follower,
)


@dataclass(frozen=True, slots=True)
class Link:
    """One wait: what the operation stands behind, from when it could else have begun until when it waits.

    Kinds: material, machine, setup, predecessor, transport (between sites), overlap (ends no sooner than it may behind
    what it overlaps with), person (or tool, who is busy), absent, shift, down, batch (others in the oven), latest (what
    follows could not begin in time behind it), started, done, pinned, frozen, kept (its published time), now; behind an
    order's last operation shipping and delivery. `orders` are those ahead on the machine, at the person, in the batch,
    or the other operation's. `sentence` holds `{until}` for the caller's way of writing a time.
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
    """The link that explains most: the longest wait; work before it and the way behind it only where nothing waits."""
    real = [link for link in found if link.kind not in ("predecessor", "delivery")]
    return max(real or found, key=lambda link: link.wait_min)


def named(orders: Sequence[Id], own: Id) -> str:
    """The orders in words, three at the most; nothing waits behind itself, but behind other work of its order."""
    said = [str(one) for one in orders if one != own]
    if len(said) < len(orders):
        said.append("other work of the same order")
    return ", ".join(said[:3]) + (" and others" if len(said) > 3 else "")


def links(shop: Shop, times: Times, lanes: Lanes, at: int, most: int = 40) -> list[Link]:
    """The chain in arrays: at each step the binding predecessor or the operation ahead on the machine."""
    found: list[Link] = []
    seen: set[int] = set()
    here = at
    while here >= 0 and here not in seen and len(found) < most:
        seen.add(here)
        link, here = _link(shop, times, lanes, here)
        found.append(link)
    return found


def material_of(shop: Shop, times: Times, at: int, since: int) -> Link:
    """The wait for the operation's material alone, from `since` on."""
    return replace(_say(shop, times, at, "material", since, (), -1), until=int(shop.a.release[at]))


def _link(shop: Shop, times: Times, lanes: Lanes, at: int) -> tuple[Link, int]:
    a = shop.a
    start = int(times.start[at])
    fixed = {STARTED: "started", DONE: "done", PINNED: "pinned"}.get(int(a.state[at]))
    if fixed is not None:
        return _say(shop, times, at, fixed, start, (), -1), -1
    ready, behind, way = latest_before(shop, times, at)
    material = int(a.release[at])
    lane, position = lane_of(times, lanes, at)
    last = int(lane[position - 1]) if position > 0 else -1
    free, could = could_start(shop, times, at, last, max(ready, material))
    if could < start:
        return _held_back(shop, times, lanes, at, could)
    begin = max(ready, material)
    if free > begin and placed(a, times, at, begin)[0] < start:
        ahead = lane[:position][times.end[lane[:position]] > begin].tolist() or [last]
        kind, orders = ("setup", ()) if last < 0 else ("machine", _orders(shop, ahead))
        return _say(shop, times, at, kind, begin, orders, last), last
    if material > ready:
        if material - ready >= could - material:
            return _say(shop, times, at, "material", ready, (), -1), -1
        behind, way = -1, 0
    return _ready(shop, times, at, begin, behind, way), behind


def _ready(shop: Shop, times: Times, at: int, ready: int, behind: int, way: int) -> Link:
    """It begins when what it waits for is there and its machine works: `way` minutes behind `behind`, -1: now."""
    if times.start[at] > ready:
        return _closed(shop, times, at, ready, behind)
    if behind < 0:
        return _say(shop, times, at, "now", ready, (), -1)
    kind, since = ("transport", ready - way) if way > 0 else ("predecessor", ready)
    return _say(shop, times, at, kind, since, _orders(shop, [behind]), behind)


def _closed(shop: Shop, times: Times, at: int, ready: int, behind: int) -> Link:
    """The wait for hours: without its holes the machine would do it earlier, or without people, else a shift."""
    start, machine = int(times.start[at]), shop.problem.machines[int(times.machine[at])]
    people = [shop.problem.resources[unit] for unit in at_work(shop.a, times, at, runs=True)]
    whole = [open_windows(one) for one in people]
    if placed_within(shop, times, at, ready, [machine.windows, *whole]) < start:
        link = _say(shop, times, at, "down", ready, (), behind)
        if any(until == start for _, until in machine.holes):
            return link
        return replace(link, sentence=f"waits until {{until}} for {machine.id}, which is down in between")
    missing = [
        one.id
        for k, one in enumerate(people)
        if placed_within(shop, times, at, ready, [open_windows(machine), *whole[:k], *whole[k + 1 :]]) < start
    ]
    link = _say(shop, times, at, "absent" if missing else "shift", ready, (), behind)
    return replace(link, sentence=f"waits until {missing[0]} is there, {{until}}") if missing else link


def _held_back(shop: Shop, times: Times, lanes: Lanes, at: int, could: int) -> tuple[Link, int]:
    """Machine, material and predecessors would have let it start at `could`: people, others, or its published time."""
    person = _person(shop, times, lanes, at, could)
    if person is not None:
        return person
    for kind, other in (
        ("batch", slowest_mate(shop, times, lanes, at, could)),
        ("overlap", ends_behind(shop, times, at, could)),
        ("latest", torn_follower(shop, times, at, could)),
    ):
        if other >= 0:
            return _say(shop, times, at, kind, could, _orders(shop, [other]), other), other
    is_frozen = times.start[at] < shop.a.now + shop.problem.frozen_min
    return _say(shop, times, at, "frozen" if is_frozen else "kept", could, (), -1), -1


def _person(shop: Shop, times: Times, lanes: Lanes, at: int, could: int) -> tuple[Link, int] | None:
    """The wait for somebody who is busy elsewhere, when that is why it does not start at `could`."""
    a, option, start = shop.a, int(times.option[at]), int(times.start[at])
    row, since, unit, until = int(a.option_calendar[option]), could, -1, -1
    held, mine = at_work(a, times, at, runs=True), (start, int(times.begin[at]))
    while could < start:
        calendar = (a.starts[row], a.ends[row], int(a.windows[row]))
        could, end = place(*calendar, could, int(a.option_run[option]), int(a.splittable[at]))
        hits = [(busy_with(lanes, one, could, end, mine), one) for one in held]
        if could >= start or max(hits, default=(-1, -1))[0] < 0:
            break
        until, unit = max(hits)
        could = max(could + 1, until)
    if could == start and unit >= 0:
        return _busy(shop, times, at, since, until, unit)
    unit, until = busy_setter(shop.a, times, lanes, at, since)
    return _busy(shop, times, at, since, until, unit, sets=True) if unit >= 0 else None


def _busy(shop: Shop, times: Times, at: int, since: int, until: int, unit: int, sets: bool = False) -> tuple[Link, int]:
    """The wait for somebody who is at something else until then, and what that is."""
    runs = [k for k in np.flatnonzero(times.end == until).tolist() if unit in at_work(shop.a, times, k, runs=True)]
    set_up = np.flatnonzero((times.start == until) & (times.setup > 0)).tolist()
    ahead = next((k for k in [*runs, *set_up] if k != at and unit in at_work(shop.a, times, k)), -1)
    link = _say(shop, times, at, "person", since, _orders(shop, [ahead] if ahead >= 0 else []), ahead)
    who = shop.problem.resources[unit].id
    work = named(link.orders, shop.operations[at].order)
    busy = f", busy with {work}," if work else ""
    if sets:
        busy = f" to set {link.machine} up" + (f", and {who} is busy with {work}," if work else "")
    return replace(link, sentence=f"waits for {who}{busy} until {{until}}"), ahead


def _orders(shop: Shop, operations: list[int]) -> tuple[Id, ...]:
    return tuple(shop.problem.orders[order].id for order in dict.fromkeys(shop.a.order[operations].tolist()))


def _say(shop: Shop, times: Times, at: int, kind: str, since: int, orders: tuple[Id, ...], behind: int) -> Link:
    machine = shop.problem.machines[int(times.machine[at])].id
    ahead = named(orders, shop.operations[at].order)
    before = "" if not orders or orders[0] == shop.operations[at].order else f" ({orders[0]})"
    words = {
        "material": "waits for material until {until}",
        "setup": f"waits until {machine} is set up at {{until}}",
        "machine": f"waits for machine {machine} behind {ahead} until {{until}}",
        "predecessor": f"follows the operation before it{before} at {{until}}",
        "transport": f"waits for the way from another site behind the operation before it{before} until {{until}}",
        "person": "waits for somebody until {until}",
        "down": f"waits until {machine}, which is down, works again at {{until}}",
        "absent": "waits for somebody until {until}",
        "batch": f"waits in the oven {machine} for {ahead} until {{until}}",
        "overlap": f"begins at {{until}}, because it cannot end before {ahead}, with which it overlaps",
        "latest": f"begins at {{until}}, because what follows ({ahead}) must not begin too long behind it",
        "frozen": "stays in the frozen window at {until}",
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
