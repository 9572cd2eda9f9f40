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
from masterdata import statements
from masterdata.numbers import ZERO

# Credit notes and cash discounts of an order by posting: what they take off its revenue, and what says so.
_TAKEN_OFF = """
    SELECT a.role, e.posted_at, coalesce(nullif(d.number || ': ' || d.reason, d.number || ': '), e.memo), sum(l.amount)
    FROM erp_journalline l JOIN erp_account a ON a.id = l.account_id JOIN erp_journalentry e ON e.id = l.entry_id
    LEFT JOIN erp_invoice d ON d.entry_id = e.id
    WHERE l.sales_order_id = %s AND (a.role = 'discount_granted' OR a.role = 'revenue' AND l.amount > 0)
    GROUP BY a.role, e.id, d.id ORDER BY e.id
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A version of the estimate that changed an element, or a document that changed the revenue, and why."""

    at: dt.datetime
    cause: str
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What changes the margin: `amount` > 0 earns more. Behind it a deviation, or changes of plan, prices or revenue.

    Of revenue it has no elements: `credit` (credit notes) or `discount`.
    """

    kind: str
    elements: Sequence[str]
    amount: Decimal
    deviation: Deviation | None = None
    changes: Sequence[Change] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Profit:
    """An order's way from `first` to now: first margin + sum of the steps = margin now. No `first`: no estimate yet."""

    order_id: int
    price: Decimal
    revenue: Decimal
    cost: Decimal
    first: CostEstimate | None
    steps: Sequence[Step]
    is_final: bool

    @property
    def first_margin(self) -> Decimal:
        return self.price - self.first.total if self.first else ZERO

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
        steps = [Step(kind=one.kind, elements=list(one.amounts), amount=-one.amount, deviation=one) for one in found]
        steps += [*_rest(by_element, versions, found), *_taken_off(cost, order.pk)]
    return Profit(
        order_id=order.pk,
        price=cost.price,
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


def _taken_off(cost: OrderCost, order_id: int) -> list[Step]:
    """What credit notes and cash discounts took off the price that was agreed; what was credited and charged again is
    nothing. The rest, such as another day's rate of exchange, counts with the credits.
    """
    found: dict[str, list[Change]] = {"revenue": [], "discount_granted": []}
    for role, at, cause, amount in statements.run(_TAKEN_OFF, [order_id]):
        found[role].append(Change(at, cause, -amount))
    discount = sum((one.amount for one in found["discount_granted"]), ZERO)
    steps = [
        Step(kind="credit", elements=[], amount=cost.revenue - cost.price - discount, changes=found["revenue"]),
        Step(kind="discount", elements=[], amount=discount, changes=found["discount_granted"]),
    ]
    return [step for step in steps if step.amount]


def _changes(versions: Sequence[CostEstimate], element: str) -> list[Change]:
    found = []
    for before, after in pairwise(versions):
        if amount := getattr(after, element) - getattr(before, element):
            found.append(Change(after.made_at, after.cause, amount))
    return found
