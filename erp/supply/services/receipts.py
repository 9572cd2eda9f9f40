"""Goods in: a supplier's delivery posted to free stock and kept for those who wait for it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, Decimal

from django.db import transaction

from erp import facts as erp_facts
from erp.stock.lots import ensure_lot
from erp.stock.owed import hold_owed_issues, settle_owed_issues
from erp.stock.places import check_open, receiving_place
from erp.stock.services import post_moves
from erp.supply.models import DeliveryTolerance, PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine
from erp.supply.services.agreeing import keep_components
from erp.supply.services.cancelling import CAME_SHORT, cancel_rest
from erp.supply.services.component_use import use_components, write_uses
from erp.supply.services.receipt_moves import Delivered, moves_in
from erp.supply.services.serving import serve_pegs
from erp.supply.services.spoilt import unusable
from erp.supply.services.supplied import ComponentPart
from masterdata import facts, inserts, live, statements
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO
from masterdata.units import check_quantity
from masterdata.whole import Whole

_ORDERED = """
    SELECT o.plant_id, l.material_id FROM erp_purchaseorder o JOIN erp_purchaseorderline l ON l.order_id = o.id
    WHERE o.id = %s
"""
_ORDER = Whole(
    PurchaseOrder,
    "t.id = %s FOR NO KEY UPDATE OF t",
    "plant",
    "plant__company",
    "plant__company__currency",
    "supplier",
)
_LINES = Whole(PurchaseOrderLine, "t.order_id = %s ORDER BY t.id FOR NO KEY UPDATE OF t", "material", "material__unit")
_TOLERANCES = Whole(DeliveryTolerance, "t.supplier_id = %s AND (t.material_id IS NULL OR t.material_id = ANY(%s))")


class OverReceipt(Refusal):
    """More than the purchase order still asks for, and than may come beyond it."""

    code = "over_receipt"


@transaction.atomic
def receive_purchase(
    *,
    purchase_order_id: int,
    lines: Sequence[tuple[int, Decimal] | Delivered] | None = None,
    now: dt.datetime,
    delivery_note: str = "",
    location_id: int | None = None,
    used: Sequence[ComponentPart] = (),
) -> Receipt:
    """Post a delivery (everything still to come, or the `lines` given in base units) at the ordered price.

    What we supplied for a line is used by it, as its BOM says or as `used` reports: the goods are worth that and the
    price.

    Free stock in the location (empty: where the plant receives) against goods received, not invoiced; then owed issues
    of the materials are settled, and the demands that were pegged to the lines get their pieces reserved in the order
    of their pegs: hard for released work, else soft. A supplier may bring more within its tolerance; what lacks no more
    than its tolerance is closed short. A lot past its last day is blocked as it comes: who waited is planned again.
    States GoodsReceived. Locks owed orders and work orders, the purchase order and its lines, balances, values.
    Raises OverReceipt, ComponentsMissing, PartOfStep, LotNeeded, InvalidInput.
    """
    ordered = statements.run(_ORDERED, [purchase_order_id])
    plant_ids, material_ids = {row[0] for row in ordered}, {row[1] for row in ordered}
    owed = [row for plant_id in plant_ids for row in hold_owed_issues(plant_id=plant_id, material_ids=material_ids)]
    order, known = _held(purchase_order_id)
    tolerances = tolerances_of(order.supplier_id, material_ids)
    delivered = _delivered(order, known, lines, tolerances)
    delivered = [_with_lot(one, known[one.line_id], now) for one in delivered]
    place = _place(order, location_id)
    receipt = Receipt.objects.create(
        number=next_numbers(company=order.plant.company, kind="RC", year=now.year)[0],
        order=order,
        location=place,
        delivery_note=delivery_note,
        received_at=now,
    )
    used_up = use_components(
        order=order,
        received=[(known[one.line_id], one.quantity) for one in delivered],
        document=f"receipt:{receipt.pk}",
        now=now,
        reported=used,
        filled=[(order.plant_id, known[one.line_id].material_id, place.pk, None, one.lot_id) for one in delivered],
    )
    uses = used_up.by_part
    supplied = [sum((use.value for use in of_line), ZERO) for of_line in uses]
    moves = post_moves(
        moves=moves_in(
            receipt=receipt,
            order=order,
            known=known,
            delivered=delivered,
            place=place,
            supplied=supplied,
            fee_line_ids=used_up.fee_line_ids,
        ),
        now=now,
    )
    rows = [
        ReceiptLine(
            receipt=receipt,
            order_line_id=one.line_id,
            quantity=one.quantity,
            value=move.value - ours,
            lot_id=one.lot_id,
            move=move,
        )
        for one, move, ours in zip(delivered, moves, supplied, strict=True)
    ]
    if any(uses):
        inserts.give_ids(rows)
    inserts.insert(rows)
    write_uses(rows, uses)
    settle_owed_issues(owed=owed, plant=order.plant, now=now)
    order_ids = serve_pegs(order, known, _totals(delivered), unusable(delivered), now)
    _close_short(order, _totals(delivered), tolerances, now)
    if used or any(uses):
        keep_components(order=order, now=now)
    facts.state(
        erp_facts.GoodsReceived(receipt_id=receipt.pk, plant_id=order.plant_id, order_ids=tuple(sorted(order_ids)))
    )
    live.publish("purchase", order.pk, plant_id=order.plant_id)
    return receipt


def _held(purchase_order_id: int) -> tuple[PurchaseOrder, dict[int, PurchaseOrderLine]]:
    """The order, then its lines, under lock. Raises PurchaseOrder.DoesNotExist."""
    orders, lines = statements.together(_ORDER.statement(purchase_order_id), _LINES.statement(purchase_order_id))
    if not orders:
        raise PurchaseOrder.DoesNotExist
    return _ORDER.rows(orders)[0], {line.pk: line for line in _LINES.rows(lines)}


def tolerances_of(supplier_id: int, material_ids: set[int]) -> dict[int | None, DeliveryTolerance]:
    """A supplier's tolerances per material; under None the one that holds for all others."""
    rows = _TOLERANCES.read(supplier_id, statements.array(sorted(material_ids)))
    return {row.material_id: row for row in rows}


def _totals(delivered: Sequence[Delivered]) -> dict[int, Decimal]:
    totals: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for one in delivered:
        totals[one.line_id] += one.quantity
    return dict(totals)


def _most_over(line: PurchaseOrderLine, tolerance: DeliveryTolerance | None) -> Decimal:
    """How much beyond the ordered quantity may come, in whole steps of the unit."""
    if tolerance is None or not tolerance.over_percent:
        return ZERO
    step = line.material.unit.rounding
    return (line.quantity * tolerance.over_percent / 100 / step).to_integral_value(ROUND_DOWN) * step


def _delivered(
    order: PurchaseOrder,
    known: Mapping[int, PurchaseOrderLine],
    lines: Sequence[tuple[int, Decimal] | Delivered] | None,
    tolerances: Mapping[int | None, DeliveryTolerance],
) -> list[Delivered]:
    if lines is None:
        lines = [
            (pk, line.quantity - line.received_qty) for pk, line in known.items() if line.received_qty < line.quantity
        ]
    if not lines:
        raise OverReceipt(f"Everything of {order.number} has come already.", purchase_order_id=order.pk)
    wanted = [
        one if isinstance(one, Delivered) else Delivered(line_id=one[0], quantity=Decimal(one[1])) for one in lines
    ]
    if len({(one.line_id, one.lot) for one in wanted}) < len(wanted):
        raise InvalidInput("Name each line and lot once.", field="lines")
    for index, one in enumerate(wanted):
        line = known.get(one.line_id)
        if line is None:
            raise InvalidInput(f"Choose a line of {order.number}.", field="lines")
        left = line.quantity - line.received_qty
        if one.quantity <= 0 or one.quantity != left:  # all that is left may always come
            check_quantity(
                material=line.material, quantity=one.quantity, field=f"lines.{index}.quantity", line_id=one.line_id
            )
    for line_id, quantity in _totals(wanted).items():
        line = known[line_id]
        _check_over(order, line, quantity, tolerances.get(line.material_id, tolerances.get(None)))
    return wanted


def _check_over(
    order: PurchaseOrder, line: PurchaseOrderLine, quantity: Decimal, tolerance: DeliveryTolerance | None
) -> None:
    left = max(ZERO, line.quantity - line.received_qty)
    most = max(ZERO, line.quantity + _most_over(line, tolerance) - line.received_qty)
    if quantity <= most:
        return
    if not most:
        sentence = f"All of line {line.line_no} of {order.number} has come: send it back, or order more first."
    elif most == left:
        sentence = f"Line {line.line_no} of {order.number} has {_plain(left)} to come: receive at most that."
    else:
        sentence = (
            f"Line {line.line_no} of {order.number} has {_plain(left)} to come, with its tolerance at most "
            f"{_plain(most)}: receive that and send the rest back."
        )
    raise OverReceipt(sentence, field="quantity", line_id=line.pk, left=str(left), most=str(most))


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize() + ZERO:f}"


def _with_lot(one: Delivered, line: PurchaseOrderLine, now: dt.datetime) -> Delivered:
    """The lot's id; a new lot is made."""
    if not one.lot.strip():
        return one
    lot = ensure_lot(
        material=line.material,
        number=one.lot,
        now=now,
        expires_on=one.expires_on,
        supplier_lot=one.supplier_lot,
        length_mm=one.length_mm,
        width_mm=one.width_mm,
    )
    return replace(one, lot_id=lot.pk)


def _place(order: PurchaseOrder, location_id: int | None) -> Location:
    if location_id is None:
        return receiving_place(order.plant)
    inside = (Location.Kind.STOCK, Location.Kind.QUARANTINE)
    place = Location.objects.filter(pk=location_id, plant=order.plant_id, kind__in=inside).first()
    if place is None:
        raise InvalidInput(f"Choose a stock location of {order.plant.name}.", field="location")
    check_open(place, field="location")
    return place


def _close_short(
    order: PurchaseOrder,
    delivered: Mapping[int, Decimal],
    tolerances: Mapping[int | None, DeliveryTolerance],
    now: dt.datetime,
) -> None:
    """A line that lacks no more than the supplier's tolerance is complete; who still waits is planned again."""
    if not any(one.under_percent for one in tolerances.values()):
        return
    short = []
    for line in order.lines.filter(pk__in=list(delivered)).select_related("material").order_by("pk"):
        tolerance = tolerances.get(line.material_id, tolerances.get(None))
        left = line.quantity - line.received_qty
        if tolerance is not None and 0 < left <= line.quantity * tolerance.under_percent / 100:
            short.append(line)
    if short:
        cancel_rest(order=order, lines=short, why=CAME_SHORT, now=now)
