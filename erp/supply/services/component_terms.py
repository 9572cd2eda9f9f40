"""Which components a subcontractor gets for a line, agreed otherwise than the BOM says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.db.models import Min

from erp.supply.models import PurchaseOrder, PurchaseOrderLine, SuppliedComponent, SupplierPrice
from erp.supply.services.agreeing import keep_components
from erp.supply.services.changes import changed, hold_order
from erp.supply.services.notes import note
from erp.supply.services.supplied import ComponentsFixed, components
from masterdata.errors import InvalidInput
from masterdata.models import Material
from masterdata.numbers import ZERO


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentTerms:
    """`quantity` base units of a material, net of `scrap_percent`, for `base_qty` of the line's material."""

    material_id: int
    quantity: Decimal
    scrap_percent: Decimal = ZERO


@transaction.atomic
def change_components(
    *,
    line_id: int,
    wanted: Sequence[ComponentTerms],
    now: dt.datetime,
    base_qty: Decimal = Decimal(1),
    expected_version: int | None = None,
) -> list[SuppliedComponent]:
    """Agree that the line's supplier gets exactly these components, `base_qty` of its material taking so much of each.

    What is left out is not supplied any more; what of it lies at the supplier is taken back from there. What is kept
    follows. Notes PurchaseChanged. Locks the purchase order and its lines, balances. Raises ComponentsFixed once some
    of the line has come, InvalidInput, StaleVersion.
    """
    order_id = PurchaseOrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    order, lines = hold_order(order_id, expected_version)
    line = lines[line_id]
    _check_open(order, line)
    _check_terms(line, wanted, base_qty)
    known = {row.material_id: row for row in components(order, [line.pk]).values()}
    dropped = [row for row in known.values() if row.material_id not in {one.material_id for one in wanted}]
    for row in dropped:
        row.quantity = ZERO
    kept = [(known[one.material_id], one) for one in wanted if one.material_id in known]
    for row, terms in kept:
        row.quantity, row.scrap_percent, row.base_qty = terms.quantity, terms.scrap_percent, base_qty
    SuppliedComponent.objects.bulk_update(
        [*dropped, *(row for row, _ in kept)], ["quantity", "scrap_percent", "base_qty"]
    )
    new = [one for one in wanted if one.material_id not in known]
    last, days = max((row.line_no for row in known.values()), default=0), _lead_days(order, line, known.values())
    SuppliedComponent.objects.bulk_create(
        SuppliedComponent(
            order_line=line,
            line_no=last + 10 * place,
            material_id=one.material_id,
            quantity=one.quantity,
            base_qty=base_qty,
            scrap_percent=one.scrap_percent,
            lead_days=days,
        )
        for place, one in enumerate(new, 1)
    )
    note(order, [line], "components")
    keep_components(order=order, line_ids=[line.pk], now=now)
    changed(order)
    return [row for row in components(order, [line.pk]).values() if row.quantity]


def _check_open(order: PurchaseOrder, line: PurchaseOrderLine) -> None:
    if line.received_qty or line.returned_qty or line.received_qty >= line.quantity:
        raise ComponentsFixed(
            f"Some of line {line.line_no} of {order.number} has come, or nothing is to come: say at the receipt what "
            "was really used, or order the rest on a line of its own.",
            line_id=line.pk,
        )


def _check_terms(line: PurchaseOrderLine, wanted: Sequence[ComponentTerms], base_qty: Decimal) -> None:
    if base_qty <= 0:
        raise InvalidInput("Say for how many pieces the quantities are: more than none.", field="base_qty")
    ids = [one.material_id for one in wanted]
    if len(set(ids)) < len(ids):
        raise InvalidInput("Name each component once.", field="components")
    known = set(Material.objects.filter(pk__in=ids, is_active=True).values_list("pk", flat=True))
    for index, one in enumerate(wanted):
        place = f"components.{index}"
        if one.material_id not in known:
            raise InvalidInput("Choose a material that is in use.", field=f"{place}.material")
        if one.material_id == line.material_id:
            raise InvalidInput("It cannot be made of itself: choose another.", field=f"{place}.material")
        if one.quantity <= 0:
            raise InvalidInput("Enter how much of it is used, or leave the line out.", field=f"{place}.quantity")
        if not 0 <= one.scrap_percent < 100:
            raise InvalidInput("Scrap is at least 0 and below 100 percent.", field=f"{place}.scrap_percent")


def _lead_days(order: PurchaseOrder, line: PurchaseOrderLine, known: Iterable[SuppliedComponent]) -> int:
    """How long the supplier works on it: as for the components that are there, else as its price says."""
    found = [row.lead_days for row in known]
    if found:
        return max(found)
    prices = SupplierPrice.objects.filter(supplier=order.supplier_id, material=line.material_id)
    return int(prices.aggregate(days=Min("lead_time_days"))["days"] or 0)
