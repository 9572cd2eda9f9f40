"""A receipt of a subcontracted line uses what we supplied; the goods are worth it and the supplier's fee."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from erp.stock.intents import HeldBalance
from erp.stock.locks import hold_balances
from erp.stock.models import StockMove
from erp.stock.places import default_place
from erp.stock.services import MoveIntent, post_moves
from erp.supply.models import ComponentUse, PurchaseOrder, PurchaseOrderLine, ReceiptLine, SuppliedComponent
from erp.supply.services.supplied import (
    ComponentPart,
    ComponentsMissing,
    at_supplier,
    components,
    needed_for,
    pick,
    place_of,
    plain,
)
from masterdata.errors import InvalidInput
from masterdata.models import Location
from masterdata.numbers import ZERO
from masterdata.units import check_quantity

Received = Sequence[tuple[PurchaseOrderLine, Decimal]]


@dataclass(frozen=True, slots=True)
class _Use:
    """So much of a component goes into the received part `index`, of a lot or of what expires first."""

    index: int
    component: SuppliedComponent
    quantity: Decimal
    lot_id: int | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """Unsaved uses of each received part, and the lines whose price is a fee: we supply something for them."""

    by_part: list[list[ComponentUse]]
    fee_line_ids: set[int]


def use_components(
    *,
    order: PurchaseOrder,
    received: Received,
    document: str,
    now: dt.datetime,
    filled: Iterable[tuple[int, int, int, int | None, int | None]],
    reported: Sequence[ComponentPart] = (),
) -> Used:
    """Take out of the supplier's place what each of the `received` parts of locked lines used.

    A component that is not `reported` is used as the BOM says: what that is for all that has come, less what it was
    before, so that parts sum to the whole. A reported one is used as the supplier says, more or less. `filled` are the
    places that the goods will fill: their balances are locked together with the components', by id.
    Raises ComponentsMissing, InvalidInput.
    """
    known = components(order, [line.pk for line, _ in received])
    _check_reported(order, known, reported)
    if not known:
        return Used([[] for _ in received], set())
    uses = [*_by_bom(known, received, {part.component_id for part in reported}), *_shared(known, received, reported)]
    _check_there(order, uses)
    place = place_of(order)
    way = place, default_place(order.plant, Location.Kind.SUPPLIER)
    materials = {one.material_id for one in known.values()} | {line.material_id for line, _ in received}
    held = hold_balances(plant_ids=[order.plant_id], material_ids=materials, places=filled)
    rows = [row for row in held.values() if row.location_id == place.pk]
    intents, owners = [], []
    for use in uses:
        left = use.quantity
        for row, part in pick(rows, use.component.material_id, left, use.lot_id):
            left -= part
            row.on_hand -= part
            intents.append(_intent(order, use.component, row, part, way, document))
            owners.append(use)
        if left > 0:
            raise _missing(order, use.component, use.quantity - left, use.quantity)
        use.component.used_qty += use.quantity
    SuppliedComponent.objects.bulk_update(known.values(), ["used_qty"])
    found: list[list[ComponentUse]] = [[] for _ in received]
    for use, move in zip(owners, post_moves(moves=intents, now=now), strict=True):
        found[use.index].append(
            ComponentUse(component=use.component, quantity=move.quantity, value=move.value, move=move)
        )
    return Used(found, {one.order_line_id for one in known.values()})


def _check_reported(
    order: PurchaseOrder, known: Mapping[int, SuppliedComponent], reported: Sequence[ComponentPart]
) -> None:
    """Components of the lines that come, in whole steps; none at all is an answer too."""
    for one in reported:
        if one.component_id not in known or one.quantity < 0:
            raise InvalidInput(f"Choose components of the lines of {order.number} that come.", field="used")
        if one.quantity:
            check_quantity(
                material=known[one.component_id].material,
                quantity=one.quantity,
                field="used",
                component_id=one.component_id,
            )


def write_uses(lines: Sequence[ReceiptLine], uses: Sequence[Sequence[ComponentUse]]) -> None:
    """Note them at their receipt lines, which now have ids."""
    rows = []
    for line, of_line in zip(lines, uses, strict=True):
        for use in of_line:
            use.receipt_line = line
            rows.append(use)
    ComponentUse.objects.bulk_create(rows)


def _by_bom(known: Mapping[int, SuppliedComponent], received: Received, without: set[int]) -> Iterator[_Use]:
    before = {line.pk: line.received_qty for line, _ in received}
    for index, (line, quantity) in enumerate(received):
        had, before[line.pk] = before[line.pk], before[line.pk] + quantity
        for pk, one in known.items():
            if one.order_line_id == line.pk and pk not in without:
                step = one.material.unit.rounding
                used = needed_for(one, had + quantity, step) - needed_for(one, had, step)
                if used > 0:
                    yield _Use(index, one, used)


def _shared(
    known: Mapping[int, SuppliedComponent], received: Received, reported: Sequence[ComponentPart]
) -> Iterator[_Use]:
    """What was reported for a line, spread over its received parts (lots) by their quantities, in whole steps."""
    for part in reported:
        one = known[part.component_id]
        mine = [(index, quantity) for index, (line, quantity) in enumerate(received) if line.pk == one.order_line_id]
        total, left = sum((quantity for _, quantity in mine), ZERO), part.quantity
        step = one.material.unit.rounding
        for index, quantity in mine[:-1]:
            share = (part.quantity * quantity / total / step).to_integral_value(ROUND_DOWN) * step
            left -= share
            if share > 0:
                yield _Use(index, one, share, part.lot_id)
        if left > 0:
            yield _Use(mine[-1][0], one, left, part.lot_id)


def _check_there(order: PurchaseOrder, uses: Sequence[_Use]) -> None:
    wanted: dict[SuppliedComponent, Decimal] = {}
    for use in uses:
        wanted[use.component] = wanted.get(use.component, ZERO) + use.quantity
    for one, used in wanted.items():
        if used > at_supplier(one):
            raise _missing(order, one, at_supplier(one), used)


def _missing(order: PurchaseOrder, one: SuppliedComponent, there: Decimal, used: Decimal) -> ComponentsMissing:
    return ComponentsMissing(
        f"{order.supplier.name} has {plain(there)} of {one.material.code}, and what came has used {plain(used)}: send "
        f"{plain(used - there)} to him first, receive less, or report what was really used.",
        field="quantity",
        line_id=one.order_line_id,
        component_id=one.pk,
        there=str(there),
        used=str(used),
    )


def _intent(
    order: PurchaseOrder,
    one: SuppliedComponent,
    row: HeldBalance,
    part: Decimal,
    way: tuple[Location, Location],
    document: str,
) -> MoveIntent:
    return MoveIntent(
        kind=StockMove.Kind.USED,
        plant=order.plant,
        material_id=one.material_id,
        source_id=way[0].pk,
        target_id=way[1].pk,
        lot_id=row.lot_id,
        quantity=part,
        document=document,
        partner=order.supplier,
        purchase_order_line_id=one.order_line_id,
        memo=f"Used for {order.number}",
    )
