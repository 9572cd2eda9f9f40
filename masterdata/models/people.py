"""People: log-ins, roles with their scope, keys, employees, skills and reason codes."""

from __future__ import annotations

from typing import Any

from django.contrib import auth
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from masterdata.models.calendars import Calendar
from masterdata.models.fields import CodeField
from masterdata.models.places import Company, Plant


class User(AbstractUser):
    """A log-in. What it may do follows from its memberships (suite/roles.py), never from flags typed here."""

    plant = models.ForeignKey(
        Plant, models.SET_NULL, null=True, blank=True, related_name="+", help_text="Chosen in the plant switch"
    )

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Asked of the memberships alone: Django's superuser flag opens nothing here."""
        return any(backend.has_perm(self, perm, obj) for backend in auth.get_backends() if hasattr(backend, "has_perm"))


class Membership(models.Model):
    """A role of a user in one company, for one plant or (empty) all of its plants.

    `role` is a name in suite/roles.py; the permissions of a role are deeds such as `erp.confirm_order`.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20)
    company = models.ForeignKey(Company, models.CASCADE, related_name="+")
    plant = models.ForeignKey(Plant, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["user", "role"]
        constraints = [
            models.UniqueConstraint(
                name="one_membership_per_role_and_scope",
                fields=["user", "role", "company", "plant"],
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} is {self.role}"


class ApiKey(models.Model):
    """A key of an integration: it acts as `user`, within `scopes` (deed permissions; empty: all that the user may).

    Only the SHA-256 of the secret is stored; `prefix` finds the row.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    scopes = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["user", "name"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"


class Skill(models.Model):
    """What somebody is trained for."""

    code = CodeField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class LabourGrade(models.Model):
    """What a person's hour is paid and costed as: helper, skilled, master. What it costs is said per plant."""

    code = CodeField()
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Employee(models.Model):
    """A person on the floor or in the office; `badge` is what is scanned, `user` the log-in if there is one.

    Expected at the shifts of `calendar` (empty: the plant's) that are called `shift_name`; without a name nobody is
    expected where a day has several shifts. Paid by the hour, or by the good piece where a piece rate is set.
    `pin_hash` is what the tablet asks after a name is tapped (masterdata.services.pins); empty: the tap is enough.
    """

    class Pay(models.TextChoices):
        TIME = "time", _("By the hour")
        PIECE = "piece", _("By the piece")

    code = CodeField()
    name = models.CharField(max_length=120)
    badge = models.CharField(max_length=40, unique=True)
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="employees")
    user = models.OneToOneField(User, models.SET_NULL, null=True, blank=True, related_name="employee")
    skills = models.ManyToManyField(Skill, through="EmployeeSkill", blank=True, related_name="employees")
    grade = models.ForeignKey(LabourGrade, models.PROTECT, null=True, blank=True, related_name="employees")
    pay = models.CharField(max_length=5, choices=Pay, default=Pay.TIME, db_default=Pay.TIME)
    calendar = models.ForeignKey(
        Calendar, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: the plant's"
    )
    shift_name = models.CharField(max_length=40, blank=True, db_default="", help_text="Early, late ...")
    pin_hash = models.CharField(max_length=200, blank=True, default="", db_default="")
    pin_failures = models.PositiveSmallIntegerField(default=0, db_default=0)
    pin_locked_until_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EmployeeSkill(models.Model):
    """What a person is trained for, how far, and until when: `valid_until` is the last day, empty: for good."""

    class Level(models.IntegerChoices):
        LEARNS = 1, _("Learns it")
        ABLE = 2, _("Works alone")
        TEACHES = 3, _("Teaches it")

    employee = models.ForeignKey(Employee, models.CASCADE, related_name="trained")
    skill = models.ForeignKey(Skill, models.CASCADE, related_name="holders")
    level = models.PositiveSmallIntegerField(choices=Level, default=Level.ABLE, db_default=Level.ABLE)
    valid_until = models.DateField(null=True, blank=True, help_text="Its last day; empty: for good")

    class Meta:
        db_table = "masterdata_employee_skills"
        ordering = ["employee", "skill"]
        unique_together = [("employee", "skill")]
        constraints = [
            models.CheckConstraint(name="skill_level_is_known", condition=models.Q(level__gte=1, level__lte=3))
        ]
        indexes = [
            models.Index(name="skills_that_end", fields=["valid_until"], condition=models.Q(valid_until__isnull=False))
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.skill_id}"


class ReasonCode(models.Model):
    """Why: of a downtime, a scrap, a pause or a quarantine."""

    class Kind(models.TextChoices):
        DOWNTIME = "downtime", "Downtime"
        SCRAP = "scrap", "Scrap"
        PAUSE = "pause", "Pause"
        QUARANTINE = "quarantine", "Quarantine"

    code = CodeField()
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind)

    class Meta:
        ordering = ["kind", "code"]

    def __str__(self) -> str:
        return self.name
