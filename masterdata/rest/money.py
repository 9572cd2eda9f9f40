"""Currencies, exchange rates, taxes and payment terms over REST."""

from __future__ import annotations

from typing import Any

from masterdata.api.rows import EditableRows
from masterdata.api.serializers import Row
from masterdata.models import Currency, ExchangeRate, PaymentTerm, TaxCode


class CurrencyRow(Row):
    class Meta:
        model = Currency
        fields = ("id", "code", "name", "decimals")
        fixed = ("decimals",)


class RateRow(Row):
    class Meta:
        model = ExchangeRate
        fields = ("id", "base", "quote", "valid_from", "rate")


class TaxRow(Row):
    class Meta:
        model = TaxCode
        fields = ("id", "code", "name", "rate_percent")


class TermRow(Row):
    class Meta:
        model = PaymentTerm
        fields = (
            "id",
            "code",
            "name",
            "days",
            "discount_percent",
            "discount_days",
            "order_percent",
            "production_percent",
            "shipping_percent",
            "first_percent",
            "first_days",
            "second_percent",
            "second_days",
        )


class Currencies(EditableRows):
    """ISO 4217 currencies; the decimals of one that is in use do not change."""

    queryset = Currency.objects.all()
    serializer_class = CurrencyRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_money"
    filterset_fields = ("code",)


class ExchangeRates(EditableRows):
    """Units of `quote` that one unit of `base` buys, from a date on."""

    queryset = ExchangeRate.objects.all()
    serializer_class = RateRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_money"
    filterset_fields = ("base", "quote", "valid_from")


class TaxCodes(EditableRows):
    """Tax rates in percent."""

    queryset = TaxCode.objects.all()
    serializer_class = TaxRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_money"
    filterset_fields = ("code",)


class PaymentTerms(EditableRows):
    """Days from invoice to due date, cash discount, deposits and instalments in percent of the order."""

    queryset = PaymentTerm.objects.all()
    serializer_class = TermRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_money"
    filterset_fields = ("code",)


VIEWSETS: list[tuple[str, Any]] = [
    ("currencies", Currencies),
    ("exchange-rates", ExchangeRates),
    ("tax-codes", TaxCodes),
    ("payment-terms", PaymentTerms),
]
