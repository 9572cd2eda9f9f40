"""The pipeline: stages, opportunities in them, their moves, and why something was lost."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils import timezone

from masterdata.models import Company, Contact, Currency, Partner, Plant, User
from masterdata.models.fields import CodeField, MoneyField


class Stage(models.Model):
    """A column of the pipeline, in the order of `place`. What is in it is won with `probability` percent."""

    class Kind(models.TextChoices):
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"

    name = models.CharField(max_length=40)
    kind = models.CharField(max_length=4, choices=Kind, default=Kind.OPEN)
    probability = models.PositiveSmallIntegerField(help_text="In percent")
    place = models.PositiveSmallIntegerField(help_text="From left to right")
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["place", "id"]
        constraints = [
            models.UniqueConstraint(name="stage_name_unique", fields=["name"]),
            models.CheckConstraint(
                name="stage_probability_fits_its_kind",
                condition=Q(kind="open", probability__lte=99)
                | Q(kind="won", probability=100)
                | Q(kind="lost", probability=0),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LostReason(models.Model):
    """Why a lead, an opportunity or a quotation came to nothing: kept as rows, so that it can be counted."""

    code = CodeField()
    name = models.CharField(max_length=80)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Opportunity(models.Model):
    """What a customer may buy: what it is worth, when it is decided, and how far it is.

    `state` follows from the stage; `stage_since_at` is when it came there.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        WON = "won", "Won"
        LOST = "lost", "Lost"

    number = CodeField()
    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Partner, models.PROTECT, related_name="opportunities")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=160)
    value = MoneyField(help_text="Expected, net")
    currency = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="opportunities")
    state = models.CharField(max_length=4, choices=State, default=State.OPEN)
    stage_since_at = models.DateTimeField(default=timezone.now)
    expected_on = models.DateField(help_text="Decided by then")
    owner = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True)
    lost_reason = models.ForeignKey(LostReason, models.PROTECT, null=True, blank=True, related_name="opportunities")
    lost_note = models.CharField(max_length=240, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["expected_on", "id"]
        verbose_name_plural = "opportunities"
        indexes = [
            models.Index(name="opportunity_by_customer", fields=["customer", "-id"]),
            models.Index(name="opportunity_by_stage", fields=["stage", "expected_on", "id"]),
        ]
        constraints = [
            models.CheckConstraint(name="opportunity_value_not_negative", condition=Q(value__gte=0)),
            models.CheckConstraint(
                name="closed_opportunity_says_when",
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="lost_opportunity_has_reason",
                condition=Q(state="lost", lost_reason__isnull=False)
                | (~Q(state="lost") & Q(lost_reason__isnull=True, lost_note="")),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class StageMove(models.Model):
    """An opportunity came to a stage; the first one says where it began. Append-only.

    `quotation`: whose acceptance won it. A lost one keeps its reason here, so that what is taken back is lost again.
    """

    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="moves")
    stage = models.ForeignKey(Stage, models.PROTECT, related_name="+")
    quotation = models.ForeignKey("crm.Quotation", models.PROTECT, null=True, blank=True, related_name="+")
    lost_reason = models.ForeignKey(LostReason, models.PROTECT, null=True, blank=True, related_name="+")
    lost_note = models.CharField(max_length=240, blank=True, default="")
    moved_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["opportunity", "id"]
        triggers = [
            pgtrigger.Protect(name="stage_moves_are_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id} to {self.stage_id}"
