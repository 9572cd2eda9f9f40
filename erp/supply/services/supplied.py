"""What subcontracting deeds share: the components of an order, where they lie, how much is used, and refusals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.stock.intents import HeldBalance
from erp.supply.models import PurchaseOrder, PurchaseOrderLine, SubcontractPlace, SuppliedComponent
from erp.supply.usage import at_supplier, needed_for
from masterdata.errors import Refusal
from masterdata.models import Location
from masterdata.numbers import ZERO


class NoComponents(Refusal):
    """There is no BOM in force to supply by, or nothing to send or take back."""

    code = "no_components"


class ComponentsFixed(Refusal):
    """Some of the line has come, or is supplied already."""

    code = "components_fixed"


class ComponentsMissing(Refusal):
    """The supplier, or our stock, has less of a component than is asked for."""

    code = "components_missing"


@dataclass(frozen=True, kw_only=True, slots=True)
class ComponentPart:
    """`quantity` base units of a supplied component; of one lot, or (empty) what expires first."""

    component_id: int
    quantity: Decimal
    lot_id: int | None = None


def needed_in_all(component: SuppliedComponent, line: PurchaseOrderLine) -> Decimal:
    """What all of the line uses by the BOM, with what came beyond it."""
    return needed_for(component, max(line.quantity, line.received_qty), component.material.unit.rounding)


def should_have_used(component: SuppliedComponent, line: PurchaseOrderLine) -> Decimal:
    """What by the BOM was used for what has come."""
    return needed_for(component, line.received_qty, component.material.unit.rounding)


def still_to_send(component: SuppliedComponent, line: PurchaseOrderLine) -> Decimal:
    """What the supplier lacks for all that is still to come. What he used too much of is sent again."""
    rest = needed_in_all(component, line) - should_have_used(component, line)
    return max(ZERO, rest - at_supplier(component))


def copy_components(line: PurchaseOrderLine, to: Sequence[PurchaseOrderLine]) -> None:
    """Lines that were split off are supplied as the line is. Raises ComponentsFixed once some were sent."""
    rows = list(line.components.order_by("line_no"))
    if any(at_supplier(row) or row.used_qty for row in rows):
        raise ComponentsFixed(
            f"Components of line {line.line_no} were sent: take them back first, then split the line.", line_id=line.pk
        )
    SuppliedComponent.objects.bulk_create(
        SuppliedComponent(
            order_line=other,
            line_no=row.line_no,
            material_id=row.material_id,
            quantity=row.quantity,
            base_qty=row.base_qty,
            scrap_percent=row.scrap_percent,
            lead_days=row.lead_days,
        )
        for other in to
        for row in rows
        if row.quantity
    )


def components(order: PurchaseOrder, line_ids: Collection[int] | None = None) -> dict[int, SuppliedComponent]:
    """Those of the order (its lines are locked, and with them these)."""
    rows = SuppliedComponent.objects.filter(order_line__order=order).select_related("order_line", "material__unit")
    if line_ids is not None:
        rows = rows.filter(order_line__in=line_ids)
    return {row.pk: row for row in rows.order_by("order_line", "line_no")}


def place_of(order: PurchaseOrder) -> Location:
    """Where components for this supplier lie; made at the first time."""
    row = SubcontractPlace.objects.select_related("location").filter(plant=order.plant, supplier=order.supplier).first()
    if row is not None:
        return row.location
    location, _ = Location.objects.get_or_create(
        plant=order.plant,
        code=f"SUB-{order.supplier.code}"[:60],
        defaults={"name": f"At {order.supplier.name}"[:120], "kind": Location.Kind.SUBCONTRACTOR},
    )
    place, _ = SubcontractPlace.objects.get_or_create(
        plant=order.plant, supplier=order.supplier, defaults={"location": location}
    )
    return place.location


def pick(
    rows: Sequence[HeldBalance], material_id: int, wanted: Decimal, lot_id: int | None
) -> list[tuple[HeldBalance, Decimal]]:
    """Free pieces of the material, what expires first before the rest; as much of `wanted` as there is."""
    fitting = [row for row in rows if row.material_id == material_id and row.order_id is None]
    found = []
    for row in sorted(fitting, key=lambda one: (one.expires_on or dt.date.max, one.id)):
        part = min(wanted, row.free)
        if part > 0 and lot_id in (None, row.lot_id):
            found.append((row, part))
            wanted -= part
    return found


def plain(quantity: Decimal) -> str:
    """As a person writes it."""
    return f"{quantity.normalize() + ZERO:f}"
