"""Where the goods of a receipt are: still on hand, or used by which move. First in, first out by quantity.

Under FIFO the layers say so exactly. Under the other methods nobody knows which piece was taken; the oldest counts as
taken first, which is what the shop does with its shelves and what sums to the quantities in any case.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from erp.stock.models import LayerUse, StockMove, ValueLayer
from masterdata.numbers import ZERO

# Free stock only: what a supplier brings is nobody's before it is used. Pairs of a move and its reversal are left out
# when both are here; a transfer inside the plant moves nothing in or out.
_SINCE = """
    WITH here AS (
        SELECT m.id, m.quantity, m.purchase_order_line_id, m.reverses_id,
            (t.kind IN ('stock', 'quarantine', 'subcontractor') AND m.target_order_id IS NULL) AS is_in,
            (s.kind IN ('stock', 'quarantine', 'subcontractor') AND m.source_order_id IS NULL) AS is_out
        FROM erp_stockmove m JOIN masterdata_location s ON s.id = m.source_id
        JOIN masterdata_location t ON t.id = m.target_id
        WHERE m.plant_id = %s AND m.material_id = %s AND m.id >= %s
    )
    SELECT id, quantity, purchase_order_line_id, is_in FROM here h
    WHERE is_in <> is_out AND NOT EXISTS (SELECT 1 FROM here r WHERE r.reverses_id = h.id)
        AND NOT EXISTS (SELECT 1 FROM here o WHERE o.id = h.reverses_id)
    ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Share:
    """`quantity` of a receipt's goods: on hand when `used_by_id` is empty, else taken by that move."""

    used_by_id: int | None
    quantity: Decimal


@dataclass(slots=True)
class _Pile:
    move_id: int | None
    line_id: int | None
    quantity: Decimal


def whereabouts(
    *, plant_id: int, material_id: int, on_hand: Decimal, move_ids: Collection[int]
) -> dict[int, list[Share]]:
    """Per receipt move where its goods are; the shares of one sum to what of it was not given back.

    `on_hand` is the area's quantity now; its lock must be held for the answer to stand.
    """
    exact = _by_layers(move_ids)
    rest = sorted(set(move_ids) - exact.keys())
    if not rest:
        return exact
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, [plant_id, material_id, rest[0]])
        rows = cursor.fetchall()
    return exact | _walk(rows, on_hand, set(rest))


def _by_layers(move_ids: Collection[int]) -> dict[int, list[Share]]:
    layers = ValueLayer.objects.filter(move__in=move_ids).values_list("id", "move_id", "quantity")
    if not layers:
        return {}
    found: dict[int, list[Share]] = {}
    of_layer = {}
    for layer_id, move_id, quantity in layers.order_by("id"):
        of_layer[layer_id] = move_id
        found.setdefault(move_id, [])
        if quantity:
            found[move_id].append(Share(None, quantity))
    used: dict[tuple[int, int], Decimal] = {}
    uses = LayerUse.objects.filter(layer__in=list(of_layer)).order_by("id")
    for layer_id, move_id, undone_id, kind, quantity in uses.values_list(
        "layer_id", "move_id", "move__reverses_id", "move__kind", "quantity"
    ):
        receipt_id = of_layer[layer_id]
        if undone_id == receipt_id or kind == StockMove.Kind.RETURN:
            continue  # the receipt itself, given back, or what of it went back to the supplier
        key = receipt_id, undone_id or move_id
        used[key] = used.get(key, ZERO) + quantity
    for (receipt_id, move_id), quantity in used.items():
        if quantity > 0:
            found[receipt_id].append(Share(move_id, quantity))
    return found


def _walk(
    rows: Sequence[tuple[int, Decimal, int | None, bool]], on_hand: Decimal, wanted: set[int]
) -> dict[int, list[Share]]:
    """Pile up what came, take away what went, the oldest first; goods sent back go from their own purchase line."""
    before = on_hand - sum((quantity if is_in else -quantity for _, quantity, _, is_in in rows), ZERO)
    piles = [_Pile(None, None, before)]
    found: dict[int, list[Share]] = {move_id: [] for move_id in wanted}
    for move_id, quantity, line_id, is_in in rows:
        if is_in:
            piles.append(_Pile(move_id, line_id, quantity))
            continue
        own = [pile for pile in reversed(piles) if line_id is not None and pile.line_id == line_id]
        for pile in [*own, *piles]:
            part = min(quantity, pile.quantity)
            if part <= 0:
                continue
            pile.quantity -= part
            quantity -= part
            if pile.move_id in wanted and pile not in own:
                found[pile.move_id or 0].append(Share(move_id, part))
        piles = [pile for pile in piles if pile.quantity]
    for pile in piles:
        if pile.move_id in wanted:
            found[pile.move_id or 0].insert(0, Share(None, pile.quantity))
    return found


def receipt_moves(line_ids: Collection[int]) -> dict[int, list[StockMove]]:
    """The receipts of purchase order lines that were not undone, the oldest first."""
    rows = StockMove.objects.filter(purchase_order_line__in=line_ids, kind=StockMove.Kind.RECEIPT, reversed_by=None)
    rows = rows.select_related("plant").order_by("id")
    found: dict[int, list[StockMove]] = {line_id: [] for line_id in line_ids}
    for row in rows:
        found[row.purchase_order_line_id or 0].append(row)
    return found
