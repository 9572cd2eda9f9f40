"""The value side of the stock book: what a quantity is worth when it leaves its valuation area or comes into it."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from django.db import connection

from erp.stock.intents import HeldValue
from erp.stock.locks import Area, hold_values
from masterdata.numbers import ZERO, money

_WRITE_VALUES = """
    UPDATE erp_materialvalue v SET quantity = v.quantity + c.moved, value = v.value + c.worth
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS c(id, moved, worth) WHERE v.id = c.id
"""


class Valuing:
    """Valuation areas under lock for one transaction. `take` and `put` value in order; `write` writes them all at once.

    Locks the areas by id on construction; their balances must be locked before.
    """

    def __init__(self, areas: Collection[Area], *, decimals: int) -> None:
        self.decimals = decimals
        self.areas: dict[Area, HeldValue] = hold_values(areas) if areas else {}

    def unit_value(self, area: Area) -> Decimal | None:
        """What one base unit is worth in the area now; empty when there is none."""
        held = self.areas.get(area)
        return held.value / held.quantity if held and held.quantity else None

    def take(self, area: Area, quantity: Decimal) -> Decimal:
        """Take a quantity that is there out of the area; the value that goes with it."""
        held = self.areas[area]
        value = held.value
        if quantity < held.quantity:
            value = min(held.value, money(held.value * quantity / held.quantity, self.decimals))
        self._change(held, -quantity, -value)
        return value

    def put(self, area: Area, quantity: Decimal, value: Decimal) -> None:
        """Put a quantity of this value into the area."""
        self._change(self.areas[area], quantity, value)

    def write(self) -> None:
        """Write what changed, with one statement."""
        changed = [held for held in self.areas.values() if held.moved or held.worth]
        if not changed:
            return
        columns = [held.id for held in changed], [held.moved for held in changed], [held.worth for held in changed]
        with connection.cursor() as cursor:
            cursor.execute(_WRITE_VALUES, columns)
        for held in changed:
            held.moved = held.worth = ZERO

    @staticmethod
    def _change(held: HeldValue, quantity: Decimal, value: Decimal) -> None:
        held.quantity += quantity
        held.moved += quantity
        held.value += value
        held.worth += value
