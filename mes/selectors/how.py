"""How a job is made, as a tablet keeps it: steps, pictures, and the drawing of the variant.

A tablet loads them behind its snapshot, one address per product, instruction and version of the shape: what stands
under an address never changes, so that it is loaded once.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import get_language

from mes.models import PartShape, WorkInstruction
from mes.selectors.instructions import How, shown
from mes.selectors.shapes import drawing_of


def how_kept(how: How, machine_code: str) -> dict[str, Any] | None:
    """Where a tablet at the machine finds it, for the snapshot; None when nothing is drawn or written."""
    if not how.is_known:
        return None
    place = machine_code, how.material_id, how.shape_version, how.instruction_id
    return {"url": f"{reverse('mes:how', args=place)}?lang={get_language()}", "is_newer": how.is_newer}


def how_shown(*, material_id: int, shape_version: int, instruction_id: int, plant_id: int) -> dict[str, Any] | None:
    """Steps as markup, and the drawing when no step shows it; None when the shape has changed or nothing is there."""
    if shape_version and not PartShape.objects.filter(material=material_id, version=shape_version).exists():
        return None
    written = WorkInstruction.objects.filter(
        pk=instruction_id, operation__routing__material=material_id, operation__routing__plant=plant_id
    )
    found = written.exclude(state=WorkInstruction.State.DRAFT).first()
    if found is None and (instruction_id or not shape_version):
        return None
    steps = shown(found, material_id).steps if found else []
    is_drawn = any(one.drawing for one in steps)
    return {
        "version": found.version_no if found else None,
        "svg": "" if is_drawn or not shape_version else str(drawing_of(material_id)),
        "steps": [
            {
                "no": one.step.step_no,
                "title": one.step.title,
                "text": str(one.text),
                "svg": str(one.drawing),
                "image": reverse("mes:instruction_picture", args=[one.step.picture_id]) if one.step.picture_id else "",
                "marks": [{"number": mark.number, "text": mark.text} for mark in one.marks],
            }
            for one in steps
        ],
    }
