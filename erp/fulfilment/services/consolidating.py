"""Goods of an order that are ready in several plants are brought to the one that ships it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import F

from erp.fulfilment.services.holding import hold_order, shipping_of
from erp.planning.services import note_changes
from erp.sales.models import SalesOrderLine
from erp.sales.selectors.ready import ReadyLine, ready_lines
from erp.sales.services.setting_free import free_order_stock
from erp.stock.locks import hold_balances
from erp.stock.models import Reservation, StockBalance, Transfer
from erp.stock.transferring import Piece
from erp.supply.models import Peg
from erp.supply.services.journeys import send_for_lines
from erp.supply.services.pegs import cut_pegs
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location, Plant
from masterdata.numbers import ZERO


class NothingToBring(Refusal):
    """No line of another plant is ready as a whole."""

    code: ClassVar[str] = "nothing_to_bring"


@transaction.atomic
def bring_together(*, order_id: int, now: dt.datetime, expected_at: dt.datetime | None = None) -> list[Transfer]:
    """Send the lines of other plants that are ready as a whole to the plant that ships the order: a transfer each.

    The lines are of that plant then, and wait for their goods on the way. Lines that are packed, on a pick list or not
    ready stay where they are. Locks the order, then balances plant by plant. Raises NothingToBring, InvalidInput.
    """
    order = hold_order(order_id)
    target = shipping_of(order).ship_from
    if target is None:
        raise InvalidInput("Say first which plant ships the order.", field="ship_from")
    ready = {one.line_id: one for one in ready_lines(order_id)}
    lines = [
        line
        for line in order.lines.select_related("plant", "material").exclude(plant=target).order_by("line_no")
        if _is_whole(line, ready[line.pk])
    ]
    if not lines:
        raise NothingToBring(
            f"No line of {order.number} in another plant than {target.name} is ready, unpacked and on no pick list.",
            order_id=order_id,
        )
    by_plant: dict[int, list[SalesOrderLine]] = defaultdict(list)
    for line in lines:
        by_plant[line.plant_id].append(line)
    sent = [_send(by_plant[plant_id], ready, target, now, expected_at) for plant_id in sorted(by_plant)]
    live.publish("order", order_id)
    return sent


def _is_whole(line: SalesOrderLine, ready: ReadyLine) -> bool:
    still = line.pick_lines.filter(picked_qty__gt=F("gone_qty")) | line.pick_lines.filter(pick_list__closed_at=None)
    if still.exists() or line.work_orders.filter(state__in=["firm", "released"]).exists():
        return False
    return ready.open > 0 and not ready.packed and ready.quantity == ready.open


def _send(
    lines: Sequence[SalesOrderLine],
    ready: dict[int, ReadyLine],
    target: Plant,
    now: dt.datetime,
    expected_at: dt.datetime | None,
) -> Transfer:
    plant, order = lines[0].plant, lines[0].order
    materials = {line.material_id for line in lines}
    hold_balances(plant_ids=[plant.pk], material_ids=materials, order_ids=[order.pk])
    taken: dict[int, Decimal] = defaultdict(lambda: ZERO)
    wanted = []
    for line in lines:
        one = ready[line.pk]
        _free_made(line, min(one.made, one.open), taken, now)
        _free_kept(line, one.open - min(one.made, one.open), taken)
        _forget_pegs(line)
        wanted.append((line.material_id, line.pk, one.open))
    pieces = [Piece(pk, quantity) for pk, quantity in sorted(taken.items())]
    transfer = send_for_lines(
        pieces=pieces, to_plant=target, now=now, wanted=wanted, expected_at=expected_at, note=f"For {order.number}"
    )
    arrives = (expected_at or now) + dt.timedelta(minutes=target.transport_min)
    SalesOrderLine.objects.filter(pk__in=[line.pk for line in lines]).update(plant=target, expected_at=arrives)
    for place in (plant.pk, target.pk):
        note_changes(plant_id=place, material_ids=materials)
    return transfer


def _forget_pegs(line: SalesOrderLine) -> None:
    """All of it is in hand: what it was waiting for in its old plant is told by nothing any more."""
    pegs = Peg.objects.filter(sales_order_line=line)
    cut_pegs([(peg, peg.quantity - peg.received_qty) for peg in pegs if peg.quantity > peg.received_qty])
    Peg.objects.filter(sales_order_line=line).delete()


def _free_made(line: SalesOrderLine, quantity: Decimal, taken: dict[int, Decimal], now: dt.datetime) -> None:
    """What was made for the line is free stock, place by place; `taken` says from which balances it goes."""
    rows = StockBalance.objects.filter(
        sales_order=line.order_id, plant=line.plant_id, material=line.material_id, on_hand__gt=0,
        location__kind=Location.Kind.STOCK,
    )  # fmt: skip
    left, parts = quantity, []
    for row in rows.order_by("pk"):
        part = min(left, row.on_hand)
        if part > 0:
            left -= part
            parts.append((row.location_id, row.lot_id, part))
    free_order_stock(
        order_id=line.order_id, now=now, material_id=line.material_id, most=quantity, line_id=line.pk,
        plant_id=line.plant_id,
    )  # fmt: skip
    for location_id, lot_id, part in parts:
        free = StockBalance.objects.get(
            material=line.material_id, location=location_id, lot=lot_id, sales_order__isnull=True
        )
        taken[free.pk] += part


def _free_kept(line: SalesOrderLine, quantity: Decimal, taken: dict[int, Decimal]) -> None:
    """What is kept for the line is let go, to go with the transfer."""
    left = quantity
    for row in Reservation.objects.filter(sales_order_line=line, quantity__gt=0).order_by("pk"):
        part = min(left, row.quantity)
        if part > 0:
            left -= part
            Reservation.objects.filter(pk=row.pk).update(quantity=F("quantity") - part)
            StockBalance.objects.filter(pk=row.balance_id).update(reserved=F("reserved") - part)
            taken[row.balance_id] += part
