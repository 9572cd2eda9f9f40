"""What comes out of a work order beside its product: how much of it, and what it is worth.

It is a function of the frozen BOM that the work order was copied from and of its good pieces, so nothing is copied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from erp.stock.models import StockMove
from masterdata import statements
from masterdata.joined import Joined
from masterdata.models import Material, MaterialCategory
from masterdata.numbers import ZERO, money

# Of a BOM's by-product `y` (of the BOM `yb`, the unit `yu`): what so many good pieces bring, in whole steps.
BROUGHT = "floor({pieces} * y.quantity / (yb.base_qty * yu.rounding)) * yu.rounding"
_MATERIAL = Joined((Material, "m", ""), (MaterialCategory, "g", "category"))
_BESIDE = f"""
    SELECT y.quantity, b.base_qty, u.rounding, y.cost_share_percent, {_MATERIAL.select}
    FROM masterdata_bombyproduct y JOIN masterdata_bom b ON b.id = y.bom_id JOIN masterdata_unit u ON u.id = y.unit_id
    JOIN masterdata_material m ON m.id = y.material_id JOIN masterdata_materialcategory g ON g.id = m.category_id
    WHERE y.bom_id = %s ORDER BY y.line_no
"""  # noqa: S608 (our own words)


@dataclass(frozen=True, slots=True)
class Byproduct:
    """A by-product of a BOM: `quantity` beside each `base_qty` good pieces, in whole `step`s."""

    material: Material
    quantity: Decimal
    base_qty: Decimal
    step: Decimal
    cost_share_percent: Decimal | None

    def begun_by(self, pieces: Decimal) -> Decimal:
        """Base units that so many good pieces bring in proportion, what is no whole step included."""
        return pieces * self.quantity / self.base_qty

    def brought_by(self, pieces: Decimal) -> Decimal:
        """Base units that so many good pieces bring: whole steps, what is begun comes with the next."""
        return (self.begun_by(pieces) / self.step).to_integral_value(rounding=ROUND_FLOOR) * self.step


@dataclass(frozen=True, slots=True)
class Coming:
    """A by-product at one output: `quantity` comes now, `worth` each in stock.

    `share` of what leaves the work is its value, as a fraction; nothing when it is worth what stock is worth, or never
    comes. A part `whole` of what the good pieces have begun has come, this output's included; all of it at the last.
    `taken` is the value that it took before, `lasting` what of that was not undone.
    """

    row: Byproduct
    quantity: Decimal
    worth: Decimal
    share: Decimal = ZERO
    whole: Decimal = Decimal(1)
    taken: Decimal = ZERO
    lasting: Decimal = ZERO


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
    return [Byproduct(_MATERIAL.build(row[4:]), *row[:4]) for row in statements.run(_BESIDE, [bom_id])]


def taken_by(work_order_id: int) -> tuple[Decimal, dict[int, Decimal], dict[int, Decimal]]:
    """What a work order's product took so far, what each by-product took, and what of that was not undone."""
    product = ZERO
    taken: dict[int, Decimal] = defaultdict(lambda: ZERO)
    lasting: dict[int, Decimal] = defaultdict(lambda: ZERO)
    moves = StockMove.objects.filter(work_order=work_order_id, kind__in=("output", "byproduct"))
    for kind, material_id, value, undone in moves.values_list("kind", "material", "value", "reversed_by"):
        if kind == "output":
            product += value
            continue
        taken[material_id] += value
        lasting[material_id] += ZERO if undone else value
    return product, taken, lasting


def split_cost(
    *, coming: Sequence[Coming], before: Decimal, wip: Decimal, most: Decimal | None, decimals: int
) -> tuple[Decimal, list[Credit]]:
    """What the product takes of the work in progress at this output, and what its by-products take.

    `before` is what the product took at the outputs before. `most` is the product's planned value of these pieces; None
    at the last output, which takes all. By-products at stock value come first, but with no more than there is. The rest
    is split by shares over everything that ever leaves the work, so that it does not matter how often one reports: of
    a total T a share s takes T s, the product T (1 - sum of shares). What belongs to a by-product of which no whole
    step has come waits in the work for it. Nobody takes less than nothing.
    """
    left = max(ZERO, wip)
    found: list[Credit] = []
    for one in coming:
        if one.row.cost_share_percent is None and one.quantity:
            value = min(left, money(one.worth * one.quantity, decimals))
            left -= value
            found.append(Credit(one.row, one.quantity, value))
    shares = sum((one.share for one in coming), ZERO)
    lasting = sum((one.lasting for one in coming if one.share), ZERO)
    if most is None:
        main, total = ZERO, before + lasting + left
    else:
        waiting = max(ZERO, before / (1 - shares) * shares - lasting)
        now = min(max(ZERO, left - waiting), money(most / (1 - shares), decimals))
        main = now - sum((money(now * one.share, decimals) for one in coming), ZERO)
        total = before / (1 - shares) + now
    rest = left - main
    for one in coming:
        if one.share and one.quantity:
            value = min(rest, max(ZERO, money(total * one.share * one.whole, decimals) - one.taken))
            rest -= value
            found.append(Credit(one.row, one.quantity, value))
    return (rest if most is None else main), found
