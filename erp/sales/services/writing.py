"""What netting found, as rows: work orders of all levels, reservations, purchases and pegs, in one order of locks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from erp.planning.services import note_changes
from erp.production.models import WorkOrderMaterial
from erp.production.services import make_work_orders
from erp.production.specs import MaterialSpec, OperationSpec, WorkOrderSpec
from erp.stock.models import Reservation
from erp.stock.services import StockDemand, reserve
from erp.supply.needs import Make, Need, Netting
from erp.supply.services.purchases import write_supply
from masterdata.models import Company, Plant


def write_netting(
    *,
    netting: Netting,
    plants: Mapping[int, Plant],
    company: Company,
    now: dt.datetime,
    waiting: Mapping[Need, WorkOrderMaterial] | None = None,
) -> list[int]:
    """Write it, and have planning look at what is `to_watch`; the ids of the work orders that were made. `waiting` are
    needs of work orders that exist; other needs without a work order are order lines.

    Open purchase lines and balances must be locked by the caller. Takes number series last.
    """
    waiting = waiting or {}
    made, need_ids = _make(netting, plants, now)
    need_ids |= {need: row.pk for need, row in waiting.items()}
    released = {row.pk for row in waiting.values() if row.work_order.state == row.work_order.State.RELEASED}
    if demands := _demands(netting, need_ids, released):
        reserve(demands=demands, now=now)
    write_supply(netting=netting, company=company, made=made, need_ids=need_ids, now=now)
    for plant_id in sorted({plant_id for plant_id, _ in netting.to_watch}):
        note_changes(plant_id=plant_id, material_ids={pk for plant, pk in netting.to_watch if plant == plant_id})
    return list(made.values())


def _make(netting: Netting, plants: Mapping[int, Plant], now: dt.datetime) -> tuple[dict[Make, int], dict[Need, int]]:
    """The work orders, firm; from make to id, and from need to the id of the work order material that it became."""
    rows = make_work_orders(specs=[_spec(make, plants[make.plant_id]) for make in netting.makes], now=now)
    made: dict[Make, int] = {}
    need_ids: dict[Need, int] = {}
    for make, (order, materials) in zip(netting.makes, rows, strict=True):
        made[make] = order.pk
        need_ids.update((need, row.pk) for need, row in zip(make.components, materials, strict=True))
    return made, need_ids


def _spec(make: Make, plant: Plant) -> WorkOrderSpec:
    return WorkOrderSpec(
        plant=plant,
        material_id=make.material_id,
        quantity=make.quantity,
        bom_id=make.bom_id,
        routing_id=make.routing_id,
        sales_order_line_id=make.line_id,
        path=make.path,
        operations=[
            OperationSpec(
                sequence=step.sequence,
                name=step.name,
                work_centre_id=step.work_centre_id,
                setup_min=step.setup_min,
                run_min_per_unit=step.run_min_per_unit,
                setup_family=step.setup_family,
                is_splittable=step.is_splittable,
            )
            for step in make.steps
        ],
        materials=[
            MaterialSpec(
                line_no=need.line_no,
                material_id=need.material_id,
                unit_id=need.unit_id,
                operation_sequence=need.operation_sequence,
                quantity=need.quantity,
                instead_of_id=need.main and need.main[0],
                instead_qty=need.main and need.main[1],
                is_chosen=need.is_decided,
                is_scanned=need.is_scanned,
            )
            for need in make.components
        ],
    )


def _demands(netting: Netting, need_ids: Mapping[Need, int], released: set[int]) -> list[StockDemand]:
    return [
        StockDemand(
            plant_id=need.plant_id,
            material_id=need.material_id,
            quantity=part.quantity,
            work_order_material_id=need_ids.get(need),
            sales_order_line_id=need.demand.line_id if need not in need_ids and need.demand else None,
            balance_id=part.balance_id,
            kind=Reservation.Kind.HARD if need_ids.get(need) in released else Reservation.Kind.SOFT,
        )
        for need in netting.needs
        for part in need.stock
    ]
