"""What comes out of a work order beside its product: how much of it, and what it is worth.

It is a function of the frozen BOM that the work order was copied from and of its good pieces, so nothing is copied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from masterdata.models import BomByproduct, Material
from masterdata.numbers import ZERO, money

# Of a BOM's by-product `y` (of the BOM `yb`, the unit `yu`): what so many good pieces bring, in whole steps.
BROUGHT = "floor({pieces} * y.quantity / (yb.base_qty * yu.rounding)) * yu.rounding"


@dataclass(frozen=True, slots=True)
class Byproduct:
    """A by-product of a BOM: `quantity` beside each `base_qty` good pieces, in whole `step`s."""

    material: Material
    quantity: Decimal
    base_qty: Decimal
    step: Decimal
    cost_share_percent: Decimal | None

    def brought_by(self, pieces: Decimal) -> Decimal:
        """Base units that so many good pieces bring: in proportion, whole steps, what is begun comes with the next."""
        steps = (pieces * self.quantity / (self.base_qty * self.step)).to_integral_value(rounding=ROUND_FLOOR)
        return steps * self.step


@dataclass(frozen=True, slots=True)
class Credit:
    """So much of a by-product comes into stock at that value."""

    row: Byproduct
    quantity: Decimal
    value: Decimal


def byproducts_of(bom_id: int | None) -> list[Byproduct]:
    """What comes out beside the product of this BOM version."""
    if bom_id is None:
        return []
    rows = BomByproduct.objects.filter(bom=bom_id).select_related("material", "unit", "bom").order_by("line_no")
    return [
        Byproduct(row.material, row.quantity, row.bom.base_qty, row.unit.rounding, row.cost_share_percent)
        for row in rows
    ]


def split_cost(
    *,
    rows: Sequence[tuple[Byproduct, Decimal, Decimal]],
    wip: Decimal,
    most: Decimal | None,
    decimals: int,
) -> tuple[Decimal, list[Credit]]:
    """What the product takes of the work in progress at this output, and what its by-products take.

    `rows`: by-product, quantity that comes now, what one is worth in stock. `most` is the product's planned value of
    these pieces; None at the last output, which takes all. By-products at stock value come first, but with no more
    than there is; the rest is split by shares: of T, a share s takes T s, the product T (1 - sum of shares), where
    T (1 - sum) is at most `most`. The product is never worth less than nothing.
    """
    left = max(ZERO, wip)
    found: list[Credit] = []
    shares = ZERO
    for row, quantity, unit_value in rows:
        if row.cost_share_percent is not None:
            shares += row.cost_share_percent if quantity else ZERO
            continue
        value = min(left, money(unit_value * quantity, decimals))
        left -= value
        if quantity:
            found.append(Credit(row, quantity, value))
    total = left if most is None else min(left, money(most / (1 - shares / 100), decimals))
    main = total
    for row, quantity, _ in rows:
        if row.cost_share_percent is not None and quantity:
            value = min(main, money(total * row.cost_share_percent / 100, decimals))
            main -= value
            found.append(Credit(row, quantity, value))
    return main, found
