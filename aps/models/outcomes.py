"""What came of a scenario: its solves, its figures beside those of the plan in force, its rows."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from aps.models.runs import Searched
from aps.models.scenarios import Scenario, ScenarioChange
from erp.models import SalesOrderLine, WorkOrderOperation
from masterdata.models import Machine, User, WorkCentre


class ScenarioRun(Searched):
    """One solve of a scenario. Holds no lease: whoever writes carries `token`, which rises with each taking over.

    One that has not been heard of for a while is taken over by another worker.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for a worker"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Given up"

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="runs")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    token = models.PositiveIntegerField(default=0)
    budget_seconds = models.PositiveSmallIntegerField()
    base_no = models.PositiveIntegerField(null=True, blank=True)
    base_version = models.PositiveBigIntegerField(null=True, blank=True)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    woken_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                name="one_solve_of_a_scenario_at_a_time",
                fields=["scenario"],
                condition=Q(state__in=["waiting", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"Solve {self.pk} of {self.scenario_id}"

    @property
    def is_running(self) -> bool:
        """Whether it waits for a worker or a worker is at it."""
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def seconds(self) -> float:
        """How long it took, or how long a worker had been at it when it last said so."""
        begun = self.started_at or self.asked_at
        return max(0.0, ((self.ended_at or self.told_at or begun) - begun).total_seconds())


class ScenarioFigures(models.Model):
    """The figures of the plan in force (`is_result` False) or of the scenario, measured the same way at one moment.

    Late minutes are at the customer. `mean_late_min` is over all order lines, those in time counting 0. Moved: starts
    more than 15 minutes from where the plan in force has it.
    """

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="figures")
    is_result = models.BooleanField()
    lines = models.PositiveIntegerField(default=0, help_text="Order lines with a due date")
    late_lines = models.PositiveIntegerField(default=0)
    lateness_min = models.PositiveBigIntegerField(default=0, help_text="Weighted minutes past due")
    mean_late_min = models.PositiveIntegerField(default=0)
    worst_late_min = models.PositiveIntegerField(default=0)
    setup_min = models.PositiveBigIntegerField(default=0)
    operations = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    machine_changes = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(null=True, blank=True, help_text="When the last operation ends")

    class Meta:
        ordering = ["scenario", "is_result"]
        verbose_name_plural = "scenario figures"
        constraints = [models.UniqueConstraint(name="one_row_of_figures_a_side", fields=["scenario", "is_result"])]

    def __str__(self) -> str:
        return f"{'Result' if self.is_result else 'Base'} of {self.scenario_id}"


class ScenarioLoad(models.Model):
    """A work centre within the next 14 days: minutes that its machines are open, and busy with setup and run."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="loads")
    work_centre = models.ForeignKey(WorkCentre, models.PROTECT, related_name="+")
    was_open_min = models.PositiveIntegerField()
    was_busy_min = models.PositiveIntegerField()
    open_min = models.PositiveIntegerField()
    busy_min = models.PositiveIntegerField()

    class Meta:
        ordering = ["scenario", "work_centre__code"]
        constraints = [models.UniqueConstraint(name="one_load_per_work_centre", fields=["scenario", "work_centre"])]

    def __str__(self) -> str:
        return f"{self.work_centre_id} {self.busy_min}/{self.open_min}"

    @property
    def was_percent(self) -> float | None:
        """Of the open time; None when it is closed."""
        return 100 * self.was_busy_min / self.was_open_min if self.was_open_min else None

    @property
    def percent(self) -> float | None:
        """The same in the scenario."""
        return 100 * self.busy_min / self.open_min if self.open_min else None


class ScenarioLine(models.Model):
    """An order line, or a new order that is assumed (`change`): when it is at the customer, by each plan.

    `gained_min` is how much sooner it comes in the scenario, negative when later; empty when one side has no end.
    """

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="lines")
    order_line = models.ForeignKey(SalesOrderLine, models.PROTECT, null=True, blank=True, related_name="+")
    change = models.ForeignKey(ScenarioChange, models.CASCADE, null=True, blank=True, related_name="+")
    weight = models.PositiveSmallIntegerField(default=1)
    was_due_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    was_end_at = models.DateTimeField(null=True, blank=True)
    end_at = models.DateTimeField(null=True, blank=True, help_text="Empty: left out")
    was_late_min = models.PositiveIntegerField(default=0)
    late_min = models.PositiveIntegerField(default=0)
    gained_min = models.IntegerField(null=True, blank=True)

    class Meta:
        ordering = ["scenario", "id"]
        constraints = [
            models.CheckConstraint(
                name="scenario_line_is_of_an_order",
                condition=Q(order_line__isnull=False, change__isnull=True)
                | Q(order_line__isnull=True, change__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.order_line_id or self.change_id} {self.gained_min}"


class ScenarioOperation(models.Model):
    """Where the scenario puts an operation, beside where the plan in force has it.

    An operation of a new order has no row: `change` is that order, with `path` and `sequence`. On a machine that is
    only assumed, `copy` is the change that adds it.
    """

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="operations")
    operation = models.ForeignKey(WorkOrderOperation, models.CASCADE, null=True, blank=True, related_name="+")
    change = models.ForeignKey(ScenarioChange, models.CASCADE, null=True, blank=True, related_name="+")
    path = models.CharField(max_length=120, blank=True)
    sequence = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    copy = models.ForeignKey(ScenarioChange, models.CASCADE, null=True, blank=True, related_name="+")
    starts_at = models.DateTimeField()
    runs_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    setup_min = models.PositiveIntegerField(default=0)
    was_machine = models.ForeignKey(Machine, models.PROTECT, null=True, blank=True, related_name="+")
    was_starts_at = models.DateTimeField(null=True, blank=True)
    moved_min = models.IntegerField(null=True, blank=True, help_text="Later than in the plan in force; empty: new")

    class Meta:
        ordering = ["scenario", "starts_at", "id"]
        constraints = [
            models.UniqueConstraint(name="operation_once_in_a_scenario", fields=["scenario", "operation"]),
            models.CheckConstraint(
                name="scenario_operation_is_known_or_assumed",
                condition=Q(operation__isnull=False, change__isnull=True)
                | Q(operation__isnull=True, change__isnull=False),
            ),
            models.CheckConstraint(
                name="scenario_operation_is_on_one_machine",
                condition=Q(machine__isnull=False, copy__isnull=True) | Q(machine__isnull=True, copy__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation_id or self.name} from {self.starts_at}"
