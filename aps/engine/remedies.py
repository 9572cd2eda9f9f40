"""What could be changed about the waits behind an order: one change at a time, each a shop in which it is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from aps.engine.arrays import FREE, Shop, Times, shop_of
from aps.engine.calendar import without
from aps.engine.compiled import NEVER
from aps.engine.delivery import last_of
from aps.engine.explain import Link, links
from aps.engine.frozen import held
from aps.engine.hours import lengthened, with_calendars
from aps.engine.lanes import Lanes, lanes_of
from aps.engine.problem import Id, Machine, Operation, Plan, Problem, ProblemError, Resource, State, Window

LONGEST = 240
"""Minutes of overtime before or after a shift, at the most."""
SHIFTS, AHEAD = 4, 3
"""Closed times of a machine, and orders ahead on it, that are looked at for one operation."""


@dataclass(frozen=True)
class Case:
    """An order in a plan: `own` are its operations and those of its component orders, `path` the waits along them.

    What the frozen window holds is pinned in `shop`; `plain` is the shop without that.
    """

    plain: Shop
    shop: Shop
    plan: Plan
    times: Times
    lanes: Lanes
    order: int
    own: frozenset[int]
    path: tuple[tuple[int, Link], ...]

    @property
    def name(self) -> Id:
        """The order's id."""
        return self.shop.problem.orders[self.order].id


@dataclass(frozen=True)
class Remedy:
    """One change: the shop with it. `sentence` holds `{from}` and `{until}`, the minutes of `window`.

    `behind` are operations of others that go behind the order's own, `reopens` says that others' work may end earlier
    (it does not begin earlier), `machine` and `window` are overtime, or the time in question, `ahead` says that it
    is overtime before a shift.
    """

    kind: str
    operation: Id
    sentence: str
    shop: Shop
    machine: Id | None = None
    window: Window = (0, 0)
    behind: tuple[int, ...] = field(default=())
    reopens: bool = False
    ahead: bool = False


def case_of(problem: Problem, plan: Plan, order: Id) -> Case:
    """The order in the plan. Raises ProblemError when nothing of it is planned."""
    plain = shop_of(problem)
    times = plain.times(plan)
    lanes = lanes_of(plain.a, times)
    last, number = last_of(plain, times, order), plain.order_at[order]
    own = _own(plain, number)
    path = []
    here = last
    while here >= 0:
        path.append((here, links(plain, times, lanes, here, 1)[0]))
        rows = range(plain.a.first_before[here], plain.a.first_before[here + 1])
        before = [(int(times.end[plain.a.before[k]] + plain.a.before_lag[k]), int(plain.a.before[k])) for k in rows]
        here = max((one for one in before if one[1] in own), default=(0, -1))[1]
    shop = shop_of(held(problem, plan))
    return Case(plain, shop, plan, times, lanes, number, own, tuple(path))


def _own(shop: Shop, order: int) -> frozenset[int]:
    """The operations of the order and of its component orders: those without a due date that feed nobody else."""
    a = shop.a
    owner = np.repeat(np.arange(len(a.order)), np.diff(a.first_before))
    feeds: dict[int, set[int]] = {}
    for part, whole in zip(a.order[a.before].tolist(), a.order[owner].tolist(), strict=True):
        feeds.setdefault(part, set()).add(whole)
    orders, grown = {order}, True
    while grown:
        more = {
            part
            for part, wholes in feeds.items()
            if part not in orders and wholes & orders and wholes <= orders | {part} and a.due[part] >= NEVER
        }
        grown = bool(more)
        orders |= more
    return frozenset(at for at, one in enumerate(a.order.tolist()) if one in orders)


def remedies(case: Case) -> Iterator[Remedy]:
    """One by one, along the order's own operations from the last to the first."""
    for at, link in case.path:
        if case.plain.a.state[at] == FREE:
            yield from _material(case, at)
            yield from _overtime(case, at, link)
            yield from _up(case, at, link)
            yield from _behind(case, at, link)
            yield from _person(case, at, link)
            yield from _transport(case, at, link)
        elif link.kind == "pinned":
            free = replace(case.plain.operations[at], state=State.FREE, fixed=None)
            yield Remedy("pinned", free.id, f"if {free.id} need not stay where it is pinned", _with(case, free))
    yield from _frozen(case)
    yield from _leaving(case)


def _with(case: Case, operation: Operation) -> Shop:
    problem = case.shop.problem
    return shop_of(replace(problem, operations=[operation if o.id == operation.id else o for o in problem.operations]))


def _material(case: Case, at: int) -> Iterator[Remedy]:
    one = case.shop.operations[at]
    if one.release_min > case.shop.a.now and one.state is State.FREE:
        sentence = f"if the material of {one.id} is there at once instead of at {{until}}"
        window = (case.shop.a.now, one.release_min)
        yield Remedy("material", one.id, sentence, _with(case, replace(one, release_min=0)), None, window)


def _machine(case: Case, at: int) -> Machine:
    return case.shop.problem.machines[int(case.times.machine[at])]


def _overtime(case: Case, at: int, link: Link) -> Iterator[Remedy]:
    """Up to LONGEST minutes after each shift in which it waits or rests, and before the next."""
    machine, now = _machine(case, at), case.shop.a.now
    since, end = max(now, link.since), int(case.times.end[at])
    closed = [one for one in without([(since, end)], machine.windows) if one[0] < one[1]]
    for low, high in [*closed[: SHIFTS // 2], *closed[SHIFTS // 2 :][-SHIFTS // 2 :]]:
        windows = {(low, min(high, low + LONGEST)): False}
        windows.setdefault((max(low, high - LONGEST), high), True)
        for window, ahead in windows.items():
            found = longer(case, at, window, ahead)
            if found is not None:
                yield found


def longer(case: Case, at: int, window: Window, ahead: bool) -> Remedy | None:
    """The operation's machine, and whoever is at it, work in the window too; None: that changes nothing.

    Where other work rests over the window it stays closed, so nobody else's times change.
    """
    shop, machine, bare = case.shop, _machine(case, at), case.times.copy()
    bare.machine[[one for one in case.own if shop.a.state[one] == FREE]] = -1
    changed, extra = lengthened(shop, bare, {machine.id: [window]})
    people = list(shop.problem.resources)
    for unit in _people(case, at):
        busy = [(int(bare.begin[k]), int(bare.end[k])) for k in _with_person(case, unit, bare)]
        one = people[unit]
        windows = without([window], sorted([*one.windows, *one.holes, *busy]))
        people[unit] = replace(one, windows=sorted([*one.windows, *windows]))
    if people != list(shop.problem.resources):
        changed = shop_of(replace(changed.problem, resources=people))
    elif not extra:
        return None
    sentence = f"if {machine.id} works overtime from {{from}} to {{until}}"
    return Remedy("overtime", shop.operations[at].id, sentence, changed, machine.id, window, ahead=ahead)


def _people(case: Case, at: int) -> list[int]:
    a, option = case.plain.a, int(case.times.option[at])
    return a.held[a.first_held[option] : a.first_held[option + 1]].tolist() if a.units and option >= 0 else []


def _with_person(case: Case, unit: int, bare: Times) -> list[int]:
    """The operations of others at which the person, or the tool, is."""
    who, machines = case.shop.problem.resources[unit].id, bare.machine
    return [k for k, one in enumerate(case.shop.operations) if machines[k] >= 0 and who in case.plan[one.id].resources]


def _up(case: Case, at: int, link: Link) -> Iterator[Remedy]:
    """The machine does not stand still, where it is down while the operation waits or rests."""
    machine, now, number = _machine(case, at), case.shop.a.now, int(case.times.machine[at])
    for hole in machine.holes:
        if hole[1] <= max(now, link.since) or hole[0] >= case.times.end[at]:
            continue
        rest = [one for one in machine.holes if one != hole] + ([(hole[0], now)] if hole[0] < now else [])
        shop = with_calendars(case.shop, {number: replace(machine, holes=tuple(rest))})
        said = f"if {machine.id} works again at once instead of at {{until}}"
        if hole[0] > now:
            said = f"if {machine.id} does not stand still from {{from}} to {{until}}"
        yield Remedy("up", case.shop.operations[at].id, said, shop, machine.id, hole, reopens=True)


def _behind(case: Case, at: int, link: Link) -> Iterator[Remedy]:
    """Each order ahead on the machine, or at the person, lets the operation go first."""
    if link.kind not in ("machine", "person") or link.behind is None:
        return
    shop, times = case.shop, case.times
    ahead = [shop.operation_at[link.behind]]
    if link.kind == "machine":
        number = int(times.machine[at])
        lane = case.lanes.sequence[number, : case.lanes.used[number]].tolist()
        ahead = [k for k in lane if times.start[k] < times.start[at] and times.end[k] > link.since]
    orders = dict.fromkeys(int(shop.a.order[k]) for k in reversed(ahead))
    for order in list(orders)[:AHEAD]:
        moved = _followers(shop, [k for k in ahead if shop.a.order[k] == order])
        if all(shop.a.state[k] == FREE and k not in case.own for k in moved):
            name, machine = shop.problem.orders[order].id, _machine(case, at).id
            said = f"if {name} goes behind it on {machine}" if link.kind == "machine" else f"if {name} goes behind it"
            yield Remedy("behind", shop.operations[at].id, said, shop, machine, behind=tuple(moved))


def _followers(shop: Shop, operations: list[int]) -> list[int]:
    """The operations and all that waits for them, predecessors first."""
    found = set(operations)
    for at in shop.topological.tolist():
        if any(int(one) in found for one in shop.a.before[shop.a.first_before[at] : shop.a.first_before[at + 1]]):
            found.add(at)
    return [at for at in shop.topological.tolist() if at in found]


def _person(case: Case, at: int, link: Link) -> Iterator[Remedy]:
    """One more of each skill that it needs, with the hours of whoever does it."""
    if link.kind != "person":
        return
    problem, one = case.shop.problem, case.shop.operations[at]
    for skill, unit in zip(one.needs, _people(case, at), strict=False):
        like, name = problem.resources[unit], f"one more for {skill}"
        while any(other.id == name for other in problem.resources):
            name += "+"
        more = Resource(name, like.windows, (skill,), like.holes)
        try:
            shop = shop_of(replace(problem, resources=[*problem.resources, more]))
        except ProblemError:
            continue
        said = f"if there is one more for {skill}, with the hours of {like.id}"
        yield Remedy("person", one.id, said, shop)


def _transport(case: Case, at: int, link: Link) -> Iterator[Remedy]:
    if link.kind != "transport" or link.behind is None:
        return
    problem = case.shop.problem
    before = problem.machines[int(case.times.machine[case.shop.operation_at[link.behind]])].site
    here = _machine(case, at).site
    shop = shop_of(replace(problem, transports={**problem.transports, (before, here): 0}))
    yield Remedy("transport", link.operation, f"if the way from {before} to {here} takes no time", shop)


def _frozen(case: Case) -> Iterator[Remedy]:
    """Its own operations may leave the frozen window."""
    plain, shop = case.plain, case.shop
    kept = {at for at in case.own if plain.a.state[at] != shop.a.state[at]}
    if not kept:
        return
    operations = [plain.operations[at] if at in kept else one for at, one in enumerate(shop.operations)]
    freed = shop_of(replace(shop.problem, operations=operations))
    yield Remedy("frozen", case.path[0][1].operation, f"if {case.name} may move in the frozen window", freed)


def _leaving(case: Case) -> Iterator[Remedy]:
    """It leaves when it is done, or somebody fetches it."""
    problem, order = case.shop.problem, case.shop.problem.orders[case.order]
    last = case.path[0][1].operation

    def changed(**parts: object) -> Shop:
        orders = [replace(one, **parts) if one.id == order.id else one for one in problem.orders]  # type: ignore[arg-type]
        return shop_of(replace(problem, orders=orders))

    if order.shipping:
        yield Remedy("shipping", last, f"if {order.id} leaves as soon as it is done", changed(shipping=()))
    if order.transport_min > 0:
        yield Remedy(
            "delivery", last, f"if the way of {order.id} to the customer takes no time", changed(transport_min=0)
        )
