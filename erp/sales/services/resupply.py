"""Demands whose stock is gone are supplied anew: locked in the house's order, netted on all levels, planning told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from erp import facts as erp_facts
from erp.production.models import WorkOrder, WorkOrderMaterial
from erp.production.services import estimate_orders
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.services.writing import write_netting
from erp.stock.cuts import Cut
from erp.stock.models import Reservation
from erp.supply.needs import Demand, Need, Netting
from erp.supply.netting import cover
from erp.supply.services.pegs import forget_lost
from erp.supply.sources import hold_sources, read_sources
from erp.supply.structure import read_structure
from masterdata import facts, live
from masterdata.causes import Cause
from masterdata.models import Plant
from masterdata.numbers import ZERO

OPEN = (WorkOrder.State.FIRM, WorkOrder.State.RELEASED)


@dataclass(slots=True)
class Losers:
    """Demands whose supply may change, locked: work order materials and order lines, by id."""

    plant: Plant
    needs: dict[int, WorkOrderMaterial] = field(default_factory=dict)
    lines: dict[int, SalesOrderLine] = field(default_factory=dict)

    def know(self, cuts: Sequence[Cut]) -> bool:
        """Whether all who lost are locked."""
        return all(
            (cut.work_order_material_id or cut.sales_order_line_id) in (self.needs.keys() | self.lines.keys() | {None})
            for cut in cuts
        )


def hold_losers(*, plant: Plant, balance_ids: Sequence[int]) -> Losers:
    """Lock the orders, then the work orders, that have something reserved in these balances; then what netting needs.

    Locks sales orders, work orders, open purchase lines, balances, each by id.
    """
    open_rows = Reservation.objects.filter(balance__in=balance_ids, quantity__gt=0).order_by()
    pairs = list(open_rows.values_list("work_order_material", "sales_order_line"))
    need_ids = {need_id for need_id, _ in pairs if need_id}
    line_ids = {line_id for _, line_id in pairs if line_id}
    return hold_demands(plant=plant, need_ids=need_ids, line_ids=line_ids)


def hold_demands(*, plant: Plant, need_ids: Collection[int], line_ids: Collection[int]) -> Losers:
    """`hold_losers` for demands that are known."""
    needs = WorkOrderMaterial.objects.filter(pk__in=need_ids)
    lines = SalesOrderLine.objects.filter(pk__in=line_ids)
    if not need_ids and not line_ids:
        return Losers(plant)
    orders = {*lines.values_list("order_id", flat=True)}
    orders |= {one for one in needs.values_list("work_order__sales_order_line__order_id", flat=True) if one}
    list(SalesOrder.objects.select_for_update(no_key=True).filter(pk__in=orders).order_by("pk"))
    list(WorkOrder.objects.select_for_update(no_key=True).filter(pk__in=needs.values("work_order")).order_by("pk"))
    related = "material", "work_order__plant__company", "work_order__sales_order_line__order"
    losers = Losers(
        plant,
        {row.pk: row for row in needs.select_related(*related)},
        {row.pk: row for row in lines.select_related("order", "material")},
    )
    materials = {row.material_id for row in losers.needs.values()}
    materials |= {row.material_id for row in losers.lines.values()}
    structure = read_structure(plant_ids=[plant.pk], material_ids=materials)
    hold_sources(plant_id=plant.pk, material_ids=list(structure.items), order_id=min(orders, default=0))
    return losers


def supply_again(
    *,
    losers: Losers,
    cuts: Sequence[Cut],
    text: str,
    now: dt.datetime,
    without: Mapping[int, Decimal] | None = None,
) -> None:
    """Net what was cut, for those who lost it, on all levels; the orders' expected dates are open until a plan is made.

    `without` (balance -> quantity) is free and not for them. Draft orders and work for stock wait for their own
    netting. States StockShort.
    """
    again = _needs(losers, cuts)
    if again:
        netting = _cover(losers.plant, list(again), now, without or {})
        waiting = {need: row for need, row in again.items() if isinstance(row, WorkOrderMaterial)}
        plant = losers.plant
        write_netting(netting=netting, plants={plant.pk: plant}, company=plant.company, now=now, waiting=waiting)
        forget_lost(
            need_ids=[row.pk for row in again.values() if isinstance(row, WorkOrderMaterial)],
            line_ids=[row.pk for row in again.values() if isinstance(row, SalesOrderLine)],
        )
        _expect(plant, again, netting, now)
    orders = sorted({need.demand.line_id for need in again if need.demand})
    order_ids = sorted(set(SalesOrderLine.objects.filter(pk__in=orders).values_list("order_id", flat=True)))
    if order_ids:
        estimate_orders(order_ids=order_ids, cause=Cause("material", text), now=now)
    if cuts:
        facts.state(erp_facts.StockShort(plant_id=losers.plant.pk, order_ids=tuple(order_ids), text=text))
    for order_id in order_ids:
        live.publish("order", order_id)


def _needs(losers: Losers, cuts: Sequence[Cut]) -> dict[Need, WorkOrderMaterial | SalesOrderLine]:
    lost: dict[tuple[int | None, int | None], Decimal] = {}
    for cut in cuts:
        key = cut.work_order_material_id, cut.sales_order_line_id
        if key == (None, None):
            continue  # a component that a supplier gets: material planning supplies it again
        lost[key] = lost.get(key, ZERO) + cut.quantity
    again: dict[Need, WorkOrderMaterial | SalesOrderLine] = {}
    for (need_id, line_id), quantity in lost.items():
        row = losers.needs[need_id] if need_id else losers.lines[line_id or 0]
        if need := _need(losers.plant, row, quantity):
            again[need] = row
    return again


def _need(plant: Plant, row: WorkOrderMaterial | SalesOrderLine, quantity: Decimal) -> Need | None:
    """What has to come again; nothing for a draft order, or a work order that has ended or is for stock."""
    if isinstance(row, SalesOrderLine):
        if row.order.confirmed_at is None or row.order.cancelled_at is not None:
            return None
        demand = Demand(row.pk, row.line_no, plant.pk, row.material_id, quantity)
        unit_id, path = row.material.unit_id, str(row.line_no)
        return Need(plant.pk, row.material_id, unit_id, row.line_no, quantity, demand=demand, path=path)
    line = row.work_order.sales_order_line
    if line is None or row.work_order.state not in OPEN:
        return None
    return Need(
        plant.pk,
        row.material_id,
        row.unit_id,
        row.line_no,
        quantity,
        operation_sequence=row.operation_sequence,
        demand=Demand(line.pk, line.line_no, plant.pk, row.material_id, quantity),
        path=f"{row.work_order.path}.{row.line_no}",
    )


def _cover(plant: Plant, needs: Sequence[Need], now: dt.datetime, without: Mapping[int, Decimal]) -> Netting:
    structure = read_structure(plant_ids=[plant.pk], material_ids={need.material_id for need in needs})
    sources = read_sources(plant_ids=[plant.pk], structure=structure, lock=True)
    for rows in sources.free.values():
        for row in rows:
            row.quantity = max(ZERO, row.quantity - without.get(row.balance_id, ZERO))
    return cover(needs=needs, structure=structure, sources=sources, now=now, may_refuse=False)


def _expect(
    plant: Plant, again: Mapping[Need, WorkOrderMaterial | SalesOrderLine], netting: Netting, now: dt.datetime
) -> None:
    """Where something is made no date until a plan has it; a line that waits for goods: their day and transport."""
    for need, row in again.items():
        if not isinstance(row, SalesOrderLine):
            continue
        arrives = None
        if need.make is None:
            arrives = max(need.ready_at or now, now) + dt.timedelta(minutes=plant.transport_min)
        SalesOrderLine.objects.filter(pk=row.pk).update(expected_at=arrives)
