"""Lots of what a work order makes: its own number, or one that is given; a numbered piece has a number of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar

from django.db.models.functions import Upper

from erp.production.services.floor import Floor
from erp.stock.models import Lot, StockMove
from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Material

CAME = (StockMove.Kind.OPENING, StockMove.Kind.RECEIPT, StockMove.Kind.OUTPUT)


class SerialUsed(Refusal):
    """A piece with this number exists, or existed, wherever it is now; `serial` says which."""

    code: ClassVar[str] = "serial_used"


Part = tuple[int | None, Decimal]  # lot (none when the material is kept by quantity), base units

_LONGEST = 50  # leaves room for the running number


def lots_of_output(
    *, floor: Floor, quantity: Decimal, number: str, now: dt.datetime, serials: Sequence[str] = ()
) -> list[Part]:
    """What of `quantity` good pieces goes into which lot; new lots are made.

    Without a `number` the lot has the work order's, from its first report to its last. Serial numbers are that number
    and a running one (WO-7-001); a number given for a single piece is its own, `serials` are those of all pieces. The
    work order must be locked. Raises InvalidInput when a number is given where no lot comes out, when `serials` are
    not one for each piece, or parts of a numbered piece are reported; SerialUsed.
    """
    material, number = floor.work_order.material, number.strip()
    _check_numbers(floor, quantity, number, serials)
    if not quantity:
        return []
    if material.tracking == Material.Tracking.NONE:
        return [(None, quantity)]
    if material.tracking == Material.Tracking.LOT:
        return [(_ensure([number or floor.work_order.number], material, Lot.Kind.LOT, now)[0], quantity)]
    if quantity % 1:
        raise InvalidInput(f"{material.code} has serial numbers: report whole pieces.", field="good_qty")
    given = list(serials) or ([number] if number and quantity == 1 else [])
    numbers = given or _running(material, number, floor, int(quantity))
    lot_ids = _ensure(numbers, material, Lot.Kind.SERIAL, now)
    if given and not floor.work_order.is_rework:
        _refuse_used(lot_ids, material)
    return [(lot_id, Decimal(1)) for lot_id in lot_ids]


def lot_of_byproduct(*, floor: Floor, material: Material, now: dt.datetime) -> int | None:
    """The lot that a by-product goes into: the work order's number; none when it is kept by quantity."""
    if material.tracking == Material.Tracking.NONE:
        return None
    return _ensure([floor.work_order.number], material, Lot.Kind.LOT, now)[0]


def lot_that_went_in(work_order_id: int) -> int | None:
    """The lot of goods that are mended; they come out of it as what they were."""
    moves = StockMove.objects.filter(work_order=work_order_id, kind=StockMove.Kind.ISSUE)
    return moves.order_by("pk").values_list("lot", flat=True).first()


def _check_given(floor: Floor, quantity: Decimal, number: str) -> None:
    material = floor.work_order.material
    if material.tracking == Material.Tracking.NONE:
        raise InvalidInput(f"{material.code} is kept by quantity: it has no lots.", field="lot")
    if not floor.operation.is_last:
        last = floor.operations[-1]
        raise InvalidInput(f"Name the lot where the pieces are done: at operation {last.sequence}.", field="lot")
    if not quantity:
        raise InvalidInput("Name a lot only together with good pieces.", field="lot")
    if len(number) > _LONGEST:
        raise InvalidInput(f"A lot's number has at most {_LONGEST} characters.", field="lot")


def _check_numbers(floor: Floor, quantity: Decimal, number: str, serials: Sequence[str]) -> None:
    for given in (number, *serials):
        if given:
            _check_given(floor, quantity, given)
    if serials:
        _check_serials(floor.work_order.material, quantity, serials)


def _check_serials(material: Material, quantity: Decimal, serials: Sequence[str]) -> None:
    if material.tracking != Material.Tracking.SERIAL:
        raise InvalidInput(f"{material.code} is not kept by serial number: name one lot.", field="lot")
    if len(serials) != quantity or len({one.upper() for one in serials}) != len(serials):
        raise InvalidInput(
            f"{quantity.normalize():f} good pieces need as many serial numbers, each once; {len(serials)} were given.",
            field="lot",
        )


def _refuse_used(lot_ids: Sequence[int], material: Material) -> None:
    """A number is for one piece, also when that was shipped or scrapped long ago; a report that was taken back frees
    its numbers. Locks the lots. Raises SerialUsed."""
    rows = Lot.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=lot_ids).order_by("pk")
    numbers = {row.pk: row.number for row in rows}
    moves = StockMove.objects.filter(lot__in=lot_ids, kind__in=CAME, reverses=None, reversed_by=None)
    if (used := moves.order_by("pk").values_list("lot", flat=True).first()) is not None:
        raise SerialUsed(
            f"There is a {material.code} with the number {numbers[used]} already. Read the number on the piece again; "
            "each piece has its own.",
            field="lot",
            serial=numbers[used],
        )


def _running(material: Material, stem: str, floor: Floor, count: int) -> list[str]:
    """The next `count` numbers behind the stem; those that are known already are passed over."""
    stem = stem or floor.work_order.number
    known = set(Lot.objects.filter(material=material, number__startswith=f"{stem}-").values_list("number", flat=True))
    found: list[str] = []
    # The reported operation is counted already: these are its last pieces.
    place = max(0, int(floor.operation.good_qty) - count) if stem == floor.work_order.number else 0
    while len(found) < count:
        place += 1
        if (number := f"{stem}-{place:03d}") not in known:
            found.append(number)
    return found


def _ensure(numbers: list[str], material: Material, kind: str, now: dt.datetime) -> list[int]:
    """The lots' ids, in the order of their numbers; two who make the same one wait for each other. A number that is
    known in other letters, small or large, is that one."""
    same = Lot.objects.alias(large=Upper("number")).filter(
        material=material, large__in=[one.upper() for one in numbers]
    )
    spelled = {one.upper(): one for one in same.values_list("number", flat=True)}
    numbers = [spelled.get(one.upper(), one) for one in numbers]
    made = [Lot(material=material, number=number, kind=kind, created_at=now) for number in sorted(numbers)]
    Lot.objects.bulk_create(made, ignore_conflicts=True)
    known = dict(Lot.objects.filter(material=material, number__in=numbers).values_list("number", "pk"))
    return [known[number] for number in numbers]
