"""The published plan's picture, read lean: a board asks at each change and waits for the answer.

What did not change since an earlier reading is taken over from it, the very objects: so it costs little to compare.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.db import connection

from aps import snapshot
from aps.minutes import minute_of
from aps.selectors.board_picture import (
    PINNED,
    RUNNING,
    SPLITTABLE,
    Line,
    Order,
    Picture,
    Shown,
    WorkOrder,
    ground,
    ready_of,
)
from erp import selectors as erp_now
from erp.selectors import OpenBoard, OpenStep
from masterdata.models import Plant
from masterdata.shown import number

_PLANNED = """
    SELECT operation_id, machine_id, floor(extract(epoch FROM starts_at) / 60)::bigint - %s,
        floor(extract(epoch FROM runs_at - starts_at) / 60)::int,
        floor(extract(epoch FROM ends_at - starts_at) / 60)::int
    FROM aps_plannedoperation WHERE plant_id = %s ORDER BY operation_id
"""
_EPOCH_MIN = 26297280
"""Minutes from 1970 to the epoch of `aps.minutes`."""


@dataclass(frozen=True)
class Reading:
    """A picture with what the next one takes over."""

    picture: Picture
    work: OpenBoard


def published_reading(plant_id: int, now: dt.datetime, before: Reading | None = None) -> Reading:
    """The plant as its published plan has it, as of the minute of `now`; a fixed number of queries.

    `before` is an earlier reading of this plant.
    """
    now = now.replace(second=0, microsecond=0)
    with snapshot.one_moment():
        inputs = snapshot.read_ground(plant_id, now)
        work = erp_now.open_board(inputs.plant, now=now, before=None if before is None else before.work)
        planned = _planned(plant_id)
        operations = _shown(work, planned, inputs, before)
        steps = sum(map(len, work.steps.values()))
        found = Picture(
            **ground(inputs, operations, steps - len(operations)),
            operations=operations,
            work_orders=_work_orders(work, before),
            lines=_lines(work, inputs.plant),
            orders={one.order_id: Order(one.order_no, one.customer, one.is_rush) for one in work.lines.values()},
            materials=work.materials,
        )
        return Reading(found, work)


def _planned(plant_id: int) -> dict[int, tuple[int, int, int, int]]:
    """Machine, start, setup and length by operation."""
    with connection.cursor() as cursor:
        cursor.execute(_PLANNED, [_EPOCH_MIN, plant_id])
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _shown(
    work: OpenBoard,
    planned: Mapping[int, tuple[int, int, int, int]],
    inputs: snapshot.Inputs,
    before: Reading | None,
) -> list[Shown]:
    found, pins, machines = [], inputs.pins, inputs.machines
    ready = _Ready(inputs.now)
    was = {} if before is None else {one.id: one for one in before.picture.operations}
    known = {} if before is None else before.work.steps
    for order, steps in work.steps.items():
        is_known = known.get(order) is steps
        for step in steps:
            key = step.id
            place = planned.get(key)
            if place is None or place[0] not in machines:
                continue
            at = None if step.mends_qty is not None else ready[work.ready.get((order, step.sequence))]
            is_pinned = key in pins
            old = was.get(key) if is_known else None
            if old is None or old.place != place or old.ready != at or bool(old.flags & PINNED) != is_pinned:
                old = _made(step, place, at, is_pinned)
            found.append(old)
    return sorted(found)


class _Ready(dict[dt.datetime | None, int | None]):
    """The minute to show of a moment when components come."""

    def __init__(self, now: dt.datetime) -> None:
        super().__init__({None: None})
        self._now = now

    def __missing__(self, at: dt.datetime | None) -> int | None:
        found = self[at] = None if at is None else ready_of(at, self._now)
        return found


def _made(step: OpenStep, place: tuple[int, int, int, int], ready: int | None, is_pinned: bool) -> Shown:
    key, order, sequence, name, family, is_splittable, is_started, mends_qty, done, before = step
    flags = (SPLITTABLE if is_splittable else 0) | (RUNNING if is_started else 0) | (PINNED if is_pinned else 0)
    mends = "" if mends_qty is None else _number(mends_qty)
    return Shown(key, *place, order, name, sequence, family, flags, done, ready, mends, before)


def _work_orders(work: OpenBoard, before: Reading | None) -> Mapping[int, WorkOrder]:
    if before is not None and before.work.work_orders is work.work_orders:
        return before.picture.work_orders
    return {
        key: WorkOrder(one.number, one.line_id, one.material_id, _number(one.quantity))
        for key, one in work.work_orders.items()
    }


def _lines(work: OpenBoard, plant: Plant) -> dict[int, Line]:
    found = {}
    for key, one in work.lines.items():
        due = None if one.due_at is None else minute_of(one.due_at)
        promised = due + plant.transport_min if due is not None and one.promised_at is not None else None
        found[key] = Line(one.order_id, one.line_no, due, promised)
    return found


@lru_cache(maxsize=4096)
def _number(quantity: Decimal) -> str:
    return number(quantity)
