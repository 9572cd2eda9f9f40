"""What becomes of the pieces of a non-conformance: each decision is done by the hub's own deed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import Sum

from erp import services as erp
from erp.models import Receipt, StockBalance, WorkOrderOperation
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import User
from masterdata.numbers import ZERO
from masterdata.units import check_quantity
from mes.models import Disposition, NonConformance, OperationRun
from mes.selectors import poor_quality
from mes.services import holds, places, regrading, taps
from mes.services.events import FloorEvent
from mes.services.nonconformances import State, WrongState, hold_nonconformance, tell

Kind, Place = Disposition.Kind, NonConformance.Place


class CannotDispose(Refusal):
    """Pieces that are there cannot become that; the sentence says what can be done."""

    code: ClassVar[str] = "cannot_dispose"


@dataclass(frozen=True, kw_only=True)
class Rework:
    """What is done to each piece, where; minutes at 100 % speed."""

    name: str
    work_centre_id: int
    run_min_per_unit: Decimal
    setup_min: Decimal = ZERO


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is decided of `quantity` pieces. `defect_id`: why they are scrapped, when the non-conformance names none;
    `is_replaced`: the supplier sends others."""

    kind: str
    quantity: Decimal
    note: str = ""
    defect_id: int | None = None
    rework: Rework | None = None
    is_replaced: bool = True


@transaction.atomic
def dispose(
    *,
    nonconformance_id: int,
    decision: Decision,
    by: User | None,
    now: dt.datetime,
    expected_version: int | None = None,
) -> Disposition:
    """Decide what becomes of some or all of the pieces that are still open, and do it: report scrap or rework at the
    operation, set stock free, scrap it, send it back, or decide the customer's return.

    When the last pieces are decided it is decided; used as they are, a hold that it made is released. Locks the
    operation with its orders, then the row, then as the deed of the hub. Raises WrongState, CannotDispose,
    InvalidInput, StaleVersion and what that deed raises.
    """
    seen = NonConformance.objects.get(pk=nonconformance_id)
    if seen.operation_id is not None:
        erp.lock_operation(operation_id=seen.operation_id)
    row = hold_nonconformance(nonconformance_id, expected_version)
    if row.state != State.OPEN:
        raise WrongState(
            f"{row.number} is {row.get_state_display().lower()}: nothing of it waits for a decision.", state=row.state
        )
    if decision.kind not in Kind.values:
        raise InvalidInput("Choose what becomes of the pieces.", field="kind")
    done = row.dispositions.aggregate(total=Sum("quantity"))["total"] or ZERO
    check_quantity(material=row.material, quantity=decision.quantity, field="quantity")
    if decision.quantity > (left := row.quantity - done):
        raise InvalidInput(
            f"{left.normalize() + ZERO:f} of {row.number} wait for a decision: decide on at most that.",
            field="quantity",
            left=str(left),
        )
    made = Disposition(
        nonconformance=row,
        kind=decision.kind,
        quantity=decision.quantity,
        note=decision.note.strip()[:400],
        decided_at=now,
        decided_by=by,
    )
    _deed(row, decision)(row, decision, made, now, by)
    made.save()
    row.version += 1
    if done + decision.quantity == row.quantity:
        row.state = State.DECIDED
    row.save()
    if row.state == State.DECIDED:
        _release_used(row, by, now)
    tell(row)
    return made


_Deed = Callable[[NonConformance, Decision, Disposition, dt.datetime, User | None], None]


def _deed(row: NonConformance, decision: Decision) -> _Deed:
    """The deed for pieces in that place. Raises CannotDispose."""
    found = DEEDS.get((Place(row.place), Kind(decision.kind)))
    if found is None:
        raise CannotDispose(_WHY_NOT[Place(row.place)], field="kind", place=row.place, kind=decision.kind)
    return found


_WHY_NOT = {
    Place.BENCH: "Pieces of our own work cannot go to a supplier: use, rework or scrap them.",
    Place.GOOD: "Pieces of our own work cannot go to a supplier: use, rework or scrap them.",
    Place.SCRAPPED: "These pieces are reported as scrap already: confirm it with scrap.",
    Place.STOCK: "Goods of a supplier are used, reworked, scrapped or sent back.",
    Place.RETURNED: "Goods of a customer are used, reworked or scrapped.",
    Place.AWAY: "The goods are still with the customer: use as is closes the complaint. Else authorise a return first, "
    "and raise the complaint of what came back.",
}


def allowed_for(place: str) -> list[str]:
    """What can become of pieces in that place."""
    return [kind.value for where, kind in DEEDS if where == place]


def _nothing(row: NonConformance, decision: Decision, made: Disposition, now: dt.datetime, by: User | None) -> None:
    """They are used as they are: who works on reports them as good."""


def _report(row: NonConformance, now: dt.datetime, by: User | None, **pieces: Decimal | int | None) -> uuid.UUID:
    """Report pieces of the operation as the floor does it, past a hold: that is what was waited for."""
    run = OperationRun.objects.filter(operation=row.operation_id).first()
    if run is None or row.operation_id is None:
        raise CannotDispose(
            "This operation was not started yet, so no piece of it can be scrapped or reworked. Start it first.",
            field="kind",
        )
    event = FloorEvent(
        event_id=uuid.uuid4(),
        operation_id=row.operation_id,
        machine_id=run.machine_id,
        by_id=by.pk if by else None,
        happened_at=max(now, run.told_until or now),
        is_decided=True,
        **pieces,  # type: ignore[arg-type]
    )
    taps.report(event=event, now=now)
    return event.event_id


def _scrap_at_operation(
    row: NonConformance, decision: Decision, made: Disposition, now: dt.datetime, by: User | None
) -> None:
    operation, defect_id = _operation(row), _defect(row, decision)
    if not _is_counted(row, decision, operation):
        made.event_id = _report(row, now, by, scrap_qty=decision.quantity, reason_id=defect_id)
        made.value = _worth(row, decision.quantity)
    elif operation.work_order.closed_at is None:
        made.value = _worth(row, decision.quantity)
        made.event_id = _regrade(row, decision, now, by, reason_id=defect_id)
    else:
        lies_in = places.made_goods(row, decision.quantity)
        made.move = erp.scrap_stock(
            balance_id=lies_in, quantity=decision.quantity, reason_id=defect_id, now=now, note=row.number
        )
        made.value = made.move.value


def _rework_at_operation(
    row: NonConformance, decision: Decision, made: Disposition, now: dt.datetime, by: User | None
) -> None:
    work, operation = _rework(decision), _operation(row)
    if not _is_counted(row, decision, operation):
        made.event_id = _report(row, now, by, rework_qty=decision.quantity)
    elif operation.work_order.closed_at is None:
        made.event_id = _regrade(row, decision, now, by, reason_id=None)
    else:
        lies_in = places.made_goods(row, decision.quantity)
        made.rework_order = erp.rework_stock(
            balance_id=lies_in, quantity=decision.quantity, steps=[_step(work)], now=now
        )
        return
    made.rework_step = erp.add_rework_step(
        work_order_id=operation.work_order_id,
        operation_id=operation.mends_id or operation.pk,
        name=work.name,
        work_centre_id=work.work_centre_id,
        quantity=decision.quantity,
        run_min_per_unit=work.run_min_per_unit,
        setup_min=work.setup_min,
        now=now,
        by=by,
    )


def _operation(row: NonConformance) -> WorkOrderOperation:
    """As it stands now, with its order."""
    return WorkOrderOperation.objects.select_related("work_order__sales_order_line").get(pk=row.operation_id or 0)


def _is_counted(row: NonConformance, decision: Decision, operation: WorkOrderOperation) -> bool:
    """Whether the pieces are reported as good: said so when it was raised, or there are none left to report."""
    return row.place == Place.GOOD or decision.quantity > places.to_report(operation)


def _regrade(
    row: NonConformance, decision: Decision, now: dt.datetime, by: User | None, *, reason_id: int | None
) -> uuid.UUID:
    return regrading.regrade_good(
        operation_id=row.operation_id or 0,
        quantity=decision.quantity,
        is_scrap=decision.kind == Kind.SCRAP,
        because=row.number,
        now=now,
        reason_id=reason_id,
        serial=row.lot.number if row.lot else "",
        by_id=by.pk if by else None,
    )


def _scrapped_already(
    row: NonConformance, decision: Decision, made: Disposition, now: dt.datetime, by: User | None
) -> None:
    made.value = _worth(row, decision.quantity)


def _use_stock(row: NonConformance, decision: Decision, made: Disposition, now: dt.datetime, by: User | None) -> None:
    made.move = erp.set_free(
        balance_id=_balance(row).pk, quantity=decision.quantity, target_id=None, now=now, note=row.number
    )


def _scrap_stock(row: NonConformance, decision: Decision, made: Disposition, now: dt.datetime, by: User | None) -> None:
    made.move = erp.scrap_stock(
        balance_id=_balance(row).pk,
        quantity=decision.quantity,
        reason_id=_defect(row, decision),
        now=now,
        note=row.number,
    )
    made.value = made.move.value


def _send_back(row: NonConformance, decision: Decision, made: Disposition, now: dt.datetime, by: User | None) -> None:
    line = row.receipt_line
    assert line is not None
    receipt = Receipt.objects.get(pk=line.receipt_id)
    made.supplier_return = erp.return_to_supplier(
        receipt_id=receipt.pk,
        lines=[(line.pk, decision.quantity)],
        reason=f"{row.number}: {row.text or (row.defect.name if row.defect else '')}"[:200],
        is_replaced=decision.is_replaced,
        now=now,
    )
    made.value = sum((one.value for one in made.supplier_return.lines.all()), ZERO)


def _rework_stock(
    row: NonConformance, decision: Decision, made: Disposition, now: dt.datetime, by: User | None
) -> None:
    made.rework_order = erp.rework_stock(
        balance_id=_balance(row).pk, quantity=decision.quantity, steps=[_step(_rework(decision))], now=now
    )


def _step(work: Rework) -> erp.ReworkStep:
    return erp.ReworkStep(
        name=work.name,
        work_centre_id=work.work_centre_id,
        run_min_per_unit=work.run_min_per_unit,
        setup_min=work.setup_min,
    )


def _decide_return(outcome: str) -> _Deed:
    """The customer's return is decided, whole or in parts."""

    def deed(row: NonConformance, decision: Decision, made: Disposition, now: dt.datetime, by: User | None) -> None:
        back = row.return_receipt
        assert back is not None
        reason_id = _defect(row, decision) if outcome == "scrap" else None
        work = _rework(decision) if outcome == "rework" else None
        if decision.quantity != row.quantity:
            part = erp.decide_return_part(
                receipt_id=back.pk, outcome=outcome, quantity=decision.quantity, now=now, by=by, reason_id=reason_id,
                steps=[_step(work)] if work else (), note=row.number,
            )  # fmt: skip
            made.move, made.rework_order = part.move, part.work_order
            made.value = part.move.value if part.move is not None and outcome == "scrap" else ZERO
            return
        decided = erp.decide_return(
            receipt_id=back.pk, outcome=outcome, now=now, by=by, reason_id=reason_id, note=row.number
        )
        made.move = decided.outcome_move
        if outcome == "scrap" and decided.outcome_move is not None:
            made.value = decided.outcome_move.value
        if work is not None:
            made.rework_order = erp.rework_return(receipt_id=back.pk, steps=[_step(work)], now=now, by=by)

    return deed


DEEDS: dict[tuple[NonConformance.Place, Disposition.Kind], _Deed] = {
    (Place.BENCH, Kind.USE): _nothing,
    (Place.BENCH, Kind.REWORK): _rework_at_operation,
    (Place.BENCH, Kind.SCRAP): _scrap_at_operation,
    (Place.GOOD, Kind.USE): _nothing,
    (Place.GOOD, Kind.REWORK): _rework_at_operation,
    (Place.GOOD, Kind.SCRAP): _scrap_at_operation,
    (Place.SCRAPPED, Kind.SCRAP): _scrapped_already,
    (Place.STOCK, Kind.USE): _use_stock,
    (Place.STOCK, Kind.REWORK): _rework_stock,
    (Place.STOCK, Kind.SCRAP): _scrap_stock,
    (Place.STOCK, Kind.RETURN): _send_back,
    (Place.RETURNED, Kind.USE): _decide_return("restock"),
    (Place.RETURNED, Kind.REWORK): _decide_return("rework"),
    (Place.RETURNED, Kind.SCRAP): _decide_return("scrap"),
    (Place.AWAY, Kind.USE): _nothing,
}
"""All that can become of pieces, by where they are; anything else is refused."""


def _defect(row: NonConformance, decision: Decision) -> int:
    """Why they are scrapped."""
    found = decision.defect_id or row.defect_id
    if found is None:
        raise InvalidInput("Choose the defect: nobody can learn from scrap that has none.", field="defect")
    if row.defect_id is None:
        row.defect_id = found
    return found


def _rework(decision: Decision) -> Rework:
    if decision.rework is None:
        raise InvalidInput("Say what is done to the pieces, and where.", field="name")
    return decision.rework


def _balance(row: NonConformance) -> StockBalance:
    assert row.balance is not None
    return row.balance


def _worth(row: NonConformance, quantity: Decimal) -> Decimal:
    """What the pieces had cost until they were scrapped, as it is booked now."""
    assert row.operation_id is not None
    decimals = row.plant.company.currency.decimals
    worth = poor_quality.worked_in(row.operation_id) * quantity
    return worth.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def _release_used(row: NonConformance, by: User | None, now: dt.datetime) -> None:
    """All of it is used as it is: there is nothing left to wait for."""
    if row.dispositions.exclude(kind=Kind.USE).exists():
        return
    for hold in row.holds.filter(released_at=None).order_by("pk"):
        holds.release_hold(hold_id=hold.pk, note=f"{row.number}: used as is.", by=by, now=now)
