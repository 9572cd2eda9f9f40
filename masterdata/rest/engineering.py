"""BOM and routing versions over REST."""

from __future__ import annotations

from typing import Any

from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Row
from masterdata.models import Bom, BomLine, Routing, RoutingOperation


class BomLineRow(Row):
    class Meta:
        model = BomLine
        fields = ("id", "line_no", "component", "quantity", "unit", "scrap_percent", "operation_sequence")


class BomRow(Row):
    lines = BomLineRow(many=True)

    class Meta:
        model = Bom
        fields = ("id", "material", "version_no", "state", "base_qty", "frozen_at", "lines")


class OperationRow(Row):
    class Meta:
        model = RoutingOperation
        fields = (
            "id",
            "sequence",
            "name",
            "work_centre",
            "setup_min",
            "run_min_per_unit",
            "setup_family",
            "is_splittable",
        )


class RoutingRow(Row):
    operations = OperationRow(many=True)

    class Meta:
        model = Routing
        fields = ("id", "material", "plant", "version_no", "state", "frozen_at", "operations")


class Boms(ReadableRows):
    """What materials are made of, in versions."""

    queryset = Bom.objects.prefetch_related("lines")
    serializer_class = BomRow
    view_deed = "masterdata.view"
    filterset_fields = ("material", "state")


class Routings(ReadableRows):
    """How materials are made in a plant, in versions."""

    queryset = Routing.objects.prefetch_related("operations")
    serializer_class = RoutingRow
    view_deed = "masterdata.view"
    filterset_fields = ("material", "plant", "state")


VIEWSETS: list[tuple[str, Any]] = [("boms", Boms), ("routings", Routings)]
