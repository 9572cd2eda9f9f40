"""Reports from the floor as an order sees them: what is lost for it is netted and made again in the same commit.

Production books the pieces and knows no orders; whether the order still gets all of its pieces is asked here, above it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction

from erp import facts as erp_facts
from erp.cost.rates import Labour
from erp.production import services as production
from erp.production.models import WorkOrder, WorkOrderMaterial, WorkReport
from erp.production.services import Consumed, Floor, Report, estimate_orders, hold_floor
from erp.sales.models import SalesOrderLine
from erp.sales.selectors.own import own_work
from erp.sales.services.writing import write_netting
from erp.stock.owed import hold_owed_issues
from erp.supply.models import Peg
from erp.supply.needs import Demand, Need, Netting
from erp.supply.netting import cover
from erp.supply.services.pegs import cut_pegs, let_go_of_unused
from erp.supply.sources import Sources, hold_sources, read_sources
from erp.supply.structure import Structure, read_structure
from masterdata import facts, live
from masterdata.causes import Cause
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Loss:
    """What a report takes away from those who wait for the work order, with everything locked that replaces it."""

    floor: Floor
    order_id: int
    lost: Sequence[tuple[Peg, Decimal]]
    structure: Structure
    line_ids: frozenset[int]

    @property
    def work_order(self) -> WorkOrder:
        return self.floor.work_order

    @property
    def quantity(self) -> Decimal:
        return sum((part for _, part in self.lost), ZERO)


def report_operation(
    *,
    operation_id: int,
    good_qty: Decimal,
    scrap_qty: Decimal,
    worked_min: Decimal,
    now: dt.datetime,
    finish: bool = False,
    machine_id: int | None = None,
    scrap_reason_id: int | None = None,
    lot_number: str = "",
    worker_id: int | None = None,
    rework_qty: Decimal = ZERO,
    key: uuid.UUID | None = None,
    accepts_over: bool = False,
    consumed: Sequence[Consumed] = (),
    serials: Sequence[str] = (),
    labour: Sequence[Labour] | None = None,
    floor: Floor | None = None,
) -> Report:
    """`production.report_operation`; then the pieces that the sales order lacks by it are supplied again.

    When the work order can no longer yield what is pegged to it, the missing pieces are netted on all levels, stock
    first, and the order's expected date is open until a plan has it. States PiecesLost beside OperationReported.

    Locks sales order < work order < operations; a report that loses pieces then locks, before it posts anything, what
    netting will need: owed issues, open purchase lines, balances of the whole tree. Raises as production does.
    `floor`: what `hold_floor` has locked in this transaction and only reports have changed since.
    """
    with transaction.atomic(savepoint=floor is None):
        floor = floor or hold_floor(operation_id)
        loss = _hold_loss(floor, good_qty=good_qty + rework_qty, scrap_qty=scrap_qty, finish=finish)
        report = production.report_operation(
            operation_id=operation_id,
            good_qty=good_qty,
            scrap_qty=scrap_qty,
            worked_min=worked_min,
            now=now,
            finish=finish,
            machine_id=machine_id,
            scrap_reason_id=scrap_reason_id,
            loses_pieces=loss is not None and bool(_needs(loss)[0]),
            lot_number=lot_number,
            worker_id=worker_id,
            rework_qty=rework_qty,
            labour=labour,
            floor=floor,
            key=key,
            accepts_over=accepts_over,
            consumed=consumed,
            serials=serials,
        )
        if loss is not None:
            floor.desk.clear()
            made = _make_again(loss, now)
            if key is not None:
                WorkReport.objects.filter(key=key).update(replacement_ids=made)
        return report


def _hold_loss(floor: Floor, *, good_qty: Decimal, scrap_qty: Decimal, finish: bool) -> Loss | None:
    """Lock what netting will touch, in the house's order after the floor; None when nobody lacks anything by it."""
    lost = floor.loss(good_qty=good_qty, scrap_qty=scrap_qty, finish=finish)
    if floor.sales_order_id is None or lost <= 0:
        return None
    pegs = _lost_pegs(floor.work_order, floor.yield_qty - lost)
    if not pegs:
        return None
    order = floor.work_order
    hold_owed_issues(plant_id=order.plant_id, material_ids=[order.material_id], order_id=floor.sales_order_id)
    structure = read_structure(plant_ids=[order.plant_id], material_ids=[order.material_id])
    needs = WorkOrderMaterial.objects.filter(work_order=order).order_by().values_list("material_id", flat=True)
    line_ids = hold_sources(
        plant_id=order.plant_id, material_ids={*structure.items, *needs}, order_id=floor.sales_order_id
    )
    return Loss(floor, floor.sales_order_id, pegs, structure, line_ids)


def _lost_pegs(order: WorkOrder, yields: Decimal) -> list[tuple[Peg, Decimal]]:
    """What the pegs of the work order want beyond what it can still yield, the youngest first.

    What planning has pegged of its by-products it moves by itself.
    """
    pegs = Peg.objects.filter(work_order=order, is_planned=False).select_related(
        "sales_order_line", "work_order_material__work_order__sales_order_line"
    )
    rows = list(pegs.order_by("-id"))
    missing = sum((peg.quantity for peg in rows), ZERO) - yields
    lost = []
    for peg in rows:
        part = min(peg.quantity, missing)
        if part > 0:
            lost.append((peg, part))
            missing -= part
    return lost


def _make_again(loss: Loss, now: dt.datetime) -> list[int]:
    """The work orders that make it again."""
    needs, waiting = _needs(loss)
    cut_pegs(loss.lost)
    _let_go(loss)
    if not needs:
        return []
    sources = _sources(loss, now)
    netting = cover(needs=needs, structure=loss.structure, sources=sources, now=now, may_refuse=False)
    plant = loss.work_order.plant
    made = write_netting(netting=netting, plants={plant.pk: plant}, company=plant.company, now=now, waiting=waiting)
    _expect(loss, netting, now)
    text = f"{loss.quantity.normalize():f} of {loss.work_order.number} lost"
    estimate_orders(order_ids=[loss.order_id], cause=Cause("scrap", text), now=now)
    facts.state(
        erp_facts.PiecesLost(
            work_order_id=loss.work_order.pk,
            order_id=loss.order_id,
            plant_id=plant.pk,
            quantity=sum((need.quantity for need in needs), ZERO),
        )
    )
    live.publish("order", loss.order_id)
    return made


def _needs(loss: Loss) -> tuple[list[Need], dict[Need, WorkOrderMaterial]]:
    """What has to come again, for order lines or for work orders that wait for it; one that has ended needs nothing."""
    order = loss.work_order
    line = order.sales_order_line
    assert line is not None
    item = loss.structure.items[order.material_id]
    needs: list[Need] = []
    waiting: dict[Need, WorkOrderMaterial] = {}
    for peg, part in reversed(loss.lost):
        row = peg.work_order_material
        if row is not None and row.work_order.state in (WorkOrder.State.CLOSED, WorkOrder.State.CANCELLED):
            continue
        need = Need(
            order.plant_id,
            order.material_id,
            item.unit_id,
            row.line_no if row else line.line_no,
            part,
            operation_sequence=row.operation_sequence if row else 0,
            demand=Demand(line.pk, line.line_no, order.plant_id, order.material_id, part),
            path=order.path,
        )
        needs.append(need)
        if row is not None:
            waiting[need] = row
    return needs, waiting


def _let_go(loss: Loss) -> None:
    """A work order that has ended leaves what it did not use to the one that replaces it."""
    order = WorkOrder.objects.get(pk=loss.work_order.pk)
    if order.operations.filter(is_last=True, finished_at=None).exists():
        return
    rows = WorkOrderMaterial.objects.filter(work_order=order)
    unused = {row.pk: row.quantity - row.issued_qty for row in rows if row.quantity > row.issued_qty}
    let_go_of_unused(unused=unused, line_ids=loss.line_ids)


def _sources(loss: Loss, now: dt.datetime) -> Sources:
    """As they stand after the report, of the rows that are locked."""
    plant_id, items = loss.work_order.plant_id, loss.structure.items
    sources = read_sources(plant_ids=[plant_id], structure=loss.structure, lock=False, now=now)
    ordered = {key: [line for line in lines if line.line_id in loss.line_ids] for key, lines in sources.ordered.items()}
    own = own_work(order_id=loss.order_id, plant_id=plant_id, material_ids=list(items))
    return replace(sources, ordered=ordered, transit={}, own=own)


def _expect(loss: Loss, netting: Netting, now: dt.datetime) -> None:
    """No date until a plan has the new work; what comes from stock or a supplier arrives when nothing else is made."""
    line = loss.work_order.sales_order_line
    assert line is not None
    if netting.makes:
        SalesOrderLine.objects.filter(pk=line.pk).update(expected_at=None)
        return
    makers = WorkOrder.objects.filter(sales_order_line=line, state__in=[WorkOrder.State.FIRM, WorkOrder.State.RELEASED])
    if makers.exists():
        return
    ready_at = max((need.ready_at for need in netting.needs if need.ready_at), default=now)
    transport = dt.timedelta(minutes=loss.work_order.plant.transport_min)
    SalesOrderLine.objects.filter(pk=line.pk).update(expected_at=max(ready_at, now) + transport)
