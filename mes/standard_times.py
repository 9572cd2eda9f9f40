"""Observed minutes against planned ones: a robust estimate with an error band. Pure: no database, no clock.

The estimate is the median; runs farther from it than 3.5 robust standard deviations (1.4826 times the median absolute
deviation, Iglewicz and Hoaglin 1993) are named as outliers and left out. The band is the distribution-free confidence
interval of the median: the order statistics that hold it with at least 95 % (binomial, Conover 1999), no normality
assumed. Fewer than six observations give no such band and so no proposal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import comb
from statistics import median

LEAST_RUNS = 6
CONFIDENCE = Decimal("0.95")
OUTLIER_DEVIATIONS = Decimal("3.5")
TO_SIGMA = Decimal("1.4826")
TOLERANCE = Decimal("0.05")
"""The part of the planned minutes that a difference must exceed to be worth a new version."""
STEP = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Observed:
    """One run: minutes a piece (or of a setup) at 100 % speed, and pieces made."""

    run_id: int
    minutes: Decimal
    pieces: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Estimate:
    """`low` to `high` holds the true median with 95 %; `kept` and `outliers` are all observations."""

    minutes: Decimal
    low: Decimal
    high: Decimal
    kept: tuple[Observed, ...]
    outliers: tuple[Observed, ...]

    def contradicts(self, planned: Decimal) -> bool:
        """Whether planned minutes lie outside the band and differ by more than the tolerance."""
        if self.low <= planned <= self.high:
            return False
        return abs(self.minutes - planned) > TOLERANCE * planned

    @property
    def fingerprint(self) -> str:
        """Says which runs are behind it."""
        told = ",".join(f"{one.run_id}:{one.minutes}" for one in sorted(self.kept, key=lambda one: one.run_id))
        return hashlib.sha256(told.encode()).hexdigest()


def band_ranks(count: int) -> tuple[int, int] | None:
    """The 1-based ranks whose observations hold the median with at least 95 %; None: too few of them.

    P(X(k) < median < X(n-k+1)) = 1 - 2 sum(i<k, C(n,i)) / 2^n.
    """
    rank, outside = 0, Decimal(0)
    while True:
        outside += Decimal(2 * comb(count, rank)) / Decimal(2**count)
        if 1 - outside < CONFIDENCE or 2 * (rank + 1) > count:
            break
        rank += 1
    return (rank, count - rank + 1) if rank else None


def estimate(observed: Sequence[Observed]) -> Estimate | None:
    """What the runs say; None when too few are left to say anything."""
    kept, outliers = _sorted_out(observed)
    ranks = band_ranks(len(kept))
    if len(kept) < LEAST_RUNS or ranks is None:
        return None
    minutes = sorted(one.minutes for one in kept)
    middle, low, high = (_rounded(one) for one in (median(minutes), minutes[ranks[0] - 1], minutes[ranks[1] - 1]))
    return Estimate(middle, low, high, tuple(kept), tuple(outliers))


def _sorted_out(observed: Sequence[Observed]) -> tuple[list[Observed], list[Observed]]:
    if not observed:
        return [], []
    middle = median(one.minutes for one in observed)
    spread = median(abs(one.minutes - middle) for one in observed) * TO_SIGMA
    kept, outliers = list[Observed](), list[Observed]()
    for one in observed:
        is_far = spread > 0 and abs(one.minutes - middle) > OUTLIER_DEVIATIONS * spread
        (outliers if is_far else kept).append(one)
    return kept, outliers


def _rounded(minutes: Decimal) -> Decimal:
    return minutes.quantize(STEP, ROUND_HALF_UP)
