"""Landed cost: freight, duty and the like spread over receipts, to the goods on hand and to who used them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import LedgerLine
from erp.payables.models import LandedCost, LandedCostLine
from erp.payables.services.tries import until_it_stands
from erp.stock.later_costs import LaterCost, areas_of, hold_users, spread_costs
from erp.stock.models import StockMove, ValueChange
from erp.stock.revaluing import write_changes
from erp.stock.valuing import Valuing
from erp.supply.models import ReceiptLine
from masterdata import live
from masterdata.errors import InvalidInput
from masterdata.models import Partner, Plant
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, allocate, money


@until_it_stands
@transaction.atomic
def post_landed_cost(
    *,
    plant_id: int,
    receipt_line_ids: Sequence[int],
    amount: Decimal,
    now: dt.datetime,
    element: str = LandedCost.Element.FREIGHT,
    basis: str = LandedCost.Basis.VALUE,
    partner_id: int | None = None,
    note: str = "",
) -> LandedCost:
    """Spread a cost over received goods by value, quantity or weight, the parts rounded by largest remainder.

    What lies there still becomes worth more; what was used is paid by the order that used it, else by a variance. The
    other side is the accrual of landed cost, which the carrier's invoice clears. Below zero takes back. Locks the
    orders and work orders that used the goods, then the valuation areas. Raises InvalidInput, PeriodClosed.
    """
    plant = Plant.objects.select_related("company__currency").get(pk=plant_id)
    decimals = plant.company.currency.decimals
    if not amount or money(amount, decimals) != amount:
        raise InvalidInput("Enter an amount, to the smallest coin.", field="amount")
    moves = _moves(plant, receipt_line_ids)
    held = hold_users(moves)
    valuing = Valuing(areas_of(moves), decimals=decimals)
    parts = allocate(amount, _weights(moves, basis), decimals)
    number = next_numbers(company=plant.company, kind="LC", year=now.year)[0]
    source = f"landed_cost:{number}"
    partner = Partner.objects.get(pk=partner_id) if partner_id else None
    spread = spread_costs(
        costs=[LaterCost(move, part) for move, part in zip(moves, parts, strict=True)],
        held_work_orders=held,
        valuing=valuing,
        kind=ValueChange.Kind.LANDED_COST,
        source=source,
        reason=note or number,
        now=now,
    )
    posted = write_changes(
        spread=spread,
        valuing=valuing,
        company_id=plant.company_id,
        kind=JournalEntry.Kind.LANDED_COST,
        memo=f"{number} {note}".strip(),
        source=source,
        now=now,
        more=[LedgerLine(role=Account.Role.LANDED_COST, amount=-amount, plant=plant, partner=partner)],
    )
    cost = LandedCost.objects.create(
        number=number,
        plant=plant,
        partner=partner,
        element=element,
        basis=basis,
        amount=amount,
        note=note[:200],
        entry=posted.entry,  # type: ignore[misc]  # an amount makes an entry
        posted_at=now,
    )
    LandedCostLine.objects.bulk_create(
        LandedCostLine(landed_cost=cost, move=move, amount=part) for move, part in zip(moves, parts, strict=True)
    )
    live.publish("stock", plant_id, plant_id=plant_id)
    return cost


def _moves(plant: Plant, receipt_line_ids: Sequence[int]) -> list[StockMove]:
    lines = ReceiptLine.objects.filter(pk__in=receipt_line_ids, receipt__order__plant=plant)
    moves = {
        line.pk: line.move
        for line in lines.select_related("move__plant", "move__material")
        if line.move is not None and not hasattr(line.move, "reversed_by")
    }
    if not receipt_line_ids or set(receipt_line_ids) - moves.keys():
        raise InvalidInput(f"Choose receipts of {plant.name} that were not undone.", field="receipt_lines")
    return [moves[pk] for pk in sorted(moves)]


def _weights(moves: Sequence[StockMove], basis: str) -> list[Decimal]:
    """What each receipt bears in proportion to. Raises InvalidInput when a material has no weight."""
    if basis == LandedCost.Basis.QUANTITY:
        return [move.quantity for move in moves]
    if basis == LandedCost.Basis.VALUE:
        return [move.value for move in moves]
    for move in moves:
        if not move.material.weight_kg:
            raise InvalidInput(
                f"{move.material.code} has no weight: enter it, or spread by value or quantity.", field="basis"
            )
    return [move.quantity * (move.material.weight_kg or ZERO) for move in moves]
