"""Slips of the pen: counts and values so far off what is known that somebody has to look once more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import ClassVar

from erp.stock.intents import HeldBalance
from erp.stock.models import CountLine
from masterdata.errors import Refusal
from masterdata.numbers import ZERO

FACTOR = 10  # more than so many times what is known is a slip until somebody says otherwise
SMALL_QTY = 100  # base units that may be found anywhere, whatever the book says


class Implausible(Refusal):
    """A new value is more than ten times, or less than a tenth of, what the material is worth."""

    code: ClassVar[str] = "implausible_value"


def implausible_find(
    changed: Iterable[tuple[CountLine, HeldBalance]], balances: Iterable[HeldBalance]
) -> tuple[CountLine, Decimal] | None:
    """The first place whose count exceeds ten times what the whole plant has of it by the book, and that quantity.

    `balances` are all of the plant of the materials counted.
    """
    known: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in balances:
        known[row.material_id] += row.on_hand
    for line, _ in changed:
        book = known[line.material_id]
        if (line.difference or ZERO) > max(book * FACTOR, Decimal(SMALL_QTY)):
            return line, book
    return None


def check_value(*, code: str, unit_value: Decimal, known: Decimal) -> None:
    """Raises Implausible when a unit value is far off the known one; nothing known is no reason."""
    if known > 0 and not known / FACTOR <= unit_value <= known * FACTOR:
        raise Implausible(
            f"{code} is worth {known.normalize() + ZERO:f} a unit: {unit_value.normalize() + ZERO:f} is more than "
            f"{FACTOR} times that, or less than a tenth. Check it; if it is right, say that you are sure.",
            field="unit_value",
            known=str(known),
        )
