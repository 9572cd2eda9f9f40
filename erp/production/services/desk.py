"""What a report has locked and looked up, for the next report of the same operation in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp.stock.book import Book
from erp.stock.intents import HeldBalance
from erp.stock.locks import Place

SAME_RATES_SEC = 900
"""Rates change with a day, and a day begins at a quarter of an hour of UTC in every time zone there is."""


@dataclass(slots=True)
class Kept:
    """A reservation of a need, its locked balance, and what is left of it."""

    reservation_id: int
    need_id: int
    balance: HeldBalance
    left: Decimal


@dataclass(slots=True)
class Desk:
    """The book with its balances under lock, the reservations that go with it, and rates; empty at first.

    It is true as long as nobody else moves stock in the transaction: whoever does calls `clear`. After a rollback to a
    savepoint the whole floor is to be held anew.
    """

    book: Book | None = None
    kept: list[Kept] = field(default_factory=list)
    _materials: frozenset[int] = frozenset()
    _places: frozenset[Place] = frozenset()
    _needs: frozenset[int] = frozenset()
    _known: dict[Hashable, Any] = field(default_factory=dict)

    def book_for(self, materials: Collection[int], places: Collection[Place]) -> Book | None:
        """The book, when it holds all of these."""
        return self.book if self._materials.issuperset(materials) and self._places.issuperset(places) else None

    def lay(self, book: Book, materials: Collection[int], places: Collection[Place]) -> Book:
        """Keep a book that was just made."""
        self.book, self.kept = book, []
        self._materials, self._places, self._needs = frozenset(materials), frozenset(places), frozenset()
        return book

    def kept_for(self, need_ids: Collection[int], read: Callable[[], list[Kept]]) -> list[Kept]:
        """The reservations of just these needs, read when they are others than before."""
        if self._needs != frozenset(need_ids):
            self.kept, self._needs = read(), frozenset(need_ids)
        return self.kept

    def known(self, question: Hashable, now: dt.datetime, ask: Callable[[], Any]) -> Any:
        """What `ask` says of rates at that time, asked once."""
        key = question, int(now.timestamp()) // SAME_RATES_SEC
        if key not in self._known:
            self._known[key] = ask()
        return self._known[key]

    def clear(self) -> None:
        """Somebody else moves stock: lock and read it again."""
        self.book, self.kept = None, []
        self._materials, self._places, self._needs = frozenset(), frozenset(), frozenset()
