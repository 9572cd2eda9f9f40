"""The curve of a search as a drawing: paths in a box of 1000 by 1000 that the page stretches, and its axes' words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

BOX = 1000
STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Chart:
    """`line` and `area` are SVG paths, `bound` and `grid` are heights; ticks run from top down and left to right."""

    line: str
    area: str
    end: tuple[float, float]
    bound: float | None
    grid: tuple[float, ...]
    heights: tuple[int, ...]
    times: tuple[str, ...]


def chart(curve: Sequence[Sequence[float]], seconds: float, lower_bound: float | None = None) -> Chart | None:
    """A curve of [seconds, minutes of delay] as steps up to `seconds`; None when it is empty."""
    if not curve:
        return None
    values = [minutes for _, minutes in curve]
    bottom, top = _range(min(values), max(values))
    last = _last_time(max(seconds, curve[-1][0]))

    def x(at: float) -> float:
        return round(BOX * at / last, 1)

    def y(minutes: float) -> float:
        return round(BOX * (top - minutes) / (top - bottom), 1)

    line = f"M{x(curve[0][0])} {y(curve[0][1])}"
    for at, minutes in curve[1:]:
        line += f"H{x(at)}V{y(minutes)}"
    end = (x(max(seconds, curve[-1][0])), y(curve[-1][1]))
    line += f"H{end[0]}"
    area = f"{line}V{BOX}H{x(curve[0][0])}Z"
    bound = y(lower_bound) if lower_bound is not None and bottom <= lower_bound <= top else None
    ticks = range(5)
    return Chart(
        line,
        area,
        end,
        bound,
        tuple(BOX * tick / 4 for tick in ticks),
        tuple(round(top - (top - bottom) * tick / 4) for tick in ticks),
        tuple(_time(last * tick / 4) for tick in ticks),
    )


def _range(least: float, most: float) -> tuple[int, int]:
    """From and to, four steps of a round number apart, around the values; never below 0."""
    step = _round_up(max(1, (most - least) * 1.15 / 4))
    bottom = max(0, math.floor((least - (most - least) * 0.1) / step) * step)
    while bottom + 4 * step < most:
        step = _round_up(step * 1.01)
        bottom = max(0, math.floor(least / step) * step)
    return bottom, bottom + 4 * step


def _round_up(value: float) -> int:
    """The next of 1, 2, 5, 10, 20, 25, 50, ..."""
    size = 10 ** math.floor(math.log10(value))
    return next(round(step * size) for step in STEPS if step * size >= value and step * size == round(step * size))


def _last_time(seconds: float) -> float:
    """The end of the axis, in four steps of a round number of seconds."""
    for step in (0.25, 0.5, 1, 2, 2.5, 5, 10, 15, 30, 60, 90, 120, 150, 180):
        if 4 * step >= seconds:
            return 4 * step
    return seconds


def _time(seconds: float) -> str:
    """ "1.5 s", "2 min", "2:30"."""
    if seconds < 60:
        return f"{seconds:g} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}" if rest else f"{minutes} min"
