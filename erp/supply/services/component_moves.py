"""How components move between our stock and a subcontractor: pieces are chosen, moved, and a note says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from erp.facts import ComponentsMoved
from erp.stock.intents import HeldBalance
from erp.stock.locks import hold_balances
from erp.stock.models import Reservation, StockMove
from erp.stock.places import receiving_place
from erp.stock.services import MoveIntent, post_moves
from erp.supply.models import PurchaseOrder, SubcontractNote, SubcontractNoteLine, SuppliedComponent
from erp.supply.services.supplied import ComponentPart, ComponentsMissing, at_supplier, pick, place_of, plain
from masterdata import facts
from masterdata.models import Location
from masterdata.numbering import next_numbers
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class Taken:
    """Pieces of a component out of one balance; of what is reserved for it, or of the free ones."""

    component: SuppliedComponent
    balance: HeldBalance
    quantity: Decimal
    reservation_id: int | None = None


def hold_pieces(
    order: PurchaseOrder, known: Mapping[int, SuppliedComponent], parts: Sequence[ComponentPart]
) -> list[HeldBalance]:
    """Lock the balances of the components that `parts` name."""
    materials = {known[part.component_id].material_id for part in parts}
    return list(hold_balances(plant_ids=[order.plant_id], material_ids=materials).values())


def reserved_pieces(
    known: Mapping[int, SuppliedComponent], rows: Sequence[HeldBalance]
) -> dict[int, list[tuple[Reservation, HeldBalance]]]:
    """What is kept for each component in the places of `rows`, the oldest first."""
    by_id = {row.id: row for row in rows}
    found: dict[int, list[tuple[Reservation, HeldBalance]]] = {}
    kept = Reservation.objects.filter(supplied_component__in=known, quantity__gt=0, balance__in=by_id)
    for row in kept.order_by("id"):
        found.setdefault(row.supplied_component_id or 0, []).append((row, by_id[row.balance_id]))
    return found


def take_pieces(
    *,
    known: Mapping[int, SuppliedComponent],
    parts: Sequence[ComponentPart],
    rows: Sequence[HeldBalance],
    else_do: str,
    kept: Mapping[int, list[tuple[Reservation, HeldBalance]]] | None = None,
) -> list[Taken]:
    """Choose pieces for the parts: what is `kept` for them, then free ones. Raises ComponentsMissing."""
    taken: list[Taken] = []
    for index, part in enumerate(parts):
        one, left = known[part.component_id], part.quantity
        for reservation, row in (kept or {}).get(one.pk, ()):
            piece = min(left, reservation.quantity)
            if piece > 0 and part.lot_id in (None, row.lot_id):
                left -= piece
                reservation.quantity -= piece
                row.on_hand -= piece
                row.reserved -= piece
                taken.append(Taken(one, row, piece, reservation.pk))
        for row, piece in pick(rows, one.material_id, left, part.lot_id):
            left -= piece
            row.on_hand -= piece
            taken.append(Taken(one, row, piece))
        if left > 0:
            there = part.quantity - left
            code = one.material.code
            lacks = f"Only {plain(there)} of {code} are" if there else f"Nothing of {code} is"
            raise ComponentsMissing(
                f"{lacks} {else_do}.",
                field=f"parts.{index}.quantity",
                component_id=one.pk,
                there=str(there),
            )
    return taken


def move_pieces(
    *, order: PurchaseOrder, taken: Sequence[Taken], place: Location, is_return: bool, now: dt.datetime
) -> SubcontractNote:
    """Post the pieces into `place` with their note. The value stays in the plant's stock; locks balances, values.

    States ComponentsMoved.
    """
    moves = post_moves(
        moves=[
            MoveIntent(
                kind=StockMove.Kind.TRANSFER,
                plant=order.plant,
                material_id=one.component.material_id,
                source_id=one.balance.location_id,
                target_id=place.pk,
                lot_id=one.balance.lot_id,
                quantity=one.quantity,
                reservation_id=one.reservation_id,
                document=f"purchase:{order.pk}",
                partner=order.supplier,
                purchase_order_line_id=one.component.order_line_id,
            )
            for one in taken
        ],
        now=now,
    )
    for one in taken:
        if is_return:
            one.component.returned_qty += one.quantity
        else:
            one.component.sent_qty += one.quantity
    SuppliedComponent.objects.bulk_update({one.component for one in taken}, ["sent_qty", "returned_qty"])
    note = SubcontractNote.objects.create(
        number=next_numbers(company=order.plant.company, kind="SN", year=now.year)[0],
        order=order,
        is_return=is_return,
        moved_at=now,
    )
    SubcontractNoteLine.objects.bulk_create(
        SubcontractNoteLine(note=note, component=one.component, quantity=one.quantity, move=move)
        for one, move in zip(taken, moves, strict=True)
    )
    facts.state(ComponentsMoved(purchase_order_id=order.pk, note_id=note.pk, is_return=is_return))
    return note


def bring_back(
    *,
    order: PurchaseOrder,
    known: Mapping[int, SuppliedComponent],
    parts: Sequence[ComponentPart],
    now: dt.datetime,
) -> SubcontractNote:
    """Pieces that lie at the supplier come to where the plant receives. Raises ComponentsMissing."""
    place = place_of(order)
    rows = [row for row in hold_pieces(order, known, parts) if row.location_id == place.pk]
    else_do = f"at {order.supplier.name} in that lot: choose another"
    taken = take_pieces(known=known, parts=parts, rows=rows, else_do=else_do)
    return move_pieces(order=order, taken=taken, place=receiving_place(order.plant), is_return=True, now=now)


def bring_back_rest(
    *, order: PurchaseOrder, known: Mapping[int, SuppliedComponent], now: dt.datetime
) -> SubcontractNote | None:
    """All that lies at the supplier for these components comes back: nothing more is made of it."""
    there = {pk: at_supplier(one) for pk, one in known.items()}
    parts = [ComponentPart(component_id=pk, quantity=quantity) for pk, quantity in there.items() if quantity > ZERO]
    return bring_back(order=order, known=known, parts=parts, now=now) if parts else None
