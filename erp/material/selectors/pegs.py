"""What is for whom: the pegs and reservations between the demands and supplies of an outlook, both ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from erp.material.selectors.outlook import BOUGHT, LINE, NEED, PLANNED, SUPPLIED, TRANSFER, WORK, Event

STOCK = ("stock", 0)
Key = tuple[str, int]

_PEGS = """
    SELECT p.work_order_id, p.purchase_order_line_id, p.planned_order_id, p.work_order_material_id,
        p.sales_order_line_id, p.transfer_id, p.supplied_component_id, p.quantity - p.received_qty
    FROM erp_peg p
    WHERE p.quantity > p.received_qty AND (p.work_order_id = ANY(%(work_order)s)
        OR p.purchase_order_line_id = ANY(%(purchase_line)s) OR p.planned_order_id = ANY(%(planned_order)s)
        OR p.work_order_material_id = ANY(%(need)s) OR p.sales_order_line_id = ANY(%(sales_line)s)
        OR p.transfer_id = ANY(%(transfer)s) OR p.supplied_component_id = ANY(%(supplied)s))
    ORDER BY p.id
"""
# What work brings for its own order's line needs no peg; what is kept of the stock is a reservation.
_OWN = """
    SELECT w.id, w.sales_order_line_id FROM erp_workorder w
    WHERE w.id = ANY(%(work_order)s) AND w.sales_order_line_id = ANY(%(sales_line)s)
"""
_KEPT = """
    SELECT r.work_order_material_id, r.sales_order_line_id, r.supplied_component_id, sum(r.quantity)
    FROM erp_reservation r
    WHERE r.quantity > 0 AND (r.work_order_material_id = ANY(%(need)s) OR r.sales_order_line_id = ANY(%(sales_line)s)
        OR r.supplied_component_id = ANY(%(supplied)s))
    GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Link:
    """The other end of a peg, None for the stock, and how much of it is for this one."""

    event: Event | None
    quantity: Decimal


def links(events: Collection[Event]) -> dict[Key, list[Link]]:
    """For each event what covers it, or whom it is for; by three queries. Ends that are not among `events` are left."""
    by_key = {event.key: event for event in events}
    values: dict[str, list[int]] = {kind: [] for kind in (LINE, NEED, TRANSFER, SUPPLIED, WORK, BOUGHT, PLANNED)}
    for kind, pk in by_key:
        values[kind].append(pk)
    found: dict[Key, list[Link]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_PEGS, values)
        pegs = [(*_ends(row), row[7]) for row in cursor.fetchall()]
        pegged = {supply for supply, demand, _quantity in pegs if demand in by_key}  # not of what it brings beside
        cursor.execute(_OWN, values)
        for work_id, line_id in cursor.fetchall():
            if (WORK, work_id) not in pegged:
                pegs.append(((WORK, work_id), (LINE, line_id), by_key[WORK, work_id].quantity))
        cursor.execute(_KEPT, values)
        for need_id, line_id, component_id, quantity in cursor.fetchall():
            kept = (NEED, need_id) if need_id else (LINE, line_id) if line_id else (SUPPLIED, component_id)
            found[kept].append(Link(None, quantity))
    for supply, demand, quantity in pegs:
        if supply in by_key and demand in by_key:
            found[supply].append(Link(by_key[demand], quantity))
            found[demand].append(Link(by_key[supply], quantity))
    return found


def _ends(row: tuple) -> tuple[Key, Key]:
    supply = _first(zip((WORK, BOUGHT, PLANNED), row[:3], strict=True))
    return supply, _first(zip((NEED, LINE, TRANSFER, SUPPLIED, ""), (*row[3:7], 0), strict=True))


def _first(ends: Iterable[tuple[str, int | None]]) -> Key:
    """The one that is set; a requisition's peg has none of these demands."""
    return next((kind, pk) for kind, pk in ends if pk is not None)
