"""Currencies, exchange rates, tax codes and payment terms."""

from __future__ import annotations

from decimal import Decimal

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
    """Days from invoice to due date, a discount for paying sooner, and what is asked for before the goods leave.

    The three percents are deposits on the order's total: when it is confirmed, before it is made, before it is shipped
    (30, 0 and 60 leave 10 for the final invoice). `first_percent` and `second_percent` of the order are due so many
    days after their invoice, what is left after `days`: 30 on order, 40 first in 0 days, `days` 30: 30 in 30 days.
    """

    code = CodeField()
    name = models.CharField(max_length=80)
    days = models.PositiveSmallIntegerField(default=30)
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    discount_days = models.PositiveSmallIntegerField(default=0)
    order_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    production_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    shipping_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)

    first_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    first_days = models.PositiveSmallIntegerField(default=0)
    second_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    second_days = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="instalments_at_most_all",
                condition=models.Q(first_percent__gte=0)
                & models.Q(second_percent__gte=0)
                & models.Q(
                    first_percent__lte=100
                    - models.F("second_percent")
                    - models.F("order_percent")
                    - models.F("production_percent")
                    - models.F("shipping_percent"),
                ),
            ),
            models.CheckConstraint(
                name="deposits_at_most_all",
                condition=models.Q(order_percent__gte=0)
                & models.Q(production_percent__gte=0)
                & models.Q(shipping_percent__gte=0)
                & models.Q(
                    order_percent__lte=100 - models.F("production_percent") - models.F("shipping_percent"),
                ),
            ),
            models.CheckConstraint(
                name="cash_discount_is_a_share",
                condition=models.Q(discount_percent__gte=0) & models.Q(discount_percent__lt=100),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def parts(self) -> list[tuple[Decimal, int]]:
        """Of an invoice: percents of the order, and the days after it when they are due; at least one part."""
        named = [(self.first_percent, self.first_days), (self.second_percent, self.second_days)]
        found = [(percent, days) for percent, days in named if percent]
        deposits = self.order_percent + self.production_percent + self.shipping_percent
        left = 100 - deposits - self.first_percent - self.second_percent
        return [*found, (left, self.days)] if left or not found else found

    @property
    def is_in_parts(self) -> bool:
        """Whether something is asked for before the goods leave, or an invoice is paid in instalments."""
        return self.parts != [(100, self.days)]
