"""What may leave: complete orders where the customer wants that, and how far from what was ordered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar

from django.db import transaction

from erp.fulfilment.models import OrderShipping, ShipmentLine
from erp.fulfilment.services.holding import hold_order, shipping_of, shown
from erp.sales.models import LineChange, SalesOrder, SalesOrderLine
from erp.sales.selectors.ready import ReadyLine
from erp.sales.services.cancelling import cancel_line
from erp.sales.services.changes import change_quantity
from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import Address, Partner, Plant, User
from masterdata.numbers import ZERO

Complete = OrderShipping.Complete


class NotComplete(Refusal):
    """The customer wants the line, or the order, whole; a part of it is missing."""

    code: ClassVar[str] = "not_complete"


@transaction.atomic
def set_shipping(
    *,
    order_id: int,
    complete: str = Complete.PARTIAL,
    address: Address | None = None,
    carrier: Partner | None = None,
    delivery_terms: str = "",
    over_percent: Decimal = ZERO,
    under_percent: Decimal = ZERO,
    ship_from: Plant | None = None,
    expected_version: int | None = None,
) -> OrderShipping:
    """How an order is to be shipped. Locks the order. Raises InvalidInput, StaleVersion."""
    order = hold_order(order_id)
    if address is not None and address.partner_id != order.customer_id:
        raise InvalidInput(f"Choose an address of {order.customer.name}.", field="address")
    if carrier is not None and not carrier.is_carrier:
        raise InvalidInput(f"{carrier.name} is no carrier.", field="carrier")
    if ship_from is not None and ship_from.company_id != order.company_id:
        raise InvalidInput(f"Choose a plant of {order.company.name}.", field="ship_from")
    if not (0 <= over_percent <= 100 and 0 <= under_percent <= 100):
        raise InvalidInput("A tolerance is between 0 and 100 percent.", field="over_percent")
    row = shipping_of(order)
    if row.pk and expected_version is not None and expected_version != row.version:
        raise StaleVersion(f"How {order.number} is shipped was changed meanwhile: look at it again.")
    row.version = row.version + 1 if row.pk else 1
    row.complete, row.address, row.carrier, row.ship_from = complete, address, carrier, ship_from
    row.delivery_terms = delivery_terms.strip()[:80]
    row.over_percent, row.under_percent = over_percent, under_percent
    row.save()
    live.publish("order", order_id)
    return row


def check_complete(order: SalesOrder, shipping: OrderShipping, pieces: Mapping[int, Decimal]) -> None:
    """May these quantities (order line -> quantity) leave together? Raises NotComplete.

    All together: everything that is still open is packed, here or in other shipments that have not left (of other
    plants). Each line whole: what leaves of a line is all that is open of it.
    """
    if shipping.complete == Complete.PARTIAL:
        return
    others: dict[int, Decimal] = {}
    packed = ShipmentLine.objects.filter(shipment__order=order, shipment__shipped_at=None)
    for line_id, quantity in packed.values_list("order_line_id", "quantity"):
        others[line_id] = others.get(line_id, ZERO) + quantity
    for line in order.lines.order_by("line_no"):
        here = pieces.get(line.pk, ZERO)
        whole = max(here, others.get(line.pk, ZERO)) if shipping.complete == Complete.ORDER else here
        missing = line.quantity - line.shipped_qty - whole
        if missing > 0 and (here or shipping.complete == Complete.ORDER):
            raise NotComplete(
                f"{shown(missing)} of line {line.line_no} are missing, and the customer wants "
                f"{'everything together' if shipping.complete == Complete.ORDER else 'each line whole'}: wait for "
                "them, or agree with him on shipping in parts.",
                field="lines", line_id=line.pk, missing=str(missing),
            )  # fmt: skip


def raise_within_tolerance(
    shipping: OrderShipping,
    ready: ReadyLine,
    quantity: Decimal,
    *,
    by: User | None,
    now: dt.datetime,
) -> Decimal:
    """More than was ordered is packed: within the tolerance the line is raised by it. How much is open of it then."""
    surplus = quantity - ready.open
    there = ready.made + ready.reserved - ready.packed
    if surplus <= 0 or quantity > there or not shipping.over_percent:
        return ready.open
    line = SalesOrderLine.objects.get(pk=ready.line_id)
    most = _first_ordered(line) * (1 + shipping.over_percent / 100)
    if line.quantity + surplus > most:
        return ready.open
    change_quantity(
        line=line, quantity=line.quantity + surplus, cause=LineChange.Cause.OVER, reason="Within the tolerance", by=by,
        now=now,
    )  # fmt: skip
    return quantity


class NotWithinTolerance(Refusal):
    """More of the line is missing than the customer does without."""

    code: ClassVar[str] = "not_within_tolerance"


@transaction.atomic
def close_line_short(*, line_id: int, by: User | None, now: dt.datetime) -> SalesOrderLine:
    """Close a line of which no more is missing than the order's tolerance allows: the rest is cancelled.

    Locks as `cancel_line`. Raises NotWithinTolerance, and as `cancel_line` does.
    """
    order_id = SalesOrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    shipping = shipping_of(hold_order(order_id))
    line = SalesOrderLine.objects.get(pk=line_id)
    missing = line.quantity - line.shipped_qty
    most = _first_ordered(line) * shipping.under_percent / 100
    if missing > most:
        raise NotWithinTolerance(
            f"{shown(missing)} of line {line.line_no} are missing, {shown(most)} may be: cancel the rest with the "
            "customer's consent.",
            line_id=line_id, missing=str(missing), most=str(most),
        )  # fmt: skip
    return cancel_line(line_id=line_id, reason="Within the tolerance", by=by, now=now, cause=LineChange.Cause.SHORT)


def _first_ordered(line: SalesOrderLine) -> Decimal:
    first = LineChange.objects.filter(line=line).order_by("pk").values_list("before", flat=True).first()
    return first if first is not None else line.quantity
