"""What two plans of one moment are worth side by side: figures, orders, work centres."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aps.engine import objective
from aps.engine.calendar import open_windows
from aps.engine.problem import Id, Placement, Plan
from aps.minutes import minute_of
from aps.problem import Snapshot, label_of
from masterdata.lateness import GRACE

GRACE_MIN = GRACE // dt.timedelta(minutes=1)
PERIOD_DAYS = 14


@dataclass(frozen=True)
class Delivery:
    """An order by its label: when it is due and when it is at the customer, in minutes; weights count for lateness."""

    line_id: int | None
    weight: int
    due: int | None
    end: int

    @property
    def late_min(self) -> int:
        """Past its due date; 0 in time."""
        return 0 if self.due is None else max(0, self.end - self.due)


@dataclass
class Load:
    """Minutes of a work centre's machines within the period: in which they are open, and busy with setup and run."""

    open_min: int = 0
    busy_min: int = 0


@dataclass(frozen=True)
class Measured:
    """All that is compared. Moved and machine changes are against the plan in force."""

    deliveries: Mapping[str, Delivery]
    loads: Mapping[int, Load]
    lateness_min: int
    setup_min: int
    operations: int
    moved: int
    machine_changes: int
    ends: int | None
    late: Sequence[int] = field(default=())

    @property
    def late_lines(self) -> int:
        """Orders that are late as the house counts it."""
        return sum(one >= GRACE_MIN for one in self.late)

    @property
    def mean_late_min(self) -> int:
        """Over all orders with a due date, those in time counting 0."""
        return round(sum(self.late) / len(self.late)) if self.late else 0

    @property
    def worst_late_min(self) -> int:
        """Of the latest order."""
        return max(self.late, default=0)


def measure(snap: Snapshot, plan: Plan, in_force: Plan) -> Measured:
    """A plan of a problem; `in_force` is the published one, against which what moved is counted."""
    found = deliveries(snap, plan)
    worth = objective.objective(snap.problem, plan, snap.published)
    both = [(plan[key], was) for key, was in in_force.items() if key in plan.placements]
    return Measured(
        deliveries=found,
        loads=loads(snap, plan),
        lateness_min=worth.lateness // max(1, snap.problem.weights.lateness),
        setup_min=sum(one.setup_min for one in plan.values()),
        operations=len(plan.placements),
        moved=sum(abs(begin(now) - begin(was)) > GRACE_MIN for now, was in both),
        machine_changes=sum(now.machine != was.machine for now, was in both),
        ends=max((one.end for one in plan.values()), default=None),
        late=[one.late_min for one in found.values() if one.due is not None],
    )


def begin(one: Placement) -> int:
    """When it takes its machine, setup included."""
    return one.start if one.setup_start is None else one.setup_start


def deliveries(snap: Snapshot, plan: Plan) -> dict[str, Delivery]:
    """Orders of customers (and those assumed) by label, from the end of their last operation, transport included."""
    ends: dict[Id, int] = {}
    for one in snap.problem.operations:
        ends[one.order] = max(ends.get(one.order, 0), plan[one.id].end)
    lines = {label_of(one): one.line_id for one in snap.inputs.work}
    return {
        str(order.id): Delivery(lines[str(order.id)], order.weight, order.due_min, ends[order.id] + order.transport_min)
        for order in snap.problem.orders
        if order.id in ends and (order.due_min is not None or lines[str(order.id)] is not None)
    }


def loads(snap: Snapshot, plan: Plan) -> dict[int, Load]:
    """Each work centre within the next PERIOD_DAYS days."""
    first = minute_of(snap.inputs.now)
    last = first + PERIOD_DAYS * 24 * 60
    machines = {one.id: one for one in snap.problem.machines}
    open_at: dict[Id, list[tuple[int, int]]] = {}
    found: dict[int, Load] = {}
    centres: dict[Id, int] = {}
    for one in snap.inputs.machines.values():
        load = found.setdefault(one.work_centre_id, Load())
        centres[one.code] = one.work_centre_id
        if one.code in machines:
            open_at[one.code] = open_windows(machines[one.code])
            load.open_min += within(open_at[one.code], first, last) if one.is_active else 0
    for place in plan.values():
        load = found[centres[place.machine]]
        load.busy_min += within(open_at[place.machine], max(first, begin(place)), min(last, place.end))
    return found


def within(windows: Sequence[tuple[int, int]], start: int, end: int) -> int:
    """Minutes of sorted windows in [start, end)."""
    total = 0
    for begins, ends in windows[bisect_right(windows, start, key=lambda window: window[1]) :]:
        if begins >= end:
            break
        total += max(0, min(end, ends) - max(start, begins))
    return total
