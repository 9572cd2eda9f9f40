"""From planned orders to purchase orders: many at once by a click, and by themselves inside the buying limits."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from erp.facts import PurchaseDateChanged
from erp.supply.limits import Wish, buying_limits, held_back
from erp.supply.models import Peg, PlannedOrder, PurchaseOrder, PurchaseOrderLine
from erp.supply.netting import lots
from erp.supply.services.agreeing import forget_planned_components, supply_new
from erp.supply.services.pegs import another, sales_order_of
from erp.supply.sources import SupplierOffer, best_offer, prices_in_force
from masterdata import facts, live
from masterdata.models import Plant
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Left:
    """A planned order that was not ordered, and the sentence that says why and what to do."""

    planned_order_id: int
    material_code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Ordered:
    """The purchase orders that were written, and what was left."""

    orders: list[PurchaseOrder] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Lot:
    """Planned orders of one material for one day that are bought together."""

    planned: list[PlannedOrder]
    offer: SupplierOffer
    due_at: dt.datetime
    goes_out_at: dt.datetime

    @property
    def total(self) -> Decimal:
        return sum((one.quantity for one in self.planned), ZERO)

    @property
    def quantities(self) -> list[Decimal]:
        return lots(self.total, self.offer)


@dataclass(frozen=True, slots=True)
class _Part:
    """How much of a peg a line is for, and when that was to come while it was planned."""

    peg: Peg
    quantity: Decimal
    line: PurchaseOrderLine
    planned_at: dt.datetime


@transaction.atomic
def order_planned_together(*, planned_order_ids: Collection[int], now: dt.datetime) -> Ordered:
    """Buy planned orders where their materials are bought today: one purchase order per plant, supplier and day.

    Planned orders of one material for one day are summed before packs and smallest quantities count; goods come when
    they are needed, but not before the supplier's lead time. Pegs move to the new lines. What cannot be ordered (no
    price, a transfer, ordered by somebody else or taken back by planning meanwhile) is left and told.
    Locks the planned orders; takes document numbers last.
    """
    wanted = PlannedOrder.objects.filter(pk__in=list(planned_order_ids))
    codes = dict(wanted.values_list("pk", "material__code").order_by())
    rows = hold_planned(wanted)
    found, left = _lots(rows, now)
    gone = sorted(set(planned_order_ids) - {row.pk for row in rows})
    left += [Left(pk, codes.get(pk, ""), taken_back(codes.get(pk, ""))) for pk in gone]
    return Ordered(write_lots(found, now), left)


def taken_back(code: str) -> str:
    """Why a planned order that was there can't be ordered any more."""
    what = f"a planned order of {code}" if code else "one of the planned orders"
    return f"Planning took {what} back, its need is covered otherwise: look at the list again."


@transaction.atomic
def convert_within_limits(*, plant_id: int, now: dt.datetime) -> Ordered:
    """Order what the plant's buying limits let go by itself; the rest stays planned and says why.

    For after each run of material planning. Limits for confirmed orders let go what such orders alone wait for, as
    soon as it has a price. Locks the plant's open planned orders; takes document numbers last.
    """
    limits = buying_limits([plant_id])
    if not limits:
        return Ordered()
    wanted = PlannedOrder.objects.filter(plant=plant_id, closed_at=None, kind=PlannedOrder.Kind.BUY)
    of_orders = _of_orders(wanted)
    if all(limit.for_orders for limit in limits[plant_id]):
        wanted = wanted.filter(pk__in=of_orders)
    rows = hold_planned(wanted)
    found, left = _lots(rows, now)
    wishes = {
        one: Wish(
            plant_id,
            one.planned[0].material_id,
            one.offer,
            sum(one.quantities, ZERO),
            one.goes_out_at,
            _day(one.due_at, one.planned[0].plant),
            for_orders=all(row.pk in of_orders for row in one.planned),
        )
        for one in found
    }
    reasons = held_back(wishes=wishes, limits=limits, now=now)
    left += [Left(row.pk, row.material.code, reason) for one, reason in reasons.items() for row in one.planned]
    _say_why(rows, {one.planned_order_id: one.reason for one in left})
    return Ordered(write_lots([one for one in found if one not in reasons], now), left)


def _of_orders(rows: QuerySet[PlannedOrder]) -> frozenset[int]:
    """Those that confirmed orders wait for, and nobody else."""
    pegs = Peg.objects.filter(planned_order__in=rows.order_by().values("pk"), is_planned=False)
    order = Coalesce("sales_order_line", "work_order_material__work_order__sales_order_line")
    found: dict[int | None, bool] = {}
    for planned_id, line_id in pegs.annotate(line=order).values_list("planned_order", "line").order_by():
        found[planned_id] = found.get(planned_id, True) and line_id is not None
    return frozenset(pk for pk, is_order in found.items() if pk and is_order)


def hold_planned(rows: object) -> list[PlannedOrder]:
    """Lock these planned orders by id."""
    held = rows.select_for_update(no_key=True, of=("self",)).order_by("pk")  # type: ignore[attr-defined]
    return list(held.select_related("plant__company", "material__unit"))


def _say_why(rows: Sequence[PlannedOrder], reasons: Mapping[int, str]) -> None:
    changed = []
    for row in rows:
        reason = reasons.get(row.pk, "")[:200]
        if reason and row.problem != reason:
            row.problem = reason
            changed.append(row)
    PlannedOrder.objects.bulk_update(changed, ["problem"])


def _day(moment: dt.datetime, plant: Plant) -> dt.date:
    return moment.astimezone(ZoneInfo(plant.time_zone)).date()


def _lots(rows: Sequence[PlannedOrder], now: dt.datetime) -> tuple[list[Lot], list[Left]]:
    """What is bought together, from whom, for when; and what nobody sells."""
    left = []
    groups: dict[tuple[int, int, dt.date], list[PlannedOrder]] = defaultdict(list)
    for row in rows:
        if row.closed_at is not None:
            left.append(Left(row.pk, row.material.code, f"This need of {row.material.code} was ordered already."))
        elif row.kind != PlannedOrder.Kind.BUY:
            reason = f"{row.material.code} comes from another plant: transfer it"
            left.append(Left(row.pk, row.material.code, reason))
        else:
            groups[row.plant_id, row.material_id, _day(max(row.due_at, now), row.plant)].append(row)
    materials: dict[int, set[int]] = defaultdict(set)
    for plant_id, material_id, _ in groups:
        materials[plant_id].add(material_id)
    prices = {
        plant_id: prices_in_force(plant_id=plant_id, material_ids=ids, now=now) for plant_id, ids in materials.items()
    }
    found = []
    for (plant_id, material_id, _), group in groups.items():
        offer = best_offer(prices[plant_id].get(material_id, ()), sum((row.quantity for row in group), ZERO))
        if offer is None:
            code = group[0].material.code
            left += [
                Left(row.pk, code, f"No supplier has a price for {code}: enter one, then order it") for row in group
            ]
            continue
        lead = dt.timedelta(days=offer.lead_time_days)
        needed_at = min(row.due_at for row in group)
        found.append(Lot(group, offer, max(needed_at, now + lead), max(now, needed_at - lead)))
    return found, left


def write_lots(found: Sequence[Lot], now: dt.datetime) -> list[PurchaseOrder]:
    """Orders, lines and pegs, one statement per table; closes the planned orders."""
    groups: dict[tuple[int, int, dt.date], list[Lot]] = defaultdict(list)
    for one in found:
        plant = one.planned[0].plant
        groups[plant.pk, one.offer.supplier_id, _day(one.due_at, plant)].append(one)
    if not groups:
        return []
    orders = _numbered(groups, now)
    PurchaseOrder.objects.bulk_create(orders)
    lines: list[PurchaseOrderLine] = []
    of_lot: dict[Lot, list[PurchaseOrderLine]] = {}
    for order, group in zip(orders, groups.values(), strict=True):
        line_no = 0
        for one in group:
            of_lot[one] = []
            for quantity in one.quantities:
                line_no += 1
                of_lot[one].append(_line(order, line_no, one, quantity))
            lines += of_lot[one]
    waiting = _pegs(found)
    parts = [part for one in found for part in _shared(waiting, one, of_lot[one])]
    PurchaseOrderLine.objects.bulk_create(lines)
    _move_pegs(parts)
    planned = [row.pk for one in found for row in one.planned]
    PlannedOrder.objects.filter(pk__in=planned).update(closed_at=now)
    forget_planned_components(planned)
    supply_new(orders, [line for one in found if one.offer.is_subcontract for line in of_lot[one]], now)
    _tell(orders, parts)
    return orders


def _numbered(groups: Mapping[tuple[int, int, dt.date], list[Lot]], now: dt.datetime) -> list[PurchaseOrder]:
    """Orders in the groups' order, numbers from each company's series."""
    plants = {one.planned[0].plant_id: one.planned[0].plant for group in groups.values() for one in group}
    counts: dict[int, int] = defaultdict(int)
    for plant_id, _, _ in groups:
        counts[plants[plant_id].company_id] += 1
    companies = {plant.company_id: plant.company for plant in plants.values()}
    numbers = {
        pk: iter(next_numbers(company=companies[pk], kind="PO", year=now.year, count=counts[pk]))
        for pk in sorted(counts)
    }
    return [
        PurchaseOrder(
            number=next(numbers[plants[plant_id].company_id]),
            plant_id=plant_id,
            supplier_id=supplier_id,
            ordered_at=now,
        )
        for plant_id, supplier_id, _ in groups
    ]


def _line(order: PurchaseOrder, line_no: int, one: Lot, quantity: Decimal) -> PurchaseOrderLine:
    return PurchaseOrderLine(
        order=order,
        line_no=line_no,
        material_id=one.planned[0].material_id,
        quantity=quantity,
        unit_price=one.offer.unit_price,
        due_at=one.due_at,
    )


def _pegs(found: Sequence[Lot]) -> dict[int, list[Peg]]:
    ids = [row.pk for one in found for row in one.planned]
    pegs = Peg.objects.filter(planned_order__in=ids).select_related(
        "work_order_material__work_order__sales_order_line", "sales_order_line"
    )
    waiting: dict[int, list[Peg]] = defaultdict(list)
    for peg in pegs.order_by("id"):
        waiting[peg.planned_order_id or 0].append(peg)
    return waiting


def _shared(waiting: Mapping[int, list[Peg]], one: Lot, lines: Sequence[PurchaseOrderLine]) -> list[_Part]:
    """Which part of each peg which line is for, first come first served; the lines learn what is pegged to them."""
    parts = []
    queue = iter(lines)
    line = next(queue)
    pairs = [(row, peg) for row in one.planned for peg in waiting.get(row.pk, ())]
    for row, peg in pairs:
        open_qty = peg.quantity
        while open_qty > 0:
            if line.pegged_qty == line.quantity:
                line = next(queue)
            part = min(open_qty, line.quantity - line.pegged_qty)
            line.pegged_qty += part
            open_qty -= part
            parts.append(_Part(peg, part, line, row.due_at))
    return parts


def _move_pegs(parts: Sequence[_Part]) -> None:
    """A peg that several lines are for becomes several."""
    moved: dict[int, Peg] = {}
    more = []
    for part in parts:
        peg = part.peg
        if peg.pk in moved:
            more.append(another(peg, part.quantity, purchase_order_line=part.line))
            continue
        peg.planned_order, peg.purchase_order_line, peg.quantity = None, part.line, part.quantity
        moved[peg.pk] = peg
    Peg.objects.bulk_update(moved.values(), ["planned_order", "purchase_order_line", "quantity"])
    Peg.objects.bulk_create(more)


def _tell(orders: Sequence[PurchaseOrder], parts: Sequence[_Part]) -> None:
    """One PurchaseDateChanged per order whose goods come at another moment than those who wait had counted on."""
    other: dict[int, tuple[PurchaseOrderLine, set[int]]] = {}
    for part in parts:
        order_id = sales_order_of(part.peg)
        if order_id is not None and part.planned_at != part.line.due_at:
            other.setdefault(part.line.order_id, (part.line, set()))[1].add(order_id)
    for order in orders:
        if order.pk in other:
            line, order_ids = other[order.pk]
            facts.state(
                PurchaseDateChanged(
                    line_id=line.pk,
                    purchase_order_id=order.pk,
                    plant_id=order.plant_id,
                    order_ids=tuple(sorted(order_ids)),
                )
            )
        live.publish("purchase", order.pk, plant_id=order.plant_id)
