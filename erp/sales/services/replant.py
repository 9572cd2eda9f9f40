"""A line of a confirmed order is made in another plant: let go of in the first, supplied anew in the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import ClassVar

from django.db import transaction
from django.db.models import F, Q, QuerySet

from erp import facts as erp_facts
from erp.planning.services import note_changes
from erp.production.models import WorkOrder, WorkOrderMaterial
from erp.production.services import estimate_orders
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.services.bought import own_purchases
from erp.sales.services.cancelling import BeingPicked
from erp.sales.services.confirmation import supply_line
from erp.sales.services.letting_go import end_work, has_begun, unpeg, unreserve
from erp.sales.services.undoing import WorkIsUnderWay
from erp.stock.models import Reservation
from erp.supply.models import Peg
from erp.supply.services.cancelling import cancel_purchase
from erp.supply.sources import hold_sources
from erp.supply.structure import read_structure
from masterdata import facts, live
from masterdata.causes import Cause
from masterdata.errors import Refusal, StaleVersion
from masterdata.models import Plant

State = WorkOrder.State
LEAVE = "leave the line in its plant, or agree another place of delivery with the supplier first"


class StaysInPlant(Refusal):
    """The line cannot be made in that plant as it stands; the sentence says what to do."""

    code: ClassVar[str] = "stays_in_plant"


@transaction.atomic
def move_line(
    *, line_id: int, plant_id: int, now: dt.datetime, reason: str = "", expected_version: int | None = None
) -> SalesOrderLine:
    """Have all of a line made in another plant of the company, before anything of it has begun, come or left.

    In the first plant its work orders are cancelled, what is kept is free again, what was ordered for it alone and not
    confirmed is cancelled, other purchases stay as free supply. In the other one it is netted on all levels as
    confirming does. The promise stays in force until a plan says otherwise; `expected_at` is open until then. A new
    cost estimate is written. States LineMoved.

    Locks the order, its purchase orders, its work orders, purchase lines and balances of both plants (the smaller id
    first), number series last. The caller who publishes a plan too holds both plants' planning before. Raises
    StaysInPlant, WorkIsUnderWay, BoughtForIt, BeingPicked, NoRouting, StaleVersion; then nothing is changed.
    """
    order, line, plant = _held(line_id, plant_id, expected_version)
    first = line.plant
    _refuse_move(line, plant)
    work = list(_work(line).select_for_update(no_key=True))
    _refuse_begun(line, work)
    own = own_purchases(order, line_ids=[line.pk], advice=LEAVE)
    materials = _hold_sources(line, plant, work)
    _let_go(line, work, now)
    text = f"Line {line.line_no} of {order.number} from {first.name} to {plant.name}"
    for purchase_id, line_ids in own.items():
        cancel_purchase(order_id=purchase_id, now=now, line_ids=line_ids, why=text)
    line.plant, line.expected_at = plant, None
    line.save(update_fields=["plant", "expected_at"])
    supply_line(line, company=order.company, now=now)
    note_changes(plant_id=first.pk, material_ids=materials)
    _tell(order, line, first, f"{text}: {reason.strip()}" if reason.strip() else text, now)
    return line


def _refuse_move(line: SalesOrderLine, plant: Plant) -> None:
    """Raises StaysInPlant or BeingPicked for what can be seen of the line itself; reads only. Comes with its order."""
    order = line.order
    what = f"Line {line.line_no} of {order.number}"
    if order.confirmed_at is None or order.cancelled_at is not None or line.quantity == 0:
        raise StaysInPlant(f"{what} is not a confirmed one: only those have work to move.", line_id=line.pk)
    if plant.pk == line.plant_id:
        raise StaysInPlant(f"{what} is made in {plant.name} already: choose another plant.", line_id=line.pk)
    if plant.company_id != order.company_id:
        raise StaysInPlant(f"{plant.name} belongs to another company: choose a plant of the order's.", line_id=line.pk)
    if line.shipped_qty > 0:
        raise StaysInPlant(
            f"A part of {what[0].lower()}{what[1:]} has left: order the rest anew from {plant.name}.", line_id=line.pk
        )
    packed = line.shipment_lines.filter(shipment__shipped_at=None).select_related("shipment").first()
    if packed is not None:
        raise StaysInPlant(f"{packed.shipment.number} is packed with it: give that up first.", line_id=line.pk)
    still = Q(picked_qty__gt=F("gone_qty")) | Q(pick_list__closed_at=None)
    picked = line.pick_lines.filter(still).select_related("pick_list").first()
    if picked is not None:
        raise BeingPicked(
            f"{what} stands on {picked.pick_list.number}: close that list, put back what is picked.",
            line_id=line.pk,
            pick_list_id=picked.pick_list_id,
        )


def check_line_move(*, line_id: int, plant_id: int) -> tuple[SalesOrderLine, Plant]:
    """The line with order, plant and material, and the plant, when the line may be made there as things stand.

    Reads only, for whoever shows what would be. Raises as `move_line`, but NoRouting, which netting says.
    """
    related = "order__company__currency", "plant", "material"
    line = SalesOrderLine.objects.select_related(*related).filter(pk=line_id).first()
    plant = Plant.objects.select_related("company__currency").filter(pk=plant_id).first()
    if line is None or plant is None:
        raise StaysInPlant("The line or the plant is not there any more: leave this change out.", line_id=line_id)
    _refuse_move(line, plant)
    _refuse_begun(line, list(_work(line)))
    own_purchases(line.order, line_ids=[line.pk], advice=LEAVE, lock=False)
    return line, plant


def _refuse_begun(line: SalesOrderLine, work: Sequence[WorkOrder]) -> None:
    begun = has_begun(work)
    if begun:
        numbers = sorted(one.number for one in work if one.pk in begun)
        raise WorkIsUnderWay(
            f"{', '.join(numbers)} {'are' if len(numbers) > 1 else 'is'} released or in work: that is finished where "
            "it was begun. Take the release back first, when nobody has started.",
            line_id=line.pk,
            work_orders=numbers,
        )


def _held(line_id: int, plant_id: int, expected_version: int | None) -> tuple[SalesOrder, SalesOrderLine, Plant]:
    rows = SalesOrder.objects.select_for_update(no_key=True, of=("self",)).select_related("company").order_by("pk")
    order = rows.get(lines=line_id)
    if expected_version is not None and expected_version != order.version:
        raise StaleVersion(f"{order.number} was changed meanwhile: look at it again.", version=order.version)
    line = SalesOrderLine.objects.select_related("plant", "material").get(pk=line_id)
    line.order = order
    return order, line, Plant.objects.select_related("company__currency").get(pk=plant_id)


def _work(line: SalesOrderLine) -> QuerySet[WorkOrder]:
    return WorkOrder.objects.filter(sales_order_line=line).exclude(state=State.CANCELLED).order_by("pk")


def _hold_sources(line: SalesOrderLine, plant: Plant, work: Collection[WorkOrder]) -> set[int]:
    """Lock what is let go and what may be taken; the materials of the first plant."""
    needs = WorkOrderMaterial.objects.filter(work_order__in=[one.pk for one in work]).order_by()
    given = {*needs.values_list("material_id", flat=True)}
    by_plant = {
        one: {*read_structure(plant_ids=[one], material_ids=[line.material_id]).items}
        for one in (line.plant_id, plant.pk)
    }
    by_plant[line.plant_id] |= given
    for one in sorted(by_plant):
        hold_sources(plant_id=one, material_ids=by_plant[one], order_id=line.order_id)
    return by_plant[line.plant_id]


def _let_go(line: SalesOrderLine, work: Sequence[WorkOrder], now: dt.datetime) -> None:
    end_work(work, now)
    unpeg(Peg.objects.filter(sales_order_line=line), None, now)
    unreserve(Reservation.objects.filter(sales_order_line=line), None)


def _tell(order: SalesOrder, line: SalesOrderLine, first: Plant, text: str, now: dt.datetime) -> None:
    order.version += 1
    order.save(update_fields=["version"])
    estimate_orders(order_ids=[order.pk], cause=Cause("order", text[:120]), now=now)
    facts.state(
        erp_facts.LineMoved(
            order_id=order.pk,
            line_id=line.pk,
            line_no=line.line_no,
            from_plant_id=first.pk,
            plant_id=line.plant_id,
            text=text[:200],
        )
    )
    live.publish("order", order.pk, order.version)
    for plant_id in (first.pk, line.plant_id):
        live.publish("stock", plant_id)
