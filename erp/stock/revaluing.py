"""Revaluation: what lies in a plant becomes worth something else from now on, with a reason, against an account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from erp.cost.services import CostTag, book_costs
from erp.ledger.models import Account, JournalEntry
from erp.ledger.services import EntryDraft, LedgerLine, Posted, write_entries
from erp.stock.later_costs import Spread
from erp.stock.models import ValueChange
from erp.stock.plausible import check_value
from erp.stock.valuing import Valuing
from masterdata import live
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Material, Plant
from masterdata.numbers import ZERO

Role = Account.Role


class NothingOnHand(Refusal):
    """There is nothing in free stock that could be worth something else."""

    code: ClassVar[str] = "nothing_on_hand"


@dataclass(frozen=True, slots=True)
class NewValue:
    """What one base unit of a material's free stock is to be worth."""

    material_id: int
    unit_value: Decimal


@transaction.atomic
def revalue_stock(
    *, plant_id: int, values: Sequence[NewValue], reason: str, now: dt.datetime, is_sure: bool = False
) -> list[ValueChange]:
    """Make what is on hand of the materials worth `unit_value` each, inventory against revaluation of stock.

    Only what lies in free stock of the plant changes; what comes later is valued as it comes, at standard cost at the
    new standard. Under FIFO each layer changes in proportion to its quantity. More than ten times what it is worth, or
    less than a tenth, is a slip unless somebody `is_sure`. Locks the valuation areas by id. Raises NothingOnHand,
    Implausible, InvalidInput, PeriodClosed.
    """
    plant = Plant.objects.select_related("company__currency").get(pk=plant_id)
    _check(values, reason)
    areas = {(plant_id, value.material_id, None): value for value in values}
    valuing = Valuing(list(areas), decimals=plant.company.currency.decimals)
    changes = []
    for area, value in areas.items():
        held = valuing.areas[area]
        if not held.quantity:
            code = Material.objects.values_list("code", flat=True).get(pk=value.material_id)
            raise NothingOnHand(
                f"{plant.name} has no free stock of {code}: there is nothing to revalue. At standard cost, change the "
                "standard cost of the material: what comes next is valued at it.",
                field="unit_value",
                material_id=value.material_id,
            )
        if not is_sure:
            _check_plausible(value, valuing.unit_value(area) or ZERO)
        changes.append(
            ValueChange(
                kind=ValueChange.Kind.REVALUATION,
                material_id=value.material_id,
                plant=plant,
                is_stock=True,
                quantity=held.quantity,
                amount=valuing.revalue(area, value.unit_value),
                unit_value=value.unit_value,
                reason=reason[:200],
                source=f"revaluation:{plant.code}",
                changed_at=now,
            )
        )
    spread = Spread()
    for change in changes:
        spread.to_stock(change)
        spread.add(Role.REVALUATION, -change.amount, change)
    write_changes(
        spread=spread,
        valuing=valuing,
        company_id=plant.company_id,
        kind=JournalEntry.Kind.REVALUATION,
        memo=reason,
        source=f"revaluation:{plant.code}",
        now=now,
    )
    live.publish("stock", plant_id, plant_id=plant_id)
    return changes


def _check_plausible(value: NewValue, worth: Decimal) -> None:
    code, standard = Material.objects.values_list("code", "standard_cost").get(pk=value.material_id)
    check_value(code=code, unit_value=value.unit_value, known=round(worth, 6) or standard)


def write_changes(
    *,
    spread: Spread,
    valuing: Valuing,
    company_id: int,
    kind: str,
    memo: str,
    source: str,
    now: dt.datetime,
    more: Sequence[LedgerLine] = (),
) -> Posted:
    """Write the areas, one entry with the spread's lines and `more` against them, its cost entries and the changes."""
    lines = [*spread.lines, *more]
    draft = EntryDraft(company_id=company_id, kind=kind, source=source, lines=lines, memo=memo[:200])
    posted = write_entries(drafts=[draft], now=now)[0]
    tags: list[CostTag | None] = [*spread.tags, *([None] * len(more))]
    book_costs(postings=[(line, tag) for line, tag in zip(posted.lines, tags, strict=True) if tag is not None], now=now)
    for change in spread.changes:
        change.entry = posted.entry if change.amount else None
    ValueChange.objects.bulk_create(spread.changes)
    valuing.write()
    return posted


def _check(values: Sequence[NewValue], reason: str) -> None:
    if not reason.strip():
        raise InvalidInput("Say why the stock is worth something else now.", field="reason")
    if not values or len({value.material_id for value in values}) < len(values):
        raise InvalidInput("Name each material once.", field="values")
    for value in values:
        if value.unit_value < 0:
            raise InvalidInput("A value below zero is not possible: enter zero or more.", field="unit_value")
