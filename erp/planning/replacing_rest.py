"""Components of work orders over REST: what may be used instead, and one call that uses it or takes that back."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.planning import selectors, services
from erp.production.models import WorkOrderMaterial
from masterdata.api.deeds import deed, part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row, Visible
from masterdata.models import Material


class ReplaceableRow(Row):
    class Meta:
        model = WorkOrderMaterial
        fields = (
            "id", "work_order", "line_no", "material", "unit", "operation_sequence", "quantity", "issued_qty",
            "instead_of", "instead_qty", "choice",
        )  # fmt: skip


class UsableShown(serializers.Serializer):
    material = serializers.IntegerField(source="material.pk")
    code = serializers.CharField(source="material.code")
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    free = serializers.DecimalField(max_digits=18, decimal_places=6)


class SubstituteBody(Body):
    material = Visible(queryset=Material.objects.all())


class Components(ReadableRows):
    """What work orders use. If-Match is the work order's version."""

    queryset = WorkOrderMaterial.objects.all()
    serializer_class = ReplaceableRow
    view_deed = "erp.view_work_order"
    filterset_fields: Any = ("work_order", "material", "instead_of", "choice")

    @part("erp.view_work_order", gives=UsableShown(many=True), path="may-be-used")
    def may_be_used(self, request: Request, pk: str) -> Response:
        """The component and its substitutes, with what is free of each."""
        return Response(UsableShown(selectors.may_be_used(self.get_object()), many=True).data)

    @deed("erp.write_work_order", takes=SubstituteBody)
    def use_substitute(self, request: Request, pk: str) -> Response:
        """Use it for the whole component of firm work."""
        need, given = self.get_object(), self.taken()
        services.use_substitute(
            need_id=need.pk,
            material_id=given["material"].pk,
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        need.refresh_from_db()
        return self.answer(need)

    @deed("erp.write_work_order")
    def keep_component(self, request: Request, pk: str) -> Response:
        """Use the BOM's component; planning does not replace it any more."""
        need = self.get_object()
        services.keep_component(need_id=need.pk, now=timezone.now(), expected_version=self.expected_version())
        need.refresh_from_db()
        return self.answer(need)


VIEWSETS: list[tuple[str, Any]] = [("components", Components)]
