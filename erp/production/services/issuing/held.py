"""A work order that material is issued to: held, what it may be given, and what its entries say."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.db import connection

from erp.cost.models import CostEntry, Element
from erp.cost.rates import RATES_HERE, Rates
from erp.cost.services import CostTag
from erp.facts import WorkOrderChanged
from erp.ledger.models import JournalEntry
from erp.ledger.services import EntryDraft
from erp.production.models import WorkOrder, WorkOrderMaterial, WorkOrderOperation
from erp.production.selectors.scanned import Usable, usable_needs
from erp.production.services.absorbing import PLACES, absorption, checked_places
from erp.production.services.release import State
from erp.production.services.scanned_parts import WrongMaterial as WrongMaterial
from erp.stock.book import Tagged
from erp.stock.owed import owed_by
from masterdata import live, statements
from masterdata.errors import Refusal, StaleVersion
from masterdata.models import Material
from masterdata.numbers import ZERO

_LOCK_ORDER = "SELECT id FROM erp_salesorder WHERE id = %s FOR NO KEY UPDATE"


class OverIssue(Refusal):
    """More than planned: allowed with a reason; `remaining` is what is planned and not issued."""

    code: ClassVar[str] = "over_issue"


class NotOpenForIssue(Refusal):
    """The work order has made its last piece, or never began."""

    code: ClassVar[str] = "not_open_for_issue"


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """What an issue did: `quantity` of the material, worth `value`; `settled_qty` of it had been owed."""

    work_order_id: int
    need_id: int
    material_id: int
    quantity: Decimal
    value: Decimal
    settled_qty: Decimal = ZERO


def overhead_on(order: WorkOrder, usable: Usable, rates: Rates, material: Decimal) -> list[Tagged]:
    dimensions: dict[str, Any] = {
        "plant": order.plant,
        "sales_order_id": usable.order_id,
        "work_order_id": order.pk,
    }
    found = rates.absorbed(minutes=ZERO, material=material, decimals=order.plant.company.currency.decimals)
    lines, tags = absorption(found, dimensions, operation_id=usable.operation_id)
    draft = EntryDraft(
        company_id=order.plant.company_id, kind=JournalEntry.Kind.ISSUE, source=f"work_order:{order.pk}", lines=lines
    )
    return [(draft, tags)] if lines else []


def cost_tag(usable: Usable, quantity: Decimal, *, is_own: bool) -> CostTag:
    return CostTag(
        kind=CostEntry.Kind.TRANSFER if is_own else CostEntry.Kind.INCURRED,
        element=Element.MATERIAL,
        quantity=quantity,
        operation_id=usable.operation_id,
        material_id=usable.material_id,
    )


def hold_work(work_order_id: int, expected_version: int | None) -> WorkOrder:
    """Lock the sales order, then the work order, which must still be at work."""
    order_id = WorkOrder.objects.values_list("sales_order_line__order", flat=True).get(pk=work_order_id)
    if order_id is not None:
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_ORDER, [order_id])
    order = (
        WorkOrder.objects.select_for_update(no_key=True, of=("self",))
        .select_related("plant__company__currency", "sales_order_line")
        .order_by("pk")
        .get(pk=work_order_id)
    )
    if expected_version is not None and order.version != expected_version:
        raise StaleVersion(f"{order.number} was changed meanwhile: look at it again.")
    if order.state not in (State.FIRM, State.RELEASED):
        raise NotOpenForIssue(
            f"{order.number} is {State(order.state).label.lower()}: nothing is issued to it or given back.",
            work_order_id=order.pk,
        )
    return order


def chosen_need(order: WorkOrder, material_id: int, now: dt.datetime) -> Usable:
    """The need that the material counts for: the one that lacks most of it. Raises WrongMaterial, NotOpenForIssue."""
    found = usable_needs(order=order, now=now)
    mine = [one for one in found if one.material_id == material_id]
    if not mine:
        uses = ", ".join(sorted({one.code for one in found})) or "nothing"
        raise WrongMaterial(
            f"{order.number} does not use {material_of(material_id).code}. It uses {uses}.",
            field="material_id",
            uses=sorted({one.code for one in found}),
        )
    usable = max(mine, key=lambda one: (one.ratio == 1, one.need.quantity - one.need.issued_qty))
    owes = owed_by(plant_id=order.plant_id, work_order_id=order.pk, material_id=material_id)
    last = WorkOrderOperation.objects.filter(work_order=order, is_last=True, finished_at=None)
    if not last.exists() and not owes:
        raise NotOpenForIssue(f"{order.number} has made its last piece: its cost has gone on.", work_order_id=order.pk)
    return usable


def places_and_rates(order: WorkOrder, need: WorkOrderMaterial, now: dt.datetime) -> tuple[dict[str, int], Rates]:
    centre = WorkOrderOperation.objects.filter(work_order=order, sequence=need.operation_sequence)
    centre_id = centre.values_list("work_centre", flat=True).first()
    places, rates = statements.together((PLACES, [order.plant_id]), (RATES_HERE, [None, None, now, centre_id]))
    figures = rates[0][:-1] if rates else (ZERO,) * 6
    return checked_places(dict(places), order.plant), Rates(*figures)


def material_of(material_id: int) -> Material:
    return Material.objects.select_related("unit").get(pk=material_id)


def changed(order: WorkOrder, what: str, text: str) -> WorkOrderChanged:
    return WorkOrderChanged(work_order_id=order.pk, plant_id=order.plant_id, what=what, text=text)


def tell(order: WorkOrder) -> None:
    live.publish("operation", order.pk, plant_id=order.plant_id)
    if order.sales_order_line is not None:
        live.publish("order", order.sales_order_line.order_id)
