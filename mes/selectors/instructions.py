"""Which instruction holds for a job, with its steps, marks and the drawing of the variant that is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils.safestring import SafeString, mark_safe

from erp.models import WorkOrderOperation
from masterdata.access import visible_to
from masterdata.models import RoutingOperation
from mes.formatted import as_markup
from mes.models import InstructionStep, WorkInstruction
from mes.selectors.shapes import drawing_of

SEE = "mes.view_instructions"


@dataclass(frozen=True, slots=True)
class StepShown:
    """A step as a page shows it: text as markup, and either a picture's id or a drawing."""

    step: InstructionStep
    text: SafeString
    drawing: SafeString
    marks: list[Any]


@dataclass(frozen=True, slots=True)
class InstructionShown:
    """An instruction as the tablet shows it. `is_newer`: it was released after the work order was."""

    instruction: WorkInstruction
    steps: list[StepShown]
    is_newer: bool = False


def instructions(user: Any) -> QuerySet[WorkInstruction]:
    """All versions in the plants where the user may read them."""
    related = "operation__routing__material", "operation__routing__plant", "operation__work_centre", "released_by"
    rows = WorkInstruction.objects.select_related(*related)
    return visible_to(user, rows, SEE)


def instructions_of(operation_id: int) -> InstructionShown | None:
    """For a work order's operation: the version that was in force when its work order was released.

    If there was none yet, the first one since. None when nobody has written any.
    """
    operation = WorkOrderOperation.objects.select_related("work_order__material").get(pk=operation_id)
    order = operation.work_order
    rows = WorkInstruction.objects.filter(
        operation__routing__material=order.material_id, operation__routing__plant=order.plant_id,
        operation__sequence=operation.sequence, operation__name=operation.name,
    ).exclude(state=WorkInstruction.State.DRAFT)  # fmt: skip
    found = None
    if order.released_at is not None:
        found = rows.filter(released_at__lte=order.released_at).order_by("-released_at", "-pk").first()
        if found is None:
            first = rows.order_by("released_at", "pk").first()
            return shown(first, order.material_id, is_newer=True) if first else None
    found = found or rows.filter(state=WorkInstruction.State.RELEASED).first()
    return shown(found, order.material_id) if found else None


def shown(instruction: WorkInstruction, material_id: int, *, is_newer: bool = False) -> InstructionShown:
    """The instruction with its steps, the drawing being that of the material."""
    rows = instruction.steps.select_related("picture").defer("picture__content").prefetch_related("marks")
    steps = list(rows.order_by("step_no"))
    picture = drawing_of(material_id) if any(step.shows_drawing for step in steps) else SafeString("")
    return InstructionShown(
        instruction,
        [
            StepShown(
                step,
                mark_safe(as_markup(step.text)),  # noqa: S308 (everything typed is escaped there)
                picture if step.shows_drawing else SafeString(""),
                list(step.marks.all()),
            )
            for step in steps
        ],
        is_newer,
    )


def operations_written(user: Any) -> QuerySet[RoutingOperation]:
    """Operations of routings in force, each with its released and its draft instruction, if there are any."""
    latest = WorkInstruction.objects.order_by("-version_no")
    rows = RoutingOperation.objects.filter(routing__state="frozen")
    rows = rows.select_related("routing__material", "routing__plant", "work_centre")
    return visible_to(user, rows.prefetch_related(Prefetch("instructions", queryset=latest)), SEE)
