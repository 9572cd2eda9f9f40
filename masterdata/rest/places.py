"""Companies, plants, warehouses and locations over REST."""

from __future__ import annotations

from typing import Any

from masterdata.api.rows import EditableRows, ReadableRows
from masterdata.api.serializers import Row
from masterdata.models import Company, Location, Plant, Warehouse


class CompanyRow(Row):
    class Meta:
        model = Company
        fields = (
            "id", "code", "name", "currency", "address", "email", "phone", "tax_no", "register_no", "language",
        )  # fmt: skip


class PlantRow(Row):
    class Meta:
        model = Plant
        fields = ("id", "company", "code", "name", "time_zone", "calendar", "transport_min", "address")
        fixed = ("company",)


class WarehouseRow(Row):
    class Meta:
        model = Warehouse
        fields = ("id", "plant", "code", "name", "is_main")
        fixed = ("plant",)


class LocationRow(Row):
    class Meta:
        model = Location
        fields = ("id", "plant", "warehouse", "parent", "code", "name", "kind", "is_default")
        fixed = ("plant", "kind")


class Companies(ReadableRows):
    """Legal persons. A new one is an installation's business: import or command."""

    queryset = Company.objects.all()
    serializer_class = CompanyRow
    view_deed = "masterdata.view"
    filterset_fields = ("code",)


class Plants(EditableRows):
    """Factories: the unit of planning and of stock valuation."""

    queryset = Plant.objects.all()
    serializer_class = PlantRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_place"
    filterset_fields = ("company", "code")
    search_fields = ("code", "name")


class Warehouses(EditableRows):
    """Buildings with stock."""

    queryset = Warehouse.objects.all()
    serializer_class = WarehouseRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_place"
    filterset_fields = ("plant", "code", "is_main")
    search_fields = ("code", "name")


class Locations(EditableRows):
    """Places that stock moves from or to."""

    queryset = Location.objects.all()
    serializer_class = LocationRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_place"
    filterset_fields = ("plant", "warehouse", "parent", "kind", "code", "is_default")
    search_fields = ("code", "name")


VIEWSETS: list[tuple[str, Any]] = [
    ("companies", Companies),
    ("plants", Plants),
    ("warehouses", Warehouses),
    ("locations", Locations),
]
