"""Materials, their categories and planning parameters, units and conversions over REST."""

from __future__ import annotations

from typing import Any

from masterdata import services
from masterdata.api.rows import EditableRows
from masterdata.api.serializers import Row
from masterdata.models import Material, MaterialCategory, MaterialPlant, Unit, UnitConversion


class CategoryRow(Row):
    class Meta:
        model = MaterialCategory
        fields = ("id", "code", "name", "valuation")


class MaterialRow(Row):
    class Meta:
        model = Material
        fields = (
            "id",
            "code",
            "name",
            "category",
            "unit",
            "supply",
            "standard_cost",
            "list_price",
            "tax_code",
            "colour",
            "weight_kg",
            "is_sellable",
            "is_active",
            "low_level_code",
            "version",
        )
        read_only_fields = ("low_level_code", "version")
        fixed = ("unit",)
        needs = {"standard_cost": "erp.view_cost"}


class PlanningRow(Row):
    class Meta:
        model = MaterialPlant
        fields = (
            "id",
            "material",
            "plant",
            "policy",
            "safety_stock",
            "reorder_point",
            "lead_time_days",
            "lot_rule",
            "lot_qty",
            "period_days",
            "max_lot",
            "scrap_percent",
            "safety_time_days",
            "planning_fence_days",
            "source_plant",
            "over_percent",
        )
        fixed = ("material", "plant")


class UnitRow(Row):
    class Meta:
        model = Unit
        fields = ("id", "code", "name", "rounding")


class ConversionRow(Row):
    class Meta:
        model = UnitConversion
        fields = ("id", "material", "unit", "base", "base_units_per_unit")
        fixed = ("material", "unit", "base")


class Categories(EditableRows):
    """Groups of materials with one valuation method."""

    queryset = MaterialCategory.objects.all()
    serializer_class = CategoryRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_material"
    filterset_fields = ("code",)


class Materials(EditableRows):
    """What is bought, made, stored and sold."""

    queryset = Material.objects.all()
    serializer_class = MaterialRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_material"
    filterset_fields = ("code", "category", "supply", "is_sellable", "is_active")
    search_fields = ("code", "name")
    ordering_fields = ("code", "name")

    def make(self, values: dict[str, Any]) -> Material:
        return services.create_material(values=values)

    def change(self, row: Material, values: dict[str, Any], expected_version: int | None) -> Material:
        return services.update_material(material=row, values=values, expected_version=expected_version)


class MaterialPlants(EditableRows):
    """Planning parameters of a material in a plant."""

    queryset = MaterialPlant.objects.all()
    serializer_class = PlanningRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_material"
    filterset_fields = ("material", "plant", "policy")


class Units(EditableRows):
    """Units of measure with their rounding step."""

    queryset = Unit.objects.all()
    serializer_class = UnitRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_unit"
    filterset_fields = ("code",)


class UnitConversions(EditableRows):
    """How many base units a unit holds, for one material or for all of a base unit."""

    queryset = UnitConversion.objects.all()
    serializer_class = ConversionRow
    view_deed, edit_deed = "masterdata.view", "masterdata.edit_unit"
    filterset_fields = ("material", "unit", "base")


VIEWSETS: list[tuple[str, Any]] = [
    ("material-categories", Categories),
    ("materials", Materials),
    ("material-plants", MaterialPlants),
    ("units", Units),
    ("unit-conversions", UnitConversions),
]
