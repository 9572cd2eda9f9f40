"""Subcontracting: components that we supply go to the supplier, stay ours there, and come back in what he makes.

They lie in a location of their own per plant and supplier, valued with the plant's stock. A receipt uses them as the
line's BOM says; what is received is worth what was used plus the supplier's fee, which is what he will invoice.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction

from erp.supply.models import PurchaseOrder, PurchaseOrderLine, SubcontractNote, SuppliedComponent
from erp.supply.services.agreeing import keep_components, write_components
from erp.supply.services.changes import changed, hold_order
from erp.supply.services.component_moves import bring_back, hold_pieces, move_pieces, reserved_pieces, take_pieces
from erp.supply.services.supplied import (
    ComponentPart,
    ComponentsFixed,
    ComponentsMissing,
    NoComponents,
    at_supplier,
    components,
    place_of,
    plain,
    still_to_send,
)
from masterdata.errors import InvalidInput
from masterdata.models import Bom, Location
from masterdata.models.engineering import VersionState
from masterdata.numbers import ZERO
from masterdata.units import check_quantity


@transaction.atomic
def supply_components(
    *, line_id: int, now: dt.datetime, expected_version: int | None = None
) -> list[SuppliedComponent]:
    """Agree that we supply what the line's material is made of, by its BOM in force; its price is the fee then.

    For a line that was ordered otherwise; what is bought for a fee is supplied from the beginning. Locks the purchase
    order and its lines, balances. Raises NoComponents, ComponentsFixed, StaleVersion.
    """
    order_id = PurchaseOrderLine.objects.values_list("order_id", flat=True).get(pk=line_id)
    order, lines = hold_order(order_id, expected_version)
    line = lines[line_id]
    if line.components.exists():
        raise ComponentsFixed(
            f"The components of line {line.line_no} of {order.number} are supplied already: send them.", line_id=line.pk
        )
    if line.received_qty or line.returned_qty or line.received_qty >= line.quantity:
        raise ComponentsFixed(
            f"Some of line {line.line_no} of {order.number} has come, or nothing is to come: order what we supply for "
            "on a line of its own.",
            line_id=line.pk,
        )
    if not Bom.objects.filter(material=line.material_id, state=VersionState.FROZEN).exists():
        raise NoComponents(
            f"{line.material.code} has no BOM in force: write and freeze one, it says what is supplied.",
            line_id=line.pk,
        )
    write_components([line.pk])
    keep_components(order=order, line_ids=[line.pk], now=now)
    changed(order)
    return list(components(order, [line.pk]).values())


@transaction.atomic
def send_components(
    *,
    order_id: int,
    now: dt.datetime,
    parts: Sequence[ComponentPart] | None = None,
    expected_version: int | None = None,
) -> SubcontractNote:
    """Send components of an order to its supplier: the `parts`, or all that he still lacks.

    What is kept for them, then what nobody has reserved, what expires first before the rest. The value stays in the
    plant's stock. Locks the purchase order and its lines, balances. Raises NoComponents, ComponentsMissing, PartOfStep,
    InvalidInput, StaleVersion.
    """
    order, _lines = hold_order(order_id, expected_version)
    known = components(order)
    if parts is None:
        parts = [
            ComponentPart(component_id=pk, quantity=left)
            for pk, one in known.items()
            if (left := still_to_send(one, one.order_line))
        ]
    _check(order, known, parts, f"{order.supplier.name} has all that he needs for {order.number}.")
    place = place_of(order)
    rows = [row for row in hold_pieces(order, known, parts) if row.location_kind == Location.Kind.STOCK]
    else_do = "kept for it or free in stock: buy or free more first, or send less"
    kept = reserved_pieces(known, rows)
    taken = take_pieces(known=known, parts=parts, rows=rows, else_do=else_do, kept=kept)
    note = move_pieces(order=order, taken=taken, place=place, is_return=False, now=now)
    keep_components(order=order, line_ids={one.component.order_line_id for one in taken}, now=now)
    changed(order)
    return note


@transaction.atomic
def take_back_components(
    *, order_id: int, now: dt.datetime, parts: Sequence[ComponentPart], expected_version: int | None = None
) -> SubcontractNote:
    """Components that the supplier did not use come back to where the plant receives.

    What the order still needs stays kept for it. Locks and raises as `send_components`.
    """
    order, _lines = hold_order(order_id, expected_version)
    known = components(order)
    _check(order, known, parts, "Nothing comes back? Enter how much of at least one component.")
    named: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for index, part in enumerate(parts):
        there = at_supplier(known[part.component_id])
        named[part.component_id] += part.quantity
        if named[part.component_id] > there:
            code = known[part.component_id].material.code
            sentence = f"{order.supplier.name} has {plain(there)} of {code} for this line: take back at most that."
            if there <= 0:
                sentence = f"{order.supplier.name} has nothing of {code} for this line: leave it empty."
            raise ComponentsMissing(
                sentence,
                field=f"parts.{index}.quantity",
                component_id=part.component_id,
                there=str(there),
            )
    note = bring_back(order=order, known=known, parts=parts, now=now)
    keep_components(order=order, now=now)
    changed(order)
    return note


def _check(
    order: PurchaseOrder, known: Mapping[int, SuppliedComponent], parts: Sequence[ComponentPart], nothing: str
) -> None:
    if not known:
        raise NoComponents(f"{order.number} has no components that we supply: say so at a line first.")
    if not parts:
        raise NoComponents(nothing, purchase_order_id=order.pk)
    if len({(part.component_id, part.lot_id) for part in parts}) < len(parts):
        raise InvalidInput("Name each component and lot once.", field="parts")
    for index, part in enumerate(parts):
        if part.component_id not in known:
            raise InvalidInput(f"Choose a component of {order.number}.", field="parts")
        material = known[part.component_id].material
        check_quantity(
            material=material,
            quantity=part.quantity,
            field=f"parts.{index}.quantity",
            component_id=part.component_id,
        )
