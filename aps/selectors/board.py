"""The scheduling board: the published plan in compact columns for the canvas, minutes from one epoch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aps import snapshot
from aps.minutes import EPOCH, minute_after, minute_of
from aps.models import Plan
from aps.rows import Row
from aps.snapshot import Inputs
from erp.selectors import OpenOperation
from masterdata import lateness
from masterdata.models import Material, User
from masterdata.shown import number
from masterdata.worktime import expanded

LOOKS_BACK = dt.timedelta(days=1)
LOOKS_AHEAD = dt.timedelta(days=14)
LONGEST = dt.timedelta(days=120)
COLUMNS = (
    "id",
    "machine",
    "start",
    "run",
    "end",
    "order",
    "line",
    "work_order",
    "step",
    "name",
    "material",
    "quantity",
    "family",
    "state",
    "late",
    "due",
    "ready",
    "title",
    "before",
)


def board(plant_id: int, user: User | None = None, *, now: dt.datetime) -> dict[str, Any]:
    """The plant's machines and planned operations; plain values, ready for JSON. The number of queries is constant.

    `operations` is a column per name in COLUMNS; times are minutes from `epoch`; `machine` and `order` are positions in
    `machines` and `orders`. [start, run) is setup. `state` is "planned" or "running", `late` the minutes that the line
    ends after its due date (its last operation; 0: in time), `due` and `ready` are empty when there is none. `before`
    are the ids of operations that must end first.
    """
    inputs = snapshot.read_inputs(plant_id, now)
    machines = list(inputs.machines.values())
    plan = Plan.objects.filter(plant_id=plant_id, number=inputs.plan_no).first()
    first, last = _period(inputs)
    columns, orders = _operations(inputs, {one.id: at for at, one in enumerate(machines)})
    return {
        "plant": {"id": plant_id, "code": inputs.plant.code, "name": inputs.plant.name, "zone": inputs.plant.time_zone},
        "plan": None if plan is None else _plan(plan),
        "wanted_version": inputs.wanted_version,
        "is_waiting": inputs.wanted_version > inputs.planned_version,
        "epoch": EPOCH.isoformat(),
        "now": minute_of(now),
        "from": minute_of(first),
        "until": minute_of(last),
        "work_centres": _work_centres(inputs),
        "machines": [
            {
                "id": one.id,
                "code": one.code,
                "name": one.name,
                "work_centre": one.work_centre_id,
                "windows": _spans(expanded(inputs.calendars[one.calendar_id], first, last)),
                "blocks": _blocks(inputs, one.id),
            }
            for one in machines
        ],
        "orders": orders,
        "operations": columns,
        "unplanned": len({one.operation_id for one in inputs.work} - {row.operation_id for row in inputs.published}),
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


def _period(inputs: Inputs) -> tuple[dt.datetime, dt.datetime]:
    today = inputs.now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = min([today - LOOKS_BACK, *(row.starts_at for row in inputs.published)])
    last = max([today + LOOKS_AHEAD, *(row.ends_at for row in inputs.published)])
    whole = first.replace(hour=0, minute=0, second=0, microsecond=0)
    return whole, min(last.replace(hour=0, minute=0, second=0, microsecond=0) + LOOKS_BACK, whole + LONGEST)


def _work_centres(inputs: Inputs) -> list[dict[str, Any]]:
    names = {one.work_centre_id: one.work_centre for one in inputs.machines.values()}
    return [{"id": key, "name": name} for key, name in names.items()]


def _spans(intervals: Sequence[tuple[dt.datetime, dt.datetime]]) -> list[list[int]]:
    return [[minute_of(start), minute_after(end)] for start, end in intervals]


def _blocks(inputs: Inputs, machine_id: int) -> list[dict[str, Any]]:
    return [
        {
            "start": minute_of(hole.starts_at),
            "end": minute_after(hole.ends_at),
            "cause": hole.cause,
            "is_open": hole.is_open,
        }
        for hole in inputs.holes
        if hole.machine_id == machine_id
    ]


def _operations(inputs: Inputs, machine_at: Mapping[int, int]) -> tuple[dict[str, list[Any]], list[dict[str, Any]]]:
    work = {one.operation_id: one for one in inputs.work}
    shown = [row for row in inputs.published if row.operation_id in work and row.machine_id in machine_at]
    late = _late(work, shown)
    materials = Material.objects.in_bulk({one.material_id for one in inputs.work})
    orders: dict[int | None, int] = {}
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    for row in sorted(shown, key=lambda row: (machine_at[row.machine_id], row.starts_at, row.operation_id)):
        one = work[row.operation_id]
        values = (
            row.operation_id,
            machine_at[row.machine_id],
            minute_of(row.starts_at),
            minute_of(row.runs_at),
            minute_of(row.ends_at),
            orders.setdefault(one.order_id, len(orders)),
            one.line_no,
            one.work_order_no,
            one.sequence,
            one.name,
            materials[one.material_id].code,
            number(one.quantity),
            one.setup_family,
            "running" if one.started_at else "planned",
            late.get(one.line_id, 0),
            minute_of(one.due_at) if one.due_at else None,
            minute_after(one.material_ready_at) if one.material_ready_at else None,
            materials[one.material_id].name,
            list(one.predecessor_ids),
        )
        for name, value in zip(COLUMNS, values, strict=True):
            columns[name].append(value)
    return columns, _orders(work.values(), orders)


def _orders(work: Iterable[OpenOperation], orders: Mapping[int | None, int]) -> list[dict[str, Any]]:
    numbers = {one.order_id: (one.order_no or "", bool(one.is_rush)) for one in work}
    return [{"id": key, "number": numbers[key][0], "is_rush": numbers[key][1]} for key in orders]


def _late(work: Mapping[int, OpenOperation], rows: Sequence[Row]) -> dict[int | None, int]:
    """Minutes that each line's last operation ends after it is due."""
    found: dict[int | None, int] = {}
    for row in rows:
        one = work[row.operation_id]
        if one.due_at is not None and lateness.is_late(one.due_at, row.ends_at):
            found[one.line_id] = max(found.get(one.line_id, 0), minute_after(row.ends_at) - minute_of(one.due_at))
    return found
