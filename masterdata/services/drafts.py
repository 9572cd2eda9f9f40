"""By-products and substitutes of a draft, written by themselves: its lines stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from masterdata.errors import InvalidInput
from masterdata.models import Bom, BomLine, BomSubstitute, Material
from masterdata.models.engineering import VersionState
from masterdata.services.beside import (
    ByproductInput,
    SubstituteInput,
    check_byproducts,
    check_substitutes,
    write_beside,
)
from masterdata.services.boms import NotADraft


@transaction.atomic
def write_byproducts(*, bom_id: int, byproducts: Sequence[ByproductInput]) -> Bom:
    """Replace a draft's by-products. Locks the draft. Raises NotADraft, InvalidInput."""
    draft = _hold_draft(bom_id)
    check_byproducts(draft.material_id, byproducts)
    units = dict(Material.objects.filter(pk__in=[one.material_id for one in byproducts]).values_list("pk", "unit_id"))
    write_beside(drafts=[draft], byproducts=[byproducts], substitutes={}, base_units=units)
    return draft


@transaction.atomic
def write_substitutes(*, bom_id: int, substitutes: Mapping[int, Sequence[SubstituteInput]]) -> Bom:
    """Replace the substitutes of a draft's components (by component). Locks the draft. Raises NotADraft, InvalidInput.

    A component that has several lines has them on each.
    """
    draft = _hold_draft(bom_id)
    lines = list(BomLine.objects.filter(bom=draft).order_by("line_no"))
    if strangers := substitutes.keys() - {line.component_id for line in lines}:
        code = Material.objects.values_list("code", flat=True).get(pk=min(strangers))
        raise InvalidInput(f"{code} is not a component here: name one of the lines.", field="substitutes")
    for number, (component_id, rows) in enumerate(substitutes.items()):
        if any(row.material_id == draft.material_id for row in rows):
            raise InvalidInput("A material can't be part of itself", field=f"lines.{number}.material")
        check_substitutes(number, component_id, rows)
    BomSubstitute.objects.filter(line__in=lines).delete()
    BomSubstitute.objects.bulk_create(
        BomSubstitute(
            line=line,
            material_id=row.material_id,
            ratio=row.ratio,
            priority=row.priority,
            plant_id=row.plant_id,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            by_itself=row.by_itself,
        )
        for line in lines
        for row in substitutes.get(line.component_id, ())
    )
    return draft


def _hold_draft(bom_id: int) -> Bom:
    draft = Bom.objects.select_for_update(no_key=True, of=("self",)).select_related("material").get(pk=bom_id)
    if draft.state != VersionState.DRAFT:
        raise NotADraft(f"Version {draft.version_no} of {draft.material.code} is {draft.state}: write a new one")
    return draft
