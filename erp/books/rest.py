"""Periods, seals and reports over REST."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.books import selectors, services
from erp.ledger.models import EntrySeal, Period
from erp.sales.models import SalesOrder
from masterdata.api.deeds import deed, part
from masterdata.api.endpoints import wrong_parameter
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Day, Row, Visible
from masterdata.models import Company, Plant


class PeriodRow(Row):
    is_open = serializers.BooleanField(read_only=True)

    class Meta:
        model = Period
        fields = ("id", "company", "starts_on", "ends_on", "state", "is_open")


class OpeningReasonBody(Body):
    reason = serializers.CharField(max_length=200)


class Periods(ReadableRows):
    """Posting periods: `open` for all, `locked` for documents, `closed`."""

    queryset = Period.objects.all()
    serializer_class = PeriodRow
    view_deed = "erp.view_ledger"
    filterset_fields = ("company", "state")

    @deed("erp.close_period")
    def lock(self, request: Request, pk: str) -> Response:
        """Documents no longer post in it; manual entries do."""
        row = self.get_object()
        return self.answer(services.lock_period(period_id=row.pk, now=timezone.now(), by=self.caller()))

    @deed("erp.close_period")
    def close(self, request: Request, pk: str) -> Response:
        """Seal all that is posted, and post nothing more in it."""
        row = self.get_object()
        return self.answer(services.close_period(period_id=row.pk, now=timezone.now(), by=self.caller()))

    @deed("erp.reopen_period", takes=OpeningReasonBody)
    def reopen(self, request: Request, pk: str) -> Response:
        """Documents post in it again."""
        row, reason = self.get_object(), self.taken()["reason"]
        return self.answer(
            services.reopen_period(period_id=row.pk, reason=reason, now=timezone.now(), by=self.caller())
        )


class YearBody(Body):
    year = serializers.IntegerField(min_value=1900, max_value=2999)


class ReopenYearBody(YearBody):
    reason = serializers.CharField(max_length=200)


class OnDayBody(Body):
    on = Day()


class ValuedRow(serializers.Serializer):
    """`entry` is empty when there was nothing to value."""

    entry = serializers.IntegerField(allow_null=True)


class SealRow(Row):
    number = serializers.CharField(source="__str__")
    previous = serializers.SerializerMethodField()
    digest = serializers.SerializerMethodField()

    class Meta:
        model = EntrySeal
        fields = ("entry", "company", "position", "number", "previous", "digest")

    def get_previous(self, row: EntrySeal) -> str:
        return bytes(row.previous).hex()

    def get_digest(self, row: EntrySeal) -> str:
        return bytes(row.digest).hex()


class Seals(ReadableRows):
    """Numbers and hashes of sealed entries, as erp/ledger/seal_text.py defines them."""

    queryset = EntrySeal.objects.order_by("company", "position")
    serializer_class = SealRow
    view_deed = "erp.view_ledger"
    filterset_fields = ("company", "entry", "year")


class ReportLine(serializers.Serializer):
    """`level` is empty, `group` or `total`; the figures stand under the report's heads."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    level = serializers.CharField()
    account = serializers.IntegerField(source="account_id", allow_null=True)
    order = serializers.IntegerField(source="order_id", allow_null=True)
    purchase_order = serializers.IntegerField(source="purchase_order_id", allow_null=True)
    work_order = serializers.IntegerField(source="work_order_id", allow_null=True)
    tax_code = serializers.IntegerField(source="tax.code_id", allow_null=True, default=None)
    figures = serializers.ListField(child=serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True))


class ReportAnswer(serializers.Serializer):
    """`agrees` says whether everything ties that has to."""

    heads = serializers.ListField(child=serializers.CharField())
    agrees = serializers.BooleanField()
    rows = ReportLine(many=True)


class ReportQuestion(serializers.Serializer):
    """This year, whole, of all plants and orders, unless it says otherwise."""

    since = Day(required=False)
    until = Day(required=False)
    plant = Visible(queryset=Plant.objects.all(), required=False)
    order = Visible(queryset=SalesOrder.objects.all(), required=False)


class BooksRow(Row):
    class Meta:
        model = Company
        fields = ("id", "code", "name", "currency")


class Books(ReadableRows):
    """Companies with their reports: each takes `since`, `until` (days) and `plant`.

    Trial balance, profit and loss and the result by plant take a sales `order` too.
    """

    queryset = Company.objects.order_by("code")
    serializer_class = BooksRow
    view_deed = "erp.view_ledger"
    filterset_fields = ("code",)

    def _report(self, build: Callable[[selectors.Asked], selectors.Report]) -> Response:
        question = ReportQuestion(data=self.request.query_params, context={"request": self.request, "view": self})
        question.is_valid(raise_exception=True)
        given = question.validated_data
        until = given.get("until") or dt.date(timezone.now().year, 12, 31)
        since = given.get("since") or until.replace(month=1, day=1)
        if since > until:
            raise wrong_parameter("since", f"{since} is after the last day, {until}: ask for an earlier one.")
        plant, order = (one.pk if (one := given.get(name)) else None for name in ("plant", "order"))
        asked = selectors.Asked(self.get_object(), since, until, plant, order)
        return self.shown(ReportAnswer, build(asked))

    @deed("erp.close_year", takes=YearBody, gives=PeriodRow)
    def close_year(self, request: Request, pk: str) -> Response:
        """Bring the result of a year to retained earnings and close its last period."""
        period = services.close_year(
            company_id=self.get_object().pk, year=self.taken()["year"], now=timezone.now(), by=self.caller()
        )
        return self.shown(PeriodRow, period)

    @deed("erp.close_year", takes=ReopenYearBody, gives=PeriodRow)
    def reopen_year(self, request: Request, pk: str) -> Response:
        """Undo that; the last period is locked then."""
        period = services.reopen_year(
            company_id=self.get_object().pk, now=timezone.now(), by=self.caller(), **self.taken()
        )
        return self.shown(PeriodRow, period)

    @deed("erp.value_currencies", takes=OnDayBody, gives=ValuedRow)
    def value_currencies(self, request: Request, pk: str) -> Response:
        """Value open items in other currencies at the rates of a day; undone on the next."""
        entry = services.value_currencies(company_id=self.get_object().pk, on=self.taken()["on"], now=timezone.now())
        return self.shown(ValuedRow, {"entry": entry.pk if entry else None})

    @part("erp.view_ledger", gives=ReportAnswer)
    def trial_balance(self, request: Request, pk: str) -> Response:
        """Opening, debit, credit and closing of each account."""
        return self._report(selectors.trial_balance)

    @part("erp.view_ledger", gives=ReportAnswer)
    def profit_and_loss(self, request: Request, pk: str) -> Response:
        """Income and expense by month."""
        return self._report(selectors.profit_and_loss)

    @part("erp.view_ledger", gives=ReportAnswer)
    def balance_sheet(self, request: Request, pk: str) -> Response:
        """Assets, liabilities and equity before the day `since` and on the day `until`."""
        return self._report(selectors.balance_sheet)

    @part("erp.view_ledger", gives=ReportAnswer)
    def profit_by_plant(self, request: Request, pk: str) -> Response:
        """Income and expense by plant."""
        return self._report(selectors.profit_by_plant)

    @part("erp.view_ledger", gives=ReportAnswer)
    def profit_by_order(self, request: Request, pk: str) -> Response:
        """Income and expense by sales order."""
        return self._report(selectors.profit_by_order)

    @part("erp.view_ledger", gives=ReportAnswer)
    def valuation(self, request: Request, pk: str) -> Response:
        """Stock and work in progress beside their accounts at the end of `until`."""
        return self._report(selectors.valuation)

    @part("erp.view_ledger", gives=ReportAnswer)
    def received_not_invoiced(self, request: Request, pk: str) -> Response:
        """Purchase lines with goods and no invoice, or the other way round, by supplier at the end of `until`."""
        return self._report(selectors.received_not_invoiced)

    @part("erp.view_ledger", gives=ReportAnswer)
    def taxes(self, request: Request, pk: str) -> Response:
        """Base and tax by code and period."""
        return self._report(selectors.taxes)


VIEWSETS: list[tuple[str, Any]] = [("periods", Periods), ("entry-seals", Seals), ("books", Books)]
