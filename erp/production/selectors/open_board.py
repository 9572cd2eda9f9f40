"""Open work as a board shows it: what `open_operations` says of it, read lean, because a board asks at each change.

What is read is compared with what was read before: only work orders of which a row differs are looked at again.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from erp.production.selectors.open_work import CHILDREN, Due
from erp.production.selectors.ready import Waiting, times_of, waiting
from masterdata.models import Plant
from masterdata.numbers import ZERO

_OPERATIONS = """
    SELECT o.id, o.work_order_id, o.sequence, o.name, o.setup_family, o.is_splittable, o.started_at IS NOT NULL,
        o.finished_at IS NOT NULL, o.mends_id, o.quantity,
        nullif(o.good_qty, 0), nullif(o.scrap_qty, 0), nullif(o.rework_qty, 0)
    FROM erp_workorderoperation o JOIN erp_workorder w ON w.id = o.work_order_id
    WHERE w.plant_id = %s AND w.state IN ('firm', 'released') ORDER BY w.id, o.sequence
"""
_WORK_ORDERS = """
    SELECT w.id, w.number, w.sales_order_line_id, w.material_id, w.quantity + w.over_qty
    FROM erp_workorder w WHERE w.plant_id = %s AND w.state IN ('firm', 'released') ORDER BY w.id
"""
_LINES = """
    SELECT l.id, l.order_id, l.line_no, l.wanted_on, l.promised_at, s.number, s.is_rush, p.name
    FROM erp_salesorderline l
    JOIN erp_salesorder s ON s.id = l.order_id
    JOIN masterdata_partner p ON p.id = s.customer_id
    WHERE l.id IN (
        SELECT w.sales_order_line_id FROM erp_workorder w WHERE w.plant_id = %s AND w.state IN ('firm', 'released'))
    ORDER BY l.id
"""
_MATERIALS = """
    SELECT m.id, m.code, m.name FROM masterdata_material m
    WHERE m.id IN (SELECT w.material_id FROM erp_workorder w WHERE w.plant_id = %s AND w.state IN ('firm', 'released'))
    ORDER BY m.id
"""

Raw = tuple[Any, ...]


class OpenStep(NamedTuple):
    """An operation that is not finished. `mends_qty`: what a rework step mends; `done` is percent of its pieces.

    When its bought components come stands in the board's `ready`, by work order and sequence; not of a rework step.
    """

    id: int
    work_order_id: int
    sequence: int
    name: str
    family: str
    is_splittable: bool
    is_started: bool
    mends_qty: Decimal | None
    done: int
    before: tuple[int, ...]


class OpenOrder(NamedTuple):
    """A firm or released work order; `line_id` is the order line that waits for it."""

    number: str
    line_id: int | None
    material_id: int
    quantity: Decimal


class WaitingLine(NamedTuple):
    """An order line that work is open for; `due_at` as in OpenOperation."""

    order_id: int
    line_no: int
    wanted_on: dt.date | None
    promised_at: dt.datetime | None
    order_no: str
    is_rush: bool
    customer: str
    due_at: dt.datetime | None


@dataclass(frozen=True)
class OpenBoard:
    """A plant's open work with what it is for, by id; materials are code and name; `steps` stand by work order.

    `ready` as in `ready_times`. `kept` is for the next reading.
    """

    steps: Mapping[int, Sequence[OpenStep]]
    ready: Mapping[tuple[int, int], dt.datetime]
    work_orders: Mapping[int, OpenOrder]
    lines: Mapping[int, WaitingLine]
    materials: Mapping[int, tuple[str, str]]
    kept: Kept


class Kept(NamedTuple):
    """Rows as they were read."""

    operations: Sequence[Raw]
    children: Sequence[Raw]
    orders: Sequence[Raw]
    lines: Sequence[Raw]
    materials: Sequence[Raw]
    waiting: Waiting


_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
_NOTHING = OpenBoard({}, {}, {}, {}, {}, Kept((), (), (), (), (), Waiting(_NEVER, (), (), ())))
"""Before the first reading."""


class _Row(NamedTuple):
    id: int
    work_order_id: int
    sequence: int
    name: str
    family: str
    is_splittable: bool
    is_started: bool
    is_finished: bool
    mends_id: int | None
    mends_qty: Decimal | None
    good: Decimal | None
    scrap: Decimal | None
    rework: Decimal | None

    @property
    def is_plain(self) -> bool:
        """Nothing is reported of it, and it mends nothing."""
        return self[8] is None and self[10] is None and self[11] is None and self[12] is None

    @property
    def reported(self) -> Decimal:
        return (self.good or ZERO) + (self.scrap or ZERO) + (self.rework or ZERO)


def open_board(plant: Plant, *, now: dt.datetime, before: OpenBoard | None = None) -> OpenBoard:
    """The plant's open work; eight queries whatever the size. `now` as in `open_operations`.

    `before` is an earlier reading of the same plant, of which everything that did not change is taken over.
    """
    last = before or _NOTHING
    kept, was = _read(plant, now), last.kept
    orders, materials, ready = last.work_orders, last.materials, last.ready
    if kept.orders != was.orders:
        orders = {row[0]: OpenOrder(*row[1:]) for row in kept.orders}
    if kept.materials != was.materials:
        materials = {key: (code, name) for key, code, name in kept.materials}
    if kept.waiting != was.waiting:
        ready = times_of(kept.waiting)
    due = Due(plant)
    lines = {key: WaitingLine._make([*row, due.at(wanted_on=row[2], promised_at=row[3])]) for key, *row in kept.lines}
    changed = _changed(was, kept)
    steps = {key: found for key, found in last.steps.items() if key not in changed} | _made(kept, orders, changed)
    return OpenBoard(steps, ready, orders, lines, materials, kept)


def _read(plant: Plant, now: dt.datetime) -> Kept:
    with connection.cursor() as cursor:

        def rows(query: str) -> Sequence[Raw]:
            cursor.execute(query, [plant.pk])
            return cursor.fetchall()

        operations, children = rows(_OPERATIONS), rows(CHILDREN)
        return Kept(operations, children, rows(_WORK_ORDERS), rows(_LINES), rows(_MATERIALS), waiting(plant.pk, now))


def _changed(was: Kept, now: Kept) -> set[int]:
    """Work orders of which a row differs, and those that wait for one of them."""
    found = {row[1] for row in _different(was.operations, now.operations)}
    found |= {row[0] for row in _different(was.orders, now.orders)}
    parents = {parent_id for parent_id, _, child_id in now.children if child_id in found} if found else set()
    return found | parents | {row[0] for row in _different(was.children, now.children)}


def _different(was: Sequence[Raw], now: Sequence[Raw]) -> Collection[Raw]:
    """Rows that only one of them has."""
    if len(was) == len(now):
        return [row for old, new in zip(was, now, strict=True) if old != new for row in (old, new)]
    return set(was) ^ set(now)


def _made(kept: Kept, orders: Mapping[int, OpenOrder], wanted: set[int]) -> dict[int, Sequence[OpenStep]]:
    """Open steps by work order, of those `wanted`."""
    children = [row for row in kept.children if row[0] in wanted]
    used = wanted | {row[2] for row in children}
    rows = (row for row in kept.operations if row[1] in used)
    by_order = {key: list(map(_Row._make, group)) for key, group in groupby(rows, itemgetter(1))}
    waits_for = _waits(by_order, children)
    return {
        key: tuple(_steps(group, orders[key].quantity, waits_for)) for key, group in by_order.items() if key in wanted
    }


def _waits(by_order: Mapping[int, Sequence[_Row]], children: Sequence[Raw]) -> dict[tuple[int, int], tuple[int, ...]]:
    """Last operations of the work orders that make components, by (work order, sequence) of who waits for them."""
    found: dict[tuple[int, int], tuple[int, ...]] = defaultdict(tuple)
    for parent_id, sequence, child_id in children:
        last = next((row for row in reversed(by_order.get(child_id, ())) if row.mends_id is None), None)
        if last is not None and not last.is_finished:
            found[parent_id, sequence] += (last.id,)
    return found


def _steps(
    rows: Sequence[_Row],
    quantity: Decimal,
    waits_for: Mapping[tuple[int, int], tuple[int, ...]],
) -> Iterator[OpenStep]:
    """The open steps of one work order."""
    if all(row.is_plain for row in rows):
        yield from _plain_steps(rows, waits_for)
        return
    done = _done(rows, quantity) if any(row.good or row.scrap or row.rework for row in rows) else {}
    mending = [row for row in rows if row.mends_id is not None and not row.is_finished]
    previous: _Row | None = None
    for row in rows:
        before: tuple[int, ...] = ()
        if row.mends_id is None:
            if previous is not None and not previous.is_finished:
                before = (previous.id,)
            before += waits_for.get((row.work_order_id, row.sequence), ())
            previous = row
        if not row.is_finished:
            before += tuple(step.id for step in mending if step.mends_id in before)
            yield OpenStep(*row[:7], row.mends_qty if row.mends_id else None, done.get(row.id, 0), before)


def _plain_steps(
    rows: Sequence[_Row],
    waits_for: Mapping[tuple[int, int], tuple[int, ...]],
) -> Iterator[OpenStep]:
    """The same where nothing is reported or mended, as it is in most: in less than half of the time."""
    before: tuple[int, ...] = ()
    for key, work_id, sequence, name, family, is_splittable, is_started, is_finished, *_ in rows:
        if is_finished:
            before = ()
            continue
        before += waits_for.get((work_id, sequence), ())
        yield OpenStep(key, work_id, sequence, name, family, is_splittable, is_started, None, 0, before)
        before = (key,)


def _done(rows: Sequence[_Row], quantity: Decimal) -> dict[int, int]:
    """Percent of the pieces that an operation works on which were reported; what was lost before it never comes."""
    found, expected = {}, quantity
    for row in rows:
        whole = (row.mends_qty or ZERO) if row.mends_id is not None else expected
        if row.reported:
            found[row.id] = math.floor(100 * row.reported / max(whole, row.reported))
        if row.mends_id is None:
            expected = (row.good or ZERO) if row.is_finished else expected - (row.scrap or ZERO)
    return found
