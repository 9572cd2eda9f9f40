"""Contracts as pages, prices and call-offs read them: what is called off, shipped and left follows from order lines."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from crm.models import CallOff, Contract, ContractLine
from crm.selectors.prices import Priced, Question
from masterdata.numbers import ZERO
from masterdata.rights import visible_to

COUNTS = Q(order_line__order__cancelled_at=None) | ~Q(order_line__order__confirmed_at=None)
"""Call-offs that take from their line: a draft that was cancelled keeps its quantity and takes nothing."""


@dataclass(frozen=True)
class Taken:
    """What call-offs take from a contract's line, in quantity and in net value, and what of it was shipped."""

    quantity: Decimal = ZERO
    value: Decimal = ZERO
    shipped: Decimal = ZERO


@dataclass(frozen=True)
class Use:
    """A line of a contract with what is called off of it. `unit` is quantity or money, as the line agrees."""

    line: ContractLine
    taken: Taken
    tolerance_percent: Decimal

    @property
    def is_by_value(self) -> bool:
        return self.line.agreed_value is not None

    @property
    def agreed(self) -> Decimal:
        return (self.line.agreed_value if self.is_by_value else self.line.agreed_qty) or ZERO

    @property
    def called(self) -> Decimal:
        return self.taken.value if self.is_by_value else self.taken.quantity

    @property
    def most(self) -> Decimal:
        """With the tolerance."""
        return self.agreed * (100 + self.tolerance_percent) / 100

    @property
    def left(self) -> Decimal:
        """Of what is agreed; never below zero, also when the tolerance is used."""
        return max(self.agreed - self.called, ZERO)

    @property
    def can_be_called(self) -> Decimal:
        """With the tolerance; of goods whole steps of their unit."""
        rest = max(self.most - self.called, ZERO)
        return rest if self.is_by_value else rest - rest % self.line.material.unit.rounding

    @property
    def percent(self) -> Decimal:
        """So much of what is agreed is called off."""
        return 100 * self.called / self.agreed

    def price_for(self, quantity: Decimal) -> Decimal:
        return price_for(self.line, quantity)


def price_for(line: ContractLine, quantity: Decimal) -> Decimal:
    """The line's price for so many in one call-off: of the highest step that begins at or below it."""
    steps = [step for step in line.prices.all() if step.from_qty <= quantity]
    return max(steps, key=lambda step: step.from_qty).unit_price if steps else line.unit_price


def visible_contracts(user: Any) -> QuerySet[Contract]:
    """Contracts of the user's companies or with a line for one of the user's plants."""
    return visible_to(user, Contract.objects.all()).select_related("customer", "currency", "company", "owner")


def taken_of(line_ids: Collection[int]) -> dict[int, Taken]:
    """Of each line that anything was called off of; one query."""
    rows = (
        CallOff.objects.filter(COUNTS, contract_line__in=line_ids)
        .order_by()
        .values("contract_line")
        .annotate(
            quantity=Sum("order_line__quantity"),
            value=Sum("order_line__net_amount"),
            shipped=Sum("order_line__shipped_qty"),
        )
    )
    return {row["contract_line"]: Taken(row["quantity"], row["value"], row["shipped"]) for row in rows}


def uses_of(contracts: Iterable[Contract]) -> dict[int, list[Use]]:
    """The lines of each contract with what is called off of them; three queries however many."""
    by_id = {contract.pk: contract for contract in contracts}
    lines = list(
        ContractLine.objects.filter(contract__in=by_id)
        .select_related("plant", "material__unit")
        .prefetch_related("prices")
        .order_by("contract", "line_no")
    )
    taken = taken_of([line.pk for line in lines])
    found: dict[int, list[Use]] = defaultdict(list)
    for line in lines:
        percent = by_id[line.contract_id].tolerance_percent
        found[line.contract_id].append(Use(line, taken.get(line.pk, Taken()), percent))
    return found


@dataclass(frozen=True)
class Agreed:
    """The price that a contract gives for so many, and its line."""

    unit_price: Decimal
    line_id: int
    number: str


def agreed_prices(
    *,
    customer_id: int,
    company_id: int,
    currency_id: int,
    plant_id: int | None,
    on: dt.date,
    wanted: Sequence[tuple[int, Decimal]],
) -> list[Agreed | None]:
    """For each (material, quantity) the price of a contract in force on that day which has so much left; else nothing.

    Of several the one that ends first. What an earlier entry takes is not left for a later one of the same material.
    """
    rows = ContractLine.objects.filter(
        contract__customer=customer_id,
        contract__company=company_id,
        contract__currency=currency_id,
        contract__state=Contract.State.ACTIVE,
        contract__valid_from__lte=on,
        contract__valid_to__gte=on,
        material__in={material_id for material_id, _quantity in wanted},
    )
    if plant_id is not None:
        rows = rows.filter(plant=plant_id)
    rows = rows.select_related("contract", "material__unit").prefetch_related("prices")
    lines = list(rows.order_by("contract__valid_to", "pk"))
    if not lines:
        return [None] * len(wanted)
    taken = taken_of([line.pk for line in lines])
    left = {
        line.pk: Use(line, taken.get(line.pk, Taken()), line.contract.tolerance_percent).can_be_called for line in lines
    }
    return [_first_with_enough(lines, left, *one) for one in wanted]


def by_contract(question: Question) -> dict[int, Priced]:
    """What contracts say of the wanted prices, by place: they come before any price list."""
    found = agreed_prices(
        customer_id=question.customer_id,
        company_id=question.company.pk,
        currency_id=question.currency.pk,
        plant_id=question.plant_id,
        on=question.on,
        wanted=question.wanted,
    )
    return {
        place: Priced(one.unit_price, f"Contract {one.number}", contract_line_id=one.line_id)
        for place, one in enumerate(found)
        if one is not None
    }


def _first_with_enough(
    lines: Sequence[ContractLine], left: dict[int, Decimal], material_id: int, quantity: Decimal
) -> Agreed | None:
    for line in lines:
        price = price_for(line, quantity)
        needs = quantity if line.agreed_value is None else quantity * price
        if line.material_id == material_id and quantity >= line.min_call_qty and needs <= left[line.pk]:
            left[line.pk] -= needs
            return Agreed(price, line.pk, line.contract.number)
    return None
