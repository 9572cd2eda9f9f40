"""How punctual suppliers are, over REST."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.supply.selectors.punctuality import punctuality, visible_plants
from masterdata.api.deeds import part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Row
from masterdata.models import Partner

SEE = "erp.view_purchase"


class FiguresRow(serializers.Serializer):
    """The last 20 deliveries of each material: how many kept the day promised first, in percent; days late."""

    material = serializers.IntegerField(source="material_id", allow_null=True)
    deliveries = serializers.IntegerField()
    on_time = serializers.IntegerField()
    percent_on_time = serializers.DecimalField(max_digits=6, decimal_places=2, source="share")
    mean_days_late = serializers.DecimalField(max_digits=12, decimal_places=2)
    most_days_late = serializers.IntegerField()
    safety_days = serializers.IntegerField()


class PunctualityRow(Row):
    """`figures` is empty while nothing has come from the supplier."""

    figures = FiguresRow(allow_null=True)

    class Meta:
        model = Partner
        fields = ("id", "code", "name", "figures")


class SupplierPunctuality(ReadableRows):
    """Suppliers with how punctual they were, in the caller's plants."""

    queryset = Partner.objects.filter(is_supplier=True).order_by("code")
    serializer_class = PunctualityRow
    view_deed = SEE
    filterset_fields = ("code",)

    def prepare(self, rows: list[Any]) -> list[Any]:
        found = punctuality(plant_ids=visible_plants(self.request.user, SEE), by_material=False)
        figures = {one.supplier_id: one for one in found}
        for row in rows:
            row.figures = figures.get(row.pk)
        return rows

    @part(SEE, gives=FiguresRow(many=True))
    def materials(self, request: Request, pk: str) -> Response:
        """The same by material, the least punctual first."""
        plants = visible_plants(request.user, SEE)
        return self.shown(FiguresRow, punctuality(plant_ids=plants, supplier_id=self.get_object().pk), many=True)


VIEWSETS: list[tuple[str, Any]] = [("supplier-punctuality", SupplierPunctuality)]
