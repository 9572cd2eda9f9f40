"""Standard times that the floor disproves: what was observed, what is proposed, what was decided."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models import Machine, Material, Plant, Routing, User


class TimeProposal(models.Model):
    """The planned minutes of one operation of a routing on a machine lie outside of what was observed there.

    `kind` says which minutes: run (a piece, at 100 % speed) or setup. `low` to `high` is the error band of `observed`.
    `evidence` is a fingerprint of the runs behind it: a rejected proposal comes again only with other evidence.
    """

    class Kind(models.TextChoices):
        RUN = "run", "Run, a piece"
        SETUP = "setup", "Setup"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"
        OVERTAKEN = "overtaken", "Overtaken"

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    material = models.ForeignKey(Material, models.PROTECT, related_name="+")
    routing = models.ForeignKey(Routing, models.PROTECT, related_name="+", help_text="The version that it is about")
    sequence = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    machine = models.ForeignKey(Machine, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=6, choices=Kind)
    state = models.CharField(max_length=9, choices=State, default=State.OPEN)
    planned = models.DecimalField(max_digits=12, decimal_places=6)
    observed = models.DecimalField(max_digits=12, decimal_places=6)
    low = models.DecimalField(max_digits=12, decimal_places=6)
    high = models.DecimalField(max_digits=12, decimal_places=6)
    run_count = models.PositiveIntegerField()
    outlier_count = models.PositiveIntegerField(default=0)
    monthly_min = models.DecimalField(max_digits=14, decimal_places=3, help_text="Minutes a month more than planned")
    monthly_cost = models.DecimalField(max_digits=14, decimal_places=2, help_text="The same in the company's currency")
    evidence = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=400, blank=True)
    became = models.ForeignKey(Routing, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-monthly_cost", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_time_proposal",
                fields=["material", "plant", "sequence", "machine", "kind"],
                condition=Q(state="open"),
            ),
            models.CheckConstraint(
                name="time_proposal_band_holds",
                condition=Q(low__lte=models.F("observed"), high__gte=models.F("observed")),
            ),
            models.CheckConstraint(
                name="accepted_time_became_a_routing",
                condition=Q(state="accepted", became__isnull=False) | ~Q(state="accepted") & Q(became=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.observed} instead of {self.planned} min"
