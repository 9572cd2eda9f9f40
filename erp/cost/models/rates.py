"""What an hour of work costs and what overhead comes on top, each from a day until the next rate's."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from erp.ledger.models import DateRange
from masterdata.models import Company, LabourGrade, Machine, Material, Plant, WorkCentre
from masterdata.models.fields import UnitPriceField

VALID_DAYS = DateRange(F("valid_from"), F("valid_until"), Value("[]"))


def _same(name: str) -> tuple[Coalesce, str]:
    """Two empty keys are the same key."""
    return Coalesce(F(name), Value(0, models.BigIntegerField())), RangeOperators.EQUAL


class HourRate(models.Model):
    """What an hour costs in a plant, company currency: a work centre's labour or machine, one machine's own, or the
    labour of a grade. Both days are included, days of the plant; the last has no end.

    What no rate says costs what the work centre's own two columns say.
    """

    class Kind(models.TextChoices):
        LABOUR = "labour", _("Labour")
        MACHINE = "machine", _("Machine")

    kind = models.CharField(max_length=7, choices=Kind)
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    work_centre = models.ForeignKey(WorkCentre, models.PROTECT, null=True, blank=True, related_name="+")
    machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    grade = models.ForeignKey(LabourGrade, models.PROTECT, null=True, blank=True, related_name="+")
    per_hour = UnitPriceField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["plant", "kind", "work_centre", "machine", "grade", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                name="hour_rate_is_of_one_thing",
                condition=Q(work_centre__isnull=False, machine__isnull=True, grade__isnull=True)
                | Q(work_centre__isnull=True, machine__isnull=False, grade__isnull=True, kind="machine")
                | Q(work_centre__isnull=True, machine__isnull=True, grade__isnull=False, kind="labour"),
            ),
            models.CheckConstraint(name="hour_rate_not_negative", condition=Q(per_hour__gte=0)),
            models.CheckConstraint(
                name="hour_rate_ends_after_start",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
            ExclusionConstraint(
                name="one_hour_rate_a_day",
                expressions=[
                    ("plant", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    _same("work_centre"),
                    _same("machine"),
                    _same("grade"),
                    (VALID_DAYS, RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.per_hour}"


class OverheadRule(models.Model):
    """Overhead on top of what work costs: a percentage of labour, machine or material, or money per hour worked.

    Of each basis one rule holds: the work centre's, else the plant's, else the company's. Days as of `HourRate`.
    """

    class Basis(models.TextChoices):
        LABOUR = "labour", _("Per cent of labour")
        MACHINE = "machine", _("Per cent of machine cost")
        MATERIAL = "material", _("Per cent of material")
        HOUR = "hour", _("Money per hour")

    company = models.ForeignKey(Company, models.PROTECT, related_name="+")
    plant = models.ForeignKey(Plant, models.PROTECT, null=True, blank=True, related_name="+")
    work_centre = models.ForeignKey(WorkCentre, models.PROTECT, null=True, blank=True, related_name="+")
    basis = models.CharField(max_length=8, choices=Basis)
    value = UnitPriceField(help_text="Per cent, or money per hour")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["company", "basis", "plant", "work_centre", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                name="overhead_of_a_centre_names_its_plant",
                condition=Q(work_centre__isnull=True) | Q(plant__isnull=False),
            ),
            models.CheckConstraint(name="overhead_not_negative", condition=Q(value__gte=0)),
            models.CheckConstraint(
                name="overhead_ends_after_start",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
            ExclusionConstraint(
                name="one_overhead_a_day",
                expressions=[
                    ("company", RangeOperators.EQUAL),
                    ("basis", RangeOperators.EQUAL),
                    _same("plant"),
                    _same("work_centre"),
                    (VALID_DAYS, RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.basis} {self.value}"


class PieceRate(models.Model):
    """What a good piece pays whoever works by the piece, company currency, from a day until another (days as of
    `HourRate`): at a work centre, of one material or any, in operations of one name or any, to one grade or any.

    The narrowest holds: material before operation before grade. Who works by the piece where none holds costs time.
    """

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    work_centre = models.ForeignKey(WorkCentre, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    operation = models.CharField(max_length=80, blank=True)
    grade = models.ForeignKey(LabourGrade, models.PROTECT, null=True, blank=True, related_name="+")
    per_piece = UnitPriceField()
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["plant", "work_centre", "material", "operation", "grade", "-valid_from"]
        constraints = [
            models.CheckConstraint(name="piece_rate_not_negative", condition=Q(per_piece__gte=0)),
            models.CheckConstraint(
                name="piece_rate_ends_after_start",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
            ExclusionConstraint(
                name="one_piece_rate_a_day",
                expressions=[
                    ("work_centre", RangeOperators.EQUAL),
                    ("operation", RangeOperators.EQUAL),
                    _same("material"),
                    _same("grade"),
                    (VALID_DAYS, RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.work_centre_id} {self.operation} {self.per_piece} a piece"
