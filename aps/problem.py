"""Inputs of a plant as the engine's problem, and its plans as rows."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias, TypeVar

from aps.engine.problem import (
    Fixed,
    HorizonTooShortError,
    Id,
    Machine,
    Operation,
    Option,
    Order,
    Placement,
    Plan,
    Problem,
    State,
    Weights,
)
from aps.minutes import minute_after, minute_of, time_of
from aps.models import PlanWeights
from aps.resting import closed_for
from aps.rows import Row
from aps.snapshot import Inputs, MachineFacts
from erp.selectors import OpenOperation
from masterdata.worktime import Interval, expanded, without, worked_minutes

FIRST_HORIZON_DAYS = 60
LAST_HORIZON_DAYS = 3840
POINTS = 1000
Answer = TypeVar("Answer")


class CannotPlan(Exception):
    """The plant cannot be planned as its master data stand; the message says what to do."""


@dataclass(frozen=True)
class Work:
    """What the engine must know of an operation, minutes at 100 % speed; shared by open work and would-be work."""

    work_centre_id: int
    setup_min: Decimal
    run_min: Decimal


Choices: TypeAlias = dict[Work, list[Option]]


@dataclass(frozen=True)
class Snapshot:
    """Inputs with the engine's view of them: the problem and the published plan."""

    inputs: Inputs
    problem: Problem
    published: Plan
    windows: Mapping[int, Sequence[Interval]]
    days: int

    @property
    def seen(self) -> dict[int, int | None]:
        """On which machine each operation had started, as `publish_plan` checks it."""
        return {one.operation_id: one.machine_id if is_started(one) else None for one in self.inputs.work}


def with_horizon(inputs: Inputs, use: Callable[[Snapshot], Answer]) -> Answer:
    """`use` a snapshot whose calendars reach far enough: doubled until the work fits. Raises CannotPlan."""
    days = FIRST_HORIZON_DAYS
    while True:
        try:
            return use(snapshot_of(inputs, days))
        except HorizonTooShortError as error:
            days *= 2
            if days > LAST_HORIZON_DAYS:
                raise CannotPlan(
                    f"Work does not fit into the calendars of the next ten years ({error}): add shifts or machines"
                ) from error


def snapshot_of(inputs: Inputs, days: int = FIRST_HORIZON_DAYS) -> Snapshot:
    """The engine's view with calendars of `days` behind the last date that counts. Raises CannotPlan."""
    windows = working_windows(inputs, days)
    known = {one.operation_id for one in inputs.work}
    choices: Choices = {}
    problem = Problem(
        machines=engine_machines(inputs, windows),
        operations=[_operation(inputs, windows, one, known, choices) for one in inputs.work],
        orders=list({label_of(one): _order(inputs, one) for one in inputs.work}.values()),
        now_min=minute_of(inputs.now),
        weights=weights_of(inputs.weights, closed_for(inputs, windows)),
        frozen_min=60 * inputs.weights.frozen_h if inputs.weights is not None else 0,
    )
    return Snapshot(inputs, problem, published_plan(inputs, problem), windows, days)


def with_holes(snap: Snapshot, inputs: Inputs) -> Snapshot:
    """The snapshot with the holes of `inputs`, which says the same of everything else; only begun work is told anew."""
    begun = {one.operation_id: one for one in inputs.work if is_started(one)}
    machines = engine_machines(inputs, snap.windows)
    operations = [
        replace(one, fixed=_standing(inputs, snap.windows, known, known.work_order_no))
        if (known := begun.get(int(one.id)))
        else one
        for one in snap.problem.operations
    ]
    return replace(snap, inputs=inputs, problem=same_ids(snap.problem, machines=machines, operations=operations))


def same_ids(known: Problem, **changed: object) -> Problem:
    """The problem with other values of some fields, in which all ids stay: nothing is checked again."""
    other = object.__new__(Problem)
    vars(other).update({**vars(known), **changed})
    return other


def weights_of(row: PlanWeights | None, closed_min: int = 0) -> Weights:
    """The engine's points: a minute of delay is POINTS of them, the rest is what the planner says it is worth.

    Plans are to be calm for `closed_min` longer than it says.
    """
    if row is None:
        return replace(Weights(), stable_for_min=Weights().stable_for_min + closed_min)
    return Weights(
        lateness=POINTS,
        completion=round(row.sooner_day_min * POINTS / (24 * 60)),
        setup=round(row.setup_hour_min * POINTS / 60),
        moved=row.moved_min * POINTS,
        machine=row.machine_min * POINTS,
        pin=100_000 * POINTS,
        moved_after_min=row.moved_after_min,
        stable_for_min=row.stable_for_h * 60 + closed_min,
    )


def working_windows(inputs: Inputs, days: int) -> dict[int, Sequence[Interval]]:
    """Working time of each machine from the day of the oldest started work on, blocks not yet taken out."""
    started = [one.started_at for one in inputs.work if one.started_at]
    ready = [one.material_ready_at for one in inputs.work if one.material_ready_at]
    first = min([inputs.now, *started]).replace(hour=0, minute=0, second=0, microsecond=0)
    last = max([inputs.now, *ready]).replace(hour=0, minute=0, second=0, microsecond=0) + dt.timedelta(days=days)
    by_calendar = {key: expanded(pattern, first, last) for key, pattern in inputs.calendars.items()}
    return {one.id: by_calendar.get(one.calendar_id, ()) for one in inputs.machines.values()}


def engine_machines(inputs: Inputs, windows: Mapping[int, Sequence[Interval]]) -> list[Machine]:
    """Machines that work at all, with their blocks as holes."""
    holes: dict[int, list[tuple[int, int]]] = {}
    for hole in inputs.holes:
        span = (minute_of(hole.starts_at), max(minute_after(hole.ends_at), minute_of(hole.starts_at) + 1))
        holes.setdefault(hole.machine_id, []).append(span)
    return [
        Machine(
            one.code,
            [(minute_of(start), minute_of(end)) for start, end in windows[one.id]],
            holes.get(one.id, ()),
            one.family,
        )
        for one in inputs.machines.values()
        if windows[one.id]
    ]


def options_for(inputs: Inputs, windows: Mapping[int, Sequence[Interval]], work: Work, what: str) -> list[Option]:
    """A choice per active machine of the work centre. Raises CannotPlan when there is none."""
    same = [one for one in inputs.machines.values() if one.work_centre_id == work.work_centre_id and one.is_active]
    if not same:
        raise CannotPlan(f"{what} has no active machine in its work centre: activate one or change the routing")
    working = [one for one in same if windows[one.id]]
    if not working:
        raise CannotPlan(f"{what}: the calendar of {same[0].code} has no working time: give it shifts")
    return [option_on(one, work) for one in working]


def option_on(machine: MachineFacts, work: Work) -> Option:
    """Setup and run on one machine, each rounded up to whole minutes; speed counts for the run only."""
    return Option(machine.code, math.ceil(work.setup_min), run_on(machine, work.run_min))


def run_on(machine: MachineFacts, run_min: Decimal) -> int:
    """Run minutes at the machine's speed, at least one."""
    return max(1, math.ceil(run_min * 100 / machine.speed_percent))


def label_of(one: OpenOperation) -> str:
    """The order that an operation is for, in the shop's words: order and line, else the work order."""
    return one.work_order_no if one.line_id is None else f"{one.order_no}/{one.line_no}"


def step_of(one: OpenOperation) -> str:
    """An operation in the shop's words: "Assemble of WO-17"."""
    return f"{one.name} of {one.work_order_no}"


def _order(inputs: Inputs, one: OpenOperation) -> Order:
    """ERP's due date is that of the last operation; the engine adds the transport to both."""
    if one.due_at is None:
        return Order(label_of(one))
    transport = inputs.plant.transport_min
    return Order(label_of(one), minute_of(one.due_at) + transport, max(1, one.weight or 1), transport)


def is_started(one: OpenOperation) -> bool:
    """Whether the floor has begun it; then it stays where it is."""
    return one.started_at is not None and one.machine_id is not None


def _operation(
    inputs: Inputs,
    windows: Mapping[int, Sequence[Interval]],
    one: OpenOperation,
    known: set[int],
    choices: Choices,
) -> Operation:
    what = f"{one.work_order_no} operation {one.sequence}"
    work = Work(one.work_centre_id, one.setup_min, one.remaining_min)
    started = is_started(one)
    if not started and work not in choices:
        choices[work] = options_for(inputs, windows, work, what)
    options = () if started else choices[work]
    pin = None if started else _pin(inputs, one, options)
    return Operation(
        id=one.operation_id,
        order=label_of(one),
        options=options,
        predecessors=[(before, 0) for before in one.predecessor_ids if before in known],
        release_min=minute_after(one.material_ready_at) if one.material_ready_at else 0,
        family=one.setup_family,
        splittable=one.is_splittable,
        state=State.STARTED if started else State.FREE if pin is None else State.PINNED,
        fixed=_standing(inputs, windows, one, what) if started else pin,
    )


def _pin(inputs: Inputs, one: OpenOperation, options: Sequence[Option]) -> Fixed | None:
    """Where a planner keeps it; nothing when that machine cannot do it any more."""
    pin = inputs.pins.get(one.operation_id)
    machine = None if pin is None else inputs.machines.get(pin.machine_id)
    if pin is None or machine is None or all(option.machine != machine.code for option in options):
        return None
    return Fixed(machine.code, minute_of(pin.runs_at))


def _standing(inputs: Inputs, windows: Mapping[int, Sequence[Interval]], one: OpenOperation, what: str) -> Fixed:
    machine = inputs.machines[one.machine_id or 0]
    if not windows[machine.id]:
        raise CannotPlan(f"{what} runs on {machine.code}, whose calendar has no working time: give it shifts")
    return Fixed(machine.code, minute_of(one.started_at or inputs.now), remaining_min=remaining(inputs, windows, one))


def remaining(inputs: Inputs, windows: Mapping[int, Sequence[Interval]], one: OpenOperation) -> int:
    """Working minutes that started work still needs: the whole less what was reported or the time worked, if more.

    Work that has overrun its time without saying so needs a twentieth of it, or one piece, whichever is less.
    """
    machine = inputs.machines[one.machine_id or 0]
    setup = math.ceil(one.setup_min)
    reported = one.good_qty + one.scrap_qty + one.rework_qty
    whole = setup + run_on(machine, one.run_min_per_unit * (reported + one.remaining_qty))
    if not one.remaining_qty:
        return 1
    done = setup + run_on(machine, one.run_min_per_unit * reported) if reported else 0
    holes = [(hole.starts_at, hole.ends_at) for hole in inputs.holes if hole.machine_id == machine.id]
    worked = worked_minutes(without(windows[machine.id], holes), one.started_at or inputs.now, inputs.now)
    least = max(1, min(run_on(machine, one.run_min_per_unit), whole // 20))
    return max(whole - max(done, worked), least)


def published_plan(inputs: Inputs, problem: Problem) -> Plan:
    """The published rows of work that is still open, in engine terms."""
    codes = {machine.id for machine in problem.machines}
    known = {operation.id for operation in problem.operations}
    found: dict[Id, Placement] = {}
    for row in inputs.published:
        machine = inputs.machines.get(row.machine_id)
        if row.operation_id in known and machine is not None and machine.code in codes:
            found[row.operation_id] = placement_of(row, machine.code)
    return Plan(found)


def placement_of(row: Row, machine: str) -> Placement:
    """A row in engine terms."""
    setup = minute_of(row.starts_at) if row.setup_min else None
    return Placement(machine, minute_of(row.runs_at), minute_of(row.ends_at), setup, row.setup_min)


def rows_of(snapshot: Snapshot, plan: Plan) -> list[Row]:
    """The plan as rows. Of two started operations on one machine the later shows from the end of the earlier on."""
    by_code = {machine.code: machine.id for machine in snapshot.inputs.machines.values()}
    started = {key for key, machine in snapshot.seen.items() if machine is not None}
    rows = [row_of(int(key), by_code[str(one.machine)], one, key in started) for key, one in plan.items()]
    free_at: dict[int, dt.datetime] = {}
    found = []
    for row in sorted(rows, key=lambda row: (row.ends_at, row.starts_at, row.operation_id)):
        begin = max(row.starts_at, min(free_at.get(row.machine_id, row.starts_at), row.ends_at))
        if row.operation_id in started and begin > row.starts_at:
            row = row._replace(starts_at=begin, runs_at=max(begin, row.runs_at))
        free_at[row.machine_id] = row.ends_at
        found.append(row)
    return sorted(found)


def row_of(operation_id: int, machine_id: int, one: Placement, started: bool = False) -> Row:
    """A placement as a row; of started work the setup is part of what remains."""
    begin = one.start if started or one.setup_start is None else one.setup_start
    setup = 0 if started else one.setup_min
    return Row(operation_id, machine_id, time_of(begin), time_of(one.start), time_of(one.end), setup)
