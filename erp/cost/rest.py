"""Cost of orders over REST."""

from __future__ import annotations

from rest_framework import serializers

from erp.cost.models import CostEstimate
from masterdata.api.serializers import Body, Row


class EstimateRow(Row):
    """A version of what an order is expected to cost in the end, with its cause."""

    class Meta:
        model = CostEstimate
        fields = ("id", "version_no", "material", "labour", "machine", "subcontract", "total", "cause", "made_at")


class OrderCostShown(Body):
    """An order's money in the company's currency. `incurred` is by element; `expected` is never less than incurred."""

    incurred = serializers.DictField(child=serializers.DecimalField(max_digits=20, decimal_places=4))
    incurred_total = serializers.DecimalField(max_digits=20, decimal_places=4)
    estimate = EstimateRow(allow_null=True)
    expected = serializers.DecimalField(max_digits=20, decimal_places=4)
    revenue = serializers.DecimalField(max_digits=20, decimal_places=4)
    margin = serializers.DecimalField(max_digits=20, decimal_places=4)
    margin_percent = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)
