"""From the first estimate of an order to what it earns now: steps that sum to the cent, each with its cause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from erp.cost.models import CostEstimate, Element
from erp.cost.selectors import OrderCost, estimates, order_cost
from erp.production.selectors import expected_costs
from erp.profit.selectors.deviations import Deviation, deviations
from erp.sales.models import SalesOrder
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Change:
    """A version of the estimate that changed an element, and why."""

    at: dt.datetime
    cause: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What changes the margin: `amount` > 0 earns more. Behind it a deviation, or changes of plan and prices."""

    kind: str
    elements: Sequence[str]
    amount: Decimal
    deviation: Deviation | None = None
    changes: Sequence[Change] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Profit:
    """An order's way from `first` to now: first margin + sum of the steps = margin now. No `first`: no estimate yet."""

    order_id: int
    revenue: Decimal
    cost: Decimal
    first: CostEstimate | None
    steps: Sequence[Step]
    is_final: bool

    @property
    def first_margin(self) -> Decimal:
        return self.revenue - self.first.total if self.first else ZERO

    @property
    def margin(self) -> Decimal:
        return self.revenue - self.cost

    @property
    def change(self) -> Decimal:
        return sum((step.amount for step in self.steps), ZERO)


def order_profit(order: SalesOrder, now: dt.datetime) -> Profit:
    """Live: what is posted, and for what is still to be done the plan and prices of `now`."""
    cost = order_cost(order.pk)
    versions = list(reversed(estimates(order.pk)))
    by_element = _now(order, cost, now)
    steps: list[Step] = []
    if versions:
        found = deviations(order.pk, order.company.currency.decimals)
        steps = [
            Step(kind=one.kind, elements=list(one.amounts), amount=-one.amount, deviation=one) for one in found
        ] + _rest(by_element, versions, found)
    return Profit(
        order_id=order.pk,
        revenue=cost.revenue,
        cost=sum(by_element.values(), ZERO),
        first=versions[0] if versions else None,
        steps=steps,
        is_final=cost.is_final,
    )


def _now(order: SalesOrder, cost: OrderCost, now: dt.datetime) -> dict[str, Decimal]:
    """By element: posted when all is shipped, else what is expected and at least what is posted."""
    if cost.is_final or order.confirmed_at is None:
        return cost.incurred
    (live,) = expected_costs([order.pk], now)
    return {element: max(amount, cost.incurred[element]) for element, amount in live.elements.items()}


def _rest(now: dict[str, Decimal], versions: Sequence[CostEstimate], found: Sequence[Deviation]) -> list[Step]:
    """What no report and no booking explains: prices, rates and the plan, with the versions that say why."""
    first = versions[0]
    steps = []
    for element in Element.values:
        explained = sum((one.amounts.get(element, ZERO) for one in found), ZERO)
        rest = now[element] - getattr(first, element) - explained
        if rest:
            steps.append(Step(kind="plan", elements=[element], amount=-rest, changes=_changes(versions, element)))
    return steps


def _changes(versions: Sequence[CostEstimate], element: str) -> list[Change]:
    found = []
    for before, after in pairwise(versions):
        if amount := getattr(after, element) - getattr(before, element):
            found.append(Change(after.made_at, after.cause, amount))
    return found
