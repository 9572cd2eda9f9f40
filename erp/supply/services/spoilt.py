"""Goods that came and can't be used: of a lot that has expired or is blocked. Who waits for them is planned again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Protocol

from erp.stock.models import Lot
from erp.supply.models import Peg, PurchaseOrder, PurchaseOrderLine
from erp.supply.services.pegs import plan_again
from masterdata.numbers import ZERO


class OfLot(Protocol):
    """A part of a delivery."""

    @property
    def line_id(self) -> int: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def lot_id(self) -> int | None: ...


def unusable(delivered: Iterable[OfLot]) -> dict[int, Decimal]:
    """How much of each line came in lots that are blocked. One query, none without lots."""
    parts = [one for one in delivered if one.lot_id is not None]
    if not parts:
        return {}
    blocked = set(
        Lot.objects.filter(pk__in={one.lot_id for one in parts}, is_blocked=True).values_list("pk", flat=True)
    )
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for one in parts:
        if one.lot_id in blocked:
            found[one.line_id] += one.quantity
    return dict(found)


def plan_spoilt(
    *, order: PurchaseOrder, line: PurchaseOrderLine, came: Decimal, waiting: Sequence[Peg]
) -> list[tuple[Peg, Decimal]]:
    """Plan again what `waiting` (the line's open pegs) want beyond what still comes after `came`, the youngest first.

    The line is locked and as it was before the delivery; its `pegged_qty` is the caller's business. Returns the parts.
    """
    to_come = max(ZERO, line.quantity - line.received_qty - came)
    too_much = sum((peg.quantity - peg.received_qty for peg in waiting), ZERO) - to_come
    parts = []
    for peg in reversed(waiting):
        part = min(peg.quantity - peg.received_qty, too_much)
        if part > 0:
            parts.append((peg, part))
            too_much -= part
    problem = f"{order.number} line {line.line_no} came with a lot that can't be used: order it again"
    plan_again(line=line, parts=parts, plant_id=order.plant_id, problem=problem)
    return parts
