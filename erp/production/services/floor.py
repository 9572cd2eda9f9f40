"""A work order under lock, as a report works on it, and the rules that a report must keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import ClassVar

from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.production.selectors.floor import waiting_for_rework
from erp.production.services.desk import Desk
from erp.production.services.keeping import WorkOrderEnded
from erp.production.services.release import OperationFinished, check_machine
from masterdata import statements
from masterdata.errors import InvalidInput, Refusal
from masterdata.joined import Joined
from masterdata.models import Company, Currency, Material, MaterialPlant, Plant, Unit, WorkCentre
from masterdata.numbers import ZERO
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
_NEED = Joined((WorkOrderMaterial, "n", ""), (Unit, "u", "unit"), (Material, "m", "material"))
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
_LOCK_THIS = f"SELECT 1 FROM erp_workorder WHERE id = ({_MINE}) FOR NO KEY UPDATE"  # noqa: S608
_LOCK_THOSE = f"""
    SELECT 1 FROM erp_workorderoperation WHERE work_order_id = ({_MINE}) ORDER BY sequence FOR NO KEY UPDATE
"""  # noqa: S608
_THEIRS = "SELECT work_order_id FROM erp_workorderoperation WHERE id = ANY(%s::bigint[])"
_LOCK_OWNERS = f"""
    SELECT s.id FROM erp_salesorder s WHERE s.id IN (
        SELECT l.order_id FROM erp_workorder w JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
        WHERE w.id IN ({_THEIRS})) ORDER BY s.id FOR NO KEY UPDATE
"""  # noqa: S608 (our own words)
_LOCK_ORDERS = f"SELECT id FROM erp_workorder WHERE id IN ({_THEIRS}) ORDER BY id FOR NO KEY UPDATE"  # noqa: S608
_LOCK_ALL = f"""
    SELECT 1 FROM erp_workorderoperation WHERE work_order_id IN ({_THEIRS}) ORDER BY work_order_id, sequence
    FOR NO KEY UPDATE
"""  # noqa: S608
_LOCK_OPERATIONS = f"""
    SELECT {_OPERATION.select} FROM erp_workorderoperation o JOIN masterdata_workcentre x ON x.id = o.work_centre_id
    WHERE o.work_order_id = ({_MINE}) ORDER BY o.sequence FOR NO KEY UPDATE OF o
"""  # noqa: S608 (our own words)
_NEEDS = f"""
    SELECT {_NEED.select} FROM erp_workordermaterial n JOIN masterdata_unit u ON u.id = n.unit_id
    JOIN masterdata_material m ON m.id = n.material_id WHERE n.work_order_id = ({_MINE}) ORDER BY n.line_no
"""  # noqa: S608 (our own words)


class OverReport(Refusal):
    """More pieces than came into the operation; `remaining` says how many can still be reported."""

    code: ClassVar[str] = "over_report"


class EarlierOperationOpen(Refusal):
    """An operation can't end before the one that feeds it."""

    code: ClassVar[str] = "earlier_operation_open"


class StillInRework(Refusal):
    """An operation can't end while pieces of it are in rework; `pieces` says how many."""

    code: ClassVar[str] = "still_in_rework"


@dataclass(slots=True)
class Floor:
    """The locked work order, its operations in sequence, the reported one's place among them, and the sales order.

    `step` is the rework step that is reported, if it is one: then the place is that of the operation that it mends.
    `needs` are the work order's components, as they stand under its lock. It stays true from report to report of one
    transaction; after a rollback to a savepoint it is to be held anew.
    """

    work_order: WorkOrder
    operations: Sequence[WorkOrderOperation]
    place: int
    sales_order_id: int | None
    step: WorkOrderOperation | None = None
    steps: Sequence[WorkOrderOperation] = ()
    needs: Sequence[WorkOrderMaterial] = ()
    desk: Desk = field(default_factory=Desk)

    @property
    def operation(self) -> WorkOrderOperation:
        """The operation whose pieces are counted."""
        return self.operations[self.place]

    @property
    def worked(self) -> WorkOrderOperation:
        """The operation that is reported: where, by whom and how long was worked."""
        return self.step or self.operation

    @property
    def input_qty(self) -> Decimal:
        """What has come into the operation: good pieces of the one before it, else the whole order."""
        if self.step is not None:
            return self.step.pieces_of(self.work_order)
        if self.place:
            return self.operations[self.place - 1].good_qty
        return self.work_order.quantity + self.work_order.over_qty

    @property
    def remaining_qty(self) -> Decimal:
        return self.input_qty - self.worked.reported_qty

    @property
    def is_all_reported(self) -> bool:
        """Whether nothing more will come into the operation and all that came is reported."""
        waits_for = self.operations[self.place - 1] if self.place and self.step is None else None
        return self.remaining_qty == 0 and (waits_for is None or waits_for.finished_at is not None)

    @property
    def waiting_qty(self) -> Decimal:
        """Pieces of the operation in rework that no open rework step has."""
        return waiting_for_rework([*self.operations, *self.steps]).get(self.operation.pk, ZERO)

    @property
    def yield_qty(self) -> Decimal:
        """Pieces that can still become good: what came out of the finished operations less the scrap of later ones."""
        left = self.work_order.quantity + self.work_order.over_qty
        for row in self.operations:
            left = row.good_qty if row.finished_at is not None else left - row.scrap_qty
        return left

    def loss(self, *, good_qty: Decimal, scrap_qty: Decimal, finish: bool) -> Decimal:
        """Pieces that such a report would lose: scrap, and what ends without having been made.

        What a rework step ends without waits for another one.
        """
        return self.remaining_qty - good_qty if finish and self.step is None else scrap_qty

    @property
    def is_done(self) -> bool:
        """Whether the last operation is finished."""
        return self.operations[-1].finished_at is not None


def hold_floor(operation_id: int) -> Floor:
    """Lock the sales order (if any), the work order and its operations, in this order and one round trip."""
    queries = _LOCK_OWNER, _LOCK_ORDER, _LOCK_OPERATIONS, _NEEDS
    owner, orders, rows, components = statements.together(*((query, [operation_id]) for query in queries))
    if not orders:
        raise WorkOrderOperation.DoesNotExist(f"There is no operation {operation_id}.")
    work_order: WorkOrder = _ORDER.build(orders[0])
    every: list[WorkOrderOperation] = [_OPERATION.build(row) for row in rows]
    needs: list[WorkOrderMaterial] = [_NEED.build(row) for row in components]
    for one in every:
        one.work_order = work_order
    for need in needs:
        need.work_order = work_order
    operations = [one for one in every if one.mends_id is None]
    asked = next(one for one in every if one.pk == operation_id)
    place = next(index for index, row in enumerate(operations) if row.pk == (asked.mends_id or asked.pk))
    owner_id = owner[0][0] if owner else None
    return Floor(
        *(work_order, operations, place, owner_id),
        step=asked if asked.mends_id else None,
        steps=[one for one in every if one.mends_id is not None],
        needs=needs,
    )


def lock_operation(*, operation_id: int) -> None:
    """Hold an operation with its sales order and work order until the caller's transaction ends.

    For deeds that look before they report: whoever locks these first never deadlocks with a report.
    """
    statements.together(*((query, [operation_id]) for query in (_LOCK_OWNER, _LOCK_THIS, _LOCK_THOSE)))


def lock_operations(*, operation_ids: Collection[int]) -> None:
    """Hold many operations with their sales orders and work orders, in the house's order: all sales orders by id, then
    all work orders, then their operations. Call before any of them is locked."""
    ids = statements.array(sorted(operation_ids))
    statements.together(*((query, [ids]) for query in (_LOCK_OWNERS, _LOCK_ORDERS, _LOCK_ALL)))


def check_report(
    floor: Floor,
    *,
    good_qty: Decimal,
    scrap_qty: Decimal,
    worked_min: Decimal,
    finish: bool,
    machine_id: int | None,
    rework_qty: Decimal = ZERO,
    accepts_over: bool = False,
) -> None:
    """Raises InvalidInput, WorkOrderEnded, OperationFinished, WrongMachine, OverReport, and as `_check_end`."""
    pieces = {"good_qty": good_qty, "scrap_qty": scrap_qty, "rework_qty": rework_qty}
    _check_figures(floor, pieces, worked_min, finish)
    operation, order = floor.worked, floor.work_order
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
    if (beyond := sum(pieces.values(), ZERO) - floor.remaining_qty) > 0:
        _accept_over(floor, beyond, is_accepted=accepts_over)
    if finish and floor.step is None:
        _check_end(floor, rework_qty)


def _accept_over(floor: Floor, beyond: Decimal, *, is_accepted: bool) -> None:
    """More than the quantity, within what planning's parameters let its work orders exceed it: at the first operation,
    where pieces come into being. Raises OverReport."""
    order, room = floor.work_order, ZERO
    is_first = floor.place == 0 and floor.step is None
    if is_first and is_accepted:
        room = beyond
    elif is_first:
        rows = MaterialPlant.objects.filter(material=order.material_id, plant=order.plant_id)
        percent = rows.values_list("over_percent", flat=True).first() or ZERO
        step = order.material.unit.rounding
        room = (order.quantity * percent / (100 * step)).to_integral_value(ROUND_FLOOR) * step - order.over_qty
    if beyond > room:
        raise _over_report(floor, max(ZERO, room))
    order.over_qty += beyond


def _check_end(floor: Floor, rework_qty: Decimal) -> None:
    before = floor.operations[floor.place - 1] if floor.place else None
    if before is not None and before.finished_at is None:
        raise EarlierOperationOpen(
            f"Finish operation {before.sequence} {before.name} first: pieces may still come from it.",
            field="finish",
            operation_id=before.pk,
        )
    operation = floor.operation
    if pieces := operation.rework_qty + rework_qty:
        said = f"{pieces.normalize():f} {floor.work_order.material.unit.code}"
        raise StillInRework(
            f"{said} of {operation.name} are in rework: it ends by itself when they are back. Report the rest without "
            "finishing.",
            field="finish",
            operation_id=operation.pk,
            pieces=str(pieces),
        )


def _check_figures(floor: Floor, pieces: dict[str, Decimal], worked_min: Decimal, finish: bool) -> None:
    material = floor.work_order.material
    for name, value in (pieces | {"worked_min": floor.worked.worked_min + worked_min}).items():
        if value < 0:
            raise InvalidInput("A report can't take pieces or minutes back.", field=name, **{name: str(value)})
    if not (any(pieces.values()) or worked_min or finish):
        raise InvalidInput("Report pieces, minutes, or that the operation is finished.", field="good_qty")
    for name, value in pieces.items():
        check_steps(material=material, quantity=value, field=name)


def finish_what_is_done(floor: Floor, *, finish: bool, now: dt.datetime) -> list[WorkOrderOperation]:
    """Finish the operation when asked or when all its input is reported, and later ones that nothing more reaches.

    A rework step ends when its pieces are reported; the operation that it mends when none of it is in rework. The ones
    that ended, unsaved.
    """
    ended = []
    if floor.step is not None:
        if not (finish or floor.remaining_qty == 0):
            return []
        floor.step.finished_at = max(now, floor.step.started_at or now)
        ended.append(floor.step)
        finish = False
    for index in range(floor.place, len(floor.operations)):
        row = floor.operations[index]
        before = floor.operations[index - 1] if index else None
        came = before.good_qty if before else floor.work_order.quantity + floor.work_order.over_qty
        nothing_more = (before is None or before.finished_at is not None) and row.good_qty + row.scrap_qty == came
        asked = finish and index == floor.place
        if row.finished_at is None and not (nothing_more or asked):
            break
        if row.finished_at is None:
            row.finished_at = max(now, row.started_at or now)
            ended.append(row)
    return ended


def _over_report(floor: Floor, tolerance: Decimal) -> OverReport:
    unit, most = floor.work_order.material.unit.code, floor.remaining_qty + tolerance
    left = f"{most.normalize():f} {unit}"
    source = "that came from the operation before it" if floor.place else f"of {floor.work_order.number}"
    if floor.step is not None:
        source = f"that {floor.step.name} mends"
    if tolerance:
        source += f", {tolerance.normalize():f} {unit} of that beyond its quantity,"
    return OverReport(
        f"Only {left} {source} can still be reported here. Correct the quantity.",
        field="good_qty",
        operation_id=floor.worked.pk,
        remaining=str(most),
        tolerance=str(tolerance),
    )
