"""A report is taken back as an order sees it: what was ordered again because of its scrap is ordered no more."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from erp.facts import WorkOrderChanged
from erp.planning.services import note_changes
from erp.production import services as production
from erp.production.models import WorkOrder, WorkOrderMaterial, WorkReport
from erp.production.services import estimate_orders, hold_floor
from erp.production.services.keeping import keep_again
from erp.sales.services.letting_go import end_work, has_begun
from erp.supply.models import Peg
from erp.supply.services.pegs import another
from erp.supply.sources import hold_sources
from erp.supply.structure import read_structure
from masterdata import facts
from masterdata.causes import Cause
from masterdata.numbers import ZERO


@transaction.atomic(savepoint=False)
def take_back_report(*, key: uuid.UUID, reason: str, now: dt.datetime, stays: Decimal = ZERO) -> WorkReport:
    """`production.take_back_report`; then the work order yields again what was ordered again when the report lost it:
    that work is cancelled with all that was planned for it, and who waits for it waits for this work order again.

    Work that somebody has begun goes on, and makes more than is needed: the work order's story says so. Goods of stock
    that were kept instead stay kept. Locks sales order < work orders < operations < purchase lines < balances. Raises
    as production does. States WorkOrderChanged for the work that is cancelled or goes on.
    """
    found = WorkReport.objects.select_related("operation__work_order").filter(key=key, taken_back_at=None).first()
    order = found.operation.work_order if found else None
    if found is None or order is None or order.sales_order_line_id is None:
        return production.take_back_report(key=key, reason=reason, now=now, stays=stays)
    floor = hold_floor(found.operation_id)
    work = _made_again(found)
    materials = _hold(order, work, floor.sales_order_id or 0) if work else set()
    report = production.take_back_report(key=key, reason=reason, now=now, stays=stays)
    if work:
        _withdraw(found.operation_id, work, now)
        note_changes(plant_id=order.plant_id, material_ids=materials)
        text = f"scrap of {order.number} taken back"
        estimate_orders(order_ids=[floor.sales_order_id or 0], cause=Cause("scrap", text), now=now)
    return report


def _made_again(report: WorkReport) -> list[WorkOrder]:
    """What makes the report's loss again and is not over. Locked."""
    rows = WorkOrder.objects.select_for_update(no_key=True).filter(
        pk__in=report.replacement_ids, state__in=[WorkOrder.State.FIRM, WorkOrder.State.RELEASED]
    )
    return list(rows.order_by("pk"))


def _hold(order: WorkOrder, work: Sequence[WorkOrder], sales_order_id: int) -> set[int]:
    """Lock what letting go will touch, before anything is posted; its materials."""
    structure = read_structure(plant_ids=[order.plant_id], material_ids=[order.material_id])
    needs = WorkOrderMaterial.objects.filter(work_order__in=[order.pk, *(one.pk for one in work)]).order_by()
    materials = {*structure.items, *needs.values_list("material_id", flat=True)}
    hold_sources(plant_id=order.plant_id, material_ids=materials, order_id=sales_order_id)
    return materials


def _withdraw(operation_id: int, work: Sequence[WorkOrder], now: dt.datetime) -> None:
    floor = hold_floor(operation_id)
    order = floor.work_order
    pegged = Peg.objects.filter(work_order=order, is_planned=False)
    free = floor.yield_qty - sum(pegged.values_list("quantity", flat=True), ZERO)
    begun = has_begun(work)
    gone: list[WorkOrder] = []
    for one in work:
        if one.path != order.path or one.pk in begun:
            continue
        wanted = sum((peg.quantity for peg in _pegs(one)), ZERO)
        if wanted <= free:
            free -= wanted
            gone.append(one)
    if gone:
        tops = {one.pk for one in gone}
        gone += [one for one in work if one.path != order.path and one.pk not in begun and one.pk not in tops]
        for one in gone:
            if one.pk in tops:
                _waits_again(order, one)
        _fed_again(order, gone)
        end_work(gone, now)
        needs = WorkOrderMaterial.objects.filter(work_order=order).select_related("material", "unit")
        keep_again(order, list(needs.order_by("line_no")), now)
    _tell(order, gone, [one for one in work if one not in gone])


def _pegs(work: WorkOrder) -> list[Peg]:
    return list(Peg.objects.filter(work_order=work, is_planned=False).order_by("pk"))


def _waits_again(order: WorkOrder, instead: WorkOrder) -> None:
    """Whoever waits for the other work waits for this order again."""
    for peg in _pegs(instead):
        demand = {"sales_order_line": peg.sales_order_line_id, "work_order_material": peg.work_order_material_id}
        same = Peg.objects.filter(work_order=order, is_planned=False, received_qty=ZERO, **demand).first()
        if same is None:
            another(peg, peg.quantity, work_order=order).save()
            continue
        same.quantity += peg.quantity
        same.save(update_fields=["quantity"])


def _fed_again(order: WorkOrder, gone: Sequence[WorkOrder]) -> None:
    """What the order had let go to that work, and lacks now, is for it again."""
    ids = [one.pk for one in gone]
    for need in WorkOrderMaterial.objects.filter(work_order=order, issued_qty__lt=F("quantity")).order_by("pk"):
        kept = need.reservations.aggregate(sum=Coalesce(Sum("quantity"), ZERO))["sum"]
        coming = sum((peg.quantity for peg in Peg.objects.filter(work_order_material=need)), ZERO)
        lacks = need.quantity - need.issued_qty - kept - coming
        theirs = Peg.objects.filter(
            work_order_material__work_order__in=ids, work_order_material__material=need.material_id, is_planned=False
        )
        for peg in theirs.exclude(work_order__in=ids).filter(received_qty=ZERO).order_by("pk"):
            part = min(lacks, peg.quantity)
            if part <= 0:
                break
            lacks -= part
            if part < peg.quantity:
                peg.quantity -= part
                peg.save(update_fields=["quantity"])
                peg.pk = None
                peg.quantity = part
            peg.work_order_material = need
            peg.save()


def _tell(order: WorkOrder, gone: Sequence[WorkOrder], left: Sequence[WorkOrder]) -> None:
    for one in gone:
        text = f"The scrap of {order.number} that it replaced was taken back"
        facts.state(WorkOrderChanged(work_order_id=one.pk, plant_id=one.plant_id, what="cancelled", text=text))
    if not left:
        return
    pieces = ", ".join(f"{one.number} ({_plain(one.quantity)})" for one in left)
    text = f"Scrap was taken back, but work on what replaces it has begun: {pieces} goes on and is more than is needed"
    facts.state(WorkOrderChanged(work_order_id=order.pk, plant_id=order.plant_id, what="replaced", text=text[:400]))


def _plain(quantity: Decimal) -> str:
    return f"{quantity.normalize() + ZERO:f}"
