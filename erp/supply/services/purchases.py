"""Purchase orders: those that netting writes, those that a buyer writes, and the dates that suppliers confirm."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Sum

from erp.supply.limits import Wish, buying_limits, held_back
from erp.supply.models import Peg, PlannedOrder, PurchaseOrder, PurchaseOrderLine
from erp.supply.needs import Make, Need, Netting, Purchase
from erp.supply.services.agreeing import agree_components, forget_planned_components, keep_components, write_components
from masterdata import inserts
from masterdata.days import check_day_ahead
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Company, Material, Partner, Plant
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO
from masterdata.units import check_quantity

_CLAIM = """
    UPDATE erp_purchaseorderline line SET pegged_qty = line.pegged_qty + new.quantity
    FROM unnest(%s::bigint[], %s::numeric[]) AS new(id, quantity) WHERE line.id = new.id
"""


class AlreadyOrdered(Refusal):
    """The planned order was turned into a purchase order before."""

    code = "already_ordered"


@dataclass(frozen=True, slots=True)
class PurchaseLineInput:
    """`quantity` in base units at `unit_price` per base unit."""

    material_id: int
    quantity: Decimal
    unit_price: Decimal
    due_at: dt.datetime


@transaction.atomic(savepoint=False)
def write_supply(
    *, netting: Netting, company: Company, made: Mapping[Make, int], need_ids: Mapping[Need, int], now: dt.datetime
) -> list[PurchaseOrder]:
    """Write what netting wants bought, one purchase order per plant and supplier, and the pegs of all supply.

    `made` gives the id of each work order, `need_ids` of each work order material; needs without one are order lines.
    Purchases without a supplier, or that no buying limit of the plant lets go by itself, become planned orders with
    their problem. The open purchase lines that netting took from must be locked by the caller
    (`read_sources(lock=True)`). Takes the number of the purchase orders last.
    """
    pegs = [
        _peg(make.need, need_ids, make.for_need, work_order_id=work_order_id) for make, work_order_id in made.items()
    ]
    claimed: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for need in netting.needs:
        pegs += [_peg(need, need_ids, part.quantity, work_order_id=part.work_order_id) for part in need.own]
        # By-products and transfers are pegged as planning does it: when one comes, or does not, planning sees to what
        # waits for it.
        pegs += [
            _peg(need, need_ids, part.quantity, is_planned=True, work_order_id=part.work_order_id)
            for part in need.beside
        ]
        pegs += [
            _peg(need, need_ids, part.quantity, is_planned=True, planned_order_id=part.planned_order_id)
            for part in need.transit
        ]
        for part in need.ordered:
            claimed[part.line_id] += part.quantity
            pegs.append(_peg(need, need_ids, part.quantity, purchase_order_line_id=part.line_id))
    if claimed:
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [list(claimed), list(claimed.values())])
    bought, waiting = _within_limits(netting.purchases, now)
    orders, lines = _orders(bought, company, now)
    for purchase, line in lines:
        for need, quantity in purchase.pegs:
            pegs.append(_peg(need, need_ids, quantity, purchase_order_line_id=line.pk))
    for purchase, planned in _planned(waiting):
        for need, quantity in purchase.pegs:
            pegs.append(_peg(need, need_ids, quantity, planned_order_id=planned.pk))
    inserts.insert(pegs)
    return orders


def _within_limits(purchases: Sequence[Purchase], now: dt.datetime) -> tuple[list[Purchase], list[Purchase]]:
    """What is ordered now, and what waits; its `problem` says why."""
    wishes = {
        purchase: Wish(purchase.plant_id, purchase.material_id, purchase.offer, purchase.quantity, now, for_orders=True)
        for purchase in purchases
        if purchase.offer
    }
    limits = buying_limits({wish.plant_id for wish in wishes.values()})
    for purchase, reason in held_back(wishes=wishes, limits=limits, now=now).items():
        purchase.problem = reason
    bought = [purchase for purchase in purchases if purchase.offer and not purchase.problem]
    return bought, [purchase for purchase in purchases if purchase.problem or not purchase.offer]


def _peg(need: Need, need_ids: Mapping[Need, int], quantity: Decimal, **supply: int) -> Peg:
    material_need = need_ids.get(need)
    line_id = need.demand.line_id if material_need is None and need.demand else None
    return inserts.new(
        Peg, work_order_material_id=material_need, sales_order_line_id=line_id, quantity=quantity, **supply
    )


def _orders(
    purchases: Sequence[Purchase], company: Company, now: dt.datetime
) -> tuple[list[PurchaseOrder], list[tuple[Purchase, PurchaseOrderLine]]]:
    groups: dict[tuple[int, int], list[Purchase]] = defaultdict(list)
    for purchase in purchases:
        if purchase.offer:
            groups[purchase.plant_id, purchase.offer.supplier_id].append(purchase)
    if not groups:
        return [], []
    numbers = next_numbers(company=company, kind="PO", year=now.year, count=len(groups))
    orders = PurchaseOrder.objects.bulk_create(
        PurchaseOrder(number=number, plant_id=plant_id, supplier_id=supplier_id, ordered_at=now)
        for number, (plant_id, supplier_id) in zip(numbers, groups, strict=True)
    )
    pairs = [
        (purchase, _line(order, line_no, purchase))
        for order, group in zip(orders, groups.values(), strict=True)
        for line_no, purchase in enumerate(group, start=1)
    ]
    PurchaseOrderLine.objects.bulk_create([line for _, line in pairs])
    write_components([line.pk for purchase, line in pairs if purchase.offer and purchase.offer.is_subcontract])
    return orders, pairs


def _line(order: PurchaseOrder, line_no: int, purchase: Purchase) -> PurchaseOrderLine:
    assert purchase.offer is not None
    return PurchaseOrderLine(
        order=order,
        line_no=line_no,
        material_id=purchase.material_id,
        quantity=purchase.quantity,
        unit_price=purchase.offer.unit_price,
        due_at=purchase.due_at,
        pegged_qty=sum((quantity for _, quantity in purchase.pegs), ZERO),
    )


def _planned(purchases: Sequence[Purchase]) -> list[tuple[Purchase, PlannedOrder]]:
    rows = PlannedOrder.objects.bulk_create(
        PlannedOrder(
            plant_id=purchase.plant_id,
            material_id=purchase.material_id,
            quantity=purchase.quantity,
            due_at=purchase.due_at,
            problem=purchase.problem,
        )
        for purchase in purchases
    )
    return list(zip(purchases, rows, strict=True))


@transaction.atomic
def create_purchase_order(
    *, plant: Plant, supplier: Partner, lines: Sequence[PurchaseLineInput], now: dt.datetime
) -> PurchaseOrder:
    """Order what a buyer chooses; it is for nobody until netting claims it.

    What this supplier makes for a fee gets the components of its BOM in force, which are kept for it as far as they are
    free. Locks their balances. Raises InvalidInput, DayPassed, NoComponents.
    """
    if not supplier.is_supplier:
        raise InvalidInput(f"{supplier.name} is no supplier: choose one.", field="supplier")
    if not lines:
        raise InvalidInput("A purchase order needs at least one line.", field="lines")
    materials = Material.objects.select_related("unit").in_bulk({line.material_id for line in lines})
    for index, line in enumerate(lines):
        if line.unit_price < 0:
            raise InvalidInput("A price can't be below zero.", field=f"lines.{index}.unit_price")
        check_quantity(material=materials[line.material_id], quantity=line.quantity, field=f"lines.{index}.quantity")
        check_day_ahead(line.due_at.date(), time_zone=plant.time_zone, now=now, field=f"lines.{index}.due_at")
    number = next_numbers(company=plant.company, kind="PO", year=now.year)[0]
    order = PurchaseOrder.objects.create(number=number, plant=plant, supplier=supplier, ordered_at=now)
    rows = PurchaseOrderLine.objects.bulk_create(
        PurchaseOrderLine(
            order=order,
            line_no=line_no,
            material_id=line.material_id,
            quantity=line.quantity,
            unit_price=line.unit_price,
            due_at=line.due_at,
        )
        for line_no, line in enumerate(lines, start=1)
    )
    agree_components([row.pk for row in rows])
    keep_components(order=order, now=now)
    return order


@transaction.atomic
def order_planned(
    *, planned_order_id: int, supplier: Partner, unit_price: Decimal, due_at: dt.datetime, now: dt.datetime
) -> PurchaseOrder:
    """Buy what netting could not: the planned order's quantity and pegs go to a new purchase order.

    Locks the planned order. Raises AlreadyOrdered, also when it is on the way from another plant, and
    PlannedOrder.DoesNotExist (planning took it back).
    """
    planned = PlannedOrder.objects.select_for_update(no_key=True).order_by("pk").get(pk=planned_order_id)
    if planned.closed_at is not None or planned.transfer_line_id is not None:
        code = Material.objects.values_list("code", flat=True).get(pk=planned.material_id)
        raise AlreadyOrdered(f"This need of {code} was ordered already.", planned_order_id=planned.pk)
    line = PurchaseLineInput(planned.material_id, planned.quantity, unit_price, due_at)
    plant = Plant.objects.select_related("company").get(pk=planned.plant_id)
    order = create_purchase_order(plant=plant, supplier=supplier, lines=[line], now=now)
    bought = order.lines.get()
    pegs = Peg.objects.filter(planned_order=planned)
    bought.pegged_qty = pegs.aggregate(total=Sum("quantity"))["total"] or ZERO
    bought.save(update_fields=["pegged_qty"])
    pegs.update(planned_order=None, purchase_order_line=bought)
    planned.closed_at = now
    planned.save(update_fields=["closed_at"])
    forget_planned_components([planned.pk])
    return order
