"""What is checked of pieces: plans in versions, their characteristics, gauges, and what was found."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from erp.models import WorkOrderOperation
from masterdata.models import Employee, Machine, Material, Plant, User, WorkCentre
from mes.models.devices import Device
from mes.models.events import EventPhoto, ExecutionEvent

_ONLY_DRAFTS = """
    IF EXISTS (SELECT 1 FROM mes_checkplan WHERE id = {row}.plan_id AND state <> 'draft') THEN
        RAISE EXCEPTION 'only drafts of check plans change' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN {row};
"""
_CONDITION = Q(kind="measured") & (Q(lower__isnull=False) | Q(upper__isnull=False))


class Gauge(models.Model):
    """A measuring device; past `valid_until` nothing that it measures counts."""

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="gauges")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    resolution = models.CharField(max_length=20, blank=True, help_text="As 0.01 mm")
    interval_days = models.PositiveIntegerField(default=365, help_text="Days from one calibration to the next")
    calibrated_on = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["plant", "code"]
        constraints = [
            models.UniqueConstraint(name="gauge_code_unique_in_its_plant", fields=["plant", "code"]),
            models.CheckConstraint(name="gauge_interval_positive", condition=Q(interval_days__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class GaugeCalibration(models.Model):
    """A gauge was compared with a standard: when, by which certificate, until when that holds."""

    gauge = models.ForeignKey(Gauge, models.PROTECT, related_name="calibrations")
    done_on = models.DateField()
    valid_until = models.DateField()
    certificate = models.CharField(max_length=80, blank=True)
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-done_on", "-id"]
        constraints = [
            models.CheckConstraint(name="calibration_ends_after_it", condition=Q(valid_until__gt=F("done_on"))),
        ]
        triggers = [pgtrigger.Protect(name="calibrations_are_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.gauge_id} until {self.valid_until}"


class CheckPlan(models.Model):
    """What is checked at an operation, and when. draft -> active -> retired; a change is a new version.

    It applies to operations of its plant that fit all of material, sequence and work centre that it names. `at_count`:
    the first piece (`first_piece`), then one in `every_n`; `at_time`: each `every_min` minutes after the start.
    `is_blocking`: while a check is overdue nothing more is reported. `on_fault` says what follows a value out of
    tolerance or, by one of the `rules` (numbers of Nelson's run rules), out of control.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        RETIRED = "retired", _("Retired")

    class Trigger(models.TextChoices):
        COUNT = "at_count", _("By pieces")
        TIME = "at_time", _("By minutes")
        START = "at_start", _("Before the first piece")
        END = "at_end", _("With the last piece")

    class OnFault(models.TextChoices):
        NOTE = "note", _("Record it")
        RAISE = "raise", _("Open a non-conformance")
        HOLD = "hold", _("Hold the operation and open a non-conformance")

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="check_plans")
    code = models.CharField(max_length=40)
    version_no = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=7, choices=State, default=State.DRAFT)
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    sequence = models.PositiveIntegerField(null=True, blank=True, help_text="Operation of the material's routing")
    work_centre = models.ForeignKey(WorkCentre, models.PROTECT, null=True, blank=True, related_name="+")
    trigger = models.CharField(max_length=8, choices=Trigger, default=Trigger.COUNT)
    first_piece = models.BooleanField(default=True)
    every_n = models.PositiveIntegerField(null=True, blank=True)
    every_min = models.PositiveIntegerField(null=True, blank=True)
    is_blocking = models.BooleanField(default=False)
    on_fault = models.CharField(max_length=5, choices=OnFault, default=OnFault.HOLD)
    rules = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    instruction = models.CharField(max_length=400, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    active_since_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["plant", "code", "-version_no"]
        constraints = [
            models.UniqueConstraint(name="check_plan_version_unique", fields=["plant", "code", "version_no"]),
            models.UniqueConstraint(
                name="one_active_version_of_a_check_plan", fields=["plant", "code"], condition=Q(state="active")
            ),
            models.CheckConstraint(
                name="check_plan_says_where",
                condition=(Q(material__isnull=False) | Q(work_centre__isnull=False))
                & (Q(sequence__isnull=True) | Q(material__isnull=False)),
            ),
            models.CheckConstraint(
                name="check_plan_says_when",
                condition=(Q(trigger="at_count") & (Q(first_piece=True) | Q(every_n__gt=0)))
                | (Q(trigger="at_time") & Q(every_min__gt=0))
                | Q(trigger__in=["at_start", "at_end"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} version {self.version_no}"


class Characteristic(models.Model):
    """One thing that is checked. Measured: within `lower` and `upper` (one of them may be open); else good or bad.

    `line_no` names it through all versions of its plan. `subgroup` values are taken at each check. `mark` is the
    numbered mark on the drawing.
    """

    class Kind(models.TextChoices):
        MEASURED = "measured", _("Measured")
        ATTRIBUTE = "attribute", _("Good or bad")

    plan = models.ForeignKey(CheckPlan, models.CASCADE, related_name="characteristics")
    line_no = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.MEASURED)
    unit = models.CharField(max_length=10, blank=True)
    nominal = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    lower = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    upper = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    decimals = models.PositiveSmallIntegerField(default=2)
    subgroup = models.PositiveSmallIntegerField(default=1, help_text="Values at each check")
    needs_gauge = models.BooleanField(default=False)
    needs_photo = models.BooleanField(default=False)
    mark = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Numbered mark on the drawing")

    class Meta:
        ordering = ["plan", "line_no"]
        constraints = [
            models.UniqueConstraint(name="characteristic_number_unique", fields=["plan", "line_no"]),
            models.CheckConstraint(
                name="characteristic_has_a_tolerance",
                condition=_CONDITION
                | Q(kind="attribute", nominal__isnull=True, lower__isnull=True, upper__isnull=True, subgroup=1),
            ),
            models.CheckConstraint(
                name="tolerance_the_right_way_round",
                condition=Q(lower__isnull=True) | Q(upper__isnull=True) | Q(lower__lt=F("upper")),
            ),
            models.CheckConstraint(
                name="characteristic_sizes_valid", condition=Q(subgroup__gte=1, subgroup__lte=10, decimals__lte=6)
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="active_check_plans_keep_characteristics",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_ONLY_DRAFTS.format(row="NEW"),
            ),
            pgtrigger.Trigger(
                name="active_check_plans_lose_no_characteristics",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=_ONLY_DRAFTS.format(row="OLD"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CheckResult(models.Model):
    """A check that was made: at which operation, on which piece, with which gauge, and its verdict. Never changed.

    `is_void`: the event that it came with was taken back.
    """

    class Verdict(models.TextChoices):
        OK = "ok", _("Good")
        CONTROL = "control", _("Out of control")
        TOLERANCE = "tolerance", _("Out of tolerance")

    plan = models.ForeignKey(CheckPlan, models.PROTECT, related_name="results")
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    operation = models.ForeignKey(WorkOrderOperation, models.PROTECT, related_name="check_results")
    machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    operator = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    event = models.OneToOneField(ExecutionEvent, models.PROTECT, null=True, blank=True, related_name="check_result")
    gauge = models.ForeignKey(Gauge, models.PROTECT, null=True, blank=True, related_name="results")
    photo = models.ForeignKey(EventPhoto, models.PROTECT, null=True, blank=True, related_name="+")
    piece_no = models.PositiveIntegerField()
    verdict = models.CharField(max_length=9, choices=Verdict)
    said = models.CharField(max_length=400, blank=True, help_text="What was wrong, in words")
    note = models.CharField(max_length=400, blank=True)
    checked_at = models.DateTimeField()
    recorded_at = models.DateTimeField(default=timezone.now)
    is_void = models.BooleanField(default=False)

    class Meta:
        ordering = ["-checked_at", "-id"]
        indexes = [
            models.Index(name="check_by_operation", fields=["operation", "checked_at"]),
            models.Index(name="check_by_plan", fields=["plan", "machine", "checked_at"]),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="check_results_are_kept",
                fields=["plan", "operation", "piece_no", "verdict", "gauge", "checked_at", "event"],
            ),
            pgtrigger.Protect(name="check_results_are_not_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} piece {self.piece_no}: {self.verdict}"


class CheckValue(models.Model):
    """What was measured or seen of one characteristic at a check; `sample_no` counts the values of a subgroup."""

    result = models.ForeignKey(CheckResult, models.PROTECT, related_name="values")
    characteristic = models.ForeignKey(Characteristic, models.PROTECT, related_name="values")
    sample_no = models.PositiveSmallIntegerField(default=1)
    value = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    is_good = models.BooleanField()

    class Meta:
        ordering = ["result", "characteristic__line_no", "sample_no"]
        constraints = [
            models.UniqueConstraint(name="one_value_per_sample", fields=["result", "characteristic", "sample_no"]),
        ]
        indexes = [models.Index(name="value_by_characteristic", fields=["characteristic", "result"])]
        triggers = [pgtrigger.Protect(name="check_values_are_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.value if self.value is not None else self.is_good)
