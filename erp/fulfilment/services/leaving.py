"""The way of a shipment's goods out of stock: which place, which lot, whose."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q

from erp.fulfilment.models import PackageContent, Shipment, ShipmentLine, StagingPlace
from erp.sales.models import SalesOrderLine
from erp.sales.selectors.ready import ready_lines
from erp.stock.models import Reservation, StockBalance, StockMove
from erp.stock.services import MoveIntent
from masterdata.errors import Refusal
from masterdata.models import Location
from masterdata.numbers import ZERO


class NothingToPack(Refusal):
    """Nothing of the order is ready for another package."""

    code = "nothing_to_pack"


class OverShip(Refusal):
    """More than is ready, or more than was ordered."""

    code = "over_ship"


@dataclass(slots=True)
class _Source:
    """Where pieces of a line may come from: order stock, or what is reserved for the line. `left` of it."""

    balance: StockBalance
    left: Decimal
    reservation: Reservation | None = None


@dataclass(slots=True)
class _Piece:
    """So much of a line leaves, of a lot when it lies in a package by lot."""

    line: SalesOrderLine
    quantity: Decimal
    lot_id: int | None
    is_of_lot: bool


def moves_of(shipment: Shipment) -> list[MoveIntent]:
    """Order stock first (what was made for the order), then what is reserved for the line; of each what was picked.

    Raises OverShip when it is no longer there.
    """
    lines = list(shipment.lines.select_related("order_line").order_by("order_line__line_no"))
    customer = Location.objects.get(plant=shipment.plant, kind=Location.Kind.CUSTOMER, is_default=True)
    staging = StagingPlace.objects.filter(plant=shipment.plant).values_list("location_id", flat=True).first()
    made = _order_stock(shipment, lines, staging)
    left_of_line = {line.line_id: line.made for line in ready_lines(shipment.order_id)}
    kept = _reserved(lines, staging)
    moves: list[MoveIntent] = []
    for piece in _pieces(shipment, lines):
        line, left = piece.line, piece.quantity
        for source in (*made, *kept):
            if not _fits(source, piece):
                continue
            most = left_of_line[line.pk] if source.reservation is None else source.left
            part = min(left, source.left, most)
            if part > 0:
                moves.append(_move(shipment, line, part, source, customer))
                source.left -= part
                left -= part
                if source.reservation is None:
                    left_of_line[line.pk] -= part
        if left:
            raise OverShip(
                f"{left.normalize() + ZERO:f} of line {line.line_no} are no longer there: pack again.",
                field="quantity",
                line_id=line.pk,
                missing=str(left),
            )
    return moves


def _pieces(shipment: Shipment, lines: Iterable[ShipmentLine]) -> list[_Piece]:
    """What lies in packages by lot; what has no package leaves of any lot."""
    if not shipment.is_scanned:
        return [_Piece(one.order_line, one.quantity, None, False) for one in lines]
    found = PackageContent.objects.filter(line__shipment=shipment).select_related("line__order_line")
    rows = sorted(found, key=lambda one: (one.line.order_line.line_no, one.pk))
    return [_Piece(one.line.order_line, one.quantity, one.lot_id, True) for one in rows]


def _fits(source: _Source, piece: _Piece) -> bool:
    line, balance, kept = piece.line, source.balance, source.reservation
    if kept is not None and kept.sales_order_line_id != line.pk:
        return False
    return balance.material_id == line.material_id and (not piece.is_of_lot or balance.lot_id == piece.lot_id)


def _order_stock(shipment: Shipment, lines: Iterable[ShipmentLine], staging: int | None) -> list[_Source]:
    rows = StockBalance.objects.filter(
        Q(sales_order=shipment.order_id, plant=shipment.plant, on_hand__gt=F("reserved")),
        material__in=[line.order_line.material_id for line in lines],
        location__kind=Location.Kind.STOCK,
        location__is_blocked=False,
    )
    found = [_Source(row, row.on_hand) for row in rows.order_by("id")]
    return sorted(found, key=lambda one: one.balance.location_id != staging)


def _reserved(lines: Iterable[ShipmentLine], staging: int | None) -> list[_Source]:
    ids = [line.order_line_id for line in lines]
    rows = Reservation.objects.filter(sales_order_line__in=ids, quantity__gt=0).select_related("balance")
    found = [_Source(row.balance, row.quantity, row) for row in rows.order_by("id")]
    return sorted(found, key=lambda one: one.balance.location_id != staging)


def _move(
    shipment: Shipment, line: SalesOrderLine, quantity: Decimal, source: _Source, customer: Location
) -> MoveIntent:
    return MoveIntent(
        kind=StockMove.Kind.SHIPMENT,
        plant=shipment.plant,
        material_id=line.material_id,
        source_id=source.balance.location_id,
        target_id=customer.pk,
        quantity=quantity,
        document=f"shipment:{shipment.pk}",
        source_order_id=None if source.reservation else shipment.order_id,
        lot_id=source.balance.lot_id,
        reservation_id=source.reservation.pk if source.reservation else None,
        partner=shipment.order.customer,
        sales_order_id=shipment.order_id,
        sales_order_line_id=line.pk,
        memo=f"{shipment.number} for {shipment.order.number}",
    )
