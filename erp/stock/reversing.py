"""Reversal of a posted move: the same quantity the other way, at its own value, in the open period."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.db import connection, transaction

from erp.cost.models import CostEntry, Element
from erp.cost.services import CostTag
from erp.stock.intents import CONTRA, Kind, MoveIntent
from erp.stock.layers import AlreadyUsed
from erp.stock.models import StockMove
from erp.stock.services import post_moves
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Location

REVERSIBLE = {Kind.OPENING, Kind.ADJUSTMENT, Kind.SCRAP, Kind.ISSUE, Kind.BYPRODUCT}
INSTEAD: dict[str, str] = {
    Kind.RECEIPT: "send it back from its receipt: that takes it out at the value at which it came",
    Kind.TRANSFER: "move it back",
    Kind.SENT: "receive it in the other plant, or send it back from there",
    Kind.SHIPMENT: "take the goods back with a return of the customer",
    Kind.CAME_BACK: "ship the goods to the customer again",
    Kind.OUTPUT: "report the pieces as scrap",
    Kind.USED: "the receipt used it: what is wrong with the goods is said there",
}

# The work order's tables stand above stock; their rows are read, locked and corrected by name.
_WORK_ORDER = """
    SELECT w.id, w.number, l.order_id FROM erp_workorder w
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    WHERE w.id = %s
"""
_LOCK_ORDER = "SELECT id FROM erp_salesorder WHERE id = %s FOR NO KEY UPDATE"
_LOCK_WORK_ORDER = "SELECT state FROM erp_workorder WHERE id = %s FOR NO KEY UPDATE"
_IS_FINISHED = """
    SELECT EXISTS (SELECT 1 FROM erp_workorderoperation
        WHERE work_order_id = %s AND is_last AND finished_at IS NOT NULL)
"""
_GIVE_BACK = """
    UPDATE erp_workordermaterial SET issued_qty = issued_qty - %s, issued_value = issued_value - %s
    WHERE id = (SELECT id FROM erp_workordermaterial
        WHERE work_order_id = %s AND material_id = %s AND issued_qty >= %s AND issued_value >= %s
        ORDER BY line_no DESC LIMIT 1)
"""


class NotReversible(Refusal):
    """Moves of this kind are undone by a deed of their own, or not at all any more."""

    code: ClassVar[str] = "not_reversible"


class AlreadyReversed(Refusal):
    """The move was undone before."""

    code: ClassVar[str] = "already_reversed"


@transaction.atomic
def reverse_move(*, move_id: int, reason: str, now: dt.datetime) -> StockMove:
    """Undo a move with a move the other way, linked to it, at its own value, posted now.

    What is no longer there cannot be undone. An issue goes back out of its work order's WIP while that still runs, a
    by-product back into it.
    Locks the sales order and work order of an issue, balances, values. Raises NotReversible, AlreadyReversed,
    AlreadyUsed, NotEnoughStock, InvalidInput, PeriodClosed.
    """
    move = StockMove.objects.select_related("plant__company__currency", "source", "target", "entry").get(pk=move_id)
    if not reason.strip():
        raise InvalidInput("Say why it is undone.", field="reason")
    _check(move)
    tag = None
    if move.work_order_id:
        tag = _hold_work(move)
    arrived = move.value - move.difference
    reversal = post_moves(
        moves=[
            mirror_of(
                move,
                cost=tag[1] if tag else None,
                sales_order_id=tag[0] if tag else None,
                document=f"reversal:{move.pk}",
                memo=reason.strip()[:200],
            )
        ],
        now=now,
    )[0]
    if move.work_order_id and move.kind == Kind.ISSUE:
        _give_back(move, arrived)
    live.publish("stock", move.plant_id, plant_id=move.plant_id)
    return reversal


def mirror_of(
    move: StockMove, *, cost: CostTag | None, sales_order_id: int | None, document: str, memo: str
) -> MoveIntent:
    """The move the other way, linked to it: the same quantity at its own value. `move` with its plant and places."""
    fills = move.target.kind in (Location.Kind.STOCK, Location.Kind.QUARANTINE)
    return MoveIntent(
        kind=Kind.REVERSAL,
        plant=move.plant,
        material_id=move.material_id,
        source_id=move.target_id,
        target_id=move.source_id,
        source_order_id=move.target_order_id,
        target_order_id=move.source_order_id,
        lot_id=move.lot_id,
        quantity=move.quantity,
        value=None if fills else move.value - move.difference,
        at_value=move.value if fills else None,
        fee=move.fee,
        reverses_id=move.pk,
        contra=CONTRA[move.kind],
        sales_order_id=sales_order_id,
        work_order_id=move.work_order_id,
        cost=cost,
        document=document,
        memo=memo,
    )


def is_reversible(move: StockMove) -> bool:
    """Whether its kind can be undone at all; whether it still can is found out under lock."""
    return move.kind in REVERSIBLE and (move.kind == Kind.ISSUE or _is_free(move))


def _check(move: StockMove) -> None:
    if StockMove.objects.filter(reverses=move).exists():
        raise AlreadyReversed("This move was undone already.", move_id=move.pk)
    if not is_reversible(move):
        instead = INSTEAD.get(move.kind, "post the move that puts it right")
        raise NotReversible(f"This move is not undone as such: {instead}.", move_id=move.pk)
    if move.entry and move.entry.source.startswith("owed_issue:"):
        raise NotReversible("It settled an owed issue: count the place to put it right.", move_id=move.pk)


def _is_free(move: StockMove) -> bool:
    return move.source_order_id is None and move.target_order_id is None


def _hold_work(move: StockMove) -> tuple[int | None, CostTag]:
    """Lock the move's order and work order; the order, and the tag of the cost entry. Raises NotReversible."""
    with connection.cursor() as cursor:
        cursor.execute(_WORK_ORDER, [move.work_order_id])
        work_order_id, number, order_id = cursor.fetchone()
        if order_id:
            cursor.execute(_LOCK_ORDER, [order_id])
        cursor.execute(_LOCK_WORK_ORDER, [work_order_id])
        cursor.execute(_IS_FINISHED, [work_order_id])
        if cursor.fetchone()[0]:
            raise NotReversible(f"{number} has made its last piece: its cost has gone on.", move_id=move.pk)
    kind = CostEntry.Kind.TRANSFER if move.source_order_id else CostEntry.Kind.INCURRED
    return order_id, CostTag(kind=kind, element=Element.MATERIAL, material_id=move.material_id)


def _give_back(move: StockMove, value: Decimal) -> None:
    """The work order needs the component again. Raises AlreadyUsed when its need does not hold that much."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_BACK, [move.quantity, value, move.work_order_id, move.material_id, move.quantity, value])
        if not cursor.rowcount:
            raise AlreadyUsed("The work order does not hold that much of it any more.", move_id=move.pk)
