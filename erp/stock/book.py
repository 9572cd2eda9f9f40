"""The stock book: locks what a posting touches, moves balances, then writes all with one statement per table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

from erp.cost.services import book_costs
from erp.ledger.models import JournalEntry
from erp.ledger.services import Known, write_entries
from erp.stock.entries import Tagged as Tagged
from erp.stock.entries import Valued, drafts_of
from erp.stock.intents import AT_WHAT_STOCK_GAINS, HeldBalance, Kind, MoveIntent
from erp.stock.locks import Area, Place, hold_balances
from erp.stock.models import StockMove
from erp.stock.tracking import check_filling, check_serial_numbers
from erp.stock.valuing import Valuing
from masterdata import inserts, statements
from masterdata.errors import Refusal
from masterdata.models import Material
from masterdata.numbers import ZERO

_WRITE_BALANCES = """
    UPDATE erp_stockbalance b SET on_hand = b.on_hand + c.moved, reserved = b.reserved + c.claimed
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS c(id, moved, claimed) WHERE b.id = c.id
"""
_WRITE_RESERVATIONS = """
    UPDATE erp_reservation r SET quantity = r.quantity - c.used
    FROM unnest(%s::bigint[], %s::numeric[]) AS c(id, used) WHERE r.id = c.id
"""


class NotEnoughStock(Refusal):
    """More is to be taken than there is, or than nobody else has reserved."""

    code: ClassVar[str] = "not_enough_stock"


class Book:
    """Stock under lock for one transaction. `take` and `put` value moves in order; `write` posts them all at once.

    Locks on construction: balances of the materials (free and of the orders), by id, then their values. `take` and
    `put` may only name what was locked.
    """

    def __init__(
        self,
        *,
        plant_ids: Collection[int],
        material_ids: Collection[int],
        order_ids: Collection[int] = (),
        places: Iterable[Place] = (),
        decimals: int = 2,
    ) -> None:
        self.places = set(places)
        self.decimals = decimals
        self.balances: dict[int, HeldBalance] = {}
        if material_ids:
            self.balances = hold_balances(
                plant_ids=plant_ids, material_ids=material_ids, order_ids=order_ids, places=self.places
            )
        areas: set[Area] = {(row.plant_id, row.material_id, row.order_id) for row in self.balances.values()}
        self.valuing = Valuing(areas, decimals=decimals)
        self._by_place = {
            (row.plant_id, row.material_id, row.location_id, row.order_id, row.lot_id): row
            for row in self.balances.values()
        }
        self.posted_ids: list[int] = []  # journal entries that `write` has posted
        self._moves: list[Valued] = []
        self._books: Known = {}  # accounts and periods that were looked up
        self._used: dict[int, Decimal] = {}

    def of(self, material_id: int, order_id: int | None) -> list[HeldBalance]:
        """The material's balances in stock locations: of an order, or free; what expires first, then the oldest."""
        found = [
            row
            for row in self.balances.values()
            if row.material_id == material_id and row.order_id == order_id and row.location_kind == "stock"
        ]
        return sorted(found, key=lambda row: row.expires_on or dt.date.max)

    def unit_value(self, plant_id: int, material_id: int, order_id: int | None = None) -> Decimal | None:
        """What one base unit is worth in the area now; empty when there is none."""
        return self.valuing.unit_value((plant_id, material_id, order_id))

    def take(self, intent: MoveIntent) -> Decimal:
        """Take the intent's quantity out of stock; the value that goes with it. Raises NotEnoughStock, AlreadyUsed."""
        value, arrives, fee = self._take(intent)
        self._moves.append(Valued(intent, value, value - arrives, fee))
        return arrives

    def put(self, intent: MoveIntent) -> Decimal:
        """Put the intent's quantity and value into stock; that value. Raises LotNeeded, SerialNumberTaken.

        Where stock is kept at standard cost it gains what the standard says; the difference is a variance. Opening
        stock and gains are worth what stock gains.
        """
        value = intent.value or ZERO
        gained = self._put(intent, value)
        if intent.kind in AT_WHAT_STOCK_GAINS:
            value = gained
        self._moves.append(Valued(intent, value, value - gained, min(intent.fee, value)))
        return value

    def move(self, intent: MoveIntent) -> Decimal:
        """Take, put, or both (order stock set free, with its value); what was lost on the way only stands in the book.

        What stays in its area moves without value.
        """
        if intent.kind == Kind.LOST:
            self._moves.append(Valued(intent, intent.value or ZERO))
            return intent.value or ZERO
        if intent.keeps_value:
            self._take_pieces(intent)
            self._put_pieces(intent)
            self._moves.append(Valued(intent, ZERO))
            return ZERO
        if not intent.takes_stock:
            return self.put(intent)
        if not intent.fills_stock:
            return self.take(intent)
        value, _, fee = self._take(intent)
        gained = self._put(replace(intent, fee=fee), value)
        self._moves.append(Valued(intent, value, value - gained, fee))
        return value

    @property
    def last_fee(self) -> Decimal:
        """What of the move that was made last subcontractors asked for."""
        return self._moves[-1].fee if self._moves else ZERO

    def let_go(self, reservation_id: int, balance_id: int, quantity: Decimal) -> None:
        """Give back what a reservation still holds."""
        row = self.balances[balance_id]
        row.reserved -= quantity
        row.claimed -= quantity
        self._used[reservation_id] = self._used.get(reservation_id, ZERO) + quantity

    def write(
        self, *, now: dt.datetime, entries: Sequence[Tagged] = (), worker_id: int | None = None
    ) -> list[StockMove]:
        """Write moves, balances, values, reservations, journal and cost entries; `entries` are posted with them.

        `worker_id`: whose report it is that costs.
        """
        check_serial_numbers(self.balances.values())
        drafts, tags, owner = drafts_of(self._moves)
        tags += [list(more) for _, more in entries]
        has_costs = any(tag is not None for row in tags for tag in row)
        every = [*drafts, *(draft for draft, _ in entries)]
        posted = write_entries(drafts=every, now=now, need_ids=has_costs, known=self._books)
        self.posted_ids += [item.entry.pk for item in posted if item.entry is not None]
        book_costs(
            postings=[
                (line, tag)
                for item, row in zip(posted, tags, strict=True)
                for line, tag in zip(item.lines, row, strict=True)
                if tag is not None
            ],
            now=now,
            worker_id=worker_id,
        )
        moves = [
            _stock_move(move, posted[owner[index]].entry if move.value or move.difference else None, now)
            for index, move in enumerate(self._moves)
        ]
        inserts.give_ids(moves)
        self._write_with(moves)
        self.valuing.write(moves)
        self._moves.clear()
        return moves

    def _take(self, intent: MoveIntent) -> tuple[Decimal, Decimal, Decimal]:
        """What the area loses, what arrives at the account against it, and what of that subcontractors asked for."""
        self._take_pieces(intent)
        area, move_no = (intent.plant.pk, intent.material_id, intent.source_order_id), len(self._moves)
        if intent.at_value is None:
            value = self.valuing.take(area, intent.quantity, move_no)
            return value, value, self.valuing.take_fee(area, value)
        came_by = intent.reverses_id or intent.of_move_id
        value = self.valuing.take_at(area, intent.quantity, intent.at_value, move_no, of_move_id=came_by)
        return value, intent.at_value, self.valuing.take_fee(area, value, of=intent.fee)

    def _put(self, intent: MoveIntent, value: Decimal) -> Decimal:
        """What the area gains."""
        self._put_pieces(intent)
        area, move_no = (intent.plant.pk, intent.material_id, intent.target_order_id), len(self._moves)
        gained = self.valuing.put(area, intent.quantity, value, move_no, restores_move_id=intent.reverses_id)
        if intent.fee:
            self.valuing.put_fee(area, intent.fee)
        return gained

    def _take_pieces(self, intent: MoveIntent) -> None:
        row = self._by_place.get(
            (intent.plant.pk, intent.material_id, intent.source_id, intent.source_order_id, intent.lot_id)
        )
        reserved = intent.reservation_id is not None
        there = ZERO if row is None else min(row.on_hand, row.reserved) if reserved else row.free
        if row is None or there < intent.quantity:
            raise _not_enough(intent, there)
        row.on_hand -= intent.quantity
        row.moved -= intent.quantity
        if intent.reservation_id is not None:
            self.let_go(intent.reservation_id, row.id, intent.quantity)

    def _put_pieces(self, intent: MoveIntent) -> None:
        row = self._by_place[
            intent.plant.pk, intent.material_id, intent.target_id, intent.target_order_id, intent.into_lot_id
        ]
        check_filling(row, intent.quantity)
        row.on_hand += intent.quantity
        row.moved += intent.quantity

    def _write_with(self, moves: list[StockMove]) -> None:
        """The moves and what they change, in one round trip."""
        balances = [row for row in self.balances.values() if row.moved or row.claimed]
        changes: list[statements.Statement] = [inserts.statement(moves)] if moves else []
        if balances:
            columns = statements.columns(((row.id, row.moved, row.claimed) for row in balances), 3)
            changes.append((_WRITE_BALANCES, columns))
        if self._used:
            changes.append((_WRITE_RESERVATIONS, statements.columns(self._used.items(), 2)))
        if changes:
            statements.together(*changes)
        inserts.are_written(moves)
        for balance in balances:
            balance.moved = balance.claimed = ZERO
        self._used.clear()


def _stock_move(move: Valued, entry: JournalEntry | None, now: dt.datetime) -> StockMove:
    intent = move.intent
    return StockMove(
        kind=intent.kind,
        material_id=intent.material_id,
        plant=intent.plant,
        source_id=intent.source_id,
        target_id=intent.target_id,
        source_order_id=intent.source_order_id,
        target_order_id=intent.target_order_id,
        lot_id=intent.lot_id,
        target_lot_id=intent.target_lot_id,
        quantity=intent.quantity,
        value=move.value,
        difference=move.difference,
        fee=move.fee,
        reverses_id=intent.reverses_id,
        reason_id=intent.reason_id,
        note=intent.note,
        entry=entry,
        work_order_id=intent.work_order_id,
        purchase_order_line_id=intent.purchase_order_line_id,
        sales_order_line_id=intent.sales_order_line_id,
        moved_at=now,
    )


def _not_enough(intent: MoveIntent, there: Decimal) -> NotEnoughStock:
    code = Material.objects.values_list("code", flat=True).get(pk=intent.material_id)
    asked = f"{intent.quantity.normalize():f}"
    sentence = f"Only {there.normalize():f} of {code} can be taken, {asked} are asked for. Take less, or count it."
    if not there:
        sentence = f"Nothing of {code} can be taken there, {asked} are asked for. Take it from elsewhere, or count it."
    return NotEnoughStock(
        sentence,
        field="quantity",
        material_id=intent.material_id,
        available=str(there),
        asked=str(intent.quantity),
    )
