"""The money of an order as its page draws it: cost by element, and margin from the first estimate to now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext as _

from erp.cost.models import CostEstimate, Element
from erp.cost.selectors import OrderCost
from masterdata.pages.waterfall import Bar, drawn

MOST_STEPS = 5


@dataclass(frozen=True, slots=True)
class ElementCost:
    """One element: what it was estimated to cost at first, is now, and what is posted."""

    label: str
    first: Decimal | None
    now: Decimal | None
    incurred: Decimal


def elements(cost: OrderCost, estimates: Sequence[CostEstimate]) -> list[ElementCost]:
    """The elements that have something in them."""
    first = estimates[-1] if estimates else None
    rows = [
        ElementCost(
            str(Element(key).label),
            getattr(first, key, None) if first else None,
            getattr(cost.estimate, key, None) if cost.estimate else None,
            amount,
        )
        for key, amount in cost.incurred.items()
    ]
    return [row for row in rows if row.first or row.now or row.incurred]


def estimated(estimates: Sequence[CostEstimate]) -> list[str]:
    """The elements that stand in any version: material, labour and machine in any case."""
    always = (Element.MATERIAL, Element.LABOUR, Element.MACHINE)
    found = [one for one in Element if one in always or any(getattr(row, one) for row in estimates)]
    return [str(one.label) for one in found]


def by_element(estimate: CostEstimate, among: Sequence[CostEstimate]) -> list[Decimal]:
    """The version's amounts, in the order of `estimated`."""
    shown_ones = estimated(among)
    return [getattr(estimate, one) for one in Element if str(one.label) in shown_ones]


def waterfall(cost: OrderCost, estimates: Sequence[CostEstimate]) -> list[Bar]:
    """Margin when quoted (else confirmed), what each version changed, and margin now. Empty before any estimate."""
    if not estimates:
        return []
    versions = list(reversed(estimates))
    first = cost.price - versions[0].total
    changes = [(after.cause, before.total - after.total) for before, after in pairwise(versions)]
    if rest := versions[-1].total - cost.expected:
        changes.append((_("Posted") if cost.is_final else _("Posted beyond the estimate"), rest))
    if cost.revenue != cost.price:
        changes.append((_("Credited and discounts"), cost.revenue - cost.price))
    end = _("Final") if cost.is_final else _("Now")
    return drawn(versions[0].cause, first, _joined(changes), end=end, whole=cost.price)


def _joined(changes: list[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """The latest steps one by one, everything before as one."""
    if len(changes) <= MOST_STEPS:
        return changes
    older, newest = changes[: 1 - MOST_STEPS], changes[1 - MOST_STEPS :]
    joined = _("%(n)d earlier changes") % {"n": len(older)}
    return [(joined, sum((amount for _cause, amount in older), Decimal(0))), *newest]
