"""Turns of the planning workers: how far they are, and what came of them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from aps.models.planning import PlanWish
from masterdata.models import Plant, User


class Searched(models.Model):
    """What every search writes of itself: how far it is, its points as minutes of delay, who wants it to stop.

    While it runs the worker writes `moves`, `curve` and `told_at` about twice a second. `objective_before` and
    `objective_after` are points of one problem: the first valid plan and the best one found. `curve` is a list of
    [seconds since the start, points of the best plan so far], at most 200 pairs, read back whole and never queried.
    """

    operations = models.PositiveIntegerField(default=0)
    moves = models.PositiveBigIntegerField(default=0)
    objective_before = models.BigIntegerField(null=True, blank=True)
    objective_after = models.BigIntegerField(null=True, blank=True)
    lower_bound = models.BigIntegerField(null=True, blank=True, help_text="No plan has fewer points")
    minute_points = models.PositiveIntegerField(
        default=1000, help_text="Points of a minute of delay of an ordinary order, by the weights of its time"
    )
    curve = models.JSONField(default=list, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="When the worker last said how far it is")
    ended_at = models.DateTimeField(null=True, blank=True)
    stop_requested_at = models.DateTimeField(null=True, blank=True)
    stop_requested_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=240, blank=True)

    class Meta:
        abstract = True

    def as_delay(self, points: int | None) -> int | None:
        """Points in minutes of delay of an ordinary order, as a planner says the weights."""
        return None if points is None else round(points / self.minute_points)

    @property
    def saved_percent(self) -> float | None:
        """By how much the best plan costs less than the first valid one."""
        if not self.objective_before or self.objective_after is None:
            return None
        return 100 * (self.objective_before - self.objective_after) / self.objective_before


class PlanRun(Searched):
    """One turn of the planning worker: why, what it started from, what came out."""

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        PUBLISHED = "published", "Published"
        PROPOSED = "proposed", "Waits for the planner"
        UNCHANGED = "unchanged", "Nothing better found"
        DISCARDED = "discarded", "Thrown away: the shop moved on"
        FAILED = "failed", "Failed"
        LOST = "lost", "Worker lost"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    token = models.PositiveBigIntegerField()
    base_no = models.PositiveIntegerField()
    result_no = models.PositiveIntegerField(null=True, blank=True)
    wanted_version = models.PositiveBigIntegerField()
    reason = models.CharField(max_length=10, choices=PlanWish.Reason, default=PlanWish.Reason.PLANNER)
    cause = models.CharField(max_length=240, blank=True, help_text="The wishes that it answers, in plain words")
    budget_seconds = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How long it may search; empty: its moves are counted instead"
    )
    started_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="who_stops_a_run_says_when",
                condition=Q(stop_requested_at__isnull=True, stop_requested_by__isnull=True)
                | Q(stop_requested_at__isnull=False, stop_requested_by__isnull=False),
            ),
            models.UniqueConstraint(name="one_run_at_a_time", fields=["plant"], condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"Run {self.pk} of {self.plant_id}"

    @property
    def is_running(self) -> bool:
        """Whether a worker is at it."""
        return self.state == self.State.RUNNING

    @property
    def seconds(self) -> float:
        """How long it took, or how long it has been at it when it last said so."""
        last_seen = self.told_at if self.state == self.State.LOST else self.ended_at or self.told_at
        return max(0.0, ((last_seen or self.started_at) - self.started_at).total_seconds())


class RunWorth(models.Model):
    """What the points of a run's first or best plan are made of: points of each part, and the figures behind them."""

    run = models.ForeignKey(PlanRun, models.CASCADE, related_name="worths")
    is_best = models.BooleanField(help_text="False: the first valid plan, from which the search began")
    late_lines = models.PositiveIntegerField()
    lateness_min = models.PositiveBigIntegerField(help_text="Weighted minutes past due")
    setup_min = models.PositiveBigIntegerField()
    late_points = models.BigIntegerField()
    waiting_points = models.BigIntegerField(help_text="Orders finished later though in time")
    setup_points = models.BigIntegerField()
    change_points = models.BigIntegerField(help_text="Moved in time or to another machine, pins not kept")

    class Meta:
        ordering = ["run", "is_best"]
        constraints = [models.UniqueConstraint(name="one_worth_of_a_kind", fields=["run", "is_best"])]

    def __str__(self) -> str:
        return f"{'Best' if self.is_best else 'First'} plan of run {self.run_id}"
