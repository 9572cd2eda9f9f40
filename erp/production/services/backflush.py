"""Components of reported pieces: taken from order stock, own reservations and free stock; what is missing is owed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp.cost.models import CostEntry, Element
from erp.cost.services import CostTag
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import EntryDraft, LedgerLine
from erp.production.models import WorkOrder, WorkOrderMaterial
from erp.production.services.desk import Kept
from erp.production.services.floor import Floor
from erp.production.services.scanned_parts import Consumed
from erp.stock.book import Book, Tagged
from erp.stock.intents import HeldBalance, Kind, MoveIntent
from erp.stock.models import OwedIssue
from masterdata import statements
from masterdata.numbers import ZERO, money, round_up

_WRITE_NEEDS = """
    UPDATE erp_workordermaterial m SET issued_qty = m.issued_qty + c.quantity, issued_value = m.issued_value + c.value
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS c(id, quantity, value) WHERE m.id = c.id
"""
_KEPT = """
    SELECT id, work_order_material_id, balance_id, quantity FROM erp_reservation
    WHERE work_order_material_id = ANY(%s::bigint[]) AND quantity > 0 ORDER BY id
"""

NOTHING_SCANNED: Mapping[int, Sequence[Consumed]] = {}


@dataclass(slots=True)
class Backflush:
    """What a report took: value into WIP, journal entries for what is owed, and the rows to write.

    `material` is what of the value is material that the order incurs: neither its own parts nor subcontractors' fees.
    """

    value: Decimal = ZERO
    material: Decimal = ZERO
    entries: list[Tagged] = field(default_factory=list)
    owed: list[OwedIssue] = field(default_factory=list)
    issued: dict[int, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def write(self, needs: Iterable[WorkOrderMaterial] = ()) -> None:
        """Write issued quantities and owed issues; the `needs` at hand know them too."""
        for need in needs:
            quantity, value = self.issued.get(need.pk, (ZERO, ZERO))
            need.issued_qty += quantity
            need.issued_value += value
        if self.issued:
            rows = [(pk, *issued) for pk, issued in self.issued.items()]
            statements.run(_WRITE_NEEDS, statements.columns(rows))
        if self.owed:
            OwedIssue.objects.bulk_create(self.owed)


def due_quantity(need: WorkOrderMaterial, done: Decimal, quantity: Decimal) -> Decimal:
    """What `done` of `quantity` pieces use, less what was issued: in proportion, rounded up to the unit's step.

    The last piece takes the rest; pieces beyond the quantity use their share more. 1 sheet for 4 pieces: the first
    piece takes it, the others nothing.
    """
    if done == quantity:
        return need.quantity - need.issued_qty
    share = round_up(need.quantity * done / quantity, need.unit.rounding)
    if done < quantity:
        share = min(need.quantity, share)
    return max(ZERO, share - need.issued_qty)


def backflush(
    *,
    floor: Floor,
    needs: Iterable[WorkOrderMaterial],
    kept: Sequence[Kept],
    book: Book,
    production_id: int,
    now: dt.datetime,
    scanned: Mapping[int, Sequence[Consumed]] = NOTHING_SCANNED,
) -> Backflush:
    """Take what the operation's reported pieces use and was not issued. Balances are locked in `book`; nothing is
    written yet.

    What was scanned with the report comes out of just these lots, also beyond the share of the pieces; what is missing
    in them by the books is owed, and so are parts that are issued by scan and that nobody had scanned when the
    operation ends.
    """
    taking = _Taking(floor, kept, book, production_id, Backflush())
    for need in needs:
        parts = scanned.get(need.pk, ())
        said = sum((one.quantity for one in parts), ZERO)
        due = due_quantity(need, floor.operation.reported_qty, floor.work_order.quantity)  # rework has used its parts
        if need.is_scanned and floor.operation.finished_at is None:
            due = ZERO
        quantity = max(due, said)
        if quantity <= 0:
            continue
        value, left = ZERO, ZERO
        for one in parts:
            taken, short = taking.take(need, one.quantity, one.lot_id)
            value, left = value + taken, left + short
        rest = quantity - said
        taken, short = (ZERO, rest) if need.is_scanned else taking.take(need, rest)
        value, left = value + taken, left + short
        if left:
            value += _owe(floor, need, left, book, taking.result, now)
        taking.result.issued[need.pk] = quantity, value
        taking.result.value += value
    return taking.result


@dataclass(frozen=True, slots=True)
class _Taking:
    """Takes components out of the book for one report."""

    floor: Floor
    kept: Sequence[Kept]
    book: Book
    production_id: int
    result: Backflush

    def take(self, need: WorkOrderMaterial, quantity: Decimal, lot_id: int | None = None) -> tuple[Decimal, Decimal]:
        """The value of what was taken, out of one lot or out of what there is, and how much is missing."""
        value, left = ZERO, quantity
        if not left:
            return value, left
        for balance, item, there in sources(self.book, need, self.kept, self.floor.sales_order_id):
            part = min(there, left)
            if part <= 0 or lot_id not in (None, balance.lot_id):
                continue
            taken = self.book.take(_issue(self.floor, need, balance, item, self.production_id, part))
            value += taken
            if balance.order_id is None:
                self.result.material += taken - self.book.last_fee
            left -= part
            if item is not None:
                item.left -= part
        return value, left


def kept_for(book: Book, needs: Sequence[WorkOrderMaterial]) -> list[Kept]:
    """What is left of the needs' reservations; their balances are locked in `book`, so it stays so."""
    if not needs:
        return []
    rows = statements.run(_KEPT, [statements.array([need.pk for need in needs])])
    return [Kept(pk, need_id, book.balances[balance_id], left) for pk, need_id, balance_id, left in rows]


def let_go_of_leftovers(book: Book, kept: Iterable[Kept]) -> None:
    """Give back what the reservations of a finished work order still hold."""
    for item in kept:
        if item.left:
            book.let_go(item.reservation_id, item.balance.id, item.left)
            item.left = ZERO


def sources(
    book: Book, need: WorkOrderMaterial, kept: Sequence[Kept], order_id: int | None
) -> Iterator[tuple[HeldBalance, Kept | None, Decimal]]:
    """Where the component may come from, best first: balance, reservation, how much."""
    if order_id is not None:
        for balance in book.of(need.material_id, order_id):
            yield balance, None, balance.free
    for item in kept:
        if item.need_id == need.pk:
            yield item.balance, item, item.left
    for balance in book.of(need.material_id, None):
        yield balance, None, balance.free


def _issue(
    floor: Floor,
    need: WorkOrderMaterial,
    balance: HeldBalance,
    kept: Kept | None,
    production_id: int,
    quantity: Decimal,
) -> MoveIntent:
    is_own = balance.order_id is not None
    return MoveIntent(
        kind=Kind.ISSUE,
        plant=floor.work_order.plant,
        material_id=need.material_id,
        source_id=balance.location_id,
        target_id=production_id,
        quantity=quantity,
        document=f"operation:{floor.operation.pk}",
        source_order_id=balance.order_id,
        lot_id=balance.lot_id,
        reservation_id=kept.reservation_id if kept else None,
        sales_order_id=floor.sales_order_id,
        work_order_id=floor.work_order.pk,
        cost=_tag(floor, need, quantity, is_own=is_own),
    )


def _tag(floor: Floor, need: WorkOrderMaterial, quantity: Decimal, *, is_own: bool) -> CostTag:
    return CostTag(
        kind=CostEntry.Kind.TRANSFER if is_own else CostEntry.Kind.INCURRED,
        element=Element.MATERIAL,
        quantity=quantity,
        operation_id=floor.operation.pk,
        material_id=need.material_id,
    )


def _owe(
    floor: Floor, need: WorkOrderMaterial, quantity: Decimal, book: Book, result: Backflush, now: dt.datetime
) -> Decimal:
    """Open an owed issue at current cost: WIP against the clearing account. Its value."""
    order = floor.work_order
    own_cost = _own_cost(floor, need.material_id)
    price = own_cost
    if price is None:
        price = book.unit_value(order.plant_id, need.material_id) or need.material.standard_cost
    value = money(price * quantity, order.plant.company.currency.decimals)
    if own_cost is None:
        result.material += value
    result.owed.append(OwedIssue(work_order_material=need, quantity=quantity, value=value, opened_at=now))
    dimensions: dict[str, Any] = {
        "plant": order.plant,
        "sales_order_id": floor.sales_order_id,
        "work_order_id": order.pk,
        "material_id": need.material_id,
    }
    result.entries.append(
        (
            EntryDraft(
                company_id=order.plant.company_id,
                kind=JournalEntry.Kind.ISSUE,
                source=f"operation:{floor.operation.pk}",
                memo="Owed issue",
                lines=[
                    LedgerLine(role=Account.Role.WIP, amount=value, **dimensions),
                    LedgerLine(role=Account.Role.OWED_ISSUE, amount=-value, **dimensions),
                ],
            ),
            [_tag(floor, need, quantity, is_own=own_cost is not None), None],
        )
    )
    return value


def _own_cost(floor: Floor, material_id: int) -> Decimal | None:
    """Planned unit cost of the material when the order makes it itself."""
    if floor.sales_order_id is None:
        return None
    makers = WorkOrder.objects.filter(
        sales_order_line__order=floor.sales_order_id, plant=floor.work_order.plant_id, material=material_id
    ).exclude(state=WorkOrder.State.CANCELLED)
    return makers.values_list("planned_unit_cost", flat=True).order_by("id").first()
