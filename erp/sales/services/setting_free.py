"""What was made for an order that no longer wants it becomes free stock, with its value."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import Sum

from erp.production.models import WorkOrder
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.stock.intents import Kind, MoveIntent
from erp.stock.models import StockBalance
from erp.stock.services import post_moves
from masterdata import live
from masterdata.errors import Refusal
from masterdata.models import Location
from masterdata.numbers import ZERO

State = WorkOrder.State


class NoSurplus(Refusal):
    """Nothing lies in the order's stock beyond what its lines need."""

    code: ClassVar[str] = "no_surplus"


@transaction.atomic
def free_order_stock(
    *,
    order_id: int,
    now: dt.datetime,
    material_id: int | None = None,
    most: Decimal | None = None,
    line_id: int | None = None,
    plant_id: int | None = None,
) -> Decimal:
    """Set an order's stock free (of a material, a plant, at most so much, made for a line); how much was.

    The order is locked by the caller; each move names the line of its goods, components the first line.

    Locks balances and values. Raises PeriodClosed.
    """
    rows = StockBalance.objects.filter(sales_order=order_id, on_hand__gt=0, location__kind=Location.Kind.STOCK)
    if material_id is not None:
        rows = rows.filter(material=material_id)
    if plant_id is not None:
        rows = rows.filter(plant=plant_id)
    owners = dict(SalesOrderLine.objects.filter(order=order_id).order_by("-line_no").values_list("material", "pk"))
    first = SalesOrderLine.objects.filter(order=order_id).order_by("line_no").values_list("pk", flat=True).first()
    left, moves = most, []
    for row in rows.select_related("plant__company__currency", "sales_order").order_by("pk"):
        part = row.on_hand if left is None else min(row.on_hand, left)
        if part <= 0:
            continue
        left = None if left is None else left - part
        moves.append(
            MoveIntent(
                kind=Kind.RELEASE,
                plant=row.plant,
                material_id=row.material_id,
                source_id=row.location_id,
                target_id=row.location_id,
                source_order_id=order_id,
                lot_id=row.lot_id,
                quantity=part,
                document=f"order:{order_id}",
                sales_order_line_id=line_id or owners.get(row.material_id, first),
                memo="Set free: the order no longer wants it",
            )
        )
    post_moves(moves=moves, now=now)
    return sum((move.quantity for move in moves), ZERO)


@transaction.atomic
def free_surplus(*, order_id: int, now: dt.datetime) -> Decimal:
    """Set free what lies in an order's stock and none of its lines needs any more; how much was.

    Components stay while work of the order is open. Locks the order, balances. Raises NoSurplus, PeriodClosed.
    """
    order = SalesOrder.objects.select_for_update(no_key=True).order_by("pk").get(pk=order_id)
    needed: dict[int, Decimal] = {}
    for line in order.lines.all():
        needed[line.material_id] = needed.get(line.material_id, ZERO) + line.quantity - line.shipped_qty
    works = WorkOrder.objects.filter(sales_order_line__order=order, state__in=[State.FIRM, State.RELEASED]).exists()
    rows = StockBalance.objects.filter(sales_order=order, on_hand__gt=0, location__kind=Location.Kind.STOCK)
    there = rows.order_by().values_list("material").annotate(total=Sum("on_hand"))
    freed = ZERO
    for material_id, total in there:
        if material_id not in needed and works:
            continue
        surplus = total - needed.get(material_id, ZERO)
        if surplus > 0:
            freed += free_order_stock(order_id=order_id, now=now, material_id=material_id, most=surplus)
    if not freed:
        raise NoSurplus(f"Everything in the stock of {order.number} is needed for it.", order_id=order_id)
    live.publish("order", order_id)
    return freed
