"""Journal entries of stock moves: one per document and kind, inventory against the account that a move names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from erp.cost.models import Element
from erp.cost.services import CostTag
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import EntryDraft, LedgerLine
from erp.stock.intents import Kind, MoveIntent
from masterdata.numbers import ZERO

ENTRY_KIND: dict[str, str] = {
    Kind.OPENING: JournalEntry.Kind.OPENING,
    Kind.RECEIPT: JournalEntry.Kind.RECEIPT,
    Kind.ISSUE: JournalEntry.Kind.ISSUE,
    Kind.PUT_BACK: JournalEntry.Kind.ISSUE,
    Kind.OUTPUT: JournalEntry.Kind.OUTPUT,
    Kind.BYPRODUCT: JournalEntry.Kind.OUTPUT,
    Kind.SHIPMENT: JournalEntry.Kind.SHIPMENT,
    Kind.ADJUSTMENT: JournalEntry.Kind.ADJUSTMENT,
    Kind.RELEASE: JournalEntry.Kind.ADJUSTMENT,
    Kind.TRANSFER: JournalEntry.Kind.TRANSFER,
    Kind.CUT: JournalEntry.Kind.TRANSFER,
    Kind.SENT: JournalEntry.Kind.TRANSFER,
    Kind.ARRIVED: JournalEntry.Kind.TRANSFER,
    Kind.LOST: JournalEntry.Kind.ADJUSTMENT,
    Kind.SCRAP: JournalEntry.Kind.ADJUSTMENT,
    Kind.REVERSAL: JournalEntry.Kind.REVERSAL,
    Kind.RETURN: JournalEntry.Kind.RECEIPT,
    Kind.USED: JournalEntry.Kind.RECEIPT,
    Kind.CAME_BACK: JournalEntry.Kind.RETURN,
}

# What stock at standard cost gains less or more than what came, by the kind of the move.
VARIANCE: dict[str, str] = {
    Kind.OUTPUT: Account.Role.PRODUCTION_VARIANCE,
    Kind.BYPRODUCT: Account.Role.PRODUCTION_VARIANCE,
}

Tagged = tuple[EntryDraft, Sequence[CostTag | None]]


@dataclass(frozen=True, slots=True)
class Valued:
    """A move with its value: `value` leaves where it comes from, `value - difference` arrives, a variance takes the
    difference."""

    intent: MoveIntent
    value: Decimal
    difference: Decimal = ZERO
    fee: Decimal = ZERO

    @property
    def splits_cost(self) -> bool:
        """Its line against inventory is two: what subcontractors asked for is an element of cost of its own."""
        return bool(self.fee) and self.intent.cost is not None and self.intent.cost.element == Element.MATERIAL


def drafts_of(
    moves: Sequence[Valued],
) -> tuple[list[EntryDraft], list[list[CostTag | None]], list[int]]:
    """One draft per document and kind, the tags of its lines, and which draft each move belongs to."""
    numbers: dict[tuple[str, str], int] = {}
    drafts: list[EntryDraft] = []
    lines: list[list[LedgerLine]] = []
    tags: list[list[CostTag | None]] = []
    owner: list[int] = []
    for move in moves:
        intent = move.intent
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
        number = numbers[key]
        owner.append(number)
        lines[number] += _ledger_lines(move)
        tags[number] += _tags(move)
    return drafts, tags, owner


def _tags(move: Valued) -> list[CostTag | None]:
    """As `_ledger_lines`."""
    cost = move.intent.cost
    if cost is None or not move.splits_cost:
        return [None, cost, None]
    return [None, cost, replace(cost, element=Element.SUBCONTRACT, quantity=None), None]


def _ledger_lines(move: Valued) -> list[LedgerLine]:
    """Inventory first, the line against it second, a variance third. Order stock set free is inventory on both sides.

    What was lost on the way was in no stock any more: the stock difference pays it.
    """
    intent = move.intent
    arrives = move.value - move.difference
    is_release, is_lost = intent.kind == Kind.RELEASE, intent.kind == Kind.LOST
    into_stock = intent.fills_stock or is_lost
    against = LedgerLine(
        role=intent.contra_role,
        amount=-move.value if into_stock else arrives,
        plant=intent.plant,
        partner=intent.partner,
        sales_order_id=intent.source_order_id if is_release else intent.sales_order_id,
        work_order_id=intent.work_order_id,
        material_id=intent.material_id,
    )
    fee = (-move.fee if into_stock else move.fee) if move.splits_cost else ZERO
    return [
        LedgerLine(
            role=Account.Role.STOCK_DIFFERENCE if is_lost else Account.Role.INVENTORY,
            amount=arrives if into_stock else -move.value,
            plant=intent.plant,
            sales_order_id=intent.target_order_id if intent.fills_stock else intent.source_order_id,
            material_id=intent.material_id,
        ),
        *([replace(against, amount=against.amount - fee), replace(against, amount=fee)] if fee else [against]),
        LedgerLine(
            role=VARIANCE.get(intent.kind, Account.Role.PRICE_VARIANCE),
            amount=move.difference,
            plant=intent.plant,
            partner=intent.partner,
            sales_order_id=intent.sales_order_id,
            work_order_id=intent.work_order_id,
            material_id=intent.material_id,
        ),
    ]
