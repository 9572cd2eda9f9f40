"""What there is for needs while they are netted: taken from the stores, and given back when it is of no use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from erp.supply.needs import FromBeside, FromOwn, FromPurchase, FromStock, FromTransit, Need
from erp.supply.sources import Key, Sources
from erp.supply.structure import Structure
from masterdata.numbers import ZERO


class Stores:
    """Free stock above the safety stock; by-products, transfers, purchases for nobody yet. Uses up `sources`."""

    def __init__(self, structure: Structure, sources: Sources, now: dt.datetime) -> None:
        self.structure, self.sources, self.now = structure, sources, now
        self.left: dict[Key, Decimal] = {
            key: max(
                ZERO, sum((balance.quantity for balance in balances), ZERO) - structure.safety_stock.get(key, ZERO)
            )
            for key, balances in sources.free.items()
        }

    def take_there(self, need: Need) -> Decimal:
        """What the order has of its own, what lies free, what comes beside other work or is on the way; how much."""
        taken = self.take_own(need)
        taken += self.take_stock(need, need.quantity - taken)
        taken += self.take_beside(need, need.quantity - taken)
        return taken + self.take_transit(need, need.quantity - taken)

    def take_own(self, need: Need) -> Decimal:
        """What the order has of its own; how much that is."""
        taken = list(_used(self.sources.own.get((need.plant_id, need.material_id), ()), need.quantity))
        need.own += [FromOwn(work.work_order_id, part) for work, part in taken]
        return _sum(taken)

    def take_stock(self, need: Need, missing: Decimal) -> Decimal:
        """Free stock for it; how much."""
        key = (need.plant_id, need.material_id)
        taken = list(_used(self.sources.free.get(key, ()), min(missing, self.left.get(key, ZERO))))
        need.stock += [FromStock(balance.balance_id, part) for balance, part in taken]
        if taken:
            self.left[key] -= _sum(taken)
        return _sum(taken)

    def take_beside(self, need: Need, missing: Decimal) -> Decimal:
        """By-products that come before it is needed; how much. Nothing while nobody has said when that is.

        What is for stock planning gives out by itself.
        """
        key = (need.plant_id, need.material_id)
        if need.needed_at is None or key in self.structure.for_stock:
            return ZERO
        in_time = [work for work in self.sources.beside.get(key, ()) if work.ready_at < need.needed_at]
        taken = list(_used(in_time, missing))
        need.beside += [FromBeside(work.work_order_id, part, work.ready_at) for work, part in taken]
        return _awaited(need, taken)

    def take_transit(self, need: Need, missing: Decimal) -> Decimal:
        """What another plant has sent; how much. What is for stock planning gives out by itself.

        What comes after it is needed counts when buying it anew would not bring it sooner.
        """
        key = (need.plant_id, need.material_id)
        if key in self.structure.for_stock:
            return ZERO
        in_time = [row for row in self.sources.transit.get(key, ()) if self._in_time(need, row.ready_at, missing)]
        taken = list(_used(in_time, missing))
        need.transit += [FromTransit(row.planned_order_id, part, row.ready_at) for row, part in taken]
        return _awaited(need, taken)

    def _in_time(self, need: Need, ready_at: dt.datetime, missing: Decimal) -> bool:
        if need.needed_at is None or ready_at <= need.needed_at:
            return True
        if self.structure.items[need.material_id].is_made:
            return False
        offer = self.sources.offer_for(need.material_id, missing)
        return offer is None or ready_at <= self.now + dt.timedelta(days=offer.lead_time_days)

    def take_ordered(self, need: Need, missing: Decimal) -> Decimal:
        """What is on order for nobody; how much."""
        taken = list(_used(self.sources.ordered.get((need.plant_id, need.material_id), ()), missing))
        need.ordered += [FromPurchase(line.line_id, part, line.ready_at) for line, part in taken]
        return _awaited(need, taken)

    def give_back(self, need: Need) -> None:
        """All that the need has taken is there for others."""
        key = (need.plant_id, need.material_id)
        balances = {balance.balance_id: balance for balance in self.sources.free.get(key, ())}
        for kept in need.stock:
            balances[kept.balance_id].quantity += kept.quantity
            self.left[key] += kept.quantity
        lines = {line.line_id: line for line in self.sources.ordered.get(key, ())}
        for bought in need.ordered:
            lines[bought.line_id].quantity += bought.quantity
        works = {work.work_order_id: work for work in self.sources.beside.get(key, ())}
        for brought in need.beside:
            works[brought.work_order_id].quantity += brought.quantity
        sent = {row.planned_order_id: row for row in self.sources.transit.get(key, ())}
        for coming in need.transit:
            sent[coming.planned_order_id].quantity += coming.quantity
        owned = {work.work_order_id: work for work in self.sources.own.get(key, ())}
        for own in need.own:
            owned[own.work_order_id].quantity += own.quantity
        need.stock, need.ordered, need.beside, need.transit, need.own, need.ready_at = [], [], [], [], [], None


class _Row(Protocol):
    quantity: Decimal


class _Coming(_Row, Protocol):
    ready_at: dt.datetime


R = TypeVar("R", bound=_Row)


def _used(rows: Iterable[R], missing: Decimal) -> Iterator[tuple[R, Decimal]]:
    """The rows that something is taken of, each with how much, until nothing is missing; they have so much less."""
    for row in rows:
        part = min(row.quantity, missing)
        if part > 0:
            row.quantity -= part
            missing -= part
            yield row, part


def _sum(taken: Iterable[tuple[Any, Decimal]]) -> Decimal:
    return sum((part for _, part in taken), ZERO)


def _awaited(need: Need, taken: Sequence[tuple[_Coming, Decimal]]) -> Decimal:
    """The need waits for the last of them; how much they are."""
    for row, _ in taken:
        need.wait_until(row.ready_at)
    return _sum(taken)
