"""Currencies, exchange rates, tax codes and payment terms."""

from __future__ import annotations

from django.db import models

from masterdata.models.fields import CodeField, UnitPriceField


class Currency(models.Model):
    """An ISO 4217 currency; `decimals` says how its amounts round."""

    code = CodeField(max_length=3)
    name = models.CharField(max_length=80)
    decimals = models.PositiveSmallIntegerField(default=2)

    class Meta:
        ordering = ["code"]
        verbose_name_plural = "currencies"
        constraints = [
            models.CheckConstraint(name="currency_decimals_at_most_four", condition=models.Q(decimals__lte=4))
        ]

    def __str__(self) -> str:
        return self.code


class ExchangeRate(models.Model):
    """Units of `quote` that one unit of `base` buys, valid from a date on."""

    base = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    quote = models.ForeignKey(Currency, models.PROTECT, related_name="+")
    valid_from = models.DateField()
    rate = UnitPriceField()

    class Meta:
        ordering = ["base", "quote", "-valid_from"]
        constraints = [
            models.UniqueConstraint(name="one_rate_per_pair_and_day", fields=["base", "quote", "valid_from"]),
            models.CheckConstraint(name="exchange_rate_positive", condition=models.Q(rate__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.base_id}/{self.quote_id} {self.valid_from}"


class TaxCode(models.Model):
    """A tax rate in percent; one code per document line for now."""

    code = CodeField()
    name = models.CharField(max_length=80)
    rate_percent = models.DecimalField(max_digits=7, decimal_places=4)

    class Meta:
        ordering = ["code"]
        constraints = [models.CheckConstraint(name="tax_rate_not_negative", condition=models.Q(rate_percent__gte=0))]

    def __str__(self) -> str:
        return self.code


class PaymentTerm(models.Model):
    """Days from invoice to due date."""

    code = CodeField()
    name = models.CharField(max_length=80)
    days = models.PositiveSmallIntegerField(default=30)

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code
