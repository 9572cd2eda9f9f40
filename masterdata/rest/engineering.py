"""BOM and routing versions over REST: written as drafts, frozen for ever."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata import services
from masterdata.api.deeds import creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Row, Visible
from masterdata.models import Bom, BomLine, Material, Plant, Routing, RoutingOperation, Unit, WorkCentre
from masterdata.rest.beside import ByproductBody, ByproductRow, SubstituteBody, SubstituteRow


class BomLineRow(Row):
    substitutes = SubstituteRow(many=True)

    class Meta:
        model = BomLine
        fields = (
            "id", "line_no", "component", "quantity", "unit", "scrap_percent", "operation_sequence", "is_scanned",
            "substitutes",
        )  # fmt: skip


class BomRow(Row):
    lines = BomLineRow(many=True)
    byproducts = ByproductRow(many=True)

    class Meta:
        model = Bom
        fields = ("id", "material", "version_no", "state", "base_qty", "frozen_at", "lines", "byproducts")


class BomLineBody(Body):
    """Quantity per base quantity of the parent, net of scrap; without a unit, in the component's base unit.

    Without `substitutes` those of the version before stay.
    """

    component = Visible(queryset=Material.objects.all())
    quantity = Amount()
    unit = Visible(queryset=Unit.objects.all(), required=False, allow_null=True)
    scrap_percent = serializers.DecimalField(max_digits=6, decimal_places=3, default=Decimal(0), min_value=0)
    operation_sequence = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, allow_null=True)
    substitutes = SubstituteBody(many=True, required=False, allow_null=True)
    is_scanned = serializers.BooleanField(default=False)

    def meant(self, given: dict[str, Any]) -> services.BomLineInput:
        """As the service takes it."""
        unit = given.get("unit")
        return services.BomLineInput(
            component_id=given["component"].pk,
            quantity=given["quantity"],
            unit_id=unit.pk if unit else None,
            scrap_percent=given["scrap_percent"],
            operation_sequence=given.get("operation_sequence"),
            is_scanned=given["is_scanned"],
            substitutes=SubstituteBody.all_meant(given.get("substitutes")),
        )


class BomBody(Body):
    material = Visible(queryset=Material.objects.all())
    base_qty = Amount(default=1)
    lines = BomLineBody(many=True, allow_empty=False)
    byproducts = ByproductBody(many=True, required=False, allow_null=True)


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


class OperationBody(Body):
    """Minutes at 100 % speed; run minutes per base unit."""

    sequence = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    name = serializers.CharField(max_length=80)
    work_centre = Visible(queryset=WorkCentre.objects.all())
    run_min_per_unit = serializers.DecimalField(max_digits=12, decimal_places=6, min_value=0)
    setup_min = serializers.DecimalField(max_digits=10, decimal_places=3, default=Decimal(0), min_value=0)
    setup_family = serializers.CharField(max_length=40, default="", allow_blank=True)
    is_splittable = serializers.BooleanField(default=True)

    def meant(self, given: dict[str, Any]) -> services.OperationInput:
        """As the service takes it."""
        rest = {name: value for name, value in given.items() if name != "work_centre"}
        return services.OperationInput(work_centre_id=given["work_centre"].pk, **rest)


class RoutingBody(Body):
    material = Visible(queryset=Material.objects.all())
    plant = Visible(queryset=Plant.objects.all())
    operations = OperationBody(many=True, allow_empty=False)


class Boms(ReadableRows):
    """What materials are made of, in versions. Writing again replaces the draft; a frozen version never changes.

    Without `byproducts` those of the version before stay.
    """

    queryset = Bom.objects.prefetch_related("lines__substitutes", "byproducts")
    serializer_class = BomRow
    view_deed = "masterdata.view"
    filterset_fields: Any = ("material", "state", "lines__component")

    @creates("masterdata.edit_engineering", takes=BomBody, gives=BomRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write the material's draft."""
        given = self.taken(BomBody)
        lines = [BomLineBody().meant(line) for line in given["lines"]]
        draft = services.write_bom(
            material_id=given["material"].pk,
            lines=lines,
            base_qty=given["base_qty"],
            byproducts=ByproductBody.all_meant(given.get("byproducts")),
        )
        return self.answer(draft, status=201)

    @deed("masterdata.edit_engineering")
    def freeze(self, request: Request, pk: str) -> Response:
        """Put the draft in force for ever; the version before it retires."""
        return self.answer(services.freeze_bom(bom_id=self.get_object().pk, now=timezone.now()))


class Routings(ReadableRows):
    """How materials are made in a plant, in versions."""

    queryset = Routing.objects.prefetch_related("operations")
    serializer_class = RoutingRow
    view_deed = "masterdata.view"
    filterset_fields: Any = ("material", "plant", "state")

    @creates("masterdata.edit_engineering", takes=RoutingBody, gives=RoutingRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Write the draft for material and plant."""
        given = self.taken(RoutingBody)
        draft = services.write_routing(
            material_id=given["material"].pk,
            plant_id=given["plant"].pk,
            operations=[OperationBody().meant(operation) for operation in given["operations"]],
        )
        return self.answer(draft, status=201)

    @deed("masterdata.edit_engineering")
    def freeze(self, request: Request, pk: str) -> Response:
        """Put the draft in force for ever; the version before it retires."""
        return self.answer(services.freeze_routing(routing_id=self.get_object().pk, now=timezone.now()))


VIEWSETS: list[tuple[str, Any]] = [("boms", Boms), ("routings", Routings)]
