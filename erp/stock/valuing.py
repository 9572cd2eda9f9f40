"""The value side of the stock book: what a quantity is worth when it leaves its valuation area or comes into it.

Three methods, chosen per material category. Moving average is value-first: an issue takes round(value * q / qty).
FIFO takes from the oldest receipt's layer, a part of a layer value-first too. At standard cost an area is always worth
round(quantity * standard price): what comes in at another value leaves a difference. Under each, taking all takes all.
An area takes up its category's method when it is filled from nothing; order stock is always at moving average.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal

from erp.stock.intents import HeldValue
from erp.stock.layers import Layers
from erp.stock.locks import Area, hold_values
from erp.stock.models import StockMove
from masterdata import statements
from masterdata.models import MaterialCategory
from masterdata.numbers import ZERO, money

Method = MaterialCategory.Valuation

_WRITE_VALUES = """
    UPDATE erp_materialvalue v SET quantity = v.quantity + c.moved, value = v.value + c.worth,
        method = c.method, standard_price = c.price, fee = v.fee + c.fee
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[], %s::text[], %s::numeric[], %s::numeric[])
        AS c(id, moved, worth, method, price, fee) WHERE v.id = c.id
"""


class Valuing:
    """Valuation areas under lock for one transaction. `take` and `put` value in order; `write` writes them all at once.

    Locks the areas by id on construction; their balances must be locked before. `move_no` is the place of the move
    in the list that `write` gets.
    """

    def __init__(self, areas: Collection[Area], *, decimals: int) -> None:
        self.decimals = decimals
        self.areas: dict[Area, HeldValue] = hold_values(areas) if areas else {}
        self.layers = Layers(
            [held.id for held in self.areas.values() if held.method == Method.FIFO and held.quantity], decimals
        )

    def unit_value(self, area: Area) -> Decimal | None:
        """What one base unit is worth in the area now; empty when there is none."""
        held = self.areas.get(area)
        return held.value / held.quantity if held and held.quantity else None

    def is_standard(self, area: Area) -> bool:
        """The area is valued at standard cost, or will be as soon as something comes."""
        held = self.areas[area]
        return (held.method if held.quantity else held.next_method) == Method.STANDARD

    def gain_at_standard(self, area: Area, quantity: Decimal) -> Decimal | None:
        """What the area gains by a quantity at its standard price; nothing when it has none, or another method."""
        held = self.areas[area]
        if not self.is_standard(area):
            return None
        price = held.standard_price if held.quantity else held.next_price or held.standard_price
        return money((held.quantity + quantity) * price, self.decimals) - held.value if price else None

    def take(self, area: Area, quantity: Decimal, move_no: int, *, of_move_id: int | None = None) -> Decimal:
        """Take a quantity that is there out of the area; the value that goes with it.

        `of_move_id`: exactly what that move brought, under FIFO. Raises AlreadyUsed when its layer holds less.
        """
        held = self.areas[area]
        if held.method == Method.FIFO:
            value = self.layers.take(held.id, quantity, move_no, of_move_id=of_move_id)
        elif quantity == held.quantity:
            value = held.value
        elif held.method == Method.STANDARD:
            value = held.value - money((held.quantity - quantity) * held.standard_price, self.decimals)
        else:
            value = min(held.value, money(held.value * quantity / held.quantity, self.decimals))
        _change(held, -quantity, -value)
        return value

    def take_at(
        self, area: Area, quantity: Decimal, value: Decimal, move_no: int, *, of_move_id: int | None
    ) -> Decimal:
        """Take a quantity at the value at which it once came; what the area really loses.

        Less than `value` when the area is not worth that any more; at standard, FIFO and for the last piece what it
        is worth there.
        """
        held = self.areas[area]
        if held.method != Method.MOVING_AVERAGE or quantity == held.quantity:
            return self.take(area, quantity, move_no, of_move_id=of_move_id)
        real = min(held.value, value)
        _change(held, -quantity, -real)
        return real

    def take_fee(self, area: Area, value: Decimal, *, of: Decimal | None = None) -> Decimal:
        """How much of `value`, just taken out of the area, subcontractors asked for: its share of the area's fees.

        `of`: what it was when it came, as far as the area still has it. What is left is never more than the value left.
        """
        held = self.areas[area]
        if not held.fee:
            return ZERO
        before = held.value + value
        share = of if of is not None else money(held.fee * value / before, self.decimals) if before else ZERO
        fee = max(min(share, value, held.fee), held.fee - held.value)
        _change_fee(held, -fee)
        return fee

    def put_fee(self, area: Area, fee: Decimal) -> None:
        """So much of what was just put into the area is what a subcontractor asked for, as far as it gained that."""
        held = self.areas[area]
        _change_fee(held, max(min(fee, held.value - held.fee), -held.fee))

    def put(
        self, area: Area, quantity: Decimal, value: Decimal, move_no: int, *, restores_move_id: int | None = None
    ) -> Decimal:
        """Put a quantity into the area; what the area gains: `value`, at standard cost what the standard says.

        Where nobody has set a standard, that of before stays, else the first to come sets it by what it cost.

        `restores_move_id`: under FIFO, back into the layers from which that move took.
        """
        held = self.areas[area]
        if not held.quantity:
            if held.next_method == Method.STANDARD and not held.next_price:
                held.next_price = held.standard_price or money(value / quantity, 6)
            held.method, held.standard_price = held.next_method, held.next_price
        if held.method == Method.STANDARD:
            value = money((held.quantity + quantity) * held.standard_price, self.decimals) - held.value
        elif held.method == Method.FIFO:
            self.layers.put(held.id, quantity, value, move_no, restores_move_id=restores_move_id)
        _change(held, quantity, value)
        self._cap_fee(held)
        return value

    def add_cost(self, area: Area, amount: Decimal, *, of_move_id: int | None) -> Decimal:
        """Add a later cost of a receipt to what its goods on hand are worth; how much of it they take.

        Less than nothing is nothing: a negative amount goes down to zero.
        """
        held = self.areas[area]
        amount = max(amount, -held.value)
        if held.method == Method.FIFO:
            amount = self.layers.add_cost(held.id, amount, of_move_id=of_move_id)
        _change(held, ZERO, amount)
        self._cap_fee(held)
        return amount

    def revalue(self, area: Area, unit_value: Decimal) -> Decimal:
        """Make one base unit of what is on hand worth `unit_value`; by how much the area's value changes."""
        held = self.areas[area]
        amount = money(held.quantity * unit_value, self.decimals) - held.value
        if held.method == Method.FIFO:
            self.layers.revalue(held.id, held.value + amount)
        if held.method == Method.STANDARD:
            held.standard_price = unit_value
        _change(held, ZERO, amount)
        self._cap_fee(held)
        return amount

    def write(self, moves: Sequence[StockMove] = ()) -> None:
        """Write what changed, one statement per table."""
        changed = [held for held in self.areas.values() if held.is_changed]
        if not changed:
            return
        rows = ((held.id, held.moved, held.worth, held.method, held.standard_price, held.fee_moved) for held in changed)
        statements.run(_WRITE_VALUES, statements.columns(rows, 6))
        self.layers.write(moves)
        for held in changed:
            held.moved = held.worth = held.fee_moved = ZERO
            held.is_changed = False

    def _cap_fee(self, held: HeldValue) -> None:
        """What becomes worth less can't have cost more in fees than it is worth."""
        if held.fee > held.value:
            _change_fee(held, held.value - held.fee)


def _change_fee(held: HeldValue, fee: Decimal) -> None:
    held.fee += fee
    held.fee_moved += fee
    held.is_changed = True


def _change(held: HeldValue, quantity: Decimal, value: Decimal) -> None:
    held.quantity += quantity
    held.moved += quantity
    held.value += value
    held.worth += value
    held.is_changed = True
