"""Goods between plants: they leave one, are in transit at their value, and arrive in the other or are lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction

from erp.stock.book import Book
from erp.stock.intents import Kind, MoveIntent
from erp.stock.models import StockBalance, StockMove, Transfer, TransferLine
from erp.stock.places import check_open, default_place, receiving_place
from erp.stock.transferring import Piece
from masterdata.days import check_day_ahead
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location, Plant
from masterdata.numbering import next_numbers
from masterdata.numbers import money
from masterdata.units import check_quantity

TRANSIT = Location.Kind.TRANSIT


class TransferClosed(Refusal):
    """Everything of the transfer has arrived or was given up."""

    code: ClassVar[str] = "transfer_closed"


class OverArrival(Refusal):
    """More is to arrive than is on the way."""

    code: ClassVar[str] = "over_arrival"


@transaction.atomic
def send_transfer(
    *,
    pieces: Sequence[Piece],
    to_plant: Plant,
    now: dt.datetime,
    expected_at: dt.datetime | None = None,
    note: str = "",
) -> Transfer:
    """Free stock of one plant leaves for another of the same company; its value waits on the account in transit.

    Locks the materials' balances, the number series last. Raises InvalidInput, DayPassed, LocationBlocked,
    NotEnoughStock.
    """
    rows = StockBalance.objects.select_related("material__unit", "plant__company__currency", "location", "lot").in_bulk(
        [piece.balance_id for piece in pieces]
    )
    if len(rows) < len(pieces) or not pieces:
        raise InvalidInput("Name each place once, and at least one.", field="pieces")
    plants = {row.plant_id: row.plant for row in rows.values()}
    plant = next(iter(plants.values()))
    if len(plants) > 1 or plant.pk == to_plant.pk or plant.company_id != to_plant.company_id:
        raise InvalidInput("Send from one plant to another plant of the same company.", field="to_plant")
    for piece in pieces:
        _check(rows[piece.balance_id], piece)
    if expected_at is not None:
        zone = to_plant.time_zone
        day = expected_at.astimezone(ZoneInfo(zone)).date()
        check_day_ahead(day, time_zone=zone, now=now, field="expected_at")
    book = Book(
        plant_ids=[plant.pk],
        material_ids={row.material_id for row in rows.values()},
        decimals=plant.company.currency.decimals,
    )
    way = default_place(plant, TRANSIT)
    intents = [_leaving(rows[piece.balance_id], piece, plant, way) for piece in pieces]
    values = [book.take(intent) for intent in intents]
    book.write(now=now)
    transfer = Transfer.objects.create(
        number=next_numbers(company=plant.company, kind="TR", year=now.year)[0],
        plant=plant,
        to_plant=to_plant,
        note=note,
        expected_at=expected_at,
        sent_at=now,
    )
    TransferLine.objects.bulk_create(
        TransferLine(
            transfer=transfer,
            line_no=line_no,
            material_id=intent.material_id,
            lot_id=intent.lot_id,
            source_id=intent.source_id,
            quantity=intent.quantity,
            value=value,
        )
        for line_no, (intent, value) in enumerate(zip(intents, values, strict=True), start=1)
    )
    return transfer


def _check(row: StockBalance, piece: Piece) -> None:
    if row.sales_order_id is not None or row.location.kind != Location.Kind.STOCK:
        raise InvalidInput("Only free stock in a stock location is sent to another plant.", field="pieces")
    check_open(row.location, field="pieces")
    if row.lot is not None and row.lot.is_blocked:
        raise InvalidInput(
            f"Lot {row.lot.number} is blocked: {row.lot.blocked_because or 'no reason given'}. Unblock it before it is "
            "sent, or leave it.",
            field="pieces",
            lot_id=row.lot_id,
        )
    if piece.quantity <= 0 or piece.quantity != row.on_hand:
        check_quantity(material=row.material, quantity=piece.quantity, field="pieces")


def _leaving(row: StockBalance, piece: Piece, plant: Plant, way: Location) -> MoveIntent:
    return MoveIntent(
        kind=Kind.SENT,
        plant=plant,
        material_id=row.material_id,
        source_id=row.location_id,
        target_id=way.pk,
        lot_id=row.lot_id,
        quantity=piece.quantity,
        document="transfer",
        memo="Sent to another plant",
    )


@transaction.atomic
def receive_transfer(
    *,
    transfer_id: int,
    now: dt.datetime,
    lines: Sequence[tuple[int, Decimal]] | None = None,
    target_id: int | None = None,
) -> list[StockMove]:
    """What has arrived: all that is on the way, or (line id, quantity) of it; its value goes along, the last takes all.

    Locks the transfer, then balances. Raises TransferClosed, OverArrival, InvalidInput, LocationBlocked.
    """
    transfer = _hold(transfer_id)
    known = _on_the_way(transfer)
    wanted = [(pk, _left(line)) for pk, line in known.items()] if lines is None else list(lines)
    target = _target(transfer, target_id)
    plant = transfer.to_plant
    way = default_place(plant, TRANSIT)
    intents = []
    for line_id, quantity in wanted:
        line = _checked(known, line_id, quantity)
        value = _part(line, quantity, plant.company.currency.decimals)
        line.arrived_qty += quantity
        line.arrived_value += value
        intents.append(
            MoveIntent(
                kind=Kind.ARRIVED,
                plant=plant,
                material_id=line.material_id,
                source_id=way.pk,
                target_id=target.pk,
                lot_id=line.lot_id,
                quantity=quantity,
                value=value,
                document=f"transfer:{transfer.pk}",
                memo=f"{transfer.number} arrived",
            )
        )
    moves = _post(plant, intents, now)
    _write(transfer, known, now)
    return moves


@transaction.atomic
def give_up_transfer(*, transfer_id: int, now: dt.datetime, note: str) -> list[StockMove]:
    """What is still on the way will not arrive: its value goes to stock differences. Raises TransferClosed."""
    transfer = _hold(transfer_id)
    known = _on_the_way(transfer)
    plant = transfer.plant
    way, loss = default_place(plant, TRANSIT), default_place(plant, Location.Kind.LOSS)
    intents = []
    for line in known.values():
        quantity, value = _left(line), line.value - line.arrived_value - line.lost_value
        line.lost_qty += quantity
        line.lost_value += value
        intents.append(
            MoveIntent(
                kind=Kind.LOST,
                plant=plant,
                material_id=line.material_id,
                source_id=way.pk,
                target_id=loss.pk,
                lot_id=line.lot_id,
                quantity=quantity,
                value=value,
                document=f"transfer:{transfer.pk}",
                memo=f"{transfer.number}: lost on the way",
                note=note,
            )
        )
    moves = _post(plant, intents, now)
    _write(transfer, known, now)
    return moves


def _hold(transfer_id: int) -> Transfer:
    transfer = (
        Transfer.objects.select_for_update(no_key=True, of=("self",))
        .select_related("plant__company__currency", "to_plant__company__currency")
        .order_by("pk")
        .get(pk=transfer_id)
    )
    if transfer.closed_at is not None:
        raise TransferClosed(f"Everything of {transfer.number} has arrived or is given up.", transfer_id=transfer_id)
    return transfer


def _on_the_way(transfer: Transfer) -> dict[int, TransferLine]:
    rows = transfer.lines.select_related("material__unit").order_by("line_no")
    return {row.pk: row for row in rows if _left(row) > 0}


def _left(line: TransferLine) -> Decimal:
    return line.quantity - line.arrived_qty - line.lost_qty


def _part(line: TransferLine, quantity: Decimal, decimals: int) -> Decimal:
    """Of the value that left, so that the parts sum to it."""
    before = money(line.value * line.arrived_qty / line.quantity, decimals)
    return money(line.value * (line.arrived_qty + quantity) / line.quantity, decimals) - before


def _checked(known: dict[int, TransferLine], line_id: int, quantity: Decimal) -> TransferLine:
    line = known.get(line_id)
    if line is None:
        raise InvalidInput("Choose a line that is on the way.", field="lines")
    left = _left(line)
    if quantity <= 0 or quantity != left:
        check_quantity(material=line.material, quantity=quantity, field="lines", line_id=line_id)
    if quantity > left:
        there = f"{left.normalize():f} of {line.material.code} are on the way: receive at most that."
        if left <= 0:
            there = f"All of {line.material.code} has arrived."
        raise OverArrival(
            f"{there} What is more is counted where it lies.",
            field="quantity",
            line_id=line_id,
            left=str(left),
        )
    return line


def _target(transfer: Transfer, target_id: int | None) -> Location:
    target = Location.objects.get(pk=target_id) if target_id else receiving_place(transfer.to_plant)
    if target.plant_id != transfer.to_plant_id or target.kind != Location.Kind.STOCK:
        raise InvalidInput(f"Choose a stock location of {transfer.to_plant.name}.", field="target")
    check_open(target, field="target")
    return target


def _post(plant: Plant, intents: Sequence[MoveIntent], now: dt.datetime) -> list[StockMove]:
    coming = [intent for intent in intents if intent.fills_stock]
    book = Book(
        plant_ids=[plant.pk],
        material_ids={intent.material_id for intent in coming},
        places=[(plant.pk, one.material_id, one.target_id, None, one.lot_id) for one in coming],
        decimals=plant.company.currency.decimals,
    )
    for intent in intents:
        book.move(intent)
    return book.write(now=now)


def _write(transfer: Transfer, lines: dict[int, TransferLine], now: dt.datetime) -> None:
    fields = ["arrived_qty", "arrived_value", "lost_qty", "lost_value"]
    TransferLine.objects.bulk_update(lines.values(), fields)
    if all(_left(line) == 0 for line in lines.values()):
        transfer.closed_at = now
    transfer.version += 1
    transfer.save(update_fields=["closed_at", "version"])
