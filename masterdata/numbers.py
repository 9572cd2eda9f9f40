"""Exact numbers: rounding of money and quantities, and splits whose parts sum to the whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
QUANTITY_STEP = Decimal("0.000001")


def money(amount: Decimal, decimals: int = 2) -> Decimal:
    """`amount` rounded half up (away from zero) to a currency's decimals."""
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def round_up(quantity: Decimal, step: Decimal) -> Decimal:
    """`quantity` rounded up to a multiple of `step` (a unit's rounding): pieces 2.1 -> 3, kilograms to the gram."""
    return ((quantity / step).to_integral_value(rounding=ROUND_CEILING) * step).quantize(
        QUANTITY_STEP
    ).normalize() + ZERO


def gross_for_scrap(net: Decimal, scrap_percent: Decimal) -> Decimal:
    """What must go in so that `net` comes out: net / (1 - scrap), to six decimals, half up."""
    return (net / (1 - scrap_percent / 100)).quantize(QUANTITY_STEP, rounding=ROUND_HALF_UP)


def allocate(total: Decimal, weights: Sequence[Decimal], decimals: int = 2) -> list[Decimal]:
    """Split `total` in proportion to `weights` by largest remainder: each part rounded, the parts sum to the total.

    Ties go to the earlier part. All weights zero: equal parts. Raises ValueError without weights.
    """
    if not weights:
        raise ValueError("nothing to allocate to: give at least one weight")
    scale = sum(weights, ZERO)
    shares = [weight / scale for weight in weights] if scale else [Decimal(1) / len(weights)] * len(weights)
    step = Decimal(1).scaleb(-decimals)
    sign = -1 if total < 0 else 1
    exact = [abs(total) * share for share in shares]
    parts = [part.quantize(step, rounding=ROUND_DOWN) for part in exact]
    missing = int((abs(total) - sum(parts, ZERO)) / step)
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in order[:missing]:
        parts[index] += step
    return [sign * part for part in parts]


def tax_shares(
    lines: Sequence[tuple[int | None, Decimal]], rates: Mapping[int, Decimal], decimals: int = 2
) -> list[Decimal]:
    """The tax of each line (tax code and net): per code on the document, spread to its lines by largest remainder.

    `rates` in percent by code; a line without a code has none.
    """
    found = [ZERO] * len(lines)
    by_code: dict[int, list[int]] = {}
    for index, (code, _net) in enumerate(lines):
        if code is not None:
            by_code.setdefault(code, []).append(index)
    for code, indexes in by_code.items():
        nets = [lines[index][1] for index in indexes]
        total = money(sum(nets, ZERO) * rates[code] / 100, decimals)
        for index, part in zip(indexes, allocate(total, nets, decimals), strict=True):
            found[index] = part
    return found
