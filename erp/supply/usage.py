"""How much of a supplied component lies at the supplier, and how much goods take of it."""

from __future__ import annotations

from decimal import Decimal

from erp.supply.models import SuppliedComponent
from masterdata.numbers import ZERO, gross_for_scrap, round_up


def at_supplier(component: SuppliedComponent) -> Decimal:
    """What of it lies at the supplier now."""
    return component.sent_qty - component.used_qty - component.returned_qty


def needed_for(component: SuppliedComponent, quantity: Decimal, step: Decimal) -> Decimal:
    """Base units that `quantity` of the line's material uses: net / (1 - scrap), up to whole steps of the unit."""
    if not quantity:
        return ZERO
    net = quantity * component.quantity / component.base_qty
    return round_up(gross_for_scrap(net, component.scrap_percent), step)
