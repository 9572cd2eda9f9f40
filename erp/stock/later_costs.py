"""Costs that come after the goods: landed cost and supplier invoices that differ, put where the goods are now.

The part for goods on hand goes to their value, the part for goods already used to the order that used them: work in
progress, and on to cost of goods when its work order has made its last piece. What no order used, and all of it at
standard cost, is a variance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import connection

from erp.cost.models import CostEntry, Element
from erp.cost.services import CostTag
from erp.ledger.models import Account
from erp.ledger.services import LedgerLine
from erp.stock.intents import Kind
from erp.stock.locks import Area
from erp.stock.models import MaterialValue, StockMove, ValueChange
from erp.stock.tracing import Share, whereabouts
from erp.stock.valuing import Valuing
from masterdata.numbers import ZERO, allocate

Role = Account.Role

# The work order's and the sales order's tables stand above stock; their rows are read and locked by name.
_USERS = """
    SELECT m.id, m.kind, w.id, coalesce(wl.order_id, sl.order_id),
        EXISTS (SELECT 1 FROM erp_workorderoperation p
                WHERE p.work_order_id = w.id AND p.is_last AND p.finished_at IS NOT NULL)
    FROM erp_stockmove m LEFT JOIN erp_workorder w ON w.id = m.work_order_id
    LEFT JOIN erp_salesorderline wl ON wl.id = w.sales_order_line_id
    LEFT JOIN erp_salesorderline sl ON sl.id = m.sales_order_line_id
    WHERE m.id = ANY(%s)
"""
_MADE = """
    SELECT u.move_id, r.move_id FROM erp_componentuse u JOIN erp_receiptline r ON r.id = u.receipt_line_id
    WHERE u.move_id = ANY(%s) AND r.move_id IS NOT NULL
"""
_LOCK_ORDERS = "SELECT id FROM erp_salesorder WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_LOCK_WORK_ORDERS = "SELECT id FROM erp_workorder WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"


class UsersChanged(Exception):
    """Somebody took of the goods between the look and the lock: look again."""


@dataclass(frozen=True, slots=True)
class LaterCost:
    """`amount` (company currency, may be negative) that a receipt's goods cost beyond what they were received at.

    `is_fee`: a subcontractor asks it for his work.
    """

    move: StockMove
    amount: Decimal
    is_fee: bool = False


@dataclass(frozen=True, slots=True)
class User:
    """A move that used goods, and for whom."""

    move_id: int
    kind: str
    work_order_id: int | None
    order_id: int | None
    is_finished: bool


@dataclass(slots=True)
class Spread:
    """Where later costs went: ledger lines that sum to them with their cost tags, and the changes to write."""

    lines: list[LedgerLine] = field(default_factory=list)
    tags: list[CostTag | None] = field(default_factory=list)
    changes: list[ValueChange] = field(default_factory=list)

    def add(
        self, role: str, amount: Decimal, change: ValueChange, user: User | None = None, tag: CostTag | None = None
    ) -> None:
        """A line of the entry, with the order that pays it."""
        self.lines.append(
            LedgerLine(
                role=role,
                amount=amount,
                plant=change.plant,
                sales_order_id=user.order_id if user else None,
                work_order_id=user.work_order_id if user else None,
                material_id=change.material_id,
            )
        )
        self.tags.append(tag)

    def to_stock(self, change: ValueChange) -> None:
        """Goods on hand become worth it."""
        change.is_stock = True
        self.changes.append(change)
        self.add(Role.INVENTORY, change.amount, change)

    def to_user(self, change: ValueChange, user: User | None) -> None:
        """The order that used the goods pays it; a variance when none did."""
        self.changes.append(change)
        if user is not None and user.kind == Kind.ISSUE and user.work_order_id:
            self.add(Role.WIP, change.amount, change, user, _tag(CostEntry.Kind.INCURRED, change))
            if user.is_finished:
                role = Role.COGS if user.order_id else Role.PRODUCTION_VARIANCE
                self.add(role, change.amount, change, user)
                self.add(Role.WIP, -change.amount, change, user, _tag(CostEntry.Kind.TRANSFER, change))
        elif user is not None and user.kind == Kind.SHIPMENT and user.order_id:
            self.add(Role.COGS, change.amount, change, user)
        else:
            self.add(Role.PRICE_VARIANCE, change.amount, change)


def hold_users(moves: Collection[StockMove]) -> set[int]:
    """Lock the orders and work orders that used the goods of these receipts; the work orders locked.

    Also those that used what a subcontractor made of the goods. Call it before anything locks purchase orders or stock.
    """
    moves = [*moves, *made_of(moves)]
    found = _users(_look(moves, _on_hand_now(moves)))
    work_orders = {user.work_order_id for user in found.values() if user.work_order_id}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ORDERS, [sorted({user.order_id for user in found.values() if user.order_id})])
        cursor.execute(_LOCK_WORK_ORDERS, [sorted(work_orders)])
    return work_orders


def areas_of(moves: Collection[StockMove]) -> set[Area]:
    """The valuation areas that later costs of these receipts may change, those of what is made of the goods too."""
    return {(move.plant_id, move.material_id, None) for move in (*moves, *made_of(moves))}


def made_of(moves: Collection[StockMove]) -> list[StockMove]:
    """Receipts of what subcontractors made of the goods, and what was made of that in turn."""
    found: dict[int, StockMove] = {}
    ahead = list(moves)
    while ahead:
        places = _look(ahead, _on_hand_now(ahead))
        used = {share.used_by_id for shares in places.values() for share in shares if share.used_by_id}
        ahead = [move for move in _into(used).values() if move.pk not in found]
        found.update((move.pk, move) for move in ahead)
    return list(found.values())


def spread_costs(
    *,
    costs: Sequence[LaterCost],
    held_work_orders: set[int],
    valuing: Valuing,
    kind: str,
    source: str,
    reason: str,
    now: dt.datetime,
) -> Spread:
    """Put each cost where the receipt's goods are, in proportion to quantity, by largest remainder.

    What a subcontractor used of them is in what he made of it: its part goes on to where that is, as material.
    `valuing` holds `areas_of` the moves under lock and is changed, not written. The moves come with plant, company and
    currency. Raises UsersChanged.
    """
    result = Spread()
    ahead = list(costs)
    while ahead:
        ahead = _spread_once(result, ahead, held_work_orders, valuing, _Change(kind, source, reason[:200], now))
    return result


@dataclass(frozen=True, slots=True)
class _Change:
    """What the changes of one spread have in common."""

    kind: str
    source: str
    reason: str
    changed_at: dt.datetime


def _spread_once(
    result: Spread, costs: Sequence[LaterCost], held_work_orders: set[int], valuing: Valuing, about: _Change
) -> list[LaterCost]:
    """Put the costs; what of them goes on into what subcontractors made is answered."""
    moves = [cost.move for cost in costs]
    if any((move.plant_id, move.material_id, None) not in valuing.areas for move in moves):
        raise UsersChanged
    places = _look(moves, {(area[0], area[1]): held.quantity for area, held in valuing.areas.items()})
    users = _users(places)
    if any(user.work_order_id and user.work_order_id not in held_work_orders for user in users.values()):
        raise UsersChanged
    into = _into({user.move_id for user in users.values() if user.kind == Kind.USED})
    onward: list[LaterCost] = []
    for cost in costs:
        shares = places[cost.move.pk] or [Share(None, ZERO)]
        parts = allocate(cost.amount, [share.quantity for share in shares], valuing.decimals)
        for share, part in zip(shares, parts, strict=True):
            if not part:
                continue
            if share.used_by_id in into:
                onward.append(LaterCost(into[share.used_by_id], part))
                continue
            change = ValueChange(
                kind=about.kind,
                is_fee=cost.is_fee,
                material_id=cost.move.material_id,
                plant=cost.move.plant,
                move=cost.move,
                used_by_id=share.used_by_id,
                quantity=share.quantity,
                amount=part,
                reason=about.reason,
                source=about.source,
                changed_at=about.changed_at,
            )
            _put(result, change, users.get(share.used_by_id or 0), valuing)
    return onward


def _put(result: Spread, change: ValueChange, user: User | None, valuing: Valuing) -> None:
    """Stock takes what lies there and is not at standard cost, down to nothing; the rest is the user's."""
    area = change.plant_id, change.material_id, None
    if valuing.is_standard(area):
        result.to_user(change, None)
        return
    if change.used_by_id is not None or not change.quantity:
        result.to_user(change, user)
        return
    taken = valuing.add_cost(area, change.amount, of_move_id=change.move_id)
    if taken:
        if change.is_fee:
            valuing.put_fee(area, taken)
        result.to_stock(_part(change, taken))
    if change.amount != taken:
        result.to_user(_part(change, change.amount - taken), None)


def _part(change: ValueChange, amount: Decimal) -> ValueChange:
    part = copy(change)
    part._state = copy(change._state)
    part.amount = amount
    return part


def _tag(kind: str, change: ValueChange) -> CostTag:
    element = Element.SUBCONTRACT if change.is_fee else Element.MATERIAL
    return CostTag(kind=kind, element=element, material_id=change.material_id)


def _on_hand_now(moves: Collection[StockMove]) -> dict[tuple[int, int], Decimal]:
    areas = MaterialValue.objects.filter(
        plant__in={move.plant_id for move in moves},
        material__in={move.material_id for move in moves},
        sales_order=None,
    )
    return {(area.plant_id, area.material_id): area.quantity for area in areas}


def _into(used_ids: Collection[int]) -> dict[int, StockMove]:
    """Per move with which a subcontractor used our goods, the receipt of what he made of them."""
    if not used_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_MADE, [sorted(used_ids)])
        made = dict(cursor.fetchall())
    moves = StockMove.objects.select_related("plant__company__currency").in_bulk(set(made.values()))
    return {used: moves[move_id] for used, move_id in made.items()}


def _look(moves: Collection[StockMove], on_hand: dict[tuple[int, int], Decimal]) -> dict[int, list[Share]]:
    by_area: dict[tuple[int, int], list[int]] = {}
    for move in moves:
        by_area.setdefault((move.plant_id, move.material_id), []).append(move.pk)
    found: dict[int, list[Share]] = {}
    for (plant_id, material_id), ids in by_area.items():
        there = on_hand.get((plant_id, material_id), ZERO)
        found |= whereabouts(plant_id=plant_id, material_id=material_id, on_hand=there, move_ids=ids)
    return found


def _users(places: dict[int, list[Share]]) -> dict[int, User]:
    ids = {share.used_by_id for shares in places.values() for share in shares if share.used_by_id}
    with connection.cursor() as cursor:
        cursor.execute(_USERS, [sorted(ids)])
        return {row[0]: User(*row) for row in cursor.fetchall()}
