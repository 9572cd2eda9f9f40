"""Working calendars: weekly shifts in local wall time, breaks, holidays and extra shifts."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from masterdata.models.fields import CodeField


class Calendar(models.Model):
    """A named set of shifts in one time zone. Group-wide: plants, work centres and machines point to it."""

    code = CodeField()
    name = models.CharField(max_length=80)
    time_zone = models.CharField(max_length=64, default="UTC")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Shift(models.Model):
    """A weekly working period. `starts` and `ends` are local wall time; `ends` <= `starts` means the next day."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="shifts")
    name = models.CharField(max_length=40)
    weekday = models.PositiveSmallIntegerField(help_text="0 is Monday, 6 is Sunday")
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        ordering = ["calendar", "weekday", "starts"]
        constraints = [
            models.CheckConstraint(name="shift_weekday_exists", condition=Q(weekday__lte=6)),
            models.UniqueConstraint(name="one_shift_per_start", fields=["calendar", "weekday", "starts"]),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.starts:%H:%M} to {self.ends:%H:%M}"


class ShiftBreak(models.Model):
    """A break inside a shift, local wall time."""

    shift = models.ForeignKey(Shift, models.CASCADE, related_name="breaks")
    starts = models.TimeField()
    ends = models.TimeField()
    is_paid = models.BooleanField(default=False, db_default=False, help_text="Counts as paid time")

    class Meta:
        ordering = ["shift", "starts"]

    def __str__(self) -> str:
        return f"{self.starts:%H:%M} to {self.ends:%H:%M}"


class CalendarException(models.Model):
    """A day that differs: a holiday (not working) or an extra working period such as overtime."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="exceptions")
    on = models.DateField()
    name = models.CharField(max_length=80)
    is_working = models.BooleanField(default=False)
    starts = models.TimeField(null=True, blank=True)
    ends = models.TimeField(null=True, blank=True)

    class Meta:
        ordering = ["calendar", "on"]
        constraints = [
            models.CheckConstraint(
                name="extra_shift_has_times",
                condition=Q(is_working=False)
                | (Q(starts__isnull=False) & Q(ends__isnull=False) & ~Q(starts=F("ends"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.name}"
