"""Document number series."""

from __future__ import annotations

from django.db import models


class NumberSeries(models.Model):
    """The last number of a document kind in a company and year (year 0: not per year)."""

    company = models.ForeignKey("masterdata.Company", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, help_text="Prefix: SO, WO, PO, INV ...")
    year = models.PositiveSmallIntegerField(default=0)
    last_no = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["company", "kind", "year"]
        verbose_name_plural = "number series"
        constraints = [
            models.UniqueConstraint(name="one_series_per_company_kind_year", fields=["company", "kind", "year"])
        ]

    def __str__(self) -> str:
        return f"{self.kind}-{self.year}"
