"""A work order under lock, as a report works on it, and the rules that a report must keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from erp.production.models import WorkOrder, WorkOrderOperation
from erp.production.services.release import OperationFinished, WorkOrderEnded, check_machine
from masterdata import statements
from masterdata.errors import InvalidInput, Refusal
from masterdata.joined import Joined
from masterdata.models import Company, Currency, Material, Plant, Unit, WorkCentre
from masterdata.units import check_steps

_ORDER = Joined(
    (WorkOrder, "w", ""),
    (Plant, "p", "plant"),
    (Company, "c", "plant.company"),
    (Currency, "y", "plant.company.currency"),
    (Material, "m", "material"),
    (Unit, "u", "material.unit"),
)
_OPERATION = Joined((WorkOrderOperation, "o", ""), (WorkCentre, "x", "work_centre"))
_MINE = "SELECT work_order_id FROM erp_workorderoperation WHERE id = %s"
_LOCK_OWNER = f"""
    SELECT s.id FROM erp_salesorder s WHERE s.id = (
        SELECT l.order_id FROM erp_workorder w JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
        WHERE w.id = ({_MINE})) FOR NO KEY UPDATE
"""  # noqa: S608 (our own words)
_LOCK_ORDER = f"""
    SELECT {_ORDER.select} FROM erp_workorder w
    JOIN masterdata_plant p ON p.id = w.plant_id JOIN masterdata_company c ON c.id = p.company_id
    JOIN masterdata_currency y ON y.id = c.currency_id
    JOIN masterdata_material m ON m.id = w.material_id JOIN masterdata_unit u ON u.id = m.unit_id
    WHERE w.id = ({_MINE}) FOR NO KEY UPDATE OF w
"""  # noqa: S608 (our own words)
_LOCK_OPERATIONS = f"""
    SELECT {_OPERATION.select} FROM erp_workorderoperation o JOIN masterdata_workcentre x ON x.id = o.work_centre_id
    WHERE o.work_order_id = ({_MINE}) ORDER BY o.sequence FOR NO KEY UPDATE OF o
"""  # noqa: S608 (our own words)


class OverReport(Refusal):
    """More pieces than came into the operation; `remaining` says how many can still be reported."""

    code: ClassVar[str] = "over_report"


class EarlierOperationOpen(Refusal):
    """An operation can't end before the one that feeds it."""

    code: ClassVar[str] = "earlier_operation_open"


@dataclass(slots=True)
class Floor:
    """The locked work order, its operations in sequence, the reported one's place among them, and the sales order."""

    work_order: WorkOrder
    operations: Sequence[WorkOrderOperation]
    place: int
    sales_order_id: int | None

    @property
    def operation(self) -> WorkOrderOperation:
        return self.operations[self.place]

    @property
    def input_qty(self) -> Decimal:
        """What has come into the operation: good pieces of the one before it, else the whole order."""
        return self.operations[self.place - 1].good_qty if self.place else self.work_order.quantity

    @property
    def remaining_qty(self) -> Decimal:
        return self.input_qty - self.operation.good_qty - self.operation.scrap_qty

    @property
    def yield_qty(self) -> Decimal:
        """Pieces that can still become good: what came out of the finished operations less the scrap of later ones."""
        left = self.work_order.quantity
        for row in self.operations:
            left = row.good_qty if row.finished_at is not None else left - row.scrap_qty
        return left

    def loss(self, *, good_qty: Decimal, scrap_qty: Decimal, finish: bool) -> Decimal:
        """Pieces that such a report would lose: scrap, and what ends without having been made."""
        return self.remaining_qty - good_qty if finish else scrap_qty

    @property
    def is_done(self) -> bool:
        """Whether the last operation is finished."""
        return self.operations[-1].finished_at is not None


def hold_floor(operation_id: int) -> Floor:
    """Lock the sales order (if any), the work order and its operations, in this order and one round trip."""
    owner, orders, rows = statements.together(
        (_LOCK_OWNER, [operation_id]), (_LOCK_ORDER, [operation_id]), (_LOCK_OPERATIONS, [operation_id])
    )
    if not orders:
        raise WorkOrderOperation.DoesNotExist(f"There is no operation {operation_id}.")
    work_order: WorkOrder = _ORDER.build(orders[0])
    operations: list[WorkOrderOperation] = [_OPERATION.build(row) for row in rows]
    for operation in operations:
        operation.work_order = work_order
    place = next(index for index, row in enumerate(operations) if row.pk == operation_id)
    return Floor(work_order, operations, place, owner[0][0] if owner else None)


def lock_operation(*, operation_id: int) -> None:
    """Hold an operation with its sales order and work order until the caller's transaction ends.

    For deeds on the floor that look before they report: whoever locks these first never deadlocks with a report.
    """
    hold_floor(operation_id)


def check_report(
    floor: Floor, *, good_qty: Decimal, scrap_qty: Decimal, worked_min: Decimal, finish: bool, machine_id: int | None
) -> None:
    """Raises InvalidInput, WorkOrderEnded, OperationFinished, WrongMachine, OverReport, EarlierOperationOpen."""
    _check_figures(floor.work_order.material, good_qty, scrap_qty, worked_min, finish)
    operation, order = floor.operation, floor.work_order
    if order.state not in (WorkOrder.State.FIRM, WorkOrder.State.RELEASED):
        raise WorkOrderEnded(
            f"Work order {order.number} is {WorkOrder.State(order.state).label.lower()}: nothing can be reported.",
            work_order_id=order.pk,
            state=order.state,
        )
    if operation.finished_at is not None:
        raise OperationFinished(
            f"Operation {operation.sequence} of {order.number} is finished: nothing more can be reported there.",
            operation_id=operation.pk,
        )
    if machine_id is not None and machine_id != operation.machine_id:
        check_machine(operation, machine_id)
    if good_qty + scrap_qty > floor.remaining_qty:
        raise _over_report(floor)
    if finish and floor.place and floor.operations[floor.place - 1].finished_at is None:
        before = floor.operations[floor.place - 1]
        raise EarlierOperationOpen(
            f"Finish operation {before.sequence} {before.name} first: pieces may still come from it.",
            field="finish",
            operation_id=before.pk,
        )


def _check_figures(
    material: Material, good_qty: Decimal, scrap_qty: Decimal, worked_min: Decimal, finish: bool
) -> None:
    for name, value in (("good_qty", good_qty), ("scrap_qty", scrap_qty), ("worked_min", worked_min)):
        if value < 0:
            raise InvalidInput("A report can't take pieces or minutes back.", field=name, **{name: str(value)})
    if not (good_qty or scrap_qty or worked_min or finish):
        raise InvalidInput("Report pieces, minutes, or that the operation is finished.", field="good_qty")
    check_steps(material=material, quantity=good_qty, field="good_qty")
    check_steps(material=material, quantity=scrap_qty, field="scrap_qty")


def finish_what_is_done(floor: Floor, *, finish: bool, now: dt.datetime) -> list[WorkOrderOperation]:
    """Finish the operation when asked or when all its input is reported, and later ones that nothing more reaches.

    The ones that ended, unsaved.
    """
    ended = []
    for index in range(floor.place, len(floor.operations)):
        row = floor.operations[index]
        before = floor.operations[index - 1] if index else None
        came = before.good_qty if before else floor.work_order.quantity
        nothing_more = (before is None or before.finished_at is not None) and row.good_qty + row.scrap_qty == came
        asked = finish and index == floor.place
        if row.finished_at is None and not (nothing_more or asked):
            break
        if row.finished_at is None:
            row.finished_at = max(now, row.started_at or now)
            ended.append(row)
    return ended


def _over_report(floor: Floor) -> OverReport:
    unit = floor.work_order.material.unit.code
    left = f"{floor.remaining_qty.normalize():f} {unit}"
    source = "that came from the operation before it" if floor.place else f"of {floor.work_order.number}"
    return OverReport(
        f"Only {left} {source} can still be reported here. Correct the quantity.",
        field="good_qty",
        operation_id=floor.operation.pk,
        remaining=str(floor.remaining_qty),
    )
