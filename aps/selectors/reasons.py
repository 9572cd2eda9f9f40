"""The reason behind a date: the chain of waits, as data and in sentences."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from aps import problem, snapshot, warm
from aps.engine import explain, repair
from aps.engine.explain import Link
from aps.engine.problem import Plan
from aps.minutes import time_of
from aps.problem import Snapshot
from erp.selectors import OpenOperation
from masterdata import lateness
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


def operation_why(*, plant_id: int, operation_id: int, now: dt.datetime) -> OperationWhy | None:
    """The chain behind the planned start of an open operation in the live plan; None when it is not open there.

    Raises CannotPlan as `why` does.
    """
    live = warm.live(plant_id, now)
    snap, plan = live.snapshot, live.plan
    own = next((one for one in snap.inputs.work if one.operation_id == operation_id), None)
    if own is None:
        return None
    names = {one.operation_id: one for one in snap.inputs.work}
    found = explain.chain(snap.problem, plan, operation_id)
    zone = snap.inputs.plant.time_zone
    binding = _link(explain.binding(found), names, zone)
    starts_at = time_of(plan[operation_id].start)
    return OperationWhy(
        operation_id,
        own.line_id,
        starts_at,
        _late_min(snap, plan, own),
        f"Begins {shop_time(starts_at, zone)}: {binding.operation} {binding.sentence}",
        binding,
        tuple(_link(one, names, zone) for one in found),
    )


def _late_min(snap: Snapshot, plan: Plan, own: OpenOperation) -> int:
    """Minutes that the last operation of its line ends after its due date; 0 within the grace."""
    if own.line_id is None or own.due_at is None:
        return 0
    end = max(plan[one.operation_id].end for one in snap.inputs.work if one.line_id == own.line_id)
    late = time_of(end) - own.due_at
    return late // dt.timedelta(minutes=1) if late >= lateness.GRACE else 0


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


def _link(link: Link, names: dict[int, OpenOperation], zone: str) -> WhyLink:
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
