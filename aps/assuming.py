"""What a scenario assumes, laid over the inputs of planning: the same plant with other machines, hours and orders.

Rows that exist only here have negative ids: machines that are added, operations of orders that nobody has written.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from aps.models import ChangeKind, PlanWeights, ScenarioChange
from aps.problem import is_started
from aps.snapshot import Hole, Inputs, MachineFacts
from erp import selectors as erp_now
from erp.selectors import Make, OpenOperation, Step
from masterdata.numbers import ZERO
from masterdata.worktime import DayThatDiffers, WorkPattern, end_of_day, patterns

FOREVER = dt.timedelta(days=4000)
APPLIED_IN = (
    ChangeKind.MACHINE_COPY,
    ChangeKind.CALENDAR,
    ChangeKind.SPEED,
    ChangeKind.OVERTIME,
    ChangeKind.MACHINE_ON,
    ChangeKind.MACHINE_OFF,
    ChangeKind.LINE_OUT,
    ChangeKind.LINE_DUE,
    ChangeKind.LINE_WEIGHT,
    ChangeKind.NEW_ORDER,
    ChangeKind.WEIGHTS,
)
"""A machine is added before its work centre gets overtime."""


@dataclass(frozen=True)
class WouldBe:
    """An operation of an order that is only assumed."""

    change_id: int
    path: str
    sequence: int
    name: str


@dataclass(frozen=True)
class NewOrder:
    """An order that is only assumed; `ready_at` when nothing has to be made for it."""

    change_id: int
    label: str
    due_at: dt.datetime
    weight: int
    ready_at: dt.datetime | None


@dataclass(frozen=True)
class Assumed:
    """Inputs under assumptions, and what in them exists nowhere else. `copies` are machine id -> change id."""

    inputs: Inputs
    would_be: Mapping[int, WouldBe]
    copies: Mapping[int, int]
    new_orders: Sequence[NewOrder]


def assumed(inputs: Inputs, changes: Sequence[ScenarioChange]) -> Assumed:
    """The inputs with the changes of a scenario; what new orders need is netted as if they were confirmed now.

    A fixed number of queries whatever the plant's size. Raises erp's NoRouting.
    """
    sketch = _Sketch(inputs, patterns(one.calendar_id for one in changes if one.calendar_id))
    for change in sorted(changes, key=lambda one: (APPLIED_IN.index(ChangeKind(one.kind)), one.pk)):
        sketch.apply(change)
    sketch.add_orders([one for one in changes if one.kind == ChangeKind.NEW_ORDER])
    return sketch.done()


def overtime_day(time_zone: str, from_at: dt.datetime, until_at: dt.datetime) -> DayThatDiffers:
    """Overtime as a calendar says it: a day with an extra shift in its own wall time, less than 24 hours long."""
    zone = ZoneInfo(time_zone)
    starts, ends = from_at.astimezone(zone), until_at.astimezone(zone)
    return DayThatDiffers(starts.date(), True, starts.time(), ends.time())


def machines_of(inputs: Inputs, change: ScenarioChange) -> list[MachineFacts]:
    """The machine of a change, or those of its work centre, added ones included."""
    if change.machine_id is not None:
        return [inputs.machines[change.machine_id]] if change.machine_id in inputs.machines else []
    return [one for one in inputs.machines.values() if one.work_centre_id == change.work_centre_id]


def due_of(inputs: Inputs, on: dt.date) -> dt.datetime:
    """When the last operation must end for a delivery by the end of a day."""
    plant = inputs.plant
    return end_of_day(on, plant.time_zone) - dt.timedelta(minutes=plant.transport_min)


class _Sketch:
    """The inputs while changes are laid over them."""

    def __init__(self, inputs: Inputs, calendars: Mapping[int, WorkPattern]) -> None:
        self.inputs = inputs
        self.machines = dict(inputs.machines)
        self.calendars = {**inputs.calendars, **calendars}
        self.holes = list(inputs.holes)
        self.work = list(inputs.work)
        self.weights = inputs.weights
        self.copies: dict[int, int] = {}
        self.would_be: dict[int, WouldBe] = {}
        self.new_orders: list[NewOrder] = []

    def apply(self, change: ScenarioChange) -> None:
        """Lay one change over; new orders come later, all at once."""
        deeds: dict[str, Callable[[ScenarioChange], None]] = {
            ChangeKind.MACHINE_COPY: self._copy,
            ChangeKind.CALENDAR: self._calendar,
            ChangeKind.SPEED: self._speed,
            ChangeKind.OVERTIME: self._overtime,
            ChangeKind.MACHINE_ON: self._on,
            ChangeKind.MACHINE_OFF: self._off,
            ChangeKind.LINE_OUT: self._out,
            ChangeKind.LINE_DUE: self._due,
            ChangeKind.LINE_WEIGHT: self._weight,
            ChangeKind.WEIGHTS: self._weights,
        }
        if change.kind in deeds:
            deeds[change.kind](change)

    def done(self) -> Assumed:
        """All of it as inputs again."""
        inputs = replace(
            self.inputs,
            machines=self.machines,
            calendars=self.calendars,
            holes=self.holes,
            work=self.work,
            weights=self.weights,
        )
        return Assumed(inputs, self.would_be, self.copies, self.new_orders)

    def add_orders(self, changes: Sequence[ScenarioChange]) -> None:
        """Their work, netted one after the other, so that no stock is taken twice."""
        wanted = [(one.material_id or 0, one.quantity or ZERO) for one in changes]
        plant, now = self.inputs.plant, self.inputs.now
        found = erp_now.explode_together(plant_id=plant.pk, wanted=wanted, now=now)
        for no, (change, (makes, ready_at)) in enumerate(zip(changes, found, strict=True), start=1):
            due_at = due_of(self.inputs, change.due_on or now.date())
            order = NewOrder(change.pk, f"NEW-{no}", due_at, change.weight or 1, ready_at)
            self.new_orders.append(order)
            self.work += self._operations(order, change, makes)

    def _machines(self, change: ScenarioChange) -> list[MachineFacts]:
        return machines_of(replace(self.inputs, machines=self.machines), change)

    def _copy(self, change: ScenarioChange) -> None:
        for one in self._machines(change):
            code = next(name for no in range(2, 1000) if (name := f"{one.code}+{no}") not in self._codes())
            self.machines[-change.pk] = replace(
                one,
                id=-change.pk,
                code=code,
                speed_percent=change.speed_percent or one.speed_percent,
                is_active=True,
                family="",
            )
            self.copies[-change.pk] = change.pk

    def _codes(self) -> set[str]:
        return {one.code for one in self.machines.values()}

    def _calendar(self, change: ScenarioChange) -> None:
        for one in self._machines(change):
            self.machines[one.id] = replace(one, calendar_id=change.calendar_id or one.calendar_id)

    def _speed(self, change: ScenarioChange) -> None:
        for one in self._machines(change):
            self.machines[one.id] = replace(one, speed_percent=change.speed_percent or one.speed_percent)

    def _overtime(self, change: ScenarioChange) -> None:
        for one in self._machines(change):
            if change.from_at is None or change.until_at is None:
                continue
            pattern = self.calendars[one.calendar_id]
            day = overtime_day(pattern.time_zone, change.from_at, change.until_at)
            own = -1 - len(self.calendars)
            self.calendars[own] = replace(pattern, days=(*pattern.days, day))
            self.machines[one.id] = replace(one, calendar_id=own)

    def _on(self, change: ScenarioChange) -> None:
        for one in self._machines(change):
            since, until = change.from_at or self.inputs.now, change.until_at or self.inputs.now
            self.holes = [part for hole in self.holes for part in _outside(hole, one.id, since, until)]
            if not one.is_active:
                self.machines[one.id] = replace(one, is_active=True)
                self.holes += [
                    Hole(one.id, since - FOREVER, since, False, "Not active"),
                    Hole(one.id, until, until + FOREVER, False, "Not active"),
                ]

    def _off(self, change: ScenarioChange) -> None:
        if change.from_at is not None and change.until_at is not None:
            for one in self._machines(change):
                self.holes.append(Hole(one.id, change.from_at, change.until_at, False, "Off in this scenario"))

    def _out(self, change: ScenarioChange) -> None:
        self.work = [one for one in self.work if one.line_id != change.order_line_id or is_started(one)]

    def _due(self, change: ScenarioChange) -> None:
        due_at = due_of(self.inputs, change.due_on) if change.due_on else None
        self._change_work(change, lambda one: replace(one, due_at=due_at))

    def _weight(self, change: ScenarioChange) -> None:
        self._change_work(change, lambda one: replace(one, weight=change.weight))

    def _change_work(self, change: ScenarioChange, use: Callable[[OpenOperation], OpenOperation]) -> None:
        self.work = [use(one) if one.line_id == change.order_line_id else one for one in self.work]

    def _weights(self, change: ScenarioChange) -> None:
        known = self.weights or PlanWeights(plant=self.inputs.plant)
        names = [field.attname for field in PlanWeights._meta.concrete_fields]
        self.weights = PlanWeights(**{name: getattr(known, name) for name in names} | change.weights)

    def _operations(self, order: NewOrder, change: ScenarioChange, makes: Sequence[Make]) -> Iterator[OpenOperation]:
        """As the rows of a confirmed order would be read."""
        ids: dict[tuple[str, int], int] = {}
        for make in makes:
            for step in make.steps:
                key = ids[make.path, step.sequence] = -1 - len(self.would_be)
                self.would_be[key] = WouldBe(change.pk, make.path, step.sequence, step.name)
        for make in makes:
            before: list[int] = []
            for step in make.steps:
                parts = [
                    ids[need.make.path, need.make.steps[-1].sequence]
                    for need in make.components
                    if need.make is not None and need.operation_sequence == step.sequence
                ]
                key = ids[make.path, step.sequence]
                yield replace(_operation(order, make, step), operation_id=key, predecessor_ids=(*before, *parts))
                before = [key]


def _operation(order: NewOrder, make: Make, step: Step) -> OpenOperation:
    """A step of an order that nobody has written, as an operation that nobody has begun."""
    return OpenOperation(
        operation_id=0,
        sequence=step.sequence,
        name=step.name,
        work_centre_id=step.work_centre_id,
        setup_min=step.setup_min,
        run_min_per_unit=step.run_min_per_unit,
        setup_family=step.setup_family,
        is_splittable=step.is_splittable,
        good_qty=ZERO,
        scrap_qty=ZERO,
        worked_min=ZERO,
        started_at=None,
        finished_at=None,
        machine_id=None,
        planned_machine_id=None,
        planned_start_at=None,
        planned_end_at=None,
        work_order_id=0,
        work_order_no=order.label,
        path=make.path,
        state="firm",
        material_id=make.material_id,
        quantity=make.quantity,
        line_id=None,
        line_no=None,
        order_id=None,
        order_no=None,
        is_rush=None,
        wanted_on=None,
        promised_at=None,
        weight=order.weight,
        due_at=order.due_at,
        remaining_qty=make.quantity,
        is_last=step is make.steps[-1],
        material_ready_at=make.ready_at(step.sequence),
    )


def _outside(hole: Hole, machine_id: int, since: dt.datetime, until: dt.datetime) -> Iterator[Hole]:
    """What of a hole lies outside of [since, until)."""
    if hole.machine_id != machine_id or hole.ends_at <= since or hole.starts_at >= until:
        yield hole
        return
    if hole.starts_at < since:
        yield replace(hole, ends_at=since)
    if hole.ends_at > until:
        yield replace(hole, starts_at=until)
