"""Confirming orders: net all levels, write their supply, reserve their stock, in one transaction."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from erp import facts as erp_facts
from erp.production.services import estimate_orders, estimate_quoted
from erp.sales.models import SalesOrder, SalesOrderLine
from erp.sales.selectors.beside import coming_beside
from erp.sales.services.credit import check_credit
from erp.sales.services.keeping import release_holds
from erp.sales.services.writing import write_netting
from erp.stock.models import Reservation
from erp.supply.needs import Demand, Netting
from erp.supply.netting import net
from erp.supply.sources import Sources, read_sources
from erp.supply.structure import Structure, read_structure
from masterdata import facts, live, statements
from masterdata.causes import Cause
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Company
from masterdata.numbers import ZERO
from masterdata.whole import Whole
from masterdata.worktime import end_of_day

_ORDER = Whole(SalesOrder, "t.id = %s FOR NO KEY UPDATE OF t", "company")
_WITH_LINE = "plant", "plant__company", "plant__company__currency"
_LINES = Whole(SalesOrderLine, "t.order_id = %s ORDER BY t.line_no", *_WITH_LINE)
_ORDERS = Whole(SalesOrder, "t.id = ANY(%s) ORDER BY t.id FOR NO KEY UPDATE OF t", "company")
_LINES_OF = Whole(SalesOrderLine, "t.order_id = ANY(%s) ORDER BY t.order_id, t.line_no", *_WITH_LINE)
MOST_AT_ONCE = 1000
"""Orders that are confirmed together: a few hundred megabytes of memory and some seconds under lock."""


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


@dataclass(frozen=True, slots=True)
class Ways:
    """What somebody decided about an order's material: bought where it comes soonest, or used instead of another."""

    hurried: Collection[int] = ()
    instead: Collection[tuple[int, int]] = ()


@transaction.atomic
def confirm_order(
    *,
    order_id: int,
    now: dt.datetime,
    expected_version: int | None = None,
    quoted: Quoted | None = None,
    hurried: Collection[int] = (),
    instead: Collection[tuple[int, int]] = (),
) -> SalesOrder:
    """Take the order: free stock is reserved first, then work orders and purchases are written for all levels.

    Materials that are `hurried` are ordered where they come soonest, not where they are usually bought. Of each pair in
    `instead` the second, a substitute in the BOM, is used for the first where that would not all be there.

    Set-based. Locks the order, open purchase lines and balances of everything it may take (each in id order), the
    number series last. Writes the first cost estimate (before it the one that was `quoted`) and, for lines that nothing
    is made for, `expected_at`. States OrderConfirmed.
    Raises AlreadyConfirmed, StaleVersion, OrderCancelled, CreditHold, NoRouting.
    """
    order, lines = _held(order_id)
    _check(order, expected_version)
    check_credit(orders=[order], now=now)
    release_holds(lines=lines)
    _supply([order], lines, now, Ways(hurried, instead))
    order.save(update_fields=["confirmed_at", "version"])
    if quoted is not None:
        cause = Cause("quoted", f"Quotation {quoted.number}")
        estimate_quoted(order_id=order.pk, total=quoted.cost, cause=cause, now=now)
    estimate_orders(order_ids=[order.pk], cause=Cause("confirmed", "Confirmed"), now=now)
    facts.state(_fact(order, lines))
    live.publish("order", order.pk, order.version)
    return order


@transaction.atomic
def confirm_orders(*, order_ids: Sequence[int], now: dt.datetime) -> list[SalesOrder]:
    """Take several orders of a company at once, or none of them: what one is refused for is said with its number.

    Stock is given level by level, within a level in the sequence named; what is bought for several is one purchase.
    Otherwise as `confirm_order`, whose locks it takes for all. Raises InvalidInput (none, twice the same, more than
    `MOST_AT_ONCE`, two companies) and what `confirm_order` raises.
    """
    check_several(order_ids)
    held = {row.pk: row for row in _ORDERS.read(statements.array(sorted(order_ids)))}
    if len(held) < len(order_ids):
        raise SalesOrder.DoesNotExist
    orders = [held[pk] for pk in order_ids]
    if len({order.company_id for order in orders}) > 1:
        raise InvalidInput("Confirm orders of one company at a time.", field="orders")
    for order in orders:
        _check(order, None)
    check_credit(orders=orders, now=now)
    of_order: dict[int, list[SalesOrderLine]] = defaultdict(list)
    for line in _LINES_OF.read(statements.array(sorted(order_ids))):
        of_order[line.order_id].append(line)
    lines = [line for order in orders for line in of_order[order.pk]]
    _supply(orders, lines, now, held=_keep_what_is_held(lines))
    SalesOrder.objects.bulk_update(orders, ["confirmed_at", "version"])
    estimate_orders(order_ids=list(order_ids), cause=Cause("confirmed", "Confirmed"), now=now)
    facts.state_all([_fact(order, of_order[order.pk]) for order in orders])
    for order in orders:
        live.publish("order", order.pk, order.version)
    return orders


def check_several(order_ids: Sequence[int]) -> None:
    """Raises InvalidInput unless these are some orders, each once, and no more than `MOST_AT_ONCE`."""
    if not order_ids:
        raise InvalidInput("Choose the orders to confirm.", field="orders")
    if len(set(order_ids)) < len(order_ids):
        raise InvalidInput("Name each order once.", field="orders")
    if len(order_ids) > MOST_AT_ONCE:
        raise InvalidInput(f"Confirm at most {MOST_AT_ONCE:,} orders at once.", field="orders")


def _supply(
    orders: Sequence[SalesOrder],
    lines: Sequence[SalesOrderLine],
    now: dt.datetime,
    ways: Ways | None = None,
    held: Mapping[int, Decimal] | None = None,
) -> None:
    """Net and write what the lines need beyond what is `held` for each; the orders are confirmed, not yet saved."""
    plants = {line.plant_id for line in lines}
    held = held or {}
    open_lines = [line for line in lines if line.quantity > held.get(line.pk, ZERO)]
    netting = _net(open_lines, sorted(plants), now, ways or Ways(), held) if open_lines else Netting()
    _write(netting, lines, orders[0].company, now)
    for order in orders:
        order.confirmed_at = now
        order.version += 1


def supply_line(line: SalesOrderLine, *, company: Company, now: dt.datetime) -> None:
    """Net and write what a line of a confirmed order needs of its plant, which is read with it; all of it is new there.

    Locks as confirming does. Raises NoRouting.
    """
    _write(_net([line], [line.plant_id], now, Ways(), {}), [line], company, now)


def _write(netting: Netting, lines: Sequence[SalesOrderLine], company: Company, now: dt.datetime) -> None:
    plants = {line.plant_id: line.plant for line in lines}
    write_netting(netting=netting, plants=plants, company=company, now=now)
    _expect(lines, netting, now)


def _keep_what_is_held(lines: Sequence[SalesOrderLine]) -> dict[int, Decimal]:
    """What drafts hold is theirs from now on, without an end: of each line how much. Their orders are locked."""
    rows = Reservation.objects.filter(sales_order_line__in=lines, quantity__gt=0)
    rows.exclude(expires_at=None).update(expires_at=None)
    summed = rows.order_by().values("sales_order_line").annotate(total=Sum("quantity"))
    return {row["sales_order_line"]: row["total"] for row in summed}


def _fact(order: SalesOrder, lines: Sequence[SalesOrderLine]) -> erp_facts.OrderConfirmed:
    return erp_facts.OrderConfirmed(order_id=order.pk, plant_ids=tuple(sorted({line.plant_id for line in lines})))


def _held(order_id: int) -> tuple[SalesOrder, list[SalesOrderLine]]:
    """The order under lock, then its lines. Raises SalesOrder.DoesNotExist."""
    orders, lines = statements.together(_ORDER.statement(order_id), _LINES.statement(order_id))
    if not orders:
        raise SalesOrder.DoesNotExist
    return _ORDER.rows(orders)[0], _LINES.rows(lines)


def _check(order: SalesOrder, expected_version: int | None) -> None:
    if order.confirmed_at is not None:
        raise AlreadyConfirmed(f"{order.number} is confirmed already.", order_id=order.pk)
    if order.cancelled_at is not None:
        raise OrderCancelled(f"{order.number} is cancelled: write a new order.", order_id=order.pk)
    if expected_version is not None and expected_version != order.version:
        raise StaleVersion(
            f"{order.number} was changed meanwhile: look at it again, then confirm it.",
            order_id=order.pk,
            version=order.version,
        )


def _net(
    lines: Sequence[SalesOrderLine],
    plant_ids: Sequence[int],
    now: dt.datetime,
    ways: Ways,
    held: Mapping[int, Decimal],
) -> Netting:
    structure, sources = _sources(lines, plant_ids, now)
    demands = [
        Demand(
            line.pk,
            line.line_no,
            line.plant_id,
            line.material_id,
            line.quantity - held.get(line.pk, ZERO),
            _leaves_at(line),
        )
        for line in lines
    ]
    sources = sources.hurried(ways.hurried, now) if ways.hurried else sources
    structure = replace(structure, decided=frozenset(ways.instead)) if ways.instead else structure
    return net(demands=demands, structure=structure, sources=sources, now=now)


def _sources(lines: Sequence[SalesOrderLine], plant_ids: Sequence[int], now: dt.datetime) -> tuple[Structure, Sources]:
    """What the lines may need on all levels, and where it may come from, locked."""
    structure = read_structure(plant_ids=plant_ids, material_ids={line.material_id for line in lines})
    beside = coming_beside(plant_ids=plant_ids, material_ids=structure.beside_ids, now=now)
    sources = read_sources(plant_ids=plant_ids, structure=structure, lock=True, now=now)
    return structure, replace(sources, beside=beside) if beside else sources


def _leaves_at(line: SalesOrderLine) -> dt.datetime:
    """When the line should leave: for the end of the day that the customer wants, or what was promised before it."""
    there = end_of_day(line.wanted_on, line.plant.time_zone)
    return min(there, line.promised_at or there) - dt.timedelta(minutes=line.plant.transport_min)


def _expect(lines: Sequence[SalesOrderLine], netting: Netting, now: dt.datetime) -> None:
    """A line that nothing is made for arrives when its goods are there plus transport; of others planning says."""
    tops = {need.demand.line_id: need for need in reversed(netting.needs) if need.demand}  # the first of each line
    served = []
    for line in lines:
        need = tops.get(line.pk)  # none: all of it is held
        if need is None or (need.make is None and not need.planned):
            ready_at = now if need is None else need.ready_at or now
            line.expected_at = ready_at + dt.timedelta(minutes=line.plant.transport_min)
            served.append(line)
    if served:
        SalesOrderLine.objects.bulk_update(served, ["expected_at"])
