"""What is left to make in a plant: every open operation with what it waits for, as a plan needs to know it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from erp.production.selectors.ready import ready_times
from masterdata.models import Plant
from masterdata.numbers import ZERO

_OPERATIONS = """
    SELECT o.id, o.sequence, o.name, o.work_centre_id, o.setup_min, o.run_min_per_unit, o.setup_family, o.is_splittable,
        o.good_qty, o.scrap_qty, o.worked_min, o.started_at, o.finished_at, o.machine_id,
        o.planned_machine_id, o.planned_start_at, o.planned_end_at,
        w.id, w.number, w.path, w.state, w.material_id, coalesce(o.quantity, w.quantity + w.over_qty), l.id, l.line_no,
        l.order_id, s.number, s.is_rush, l.wanted_on, l.promised_at, l.weight, o.rework_qty, o.mends_id
    FROM erp_workorderoperation o
    JOIN erp_workorder w ON w.id = o.work_order_id
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    LEFT JOIN erp_salesorder s ON s.id = l.order_id
    WHERE w.plant_id = %s AND w.state IN ('firm', 'released')
    ORDER BY w.id, o.sequence
"""
CHILDREN = """
    SELECT DISTINCT m.work_order_id, m.operation_sequence, p.work_order_id
    FROM erp_peg p
    JOIN erp_workordermaterial m ON m.id = p.work_order_material_id
    JOIN erp_workorder parent ON parent.id = m.work_order_id
    JOIN erp_workorder child ON child.id = p.work_order_id
    WHERE parent.plant_id = %s AND parent.state IN ('firm', 'released') AND child.state IN ('firm', 'released')
    ORDER BY 1, 2, 3
"""


@dataclass(slots=True)
class OpenOperation:
    """An operation that is not finished, of a firm or released work order.

    `predecessor_ids` are the open operations that must end before it: the one before it in its work order, the last
    ones of the work orders that make its components, and rework steps of the one before. `quantity` is the work
    order's, or what a rework step (`mends_id`) mends. `material_ready_at` is empty when all its bought components are
    there. `remaining_qty` is what it still has to work on, expected scrap of earlier operations taken off as far as
    it happened. `due_at` is when the last operation must end so that the delivery is in time: promise, else the
    wanted day's end, less transport; empty for what no order waits for. Minutes are at 100 % speed.
    """

    operation_id: int
    sequence: int
    name: str
    work_centre_id: int
    setup_min: Decimal
    run_min_per_unit: Decimal
    setup_family: str
    is_splittable: bool
    good_qty: Decimal
    scrap_qty: Decimal
    worked_min: Decimal
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    machine_id: int | None
    planned_machine_id: int | None
    planned_start_at: dt.datetime | None
    planned_end_at: dt.datetime | None
    work_order_id: int
    work_order_no: str
    path: str
    state: str
    material_id: int
    quantity: Decimal
    line_id: int | None
    line_no: int | None
    order_id: int | None
    order_no: str | None
    is_rush: bool | None
    wanted_on: dt.date | None
    promised_at: dt.datetime | None
    weight: int | None
    rework_qty: Decimal = ZERO
    mends_id: int | None = None
    due_at: dt.datetime | None = None
    remaining_qty: Decimal = ZERO
    is_last: bool = False
    predecessor_ids: tuple[int, ...] = field(default=())
    material_ready_at: dt.datetime | None = None

    @property
    def remaining_min(self) -> Decimal:
        """Minutes of run left, at 100 % speed, without setup."""
        return self.run_min_per_unit * self.remaining_qty


def open_operations(plant_id: int, *, now: dt.datetime | None = None) -> list[OpenOperation]:
    """Every open operation of the plant by work order and sequence; seven queries whatever the size.

    `now` dates what nobody has ordered yet: today plus lead time.
    """
    now = now or timezone.now()
    plant = Plant.objects.get(pk=plant_id)
    with connection.cursor() as cursor:
        cursor.execute(_OPERATIONS, [plant_id])
        rows = [OpenOperation(*row) for row in cursor.fetchall()]
        cursor.execute(CHILDREN, [plant_id])
        children = cursor.fetchall()
    by_order: dict[int, list[OpenOperation]] = defaultdict(list)
    for row in rows:
        by_order[row.work_order_id].append(row)
    waits_for: dict[tuple[int, int], list[int]] = defaultdict(list)
    for parent_id, sequence, child_id in children:
        made = [row for row in by_order.get(child_id, ()) if row.mends_id is None]
        if made and made[-1].finished_at is None:
            waits_for[parent_id, sequence].append(made[-1].operation_id)
    ready = ready_times(plant_id=plant_id, now=now)
    for operations in by_order.values():
        _chain([row for row in operations if row.mends_id is None], waits_for, ready)
        _rework(operations)
    due = Due(plant)
    for row in rows:
        row.due_at = due.of(row)
    return [row for row in rows if row.finished_at is None]


def _chain(
    operations: Sequence[OpenOperation],
    waits_for: dict[tuple[int, int], list[int]],
    ready: dict[tuple[int, int], dt.datetime],
) -> None:
    """Predecessors, remaining quantities and material dates along one work order."""
    expected = operations[0].quantity
    previous: OpenOperation | None = None
    operations[-1].is_last = True
    for row in operations:
        row.remaining_qty = max(ZERO, expected - row.good_qty - row.scrap_qty - row.rework_qty)
        before = [previous.operation_id] if previous is not None and previous.finished_at is None else []
        row.predecessor_ids = (*before, *waits_for.get((row.work_order_id, row.sequence), ()))
        row.material_ready_at = ready.get((row.work_order_id, row.sequence))
        expected = row.good_qty if row.finished_at is not None else expected - row.scrap_qty
        previous = row


def _rework(operations: Sequence[OpenOperation]) -> None:
    """Steps that mend pieces: these lie there, and what follows the mended operation waits for them."""
    for step in operations:
        if step.mends_id is None:
            continue
        step.remaining_qty = max(ZERO, step.quantity - step.good_qty - step.scrap_qty - step.rework_qty)
        for row in operations:
            if step.finished_at is None and step.mends_id in row.predecessor_ids:
                row.predecessor_ids = (*row.predecessor_ids, step.operation_id)


class Due:
    """When the last operation must end, per line."""

    def __init__(self, plant: Plant) -> None:
        self.zone = ZoneInfo(plant.time_zone)
        self.transport = dt.timedelta(minutes=plant.transport_min)

    def of(self, row: OpenOperation) -> dt.datetime | None:
        """Of an operation's line."""
        return self.at(wanted_on=row.wanted_on, promised_at=row.promised_at)

    def at(self, *, wanted_on: dt.date | None, promised_at: dt.datetime | None) -> dt.datetime | None:
        """Of a line with these dates."""
        if promised_at is not None:
            return promised_at - self.transport
        if wanted_on is None:
            return None
        midnight = dt.datetime.combine(wanted_on + dt.timedelta(days=1), dt.time(), tzinfo=self.zone)
        return midnight.astimezone(dt.UTC) - self.transport
