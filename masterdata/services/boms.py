"""BOM versions: written as drafts, frozen together, free of circles; low-level codes are kept on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection, transaction
from django.db.models import Max

from masterdata.errors import InvalidInput, Refusal
from masterdata.models import Bom, BomLine, Material
from masterdata.models.engineering import VersionState
from masterdata.numbers import QUANTITY_STEP
from masterdata.services.beside import (
    ByproductInput,
    SubstituteInput,
    check_byproducts,
    check_substitutes,
    read_beside,
    write_beside,
)
from masterdata.services.levels import keep_low_level_codes
from masterdata.units import no_conversion, unit_factors

# Two freezes at once could close a circle that neither sees: they go one after the other.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('throughline.freeze_bom'))"


class NotADraft(Refusal):
    """The version is frozen or retired: a new one has to be written."""

    code = "not_a_draft"


@dataclass(frozen=True, slots=True)
class BomLineInput:
    """`quantity` of a component per `base_qty` of the parent, net of scrap. No unit: the component's base unit.

    No `substitutes` (None): those that the component has in the version before.
    """

    component_id: int
    quantity: Decimal
    unit_id: int | None = None
    scrap_percent: Decimal = Decimal(0)
    operation_sequence: int | None = None
    substitutes: Sequence[SubstituteInput] | None = None
    is_scanned: bool = False


@dataclass(frozen=True, slots=True)
class BomInput:
    """What `base_qty` of a material is made of, and what else comes out; None: what the version before says."""

    material_id: int
    lines: Sequence[BomLineInput]
    base_qty: Decimal = Decimal(1)
    byproducts: Sequence[ByproductInput] | None = None


def write_bom(
    *,
    material_id: int,
    lines: Sequence[BomLineInput],
    base_qty: Decimal = Decimal(1),
    byproducts: Sequence[ByproductInput] | None = None,
) -> Bom:
    """Write the material's draft: the lines of the one there is are replaced, else it is the next version.

    Quantities are kept in the components' base units. Raises InvalidInput, NoConversion.
    """
    return write_boms(boms=[BomInput(material_id, lines, base_qty, byproducts)])[0]


@transaction.atomic
def write_boms(*, boms: Sequence[BomInput]) -> list[Bom]:
    """Write the drafts of many materials, each named once, with one statement per table."""
    for index, bom in enumerate(boms):
        _check(f"boms.{index}" if len(boms) > 1 else "", bom)
    boms = _with_what_was(boms)
    base_units = _base_units(boms)
    factors = unit_factors((line.component_id, line.unit_id) for bom in boms for line in bom.lines if line.unit_id)
    drafts = _drafts(boms)
    BomLine.objects.filter(bom__in=drafts).delete()
    BomLine.objects.bulk_create(
        BomLine(
            bom=draft,
            line_no=line_no,
            component_id=line.component_id,
            quantity=_base_quantity(line, factors),
            unit_id=base_units[line.component_id],
            scrap_percent=line.scrap_percent,
            operation_sequence=line.operation_sequence,
            is_scanned=line.is_scanned,
        )
        for draft, bom in zip(drafts, boms, strict=True)
        for line_no, line in enumerate(bom.lines, start=1)
    )
    write_beside(
        drafts=drafts,
        byproducts=[bom.byproducts or () for bom in boms],
        substitutes={
            (draft.pk, line_no): line.substitutes
            for draft, bom in zip(drafts, boms, strict=True)
            for line_no, line in enumerate(bom.lines, start=1)
            if line.substitutes
        },
        base_units=base_units,
    )
    return drafts


def _with_what_was(boms: Sequence[BomInput]) -> list[BomInput]:
    """By-products and substitutes that nobody spoke of stay what they were."""
    silent = [
        bom.material_id for bom in boms if bom.byproducts is None or any(line.substitutes is None for line in bom.lines)
    ]
    were = read_beside(silent) if silent else {}
    found = []
    for bom in boms:
        outs, instead = were.get(bom.material_id, ([], {}))
        lines = [
            replace(line, substitutes=instead.get(line.component_id, ())) if line.substitutes is None else line
            for line in bom.lines
        ]
        found.append(replace(bom, lines=lines, byproducts=outs if bom.byproducts is None else bom.byproducts))
    return found


def _check(where: str, bom: BomInput) -> None:
    def field(name: str) -> str:
        return f"{where}.{name}" if where else name

    if bom.base_qty <= 0:
        raise InvalidInput("Enter a base quantity above zero", field=field("base_qty"))
    if not bom.lines:
        raise InvalidInput("A BOM needs at least one line", field=field("lines"))
    for number, line in enumerate(bom.lines):
        _check_line(bom.material_id, number, line, field)
    check_byproducts(bom.material_id, bom.byproducts or ())


def _check_line(material_id: int, number: int, line: BomLineInput, field: Callable[[str], str]) -> None:
    if line.quantity <= 0:
        raise InvalidInput("Enter a quantity above zero", field=field(f"lines.{number}.quantity"))
    if not 0 <= line.scrap_percent < 100:
        raise InvalidInput("Enter a scrap from 0 to below 100 %", field=field(f"lines.{number}.scrap_percent"))
    if material_id in (line.component_id, *(one.material_id for one in line.substitutes or ())):
        raise InvalidInput("A material can't be part of itself", field=field(f"lines.{number}.component"))
    check_substitutes(number, line.component_id, line.substitutes or ())


def _base_units(boms: Sequence[BomInput]) -> dict[int, int]:
    ids = {line.component_id for bom in boms for line in bom.lines} | {bom.material_id for bom in boms}
    ids |= {one.material_id for bom in boms for line in bom.lines for one in line.substitutes or ()}
    ids |= {one.material_id for bom in boms for one in bom.byproducts or ()}
    units = dict(Material.objects.filter(pk__in=ids).order_by().values_list("pk", "unit_id"))
    if missing := ids - units.keys():
        raise InvalidInput("Choose materials that exist", field="lines", material_ids=sorted(missing))
    return units


def _base_quantity(line: BomLineInput, factors: Mapping[tuple[int, int], Decimal]) -> Decimal:
    if line.unit_id is None:
        return line.quantity
    factor = factors.get((line.component_id, line.unit_id))
    if factor is None:
        raise no_conversion(line.component_id, line.unit_id)
    return (line.quantity * factor).quantize(QUANTITY_STEP, rounding=ROUND_HALF_UP)


def _drafts(boms: Sequence[BomInput]) -> list[Bom]:
    """One draft per material, locked: the one there is, else a new one with the next version number."""
    ids = [bom.material_id for bom in boms]
    list(Material.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values_list("pk"))
    found = {bom.material_id: bom for bom in Bom.objects.filter(material__in=ids, state=VersionState.DRAFT)}
    last = dict(Bom.objects.filter(material__in=ids).order_by().values_list("material").annotate(Max("version_no")))
    changed, new = [], []
    for bom in boms:
        draft = found.get(bom.material_id)
        if draft is None:
            draft = Bom(material_id=bom.material_id, version_no=last.get(bom.material_id, 0) + 1, base_qty=bom.base_qty)
            found[bom.material_id] = draft
            new.append(draft)
        elif draft.base_qty != bom.base_qty:
            draft.base_qty = bom.base_qty
            changed.append(draft)
    Bom.objects.bulk_create(new)
    Bom.objects.bulk_update(changed, ["base_qty"])
    return [found[bom.material_id] for bom in boms]


def freeze_bom(*, bom_id: int, now: dt.datetime) -> Bom:
    """Put a draft in force for ever; the version before it retires.

    Keeps the low-level codes of all materials. Raises BomCircle, NotADraft, InvalidInput.
    """
    return freeze_boms(bom_ids=[bom_id], now=now)[0]


@transaction.atomic
def freeze_boms(*, bom_ids: Sequence[int], now: dt.datetime) -> list[Bom]:
    """Freeze many drafts at once, one such deed at a time in the whole house; they answer in the order of the ids."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
    drafts = (
        Bom.objects.select_for_update(no_key=True, of=("self",))
        .select_related("material")
        .order_by("pk")
        .in_bulk(list(bom_ids))
    )
    for draft in drafts.values():
        if draft.state != VersionState.DRAFT:
            raise NotADraft(f"Version {draft.version_no} of {draft.material.code} is {draft.state}: write a new one")
    with_lines = set(BomLine.objects.filter(bom__in=bom_ids).order_by().values_list("bom_id", flat=True))
    if len(with_lines) < len(set(bom_ids)):
        raise InvalidInput("A BOM needs at least one line before it is frozen", field="lines")
    materials = [draft.material_id for draft in drafts.values()]
    Bom.objects.filter(material__in=materials, state=VersionState.FROZEN).update(state=VersionState.RETIRED)
    Bom.objects.filter(pk__in=bom_ids).update(state=VersionState.FROZEN, frozen_at=now)
    keep_low_level_codes()
    for draft in drafts.values():
        draft.state, draft.frozen_at = VersionState.FROZEN, now
    return [drafts[bom_id] for bom_id in bom_ids]
