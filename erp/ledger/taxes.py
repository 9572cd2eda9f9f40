"""How tax stands in the journal, so that the report of taxes is a sum over its lines.

The tax of a code is a line of its own, with its base beside it. A code that comes to no tax (a rate of zero, or a base
too small) has no such line: its base stands on the line that holds the base itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Taxed:
    """What of one document stands under a tax code, both signed as they are posted: > 0 is a debit."""

    tax_code_id: int
    base: Decimal
    tax: Decimal


def by_code(parts: Iterable[tuple[int | None, Decimal, Decimal]]) -> list[Taxed]:
    """The sums of code, base and tax of a document's lines, by code; lines without a code are left out."""
    sums: dict[int, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for code, base, tax in parts:
        if code is not None:
            sums[code][0] += base
            sums[code][1] += tax
    return [Taxed(code, base, tax) for code, (base, tax) in sorted(sums.items()) if base or tax]
