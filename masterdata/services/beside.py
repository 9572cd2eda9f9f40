"""By-products and substitutes of a draft: checked, and written with it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from masterdata.errors import InvalidInput
from masterdata.models import Bom, BomByproduct, BomLine, BomSubstitute, Material
from masterdata.models.engineering import VersionState
from masterdata.numbers import ZERO


@dataclass(frozen=True, slots=True)
class ByproductInput:
    """`quantity` base units beside each base quantity of the parent; `cost_share_percent` empty: at stock value."""

    material_id: int
    quantity: Decimal
    cost_share_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SubstituteInput:
    """`ratio` base units of the material for one of the component; no plant: in every one."""

    material_id: int
    ratio: Decimal = Decimal(1)
    priority: int = 1
    plant_id: int | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    by_itself: bool = False


Beside = tuple[list[ByproductInput], dict[int, list[SubstituteInput]]]


def read_beside(material_ids: Sequence[int]) -> dict[int, Beside]:
    """By-products, and substitutes by component, of each material's draft, else of its version in force."""
    boms: dict[int, int] = {}
    rows = Bom.objects.filter(material__in=material_ids).exclude(state=VersionState.RETIRED)
    for pk, material_id, state in rows.values_list("pk", "material_id", "state"):
        if state == VersionState.DRAFT or material_id not in boms:
            boms[material_id] = pk
    outs: dict[int, list[ByproductInput]] = defaultdict(list)
    for out in BomByproduct.objects.filter(bom__in=boms.values()).order_by("line_no"):
        outs[out.bom_id].append(ByproductInput(out.material_id, out.quantity, out.cost_share_percent))
    instead: dict[int, dict[int, list[SubstituteInput]]] = defaultdict(lambda: defaultdict(list))
    found = BomSubstitute.objects.filter(line__bom__in=boms.values()).select_related("line")
    for row in found.order_by("priority", "pk"):
        instead[row.line.bom_id][row.line.component_id].append(
            SubstituteInput(
                row.material_id, row.ratio, row.priority, row.plant_id, row.valid_from, row.valid_until, row.by_itself
            )
        )
    return {material_id: (outs[pk], instead[pk]) for material_id, pk in boms.items()}


def check_byproducts(material_id: int, rows: Sequence[ByproductInput]) -> None:
    """Raises InvalidInput: quantities, shares below 100 % together, each named once, not the parent itself."""
    seen = {material_id}
    for number, row in enumerate(rows):
        if row.material_id in seen:
            raise InvalidInput("Name each by-product once, and not the product", field=f"byproducts.{number}.material")
        seen.add(row.material_id)
        if row.quantity <= 0:
            raise InvalidInput("Enter a quantity above zero", field=f"byproducts.{number}.quantity")
        if row.cost_share_percent is not None and not 0 <= row.cost_share_percent < 100:
            raise InvalidInput("Enter a share from 0 to below 100 %", field=f"byproducts.{number}.cost_share_percent")
    if sum((row.cost_share_percent or ZERO for row in rows), ZERO) >= 100:
        raise InvalidInput("Leave a share of the cost to the product itself", field="byproducts")
    serial = Material.objects.filter(pk__in=seen - {material_id}, tracking=Material.Tracking.SERIAL).first()
    if serial is not None:
        raise InvalidInput(
            f"{serial.code} has serial numbers: a by-product is kept by quantity or by lot", field="byproducts"
        )


def check_substitutes(number: int, component_id: int, rows: Sequence[SubstituteInput]) -> None:
    """Raises InvalidInput for a line's substitutes: another material, named once a plant, above zero, days in order."""
    seen = set()
    for place, row in enumerate(rows):
        where = f"lines.{number}.substitutes.{place}"
        if row.material_id == component_id:
            raise InvalidInput("A material can't stand in for itself", field=f"{where}.material")
        if (row.material_id, row.plant_id) in seen:
            raise InvalidInput("Name each substitute once", field=f"{where}.material")
        seen.add((row.material_id, row.plant_id))
        if row.ratio <= 0:
            raise InvalidInput("Enter a ratio above zero", field=f"{where}.ratio")
        if row.valid_from and row.valid_until and row.valid_until < row.valid_from:
            raise InvalidInput("The last day can't be before the first", field=f"{where}.valid_until")


def write_beside(
    *,
    drafts: Sequence[Bom],
    byproducts: Sequence[Sequence[ByproductInput]],
    substitutes: Mapping[tuple[int, int], Sequence[SubstituteInput]],
    base_units: Mapping[int, int],
) -> None:
    """Write what stands beside these drafts; `substitutes` by draft and line number. Two statements at most."""
    BomByproduct.objects.filter(bom__in=drafts).delete()
    BomByproduct.objects.bulk_create(
        BomByproduct(
            bom=draft,
            line_no=line_no,
            material_id=row.material_id,
            quantity=row.quantity,
            unit_id=base_units[row.material_id],
            cost_share_percent=row.cost_share_percent,
        )
        for draft, rows in zip(drafts, byproducts, strict=True)
        for line_no, row in enumerate(rows, start=1)
    )
    if not substitutes:
        return
    lines = BomLine.objects.filter(bom__in=drafts).values_list("bom_id", "line_no", "pk")
    ids = {(bom_id, line_no): pk for bom_id, line_no, pk in lines}
    BomSubstitute.objects.bulk_create(
        BomSubstitute(
            line_id=ids[place],
            material_id=row.material_id,
            ratio=row.ratio,
            priority=row.priority,
            plant_id=row.plant_id,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            by_itself=row.by_itself,
        )
        for place, rows in substitutes.items()
        for row in rows
    )
