"""Stock that changes its place inside a plant: put away, moved, into quarantine and out of it, or scrapped."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from erp.stock.book import Book
from erp.stock.cuts import Cut, make_room
from erp.stock.intents import HeldBalance, Kind, MoveIntent
from erp.stock.models import Reservation, ReservationCut, StockBalance, StockMove
from erp.stock.places import check_open, default_place
from masterdata.errors import InvalidInput
from masterdata.models import Location, ReasonCode
from masterdata.numbers import ZERO
from masterdata.units import check_quantity

STOCK, QUARANTINE = Location.Kind.STOCK, Location.Kind.QUARANTINE
RELATED = "material__unit", "plant__company__currency", "location", "lot"


@dataclass(frozen=True, slots=True)
class Piece:
    """`quantity` base units of what lies in a balance."""

    balance_id: int
    quantity: Decimal


@dataclass(slots=True)
class Held:
    """The balance to take from: its row as a person sees it, and locked in the book."""

    row: StockBalance
    balance: HeldBalance
    book: Book
    document: str


def hold(*, balance_id: int, quantity: Decimal, target: Location | None = None) -> Held:
    """Lock the material's balances; the one named, and room for it in `target`. Raises InvalidInput, PartOfStep."""
    row = StockBalance.objects.select_related(*RELATED).get(pk=balance_id)
    if row.location.kind == Location.Kind.SUBCONTRACTOR:
        raise InvalidInput("It lies at a subcontractor: take it back on its purchase order first.", field="source")
    if quantity <= 0 or quantity != row.on_hand:  # all that is there may always go
        check_quantity(material=row.material, quantity=quantity, field="quantity")
    places = []
    if target is not None:
        if target.plant_id != row.plant_id:
            raise InvalidInput(f"Choose a place in {row.plant.name}.", field="target", location_id=target.pk)
        places = [(row.plant_id, row.material_id, target.pk, row.sales_order_id, row.lot_id)]
    book = Book(
        plant_ids=[row.plant_id],
        material_ids=[row.material_id],
        order_ids=[row.sales_order_id] if row.sales_order_id else [],
        places=places,
        decimals=row.plant.company.currency.decimals,
    )
    return Held(row, book.balances[balance_id], book, f"balance:{balance_id}")


@transaction.atomic
def transfer_stock(*, pieces: Sequence[Piece], target_id: int, now: dt.datetime, note: str = "") -> list[StockMove]:
    """Move stock to another stock location of its plant (put-away too); what is reserved of it stays reserved there.

    Free pieces go first, then reserved ones, the oldest reservation first. The value stays in its area. Locks the
    materials' balances. Raises InvalidInput, LocationBlocked, NotEnoughStock, PartOfStep.
    """
    target = Location.objects.get(pk=target_id)
    if target.kind != STOCK:
        raise InvalidInput("Choose a stock location. Quarantine has a deed of its own.", field="target")
    check_open(target, field="target")
    moves: list[StockMove] = []
    for piece in sorted(pieces, key=lambda one: one.balance_id):
        held = hold(balance_id=piece.balance_id, quantity=piece.quantity, target=target)
        if held.row.location.kind != STOCK:
            raise InvalidInput("What is in quarantine is set free first.", field="source")
        if held.row.location_id == target.pk:
            raise InvalidInput(f"It lies in {target.name} already. Choose another place.", field="target")
        check_open(held.row.location, field="source")
        kept = _move_reservations(held, target, piece.quantity)
        held.book.move(_inside(held, target, piece.quantity, note=note))
        moves += held.book.write(now=now)
        Reservation.objects.bulk_create(kept)
    return moves


@transaction.atomic
def quarantine(
    *, balance_id: int, quantity: Decimal, reason_id: int, now: dt.datetime, note: str = ""
) -> tuple[StockMove, list[Cut]]:
    """Put stock apart, where nothing offers, nets or reserves it; its value stays. Reservations that lose by it.

    Locks the material's balances. Raises InvalidInput, NotEnoughStock, PartOfStep.
    """
    row = StockBalance.objects.select_related("plant", "location").get(pk=balance_id)
    if row.location.kind == QUARANTINE:
        raise InvalidInput("It is in quarantine already.", field="balance")
    target = default_place(row.plant, QUARANTINE)
    held = hold(balance_id=balance_id, quantity=quantity, target=target)
    cuts = _room(held, quantity, ReservationCut.Cause.QUARANTINE, now)
    held.book.move(_inside(held, target, quantity, reason=reason_of(reason_id, "quarantine"), note=note))
    return held.book.write(now=now)[0], cuts


@transaction.atomic
def set_free(
    *, balance_id: int, quantity: Decimal, target_id: int | None, now: dt.datetime, note: str = ""
) -> StockMove:
    """Out of quarantine, into a stock location (empty: the plant's default one). Raises as `transfer_stock`."""
    row = StockBalance.objects.select_related("plant", "location").get(pk=balance_id)
    if row.location.kind != QUARANTINE:
        raise InvalidInput("It is not in quarantine.", field="balance")
    target = Location.objects.get(pk=target_id) if target_id else default_place(row.plant, STOCK)
    if target.kind != STOCK:
        raise InvalidInput("Choose a stock location.", field="target")
    check_open(target, field="target")
    held = hold(balance_id=balance_id, quantity=quantity, target=target)
    held.book.move(_inside(held, target, quantity, note=note))
    return held.book.write(now=now)[0]


@transaction.atomic
def scrap(
    *, balance_id: int, quantity: Decimal, reason_id: int, now: dt.datetime, note: str = ""
) -> tuple[StockMove, list[Cut]]:
    """Write stock off for a reason: its value goes to stock differences. Reservations that lose by it.

    Locks the material's balances. Raises InvalidInput, NotEnoughStock, PartOfStep, PeriodClosed.
    """
    held = hold(balance_id=balance_id, quantity=quantity)
    row = held.row
    cuts = _room(held, quantity, ReservationCut.Cause.SCRAP, now)
    held.book.move(
        MoveIntent(
            kind=Kind.SCRAP,
            plant=row.plant,
            material_id=row.material_id,
            source_id=row.location_id,
            target_id=default_place(row.plant, Location.Kind.LOSS).pk,
            source_order_id=row.sales_order_id,
            sales_order_id=row.sales_order_id,
            lot_id=row.lot_id,
            quantity=quantity,
            document=held.document,
            memo="Scrapped",
            reason_id=reason_of(reason_id, "scrap").pk,
            note=note,
        )
    )
    return held.book.write(now=now)[0], cuts


def reason_of(reason_id: int, kind: str) -> ReasonCode:
    """The reason, of its kind. Raises InvalidInput."""
    reason = ReasonCode.objects.filter(pk=reason_id, kind=kind).first()
    if reason is None:
        raise InvalidInput(f"Choose a reason of the kind {ReasonCode.Kind(kind).label.lower()}.", field="reason")
    return reason


def _room(held: Held, quantity: Decimal, cause: str, now: dt.datetime) -> list[Cut]:
    rest = held.balance.on_hand - quantity
    if rest < 0:
        return []  # the book refuses it
    document = f"{held.document}:{cause}"
    return make_room(book=held.book, keep={held.balance.id: rest}, cause=cause, document=document, now=now)


def _inside(
    held: Held, target: Location, quantity: Decimal, *, reason: ReasonCode | None = None, note: str
) -> MoveIntent:
    row = held.row
    return MoveIntent(
        kind=Kind.TRANSFER,
        plant=row.plant,
        material_id=row.material_id,
        source_id=row.location_id,
        target_id=target.pk,
        source_order_id=row.sales_order_id,
        target_order_id=row.sales_order_id,
        lot_id=row.lot_id,
        quantity=quantity,
        document=held.document,
        reason_id=reason.pk if reason else None,
        note=note,
    )


def _move_reservations(held: Held, target: Location, quantity: Decimal) -> list[Reservation]:
    """What is reserved beyond the free pieces goes along: let go here, to be made anew there."""
    wanted = min(quantity, held.balance.on_hand) - held.balance.free
    if wanted <= 0:
        return []
    there = next(
        row
        for row in held.book.balances.values()
        if (row.location_id, row.order_id, row.lot_id) == (target.pk, held.balance.order_id, held.balance.lot_id)
        and row.material_id == held.balance.material_id
    )
    kept = []
    for row in Reservation.objects.filter(balance=held.balance.id, quantity__gt=0).order_by("id"):
        part = min(row.quantity, wanted)
        if part <= ZERO:
            break
        wanted -= part
        held.book.let_go(row.pk, held.balance.id, part)
        there.reserved += part
        there.claimed += part
        kept.append(
            Reservation(
                balance_id=there.id,
                kind=row.kind,
                work_order_material_id=row.work_order_material_id,
                sales_order_line_id=row.sales_order_line_id,
                supplied_component_id=row.supplied_component_id,
                quantity=part,
                priority=row.priority,
                expires_at=row.expires_at,
                made_at=row.made_at,
            )
        )
    return kept
