"""The stock book: locks what a posting touches, values each move, then writes all with one statement per table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import ClassVar

from django.db import connection

from erp.cost.services import CostTag, book_costs
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import EntryDraft, LedgerLine, write_entries
from erp.stock.intents import HeldBalance, HeldValue, Kind, MoveIntent
from erp.stock.locks import Area, Place, hold_balances, hold_values
from erp.stock.models import StockMove
from masterdata.errors import Refusal
from masterdata.models import Material
from masterdata.numbers import ZERO, money

ENTRY_KIND: dict[str, str] = {
    Kind.OPENING: JournalEntry.Kind.OPENING,
    Kind.RECEIPT: JournalEntry.Kind.RECEIPT,
    Kind.ISSUE: JournalEntry.Kind.ISSUE,
    Kind.OUTPUT: JournalEntry.Kind.OUTPUT,
    Kind.SHIPMENT: JournalEntry.Kind.SHIPMENT,
    Kind.ADJUSTMENT: JournalEntry.Kind.ADJUSTMENT,
    Kind.RELEASE: JournalEntry.Kind.ADJUSTMENT,
}
_WRITE_BALANCES = """
    UPDATE erp_stockbalance b SET on_hand = b.on_hand + c.moved, reserved = b.reserved + c.claimed
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS c(id, moved, claimed) WHERE b.id = c.id
"""
_WRITE_VALUES = """
    UPDATE erp_materialvalue v SET quantity = v.quantity + c.moved, value = v.value + c.worth
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS c(id, moved, worth) WHERE v.id = c.id
"""
_WRITE_RESERVATIONS = """
    UPDATE erp_reservation r SET quantity = r.quantity - c.used
    FROM unnest(%s::bigint[], %s::numeric[]) AS c(id, used) WHERE r.id = c.id
"""

Tagged = tuple[EntryDraft, Sequence[CostTag | None]]


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
        self.values: dict[Area, HeldValue] = hold_values(areas) if areas else {}
        self._by_place = {
            (row.plant_id, row.material_id, row.location_id, row.order_id): row for row in self.balances.values()
        }
        self._moves: list[tuple[MoveIntent, Decimal]] = []
        self._used: dict[int, Decimal] = {}

    def of(self, material_id: int, order_id: int | None) -> list[HeldBalance]:
        """The material's balances in stock locations, oldest first: of an order, or free."""
        return [
            row
            for row in self.balances.values()
            if row.material_id == material_id and row.order_id == order_id and row.location_kind == "stock"
        ]

    def unit_value(self, plant_id: int, material_id: int, order_id: int | None = None) -> Decimal | None:
        """What one base unit is worth in the area now; empty when there is none."""
        value = self.values.get((plant_id, material_id, order_id))
        return value.value / value.quantity if value and value.quantity else None

    def take(self, intent: MoveIntent) -> Decimal:
        """Take the intent's quantity out of stock; the value that goes with it. Raises NotEnoughStock."""
        value = self._take(intent)
        self._moves.append((intent, value))
        return value

    def put(self, intent: MoveIntent) -> Decimal:
        """Put the intent's quantity and value into stock."""
        value = intent.value or ZERO
        self._put(intent, value)
        self._moves.append((intent, value))
        return value

    def move(self, intent: MoveIntent) -> Decimal:
        """Take, put, or both (order stock set free, with its value)."""
        if not intent.takes_stock:
            return self.put(intent)
        value = self.take(intent)
        if intent.fills_stock:
            self._put(intent, value)
        return value

    def let_go(self, reservation_id: int, balance_id: int, quantity: Decimal) -> None:
        """Give back what a reservation still holds."""
        row = self.balances[balance_id]
        row.reserved -= quantity
        row.claimed -= quantity
        self._used[reservation_id] = self._used.get(reservation_id, ZERO) + quantity

    def write(self, *, now: dt.datetime, entries: Sequence[Tagged] = ()) -> list[StockMove]:
        """Write moves, balances, values, reservations, journal and cost entries; `entries` are posted with them."""
        drafts, tags, owner = self._drafts()
        posted = write_entries(drafts=[*drafts, *(draft for draft, _ in entries)], now=now)
        tags += [list(more) for _, more in entries]
        book_costs(
            postings=[
                (line, tag)
                for item, row in zip(posted, tags, strict=True)
                for line, tag in zip(item.lines, row, strict=True)
                if tag is not None
            ],
            now=now,
        )
        moves = StockMove.objects.bulk_create(
            [
                _stock_move(intent, value, posted[owner[index]].entry if value else None, now)
                for index, (intent, value) in enumerate(self._moves)
            ]
        )
        self._write_changes()
        self._moves.clear()
        return moves

    def _take(self, intent: MoveIntent) -> Decimal:
        row = self._by_place.get((intent.plant.pk, intent.material_id, intent.source_id, intent.source_order_id))
        reserved = intent.reservation_id is not None
        there = ZERO if row is None else min(row.on_hand, row.reserved) if reserved else row.free
        if row is None or there < intent.quantity:
            raise _not_enough(intent, there)
        row.on_hand -= intent.quantity
        row.moved -= intent.quantity
        if intent.reservation_id is not None:
            self.let_go(intent.reservation_id, row.id, intent.quantity)
        area = self.values[intent.plant.pk, intent.material_id, intent.source_order_id]
        value = area.value
        if intent.quantity < area.quantity:
            value = min(area.value, money(area.value * intent.quantity / area.quantity, self.decimals))
        area.quantity -= intent.quantity
        area.moved -= intent.quantity
        area.value -= value
        area.worth -= value
        return value

    def _put(self, intent: MoveIntent, value: Decimal) -> None:
        row = self._by_place[intent.plant.pk, intent.material_id, intent.target_id, intent.target_order_id]
        row.on_hand += intent.quantity
        row.moved += intent.quantity
        area = self.values[intent.plant.pk, intent.material_id, intent.target_order_id]
        area.quantity += intent.quantity
        area.moved += intent.quantity
        area.value += value
        area.worth += value

    def _drafts(self) -> tuple[list[EntryDraft], list[list[CostTag | None]], dict[int, int]]:
        """One draft per document and kind, the tags of its lines, and which draft each move belongs to."""
        numbers: dict[tuple[str, str], int] = {}
        drafts: list[EntryDraft] = []
        lines: list[list[LedgerLine]] = []
        tags: list[list[CostTag | None]] = []
        owner: dict[int, int] = {}
        for index, (intent, value) in enumerate(self._moves):
            key = intent.document, ENTRY_KIND[intent.kind]
            if key not in numbers:
                numbers[key] = len(drafts)
                lines.append([])
                tags.append([])
                drafts.append(
                    EntryDraft(
                        company_id=intent.plant.company_id,
                        kind=key[1],
                        source=intent.document,
                        memo=intent.memo,
                        lines=lines[-1],
                    )
                )
            owner[index] = numbers[key]
            lines[owner[index]] += _ledger_lines(intent, value)
            tags[owner[index]] += [None, intent.cost]
        return drafts, tags, owner

    def _write_changes(self) -> None:
        balances = [row for row in self.balances.values() if row.moved or row.claimed]
        values = [row for row in self.values.values() if row.moved or row.worth]
        with connection.cursor() as cursor:
            if balances:
                columns = (
                    [row.id for row in balances],
                    [row.moved for row in balances],
                    [row.claimed for row in balances],
                )
                cursor.execute(_WRITE_BALANCES, columns)
            if values:
                columns = [row.id for row in values], [row.moved for row in values], [row.worth for row in values]
                cursor.execute(_WRITE_VALUES, columns)
            if self._used:
                cursor.execute(_WRITE_RESERVATIONS, [list(self._used), list(self._used.values())])
        for balance in balances:
            balance.moved = balance.claimed = ZERO
        for area in values:
            area.moved = area.worth = ZERO
        self._used.clear()


def _ledger_lines(intent: MoveIntent, value: Decimal) -> list[LedgerLine]:
    """Inventory first, the line against it second. Setting order stock free is inventory against inventory."""
    is_release = intent.kind == Kind.RELEASE
    sign = 1 if intent.fills_stock else -1
    return [
        LedgerLine(
            role=Account.Role.INVENTORY,
            amount=sign * value,
            plant=intent.plant,
            sales_order_id=intent.target_order_id if intent.fills_stock else intent.source_order_id,
            material_id=intent.material_id,
        ),
        LedgerLine(
            role=intent.contra_role,
            amount=-sign * value,
            plant=intent.plant,
            partner=intent.partner,
            sales_order_id=intent.source_order_id if is_release else intent.sales_order_id,
            work_order_id=intent.work_order_id,
            material_id=intent.material_id,
        ),
    ]


def _stock_move(intent: MoveIntent, value: Decimal, entry: JournalEntry | None, now: dt.datetime) -> StockMove:
    return StockMove(
        kind=intent.kind,
        material_id=intent.material_id,
        plant=intent.plant,
        source_id=intent.source_id,
        target_id=intent.target_id,
        source_order_id=intent.source_order_id,
        target_order_id=intent.target_order_id,
        quantity=intent.quantity,
        value=value,
        entry=entry,
        work_order_id=intent.work_order_id,
        purchase_order_line_id=intent.purchase_order_line_id,
        sales_order_line_id=intent.sales_order_line_id,
        moved_at=now,
    )


def _not_enough(intent: MoveIntent, there: Decimal) -> NotEnoughStock:
    code = Material.objects.values_list("code", flat=True).get(pk=intent.material_id)
    return NotEnoughStock(
        f"Only {there.normalize():f} of {code} can be taken, {intent.quantity.normalize():f} are asked for. "
        "Take less, or count the location.",
        field="quantity",
        material_id=intent.material_id,
        available=str(there),
        asked=str(intent.quantity),
    )
