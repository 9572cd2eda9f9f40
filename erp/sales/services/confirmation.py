"""Confirming an order: net all levels, write its supply, reserve its stock, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from erp import facts as erp_facts
from erp.production.services import estimate_orders, estimate_quoted
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.services.keeping import release_holds
from erp.sales.services.writing import write_netting
from erp.supply.needs import Demand, Netting
from erp.supply.netting import net
from erp.supply.sources import read_sources
from erp.supply.structure import read_structure
from masterdata import facts, live, statements
from masterdata.causes import Cause
from masterdata.errors import Refusal, StaleVersion
from masterdata.whole import Whole

_ORDER = Whole(SalesOrder, "t.id = %s FOR NO KEY UPDATE OF t", "company")
_LINES = Whole(
    SalesOrderLine, "t.order_id = %s ORDER BY t.line_no", "plant", "plant__company", "plant__company__currency"
)


class AlreadyConfirmed(Refusal):
    """The order was confirmed before."""

    code = "already_confirmed"


class OrderCancelled(Refusal):
    """The order was cancelled."""

    code = "order_cancelled"


@dataclass(frozen=True, slots=True)
class Quoted:
    """What the quotation said that the order would cost."""

    number: str
    cost: Decimal


@transaction.atomic
def confirm_order(
    *,
    order_id: int,
    now: dt.datetime,
    expected_version: int | None = None,
    quoted: Quoted | None = None,
    hurried: Collection[int] = (),
) -> SalesOrder:
    """Take the order: free stock is reserved first, then work orders and purchases are written for all levels.

    Materials that are `hurried` are ordered where they come soonest, not where they are usually bought.

    Set-based. Locks the order, open purchase lines and balances of everything it may take (each in id order), the
    number series last. Writes the first cost estimate (before it the one that was `quoted`) and, for lines that nothing
    is made for, `expected_at`. States OrderConfirmed.
    Raises AlreadyConfirmed, StaleVersion, OrderCancelled, NoRouting.
    """
    order, lines = _held(order_id)
    _check(order, expected_version)
    plants = {line.plant_id: line.plant for line in lines}
    release_holds(lines=lines)
    netting = _net(lines, sorted(plants), now, hurried)
    write_netting(netting=netting, plants=plants, company=order.company, now=now)
    _expect(lines, netting, now)
    order.confirmed_at = now
    order.version += 1
    order.save(update_fields=["confirmed_at", "version"])
    if quoted is not None:
        cause = Cause("quoted", f"Quotation {quoted.number}")
        estimate_quoted(order_id=order.pk, total=quoted.cost, cause=cause, now=now)
    estimate_orders(order_ids=[order.pk], cause=Cause("confirmed", "Confirmed"), now=now)
    facts.state(erp_facts.OrderConfirmed(order_id=order.pk, plant_ids=tuple(sorted(plants))))
    live.publish("order", order.pk, order.version)
    return order


def _held(order_id: int) -> tuple[SalesOrder, list[SalesOrderLine]]:
    """The order under lock, then its lines. Raises SalesOrder.DoesNotExist."""
    orders, lines = statements.together(_ORDER.statement(order_id), _LINES.statement(order_id))
    if not orders:
        raise SalesOrder.DoesNotExist
    return _ORDER.rows(orders)[0], _LINES.rows(lines)


def _check(order: SalesOrder, expected_version: int | None) -> None:
    if order.confirmed_at is not None:
        raise AlreadyConfirmed(f"{order.number} is confirmed already", order_id=order.pk)
    if order.cancelled_at is not None:
        raise OrderCancelled(f"{order.number} is cancelled: write a new order", order_id=order.pk)
    if expected_version is not None and expected_version != order.version:
        raise StaleVersion(
            f"{order.number} was changed meanwhile: look at it again, then confirm it",
            order_id=order.pk,
            version=order.version,
        )


def _net(
    lines: Sequence[SalesOrderLine], plant_ids: Sequence[int], now: dt.datetime, hurried: Collection[int]
) -> Netting:
    structure = read_structure(plant_ids=plant_ids, material_ids={line.material_id for line in lines})
    sources = read_sources(
        plant_ids=plant_ids, material_ids=list(structure.items), bought_ids=structure.bought_ids, lock=True, now=now
    )
    demands = [Demand(line.pk, line.line_no, line.plant_id, line.material_id, line.quantity) for line in lines]
    sources = sources.hurried(hurried, now) if hurried else sources
    return net(demands=demands, structure=structure, sources=sources, now=now)


def _expect(lines: Sequence[SalesOrderLine], netting: Netting, now: dt.datetime) -> None:
    """A line that nothing is made for arrives when its goods are there plus transport; of others planning says."""
    tops = {need.demand.line_id: need for need in netting.needs[: len(lines)] if need.demand}
    served = []
    for line in lines:
        need = tops[line.pk]
        if need.make is None and not need.planned:
            line.expected_at = (need.ready_at or now) + dt.timedelta(minutes=line.plant.transport_min)
            served.append(line)
    if served:
        SalesOrderLine.objects.bulk_update(served, ["expected_at"])
