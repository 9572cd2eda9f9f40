"""Hours of people: here, on a break, at a job, booked as cost; and who was let work without a skill."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from erp.models import WorkOrderOperation
from masterdata.models import Employee, Machine, Plant, Skill, User
from mes.models.ranges import TsTzRange

DURING = TsTzRange("since_at", "until_at", RangeBoundary())


class Attendance(models.Model):
    """A person was here from clock-in to clock-out; open: still here. A fold of the log, never written by hand."""

    person = models.ForeignKey(Employee, models.PROTECT, related_name="attendances")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-since_at"]
        constraints = [
            ExclusionConstraint(
                name="here_once_at_a_time",
                expressions=[("person", RangeOperators.EQUAL), (DURING, RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="attendance_ends_after_start", condition=Q(until_at__isnull=True) | Q(until_at__gte=F("since_at"))
            ),
        ]
        indexes = [models.Index(name="attendance_by_plant", fields=["plant", "since_at"])]

    def __str__(self) -> str:
        return f"{self.person_id} from {self.since_at:%Y-%m-%d %H:%M}"


class AttendanceBreak(models.Model):
    """A break within an attendance; `paid_sec` of it lies in a paid break of the person's shift."""

    attendance = models.ForeignKey(Attendance, models.CASCADE, related_name="breaks")
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    paid_sec = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["since_at"]
        constraints = [
            ExclusionConstraint(
                name="one_break_at_a_time",
                expressions=[("attendance", RangeOperators.EQUAL), (DURING, RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(
                name="break_ends_after_start", condition=Q(until_at__isnull=True) | Q(until_at__gte=F("since_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"break from {self.since_at:%H:%M}"


class LabourBooking(models.Model):
    """A person at a job, as long as nothing changes. A fold of the log, never written by hand.

    `tended` jobs share the person in this time, so a share of 1/`tended` is this job's; `place` says who gets what does
    not divide, so that the shares sum to the whole. Machines that are tended together have lane 0, any other is a lane
    of its own: one person is never in two lanes at once.
    """

    person = models.ForeignKey(Employee, models.PROTECT, related_name="bookings")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    operation = models.ForeignKey(WorkOrderOperation, models.PROTECT, related_name="labour")
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="+")
    lane = models.BigIntegerField()
    since_at = models.DateTimeField()
    until_at = models.DateTimeField(null=True, blank=True)
    tended = models.PositiveSmallIntegerField(default=1)
    place = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-since_at", "operation"]
        constraints = [
            ExclusionConstraint(
                name="never_at_two_exclusive_machines",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (DURING, RangeOperators.OVERLAPS),
                    ("lane", RangeOperators.NOT_EQUAL),
                ],
            ),
            ExclusionConstraint(
                name="once_at_a_job_at_a_time",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("operation", RangeOperators.EQUAL),
                    (DURING, RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="booking_valid",
                condition=(Q(until_at__isnull=True) | Q(until_at__gte=F("since_at"))) & Q(place__lt=F("tended")),
            ),
        ]
        indexes = [
            models.Index(name="labour_by_operation", fields=["operation", "person"]),
            models.Index(name="labour_open", fields=["plant", "person"], condition=Q(until_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.operation_id}"


class SkillOverride(models.Model):
    """A shift lead let a person do one operation without a skill that it needs, and said why."""

    person = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    operation = models.ForeignKey(WorkOrderOperation, models.PROTECT, related_name="+")
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="+")
    skills = models.ManyToManyField(Skill, related_name="+")
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(name="one_override_per_person_and_job", fields=["person", "operation", "machine"]),
            models.CheckConstraint(name="override_says_why", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.operation_id}: {self.reason}"
