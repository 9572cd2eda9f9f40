"""Owed issues: what pieces really made have used before it was booked, settled from the next stock that comes.

Opening one debits WIP and credits the clearing account at current cost. Settling takes the material at its value
then, clears the account, and puts the difference on the work order that used it. Has that work order made its last
piece, the difference goes on to the order's cost of goods (production variance without an order), so that its WIP
ends at zero.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from erp.cost.models import CostEntry, Element
from erp.cost.services import CostTag
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import EntryDraft, LedgerLine
from erp.stock.book import Book, Tagged
from erp.stock.intents import HeldBalance, Kind, MoveIntent
from masterdata import statements
from masterdata.models import Location, Plant
from masterdata.numbers import ZERO, money

# The work order's tables stand above stock; their rows are read and closed by name.
_OPEN = """
    SELECT o.id, o.quantity, o.value, o.settled_qty, m.material_id, w.id, l.order_id,
        EXISTS (SELECT 1 FROM erp_workorderoperation p
                WHERE p.work_order_id = w.id AND p.is_last AND p.finished_at IS NOT NULL),
        l.order_id IS NOT NULL AND EXISTS (
            SELECT 1 FROM erp_workorder c JOIN erp_salesorderline cl ON cl.id = c.sales_order_line_id
            WHERE cl.order_id = l.order_id AND c.material_id = m.material_id AND c.plant_id = w.plant_id
            AND c.state <> 'cancelled')
    FROM erp_owedissue o
    JOIN erp_workordermaterial m ON m.id = o.work_order_material_id
    JOIN erp_workorder w ON w.id = m.work_order_id
    LEFT JOIN erp_salesorderline l ON l.id = w.sales_order_line_id
    WHERE o.settled_at IS NULL AND w.plant_id = %s AND m.material_id = ANY(%s)
    ORDER BY o.id
"""
_LOCK_ORDERS = "SELECT id FROM erp_salesorder WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_LOCK_WORK_ORDERS = "SELECT id FROM erp_workorder WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
_SETTLE = """
    UPDATE erp_owedissue o SET settled_qty = o.settled_qty + c.settled,
        settled_at = CASE WHEN o.settled_qty + c.settled = o.quantity THEN %s::timestamptz END
    FROM unnest(%s::bigint[], %s::numeric[]) AS c(id, settled) WHERE o.id = c.id
"""
_CLOSE = """
    UPDATE erp_workorder w SET state = 'closed', closed_at = %s, version = w.version + 1
    WHERE w.id = ANY(%s) AND w.state = 'released'
        AND EXISTS (SELECT 1 FROM erp_workorderoperation p
                    WHERE p.work_order_id = w.id AND p.is_last AND p.finished_at IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM erp_owedissue o JOIN erp_workordermaterial m ON m.id = o.work_order_material_id
                        WHERE m.work_order_id = w.id AND o.settled_at IS NULL)
"""


@dataclass(frozen=True, slots=True)
class HeldOwed:
    """An open owed issue whose order and work order are locked. `from_order` says that the order makes it itself."""

    id: int
    quantity: Decimal
    value: Decimal
    settled_qty: Decimal
    material_id: int
    work_order_id: int
    order_id: int | None
    is_finished: bool
    from_order: bool

    @property
    def open_qty(self) -> Decimal:
        return self.quantity - self.settled_qty

    def part(self, settled: Decimal, decimals: int) -> Decimal:
        """What the next `settled` units were valued at when the issue was opened; the parts sum to the whole."""
        before = money(self.value * self.settled_qty / self.quantity, decimals)
        return money(self.value * (self.settled_qty + settled) / self.quantity, decimals) - before


@transaction.atomic(savepoint=False)
def hold_owed_issues(*, plant_id: int, material_ids: Collection[int], order_id: int | None = None) -> list[HeldOwed]:
    """The open owed issues that stock of these materials will settle, oldest first.

    `order_id`: the stock that comes is that order's own. Locks their sales orders, then their work orders: call it
    before anything locks stock.
    """

    def read() -> list[HeldOwed]:
        found = statements.run(_OPEN, [plant_id, statements.array(sorted(material_ids))])
        rows = [HeldOwed(*row) for row in found]
        return [
            row for row in rows if (row.from_order and row.order_id == order_id) or not (row.from_order or order_id)
        ]

    seen = read()
    if not seen:
        return []
    orders, work_orders = {row.order_id for row in seen if row.order_id}, {row.work_order_id for row in seen}
    with connection.cursor() as cursor:
        cursor.execute(_LOCK_ORDERS, [sorted(orders)])
        cursor.execute(_LOCK_WORK_ORDERS, [sorted(work_orders)])
    return [row for row in read() if row.work_order_id in work_orders]


def owed_by(*, plant_id: int, work_order_id: int, material_id: int) -> list[HeldOwed]:
    """The open owed issues of a material in a work order that the caller has locked, oldest first."""
    found = [HeldOwed(*row) for row in statements.run(_OPEN, [plant_id, statements.array([material_id])])]
    return [row for row in found if row.work_order_id == work_order_id]


@transaction.atomic(savepoint=False)
def settle_owed_issues(
    *,
    owed: Sequence[HeldOwed],
    plant: Plant,
    now: dt.datetime,
    most: Decimal | None = None,
    balance_ids: Collection[int] | None = None,
) -> Decimal:
    """Settle what `hold_owed_issues` answered from the stock that has come meanwhile; the quantity settled.

    Takes only what nobody reserved, `most` of it and from the balances named when somebody scanned it. A finished work
    order whose last owed issue is settled is closed.
    """
    if not owed:
        return ZERO
    decimals = plant.company.currency.decimals
    target = Location.objects.values_list("pk", flat=True).get(
        plant=plant, kind=Location.Kind.PRODUCTION, is_default=True
    )
    book = Book(
        plant_ids=[plant.pk],
        material_ids={row.material_id for row in owed},
        order_ids={row.order_id for row in owed if row.order_id and row.from_order},
        decimals=decimals,
    )
    settled: dict[int, Decimal] = {}
    entries: list[Tagged] = []
    for row in owed:
        there = book.of(row.material_id, row.order_id if row.from_order else None)
        for balance in (one for one in there if balance_ids is None or one.id in balance_ids):
            left = [] if most is None else [most - sum(settled.values(), ZERO)]
            part = min(balance.free, row.open_qty - settled.get(row.id, ZERO), *left)
            if part <= 0:
                continue
            value = book.take(_intent(row, plant, balance, target, part))
            done = settled.get(row.id, ZERO)
            owed_value = row.part(done + part, decimals) - row.part(done, decimals)
            settled[row.id] = done + part
            if value != owed_value:
                entries.append(_difference(row, plant, value - owed_value))
            if book.last_fee and not row.from_order:
                entries.append(_of_fee(row, plant, book.last_fee))
    if not settled:
        return ZERO
    book.write(now=now, entries=entries)
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [now, list(settled), list(settled.values())])
        cursor.execute(_CLOSE, [now, sorted({row.work_order_id for row in owed})])
    return sum(settled.values(), ZERO)


def _intent(row: HeldOwed, plant: Plant, balance: HeldBalance, target_id: int, quantity: Decimal) -> MoveIntent:
    return MoveIntent(
        kind=Kind.ISSUE,
        plant=plant,
        material_id=row.material_id,
        source_id=balance.location_id,
        target_id=target_id,
        quantity=quantity,
        source_order_id=row.order_id if row.from_order else None,
        lot_id=balance.lot_id,
        document=f"owed_issue:{row.id}",
        contra=Account.Role.OWED_ISSUE,
        sales_order_id=row.order_id,
        work_order_id=row.work_order_id,
    )


def _difference(row: HeldOwed, plant: Plant, amount: Decimal) -> Tagged:
    """The clearing account against the work order; on to cost of goods or variance when it has made its last piece."""
    kind = CostEntry.Kind.TRANSFER if row.from_order else CostEntry.Kind.INCURRED
    into = CostTag(kind=kind, element=Element.MATERIAL, material_id=row.material_id)
    lines = [_line(Account.Role.OWED_ISSUE, -amount, row, plant), _line(Account.Role.WIP, amount, row, plant)]
    tags: list[CostTag | None] = [None, into]
    if row.is_finished:
        role = Account.Role.COGS if row.order_id else Account.Role.PRODUCTION_VARIANCE
        lines += [_line(role, amount, row, plant), _line(Account.Role.WIP, -amount, row, plant)]
        tags += [None, CostTag(kind=CostEntry.Kind.TRANSFER, element=Element.MATERIAL, material_id=row.material_id)]
    return _adjustment(row, plant, lines, "Owed issue settled at another value"), tags


def _of_fee(row: HeldOwed, plant: Plant, fee: Decimal) -> Tagged:
    """It was owed as material: what subcontractors asked for of it becomes an element of cost of its own."""
    lines = [_line(Account.Role.WIP, fee, row, plant), _line(Account.Role.WIP, -fee, row, plant)]
    tags = [
        CostTag(kind=CostEntry.Kind.INCURRED, element=element, material_id=row.material_id)
        for element in (Element.SUBCONTRACT, Element.MATERIAL)
    ]
    return _adjustment(row, plant, lines, "Part of it is subcontracting"), tags


def _adjustment(row: HeldOwed, plant: Plant, lines: list[LedgerLine], memo: str) -> EntryDraft:
    return EntryDraft(
        company_id=plant.company_id,
        kind=JournalEntry.Kind.ADJUSTMENT,
        source=f"owed_issue:{row.id}",
        lines=lines,
        memo=memo,
    )


def _line(role: str, amount: Decimal, row: HeldOwed, plant: Plant) -> LedgerLine:
    return LedgerLine(
        role=role,
        amount=amount,
        plant=plant,
        sales_order_id=row.order_id,
        work_order_id=row.work_order_id,
        material_id=row.material_id,
    )
