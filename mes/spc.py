"""Statistical process control: control charts, run rules, capability. Pure: no Django, no rows.

Constants of the charts: Montgomery, Introduction to Statistical Quality Control, 7th edition, appendix VI (as ASTM
Manual on Presentation of Data, table 27). Run rules: Nelson, The Shewhart control chart: tests for special causes,
Journal of Quality Technology 16 (1984); Western Electric, Statistical Quality Control Handbook (1956).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

# Subgroup size -> A2 (limits of the means from the mean range), D3 and D4 (of the ranges), d2 (range to sigma).
CONSTANTS: dict[int, tuple[float, float, float, float]] = {
    2: (1.880, 0.0, 3.267, 1.128),
    3: (1.023, 0.0, 2.574, 1.693),
    4: (0.729, 0.0, 2.282, 2.059),
    5: (0.577, 0.0, 2.114, 2.326),
    6: (0.483, 0.0, 2.004, 2.534),
    7: (0.419, 0.076, 1.924, 2.704),
    8: (0.373, 0.136, 1.864, 2.847),
    9: (0.337, 0.184, 1.816, 2.970),
    10: (0.308, 0.223, 1.777, 3.078),
}
LARGEST = max(CONSTANTS)
MOVING = 2  # values that a moving range spans


@dataclass(frozen=True, slots=True)
class Limits:
    """A chart's centre line and control limits."""

    centre: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Control:
    """A pair of charts. `points` are means of subgroups, or single values (`size` 1); `ranges` their ranges, or the
    moving ranges of neighbours (one fewer). `sigma` is the spread within subgroups."""

    size: int
    points: tuple[float, ...]
    ranges: tuple[float, ...]
    of_points: Limits
    of_ranges: Limits
    sigma: float

    @property
    def sigma_of_points(self) -> float:
        """The spread of a plotted point: a third of the way from the centre to a limit."""
        return (self.of_points.upper - self.of_points.centre) / 3


@dataclass(frozen=True, slots=True)
class Capability:
    """How well a process fits its tolerance. Cp and Pp need both limits; Cpk and Ppk look to the nearer one.

    Cp and Cpk use the spread within subgroups, Pp and Ppk that of all values. None: it cannot be said.
    """

    count: int
    mean: float
    sigma_within: float
    sigma_overall: float
    cp: float | None
    cpk: float | None
    pp: float | None
    ppk: float | None


@dataclass(frozen=True, slots=True)
class Violation:
    """Points `first` to `last` break a rule; the last one completes it."""

    rule: int
    first: int
    last: int


def control(subgroups: Sequence[Sequence[float]]) -> Control:
    """The charts of subgroups of one size, oldest first: X-bar and R for 2 to 10 values, individuals and moving range
    for single ones. Raises ValueError for no subgroups, sizes that differ or are too large, or a single value."""
    sizes = {len(one) for one in subgroups}
    if len(sizes) != 1:
        raise ValueError("Subgroups of one size are needed.")
    size = sizes.pop()
    if size == 1:
        return _individuals([one[0] for one in subgroups])
    if size not in CONSTANTS:
        raise ValueError(f"Subgroups have 1 to {LARGEST} values.")
    a2, d3, d4, d2 = CONSTANTS[size]
    means = tuple(math.fsum(one) / size for one in subgroups)
    ranges = tuple(max(one) - min(one) for one in subgroups)
    mean, spread = math.fsum(means) / len(means), math.fsum(ranges) / len(ranges)
    return Control(
        size=size,
        points=means,
        ranges=ranges,
        of_points=Limits(mean, mean - a2 * spread, mean + a2 * spread),
        of_ranges=Limits(spread, d3 * spread, d4 * spread),
        sigma=spread / d2,
    )


def _individuals(values: Sequence[float]) -> Control:
    if len(values) < MOVING:
        raise ValueError("A moving range needs two values.")
    _, d3, d4, d2 = CONSTANTS[MOVING]
    moving = tuple(abs(b - a) for a, b in pairwise(values))
    mean, spread = math.fsum(values) / len(values), math.fsum(moving) / len(moving)
    sigma = spread / d2
    return Control(
        size=1,
        points=tuple(values),
        ranges=moving,
        of_points=Limits(mean, mean - 3 * sigma, mean + 3 * sigma),
        of_ranges=Limits(spread, d3 * spread, d4 * spread),
        sigma=sigma,
    )


def capability(
    values: Sequence[float], *, sigma_within: float, lower: float | None = None, upper: float | None = None
) -> Capability:
    """Cp, Cpk, Pp and Ppk of all values; `sigma_within` is that of the chart. Raises ValueError for fewer than two."""
    if len(values) < 2:
        raise ValueError("Two values are needed.")
    mean = math.fsum(values) / len(values)
    overall = math.sqrt(math.fsum((one - mean) ** 2 for one in values) / (len(values) - 1))
    return Capability(
        count=len(values),
        mean=mean,
        sigma_within=sigma_within,
        sigma_overall=overall,
        cp=_spread(sigma_within, lower, upper),
        cpk=nearer(mean, sigma_within, lower, upper),
        pp=_spread(overall, lower, upper),
        ppk=nearer(mean, overall, lower, upper),
    )


def _spread(sigma: float, lower: float | None, upper: float | None) -> float | None:
    return None if not sigma or lower is None or upper is None else (upper - lower) / (6 * sigma)


def nearer(mean: float, sigma: float, lower: float | None, upper: float | None) -> float | None:
    """Cpk (Ppk with the spread of all values): the room to the nearer limit in three sigmas."""
    rooms = [room for room in (_room(upper, mean), _room(mean, lower)) if room is not None]
    return min(rooms) / (3 * sigma) if sigma and rooms else None


def _room(above: float | None, below: float | None) -> float | None:
    return None if above is None or below is None else above - below


# Run rules ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule about `span` neighbouring points, as distances from the centre in sigmas of the points."""

    number: int
    name: str
    span: int
    breaks: Callable[[Sequence[float]], bool] = field(repr=False)


def _same_side(z: Sequence[float]) -> bool:
    return all(one > 0 for one in z) or all(one < 0 for one in z)


def _trend(z: Sequence[float]) -> bool:
    steps = [b - a for a, b in pairwise(z)]
    return all(one > 0 for one in steps) or all(one < 0 for one in steps)


def _alternates(z: Sequence[float]) -> bool:
    steps = [b - a for a, b in pairwise(z)]
    return all(a * b < 0 for a, b in pairwise(steps))


def _beyond(count: int, sigmas: float) -> Callable[[Sequence[float]], bool]:
    """At least `count` of the points on one side, farther than so many sigmas; the last is one of them."""

    def breaks(z: Sequence[float]) -> bool:
        return any(side * z[-1] > sigmas and sum(side * one > sigmas for one in z) >= count for side in (1, -1))

    return breaks


NELSON: tuple[Rule, ...] = (
    Rule(1, "one point beyond three sigmas", 1, lambda z: abs(z[0]) > 3),
    Rule(2, "nine points in a row on one side of the centre", 9, _same_side),
    Rule(3, "six points in a row rising or falling", 6, _trend),
    Rule(4, "fourteen points in a row alternating up and down", 14, _alternates),
    Rule(5, "two of three points beyond two sigmas on one side", 3, _beyond(2, 2)),
    Rule(6, "four of five points beyond one sigma on one side", 5, _beyond(4, 1)),
    Rule(7, "fifteen points in a row within one sigma", 15, lambda z: all(abs(one) < 1 for one in z)),
    Rule(
        8,
        "eight points in a row beyond one sigma, on both sides",
        8,
        lambda z: all(abs(one) > 1 for one in z) and not _same_side(z),
    ),
)
# The four of Western Electric are three of Nelson's, and eight points on one side instead of nine.
WESTERN_ELECTRIC: tuple[Rule, ...] = (
    Rule(1, "one point beyond three sigmas", 1, NELSON[0].breaks),
    Rule(2, "two of three points beyond two sigmas on one side", 3, _beyond(2, 2)),
    Rule(3, "four of five points beyond one sigma on one side", 5, _beyond(4, 1)),
    Rule(4, "eight points in a row on one side of the centre", 8, _same_side),
)
NAMES: dict[int, str] = {rule.number: rule.name for rule in NELSON}


def violations(
    points: Sequence[float], *, centre: float, sigma: float, rules: Sequence[Rule] = NELSON
) -> list[Violation]:
    """Every place where a rule is broken, in the order of the points that complete it. Without spread there is none."""
    if sigma <= 0:
        return []
    z = [(one - centre) / sigma for one in points]
    return [
        Violation(rule.number, last - rule.span + 1, last)
        for last in range(len(z))
        for rule in rules
        if last + 1 >= rule.span and rule.breaks(z[last - rule.span + 1 : last + 1])
    ]


def chosen(numbers: Sequence[int]) -> list[Rule]:
    """Nelson's rules with these numbers."""
    return [rule for rule in NELSON if rule.number in numbers]
