"""What is being made for an order: each line's work orders with their operations, as they stand now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.production.models import WorkOrder, WorkOrderOperation
from erp.sales.models import SalesOrderLine
from erp.sales.selectors.ready import ReadyLine, ready_lines
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Making:
    """One work order and its operations in sequence."""

    work_order: WorkOrder
    operations: Sequence[WorkOrderOperation]


@dataclass(frozen=True, slots=True)
class LineWork:
    """An order line: the product's own work orders, those of its parts, and what is in hand.

    `ready` is made, reserved or gone to the customer; `to_pack` can be packed now.
    """

    line: SalesOrderLine
    products: Sequence[Making]
    parts: Sequence[Making]
    ready: Decimal
    to_pack: Decimal


def line_work(order_id: int, lines: Sequence[SalesOrderLine], work_orders: Sequence[WorkOrder]) -> list[LineWork]:
    """Every line with its work, by two queries; lines and work orders come from `order_detail`."""
    operations: dict[int, list[WorkOrderOperation]] = defaultdict(list)
    found = WorkOrderOperation.objects.filter(work_order__in=[one.pk for one in work_orders])
    for operation in found.select_related("machine", "planned_machine").order_by("work_order_id", "sequence"):
        operations[operation.work_order_id].append(operation)
    made: dict[int | None, list[Making]] = defaultdict(list)
    for one in work_orders:
        if one.state != WorkOrder.State.CANCELLED:
            made[one.sales_order_line_id].append(Making(one, operations[one.pk]))
    ready = {one.line_id: one for one in ready_lines(order_id)}
    return [_line(line, made[line.pk], ready.get(line.pk)) for line in lines]


def _line(line: SalesOrderLine, made: Sequence[Making], ready: ReadyLine | None) -> LineWork:
    in_hand = line.shipped_qty + (ready.made + ready.reserved if ready else ZERO)
    return LineWork(
        line=line,
        products=[one for one in made if "." not in one.work_order.path],
        parts=[one for one in made if "." in one.work_order.path],
        ready=min(line.quantity, in_hand),
        to_pack=ready.quantity if ready else ZERO,
    )
