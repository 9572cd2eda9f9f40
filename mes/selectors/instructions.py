"""Which instruction holds for a job, with its steps, marks and the drawing of the variant that is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.utils.safestring import SafeString, mark_safe

from masterdata.access import visible_to
from masterdata.models import RoutingOperation
from mes.formatted import as_markup
from mes.models import InstructionStep, WorkInstruction
from mes.selectors.shapes import drawing_of

SEE = "mes.view_instructions"


# Of a released work order: what held on that day, else the first since. Not released yet: what holds now.
_HOLDS = """
    SELECT o.id, w.material_id, coalesce(s.version, 0), coalesce(i.id, 0), coalesce(i.is_newer, false)
    FROM erp_workorderoperation o JOIN erp_workorder w ON w.id = o.work_order_id
    LEFT JOIN mes_partshape s ON s.material_id = w.material_id
    LEFT JOIN LATERAL (
        SELECT i.id, i.released_at > w.released_at AS is_newer
        FROM masterdata_routing r
        JOIN masterdata_routingoperation ro ON ro.routing_id = r.id AND ro.sequence = o.sequence AND ro.name = o.name
        JOIN mes_workinstruction i ON i.operation_id = ro.id AND i.state <> 'draft'
        WHERE r.material_id = w.material_id AND r.plant_id = w.plant_id
          AND (w.released_at IS NOT NULL OR i.state = 'released')
        ORDER BY i.released_at <= w.released_at DESC NULLS LAST,
          CASE WHEN i.released_at <= w.released_at THEN i.released_at END DESC NULLS LAST,
          CASE WHEN i.released_at > w.released_at THEN i.released_at END,
          CASE WHEN i.released_at <= w.released_at THEN -i.id ELSE i.id END
        LIMIT 1) i ON true
    WHERE o.id = ANY(%s) ORDER BY o.id
"""


@dataclass(frozen=True, slots=True)
class How:
    """What holds for a job; 0: there is no shape, nobody has written an instruction."""

    material_id: int
    shape_version: int
    instruction_id: int
    is_newer: bool

    @property
    def is_known(self) -> bool:
        return bool(self.shape_version or self.instruction_id)


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


def how_of_jobs(operation_ids: Sequence[int]) -> dict[int, How]:
    """By operation, in one query."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLDS, [list(operation_ids)])
        return {row[0]: How(*row[1:]) for row in cursor.fetchall()}


def instructions_of(operation_id: int) -> InstructionShown | None:
    """For a work order's operation: the version that was in force when its work order was released.

    If there was none yet, the first one since. None when nobody has written any.
    """
    how = how_of_jobs([operation_id])[operation_id]
    found = WorkInstruction.objects.filter(pk=how.instruction_id).first()
    return shown(found, how.material_id, is_newer=how.is_newer) if found else None


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
