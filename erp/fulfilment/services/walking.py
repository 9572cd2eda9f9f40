"""What one walk through the warehouse fetches: for each order line from which place, what expires first at first.

Free stock that lines of orders have reserved becomes hard; where a material has lots, it is reserved anew, first
expired first out. What was made for an order lies there for it already.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, Sum

from erp.fulfilment.models import PickLine, StagingPlace
from erp.sales.models import SalesOrderLine
from erp.sales.selectors.ready import ReadyLine, ready_lines
from erp.stock.intents import HeldBalance
from erp.stock.locks import hold_balances
from erp.stock.models import Reservation, StockBalance
from masterdata.errors import InvalidInput
from masterdata.models import Location, Plant, Warehouse
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Fetch:
    """`quantity` of an order line out of a balance; `reservation` for free stock."""

    line: SalesOrderLine
    balance: HeldBalance
    quantity: Decimal
    reservation: Reservation | None


def fetches(*, order_ids: Collection[int], plant: Plant) -> list[Fetch]:
    """What can be picked now of these orders (locked) in the plant and is on no open list. Locks the balances."""
    staging = staging_place(plant)
    lines = {
        line.pk: line
        for line in SalesOrderLine.objects.filter(order__in=order_ids, plant=plant).select_related("material", "order")
    }
    if not lines:
        return []
    held = {
        pk: row
        for pk, row in hold_balances(
            plant_ids=[plant.pk], material_ids={line.material_id for line in lines.values()}, order_ids=order_ids
        ).items()
        if row.location_id != staging.pk
    }
    ready = {one.line_id: one for order_id in sorted(order_ids) for one in ready_lines(order_id)}
    listed = _listed(lines)
    _first_expired(lines, held)
    found: list[Fetch] = []
    taken: dict[int, Decimal] = defaultdict(lambda: ZERO)
    reservations = _reservations(lines, held)
    for line in lines.values():
        left = to_pick(ready[line.pk], listed[line.pk])
        for one in (*_made(line, ready[line.pk], held, taken), *_kept(line, reservations, held)):
            part = min(left, one.quantity)
            if part > 0:
                taken[one.balance.id] += part
                left -= part
                found.append(Fetch(line, one.balance, part, one.reservation))
    return found


def staging_place(plant: Plant) -> Location:
    """Where the plant's picked goods wait; made in its main warehouse when nobody chose one. Raises InvalidInput."""
    found = StagingPlace.objects.filter(plant=plant).select_related("location").first()
    if found is not None:
        return found.location
    warehouse = Warehouse.objects.filter(plant=plant).order_by("-is_main", "pk").first()
    if warehouse is None:
        raise InvalidInput(f"{plant.name} has no warehouse: add one.", plant_id=plant.pk)
    place, _ = Location.objects.get_or_create(
        plant=plant, code="SHIPPING", defaults={"name": "Shipping", "warehouse": warehouse, "kind": Location.Kind.STOCK}
    )
    return StagingPlace.objects.get_or_create(plant=plant, defaults={"location": place})[0].location


def to_pick(ready: ReadyLine, listed: Decimal) -> Decimal:
    """What of a line is in hand, not packed, and neither picked nor about to be."""
    return max(ZERO, ready.quantity - max(ZERO, listed - ready.packed))


def _listed(lines: Collection[int]) -> dict[int, Decimal]:
    """Of each line what open lists fetch and what was picked and has not left."""
    rows = PickLine.objects.filter(order_line__in=lines).order_by().values("order_line")
    asked = rows.annotate(
        open=Sum(F("quantity") - F("picked_qty") - F("short_qty"), filter=Q(pick_list__closed_at=None)),
        here=Sum(F("picked_qty") - F("gone_qty")),
    )
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in asked:
        found[row["order_line"]] = (row["here"] or ZERO) + (row["open"] or ZERO)
    return found


def _first_expired(lines: Mapping[int, SalesOrderLine], held: Mapping[int, HeldBalance]) -> None:
    """Reserve what has lots anew, what expires first before the rest; what open lists fetch stays as it is."""
    with_lots = [pk for pk, line in lines.items() if line.material.tracking != "none"]
    rows = Reservation.objects.filter(sales_order_line__in=with_lots, quantity__gt=0, balance__in=list(held))
    for row in rows.exclude(pick_lines__pick_list__closed_at=None, pick_lines__isnull=False).order_by("pk"):
        here = held[row.balance_id]
        better = [one for one in _free(held.values(), here) if _expires(one) < _expires(here)]
        for one in sorted(better, key=_expires):
            part = min(one.free, row.quantity)
            if part > 0:
                _swap(row, here, one, part)


def _swap(row: Reservation, here: HeldBalance, there: HeldBalance, part: Decimal) -> None:
    for balance, change in ((here, -part), (there, part)):
        balance.reserved += change
        StockBalance.objects.filter(pk=balance.id).update(reserved=F("reserved") + change)
    row.quantity -= part
    row.save(update_fields=["quantity"])
    Reservation.objects.create(
        balance_id=there.id,
        kind=row.kind,
        sales_order_line_id=row.sales_order_line_id,
        quantity=part,
        priority=row.priority,
        expires_at=row.expires_at,
        made_at=row.made_at,
    )


def _free(rows: Iterable[HeldBalance], like: HeldBalance) -> list[HeldBalance]:
    """Free stock of the same material that may be taken instead."""
    return [
        row
        for row in rows
        if row.material_id == like.material_id
        and row.plant_id == like.plant_id
        and row.order_id is None
        and row.location_kind == Location.Kind.STOCK
        and row.id != like.id
        and row.free > 0
    ]


def _expires(row: HeldBalance) -> dt.date:
    return row.expires_on or dt.date.max


def _reservations(
    lines: Collection[int], held: Mapping[int, HeldBalance]
) -> dict[int, list[tuple[Reservation, Decimal]]]:
    """Per line its reservations with what of them no open list fetches yet, what expires first before the rest."""
    rows = Reservation.objects.filter(sales_order_line__in=lines, quantity__gt=0)
    left = F("pick_lines__quantity") - F("pick_lines__picked_qty") - F("pick_lines__short_qty")
    rows = rows.annotate(listed=Sum(left, filter=Q(pick_lines__pick_list__closed_at=None)))
    found: dict[int, list[tuple[Reservation, Decimal]]] = defaultdict(list)
    usable = [row for row in rows.order_by("pk") if row.balance_id in held]
    for row in sorted(usable, key=lambda one: _expires(held[one.balance_id])):
        found[row.sales_order_line_id or 0].append((row, row.quantity - (row.listed or ZERO)))
    return found


def _kept(
    line: SalesOrderLine,
    reservations: Mapping[int, Sequence[tuple[Reservation, Decimal]]],
    held: Mapping[int, HeldBalance],
) -> list[Fetch]:
    rows = reservations.get(line.pk, ())
    return [Fetch(line, held[row.balance_id], left, row) for row, left in rows if left > 0]


def _made(
    line: SalesOrderLine, ready: ReadyLine, held: Mapping[int, HeldBalance], taken: Mapping[int, Decimal]
) -> list[Fetch]:
    """What was made for the line lies in its order's stock."""
    left, found = ready.made, []
    rows = [
        row
        for row in held.values()
        if row.material_id == line.material_id
        and row.order_id == line.order_id
        and row.location_kind == Location.Kind.STOCK
    ]
    for row in sorted(rows, key=_expires):
        part = min(left, row.free - taken.get(row.id, ZERO))
        if part > 0:
            left -= part
            found.append(Fetch(line, row, part, None))
    return found
