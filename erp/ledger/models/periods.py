"""Posting periods, and every change of their state."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.fields import Field
from django.utils.translation import gettext_lazy as _

from masterdata.models import Company


class DateRange(Func):
    """daterange(start, end, '[]')."""

    function = "DATERANGE"
    output_field: Field = models.TextField()


class Period(models.Model):
    """A posting period, both days included. Documents post in an open one, the accountant also in a locked one."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        LOCKED = "locked", _("Locked")
        CLOSED = "closed", _("Closed")

    company = models.ForeignKey(Company, models.PROTECT, related_name="periods")
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    is_open = models.GeneratedField(
        expression=models.ExpressionWrapper(Q(state="open"), output_field=models.BooleanField()),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["company", "starts_on"]
        constraints = [
            ExclusionConstraint(
                name="periods_do_not_overlap",
                expressions=[
                    ("company", RangeOperators.EQUAL),
                    (DateRange(F("starts_on"), F("ends_on"), models.Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="period_ends_after_start", condition=Q(ends_on__gte=F("starts_on"))),
        ]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_on}"


class PeriodChange(models.Model):
    """A period was locked, closed or opened again: by whom, when, and why. Never changed."""

    period = models.ForeignKey(Period, models.PROTECT, related_name="changes")
    from_state = models.CharField(max_length=10, choices=Period.State)
    to_state = models.CharField(max_length=10, choices=Period.State)
    reason = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        triggers = [pgtrigger.Protect(name="changes_of_periods_stand", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.from_state} -> {self.to_state}"
