"""Why an operation is where it is: the chain of waits behind its start, as data and in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from aps.engine.arrays import DONE, PINNED, STARTED, Arrays, Shop, Times, shop_of
from aps.engine.calendar import add_work, place
from aps.engine.compiled import Ints
from aps.engine.lanes import Lanes, lanes_of, setup_before
from aps.engine.problem import Id, Plan, Problem


@dataclass(frozen=True, slots=True)
class Link:
    """One wait: what the operation stands behind, from when it could else have begun until when it waits.

    Kinds: material, machine, predecessor, transport (between sites), person (or tool), shift, down, started, done,
    pinned, frozen, kept (its published time), now; behind an order's last operation shipping and delivery. `orders`
    are those ahead on the machine, at the person, or the predecessor's. `sentence` holds `{until}` for the caller's way
    of writing a time.
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
    ready, behind, way = _latest_before(shop, times, at)
    material = int(a.release[at])
    lane, position = _lane(times, lanes, at)
    last = int(lane[position - 1]) if position > 0 else -1
    free, could = _could(shop, times, at, last, max(ready, material))
    if could < start:
        return _held_back(shop, times, lanes, at, could)
    if free > max(ready, material) and last >= 0:
        ahead = lane[:position][times.end[lane[:position]] > max(ready, material)].tolist() or [last]
        return _say(shop, times, at, "machine", max(ready, material), _orders(shop, ahead), last), last
    if material > ready and material - ready >= could - material:
        return _say(shop, times, at, "material", ready, (), -1), -1
    if material > ready:
        ready, behind = material, -1
    if behind >= 0 and could == ready and way > 0:
        return _say(shop, times, at, "transport", ready - way, _orders(shop, [behind]), behind), behind
    if behind >= 0 and could == ready:
        return _say(shop, times, at, "predecessor", ready, _orders(shop, [behind]), behind), behind
    holes = shop.problem.machines[int(times.machine[at])].holes
    closed = "down" if any(since < start <= until for since, until in holes) else "shift"
    return _say(shop, times, at, closed if could > ready else "now", ready, (), behind), behind


def _held_back(shop: Shop, times: Times, lanes: Lanes, at: int, could: int) -> tuple[Link, int]:
    """Machine, material and predecessors would have let it start at `could`: people, or its published time."""
    person = _person(shop, times, lanes, at, could)
    if person is not None:
        return person
    is_frozen = times.start[at] < shop.a.now + shop.problem.frozen_min
    return _say(shop, times, at, "frozen" if is_frozen else "kept", could, (), -1), -1


def _latest_before(shop: Shop, times: Times, at: int) -> tuple[int, int, int]:
    """When predecessors let it start, which of them is last (-1: none later than now), and how long its way is."""
    a = shop.a
    ready, behind, longest = a.now, -1, 0
    for k in range(a.first_before[at], a.first_before[at + 1]):
        before, first = int(a.before[k]), int(a.before_first[k])
        there = int(times.end[before]) if first < 0 else _first_batch(a, times, before, first)
        way = int(a.travel[a.site[times.machine[before]], a.site[times.machine[at]]]) if len(a.travel) else 0
        lagged = there + int(a.before_lag[k]) + way
        if lagged > ready:
            ready, behind, longest = lagged, before, way
    return ready, behind, longest


def _first_batch(a: Arrays, times: Times, at: int, minutes: int) -> int:
    """When so many working minutes of the operation are done; not after its end."""
    option = int(times.option[at])
    row = int(a.option_calendar[option]) if option >= 0 else int(times.machine[at])
    done = int(add_work(a.starts[row], a.ends[row], int(a.windows[row]), int(times.start[at]), minutes))
    return min(done, int(times.end[at]))


def _person(shop: Shop, times: Times, lanes: Lanes, at: int, could: int) -> tuple[Link, int] | None:
    """The wait for somebody who is busy elsewhere, when that is why it does not start at `could`."""
    a, option, start = shop.a, int(times.option[at]), int(times.start[at])
    row, since, unit, until = int(a.option_calendar[option]), could, -1, -1
    held = [int(a.held[k]) for k in range(a.first_held[option], a.first_held[option + 1]) if a.held_setup[k] == 0]
    while could < start:
        calendar = (a.starts[row], a.ends[row], int(a.windows[row]))
        could, end = place(*calendar, could, int(a.option_run[option]), int(a.splittable[at]))
        hits = [(_busy(lanes, one, could, end, start), one) for one in held]
        if could >= start or max(hits, default=(-1, -1))[0] < 0:
            break
        until, unit = max(hits)
        could = max(could + 1, until)
    if could != start or unit < 0:
        return None
    ahead = next((k for k in np.flatnonzero(times.end == until).tolist() if unit in _held(a, times, k)), -1)
    link = _say(shop, times, at, "person", since, _orders(shop, [ahead] if ahead >= 0 else []), ahead)
    who = shop.problem.resources[unit].id
    busy = f", busy with {link.orders[0]}," if link.orders else ""
    return replace(link, sentence=f"waits for {who}{busy} until {{until}}"), ahead


def _busy(lanes: Lanes, unit: int, start: int, end: int, own: int) -> int:
    """Until when the resource is busy with something else that overlaps [start, end); -1: it is not."""
    rows = zip(lanes.busy_from[unit, : lanes.busy[unit]].tolist(), lanes.busy_until[unit].tolist(), strict=False)
    return max((until for since, until in rows if since < end and until > start and since != own), default=-1)


def _held(a: Arrays, times: Times, at: int) -> list[int]:
    """The people and tools at an operation."""
    if a.state[at] == STARTED:
        found: list[int] = a.fixed_held[a.first_fixed[at] : a.first_fixed[at + 1]].tolist()
        return found
    option = int(times.option[at])
    return a.held[a.first_held[option] : a.first_held[option + 1]].tolist() if option >= 0 else []


def _could(shop: Shop, times: Times, at: int, last: int, ready: int) -> tuple[int, int]:
    """When the machine is free and set up behind `last`, and when the operation could start there."""
    a = shop.a
    machine, option = int(times.machine[at]), int(times.option[at])
    rows = int(a.option_setting[option]), int(a.option_calendar[option])
    setting, calendar = ((a.starts[row], a.ends[row], int(a.windows[row])) for row in rows)
    setup = setup_before(a, machine, last, at, option)
    free = max(a.now, int(times.end[last])) if last >= 0 else a.now
    free = int(add_work(*setting, free, setup)) if setup else free
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
        "transport": f"waits for the way from another site behind the operation before it ({named}) until {{until}}",
        "person": "waits for somebody until {until}",
        "down": f"waits until {machine}, which is down, works again at {{until}}",
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
