"""Packing and shipping: what is ready for a customer, the shipment, and the goods' way out of stock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import F

from erp import facts as erp_facts
from erp.fulfilment.models import PickLine, Shipment, ShipmentLine
from erp.fulfilment.services.completeness import check_complete, raise_within_tolerance
from erp.fulfilment.services.holding import hold_order, hold_shipment, shipping_of
from erp.fulfilment.services.leaving import NothingToPack, OverShip, moves_of
from erp.sales.selectors.ready import ReadyLine, ready_lines
from erp.sales.services.credit import check_credit
from erp.stock.services import post_moves
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Material, Plant, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO
from masterdata.units import check_quantity

_SHIPPED = """
    UPDATE erp_salesorderline line SET shipped_qty = line.shipped_qty + gone.quantity
    FROM (SELECT order_line_id, sum(quantity) AS quantity FROM erp_shipmentline WHERE shipment_id = %s GROUP BY 1) gone
    WHERE line.id = gone.order_line_id
"""
Pieces = Sequence[tuple[int, Decimal]]  # order line, quantity


class NotLoaded(Refusal):
    """Some packages of the shipment were not scanned at loading, or are empty."""

    code = "not_loaded"


@transaction.atomic
def pack_shipment(*, order_id: int, lines: Pieces | None = None, now: dt.datetime, by: User | None = None) -> Shipment:
    """Pack what is ready (all of it in the first plant that has something, or the `lines` given) as one shipment.

    Ready is what was made for the line and what is reserved for it, less what other shipments hold; more than was
    ordered within the order's tolerance, which raises the line. Locks the order.
    Raises CreditHold, OverShip with what is ready, NothingToPack, PartOfStep, InvalidInput for lines of several plants.
    """
    order = hold_order(order_id)
    check_credit(orders=[order], now=now)
    shipping = shipping_of(order)
    ready = {line.line_id: line for line in ready_lines(order_id)}
    for line_id, quantity in lines or ():
        if (line := ready.get(line_id)) is not None:
            is_open = raise_within_tolerance(shipping, line, quantity, by=by, now=now)
            ready[line_id] = replace(line, open=is_open)
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
        address=shipping.address,
        carrier=shipping.carrier,
        delivery_terms=shipping.delivery_terms,
        packed_at=now,
    )
    ShipmentLine.objects.bulk_create(
        ShipmentLine(shipment=shipment, order_line_id=line_id, quantity=quantity) for line_id, quantity in pieces
    )
    live.publish("order", order_id)
    return shipment


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
def ship(*, shipment_id: int, now: dt.datetime, expected_version: int | None = None) -> Shipment:
    """Post the shipment: goods leave order stock, then reserved stock, at their value; cost of goods; OrderShipped.

    What was picked goes first, and of packages just the lots that lie in them. Locks the order, then the balances.
    Raises AlreadyShipped, NotLoaded, NotComplete, CreditHold, NotEnoughStock, PeriodClosed, StaleVersion.
    """
    shipment = hold_shipment(shipment_id, expected_version)
    order = hold_order(shipment.order_id)
    check_credit(orders=[order], now=now)
    _check_loaded(shipment)
    pieces = dict(shipment.lines.values_list("order_line_id", "quantity"))
    check_complete(order, shipping_of(order), pieces)
    post_moves(moves=moves_of(shipment), now=now)
    with connection.cursor() as cursor:
        cursor.execute(_SHIPPED, [shipment_id])
    _picked_is_gone(pieces)
    shipment.shipped_at = now
    shipment.version += 1
    shipment.save(update_fields=["shipped_at", "version"])
    facts.state(erp_facts.OrderShipped(order_id=order.pk, shipment_id=shipment_id))
    live.publish("order", order.pk)
    return shipment


def _check_loaded(shipment: Shipment) -> None:
    """Raises NotLoaded, NothingToPack."""
    if not shipment.lines.exists():
        raise NothingToPack(f"{shipment.number} is empty: pack something first.", shipment_id=shipment.pk)
    if not shipment.is_scanned:
        return
    waiting = list(shipment.packages.filter(loaded_at=None).order_by("pk").values_list("number", flat=True))
    if waiting:
        raise NotLoaded(
            f"{len(waiting)} of the packages of {shipment.number} were not scanned at loading: {waiting[0]}.",
            shipment_id=shipment.pk,
            packages=waiting,
        )


def _picked_is_gone(pieces: Mapping[int, Decimal]) -> None:
    """What was picked goes first: it is no longer in the staging place."""
    left = dict(pieces)
    changed = []
    for line in PickLine.objects.filter(order_line__in=left, picked_qty__gt=F("gone_qty")).order_by("pk"):
        part = min(left[line.order_line_id], line.picked_qty - line.gone_qty)
        if part > 0:
            left[line.order_line_id] -= part
            line.gone_qty += part
            changed.append(line)
    PickLine.objects.bulk_update(changed, ["gone_qty"])
