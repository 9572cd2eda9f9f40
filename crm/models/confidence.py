"""What was observed of how long work takes and how late suppliers are: the ground of every "so sure"."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from masterdata.models import Partner, Plant, WorkCentre

LEVELS = (0, 5, 10, 25, 50, 75, 90, 95, 100)
"""Per cent of the observations that lie at or under the quantile of that level."""


class ObservedSpread(models.Model):
    """Quantiles of the newest observations of one plant: of a work centre or all, of a supplier or all.

    Of work each observation is minutes worked for a minute planned; of supply it is minutes that goods came after the
    day first confirmed, less than zero: before it.
    """

    class Kind(models.TextChoices):
        WORK = "work", "Work"
        SUPPLY = "supply", "Supply"

    kind = models.CharField(max_length=6, choices=Kind)
    plant = models.ForeignKey(Plant, models.PROTECT, related_name="+")
    work_centre = models.ForeignKey(WorkCentre, models.PROTECT, null=True, blank=True, related_name="+")
    supplier = models.ForeignKey(Partner, models.PROTECT, null=True, blank=True, related_name="+")
    samples = models.PositiveIntegerField()
    mean_min = models.DecimalField(max_digits=12, decimal_places=3, default=0, help_text="Planned, of an operation")
    p0 = models.DecimalField(max_digits=14, decimal_places=4)
    p5 = models.DecimalField(max_digits=14, decimal_places=4)
    p10 = models.DecimalField(max_digits=14, decimal_places=4)
    p25 = models.DecimalField(max_digits=14, decimal_places=4)
    p50 = models.DecimalField(max_digits=14, decimal_places=4)
    p75 = models.DecimalField(max_digits=14, decimal_places=4)
    p90 = models.DecimalField(max_digits=14, decimal_places=4)
    p95 = models.DecimalField(max_digits=14, decimal_places=4)
    p100 = models.DecimalField(max_digits=14, decimal_places=4)
    seen_from = models.DateTimeField()
    seen_until = models.DateTimeField()
    gathered_at = models.DateTimeField()

    class Meta:
        ordering = ["plant", "kind", "id"]
        constraints = [
            models.UniqueConstraint(
                name="one_spread_for_each_source",
                fields=["plant", "kind", "work_centre", "supplier"],
                nulls_distinct=False,
            ),
            models.CheckConstraint(name="spread_has_observations", condition=Q(samples__gt=0, mean_min__gte=0)),
            models.CheckConstraint(
                name="spread_is_of_work_or_of_supply",
                condition=Q(kind="work", supplier__isnull=True) | Q(kind="supply", work_centre__isnull=True),
            ),
            models.CheckConstraint(
                name="spread_quantiles_rise",
                condition=Q(p5__gte=models.F("p0"))
                & Q(p10__gte=models.F("p5"))
                & Q(p25__gte=models.F("p10"))
                & Q(p50__gte=models.F("p25"))
                & Q(p75__gte=models.F("p50"))
                & Q(p90__gte=models.F("p75"))
                & Q(p95__gte=models.F("p90"))
                & Q(p100__gte=models.F("p95")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.work_centre_id or self.supplier_id or 'all'}: {self.samples} observations"

    @property
    def quantiles(self) -> tuple[float, ...]:
        """One for each of `LEVELS`."""
        return tuple(float(getattr(self, f"p{level}")) for level in LEVELS)
