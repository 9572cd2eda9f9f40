"""Where the minutes went, as a waterfall in SVG units, and the losses with their words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from masterdata import shown
from mes.losses import Loss
from mes.oee import Figures

HEIGHT, TOP, STEP, BAR = 196, 22, 56, 42


@dataclass(frozen=True, slots=True)
class Fall:
    """A bar of the waterfall: totals stand on the ground, steps hang between two totals; `of` opens what is behind."""

    label: str
    said: str
    x: int
    y: float
    height: float
    css: str
    of: str

    @property
    def middle(self) -> int:
        return self.x + BAR // 2

    @property
    def word_y(self) -> float:
        return round(self.y - 7, 1)


def waterfall(figures: Figures) -> list[Fall]:
    """Planned busy, less setup, stops and no order: producing; less too slow, scrap and rework: good."""
    rows: list[tuple[str, Decimal, Decimal, str, str]] = []
    level = figures.planned_busy
    rows.append((_("Planned busy"), Decimal(0), level, "tot", "busy"))
    for label, minutes, css, of in (
        (_("Setup"), figures.setup, "set", "setup"),
        (_("Stops"), figures.in_order, "stop", "stopped"),
        (_("No order"), figures.without_order, "idle", "idle"),
    ):
        rows.append((label, level - minutes, level, css, of))
        level -= minutes
    rows.append((_("Producing"), Decimal(0), level, "run", "producing"))
    slow = figures.too_slow
    rows.append(
        (_("Too slow") if slow >= 0 else _("Faster"), level - slow, level, "slow" if slow >= 0 else "fast", "speed")
    )
    level -= slow
    rows.append((_("Scrap, rework"), level - figures.lost_pieces, level, "scrap", "scrap"))
    rows.append((_("Good"), Decimal(0), figures.planned_good, "good", "quality"))
    scale = Decimal(HEIGHT - TOP) / (max((max(low, high) for _l, low, high, _c, _o in rows), default=Decimal(1)) or 1)
    return [_fall(number, row, scale) for number, row in enumerate(rows)]


def _fall(number: int, row: tuple[str, Decimal, Decimal, str, str], scale: Decimal) -> Fall:
    label, low, high, css, of = row
    is_total = css in ("tot", "run", "good")
    amount = high if is_total else low - high
    said = shown.number(amount, 0).replace("-", "\N{MINUS SIGN}") if round(amount) else "0"
    if not is_total and amount > 0:
        said = f"+{said}"
    bottom, top = sorted((low, high))
    height = max((top - bottom) * scale, Decimal("1.5"))
    return Fall(label, said, number * STEP + 4, float(round(HEIGHT - top * scale, 1)), float(round(height, 1)), css, of)


@dataclass(frozen=True, slots=True)
class LossRow:
    """A line of the Pareto: `width` of the bar in percent of the greatest."""

    loss: Loss
    name: Any
    width: int


def pareto(losses: Sequence[Loss]) -> list[LossRow]:
    """With names and bars."""
    words = {"setup": _("Setup"), "idle": _("No order"), "unsaid": _("No reason yet")}
    most = max((one.minutes for one in losses), default=Decimal(1))
    return [LossRow(one, one.name or words[one.kind], max(2, int(one.minutes * 100 / most))) for one in losses]
