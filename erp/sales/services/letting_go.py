"""What was planned and kept for demand that is gone: work that nobody began, reservations, pegs, planned orders.

Whoever calls holds the sales order, its work, the purchase lines and the balances.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.stock.models import Reservation, StockBalance
from erp.supply.models import Peg, PlannedOrder
from erp.supply.services.pegs import cut_pegs
from masterdata.numbers import ZERO

State = WorkOrder.State


def has_begun(work: Collection[WorkOrder]) -> set[int]:
    """Which of them are released, started or have used something."""
    ids = [one.pk for one in work]
    started = WorkOrderOperation.objects.filter(work_order__in=ids, started_at__isnull=False)
    used = WorkOrderMaterial.objects.filter(work_order__in=ids, issued_qty__gt=0)
    begun = {*started.values_list("work_order_id", flat=True), *used.values_list("work_order_id", flat=True)}
    return begun | {one.pk for one in work if one.state == State.RELEASED}


def end_work(work: Sequence[WorkOrder], now: dt.datetime) -> None:
    """Nobody began it: it is cancelled, what is kept and on order for it is for nobody."""
    ids = [one.pk for one in work]
    needs = WorkOrderMaterial.objects.filter(work_order__in=ids)
    unreserve(Reservation.objects.filter(work_order_material__in=needs), None)
    unpeg(Peg.objects.filter(Q(work_order_material__in=needs) | Q(work_order__in=ids)), None, now)
    WorkOrder.objects.filter(pk__in=ids).update(state=State.CANCELLED, closed_at=now, version=F("version") + 1)


def unreserve(rows: QuerySet[Reservation], most: Decimal | None) -> Decimal:
    """Give back what these reservations keep, the newest first, `most` of it; how much. Balances are locked."""
    given = ZERO
    for row in rows.filter(quantity__gt=0).order_by("-pk"):
        part = row.quantity if most is None else min(row.quantity, most - given)
        if part > 0:
            Reservation.objects.filter(pk=row.pk).update(quantity=F("quantity") - part)
            StockBalance.objects.filter(pk=row.balance_id).update(reserved=F("reserved") - part)
            given += part
    return given


def unpeg(pegs: QuerySet[Peg], most: Decimal | None, now: dt.datetime) -> Decimal:
    """Cut what is still to come of these pegs, the newest first; planned orders that are for nobody then shrink."""
    given, parts = ZERO, []
    for peg in pegs.filter(quantity__gt=F("received_qty")).order_by("-pk"):
        part = peg.quantity - peg.received_qty
        part = part if most is None else min(part, most - given)
        if part > 0:
            given += part
            parts.append((peg, part))
    planned: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for peg, part in parts:
        if peg.planned_order_id and not peg.is_planned:
            planned[peg.planned_order_id] += part
    cut_pegs(parts)
    for order in PlannedOrder.objects.select_for_update(no_key=True).filter(pk__in=list(planned)).order_by("pk"):
        _shrink(order, planned[order.pk], now)
    return given


def _shrink(order: PlannedOrder, part: Decimal, now: dt.datetime) -> None:
    """What is on the way is no plan any more, and stays."""
    if order.transfer_line_id is not None or order.closed_at is not None:
        return
    if part < order.quantity:
        order.quantity -= part
    else:
        order.closed_at = now
    order.version += 1
    order.save(update_fields=["quantity", "closed_at", "version"])
