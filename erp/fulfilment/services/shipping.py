"""Packing and shipping: what is ready for a customer, the shipment, and the goods' way out of stock."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F, Q

from erp import facts as erp_facts
from erp.fulfilment.models import Shipment, ShipmentLine
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.selectors.ready import ReadyLine, ready_lines
from erp.sales.services.credit import check_credit
from erp.stock.models import Reservation, StockBalance, StockMove
from erp.stock.services import MoveIntent, post_moves
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location, Material, Plant
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO
from masterdata.units import check_quantity

_SHIPPED = """
    UPDATE erp_salesorderline line SET shipped_qty = line.shipped_qty + gone.quantity
    FROM (SELECT order_line_id, sum(quantity) AS quantity FROM erp_shipmentline WHERE shipment_id = %s GROUP BY 1) gone
    WHERE line.id = gone.order_line_id
"""
Pieces = Sequence[tuple[int, Decimal]]  # order line, quantity


class NothingToPack(Refusal):
    """Nothing of the order is ready for another package."""

    code = "nothing_to_pack"


class OverShip(Refusal):
    """More than is ready, or more than was ordered."""

    code = "over_ship"


class AlreadyShipped(Refusal):
    """The shipment has left."""

    code = "already_shipped"


@transaction.atomic
def pack_shipment(*, order_id: int, lines: Pieces | None = None, now: dt.datetime) -> Shipment:
    """Pack what is ready (all of it in the first plant that has something, or the `lines` given) as one shipment.

    Ready is what was made for the line and what is reserved for it, less what other shipments hold. Locks the order.
    Raises CreditHold, OverShip with what is ready, NothingToPack, PartOfStep, InvalidInput for lines of several plants.
    """
    order = _locked(order_id)
    check_credit(orders=[order], now=now)
    ready = {line.line_id: line for line in ready_lines(order_id)}
    pieces = _everything(ready.values()) if lines is None else list(lines)
    if not pieces:
        raise NothingToPack(
            f"Nothing of {order.number} is ready: finish or receive its goods first.", order_id=order_id
        )
    _check_pieces(ready, pieces)
    plants = {ready[line_id].plant_id for line_id, _ in pieces}
    if len(plants) > 1 or len({line_id for line_id, _ in pieces}) < len(pieces):
        raise InvalidInput("Pack each line once, and one shipment for each plant.", field="lines")
    plant = Plant.objects.select_related("company").get(pk=plants.pop())
    shipment = Shipment.objects.create(
        number=next_numbers(company=plant.company, kind="SH", year=now.year)[0],
        order=order,
        plant=plant,
        packed_at=now,
    )
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, order_line_id=line_id, quantity=quantity) for line_id, quantity in pieces
    )
    live.publish("order", order_id)
    return shipment


def _locked(order_id: int) -> SalesOrder:
    orders = SalesOrder.objects.select_for_update(no_key=True, of=("self",)).select_related("company__currency")
    return orders.order_by("pk").get(pk=order_id)


def _everything(lines: Iterable[ReadyLine]) -> list[tuple[int, Decimal]]:
    """All that is ready in the first plant that has something."""
    some = sorted((line for line in lines if line.quantity > 0), key=lambda line: (line.plant_id, line.line_no))
    return [(line.line_id, line.quantity) for line in some if line.plant_id == some[0].plant_id]


def _check_pieces(ready: Mapping[int, ReadyLine], pieces: Pieces) -> None:
    """Raises InvalidInput, PartOfStep, OverShip. All that is left of a line may always be packed."""
    wanted = {line.material_id for line_id, _ in pieces if (line := ready.get(line_id))}
    materials = Material.objects.select_related("unit").in_bulk(wanted)
    for index, (line_id, quantity) in enumerate(pieces):
        line = ready.get(line_id)
        if line is None:
            raise InvalidInput("Choose a line of this order.", field="lines")
        if quantity <= 0 or quantity != line.quantity:
            check_quantity(
                material=materials[line.material_id],
                quantity=quantity,
                field=f"lines.{index}.quantity",
                line_id=line_id,
            )
        _check_ready(line, quantity)


def _check_ready(line: ReadyLine, quantity: Decimal) -> None:
    if quantity > line.quantity:
        sentence = f"{line.quantity.normalize() + ZERO:f} of line {line.line_no} are ready: pack at most that."
        if line.quantity <= 0:
            sentence = f"Nothing of line {line.line_no} is ready: pack it when its pieces are made or have come."
        raise OverShip(
            sentence,
            field="quantity",
            line_id=line.line_id,
            ready=str(line.quantity),
        )


@transaction.atomic
def ship(*, shipment_id: int, now: dt.datetime) -> Shipment:
    """Post the shipment: goods leave order stock, then reserved stock, at their value; cost of goods; OrderShipped.

    Locks the order, then the balances. Raises AlreadyShipped, CreditHold, NotEnoughStock, PeriodClosed.
    """
    order = _locked(Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id))
    shipment = Shipment.objects.select_related("plant__company__currency", "order__customer").get(pk=shipment_id)
    if shipment.shipped_at is not None:
        raise AlreadyShipped(f"{shipment.number} has left already.", shipment_id=shipment_id)
    check_credit(orders=[order], now=now)
    post_moves(moves=_moves(shipment), now=now)
    with connection.cursor() as cursor:
        cursor.execute(_SHIPPED, [shipment_id])
    shipment.shipped_at = now
    shipment.save(update_fields=["shipped_at"])
    facts.state(erp_facts.OrderShipped(order_id=order.pk, shipment_id=shipment_id))
    live.publish("order", order.pk)
    return shipment


def _moves(shipment: Shipment) -> list[MoveIntent]:
    """Order stock first (what was made for the order), then what is reserved for the line."""
    pieces = list(shipment.lines.select_related("order_line").order_by("order_line__line_no"))
    lines = [piece.order_line for piece in pieces]
    customer = Location.objects.get(plant=shipment.plant, kind=Location.Kind.CUSTOMER, is_default=True)
    made = _order_stock(shipment, lines)
    left_of_line = {line.line_id: line.made for line in ready_lines(shipment.order_id)}
    reserved = _reserved(lines)
    moves: list[MoveIntent] = []
    for piece in pieces:
        line, left = piece.order_line, piece.quantity
        for balance in made[line.material_id]:
            part = min(left, balance.on_hand, left_of_line[line.pk])
            if part > 0:
                moves.append(_move(shipment, line, part, balance, customer, shipment.order_id, None))
                balance.on_hand -= part
                left_of_line[line.pk] -= part
                left -= part
        for reservation in reserved[line.pk]:
            part = min(left, reservation.quantity)
            if part > 0:
                moves.append(_move(shipment, line, part, reservation.balance, customer, None, reservation.pk))
                left -= part
        if left:
            raise OverShip(
                f"{left.normalize() + ZERO:f} of line {line.line_no} are no longer there: pack again.",
                field="quantity",
                line_id=line.pk,
                missing=str(left),
            )
    return moves


def _order_stock(shipment: Shipment, lines: Sequence[SalesOrderLine]) -> dict[int, list[StockBalance]]:
    balances: dict[int, list[StockBalance]] = defaultdict(list)
    for balance in StockBalance.objects.filter(
        Q(sales_order=shipment.order_id, plant=shipment.plant, on_hand__gt=F("reserved")),
        material__in=[line.material_id for line in lines],
        location__kind=Location.Kind.STOCK,
        location__is_blocked=False,
    ).order_by("id"):
        balances[balance.material_id].append(balance)
    return balances


def _reserved(lines: Sequence[SalesOrderLine]) -> dict[int, list[Reservation]]:
    reserved: dict[int, list[Reservation]] = defaultdict(list)
    for row in (
        Reservation.objects.filter(sales_order_line__in=lines, quantity__gt=0).select_related("balance").order_by("id")
    ):
        reserved[row.sales_order_line_id or 0].append(row)
    return reserved


def _move(
    shipment: Shipment,
    line: SalesOrderLine,
    quantity: Decimal,
    balance: StockBalance,
    customer: Location,
    source_order_id: int | None,
    reservation_id: int | None,
) -> MoveIntent:
    return MoveIntent(
        kind=StockMove.Kind.SHIPMENT,
        plant=shipment.plant,
        material_id=line.material_id,
        source_id=balance.location_id,
        target_id=customer.pk,
        quantity=quantity,
        document=f"shipment:{shipment.pk}",
        source_order_id=source_order_id,
        lot_id=balance.lot_id,
        reservation_id=reservation_id,
        partner=shipment.order.customer,
        sales_order_id=shipment.order_id,
        sales_order_line_id=line.pk,
        memo=f"{shipment.number} for {shipment.order.number}",
    )
