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


class FreeNumber(models.Model):
    """A number of a series of working documents that nobody has taken yet; whoever takes it deletes the row."""

    series = models.ForeignKey(NumberSeries, models.CASCADE, related_name="free_numbers")
    no = models.BigIntegerField()

    class Meta:
        ordering = ["series", "no"]
        constraints = [models.UniqueConstraint(name="one_free_number", fields=["series", "no"])]

    def __str__(self) -> str:
        return f"{self.no}"
