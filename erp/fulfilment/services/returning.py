"""Goods come back from a customer: allowed, taken in at what they cost when they left, and decided upon."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import F, Sum

from erp.facts import GoodsCameBack
from erp.fulfilment.models import CustomerReturn, CustomerReturnLine, ReturnReceipt, ShipmentLine
from erp.fulfilment.selectors.returns import returnable, shipped_goods
from erp.fulfilment.services.holding import hold_order, shown
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.stock.intents import Kind, MoveIntent
from erp.stock.models import Lot
from erp.stock.places import check_open, default_place
from erp.stock.services import post_moves
from masterdata import facts, live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Location, Plant, User
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO, money
from masterdata.units import check_quantity

Pieces = Sequence[tuple[int, Decimal]]  # shipment line, quantity


class NotReturnable(Refusal):
    """More is to come back than left and is not on another return."""

    code: ClassVar[str] = "not_returnable"


class ReturnClosed(Refusal):
    """The return is done, or was withdrawn."""

    code: ClassVar[str] = "return_closed"


@transaction.atomic
def authorise_return(
    *,
    order_id: int,
    lines: Pieces,
    reason: str,
    now: dt.datetime,
    by: User | None = None,
    note: str = "",
    plant: Plant | None = None,
) -> CustomerReturn:
    """Allow a customer to send goods of his shipments back (to the plant that shipped the first of them, or `plant`).

    Locks the order. Raises NotReturnable, InvalidInput, PartOfStep.
    """
    order = hold_order(order_id)
    if reason not in CustomerReturn.Reason.values:
        raise InvalidInput("Choose why the goods come back.", field="reason")
    if not lines or len({pk for pk, _ in lines}) < len(lines):
        raise InvalidInput("Name each line once, and at least one.", field="lines")
    known = {
        line.pk: line
        for line in ShipmentLine.objects.filter(
            shipment__order=order, shipment__shipped_at__isnull=False, pk__in=[pk for pk, _ in lines]
        ).select_related("order_line__material__unit", "shipment__plant__company")
    }
    if len(known) < len(lines):
        raise InvalidInput(f"Choose lines of {order.number} that were shipped.", field="lines")
    for index, (pk, quantity) in enumerate(lines):
        line, left = known[pk], returnable(known[pk])
        field = f"lines.{index}.quantity"
        check_quantity(material=line.order_line.material, quantity=quantity, field=field, line_id=pk)
        if quantity > left:
            raise NotReturnable(
                f"{shown(left)} of {line.order_line.material.code} of {line.shipment.number} may still come back: "
                "allow at most that.",
                field=field, line_id=pk, left=str(left),
            )  # fmt: skip
    plant = plant or known[lines[0][0]].shipment.plant
    if plant.company_id != order.company_id:
        raise InvalidInput(f"Choose a plant of {order.company.name}.", field="plant")
    row = CustomerReturn.objects.create(
        number=next_numbers(company=order.company, kind="RA", year=now.year)[0],
        order=order,
        plant=plant,
        reason=reason,
        note=note.strip()[:200],
        authorised_by=by,
        made_at=now,
    )
    CustomerReturnLine.objects.bulk_create(
        CustomerReturnLine(customer_return=row, shipment_line_id=pk, quantity=quantity) for pk, quantity in lines
    )
    live.publish("order", order_id)
    return row


@transaction.atomic
def receive_return(
    *,
    return_id: int,
    line_id: int,
    quantity: Decimal,
    now: dt.datetime,
    lot: str = "",
    to_stock: bool = False,
    expected_version: int | None = None,
) -> ReturnReceipt:
    """Pieces have come: into quarantine (or stock), at what they cost when they left; cost of goods falls by it.

    The last pieces take what is left of that cost. Locks the order, the return, then balances.
    Raises NotReturnable, ReturnClosed, LocationBlocked, InvalidInput, PartOfStep, PeriodClosed, StaleVersion.
    """
    held = _hold(return_id, expected_version)
    line = _line(held, line_id)
    order_line = line.shipment_line.order_line
    left = line.quantity - line.received_qty
    check_quantity(material=order_line.material, quantity=quantity, field="quantity", line_id=line.pk)
    if quantity > left:
        raise NotReturnable(
            f"{shown(left)} of {order_line.material.code} are still to come: take in at most that.",
            field="quantity", line_id=line.pk, left=str(left),
        )  # fmt: skip
    goods = shipped_goods([line.shipment_line_id])[line.shipment_line_id]
    found = _lot(line, goods.lots, lot.strip(), quantity)
    decimals = held.plant.company.currency.decimals
    before = _came(line.shipment_line_id)
    value = money(goods.value * (before + quantity) / goods.quantity, decimals)
    value -= money(goods.value * before / goods.quantity, decimals)
    kind = Location.Kind.STOCK if to_stock else Location.Kind.QUARANTINE
    target = default_place(held.plant, kind)
    check_open(target, field="target")
    move = post_moves(
        moves=[
            MoveIntent(
                kind=Kind.CAME_BACK,
                plant=held.plant,
                material_id=order_line.material_id,
                source_id=default_place(held.plant, Location.Kind.CUSTOMER).pk,
                target_id=target.pk,
                lot_id=found.pk if found else None,
                quantity=quantity,
                value=value,
                document=f"customer_return:{held.pk}",
                partner=held.order.customer,
                sales_order_id=held.order_id,
                sales_order_line_id=order_line.pk,
                memo=f"{held.number} of {held.order.number}",
            )
        ],
        now=now,
    )[0]
    CustomerReturnLine.objects.filter(pk=line.pk).update(
        received_qty=F("received_qty") + quantity, value=F("value") + value
    )
    SalesOrderLine.objects.filter(pk=order_line.pk).update(
        returned_qty=F("returned_qty") + quantity, taken_back_qty=F("taken_back_qty") + quantity
    )
    receipt = ReturnReceipt.objects.create(line=line, move=move, lot=found, quantity=quantity, received_at=now)
    if to_stock:
        receipt.outcome, receipt.decided_at = ReturnReceipt.Outcome.RESTOCK, now
        receipt.save(update_fields=["outcome", "decided_at"])
    facts.state(GoodsCameBack(order_id=held.order_id, return_id=held.pk, plant_id=held.plant_id, quantity=quantity))
    close_when_done(held, now)
    return receipt


def _came(shipment_line_id: int) -> Decimal:
    rows = CustomerReturnLine.objects.filter(shipment_line=shipment_line_id)
    return rows.aggregate(total=Sum("received_qty"))["total"] or ZERO


@transaction.atomic
def close_return(*, return_id: int, now: dt.datetime, expected_version: int | None = None) -> CustomerReturn:
    """No more will come. What came and is not decided stays to be decided. Raises ReturnClosed, StaleVersion."""
    held = _hold(return_id, expected_version)
    held.lines.filter(received_qty=0).delete()
    held.lines.update(quantity=F("received_qty"))
    held.closed_at = now
    held.version += 1
    held.save(update_fields=["closed_at", "version"])
    live.publish("order", held.order_id)
    return held


def close_when_done(held: CustomerReturn, now: dt.datetime) -> None:
    """All that was allowed has come, and is decided."""
    is_coming = held.lines.filter(quantity__gt=F("received_qty")).exists()
    if not is_coming and not ReturnReceipt.objects.filter(line__customer_return=held, outcome="").exists():
        held.closed_at = held.closed_at or now
    held.version += 1
    held.save(update_fields=["closed_at", "version"])
    live.publish("order", held.order_id)
    live.publish("stock", held.plant_id)


def _hold(return_id: int, expected_version: int | None = None) -> CustomerReturn:
    SalesOrder.objects.select_for_update(no_key=True).order_by("pk").get(returns=return_id)
    rows = CustomerReturn.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    held = rows.select_related("order__customer", "plant__company__currency").get(pk=return_id)
    if held.closed_at is not None:
        raise ReturnClosed(f"{held.number} is done: allow another return.", return_id=return_id)
    if expected_version is not None and expected_version != held.version:
        raise StaleVersion(f"{held.number} was changed meanwhile: look at it again.", version=held.version)
    return held


def _line(held: CustomerReturn, line_id: int) -> CustomerReturnLine:
    related = "shipment_line__order_line__material__unit", "shipment_line__shipment"
    line = held.lines.select_related(*related).filter(pk=line_id).first()
    if line is None:
        raise InvalidInput(f"Choose a line of {held.number}.", field="line")
    return line


def _lot(line: CustomerReturnLine, lots: dict[int | None, Decimal], number: str, quantity: Decimal) -> Lot | None:
    """The lot that comes back: one that left with the shipment, no more of it than left. Raises InvalidInput."""
    material = line.shipment_line.order_line.material
    if material.tracking == material.Tracking.NONE:
        return None
    found = Lot.objects.filter(pk__in=[pk for pk in lots if pk], number__iexact=number).first() if number else None
    if found is None and len(lots) == 1 and not number:
        found = Lot.objects.filter(pk__in=[pk for pk in lots if pk]).first()
    if found is None:
        raise InvalidInput(
            f"Name the {'serial number' if material.tracking == 'serial' else 'lot'} of {material.code}: one that left "
            f"with {line.shipment_line.shipment.number}.",
            field="lot",
        )
    came = ReturnReceipt.objects.filter(line__shipment_line=line.shipment_line_id, lot=found)
    left = lots[found.pk] - (came.aggregate(total=Sum("quantity"))["total"] or ZERO)
    if quantity > left:
        raise NotReturnable(
            f"{shown(left)} of {found.number} left and did not come back: take in at most that.", field="quantity"
        )
    return found
