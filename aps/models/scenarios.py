"""Scenarios: the plan of a plant under assumptions that nobody has made real yet."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from aps.models.planning import AT_MOST_A_WEEK
from erp.models import SalesOrderLine
from masterdata.models import Calendar, Machine, Material, Plant, User, WorkCentre
from masterdata.models.fields import QuantityField

WEIGHTS = (
    "setup_hour_min",
    "sooner_day_min",
    "moved_min",
    "machine_min",
    "moved_after_min",
    "stable_for_h",
    "frozen_h",
)
AT_MOST_60_DAYS = MaxValueValidator(24 * 60)


class Scenario(models.Model):
    """What if: a plant's plan, the changes that are assumed, and, once solved, what they would bring.

    `base_no` and `base_version` are the plan and the wanted version that it was copied from, or last solved on. The
    shop's rows are not copied: each solve starts from the plant as it is then.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SOLVING = "solving", "Being solved"
        SOLVED = "solved", "Solved"
        FAILED = "failed", "Failed"
        PROMOTED = "promoted", "Promoted"
        DROPPED = "dropped", "Dropped"

    OVER = (State.PROMOTED, State.DROPPED)
    WITH_RESULT = (State.SOLVED, State.PROMOTED)

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    notes = models.CharField(max_length=1000, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    base_no = models.PositiveIntegerField()
    base_version = models.PositiveBigIntegerField()
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    promoted_no = models.PositiveIntegerField(null=True, blank=True, help_text="The plan that it became")
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="scenario_name_unique_in_plant",
                fields=["plant", "name"],
                condition=~Q(state__in=["promoted", "dropped"]),
            ),
            models.CheckConstraint(
                name="scenario_that_ended_says_when",
                condition=Q(state__in=["promoted", "dropped"], ended_at__isnull=False)
                | (~Q(state__in=["promoted", "dropped"]) & Q(ended_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="promoted_scenario_names_its_plan",
                condition=Q(state="promoted", promoted_no__isnull=False)
                | (~Q(state="promoted") & Q(promoted_no__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        """Whether nothing can be done with it any more."""
        return self.state in self.OVER

    @property
    def has_result(self) -> bool:
        """Whether its figures are there and belong to its changes."""
        return self.state in self.WITH_RESULT


class ChangeKind(models.TextChoices):
    """What a scenario may assume."""

    MACHINE_OFF = "machine_off", "Machine does not work"
    MACHINE_ON = "machine_on", "Machine works again"
    MACHINE_COPY = "machine_copy", "One more machine"
    SPEED = "speed", "Speed of a machine"
    CALENDAR = "calendar", "Another calendar"
    OVERTIME = "overtime", "Overtime"
    LINE_DUE = "line_due", "Order due at another date"
    LINE_WEIGHT = "line_weight", "Weight of an order"
    LINE_OUT = "line_out", "Order left out"
    NEW_ORDER = "new_order", "New order"
    WEIGHTS = "weights", "What counts"


COLUMNS: dict[str, tuple[str, ...]] = {
    ChangeKind.MACHINE_OFF: ("machine", "from_at", "until_at"),
    ChangeKind.MACHINE_ON: ("machine", "from_at", "until_at"),
    ChangeKind.MACHINE_COPY: ("machine", "speed_percent"),
    ChangeKind.SPEED: ("machine", "speed_percent"),
    ChangeKind.CALENDAR: ("calendar",),
    ChangeKind.OVERTIME: ("from_at", "until_at"),
    ChangeKind.LINE_DUE: ("order_line", "due_on"),
    ChangeKind.LINE_WEIGHT: ("order_line", "weight"),
    ChangeKind.LINE_OUT: ("order_line",),
    ChangeKind.NEW_ORDER: ("material", "quantity", "due_on", "weight"),
    ChangeKind.WEIGHTS: (),
}
"""What each kind must say. Calendar and overtime name a machine or a work centre besides, weights at least one."""
OF_A_MACHINE_OR_CENTRE = (ChangeKind.CALENDAR, ChangeKind.OVERTIME)
PLAIN = (
    "machine",
    "work_centre",
    "calendar",
    "order_line",
    "material",
    "quantity",
    "speed_percent",
    "from_at",
    "until_at",
    "due_on",
    "weight",
)


def _is_null(names: tuple[str, ...], empty: bool) -> Q:
    return Q(**{f"{name}__isnull": empty for name in names})


def _says_what_it_must(kind: str) -> Q:
    needed = COLUMNS[kind]
    left = tuple(name for name in PLAIN if name not in needed)
    found = Q(kind=kind)
    if needed:
        found &= _is_null(needed, False)
    if kind == ChangeKind.WEIGHTS:
        return found & _is_null(left, True) & ~_is_null(WEIGHTS, True)
    if kind in OF_A_MACHINE_OR_CENTRE:
        left = tuple(name for name in left if name not in ("machine", "work_centre"))
        found &= Q(machine__isnull=True, work_centre__isnull=False) | Q(machine__isnull=False, work_centre__isnull=True)
    return found & _is_null(left, True) & _is_null(WEIGHTS, True)


def _any_kind() -> Q:
    found = Q()
    for kind in ChangeKind.values:
        found |= _says_what_it_must(kind)
    return found


class ScenarioChange(models.Model):
    """One assumption of a scenario; which columns it fills depends on its kind (COLUMNS)."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=12, choices=ChangeKind)
    machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    work_centre = models.ForeignKey(WorkCentre, models.PROTECT, null=True, blank=True, related_name="+")
    calendar = models.ForeignKey(Calendar, models.PROTECT, null=True, blank=True, related_name="+")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, null=True, blank=True, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, null=True, blank=True, related_name="+")
    quantity = QuantityField(null=True, blank=True)
    speed_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    from_at = models.DateTimeField(null=True, blank=True)
    until_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    weight = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    setup_hour_min = models.PositiveIntegerField(null=True, blank=True, validators=[AT_MOST_A_WEEK])
    sooner_day_min = models.PositiveIntegerField(null=True, blank=True, validators=[AT_MOST_A_WEEK])
    moved_min = models.PositiveIntegerField(null=True, blank=True, validators=[AT_MOST_A_WEEK])
    machine_min = models.PositiveIntegerField(null=True, blank=True, validators=[AT_MOST_A_WEEK])
    moved_after_min = models.PositiveIntegerField(null=True, blank=True, validators=[AT_MOST_A_WEEK])
    stable_for_h = models.PositiveIntegerField(null=True, blank=True, validators=[AT_MOST_60_DAYS])
    frozen_h = models.PositiveIntegerField(null=True, blank=True, validators=[AT_MOST_60_DAYS])

    class Meta:
        ordering = ["scenario", "id"]
        constraints = [
            models.CheckConstraint(name="scenario_change_says_what_it_must", condition=_any_kind()),
            models.CheckConstraint(
                name="scenario_change_ends_after_start",
                condition=Q(from_at__isnull=True) | Q(until_at__gt=F("from_at")),
            ),
            models.CheckConstraint(
                name="scenario_change_of_something",
                condition=(Q(quantity__isnull=True) | Q(quantity__gt=0))
                & (Q(speed_percent__isnull=True) | Q(speed_percent__gt=0))
                & (Q(weight__isnull=True) | Q(weight__gt=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def weights(self) -> dict[str, int]:
        """What it says about what counts."""
        return {name: value for name in WEIGHTS if (value := getattr(self, name)) is not None}
