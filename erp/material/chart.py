"""The forecast of a material's balance as a drawing: steps in a box of 1000 by 1000 that the page stretches."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.material.selectors import Outlook
from masterdata import shown

BOX = 1000
TICKS = 4
BEFORE = 0.04
"""What of the width lies before today: the stock that is there now."""
LEAST_DAYS = 14


@dataclass(frozen=True)
class Chart:
    """SVG paths and heights; `short` is the part of the line below nothing; ticks from top down and left to right."""

    line: str
    short: str
    area: str
    zero: float
    safety: float | None
    today: float
    supplies: tuple[tuple[float, float], ...]
    demands: tuple[tuple[float, float], ...]
    grid: tuple[float, ...]
    heights: tuple[str, ...]
    days: tuple[str, ...]


@dataclass(frozen=True)
class _Scale:
    first: dt.date
    span: float
    bottom: float
    top: float

    def x(self, day: dt.date) -> float:
        """Where a day begins."""
        return round(BOX * (BEFORE + (1 - BEFORE) * (day - self.first).days / self.span), 1)

    def y(self, quantity: Decimal | float) -> float:
        """The height of a quantity."""
        return round(BOX * (self.top - float(quantity)) / (self.top - self.bottom), 1)


def chart(outlook: Outlook) -> Chart:
    """The balance from today to the last day on which something happens, at least two weeks."""
    ends = outlook.days
    last = max([outlook.today + dt.timedelta(days=LEAST_DAYS), *(on for on, _balance in ends)])
    values = [outlook.on_hand, outlook.safety_stock, Decimal(0), *(balance for _on, balance in ends)]
    bottom, step = _range(float(min(values)), float(max(values)))
    scale = _Scale(outlook.today, (last - outlook.today).days * 1.02, bottom, bottom + TICKS * step)
    line, short, area = _paths(outlook, ends, scale)
    ticks = range(TICKS + 1)
    shown_days = [outlook.today + (last - outlook.today) * tick / TICKS for tick in ticks]
    return Chart(
        line=line,
        short=short,
        area=area,
        zero=scale.y(0),
        safety=scale.y(outlook.safety_stock) if outlook.safety_stock else None,
        today=scale.x(outlook.today),
        supplies=_marks(outlook, scale, of_demand=False),
        demands=_marks(outlook, scale, of_demand=True),
        grid=tuple(BOX * tick / TICKS for tick in ticks),
        heights=tuple(shown.number(Decimal(str(round(scale.top - step * tick, 6)))) for tick in ticks),
        days=tuple(shown.day(day) for day in shown_days),
    )


def _paths(outlook: Outlook, ends: Sequence[tuple[dt.date, Decimal]], scale: _Scale) -> tuple[str, str, str]:
    """The steps of the balance, those below nothing once more, and the area between the steps and nothing."""
    at, height = 0.0, scale.y(outlook.on_hand)
    line, short, below = f"M{at} {height}", "", outlook.on_hand < 0
    for on, balance in ends:
        x, y = scale.x(on), scale.y(balance)
        line += f"H{x}V{y}"
        if below:
            short += f"M{at} {height}H{x}"
        at, height, below = x, y, balance < 0
    line += f"H{BOX}"
    if below:
        short += f"M{at} {height}H{BOX}"
    return line, short, f"{line}V{scale.y(0)}H0Z"


def _marks(outlook: Outlook, scale: _Scale, *, of_demand: bool) -> tuple[tuple[float, float], ...]:
    """One mark a day, at the balance after it."""
    found = {event.on: event.balance for event in outlook.events if event.is_demand is of_demand}
    return tuple((scale.x(on), scale.y(balance)) for on, balance in found.items())


def _range(least: float, most: float) -> tuple[float, float]:
    """The bottom and the step of an axis of four steps of 1, 2, 2.5 or 5 times a power of ten around the values."""
    spread = max(most - least, 1e-6)
    size = 10 ** math.floor(math.log10(spread / TICKS))
    for factor in (1, 2, 2.5, 5, 10, 20, 25, 50):
        step = factor * size
        bottom = math.floor(least / step) * step
        if bottom + TICKS * step >= most:
            return bottom, step
    return least, spread / TICKS
