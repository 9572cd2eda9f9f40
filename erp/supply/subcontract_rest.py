"""Subcontracting over REST: what suppliers get from us, what went out and came back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.supply import services
from erp.supply.models import ComponentDemand, PurchaseOrder, SubcontractNote, SubcontractNoteLine, SuppliedComponent
from erp.supply.selectors.supplied import component_demands
from masterdata.api.deeds import deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Row, Visible
from masterdata.models import Material


class ComponentRow(Row):
    """A component as it was agreed, and where it stands."""

    class Meta:
        model = SuppliedComponent
        fields = (
            "id", "order_line", "line_no", "material", "quantity", "base_qty", "scrap_percent", "lead_days", "sent_qty",
            "used_qty", "returned_qty",
        )  # fmt: skip


class ComponentsRow(serializers.Serializer):
    components = ComponentRow(many=True)


class ComponentDemandRow(Row):
    """What the supplier still has to get, by when, and what of it is kept, free or missing."""

    kept = Amount()
    free = Amount()
    missing = Amount()

    class Meta:
        model = ComponentDemand
        fields = (
            "id", "order", "order_line", "plant", "supplier", "material", "needed", "should_have_used", "there",
            "to_send", "send_on", "kept", "free", "missing",
        )  # fmt: skip


class SubcontractNoteLineRow(Row):
    class Meta:
        model = SubcontractNoteLine
        fields = ("id", "component", "quantity", "move")


class SubcontractNoteRow(Row):
    lines = SubcontractNoteLineRow(many=True)

    class Meta:
        model = SubcontractNote
        fields = ("id", "number", "order", "is_return", "moved_at", "lines")


class ComponentPartBody(Body):
    """Base units of a supplied component; of one lot, else what expires first."""

    component = serializers.IntegerField(min_value=1)
    quantity = Amount()
    lot = serializers.IntegerField(min_value=1, required=False)


class ComponentsOutBody(Body):
    """No parts given: all that the supplier still lacks."""

    parts = ComponentPartBody(many=True, required=False, allow_empty=False)


class ComponentsBackBody(Body):
    parts = ComponentPartBody(many=True, allow_empty=False)


class SupplyComponentsBody(Body):
    line = serializers.IntegerField(min_value=1)


class ComponentTermsBody(Body):
    """Base units of a material for so many (`base_qty`) of the line's; net of scrap."""

    material = Visible(queryset=Material.objects.filter(is_active=True))
    quantity = Amount()
    scrap_percent = serializers.DecimalField(max_digits=6, decimal_places=3, default=Decimal(0))


class ChangeComponentsBody(Body):
    """All that the line's supplier gets from now on; what is left out is not supplied any more."""

    line = serializers.IntegerField(min_value=1)
    components = ComponentTermsBody(many=True)
    base_qty = Amount(default=Decimal(1))


def parts_of(rows: list[dict[str, Any]]) -> list[services.ComponentPart]:
    """As the services take them."""
    return [
        services.ComponentPart(component_id=one["component"], quantity=one["quantity"], lot_id=one.get("lot"))
        for one in rows
    ]


class SubcontractDeeds:
    """Deeds of a purchase order whose supplier works on our components."""

    @deed("erp.write_purchase", takes=SupplyComponentsBody, gives=ComponentsRow, status=201)
    def supply_components(self: Any, request: Request, pk: str) -> Response:
        """Agree that we supply what a line's material is made of; its price is the fee."""
        order, given = self.get_object(), self.taken()
        rows = services.supply_components(
            line_id=self._line(order, given["line"]).pk, now=timezone.now(), expected_version=self.expected_version()
        )
        return self.shown(ComponentsRow, {"components": rows}, status=201)

    @deed("erp.write_purchase", takes=ChangeComponentsBody, gives=ComponentsRow)
    def change_components(self: Any, request: Request, pk: str) -> Response:
        """Agree on other components than the BOM says, or on other quantities of them."""
        order, given = self.get_object(), self.taken()
        rows = services.change_components(
            line_id=self._line(order, given["line"]).pk,
            wanted=[
                services.ComponentTerms(
                    material_id=one["material"].pk, quantity=one["quantity"], scrap_percent=one["scrap_percent"]
                )
                for one in given["components"]
            ],
            base_qty=given["base_qty"],
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.shown(ComponentsRow, {"components": rows})

    @deed("erp.move_stock", takes=ComponentsOutBody, gives=SubcontractNoteRow, status=201)
    def send_components(self: Any, request: Request, pk: str) -> Response:
        """Send components to the supplier: the parts given, or all that he still lacks."""
        order, parts = self.get_object(), self.taken().get("parts")
        note = services.send_components(
            order_id=order.pk,
            parts=None if parts is None else parts_of(parts),
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.shown(SubcontractNoteRow, note, status=201)

    @deed("erp.move_stock", takes=ComponentsBackBody, gives=SubcontractNoteRow, status=201)
    def take_back_components(self: Any, request: Request, pk: str) -> Response:
        """Components that the supplier did not use come back."""
        order: PurchaseOrder = self.get_object()
        note = services.take_back_components(
            order_id=order.pk,
            parts=parts_of(self.taken()["parts"]),
            now=timezone.now(),
            expected_version=self.expected_version(),
        )
        return self.shown(SubcontractNoteRow, note, status=201)


class ComponentDemands(ReadableRows):
    """Components of purchase orders: what is to be sent, kept, missing, and what lies at the supplier."""

    queryset = component_demands()
    serializer_class = ComponentDemandRow
    view_deed = "erp.view_purchase"
    filterset_fields = ("order", "plant", "supplier", "material")


class SubcontractNotes(ReadableRows):
    """What went to subcontractors and came back."""

    queryset = SubcontractNote.objects.prefetch_related("lines")
    serializer_class = SubcontractNoteRow
    view_deed = "erp.view_purchase"
    filterset_fields = ("number", "order", "is_return")


VIEWSETS: list[tuple[str, Any]] = [
    ("supplied-components", ComponentDemands),
    ("subcontract-notes", SubcontractNotes),
]
