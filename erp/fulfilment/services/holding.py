"""Orders and pick lists under lock, for the deeds of fulfilment."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import ClassVar

from erp.fulfilment.models import OrderShipping, PickLine, PickList, Shipment
from erp.sales.models import SalesOrder
from masterdata.errors import Refusal, StaleVersion
from masterdata.numbers import ZERO


class PickListClosed(Refusal):
    """Everything of the list is picked, short or let go."""

    code: ClassVar[str] = "pick_list_closed"


class AlreadyShipped(Refusal):
    """The shipment has left."""

    code: ClassVar[str] = "already_shipped"


def hold_orders(order_ids: Collection[int]) -> list[SalesOrder]:
    """Locked, by id, with customer and company."""
    rows = SalesOrder.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=sorted(order_ids))
    return list(rows.select_related("company__currency", "customer").order_by("pk"))


def hold_order(order_id: int) -> SalesOrder:
    """Raises SalesOrder.DoesNotExist."""
    found = hold_orders([order_id])
    if not found:
        raise SalesOrder.DoesNotExist
    return found[0]


def hold_shipment(shipment_id: int, expected_version: int | None = None) -> Shipment:
    """Its order is locked first. Raises AlreadyShipped, StaleVersion."""
    hold_order(Shipment.objects.values_list("order_id", flat=True).get(pk=shipment_id))
    rows = Shipment.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    shipment = rows.select_related("plant__company__currency", "order__customer").get(pk=shipment_id)
    if shipment.shipped_at is not None:
        raise AlreadyShipped(f"{shipment.number} has left already.", shipment_id=shipment_id)
    if expected_version is not None and expected_version != shipment.version:
        raise StaleVersion(f"{shipment.number} was changed meanwhile: look at it again.", version=shipment.version)
    return shipment


def hold_pick_list(list_id: int, expected_version: int | None = None) -> PickList:
    """The orders of its lines are locked first, by id. Raises PickListClosed, StaleVersion."""
    hold_orders(PickLine.objects.filter(pick_list=list_id).values_list("order_line__order_id", flat=True))
    rows = PickList.objects.select_for_update(no_key=True, of=("self",)).order_by("pk")
    found = rows.select_related("plant__company__currency").get(pk=list_id)
    if found.closed_at is not None:
        raise PickListClosed(f"{found.number} is done: open another list.", pick_list_id=list_id)
    if expected_version is not None and expected_version != found.version:
        raise StaleVersion(f"{found.number} was changed meanwhile: look at it again.", version=found.version)
    return found


def shipping_of(order: SalesOrder) -> OrderShipping:
    """How the order is shipped; as usual when nobody said anything."""
    return OrderShipping.objects.filter(order=order).first() or OrderShipping(order=order)


def shown(quantity: Decimal) -> str:
    """As a sentence has it."""
    return f"{quantity.normalize() + ZERO:f}"
