"""What the scheduling board shows of a plant: its machines, and the planned operations with what they are for."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from aps.minutes import EPOCH, minute_after, minute_of, time_of
from aps.models import Plan
from aps.rows import Row
from aps.snapshot import Inputs
from erp.models import SalesOrder
from erp.selectors import OpenOperation
from masterdata import lateness
from masterdata.models import Material
from masterdata.shown import number
from masterdata.worktime import expanded, named_shifts

DAY, NOTHING = dt.timedelta(days=1), dt.timedelta(0)
DAY_MIN = 24 * 60
LOOKS_BACK_MIN, LOOKS_AHEAD_MIN, LONGEST_MIN = DAY_MIN, 14 * DAY_MIN, 120 * DAY_MIN
GRACE_MIN = lateness.GRACE // dt.timedelta(minutes=1)
PINNED, SPLITTABLE, RUNNING = 1, 4, 8


class Shown(NamedTuple):
    """A planned operation. Minutes from EPOCH; `setup` and `length` are clock minutes from `start`.

    `flags` are PINNED, SPLITTABLE and RUNNING; `done` is percent; `mends` is the quantity of a rework step, else
    empty; `before` are the ids of operations that must end first.
    """

    id: int
    machine_id: int
    start: int
    setup: int
    length: int
    work_order_id: int
    step: str
    sequence: int
    family: str
    flags: int
    done: int
    ready: int | None
    mends: str
    before: tuple[int, ...]

    @property
    def place(self) -> tuple[int, int, int, int]:
        """Machine, start, setup and length."""
        return self[1:5]


class WorkOrder(NamedTuple):
    """What an operation makes: `line_id` is the order line that waits for it."""

    number: str
    line_id: int | None
    material_id: int
    quantity: str


class Line(NamedTuple):
    """An order line; `due` is when its last operation must end, `promised` what the customer was told."""

    order_id: int
    line_no: int
    due: int | None
    promised: int | None


class Order(NamedTuple):
    """A customer's order."""

    number: str
    customer: str
    is_rush: bool


@dataclass(frozen=True)
class Picture:
    """All that the board shows, by id; `head` to `shifts` are plain values. Operations stand by id."""

    head: Mapping[str, Any]
    work_centres: Sequence[Mapping[str, Any]]
    machines: Sequence[Mapping[str, Any]]
    calendars: Sequence[Sequence[Sequence[int]]]
    shifts: Sequence[Sequence[Sequence[int | str]]]
    operations: Sequence[Shown]
    work_orders: Mapping[int, WorkOrder]
    lines: Mapping[int, Line]
    orders: Mapping[int, Order]
    materials: Mapping[int, tuple[str, str]]


def picture(inputs: Inputs, rows: Sequence[Row]) -> Picture:
    """The plant with the open work of `inputs` where `rows` have it; three queries whatever the size."""
    work = {one.operation_id: one for one in inputs.work}
    shown = [row for row in rows if row.operation_id in work and row.machine_id in inputs.machines]
    used = [work[row.operation_id] for row in shown]
    operations = sorted(_shown(work[row.operation_id], row, inputs) for row in shown)
    return Picture(
        **ground(inputs, operations, len(work) - len(operations)),
        operations=operations,
        work_orders=_work_orders(used),
        lines={one.line_id: _line(one, inputs.plant.transport_min) for one in used if one.line_id is not None},
        orders=_orders(used),
        materials=_materials({one.material_id for one in used}),
    )


def ground(inputs: Inputs, operations: Sequence[Shown], unplanned: int) -> dict[str, Any]:
    """What a picture has beside operations; one query."""
    first, last = _period(minute_of(inputs.now), operations)
    centres = {one.work_centre_id: one.work_centre for one in inputs.machines.values()}
    start, end = time_of(first), time_of(last)
    return {
        "head": _head(inputs, first, last, unplanned),
        "work_centres": [{"id": key, "name": name} for key, name in centres.items()],
        "machines": _machines(inputs),
        "calendars": [
            [[minute_of(begin), minute_after(finish)] for begin, finish in expanded(pattern, start, end)]
            for pattern in inputs.calendars.values()
        ],
        "shifts": [
            [
                [minute_of(one.starts_at), minute_after(one.ends_at), one.name]
                for one in named_shifts(pattern, start, end)
            ]
            for pattern in inputs.calendars.values()
        ],
    }


def _head(inputs: Inputs, first: int, last: int, unplanned: int) -> dict[str, Any]:
    plant = inputs.plant
    plan = Plan.objects.filter(plant_id=plant.pk, number=inputs.plan_no).first()
    frozen_h = inputs.weights.frozen_h if inputs.weights is not None else 0
    return {
        "plant": {"id": plant.pk, "code": plant.code, "name": plant.name, "zone": plant.time_zone},
        "plan": None if plan is None else _plan(plan),
        "is_waiting": inputs.wanted_version > inputs.planned_version,
        "epoch": EPOCH.isoformat(),
        "now": minute_of(inputs.now),
        "from": first,
        "until": last,
        "frozen_until": minute_of(inputs.now) + 60 * frozen_h if frozen_h else None,
        "grace": GRACE_MIN,
        "unplanned": unplanned,
    }


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "no": plan.number,
        "is_final": plan.is_final,
        "published_at": plan.published_at.isoformat(),
        "origin": plan.origin,
        "cause": plan.cause,
        "late_lines": plan.late_lines,
        "setup_min": plan.setup_min,
        "changed": plan.changed,
    }


def _period(now: int, operations: Sequence[Shown]) -> tuple[int, int]:
    """From the midnight before the first operation to the one behind the last, a day back and two weeks on at least."""
    first = min((one.start for one in operations), default=now)
    last = max((one.start + one.length for one in operations), default=now)
    first, last = min(now - LOOKS_BACK_MIN, first), max(now + LOOKS_AHEAD_MIN, last)
    whole = first // DAY_MIN * DAY_MIN
    return whole, min((last // DAY_MIN + 1) * DAY_MIN, whole + LONGEST_MIN)


def _machines(inputs: Inputs) -> list[dict[str, Any]]:
    """The machines, each with the position of its calendar."""
    at = {key: position for position, key in enumerate(inputs.calendars)}
    blocks: dict[int, list[dict[str, Any]]] = {one.id: [] for one in inputs.machines.values()}
    for hole in inputs.holes:
        span = {"start": minute_of(hole.starts_at), "end": minute_after(hole.ends_at)}
        if hole.machine_id in blocks:
            blocks[hole.machine_id].append({**span, "cause": hole.cause, "is_open": hole.is_open})
    return [
        {
            "id": one.id,
            "code": one.code,
            "name": one.name,
            "work_centre": one.work_centre_id,
            "calendar": at[one.calendar_id],
            "blocks": blocks[one.id],
        }
        for one in inputs.machines.values()
    ]


def _shown(one: OpenOperation, row: Row, inputs: Inputs) -> Shown:
    start = minute_of(row.starts_at)
    flags = PINNED if one.operation_id in inputs.pins else 0
    flags |= SPLITTABLE if one.is_splittable else 0
    return Shown(
        id=one.operation_id,
        machine_id=row.machine_id,
        start=start,
        setup=minute_of(row.runs_at) - start,
        length=minute_of(row.ends_at) - start,
        work_order_id=one.work_order_id,
        step=one.name,
        sequence=one.sequence,
        family=one.setup_family,
        flags=flags | (RUNNING if one.started_at else 0),
        done=_done(one),
        ready=ready_of(one.material_ready_at, inputs.now) if one.material_ready_at else None,
        mends=number(one.quantity) if one.mends_id is not None else "",
        before=one.predecessor_ids,
    )


def ready_of(at: dt.datetime, now: dt.datetime) -> int:
    """What nobody has ordered comes so many days from now, whatever now is: of that the day is told."""
    return minute_after(at.replace(hour=0, minute=0) if (at - now) % DAY == NOTHING else at)


def _done(one: OpenOperation) -> int:
    """Percent of its pieces that were reported."""
    reported = one.good_qty + one.scrap_qty + one.rework_qty
    return math.floor(100 * reported / (reported + one.remaining_qty)) if reported else 0


def _work_orders(used: Iterable[OpenOperation]) -> dict[int, WorkOrder]:
    """By id. A rework step has a quantity of its own: the others say that of the work order."""
    found: dict[int, WorkOrder] = {}
    for one in used:
        if one.work_order_id not in found or one.mends_id is None:
            found[one.work_order_id] = WorkOrder(one.work_order_no, one.line_id, one.material_id, number(one.quantity))
    return found


def _line(one: OpenOperation, transport_min: int) -> Line:
    due = minute_of(one.due_at) if one.due_at else None
    promised = due + transport_min if due is not None and one.promised_at else None
    return Line(one.order_id or 0, one.line_no or 0, due, promised)


def _orders(used: Iterable[OpenOperation]) -> dict[int, Order]:
    """By id; an order that is only assumed (its id is negative) has no customer."""
    found = {one.order_id: Order(one.order_no or "", "", bool(one.is_rush)) for one in used if one.order_id is not None}
    rows = SalesOrder.objects.filter(pk__in=found).values_list("pk", "customer__name")
    return found | {key: found[key]._replace(customer=name) for key, name in rows}


def _materials(ids: set[int]) -> dict[int, tuple[str, str]]:
    rows = Material.objects.filter(pk__in=ids).values_list("pk", "code", "name")
    return {key: (code, name) for key, code, name in rows}
