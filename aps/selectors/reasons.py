"""The reason behind a date: the chain of waits, as data and in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from aps import problem, snapshot, warm
from aps.edits import Edit, Move, Split
from aps.effects import Scale
from aps.engine import explain, repair
from aps.engine.arrays import DONE
from aps.engine.explain import Link
from aps.engine.lanes import lanes_of
from aps.engine.problem import Id, State
from aps.grounds import ground_of
from aps.minutes import time_of
from aps.problem import Snapshot
from erp.selectors import OpenOperation
from masterdata.worktime import shop_time

ICONS = {
    "material": "packages",
    "machine": "stack-2",
    "predecessor": "sitemap",
    "shift": "calendar-time",
    "started": "player-play",
    "kept": "lock",
    "frozen": "lock",
    "pinned": "pin",
    "now": "clock",
    "setup": "tool",
    "transport": "truck",
    "person": "user",
    "absent": "user-off",
    "down": "alert-triangle",
    "batch": "stack-2",
}


@dataclass(frozen=True)
class WhyLink:
    """One wait. `kind` is one of the engine's (aps.engine.explain.Link); `orders` are those ahead, `order` its own."""

    kind: str
    operation_id: int
    operation: str
    order: str
    machine: str
    since_at: dt.datetime
    until_at: dt.datetime
    wait_min: int
    orders: tuple[str, ...]
    sentence: str

    @property
    def icon(self) -> str:
        """How its kind is drawn, an outline icon's name."""
        return ICONS.get(self.kind, "circle")

    @property
    def ahead(self) -> str:
        """The orders ahead in words: never its own, but other work of the same order."""
        return explain.named(self.orders, self.order)


@dataclass(frozen=True)
class Why:
    """Why a line ends when it does: in a sentence, and the chain, latest first, with the wait that explains most."""

    line_id: int
    ends_at: dt.datetime
    due_at: dt.datetime | None
    sentence: str
    binding: WhyLink
    links: tuple[WhyLink, ...]

    @property
    def late_min(self) -> int:
        """Minutes after the due date; 0 when it is in time."""
        if self.due_at is None:
            return 0
        return max(0, round((self.ends_at - self.due_at).total_seconds() / 60))


@dataclass(frozen=True)
class OperationWhy:
    """Why an operation begins when it does: the chain, latest first, with the wait that explains most.

    `line_id` is the order line that it is for, if any; `late_min` how much that ends after its due date.
    """

    operation_id: int
    line_id: int | None
    starts_at: dt.datetime
    late_min: int
    sentence: str
    binding: WhyLink
    links: tuple[WhyLink, ...]


def operation_why(
    *, plant_id: int, operation_id: int, now: dt.datetime, edits: Sequence[Edit] = ()
) -> OperationWhy | None:
    """The chain behind the planned start of an open operation in the live plan, with a planner's `edits` of it if there
    are any; None when it is not open there. What the edits split off has the negative id that they give it.

    Raises CannotPlan as `why` does.
    """
    ground = ground_of(warm.live(plant_id, now))
    known, snap = ground.drafted(edits), ground.snapshot
    at = known.shop.operation_at.get(operation_id)
    if at is not None and operation_id > 0 and known.shop.a.state[at] == DONE:
        known = ground.base  # the edits send it to another plant: here it is explained as it stands
    names = {one.operation_id: one for one in snap.inputs.work} | dict(known.work)
    own = names.get(operation_id)
    if at is None or own is None:
        return None
    zone, times = snap.inputs.plant.time_zone, known.times
    found = explain.links(known.shop, times, lanes_of(known.shop.a, times), at)
    placed = _placed(edits)
    pinned = {one.id for one in snap.problem.operations if one.state is State.PINNED}
    pinned.update(key for key, holds in known.pins.items() if holds)
    said = [_by_hand(one) if one.operation in placed else _frozen(one, pinned) for one in found]
    links = [_link(one, names, zone) for one in said]
    binding = links[found.index(explain.binding(found))]
    starts_at = time_of(int(times.start[at]))
    return OperationWhy(
        operation_id,
        own.line_id,
        starts_at,
        Scale(ground).late_min(known, int(known.shop.a.order[at])) if own.line_id is not None else 0,
        f"{_begins(int(times.setup[at]), shop_time(starts_at, zone))}: {binding.operation} {binding.sentence}",
        binding,
        tuple(links),
    )


def _begins(setup_min: int, run_at: str) -> str:
    """Its bar begins with setup, the chain ends where it runs."""
    return f"Runs from {run_at}, behind {setup_min} min of setup" if setup_min else f"Begins {run_at}"


def _placed(edits: Sequence[Edit]) -> set[Id]:
    """Operations that the edits put to a certain time."""
    found: set[Id] = {place.operation for one in edits if isinstance(one, Move) for place in one.places}
    found.update(one.operation for one in edits if isinstance(one, Split))
    return found


def _by_hand(link: Link) -> Link:
    """What stands where a planner put it keeps no published time."""
    return replace(link, sentence="stands where you put it") if link.kind == "kept" else link


def _frozen(link: Link, pinned: Collection[Id]) -> Link:
    """The engine holds what is frozen as it holds what planners have pinned; people are told which of both it is."""
    if link.kind != "pinned" or link.operation in pinned:
        return link
    return replace(link, kind="frozen", sentence="is within the frozen window and stays at {until}")


def why(*, plant_id: int, line_id: int, now: dt.datetime) -> Why | None:
    """The chain behind the planned end of a sales order line in a plant; None when nothing of it is open.

    Raises CannotPlan when the plant's calendars or machines cannot carry its work.
    """
    inputs = snapshot.read_inputs(plant_id, now)
    if not any(one.line_id == line_id for one in inputs.work):
        return None
    return problem.with_horizon(inputs, lambda snap: _why(snap, line_id))


def _why(snap: Snapshot, line_id: int) -> Why:
    plan = repair.right_shift(snap.problem, snap.published)
    own = [one for one in snap.inputs.work if one.line_id == line_id]
    last = max(own, key=lambda one: (plan[one.operation_id].end, one.operation_id))
    names = {one.operation_id: one for one in snap.inputs.work}
    chain = explain.chain(snap.problem, plan, last.operation_id)
    binding = explain.binding(chain)
    zone = snap.inputs.plant.time_zone
    ends_at = time_of(plan[last.operation_id].end)
    what = _link(binding, names, zone)
    sentence = f"Ends {shop_time(ends_at, zone)}: {what.operation} {what.sentence}"
    return Why(line_id, ends_at, last.due_at, sentence, what, tuple(_link(one, names, zone) for one in chain))


def _link(link: Link, names: Mapping[int, OpenOperation], zone: str) -> WhyLink:
    one = names[int(link.operation)]
    return WhyLink(
        kind=link.kind,
        operation_id=one.operation_id,
        operation=problem.step_of(one),
        order=problem.label_of(one),
        machine=str(link.machine),
        since_at=time_of(link.since),
        until_at=time_of(link.until),
        wait_min=link.wait_min,
        orders=tuple(str(order) for order in link.orders),
        sentence=link.sentence.replace("{until}", shop_time(time_of(link.until), zone)),
    )
