"""Profit over REST: an order's steps, and what was earned by product, customer, plant or month."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.profit import words
from erp.profit.selectors import By, order_profit, profit_by
from erp.sales.models import SalesOrder
from masterdata.api.deeds import part
from masterdata.api.endpoints import wrong_parameter
from masterdata.api.rows import ReadableRows, RowDeeds
from masterdata.api.serializers import Body, Row
from masterdata.models import Company


def _amount(**options: Any) -> serializers.DecimalField:
    """Money in the company's currency."""
    return serializers.DecimalField(max_digits=20, decimal_places=4, **options)


class ReportShown(Body):
    at = serializers.DateTimeField()
    worker = serializers.CharField()
    machine = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6, allow_null=True)
    amount = _amount(allow_null=True)


class ChangeShown(Body):
    at = serializers.DateTimeField()
    cause = serializers.CharField()
    amount = _amount()


class StepShown(Body):
    """`amount` > 0 earns more. `reports` or `changes` say what it comes from. No `elements`: it is revenue."""

    kind = serializers.CharField()
    said = serializers.SerializerMethodField()
    elements = serializers.ListField(child=serializers.CharField())
    amount = _amount()
    work_order = serializers.SerializerMethodField()
    reports = serializers.SerializerMethodField()
    changes = ChangeShown(many=True)

    def get_said(self, step: Any) -> str:
        return words.said(step)

    def get_work_order(self, step: Any) -> int | None:
        return step.deviation.work_order_id if step.deviation else None

    def get_reports(self, step: Any) -> list[dict[str, Any]]:
        return list(ReportShown(step.deviation.reports, many=True).data) if step.deviation else []


class ProfitShown(Body):
    """first_margin + the steps' amounts = margin, in the company's currency."""

    price = _amount()
    revenue = _amount()
    cost = _amount()
    first_margin = _amount()
    margin = _amount()
    is_final = serializers.BooleanField()
    steps = StepShown(many=True)


class GroupShown(Body):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    revenue = _amount()
    cost = _amount()
    variances = _amount()
    profit = _amount()


class EarnedShown(Row):
    """A company's groups, in its currency."""

    groups = GroupShown(many=True)

    class Meta:
        model = Company
        fields = ("id", "code", "groups")


class OrderMargins(RowDeeds):
    """The steps of an order's margin."""

    queryset = SalesOrder.objects.select_related("company__currency")
    view_deed = "erp.view_order"
    serializer_class = ProfitShown

    @part("erp.view_cost", gives=ProfitShown)
    def margin(self, request: Request, pk: str) -> Response:
        """From the first estimate to now: each step with the reports, documents or plans that it comes from."""
        return self.shown(ProfitShown, order_profit(self.get_object(), timezone.now()))


class Profits(ReadableRows):
    """What companies earned from `first` to `last`, `by` product, customer, plant or month (this year by product)."""

    queryset = Company.objects.order_by("code")
    serializer_class = EarnedShown
    view_deed = "erp.view_ledger"

    def _filter_names(self, queryset: QuerySet[Any]) -> list[str]:
        return ["by", "first", "last"]

    def prepare(self, rows: list[Any]) -> list[Any]:
        by, today = self.request.query_params.get("by", By.PRODUCT), timezone.localdate()
        if by not in By.values:
            raise wrong_parameter("by", f"There is no {by}. Choose from: {', '.join(By.values)}.")
        first, last = self._day("first", today.replace(month=1, day=1)), self._day("last", today)
        for company in rows:
            company.groups = profit_by(by, company_ids=[company.pk], first=first, last=last)
        return rows

    def _day(self, name: str, default: dt.date) -> dt.date:
        sent = self.request.query_params.get(name, "")
        try:
            return dt.date.fromisoformat(sent) if sent else default
        except ValueError:
            raise wrong_parameter(name, f"Expected a day such as 2026-03-31, got {sent}.") from None


VIEWSETS: list[tuple[str, Any]] = [("sales-orders", OrderMargins), ("profit", Profits)]
