"""What customers may owe, over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.sales import services
from erp.sales.models import CreditLimit
from masterdata.api.deeds import creates
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row, Visible
from masterdata.models import Company, Partner


class CreditLimitRow(Row):
    class Meta:
        model = CreditLimit
        fields = ("id", "customer", "company", "amount", "overdue_days", "held_because", "version")


class CreditLimitBody(Body):
    """`amount` null: any amount; `overdue_days` null: however long; `held_because` not empty: on hold."""

    customer = Visible(queryset=Partner.objects.filter(is_customer=True))
    company = Visible(queryset=Company.objects.all())
    amount = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True)
    overdue_days = serializers.IntegerField(min_value=0, max_value=999, allow_null=True, default=None)
    held_because = serializers.CharField(max_length=200, default="", allow_blank=True)


class CreditLimits(ReadableRows):
    """What customers may owe."""

    queryset = CreditLimit.objects.all()
    serializer_class = CreditLimitRow
    view_deed = "erp.view_invoice"
    filterset_fields = ("customer", "company")

    @creates("erp.set_credit_limit", takes=CreditLimitBody, gives=CreditLimitRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Set it, in place of what stood there; If-Match guards against somebody faster."""
        given = self.taken(CreditLimitBody)
        return self.answer(services.set_credit_limit(expected_version=self.expected_version(), **given), status=201)


VIEWSETS: list[tuple[str, Any]] = [("credit-limits", CreditLimits)]
