"""Standard costs over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.standards import services
from erp.standards.models import StandardChange, StandardCost, StandardVersion
from masterdata.api.deeds import creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Day, Row, Visible
from masterdata.models import Material, Plant, WorkCentre


class StandardChangeRow(Row):
    class Meta:
        model = StandardChange
        fields = ("id", "kind", "material", "work_centre", "value")


class VersionRow(Row):
    changes = StandardChangeRow(many=True)

    class Meta:
        model = StandardVersion
        fields = (
            "id", "plant", "name", "state", "basis", "lot_qty", "valid_from", "rolled_at", "released_at", "version",
            "changes",
        )  # fmt: skip


class CostRow(Row):
    class Meta:
        model = StandardCost
        fields = (
            "id", "version", "material", "level", "own_material", "own_labour", "own_machine", "own_overhead",
            "own_subcontract",
            "material_cost", "labour_cost", "machine_cost", "overhead_cost", "subcontract_cost", "total", "present",
        )  # fmt: skip


class DraftBody(Body):
    plant = Visible(queryset=Plant.objects.all())
    name = serializers.CharField(max_length=80)
    valid_from = Day()
    basis = serializers.ChoiceField(choices=StandardVersion.Basis.choices, default="standard")
    lot_qty = Amount(default=1)


class AssumeBody(Body):
    """A price or the scrap of a material, or an hour of a work centre."""

    kind = serializers.ChoiceField(choices=StandardChange.Kind.choices)
    material = Visible(queryset=Material.objects.all(), required=False, allow_null=True)
    work_centre = Visible(queryset=WorkCentre.objects.all(), required=False, allow_null=True)
    value = Amount(min_value=0)


class Standards(ReadableRows):
    """Versions of standard costs: drafted and rolled up, asked what if, released."""

    queryset = StandardVersion.objects.prefetch_related("changes")
    serializer_class = VersionRow
    view_deed = "erp.view_cost"
    filterset_fields = ("plant", "state")

    @creates("erp.set_standard", takes=DraftBody, gives=VersionRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Draft a version and roll it up."""
        return self.answer(services.draft_standards(now=timezone.now(), **self.taken(DraftBody)), status=201)

    @deed("erp.set_standard", takes=AssumeBody)
    def assume(self, request: Request, pk: str) -> Response:
        """Assume something else, and roll it up again."""
        return self._done(services.assume)

    @deed("erp.set_standard")
    def roll_up(self, request: Request, pk: str) -> Response:
        """Roll it up as everything stands now."""
        return self._done(services.roll_up)

    @deed("erp.set_standard")
    def release(self, request: Request, pk: str) -> Response:
        """Put it in force; what lies in stock at standard cost is revalued."""
        return self._done(services.release_standards, by=self.caller())

    def _done(self, service: Any, **more: Any) -> Response:
        version_id = self.row_id()
        given = self.taken() | more
        version = self.expected_version()
        service(version_id=version_id, now=timezone.now(), expected_version=version, **given)
        return self.answer(version_id)


class StandardCosts(ReadableRows):
    """What each material costs in a version, with what its own level adds."""

    queryset = StandardCost.objects.all()
    serializer_class = CostRow
    view_deed = "erp.view_cost"
    filterset_fields = ("version", "material")


VIEWSETS: list[tuple[str, Any]] = [("standard-versions", Standards), ("standard-costs", StandardCosts)]
