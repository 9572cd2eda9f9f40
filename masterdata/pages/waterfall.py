"""A waterfall: from one total over steps to another, as bars in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from masterdata import shown

HEIGHT = 96
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


def drawn(began: str, first: Decimal, changes: Sequence[tuple[str, Decimal]], *, end: str, whole: Decimal) -> list[Bar]:
    """From `first` over the changes to the end; totals also say their share of the `whole`."""
    levels = [first]
    for _cause, amount in changes:
        levels.append(levels[-1] + amount)
    ground = _ground(levels)
    scale = HEIGHT / (max(Decimal(0), *levels) - ground or Decimal(1))

    def bar(label: str, amount: Decimal, span: tuple[Decimal, Decimal], *, fill: str, is_total: bool) -> Bar:
        low, high = sorted(span)
        note = _share(amount, whole) if is_total else ""
        top, bottom = HEIGHT - int((high - ground) * scale), HEIGHT - int((low - ground) * scale)
        return Bar(label, amount, note, fill, top, max(bottom - top, 2), is_total, is_total and ground > 0)

    base = max(ground, Decimal(0))
    bars = [bar(began, first, (base, first), fill="brand", is_total=True)]
    for (cause, amount), before, after in zip(changes, levels, levels[1:], strict=False):
        fill = "done" if amount >= 0 else "late"
        bars.append(bar(cause, amount, (before, after), fill=fill, is_total=False))
    bars.append(bar(end, levels[-1], (base, levels[-1]), fill="brand", is_total=True))
    return bars


def _ground(levels: Sequence[Decimal]) -> Decimal:
    """Where the axis begins: at 0, below it when a level is, above it when all levels are far above."""
    low, high = min(levels), max(levels)
    if low <= 0:
        return min(low, Decimal(0))
    return max(Decimal(0), min(low - STEPS_SHARE * (high - low), MOST_CUT * low))


def _share(amount: Decimal, whole: Decimal) -> str:
    return shown.percent(100 * amount / whole, 1) if whole else ""
