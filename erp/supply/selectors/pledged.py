"""Material that other orders hold and have not touched: what an offer could take from them, never silently."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from erp.supply.needs import Explosion, Need
from erp.supply.selectors.explosion import Supply
from erp.supply.sources import OpenLine
from masterdata.numbers import ZERO

# Soft reservations, and what is still to come on purchase orders, of firm work orders that are for a sales order.
_PLEDGES = """
    SELECT m.id, m.material_id, m.unit_id, m.line_no, m.operation_sequence, w.id, s.id, s.number, held.quantity,
           held.balance_id, held.line_id, held.ready_at, held.id
    FROM (
        SELECT r.id, r.work_order_material_id AS need_id, r.quantity, r.balance_id, NULL::bigint AS line_id,
               NULL::timestamptz AS ready_at
        FROM erp_reservation r WHERE r.kind = 'soft' AND r.quantity > 0
        UNION ALL
        SELECT p.id, p.work_order_material_id, p.quantity - p.received_qty, NULL, p.purchase_order_line_id,
               coalesce(l.confirmed_at, l.due_at)
        FROM erp_peg p JOIN erp_purchaseorderline l ON l.id = p.purchase_order_line_id
        WHERE p.quantity > p.received_qty
    ) held
    JOIN erp_workordermaterial m ON m.id = held.need_id
    JOIN erp_workorder w ON w.id = m.work_order_id
    JOIN erp_salesorderline sl ON sl.id = w.sales_order_line_id
    JOIN erp_salesorder s ON s.id = sl.order_id
    WHERE w.plant_id = %s AND w.state = 'firm' AND m.material_id = ANY(%s)
    ORDER BY s.id DESC, held.ready_at NULLS FIRST, held.id
"""


@dataclass(frozen=True, slots=True)
class Pledge:
    """Base units that a need of another order holds: in stock (`balance_id`), or to come on a purchase line."""

    need_id: int
    material_id: int
    unit_id: int
    line_no: int
    operation_sequence: int
    work_order_id: int
    order_id: int
    order_no: str
    quantity: Decimal
    balance_id: int | None
    line_id: int | None
    ready_at: dt.datetime | None
    held_id: int


@dataclass(frozen=True, slots=True)
class Taking:
    """What would be taken of one other order: the question netted with it, and the other's own needs netted behind."""

    order_id: int
    order_no: str
    parts: tuple[tuple[Pledge, Decimal], ...]
    explosion: Explosion
    needs: tuple[tuple[Pledge, Need], ...]

    @property
    def ready_times(self) -> dict[tuple[int, int], dt.datetime]:
        """Per (work order, operation sequence) of the other order: when its material comes instead."""
        found: dict[tuple[int, int], dt.datetime] = {}
        for pledge, need in self.needs:
            key = pledge.work_order_id, pledge.operation_sequence
            if need.ready_at is not None:
                found[key] = max(found.get(key, need.ready_at), need.ready_at)
        return found


def takings(supply: Supply, quantity: Decimal, *, most: int = 3) -> list[Taking]:
    """What each of some other orders, the youngest first, could give so that the question's last material comes sooner.

    Only an order that holds all that is missing of the material that comes last is asked; its other materials that are
    missing are taken too, as far as it holds all of them. Three queries at most, nothing is written.
    """
    explosion = supply.explode(quantity)
    missing, ready = _missing(explosion)
    if not missing:
        return []
    last = max(missing, key=lambda material_id: ready[material_id])
    with connection.cursor() as cursor:
        cursor.execute(_PLEDGES, [supply.plant_id, sorted(missing)])
        pledges = [Pledge(*row) for row in cursor.fetchall()]
    by_order: dict[int, list[Pledge]] = defaultdict(list)
    for one in pledges:
        if one.ready_at is None or one.ready_at < ready[one.material_id]:
            by_order[one.order_id].append(one)
    found: list[Taking] = []
    for held in by_order.values():
        parts = [part for material_id in missing for part in _parts(held, material_id, missing[material_id])]
        if any(pledge.material_id == last for pledge, _ in parts) and len(found) < most:
            found.append(_taking(supply, quantity, parts))
    return found


def _missing(explosion: Explosion) -> tuple[dict[int, Decimal], dict[int, dt.datetime]]:
    """Per material what is not in stock, and when the last of it comes."""
    missing: dict[int, Decimal] = defaultdict(lambda: ZERO)
    ready: dict[int, dt.datetime] = {}
    waiting = explosion.waiting
    for need in waiting:
        assert need.ready_at is not None
        missing[need.material_id] += sum((part.quantity for part in need.ordered), ZERO)
        ready[need.material_id] = max(ready.get(need.material_id, need.ready_at), need.ready_at)
    for purchase in explosion.purchases:
        missing[purchase.material_id] += sum((part for need, part in purchase.pegs if need in waiting), ZERO)
    return dict(missing), ready


def _parts(held: list[Pledge], material_id: int, missing: Decimal) -> list[tuple[Pledge, Decimal]]:
    """What covers all of `missing`, stock first; nothing when the order holds less."""
    found: list[tuple[Pledge, Decimal]] = []
    left = missing
    for one in held:
        part = min(one.quantity, left) if one.material_id == material_id else ZERO
        if part > 0:
            found.append((one, part))
            left -= part
    return [] if left > 0 else found


def _taking(supply: Supply, quantity: Decimal, parts: list[tuple[Pledge, Decimal]]) -> Taking:
    freed: dict[tuple[int, int], Decimal] = defaultdict(lambda: ZERO)
    ordered = []
    wanted: dict[int, Decimal] = defaultdict(lambda: ZERO)
    pledges = {}
    for one, part in parts:
        wanted[one.need_id] += part
        pledges[one.need_id] = one
        if one.balance_id is not None:
            freed[one.material_id, one.balance_id] += part
        elif one.line_id is not None and one.ready_at is not None:
            ordered.append((one.material_id, OpenLine(one.line_id, part, one.ready_at)))
    needs = tuple((pledges[one], _need_again(pledges[one], supply.plant_id, part)) for one, part in wanted.items())
    more = supply.with_freed(freed, ordered)
    explosion = more.explode_then(quantity, [need for _, need in needs])
    first = parts[0][0]
    return Taking(first.order_id, first.order_no, tuple(parts), explosion, needs)


def _need_again(pledge: Pledge, plant_id: int, quantity: Decimal) -> Need:
    """The other order's need of what was taken from it."""
    return Need(
        plant_id,
        pledge.material_id,
        pledge.unit_id,
        pledge.line_no,
        quantity,
        operation_sequence=pledge.operation_sequence,
    )
