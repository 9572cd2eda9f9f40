"""A person's decision about a component of firm work: use a substitute instead, or keep the component."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q

from erp.facts import ComponentReplaced
from erp.planning.services.deeds import check_version
from erp.production.models import WorkOrder, WorkOrderMaterial
from erp.stock.intents import StockDemand
from erp.stock.models import Reservation, StockBalance
from erp.stock.services import reserve
from erp.supply.models import Peg, PlannedOrder, PurchaseOrderLine
from erp.supply.services.pegs import cut_pegs
from masterdata import facts, live, shown
from masterdata.errors import Refusal
from masterdata.models import BomSubstitute, Material
from masterdata.numbers import round_up

Choice = WorkOrderMaterial.Choice


class NotReplaceable(Refusal):
    """The work is not firm, the component is used or made for it already, or the BOM knows no such substitute."""

    code: ClassVar[str] = "not_replaceable"


@transaction.atomic
def use_substitute(
    *, need_id: int, material_id: int, now: dt.datetime, expected_version: int | None = None
) -> WorkOrder:
    """Use a substitute of the BOM for the whole of a firm work order's component.

    What was kept or on the way of the component is free for others; free stock of the substitute is kept, planning
    supplies the rest. States ComponentReplaced. Locks the sales order, the work order, planned orders, purchase lines,
    balances. Raises NotReplaceable, StaleVersion.
    """
    order, need = _hold(need_id, expected_version)
    if need.instead_of_id is not None:
        raise NotReplaceable("It is replaced already: keep the component first.", need_id=need_id)
    today = now.astimezone(ZoneInfo(order.plant.time_zone)).date()
    found = _substitute(order, need, material_id, max(order.start_by_on or today, today))
    main, quantity = need.material, need.quantity
    _let_go(need)
    need.instead_of, need.instead_qty = main, quantity
    _tell(order, main.code, found.material.code, is_kept=False)
    _write(order, need, found.material, round_up(quantity * found.ratio, found.material.unit.rounding), Choice.CHOSEN)
    _keep_stock(order, need, now)
    return order


@transaction.atomic
def keep_component(*, need_id: int, now: dt.datetime, expected_version: int | None = None) -> WorkOrder:
    """Use the BOM's component again; planning does not replace it any more. Locks and raises as `use_substitute`."""
    order, need = _hold(need_id, expected_version)
    main = need.instead_of
    if main is None or need.instead_qty is None:
        raise NotReplaceable("It is the component of the BOM.", need_id=need_id)
    quantity = need.instead_qty
    _let_go(need)
    need.instead_of = need.instead_qty = None
    _tell(order, need.material.code, main.code, is_kept=True)
    _write(order, need, main, quantity, Choice.KEPT)
    _keep_stock(order, need, now)
    return order


def _hold(need_id: int, expected_version: int | None) -> tuple[WorkOrder, WorkOrderMaterial]:
    need = WorkOrderMaterial.objects.select_related("work_order__sales_order_line__order").get(pk=need_id)
    line = need.work_order.sales_order_line
    if line is not None:
        type(line.order).objects.select_for_update(no_key=True).order_by("pk").get(pk=line.order_id)
    order = (
        WorkOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("plant")
        .order_by("pk")
        .get(pk=need.work_order_id)
    )
    need = WorkOrderMaterial.objects.select_related("material__unit", "instead_of__unit").get(pk=need_id)
    check_version(order.number, order.version, expected_version)
    if order.state == WorkOrder.State.PROPOSED:
        raise NotReplaceable(
            f"{order.number} is only proposed: planning decides about it. Make it firm first.", need_id=need_id
        )
    if order.state != WorkOrder.State.FIRM or need.issued_qty:
        raise NotReplaceable(
            f"{order.number} is {WorkOrder.State(order.state).label.lower()}: its components stay.", need_id=need_id
        )
    if Peg.objects.filter(work_order_material=need, work_order__isnull=False, is_planned=False).exists():
        raise NotReplaceable(
            f"{need.material.code} is made for {order.number}: cancel that work first.", need_id=need_id
        )
    return order, need


def _substitute(order: WorkOrder, need: WorkOrderMaterial, material_id: int, day: dt.date) -> BomSubstitute:
    rows = BomSubstitute.objects.filter(
        Q(plant=None) | Q(plant=order.plant_id),
        Q(valid_from=None) | Q(valid_from__lte=day),
        Q(valid_until=None) | Q(valid_until__gte=day),
        line__bom=order.bom_id,
        line__line_no=need.line_no,
        material=material_id,
    )
    found = rows.select_related("material__unit").order_by("priority", "pk").first()
    if found is None:
        code = Material.objects.values_list("code", flat=True).get(pk=material_id)
        raise NotReplaceable(
            f"The BOM of {order.number} does not let {code} stand in for {need.material.code} on {shown.day(day)}: "
            "choose one that it names.",
            field="material",
            need_id=need.pk,
        )
    return found


def _let_go(need: WorkOrderMaterial) -> None:
    """What is kept and what is on the way for it is free; a purchase that nobody has ordered for it goes."""
    pegs = list(Peg.objects.filter(work_order_material=need).order_by("pk"))
    own = [peg.planned_order_id for peg in pegs if peg.planned_order_id is not None and not peg.is_planned]
    planned = {
        row.pk: row for row in PlannedOrder.objects.select_for_update(no_key=True).filter(pk__in=own).order_by("pk")
    }
    lines = [peg.purchase_order_line_id for peg in pegs if peg.purchase_order_line_id is not None]
    list(PurchaseOrderLine.objects.select_for_update(no_key=True).filter(pk__in=lines).order_by("pk").values_list("pk"))
    wanted = {pk: row.quantity for pk, row in planned.items()}
    for peg in pegs:
        if peg.planned_order_id in planned:
            wanted[peg.planned_order_id] -= peg.quantity
    fresh = {peg.pk: peg for peg in Peg.objects.filter(work_order_material=need)}
    cut_pegs((peg, peg.quantity - peg.received_qty) for peg in fresh.values() if not peg.received_qty)
    for peg in fresh.values():
        if peg.received_qty:
            cut_pegs([(peg, peg.quantity - peg.received_qty)] if peg.quantity > peg.received_qty else [])
            Peg.objects.filter(pk=peg.pk).delete()  # it came, and is free now
    for pk, row in planned.items():
        if wanted[pk] > 0:
            PlannedOrder.objects.filter(pk=pk).update(quantity=wanted[pk], version=F("version") + 1)
        else:
            row.delete()
    rows = list(Reservation.objects.filter(work_order_material=need, quantity__gt=0).order_by("balance"))
    ids = sorted({row.balance_id for row in rows})
    list(StockBalance.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    for kept in Reservation.objects.filter(pk__in=[one.pk for one in rows], quantity__gt=0).order_by("balance"):
        StockBalance.objects.filter(pk=kept.balance_id).update(reserved=F("reserved") - kept.quantity)
    Reservation.objects.filter(pk__in=[one.pk for one in rows]).update(quantity=0)


def _tell(order: WorkOrder, before: str, used: str, *, is_kept: bool) -> None:
    facts.state(
        ComponentReplaced(plant_id=order.plant_id, work_order_id=order.pk, before=before, used=used, is_kept=is_kept)
    )


def _write(order: WorkOrder, need: WorkOrderMaterial, material: Material, quantity: Decimal, choice: str) -> None:
    need.material, need.unit, need.quantity, need.choice = material, material.unit, quantity, choice
    need.save(update_fields=["material", "unit", "quantity", "instead_of", "instead_qty", "choice"])
    order.version += 1
    order.save(update_fields=["version"])
    live.publish("supply", order.plant_id, plant_id=order.plant_id)


def _keep_stock(order: WorkOrder, need: WorkOrderMaterial, now: dt.datetime) -> None:
    demand = StockDemand(
        plant_id=order.plant_id,
        material_id=need.material_id,
        quantity=need.quantity,
        work_order_material_id=need.pk,
    )
    reserve(demands=[demand], now=now)
