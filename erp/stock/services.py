"""Deeds of stock: post moves, bring in opening stock, reserve and firm up reservations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from erp.stock.book import Book
from erp.stock.intents import HeldBalance, Kind, MoveIntent, OpeningStock, StockDemand
from erp.stock.locks import hold_balances
from erp.stock.models import Reservation, StockBalance, StockMove
from erp.stock.owed import HeldOwed as HeldOwed
from erp.stock.owed import hold_owed_issues as hold_owed_issues
from erp.stock.owed import settle_owed_issues as settle_owed_issues
from masterdata import inserts, statements
from masterdata.errors import InvalidInput
from masterdata.models import Location, Material
from masterdata.numbers import ZERO, money
from masterdata.units import check_quantity

_CLAIM = """
    UPDATE erp_stockbalance b SET reserved = b.reserved + c.claimed
    FROM unnest(%s::bigint[], %s::numeric[]) AS c(id, claimed) WHERE b.id = c.id
"""


@transaction.atomic
def post_moves(*, moves: Sequence[MoveIntent], now: dt.datetime) -> list[StockMove]:
    """Post moves in the order given, all or none, with one statement per table; the rows stand in the same order.

    Locks every balance of the materials concerned (by id), then their values. Writes moves, balances, values, used
    reservations, one journal entry per document and kind, and the cost entries of WIP lines.
    Raises NotEnoughStock, PeriodClosed, InvalidInput.
    """
    if not moves:
        return []
    for intent in moves:
        if intent.quantity <= 0:
            raise InvalidInput("A move needs a quantity above zero.", field="quantity", quantity=str(intent.quantity))
    orders = {order for intent in moves for order in (intent.source_order_id, intent.target_order_id) if order}
    book = Book(
        plant_ids={intent.plant.pk for intent in moves},
        material_ids={intent.material_id for intent in moves},
        order_ids=orders,
        places={
            (intent.plant.pk, intent.material_id, intent.target_id, intent.target_order_id, intent.into_lot_id)
            for intent in moves
            if intent.fills_stock
        },
        decimals=moves[0].plant.company.currency.decimals,
    )
    for intent in moves:
        book.move(intent)
    return book.write(now=now)


@transaction.atomic
def receive_opening(*, rows: Sequence[OpeningStock], now: dt.datetime) -> list[StockMove]:
    """Bring stock that was there before into free stock, against the opening balance. Raises PartOfStep."""
    related = "plant__company__currency"
    locations = Location.objects.select_related(related).in_bulk({row.location_id for row in rows})
    plants = {location.plant_id for location in locations.values()}
    places = Location.objects.filter(plant__in=plants, kind=Location.Kind.LOSS, is_default=True)
    origins = dict(places.values_list("plant_id", "pk"))
    materials = Material.objects.select_related("unit").in_bulk({row.material_id for row in rows})
    intents = []
    for index, row in enumerate(rows):
        check_quantity(material=materials[row.material_id], quantity=row.quantity, field=f"rows.{index}.quantity")
        location = locations[row.location_id]
        plant = location.plant
        if plant.pk not in origins:
            raise InvalidInput(f"{plant.name} has no default location for loss and gain. Add one.", plant_id=plant.pk)
        intents.append(
            MoveIntent(
                kind=Kind.OPENING,
                plant=plant,
                material_id=row.material_id,
                source_id=origins[plant.pk],
                target_id=location.pk,
                lot_id=row.lot_id,
                quantity=row.quantity,
                value=money(row.quantity * row.unit_cost, plant.company.currency.decimals),
                document=f"opening:{plant.code}",
            )
        )
    return post_moves(moves=intents, now=now)


@transaction.atomic
def lock_free_stock(*, plant_id: int, material_ids: Collection[int]) -> dict[int, list[HeldBalance]]:
    """Lock the materials' free balances of a plant until the transaction ends; per material, oldest first.

    For whoever nets before reserving: what is `free` here is still free when `reserve` is called in the same
    transaction.
    """
    held: dict[int, list[HeldBalance]] = {material_id: [] for material_id in material_ids}
    for row in hold_balances(plant_ids=[plant_id], material_ids=material_ids).values():
        if row.location_kind == Location.Kind.STOCK and row.order_id is None:
            held[row.material_id].append(row)
    return held


@transaction.atomic(savepoint=False)
def reserve(
    *, demands: Sequence[StockDemand], now: dt.datetime, safety: Mapping[tuple[int, int], Decimal] | None = None
) -> list[Decimal]:
    """Reserve free stock for demands, first come first served; how much each got (from nothing to all of it).

    `safety` (plant, material) stays free. Locks the materials' free balances by id.
    """
    if not demands:
        return []
    held = hold_balances(
        plant_ids={demand.plant_id for demand in demands}, material_ids={demand.material_id for demand in demands}
    )
    shelves: dict[tuple[int, int], list[HeldBalance]] = {}
    for row in held.values():
        if row.location_kind == Location.Kind.STOCK and row.order_id is None:
            shelves.setdefault((row.plant_id, row.material_id), []).append(row)
    rows: list[Reservation] = []
    granted = []
    for demand in demands:
        key = demand.plant_id, demand.material_id
        shelf = shelves.get(key, [])
        kept = (safety or {}).get(key, ZERO)
        left = min(demand.quantity, sum((row.free for row in shelf), ZERO) - kept)
        shelf = [row for row in shelf if demand.balance_id in (None, row.id)]
        claims = _claims(demand, shelf, left, now)
        granted.append(sum((claim.quantity for claim in claims), ZERO))
        rows += claims
    _write(rows, [row for row in held.values() if row.claimed])
    return granted


def _claims(demand: StockDemand, shelf: Sequence[HeldBalance], wanted: Decimal, now: dt.datetime) -> list[Reservation]:
    rows = []
    for balance in shelf:
        part = min(balance.free, wanted)
        if part <= 0:
            continue
        balance.reserved += part
        balance.claimed += part
        wanted -= part
        rows.append(
            inserts.new(
                Reservation,
                balance_id=balance.id,
                kind=demand.kind,
                work_order_material_id=demand.work_order_material_id,
                sales_order_line_id=demand.sales_order_line_id,
                supplied_component_id=demand.supplied_component_id,
                quantity=part,
                priority=demand.priority,
                expires_at=demand.expires_at if demand.kind == Reservation.Kind.SOFT else None,
                made_at=now,
            )
        )
    return rows


def _write(rows: Sequence[Reservation], balances: Sequence[HeldBalance]) -> None:
    if rows:
        claims = statements.columns(((row.id, row.claimed) for row in balances), 2)
        statements.together(inserts.statement(rows), (_CLAIM, claims))


@transaction.atomic(savepoint=False)
def share_reservations(*, shares: Sequence[tuple[int, int, Decimal]], now: dt.datetime) -> dict[int, Decimal]:
    """Of what is kept for a need (the first of a triple) it keeps so much (the third), the rest is for the second.

    What of the third is not kept, by first need. Locks the balances by id; what is kept of each stays the same.
    """
    mine = Reservation.objects.filter(work_order_material__in=[first for first, _, _ in shares], quantity__gt=0)
    balances = StockBalance.objects.filter(pk__in=mine.values("balance")).order_by("pk")
    list(balances.select_for_update(no_key=True))
    room = {first: max(ZERO, most) for first, _, most in shares}
    others = {first: second for first, second, _ in shares}
    made = []
    for row in mine.order_by("id"):
        need_id = row.work_order_material_id or 0
        part = min(row.quantity, room[need_id])
        room[need_id] -= part
        if rest := row.quantity - part:
            made.append(
                Reservation(
                    balance_id=row.balance_id,
                    kind=row.kind,
                    work_order_material_id=others[need_id],
                    quantity=rest,
                    priority=row.priority,
                    expires_at=row.expires_at,
                    made_at=now,
                )
            )
            row.quantity = part
            row.save(update_fields=["quantity"])
    Reservation.objects.bulk_create(made)
    return room


@transaction.atomic(savepoint=False)
def soften_reservations(*, work_order_material_ids: Collection[int]) -> int:
    """Hard reservations of these needs become soft: planning may give them to somebody else. How many changed."""
    hard = Reservation.objects.filter(work_order_material__in=work_order_material_ids, kind=Reservation.Kind.HARD)
    return hard.filter(quantity__gt=0).update(kind=Reservation.Kind.SOFT)


@transaction.atomic(savepoint=False)
def harden_reservations(*, work_order_material_ids: Collection[int]) -> int:
    """Soft reservations of these needs become hard: planning no longer takes them away. How many changed."""
    soft = Reservation.objects.filter(work_order_material__in=work_order_material_ids, kind=Reservation.Kind.SOFT)
    return soft.update(kind=Reservation.Kind.HARD, expires_at=None)
