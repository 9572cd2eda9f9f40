"""The published plan's picture, read lean: a board asks at each change and waits for the answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
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
from erp.selectors import OpenBoard
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


def published_picture(plant_id: int, now: dt.datetime) -> Picture:
    """The plant as its published plan has it, as of the minute of `now`; a fixed number of queries."""
    now = now.replace(second=0, microsecond=0)
    with snapshot.one_moment():
        inputs = snapshot.read_ground(plant_id, now)
        work = erp_now.open_board(inputs.plant, now=now)
        planned = _planned(plant_id)
        operations = _shown(work, planned, inputs, now)
        return Picture(
            **ground(inputs, operations, len(work.steps) - len(operations)),
            operations=operations,
            work_orders={
                key: WorkOrder(one.number, one.line_id, one.material_id, _number(one.quantity))
                for key, one in work.work_orders.items()
            },
            lines=_lines(work, inputs.plant),
            orders={one.order_id: Order(one.order_no, one.customer, one.is_rush) for one in work.lines.values()},
            materials=work.materials,
        )


def _planned(plant_id: int) -> dict[int, tuple[int, int, int, int]]:
    """Machine, start, setup and length by operation."""
    with connection.cursor() as cursor:
        cursor.execute(_PLANNED, [_EPOCH_MIN, plant_id])
        return {row[0]: row[1:] for row in cursor.fetchall()}


def _shown(
    work: OpenBoard, planned: Mapping[int, tuple[int, int, int, int]], inputs: snapshot.Inputs, now: dt.datetime
) -> list[Shown]:
    found, pins, machines = [], inputs.pins, inputs.machines
    known: dict[dt.datetime | None, int | None] = {None: None}
    for key, order, sequence, name, family, is_splittable, is_started, mends_qty, done, ready_at, before in work.steps:
        place = planned.get(key)
        if place is None or place[0] not in machines:
            continue
        flags = (SPLITTABLE if is_splittable else 0) | (RUNNING if is_started else 0) | (PINNED if key in pins else 0)
        if ready_at not in known:
            known[ready_at] = None if ready_at is None else ready_of(ready_at, now)
        mends = "" if mends_qty is None else _number(mends_qty)
        step = (order, name, sequence, family)
        found.append(Shown(key, *place, *step, flags, done, known[ready_at], mends, before))
    return sorted(found)


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
