"""Taking scanned material out of stock for a work order."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.db import transaction

from erp.production.models import WorkOrder
from erp.production.selectors.scanned import Usable
from erp.production.services.backflush import Backflush, Kept, kept_for
from erp.production.services.issuing.held import (
    Issue,
    OverIssue,
    changed,
    chosen_need,
    cost_tag,
    hold_work,
    material_of,
    overhead_on,
    places_and_rates,
    tell,
)
from erp.production.services.release import release_held
from erp.stock.book import Book, NotEnoughStock
from erp.stock.intents import HeldBalance, Kind, MoveIntent
from erp.stock.owed import owed_by, settle_owed_issues
from masterdata import facts
from masterdata.models import Location, User
from masterdata.numbers import ZERO, round_up
from masterdata.units import check_quantity


@transaction.atomic
def issue_material(
    *,
    work_order_id: int,
    material_id: int,
    quantity: Decimal,
    now: dt.datetime,
    lot_id: int | None = None,
    reason: str = "",
    by: User | None = None,
    expected_version: int | None = None,
) -> Issue:
    """Take material out of stock for a work order; a firm one is released by it.

    A material that may stand in for one that the work order uses counts for it in the ratio of the BOM. What the work
    order owes is settled first. More than planned needs a `reason`. The order's own stock comes first, then what is
    kept for the work order, then what nobody has reserved; overhead on material is posted with it.

    Locks sales order < work order < balances < values. Raises WrongMaterial, OverIssue, NotOpenForIssue,
    NotEnoughStock, InvalidInput, StaleVersion, PeriodClosed. States WorkOrderChanged.
    """
    order = hold_work(work_order_id, expected_version)
    check_quantity(material=material_of(material_id), quantity=quantity, field="quantity")
    release_held(order, now)
    usable = chosen_need(order, material_id, now)
    need = usable.need
    book = _Taking(order, usable, lot_id, now)
    settled = book.settle(quantity, now) if usable.ratio == 1 else ZERO
    left = quantity - settled
    counted = round_up(left / usable.ratio, need.unit.rounding) if left else ZERO
    planned = max(ZERO, need.quantity - need.issued_qty)
    if counted > planned and not reason.strip():
        remaining = f"{planned.normalize():f} {need.unit.code}"
        raise OverIssue(
            f"{order.number} is planned to use {remaining} more of {need.material.code}. Say why it needs more.",
            field="reason",
            remaining=str(planned),
        )
    value = book.take(left, counted, reason.strip(), now) if left else ZERO
    text = f"{quantity.normalize():f} {usable.unit} of {usable.code}"
    facts.state(changed(order, "issued", f"{text}: {reason.strip()}" if reason.strip() else text))
    tell(order)
    return Issue(
        work_order_id=order.pk,
        need_id=need.pk,
        material_id=material_id,
        quantity=quantity,
        value=value,
        settled_qty=settled,
    )


class _Taking:
    """The book of one issue: what the material lies in, and the need that it counts for."""

    def __init__(self, order: WorkOrder, usable: Usable, lot_id: int | None, now: dt.datetime) -> None:
        self.order, self.usable, self.lot_id = order, usable, lot_id
        self.plant, self.owner = order.plant, usable.order_id
        self.places, self.rates = places_and_rates(order, usable.need, now)
        self.decimals = self.plant.company.currency.decimals

    def _book(self) -> Book:
        return Book(
            plant_ids=[self.plant.pk],
            material_ids={self.usable.material_id, self.usable.need.material_id},
            order_ids=[self.owner] if self.owner else [],
            decimals=self.decimals,
        )

    def settle(self, quantity: Decimal, now: dt.datetime) -> Decimal:
        """Settle what the need owes with what was scanned: what is kept for the need is free for it."""
        need = self.usable.need
        owed = owed_by(plant_id=self.plant.pk, work_order_id=self.order.pk, material_id=need.material_id)
        most = min(quantity, sum((row.open_qty for row in owed), ZERO))
        if not most:
            return ZERO
        book, left = self._book(), most
        for item in kept_for(book, [need]):
            part = min(item.left, left)
            if part > 0 and self._fits(item.balance):
                book.let_go(item.reservation_id, item.balance.id, part)
                left -= part
        book.write(now=now)
        balances = [row.id for row in book.balances.values() if self._fits(row)]
        return settle_owed_issues(owed=owed, plant=self.plant, now=now, most=most, balance_ids=balances)

    def take(self, quantity: Decimal, counted: Decimal, reason: str, now: dt.datetime) -> Decimal:
        """Move it, count `counted` of it for the need, and post overhead on it; what it was worth."""
        need, book = self.usable.need, self._book()
        kept = kept_for(book, [need])
        left, value, material = quantity, ZERO, ZERO
        for balance, item, there in self._sources(book, kept):
            part = min(there, left)
            if part <= 0:
                continue
            taken = book.take(self._intent(balance, item, part, reason))
            value += taken
            left -= part
            if item is not None:
                item.left -= part
            if balance.order_id is None:
                material += taken - book.last_fee
        if left:
            raise self._not_enough(quantity - left)
        self._let_go(book, kept, counted)
        book.write(now=now, entries=overhead_on(self.order, self.usable, self.rates, material))
        Backflush(issued={need.pk: (counted, value)}).write()
        return value

    def _sources(self, book: Book, kept: list[Kept]) -> list[tuple[HeldBalance, Kept | None, Decimal]]:
        material_id = self.usable.material_id
        found: list[tuple[HeldBalance, Kept | None, Decimal]] = []
        if self.owner is not None:
            found += [(row, None, row.free) for row in book.of(material_id, self.owner)]
        found += [(item.balance, item, item.left) for item in kept if item.balance.material_id == material_id]
        found += [(row, None, row.free) for row in book.of(material_id, None)]
        return [one for one in found if self._fits(one[0])]

    def _fits(self, balance: HeldBalance) -> bool:
        return balance.material_id == self.usable.material_id and self.lot_id in (None, balance.lot_id)

    def _let_go(self, book: Book, kept: list[Kept], counted: Decimal) -> None:
        """Of what is kept for the need beyond what it still lacks, the rest is let go."""
        need = self.usable.need
        wanted = max(ZERO, need.quantity - need.issued_qty - counted)
        for item in kept:
            spare = item.left - min(item.left, wanted)
            wanted -= item.left - spare
            if spare:
                book.let_go(item.reservation_id, item.balance.id, spare)
                item.left -= spare

    def _intent(self, balance: HeldBalance, item: Kept | None, quantity: Decimal, reason: str) -> MoveIntent:
        return MoveIntent(
            kind=Kind.ISSUE,
            plant=self.plant,
            material_id=self.usable.material_id,
            source_id=balance.location_id,
            target_id=self.places[Location.Kind.PRODUCTION],
            quantity=quantity,
            document=f"work_order:{self.order.pk}",
            source_order_id=balance.order_id,
            lot_id=balance.lot_id,
            reservation_id=item.reservation_id if item else None,
            sales_order_id=self.owner,
            work_order_id=self.order.pk,
            note=reason[:200],
            cost=cost_tag(self.usable, quantity, is_own=balance.order_id is not None),
        )

    def _not_enough(self, there: Decimal) -> NotEnoughStock:
        return NotEnoughStock(
            f"Only {there.normalize():f} {self.usable.unit} of {self.usable.code} can be taken: issue less.",
            field="quantity",
            material_id=self.usable.material_id,
            available=str(there),
        )
