"""Goods back to the supplier, at the value at which they came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F

from erp.facts import PurchaseDateChanged
from erp.stock.intents import HeldBalance
from erp.stock.locks import hold_balances
from erp.stock.models import Reservation, StockMove
from erp.stock.services import MoveIntent, post_moves
from erp.supply.models import (
    Peg,
    PurchaseOrder,
    PurchaseOrderLine,
    Receipt,
    ReceiptLine,
    SupplierReturn,
    SupplierReturnLine,
)
from erp.supply.services.changes import changed, hold_order
from erp.supply.services.pegs import plan_again, sales_order_of
from masterdata import facts
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money
from masterdata.units import check_quantity

_LET_GO = """
    UPDATE erp_stockbalance b SET reserved = b.reserved - c.part
    FROM unnest(%s::bigint[], %s::numeric[]) AS c(id, part) WHERE b.id = c.id
"""


class OverReturn(Refusal):
    """More is to go back than the receipt brought, or than is still there."""

    code = "over_return"


@dataclass(frozen=True, slots=True)
class _Going:
    """A receipt line of which `quantity` goes back out of a balance, at its part of the receipt's value."""

    line: ReceiptLine
    quantity: Decimal
    value: Decimal
    balance: HeldBalance


@transaction.atomic
def return_to_supplier(
    *,
    receipt_id: int,
    lines: Sequence[tuple[int, Decimal]],
    reason: str,
    is_replaced: bool,
    now: dt.datetime,
    expected_version: int | None = None,
) -> SupplierReturn:
    """Send goods of a receipt back: `lines` are (receipt line, base units).

    They leave stock and goods received, not invoiced, at the value at which they came. `is_replaced`: the order's lines
    are open again, and who had these goods waits for the others; else the lines are closed by it, and who had them is
    planned again. What nobody has reserved goes first. States PurchaseDateChanged for those who lose goods.
    Locks the purchase order and its lines, balances, values. Raises OverReturn, PartOfStep, InvalidInput, StaleVersion,
    PeriodClosed.
    """
    if not reason.strip():
        raise InvalidInput("Say why the goods go back.", field="reason")
    receipt = Receipt.objects.get(pk=receipt_id)
    order, order_lines = hold_order(receipt.order_id, expected_version)
    chosen = _chosen(receipt, order_lines, lines)
    going = _going(order, receipt, chosen)
    _take_back(order, order_lines, going, is_replaced=is_replaced, reason=reason)
    company = order.plant.company
    row = SupplierReturn.objects.create(
        number=next_numbers(company=company, kind="RT", year=now.year)[0],
        receipt=receipt,
        reason=reason.strip()[:200],
        is_replaced=is_replaced,
        returned_at=now,
    )
    moves = post_moves(moves=_moves(row, order, going), now=now)
    SupplierReturnLine.objects.bulk_create(
        SupplierReturnLine(
            supplier_return=row, receipt_line=one.line, quantity=one.quantity, value=one.value, move=move
        )
        for one, move in zip(going, moves, strict=True)
    )
    changed(order)
    return row


def _chosen(
    receipt: Receipt, order_lines: Mapping[int, PurchaseOrderLine], lines: Sequence[tuple[int, Decimal]]
) -> list[tuple[ReceiptLine, Decimal]]:
    """The receipt's lines with what goes back of each."""
    known = {line.pk: line for line in receipt.lines.select_related("move").order_by("pk")}
    if not lines:
        raise InvalidInput("Nothing goes back? Enter how much of at least one line.", field="lines")
    if len({pk for pk, _ in lines}) < len(lines):
        raise InvalidInput("Name each line once.", field="lines")
    found = []
    for index, (pk, quantity) in enumerate(lines):
        line = known.get(pk)
        if line is None:
            raise InvalidInput(f"Choose a line of {receipt.number}.", field="lines")
        material = order_lines[line.order_line_id].material
        check_quantity(material=material, quantity=quantity, field=f"lines.{index}.quantity", line_id=pk)
        if line.component_uses.exists():
            raise OverReturn(
                f"{material.code} of {receipt.number} holds components that we supplied: put it into quarantine or "
                "scrap it for a reason, and ask for the supplier's credit note.",
                field=f"lines.{index}.quantity",
                line_id=pk,
            )
        left = line.quantity - line.returned_qty
        if quantity > left:
            sentence = (
                f"{left.normalize() + ZERO:f} of {material.code} came with {receipt.number} and did not go back yet: "
                "send back at most that."
            )
            if left <= 0:
                sentence = f"All of {material.code} of {receipt.number} went back already: choose another receipt."
            raise OverReturn(
                sentence,
                field=f"lines.{index}.quantity",
                line_id=pk,
                left=str(left),
            )
        found.append((line, quantity))
    return found


def _going(order: PurchaseOrder, receipt: Receipt, chosen: Sequence[tuple[ReceiptLine, Decimal]]) -> list[_Going]:
    """From which balance each part goes: where it was received, else where most of the lot lies."""
    material_ids = {line.order_line.material_id for line, _ in chosen}
    held = hold_balances(plant_ids=[order.plant_id], material_ids=material_ids).values()
    decimals = order.plant.company.currency.decimals
    left = {row.id: row.on_hand for row in held}
    found = []
    for line, quantity in chosen:
        shelf = [
            row
            for row in held
            if row.material_id == line.order_line.material_id
            and row.order_id is None
            and row.lot_id == line.lot_id
            and row.location_kind in (Location.Kind.STOCK, Location.Kind.QUARANTINE)
            and left[row.id] >= quantity
        ]
        if not shelf:
            code = line.order_line.material.code
            raise OverReturn(
                f"No place holds {quantity.normalize() + ZERO:f} of {code} any more: it is used, or lies in several "
                "places. Send back what is there, or bring it together first.",
                field="quantity",
                line_id=line.pk,
            )
        # Quarantined goods first, then those nobody has reserved, then where they were received.
        row = min(
            shelf,
            key=lambda one: (
                one.location_kind != Location.Kind.QUARANTINE,
                one.free < quantity,
                one.location_id != receipt.location_id,
                one.id,
            ),
        )
        left[row.id] -= quantity
        gone = money(line.value * line.returned_qty / line.quantity, decimals)
        value = money(line.value * (line.returned_qty + quantity) / line.quantity, decimals) - gone
        found.append(_Going(line, quantity, value, row))
    return found


def _take_back(
    order: PurchaseOrder,
    order_lines: Mapping[int, PurchaseOrderLine],
    going: Sequence[_Going],
    *,
    is_replaced: bool,
    reason: str,
) -> None:
    """The lines' quantities, and those whose goods are reserved and go."""
    for one in going:
        line = order_lines[one.line.order_line_id]
        lost = _unreserve(line, one)
        lost += _asked_for(line, one, lost)
        one.line.returned_qty += one.quantity
        one.line.save(update_fields=["returned_qty"])
        line.received_qty -= one.quantity
        line.returned_qty += one.quantity
        if not is_replaced:
            closed = min(one.quantity, max(ZERO, line.quantity - line.received_qty))
            line.quantity -= closed
            line.cancelled_qty += closed
        _reopen(order, line, lost, reason)
        line.save()


def _unreserve(line: PurchaseOrderLine, one: _Going) -> list[tuple[Peg, Decimal]]:
    """Free what goes back of reservations of those who got it from this line, the youngest first."""
    short = one.quantity - one.balance.free
    if short <= 0:
        return []
    lost: list[tuple[Peg, Decimal]] = []
    pegs = Peg.objects.filter(purchase_order_line=line, received_qty__gt=0).select_related(
        "work_order_material__work_order__sales_order_line", "sales_order_line"
    )
    for peg in pegs.order_by("-id"):
        of_peg = {
            "work_order_material": peg.work_order_material_id,
            "sales_order_line": peg.sales_order_line_id,
        }
        for row in Reservation.objects.filter(balance=one.balance.id, quantity__gt=0, **of_peg).order_by("-id"):
            part = min(row.quantity, peg.received_qty - sum((had for who, had in lost if who is peg), ZERO), short)
            if part <= 0:
                continue
            Reservation.objects.filter(pk=row.pk).update(quantity=F("quantity") - part)
            with connection.cursor() as cursor:
                cursor.execute(_LET_GO, [[one.balance.id], [part]])
            one.balance.reserved -= part
            lost.append((peg, part))
            short -= part
    return lost


def _asked_for(line: PurchaseOrderLine, one: _Going, lost: Sequence[tuple[Peg, Decimal]]) -> list[tuple[Peg, Decimal]]:
    """What requisitions got of the line beyond what stays of it: they reserve nothing."""
    pegs = list(Peg.objects.filter(purchase_order_line=line, received_qty__gt=0).order_by("-id"))
    told = sum((peg.received_qty for peg in pegs), ZERO) - sum((part for _, part in lost), ZERO)
    too_much = told - (line.received_qty - one.quantity)
    found = []
    for peg in pegs:
        part = min(peg.received_qty, too_much)
        if peg.requisition_line_id is not None and part > 0:
            found.append((peg, part))
            too_much -= part
    return found


def _reopen(order: PurchaseOrder, line: PurchaseOrderLine, lost: Sequence[tuple[Peg, Decimal]], reason: str) -> None:
    """Who lost goods waits for what still comes of the line, else is planned again."""
    room = max(ZERO, line.quantity - line.received_qty) - line.pegged_qty
    again = []
    for peg, part in lost:
        waits = min(part, room)
        if waits > 0:
            peg.received_qty -= waits
            peg.save(update_fields=["received_qty"])
            line.pegged_qty += waits
            room -= waits
        if part > waits:
            rest = part - max(ZERO, waits)
            peg.received_qty -= rest
            again.append((peg, rest))
    if again:
        problem = f"{order.number} line {line.line_no} went back ({reason.strip()}): order it again"
        plan_again(line=line, parts=again, plant_id=order.plant_id, problem=problem)
    order_ids = {order_id for peg, _ in lost if (order_id := sales_order_of(peg)) is not None}
    if order_ids:
        facts.state(
            PurchaseDateChanged(
                line_id=line.pk,
                purchase_order_id=order.pk,
                plant_id=order.plant_id,
                order_ids=tuple(sorted(order_ids)),
            )
        )


def _moves(row: SupplierReturn, order: PurchaseOrder, going: Sequence[_Going]) -> list[MoveIntent]:
    supplier = Location.objects.get(plant=order.plant, kind=Location.Kind.SUPPLIER, is_default=True)
    return [
        MoveIntent(
            kind=StockMove.Kind.RETURN,
            plant=order.plant,
            material_id=one.line.order_line.material_id,
            source_id=one.balance.location_id,
            target_id=supplier.pk,
            quantity=one.quantity,
            at_value=one.value,
            of_move_id=one.line.move_id,
            lot_id=one.line.lot_id,
            document=f"return:{row.pk}",
            partner=order.supplier,
            purchase_order_line_id=one.line.order_line_id,
            memo=f"{row.number} of {order.number}",
        )
        for one in going
    ]
