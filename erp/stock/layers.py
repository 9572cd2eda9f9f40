"""FIFO layers of the areas that a posting holds: what each receipt still has, and who takes from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from django.db import connection

from erp.stock.models import LayerUse, StockMove, ValueLayer
from masterdata import inserts, statements
from masterdata.errors import Refusal
from masterdata.numbers import ZERO, allocate, money

_LAYERS = """
    SELECT area_id, id, move_id, quantity, value FROM erp_valuelayer
    WHERE area_id = ANY(%s) AND quantity > 0 ORDER BY area_id, id
"""
_ONE = "SELECT area_id, id, move_id, quantity, value FROM erp_valuelayer WHERE id = %s"
_WRITE = """
    UPDATE erp_valuelayer l SET quantity = c.quantity, value = c.value
    FROM unnest(%s::bigint[], %s::numeric[], %s::numeric[]) AS c(id, quantity, value) WHERE l.id = c.id
"""


class AlreadyUsed(Refusal):
    """What is to be undone is not there any more: others have used it since."""

    code: ClassVar[str] = "already_used"


@dataclass(slots=True)
class HeldLayer:
    """What is left of one receipt, in a locked area. `id` is empty until it is written."""

    area_id: int
    id: int | None
    move_id: int | None
    quantity: Decimal
    value: Decimal
    move_no: int | None = None
    is_changed: bool = False


@dataclass(slots=True)
class Layers:
    """The layers of locked areas, oldest first. The lock of an area is the lock of its layers."""

    area_ids: Collection[int]
    decimals: int
    by_area: dict[int, list[HeldLayer]] = field(default_factory=dict)
    uses: list[tuple[HeldLayer, int, Decimal, Decimal]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.area_ids:
            for row in statements.run(_LAYERS, [statements.array(sorted(self.area_ids))]):
                self.by_area.setdefault(row[0], []).append(HeldLayer(*row))

    def take(self, area_id: int, quantity: Decimal, move_no: int, *, of_move_id: int | None = None) -> Decimal:
        """Take from the oldest layers on, or only from the layer of one receipt. Raises AlreadyUsed."""
        layers = [row for row in self.by_area.get(area_id, []) if of_move_id in (None, row.move_id)]
        left, total = quantity, ZERO
        for layer in layers:
            part = min(left, layer.quantity)
            if part <= 0:
                continue
            value = layer.value
            if part < layer.quantity:
                value = min(layer.value, money(layer.value * part / layer.quantity, self.decimals))
            self._change(layer, -part, -value)
            self.uses.append((layer, move_no, part, value))
            left, total = left - part, total + value
        if left:
            raise AlreadyUsed(
                f"{left.normalize():f} of what came with it have been used since: undo those moves first.",
                field="quantity",
                used=str(left),
            )
        return total

    def put(
        self, area_id: int, quantity: Decimal, value: Decimal, move_no: int, *, restores_move_id: int | None = None
    ) -> None:
        """A new layer for what comes; or back into the layers from which a move took, at what it took."""
        if restores_move_id is None:
            layer = HeldLayer(area_id, None, None, quantity, value, move_no, is_changed=True)
            self.by_area.setdefault(area_id, []).append(layer)
            return
        taken = list(LayerUse.objects.filter(move=restores_move_id).order_by("id"))
        if sum((use.value for use in taken), ZERO) != value:  # it was taken under another method
            self.put(area_id, quantity, value, move_no)
            return
        for use in taken:
            layer = self._held(area_id, use.layer_id)
            self._change(layer, use.quantity, use.value)
            self.uses.append((layer, move_no, -use.quantity, -use.value))

    def add_cost(self, area_id: int, amount: Decimal, *, of_move_id: int | None) -> Decimal:
        """Add a later cost to the layer of its receipt; how much of it the layer takes, down to nothing."""
        for layer in self.by_area.get(area_id, []):
            if layer.move_id == of_move_id and layer.quantity:
                amount = max(amount, -layer.value)
                self._change(layer, ZERO, amount)
                return amount
        return ZERO

    def revalue(self, area_id: int, value: Decimal) -> None:
        """Make all layers together worth `value`, each in proportion to its quantity."""
        layers = [layer for layer in self.by_area.get(area_id, []) if layer.quantity]
        parts = allocate(value, [layer.quantity for layer in layers], self.decimals)
        for layer, part in zip(layers, parts, strict=True):
            self._change(layer, ZERO, part - layer.value)

    def write(self, moves: Sequence[StockMove]) -> None:
        """Write new layers, what is left of the old ones, and the uses."""
        held = [layer for rows in self.by_area.values() for layer in rows if layer.is_changed]
        new = [layer for layer in held if layer.id is None]
        old = [layer for layer in held if layer.id is not None]
        if old:
            statements.run(_WRITE, statements.columns(((row.id, row.quantity, row.value) for row in old), 3))
        rows = [
            ValueLayer(
                area_id=layer.area_id, move=moves[layer.move_no or 0], quantity=layer.quantity, value=layer.value
            )
            for layer in new
        ]
        inserts.give_ids(rows)
        inserts.insert(rows)
        for layer, row in zip(new, rows, strict=True):
            layer.id, layer.move_id = row.pk, row.move_id
        inserts.insert(
            [
                LayerUse(layer_id=layer.id or 0, move=moves[move_no], quantity=quantity, value=value)
                for layer, move_no, quantity, value in self.uses
            ]
        )
        for layer in held:
            layer.is_changed = False
        self.uses.clear()

    def _held(self, area_id: int, layer_id: int) -> HeldLayer:
        rows = self.by_area.setdefault(area_id, [])
        found = next((row for row in rows if row.id == layer_id), None)
        if found is None:
            with connection.cursor() as cursor:
                cursor.execute(_ONE, [layer_id])
                found = HeldLayer(*cursor.fetchone())
            rows.append(found)
            rows.sort(key=lambda row: (row.id is None, row.id or 0))
        return found

    @staticmethod
    def _change(layer: HeldLayer, quantity: Decimal, value: Decimal) -> None:
        layer.quantity += quantity
        layer.value += value
        layer.is_changed = True
