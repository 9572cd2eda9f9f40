"""Work centres and machines."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models.calendars import Calendar
from masterdata.models.fields import CodeField, UnitPriceField
from masterdata.models.people import EmployeeSkill, Skill
from masterdata.models.places import Plant


class WorkCentre(models.Model):
    """Machines that can do the same work, with one calendar and one pair of hourly rates (company currency)."""

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="work_centres")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40, blank=True, help_text="saw, edge, cnc, paint ...: picks the icon")
    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="+")
    machine_rate = UnitPriceField(default=0, help_text="Per machine hour")
    labour_rate = UnitPriceField(default=0, help_text="Per labour hour")
    is_tended_together = models.BooleanField(
        default=False, db_default=False, help_text="One person may work at several of these at once"
    )

    class Meta:
        ordering = ["plant", "code"]
        constraints = [
            models.UniqueConstraint(name="work_centre_code_unique_in_plant", fields=["plant", "code"]),
            models.CheckConstraint(name="rates_not_negative", condition=Q(machine_rate__gte=0) & Q(labour_rate__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Machine(models.Model):
    """One station that does one operation at a time. `speed_percent` 100 is the routing's speed, 200 twice as fast."""

    work_centre = models.ForeignKey(WorkCentre, models.PROTECT, related_name="machines")
    code = CodeField()
    name = models.CharField(max_length=120)
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: the work centre's"
    )
    speed_percent = models.PositiveSmallIntegerField(default=100)
    is_tended_together = models.BooleanField(
        default=False, db_default=False, help_text="One person may work here and elsewhere at once"
    )
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["work_centre", "code"]
        constraints = [models.CheckConstraint(name="machine_speed_positive", condition=Q(speed_percent__gt=0))]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class SkillRequirement(models.Model):
    """Who works here needs the skill: at a work centre, at one of its machines, or for the operations of one name."""

    work_centre = models.ForeignKey(WorkCentre, models.CASCADE, related_name="skill_requirements")
    machine = models.ForeignKey(
        Machine, models.CASCADE, null=True, blank=True, related_name="skill_requirements",
        help_text="Empty: any machine of the work centre",
    )  # fmt: skip
    operation = models.CharField(
        max_length=80, blank=True, db_default="", help_text="Name of the operation; empty: any operation"
    )
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="requirements")
    level = models.PositiveSmallIntegerField(
        choices=EmployeeSkill.Level, default=EmployeeSkill.Level.LEARNS, db_default=EmployeeSkill.Level.LEARNS,
        help_text="At least",
    )  # fmt: skip

    class Meta:
        ordering = ["work_centre", "machine", "operation", "skill"]
        constraints = [
            models.UniqueConstraint(
                name="skill_required_once",
                fields=["work_centre", "machine", "operation", "skill"],
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.skill_id} at {self.machine_id or self.work_centre_id}"
