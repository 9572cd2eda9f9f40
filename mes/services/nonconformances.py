"""Non-conformances are raised, get photos, are withdrawn and closed. What becomes of the pieces: `disposing`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django.db import transaction

from erp import services as erp
from erp.models import Lot, ReceiptLine, ReturnReceipt, SalesOrderLine, StockBalance, WorkOrderOperation
from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Location, Material, Plant, ReasonCode, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO
from masterdata.units import check_quantity
from mes.models import CheckResult, EventPhoto, NonConformance, NonConformancePhoto
from mes.services import places
from mes.services.places import claimed

Kind, State, Place = NonConformance.Kind, NonConformance.State, NonConformance.Place
Severity = NonConformance.Severity


class WrongState(Refusal):
    """The non-conformance is past this, or not there yet; `state` says where it is."""

    code: ClassVar[str] = "nonconformance_state"


@transaction.atomic
def raise_nonconformance(
    *,
    operation_id: int,
    quantity: Decimal,
    at: dt.datetime,
    text: str = "",
    defect_id: int | None = None,
    severity: str = Severity.MAJOR,
    is_scrapped: bool = False,
    is_reported: bool | None = None,
    machine_id: int | None = None,
    lot_number: str = "",
    photo_ids: Sequence[uuid.UUID] = (),
    result_id: int | None = None,
    event_id: uuid.UUID | None = None,
    by_id: int | None = None,
    employee_id: int | None = None,
) -> NonConformance:
    """Pieces at an operation are not as they should be: at the bench, not reported yet, or (`is_reported`) reported as
    good there, or (`is_scrapped`) as scrap. Where nobody says whether they are reported, they are when no so many are
    left to report. Locks the operation with its orders, then the number. Raises InvalidInput.
    """
    erp.lock_operation(operation_id=operation_id)
    related = "work_order__plant__company", "work_order__material__unit", "work_order__sales_order_line"
    operation = WorkOrderOperation.objects.select_related(*related).get(pk=operation_id)
    order = operation.work_order
    row = _build(
        kind=Kind.PROCESS,
        place=places.place_of(operation, quantity, is_scrapped=is_scrapped, is_reported=is_reported),
        plant=order.plant,
        material=order.material,
        quantity=quantity,
        severity=severity,
        defect_id=defect_id,
        text=text,
        at=at,
        operation=operation,
        machine_id=machine_id or operation.machine_id,
        lot=_lot(order.material, lot_number),
        sales_order_id=order.sales_order_line.order_id if order.sales_order_line else None,
        result_id=result_id,
        event_id=event_id,
        raised_by_id=by_id,
        employee_id=employee_id,
    )
    return _keep(row, photo_ids)


def of_check(result: CheckResult, *, text: str, by_id: int | None, employee_id: int | None) -> NonConformance:
    """The non-conformance of a check that found a fault: the open one of its plan and operation, else a new one."""
    found = NonConformance.objects.filter(
        operation=result.operation_id, state=State.OPEN, result__plan__code=result.plan.code
    )
    if (row := found.order_by("pk").first()) is not None:
        return row
    return raise_nonconformance(
        operation_id=result.operation_id,
        quantity=Decimal(1),
        at=result.checked_at,
        text=text,
        is_reported=places.is_reported(result),
        machine_id=result.machine_id,
        photo_ids=[result.photo_id] if result.photo_id else (),
        result_id=result.pk,
        by_id=by_id,
        employee_id=employee_id,
    )


@transaction.atomic
def raise_supplier_nonconformance(
    *,
    receipt_line_id: int,
    quantity: Decimal,
    now: dt.datetime,
    text: str = "",
    defect_id: int | None = None,
    severity: str = Severity.MAJOR,
    quarantine_reason_id: int | None = None,
    photo_ids: Sequence[uuid.UUID] = (),
    by: User | None = None,
) -> NonConformance:
    """Goods of a receipt are not as they should be: they go into quarantine, if they are not there yet; who had them
    reserved is supplied again. Raises InvalidInput, NotEnoughStock.
    """
    related = "order_line__material__unit", "receipt__order__plant__company", "receipt__order__supplier"
    line = ReceiptLine.objects.select_related(*related, "lot").get(pk=receipt_line_id)
    plant, material = line.receipt.order.plant, line.order_line.material
    check_quantity(material=material, quantity=quantity, field="quantity")
    others = claimed(NonConformance.objects.filter(receipt_line=line, state=State.OPEN))
    left = line.quantity - line.returned_qty - others
    if quantity > left:
        raise InvalidInput(
            f"{max(ZERO, left).normalize() + ZERO:f} of {material.code} came with {line.receipt.number} and are "
            "neither back at the supplier nor in another non-conformance. Enter at most that.",
            field="quantity",
        )
    balance = _set_apart(line, plant, quantity, quarantine_reason_id, now, text)
    row = _build(
        kind=Kind.SUPPLIER,
        place=Place.STOCK,
        plant=plant,
        material=material,
        quantity=quantity,
        severity=severity,
        defect_id=defect_id,
        text=text,
        at=now,
        receipt_line=line,
        partner=line.receipt.order.supplier,
        lot=line.lot,
        balance=balance,
        raised_by=by,
    )
    return _keep(row, photo_ids)


@transaction.atomic
def raise_complaint(
    *,
    now: dt.datetime,
    return_receipt_id: int | None = None,
    order_line_id: int | None = None,
    quantity: Decimal | None = None,
    text: str = "",
    defect_id: int | None = None,
    severity: str = Severity.MAJOR,
    photo_ids: Sequence[uuid.UUID] = (),
    by: User | None = None,
) -> NonConformance:
    """A customer complains: of pieces that came back with a return and wait for a decision, or of pieces of an order
    line that are still with the customer. Raises InvalidInput.
    """
    common: dict[str, Any] = {"severity": severity, "defect_id": defect_id, "text": text, "at": now, "raised_by": by}
    if return_receipt_id is not None:
        related = "line__customer_return__plant__company", "line__customer_return__order__customer", "move__material"
        back = ReturnReceipt.objects.select_related(*related, "lot").get(pk=return_receipt_id)
        if back.outcome or NonConformance.objects.filter(return_receipt=back).exists():
            raise InvalidInput(
                "These pieces are decided upon, or named in a non-conformance already.", field="return_receipt"
            )
        held = back.line.customer_return
        row = _build(
            kind=Kind.CUSTOMER, place=Place.RETURNED, plant=held.plant, material=back.move.material,
            quantity=back.quantity, return_receipt=back, lot=back.lot, partner=held.order.customer,
            sales_order_id=held.order_id, **common,
        )  # fmt: skip
        return _keep(row, photo_ids)
    if order_line_id is None:
        raise InvalidInput("Choose the goods that came back, or the line of the order.", field="order_line")
    line = SalesOrderLine.objects.select_related("plant__company", "material__unit", "order__customer").get(
        pk=order_line_id
    )
    pieces = quantity or ZERO
    if pieces > line.shipped_qty:
        raise InvalidInput(
            f"{line.shipped_qty.normalize() + ZERO:f} of this line were shipped. Enter at most that.", field="quantity"
        )
    row = _build(
        kind=Kind.CUSTOMER, place=Place.AWAY, plant=line.plant, material=line.material, quantity=pieces,
        partner=line.order.customer, sales_order_id=line.order_id, **common,
    )  # fmt: skip
    return _keep(row, photo_ids)


@transaction.atomic
def add_photo(*, nonconformance_id: int, photo_id: uuid.UUID) -> NonConformancePhoto:
    """Add a photo that was uploaded; again changes nothing. Raises WrongState, InvalidInput."""
    row = hold_nonconformance(nonconformance_id)
    if row.state in (State.CLOSED, State.WITHDRAWN):
        raise _wrong(row, "takes no more photos")
    if not EventPhoto.objects.filter(pk=photo_id, plant=row.plant_id).exists():
        raise InvalidInput("There is no such photo in this plant. Upload it first.", field="photo")
    return NonConformancePhoto.objects.get_or_create(nonconformance=row, photo_id=photo_id)[0]


@transaction.atomic
def withdraw_nonconformance(
    *, nonconformance_id: int, reason: str, by: User | None, now: dt.datetime, expected_version: int | None = None
) -> NonConformance:
    """It was none. Goods in quarantine stay there until they are set free in stock. Raises WrongState, InvalidInput."""
    row = hold_nonconformance(nonconformance_id, expected_version)
    if row.state != State.OPEN or row.dispositions.exists():
        raise _wrong(row, "cannot be withdrawn: something was decided")
    if not reason.strip():
        raise InvalidInput("Say why it is none.", field="reason")
    row.state, row.cause = State.WITHDRAWN, reason.strip()[:800]
    return _close(row, by, now)


@transaction.atomic
def close_nonconformance(
    *,
    nonconformance_id: int,
    cause: str,
    corrective_action: str,
    by: User | None,
    now: dt.datetime,
    expected_version: int | None = None,
) -> NonConformance:
    """All is decided, and nobody has to ask again why it was and what was done against it. Raises WrongState,
    InvalidInput, StaleVersion."""
    row = hold_nonconformance(nonconformance_id, expected_version)
    if row.state != State.DECIDED:
        raise _wrong(row, "cannot be closed: decide first what becomes of all its pieces")
    if not cause.strip():
        raise InvalidInput("Say what it came from.", field="cause")
    if not corrective_action.strip():
        raise InvalidInput("Say what was done so that it does not come again.", field="corrective_action")
    row.state, row.cause = State.CLOSED, cause.strip()[:800]
    row.corrective_action = corrective_action.strip()[:800]
    return _close(row, by, now)


def hold_nonconformance(nonconformance_id: int, expected_version: int | None = None) -> NonConformance:
    """The locked row. Raises StaleVersion."""
    rows = NonConformance.objects.select_for_update(no_key=True, of=("self",))
    row = rows.order_by("pk").get(pk=nonconformance_id)
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion(f"{row.number} was changed meanwhile: look at it again.")
    return row


def tell(row: NonConformance) -> None:
    live.publish("quality", row.pk, plant_id=row.plant_id)


def _wrong(row: NonConformance, what: str) -> WrongState:
    return WrongState(f"{row.number} is {row.get_state_display().lower()} and {what}.", state=row.state)


def _close(row: NonConformance, by: User | None, now: dt.datetime) -> NonConformance:
    row.closed_at, row.closed_by = now, by
    row.version += 1
    row.save()
    tell(row)
    return row


def _build(
    *,
    plant: Plant,
    material: Material,
    quantity: Decimal,
    severity: str,
    defect_id: int | None,
    text: str,
    at: dt.datetime,
    **columns: Any,
) -> NonConformance:
    """The row, unsaved and unnumbered. Raises InvalidInput."""
    check_quantity(material=material, quantity=quantity, field="quantity")
    if severity not in Severity.values:
        raise InvalidInput("Choose how severe it is.", field="severity")
    if defect_id is not None and not ReasonCode.objects.filter(pk=defect_id, kind="scrap").exists():
        raise InvalidInput("Choose one of the defects (reasons of scrap).", field="defect")
    if defect_id is None and not text.strip():
        raise InvalidInput("Choose the defect, or say what is wrong.", field="text")
    return NonConformance(
        plant=plant,
        material=material,
        quantity=quantity,
        severity=severity,
        defect_id=defect_id,
        text=text.strip()[:800],
        raised_at=at,
        **columns,
    )


def _keep(row: NonConformance, photo_ids: Sequence[uuid.UUID]) -> NonConformance:
    """Number and save it, with its photos. The number is the last lock."""
    known = set(EventPhoto.objects.filter(pk__in=photo_ids, plant=row.plant_id).values_list("pk", flat=True))
    if len(known) < len(set(photo_ids)):
        raise InvalidInput("A photo has not arrived yet. Send the photo first.", field="photo")
    row.number = next_numbers(company=row.plant.company, kind="NC", year=row.raised_at.year)[0]
    row.save()
    NonConformancePhoto.objects.bulk_create(
        NonConformancePhoto(nonconformance=row, photo_id=one) for one in dict.fromkeys(photo_ids)
    )
    tell(row)
    return row


def _lot(material: Material, number: str) -> Lot | None:
    if not number.strip():
        return None
    lot = Lot.objects.filter(material=material, number=number.strip()).first()
    if lot is None:
        raise InvalidInput(f"{material.code} has no lot {number.strip()}. Check the number.", field="lot")
    return lot


def _set_apart(
    line: ReceiptLine, plant: Plant, quantity: Decimal, reason_id: int | None, now: dt.datetime, text: str
) -> StockBalance:
    """The balance in quarantine that holds the goods: moved there, unless they lie there already."""
    rows = StockBalance.objects.filter(
        plant=plant, material=line.order_line.material_id, lot=line.lot_id, sales_order=None, on_hand__gte=quantity
    ).select_related("location")
    others = NonConformance.objects.filter(state=State.OPEN, place=Place.STOCK)
    for row in rows.filter(location__kind=Location.Kind.QUARANTINE).order_by("pk"):
        if row.on_hand - claimed(others.filter(balance=row)) >= quantity:
            return row
    stock = list(rows.filter(location__kind=Location.Kind.STOCK).order_by("pk"))
    if not stock:
        code = line.order_line.material.code
        raise InvalidInput(
            f"No place holds {quantity.normalize() + ZERO:f} of {code} any more: it is used, or lies in several "
            "places. Enter what is still there.",
            field="quantity",
        )
    best = min(
        stock,
        key=lambda one: (one.on_hand - one.reserved < quantity, one.location_id != line.receipt.location_id, one.pk),
    )
    if reason_id is None:
        reason_id = ReasonCode.objects.filter(kind="quarantine").values_list("pk", flat=True).first()
    if reason_id is None:
        raise InvalidInput("Enter a reason of quarantine first: master data, reasons.", field="quarantine_reason")
    move = erp.quarantine_stock(
        balance_id=best.pk, quantity=quantity, reason_id=reason_id, now=now, note=text.strip()[:200]
    )
    return StockBalance.objects.get(
        material=move.material_id, location=move.target_id, lot=move.lot_id, sales_order=None
    )
