"""Work instructions: written as a draft, released, followed by the next version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.db import transaction
from django.db.models import F, Max, QuerySet

from masterdata import live
from masterdata.errors import InvalidInput, Refusal, StaleVersion
from masterdata.models import RoutingOperation, User
from mes.models import InstructionStep, PictureMark, WorkInstruction
from mes.services.pictures import keep_picture

State = WorkInstruction.State
MOST_MARKS = 30


class NotADraft(Refusal):
    """A released instruction is never changed; `draft_id` is the draft that follows it, if there is one."""

    code: ClassVar[str] = "not_a_draft"


class DraftExists(Refusal):
    """Somebody writes the next version already."""

    code: ClassVar[str] = "draft_exists"


class NothingToRelease(Refusal):
    """An instruction without a step tells nobody anything."""

    code: ClassVar[str] = "nothing_to_release"


@dataclass(frozen=True, kw_only=True, slots=True)
class MarkInput:
    """A numbered mark: where on the picture, in per cent from its left upper corner, and what it says."""

    number: int
    x_percent: Decimal
    y_percent: Decimal
    text: str = ""
    characteristic_id: int | None = None


@transaction.atomic
def write_instruction(*, operation_id: int, now: dt.datetime, by: User | None = None) -> WorkInstruction:
    """A draft for the operation: a copy of its latest version, or an empty first one.

    Locks the routing operation. Raises DraftExists.
    """
    operation = (
        RoutingOperation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("routing")
        .order_by("pk")
        .get(pk=operation_id)
    )
    known = same_step(operation)
    draft = known.filter(state=State.DRAFT).first()
    if draft is not None:
        raise DraftExists(f"Version {draft.version_no} is being written already: go on with it.", draft_id=draft.pk)
    latest = known.order_by("-version_no").first()
    number = (known.aggregate(n=Max("version_no"))["n"] or 0) + 1
    row = WorkInstruction.objects.create(operation=operation, version_no=number, made_at=now, made_by=by)
    if latest is not None:
        _copy(latest, row)
    return row


def same_step(operation: RoutingOperation) -> QuerySet[WorkInstruction]:
    """Instructions of the step in all versions of its routing."""
    return WorkInstruction.objects.filter(
        operation__routing__material=operation.routing.material_id,
        operation__routing__plant=operation.routing.plant_id,
        operation__sequence=operation.sequence,
        operation__name=operation.name,
    )


def _copy(source: WorkInstruction, target: WorkInstruction) -> None:
    for step in source.steps.prefetch_related("marks").order_by("step_no"):
        copied = InstructionStep.objects.create(
            instruction=target, step_no=step.step_no, title=step.title, text=step.text, picture_id=step.picture_id,
            shows_drawing=step.shows_drawing,
        )  # fmt: skip
        PictureMark.objects.bulk_create(
            PictureMark(
                step=copied, number=mark.number, x_percent=mark.x_percent, y_percent=mark.y_percent, text=mark.text,
                characteristic_id=mark.characteristic_id,
            )
            for mark in step.marks.all()
        )  # fmt: skip


@transaction.atomic
def release_instruction(
    *,
    instruction_id: int,
    now: dt.datetime,
    note: str = "",
    by: User | None = None,
    expected_version: int | None = None,
) -> WorkInstruction:
    """From now on this version holds for work that is released; the one before it is retired.

    Raises NotADraft, NothingToRelease, StaleVersion.
    """
    row = _hold(instruction_id, expected_version)
    if not row.steps.exists():
        raise NothingToRelease("Write at least one step, then release it.")
    before = same_step(row.operation).filter(state=State.RELEASED).select_for_update(no_key=True, of=("self",))
    for old in before.order_by("pk"):
        old.state, old.retired_at = State.RETIRED, now
        old.save(update_fields=["state", "retired_at"])
    row.state, row.released_at, row.released_by = State.RELEASED, now, by
    row.note = note.strip()[:400] or row.note
    row.version += 1
    row.save()
    live.publish("instructions", row.pk)
    return row


@transaction.atomic
def drop_instruction(*, instruction_id: int) -> None:
    """Throw a draft away. Raises NotADraft."""
    _hold(instruction_id).delete()


@transaction.atomic
def write_step(
    *,
    instruction_id: int,
    title: str,
    text: str = "",
    step_id: int | None = None,
    shows_drawing: bool = False,
    picture: tuple[str, bytes] | None = None,
    loses_picture: bool = False,
    expected_version: int | None = None,
) -> InstructionStep:
    """Add a step at the end, or change one. A `picture` (name, content) takes the place of the one before.

    Locks the instruction. Raises NotADraft, UnusablePicture, InvalidInput, StaleVersion.
    """
    row = _hold(instruction_id, expected_version)
    if not title.strip():
        raise InvalidInput("Give the step a heading: what is to be done.", field="title")
    if step_id is None:
        last = row.steps.aggregate(n=Max("step_no"))["n"] or 0
        step = InstructionStep(instruction=row, step_no=last + 1)
    else:
        step = row.steps.get(pk=step_id)
    step.title, step.text, step.shows_drawing = title.strip()[:120], text.strip(), shows_drawing
    if picture is not None and not shows_drawing:
        step.picture = keep_picture(name=picture[0], content=picture[1])
    elif shows_drawing or loses_picture:
        step.picture = None
    step.save()
    _changed(row)
    return step


@transaction.atomic
def remove_step(*, instruction_id: int, step_id: int) -> None:
    """Those behind it move up. Raises NotADraft."""
    row = _hold(instruction_id)
    step = row.steps.get(pk=step_id)
    behind = step.step_no
    step.delete()
    row.steps.filter(step_no__gt=behind).update(step_no=F("step_no") - 1)
    _changed(row)


@transaction.atomic
def move_step(*, instruction_id: int, step_id: int, by_places: int) -> None:
    """Change places with the one before (-1) or behind (1); at the ends nothing happens. Raises NotADraft."""
    row = _hold(instruction_id)
    step = row.steps.get(pk=step_id)
    other = row.steps.filter(step_no=step.step_no + by_places).first()
    if other is None:
        return
    step.step_no, other.step_no = other.step_no, step.step_no
    step.save(update_fields=["step_no"])
    other.save(update_fields=["step_no"])
    _changed(row)


@transaction.atomic
def mark_picture(*, instruction_id: int, step_id: int, marks: Sequence[MarkInput]) -> InstructionStep:
    """All marks of a step's picture or drawing, in place of those before.

    Raises NotADraft, InvalidInput for a number twice, a place off the picture, or a step without a picture.
    """
    row = _hold(instruction_id)
    step = row.steps.get(pk=step_id)
    if marks and step.picture_id is None and not step.shows_drawing:
        raise InvalidInput("Give the step a picture or the drawing first, then mark it.", field="marks")
    numbers = [mark.number for mark in marks]
    if len(set(numbers)) != len(numbers) or any(not 1 <= number <= 99 for number in numbers):
        raise InvalidInput("Each mark has a number of its own, from 1 to 99.", field="marks")
    if len(marks) > MOST_MARKS:
        raise InvalidInput(f"A picture has at most {MOST_MARKS} marks: use a second step.", field="marks")
    if any(not (0 <= mark.x_percent <= 100 and 0 <= mark.y_percent <= 100) for mark in marks):
        raise InvalidInput("A mark lies on the picture: 0 to 100 per cent.", field="marks")
    step.marks.all().delete()
    PictureMark.objects.bulk_create(
        PictureMark(
            step=step, number=mark.number, x_percent=mark.x_percent, y_percent=mark.y_percent,
            text=mark.text.strip()[:200], characteristic_id=mark.characteristic_id,
        )
        for mark in sorted(marks, key=lambda mark: mark.number)
    )  # fmt: skip
    _changed(row)
    return step


def _hold(instruction_id: int, expected_version: int | None = None) -> WorkInstruction:
    """The locked draft."""
    row = (
        WorkInstruction.objects.select_for_update(no_key=True, of=("self",))
        .select_related("operation__routing")
        .order_by("pk")
        .get(pk=instruction_id)
    )
    if row.state != State.DRAFT:
        raise NotADraft(
            f"Version {row.version_no} is {State(row.state).label.lower()} and stays as it is: make a new version.",
            instruction_id=row.pk,
        )
    if expected_version is not None and row.version != expected_version:
        raise StaleVersion("Somebody changed the instruction meanwhile: look at it again.")
    return row


def _changed(row: WorkInstruction) -> None:
    row.version += 1
    row.save(update_fields=["version"])
