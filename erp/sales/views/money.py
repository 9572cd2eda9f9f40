"""The money of an order as its page draws it: cost by element, and margin from the first estimate to now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext as _

from erp.cost.models import CostEstimate, Element
from erp.cost.selectors import OrderCost
from masterdata import shown

HEIGHT = 96
MOST_STEPS = 5
STEPS_SHARE = Decimal("1.5")  # the axis is cut this many ranges of the steps below the lowest level,
MOST_CUT = Decimal("0.8")  # and never by more than this share of it: a small change has to look small


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the waterfall: totals stand on the ground, steps hang between two totals. Sizes in pixels."""

    label: str
    amount: Decimal
    note: str
    fill: str
    top: int
    height: int
    is_total: bool
    is_cut: bool

    @property
    def said(self) -> str:
        text = shown.number(self.amount, 0)
        return text if self.is_total or self.amount < 0 else f"+{text}"


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
    first = cost.revenue - versions[0].total
    changes = [(after.cause, before.total - after.total) for before, after in pairwise(versions)]
    if rest := versions[-1].total - cost.expected:
        changes.append((_("Posted") if cost.is_final else _("Posted beyond the estimate"), rest))
    return _drawn(versions[0].cause, first, _joined(changes), cost)


def _joined(changes: list[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """The latest steps one by one, everything before as one."""
    if len(changes) <= MOST_STEPS:
        return changes
    older, newest = changes[: 1 - MOST_STEPS], changes[1 - MOST_STEPS :]
    joined = _("%(n)d earlier changes") % {"n": len(older)}
    return [(joined, sum((amount for _cause, amount in older), Decimal(0))), *newest]


def _drawn(began: str, first: Decimal, changes: list[tuple[str, Decimal]], cost: OrderCost) -> list[Bar]:
    levels = [first]
    for _cause, amount in changes:
        levels.append(levels[-1] + amount)
    ground = _ground(levels)
    scale = HEIGHT / (max(Decimal(0), *levels) - ground or Decimal(1))

    def bar(label: str, amount: Decimal, span: tuple[Decimal, Decimal], *, fill: str, is_total: bool) -> Bar:
        low, high = sorted(span)
        note = _share(amount, cost.revenue) if is_total else ""
        top, bottom = HEIGHT - int((high - ground) * scale), HEIGHT - int((low - ground) * scale)
        return Bar(label, amount, note, fill, top, max(bottom - top, 2), is_total, is_total and ground > 0)

    base = max(ground, Decimal(0))
    bars = [bar(began, first, (base, first), fill="brand", is_total=True)]
    for (cause, amount), before, after in zip(changes, levels, levels[1:], strict=False):
        fill = "done" if amount >= 0 else "late"
        bars.append(bar(cause, amount, (before, after), fill=fill, is_total=False))
    label = _("Final") if cost.is_final else _("Now")
    bars.append(bar(label, levels[-1], (base, levels[-1]), fill="brand", is_total=True))
    return bars


def _ground(levels: Sequence[Decimal]) -> Decimal:
    """Where the axis begins: at 0, below it when a level is, above it when all levels are far above."""
    low, high = min(levels), max(levels)
    if low <= 0:
        return min(low, Decimal(0))
    return max(Decimal(0), min(low - STEPS_SHARE * (high - low), MOST_CUT * low))


def _share(margin: Decimal, revenue: Decimal) -> str:
    return shown.percent(100 * margin / revenue, 1) if revenue else ""
