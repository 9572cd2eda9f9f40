"""Goods in: a supplier's delivery posted to free stock and kept for those who wait for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F

from erp import facts as erp_facts
from erp.stock.models import Reservation, StockMove
from erp.stock.owed import hold_owed_issues, settle_owed_issues
from erp.stock.services import MoveIntent, StockDemand, post_moves, reserve
from erp.supply.models import Peg, PurchaseOrder, PurchaseOrderLine, Receipt, ReceiptLine
from erp.supply.services.pegs import sales_order_of
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money
from masterdata.units import check_quantity

_RECEIVED = """
    UPDATE erp_purchaseorderline line
    SET received_qty = line.received_qty + new.quantity, pegged_qty = line.pegged_qty - new.pegged
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS new(id, quantity, pegged)
    WHERE line.id = new.id
"""
Delivered = Sequence[tuple[int, Decimal]]  # purchase order line, base units


class OverReceipt(Refusal):
    """More than the purchase order still asks for."""

    code = "over_receipt"


@transaction.atomic
def receive_purchase(
    *, purchase_order_id: int, lines: Delivered | None = None, now: dt.datetime, delivery_note: str = ""
) -> Receipt:
    """Post a delivery (everything still to come, or the `lines` given in base units) at the ordered price.

    Free stock against goods received, not invoiced; then owed issues of the materials are settled, and the demands that
    were pegged to the lines get their pieces reserved in the order of their pegs: hard for released work, else soft.
    States GoodsReceived. Locks owed orders and work orders, the purchase order and its lines, balances, values.
    Raises OverReceipt, PartOfStep, InvalidInput.
    """
    ordered = PurchaseOrder.objects.values_list("plant_id", "lines__material_id").filter(pk=purchase_order_id)
    plant_ids, material_ids = {row[0] for row in ordered}, {row[1] for row in ordered}
    owed = [row for plant_id in plant_ids for row in hold_owed_issues(plant_id=plant_id, material_ids=material_ids)]
    order = (
        PurchaseOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("plant__company__currency", "supplier")
        .order_by("pk")
        .get(pk=purchase_order_id)
    )
    lines_now = order.lines.select_related("material__unit").select_for_update(no_key=True, of=("self",))
    known = {line.pk: line for line in lines_now.order_by("pk")}
    delivered = _delivered(order, known, lines)
    receipt = Receipt.objects.create(
        number=next_numbers(company=order.plant.company, kind="RC", year=now.year)[0],
        order=order,
        delivery_note=delivery_note,
        received_at=now,
    )
    place = Location.objects.get(plant=order.plant, kind=Location.Kind.STOCK, is_default=True)
    moves = _moves(receipt, order, known, delivered, place)
    post_moves(moves=moves, now=now)
    ReceiptLine.objects.bulk_create(
        ReceiptLine(receipt=receipt, order_line_id=line_id, quantity=intent.quantity, value=intent.value or ZERO)
        for line_id, intent in zip(delivered, moves, strict=True)
    )
    settle_owed_issues(owed=owed, plant=order.plant, now=now)
    order_ids = _serve_pegs(order, delivered, now)
    facts.state(
        erp_facts.GoodsReceived(receipt_id=receipt.pk, plant_id=order.plant_id, order_ids=tuple(sorted(order_ids)))
    )
    live.publish("purchase", order.pk, plant_id=order.plant_id)
    return receipt


def _delivered(
    order: PurchaseOrder, known: dict[int, PurchaseOrderLine], lines: Delivered | None
) -> dict[int, Decimal]:
    if lines is None:
        lines = [
            (pk, line.quantity - line.received_qty) for pk, line in known.items() if line.received_qty < line.quantity
        ]
    if not lines:
        raise OverReceipt(f"Everything of {order.number} has come already", purchase_order_id=order.pk)
    if len({line_id for line_id, _ in lines}) < len(lines):
        raise InvalidInput("Name each line once", field="lines")
    for index, (line_id, quantity) in enumerate(lines):
        line = known.get(line_id)
        if line is None:
            raise InvalidInput(f"Choose a line of {order.number}", field="lines")
        left = line.quantity - line.received_qty
        if quantity <= 0 or quantity != left:  # all that is left may always come
            check_quantity(material=line.material, quantity=quantity, field=f"lines.{index}.quantity", line_id=line_id)
        if quantity > left:
            raise OverReceipt(
                f"Line {line.line_no} of {order.number} has {left.normalize() + ZERO:f} to come: receive at most that",
                field="quantity",
                line_id=line_id,
                left=str(left),
            )
    return dict(lines)


def _moves(
    receipt: Receipt,
    order: PurchaseOrder,
    known: dict[int, PurchaseOrderLine],
    delivered: dict[int, Decimal],
    place: Location,
) -> list[MoveIntent]:
    supplier = Location.objects.get(plant=order.plant, kind=Location.Kind.SUPPLIER, is_default=True)
    decimals = order.plant.company.currency.decimals
    return [
        MoveIntent(
            kind=StockMove.Kind.RECEIPT,
            plant=order.plant,
            material_id=known[line_id].material_id,
            source_id=supplier.pk,
            target_id=place.pk,
            quantity=quantity,
            value=_value(known[line_id], quantity, decimals),
            document=f"receipt:{receipt.pk}",
            partner=order.supplier,
            purchase_order_line_id=line_id,
            memo=f"{receipt.number} for {order.number}",
        )
        for line_id, quantity in delivered.items()
    ]


def _value(line: PurchaseOrderLine, quantity: Decimal, decimals: int) -> Decimal:
    """The line's amount so far less what earlier receipts took of it: the parts sum to the whole line."""
    before = money(line.received_qty * line.unit_price, decimals)
    return money((line.received_qty + quantity) * line.unit_price, decimals) - before


def _serve_pegs(order: PurchaseOrder, delivered: dict[int, Decimal], now: dt.datetime) -> set[int]:
    """Give each line's goods to its open pegs, oldest first, and reserve what the demand still lacks.

    Returns the sales orders that waited.
    """
    pegs = list(
        Peg.objects.filter(purchase_order_line__in=list(delivered), received_qty__lt=F("quantity"))
        .select_related("work_order_material__work_order__sales_order_line", "sales_order_line")
        .order_by("id")
    )
    left, pegged = dict(delivered), dict.fromkeys(delivered, ZERO)
    served: list[tuple[Peg, Decimal]] = []
    for peg in pegs:
        line_id = peg.purchase_order_line_id or 0
        part = min(left[line_id], peg.quantity - peg.received_qty)
        if part > 0:
            left[line_id] -= part
            pegged[line_id] += part
            peg.received_qty += part
            served.append((peg, part))
    Peg.objects.bulk_update([peg for peg, _ in served], ["received_qty"])
    with connection.cursor() as cursor:
        ids = list(delivered)
        cursor.execute(_RECEIVED, [ids, [delivered[line_id] for line_id in ids], [pegged[line_id] for line_id in ids]])
    reserve(demands=_demands(order.plant_id, served), now=now)
    return {order_id for peg, _ in served if (order_id := sales_order_of(peg)) is not None}


def _demands(plant_id: int, served: Sequence[tuple[Peg, Decimal]]) -> list[StockDemand]:
    lacking = _lacking([peg for peg, _ in served])
    demands = []
    for peg, part in served:
        key = (peg.work_order_material_id, peg.sales_order_line_id)
        wanted = min(part, lacking[key])
        lacking[key] -= wanted
        if wanted <= 0:
            continue
        need = peg.work_order_material
        is_hard = need is None or need.work_order.state == need.work_order.State.RELEASED
        demands.append(
            StockDemand(
                plant_id=plant_id,
                material_id=need.material_id if need else _ordered_material(peg),
                quantity=wanted,
                work_order_material_id=peg.work_order_material_id,
                sales_order_line_id=peg.sales_order_line_id,
                kind=Reservation.Kind.HARD if is_hard else Reservation.Kind.SOFT,
            )
        )
    return demands


def _ordered_material(peg: Peg) -> int:
    assert peg.sales_order_line is not None
    return peg.sales_order_line.material_id


def _lacking(pegs: Sequence[Peg]) -> dict[tuple[int | None, int | None], Decimal]:
    """What each demand still needs: its quantity less what was issued or shipped and what is reserved for it.

    A work order that is closed or cancelled needs nothing more: what was bought for it is free stock.
    """
    lacking: dict[tuple[int | None, int | None], Decimal] = {}
    for peg in pegs:
        need, line = peg.work_order_material, peg.sales_order_line
        if need is not None:
            ended = need.work_order.state in (need.work_order.State.CLOSED, need.work_order.State.CANCELLED)
            lacking[need.pk, None] = ZERO if ended else need.quantity - need.issued_qty
        elif line is not None:
            lacking[None, line.pk] = line.quantity - line.shipped_qty
    for reservation in Reservation.objects.filter(
        work_order_material__in=[key[0] for key in lacking if key[0]]
    ) | Reservation.objects.filter(sales_order_line__in=[key[1] for key in lacking if key[1]]):
        lacking[reservation.work_order_material_id, reservation.sales_order_line_id] -= reservation.quantity
    return lacking
