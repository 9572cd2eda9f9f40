"""Value of stock over REST: changes without a move, revaluation, stock at any moment."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.stock import moments, revaluing
from erp.stock.models import ValueChange
from masterdata.api.deeds import creates, part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Row, Visible
from masterdata.errors import InvalidInput
from masterdata.models import Material, Plant

SEE, SEE_COST = "erp.view_stock", "erp.view_cost"


class ChangeRow(Row):
    class Meta:
        model = ValueChange
        fields = (
            "id",
            "kind",
            "material",
            "plant",
            "move",
            "used_by",
            "is_stock",
            "quantity",
            "amount",
            "unit_value",
            "reason",
            "source",
            "changed_at",
        )


class NewValueBody(Body):
    material = Visible(queryset=Material.objects.all())
    unit_value = Amount(min_value=0)


class RevaluationBody(Body):
    """What one base unit of what is on hand is to be worth, per material of a plant; `is_sure` for figures far off."""

    plant = Visible(queryset=Plant.objects.all())
    values = NewValueBody(many=True, allow_empty=False)
    reason = serializers.CharField(max_length=200)
    is_sure = serializers.BooleanField(default=False)


class RevaluedShown(Body):
    changes = ChangeRow(many=True)


class ThenShown(Row):
    """A plant's stock at a moment: its value by category of material, and what the inventory account said."""

    moment = serializers.DateTimeField()
    value = serializers.DecimalField(max_digits=20, decimal_places=4)
    by_category = serializers.DictField(child=serializers.DecimalField(max_digits=20, decimal_places=4))
    ledger = serializers.DecimalField(max_digits=20, decimal_places=4)

    class Meta:
        model = Plant
        fields = ("id", "code", "moment", "value", "by_category", "ledger")


class PlaceShown(Body):
    material = serializers.IntegerField(source="material_id")
    location = serializers.IntegerField(source="location_id")
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)


class ValueChanges(ReadableRows):
    """Money that stock, or goods already used, became worth more or less without a move."""

    queryset = ValueChange.objects.order_by("-id")
    serializer_class = ChangeRow
    view_deed = SEE_COST
    filterset_fields = ("kind", "material", "plant", "move", "used_by", "is_stock")

    @creates("erp.revalue_stock", takes=RevaluationBody, gives=RevaluedShown)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Revalue what is on hand, with a reason."""
        given = self.taken(RevaluationBody)
        changes = revaluing.revalue_stock(
            plant_id=given["plant"].pk,
            values=[revaluing.NewValue(one["material"].pk, one["unit_value"]) for one in given["values"]],
            reason=given["reason"],
            now=timezone.now(),
            is_sure=given["is_sure"],
        )
        return self.shown(RevaluedShown, {"changes": changes}, status=201)


class StockThen(ReadableRows):
    """Stock at a moment (`?at=` with its offset; empty: now), plant by plant."""

    queryset = Plant.objects.order_by("code")
    serializer_class = ThenShown
    view_deed = SEE_COST

    def _filter_names(self, queryset: QuerySet[Any]) -> list[str]:
        return ["at"]

    def prepare(self, rows: list[Any]) -> list[Any]:
        moment = self._moment()
        found = {one.plant_id: one for one in moments.value_at(moment=moment, plant_ids=[plant.pk for plant in rows])}
        for plant in rows:
            then = found[plant.pk]
            plant.moment, plant.value = moment, then.value
            plant.by_category, plant.ledger = then.by_category, then.ledger
        return rows

    @part(SEE, gives=PlaceShown(many=True))
    def places(self, request: Request, pk: str) -> Response:
        """What lay where in the plant."""
        plant = self.get_object()
        return self.shown(PlaceShown, moments.places_at(moment=self._moment(), plant_ids=[plant.pk]), many=True)

    def _moment(self) -> dt.datetime:
        sent = self.request.query_params.get("at", "")
        if not sent:
            return timezone.now()
        try:
            moment = parse_datetime(sent.replace(" ", "+"))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise InvalidInput("Give a moment with its offset, such as 2026-03-02T08:00:00Z.", field="at")
        return moment


VIEWSETS: list[tuple[str, Any]] = [
    ("value-changes", ValueChanges),
    ("stock-then", StockThen),
]
