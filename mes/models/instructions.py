"""Work instructions: versions per operation of a routing, their steps with pictures and numbered marks."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from masterdata.models import RoutingOperation, User

FROZEN_STEP = """
    IF EXISTS (SELECT 1 FROM mes_workinstruction WHERE id = {row}.instruction_id AND state <> 'draft') THEN
        RAISE EXCEPTION 'released: make a new version instead' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN {row};
"""
FROZEN_MARK = """
    IF EXISTS (SELECT 1 FROM mes_instructionstep s JOIN mes_workinstruction i ON i.id = s.instruction_id
               WHERE s.id = {row}.step_id AND i.state <> 'draft') THEN
        RAISE EXCEPTION 'released: make a new version instead' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN {row};
"""


def _frozen(what: str, func: str) -> list[pgtrigger.Trigger]:
    return [
        pgtrigger.Trigger(
            name=f"released_instruction_keeps_{what}",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert | pgtrigger.Update,
            func=func.format(row="NEW"),
        ),
        pgtrigger.Trigger(
            name=f"released_instruction_loses_no_{what}",
            when=pgtrigger.Before,
            operation=pgtrigger.Delete,
            func=func.format(row="OLD"),
        ),
    ]


class WorkInstruction(models.Model):
    """How an operation is done: a draft is written, then released and never changed; the one before it is retired.

    Of the same step in several routing versions (material, plant, sequence and name are the same) the instruction is
    the same; it hangs on the routing operation that it was written for.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        RELEASED = "released", _("Released")
        RETIRED = "retired", _("Retired")

    operation = models.ForeignKey(RoutingOperation, models.PROTECT, related_name="instructions")
    version_no = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    note = models.CharField(max_length=400, blank=True, help_text="What is new in this version, and why")
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["operation", "-version_no"]
        constraints = [
            models.UniqueConstraint(name="instruction_version_unique", fields=["operation", "version_no"]),
            models.UniqueConstraint(
                name="one_released_instruction_per_operation", fields=["operation"], condition=Q(state="released")
            ),
            models.UniqueConstraint(
                name="one_draft_instruction_per_operation", fields=["operation"], condition=Q(state="draft")
            ),
            models.CheckConstraint(
                name="released_instruction_says_when",
                condition=Q(state="draft", released_at=None) | (~Q(state="draft") & Q(released_at__isnull=False)),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="released_instruction_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.state <> 'draft'"),
                func="""
                    IF TG_OP = 'UPDATE' AND NEW.state <> 'draft' AND (OLD.operation_id, OLD.version_no, OLD.note,
                        OLD.made_at, OLD.released_at) IS NOT DISTINCT FROM (NEW.operation_id, NEW.version_no, NEW.note,
                        NEW.made_at, NEW.released_at) THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'released: make a new version instead' USING ERRCODE = 'restrict_violation';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"Instruction {self.operation_id} version {self.version_no}"


class InstructionPicture(models.Model):
    """A picture as it was uploaded and cleaned; versions share it, and it is never changed."""

    name = models.CharField(max_length=120)
    content = models.BinaryField()
    content_type = models.CharField(max_length=20, help_text="image/png, image/jpeg or image/svg+xml")
    sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        triggers = [pgtrigger.Protect(name="pictures_stay", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.name


class InstructionStep(models.Model):
    """One thing to do: a heading, text, and a picture or the drawing of the variant that is being made.

    Text is paragraphs; lines that begin with "- " are a list, **two stars** make it bold.
    """

    instruction = models.ForeignKey(WorkInstruction, models.CASCADE, related_name="steps")
    step_no = models.PositiveIntegerField()
    title = models.CharField(max_length=120)
    text = models.TextField(max_length=4000, blank=True)
    picture = models.ForeignKey(InstructionPicture, models.PROTECT, null=True, blank=True, related_name="+")
    shows_drawing = models.BooleanField(default=False, help_text="The drawing of the variant instead of a picture")

    class Meta:
        ordering = ["instruction", "step_no"]
        constraints = [
            models.UniqueConstraint(
                name="instruction_step_number_unique",
                fields=["instruction", "step_no"],
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                name="step_shows_picture_or_drawing", condition=Q(shows_drawing=False) | Q(picture__isnull=True)
            ),
        ]
        triggers = _frozen("steps", FROZEN_STEP)

    def __str__(self) -> str:
        return f"{self.step_no} {self.title}"


class PictureMark(models.Model):
    """A numbered mark on a step's picture or drawing: where, in per cent of its size, and what it says.

    `characteristic_id` is what of a check plan is measured there; the check shows the same number.
    """

    step = models.ForeignKey(InstructionStep, models.CASCADE, related_name="marks")
    number = models.PositiveSmallIntegerField()
    x_percent = models.DecimalField(max_digits=5, decimal_places=2)
    y_percent = models.DecimalField(max_digits=5, decimal_places=2)
    text = models.CharField(max_length=200, blank=True)
    characteristic_id = models.BigIntegerField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ["step", "number"]
        constraints = [
            models.UniqueConstraint(name="mark_number_unique_in_step", fields=["step", "number"]),
            models.CheckConstraint(
                name="mark_lies_on_the_picture",
                condition=Q(x_percent__gte=0, x_percent__lte=100, y_percent__gte=0, y_percent__lte=100),
            ),
        ]
        triggers = _frozen("marks", FROZEN_MARK)

    def __str__(self) -> str:
        return f"{self.number}"
