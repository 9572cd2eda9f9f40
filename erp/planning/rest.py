"""Material planning over REST: action messages, proposed work, planned orders, and why each is planned."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.planning import selectors, services
from erp.planning.days import days_of
from erp.planning.models import ActionMessage
from erp.production.models import WorkOrder
from erp.supply.models import PlannedOrder
from masterdata.api.deeds import deed, part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Day, Row


class MessageRow(Row):
    class Meta:
        model = ActionMessage
        fields = (
            "id",
            "plant",
            "material",
            "kind",
            "work_order",
            "purchase_order_line",
            "planned_order",
            "need",
            "substitute",
            "quantity",
            "from_on",
            "to_on",
            "dismissed_until",
            "made_at",
            "version",
        )


class OrderBehindShown(serializers.Serializer):
    order_id = serializers.IntegerField()
    number = serializers.CharField()
    customer = serializers.CharField()
    wanted_on = serializers.DateField()


class DemandShown(serializers.Serializer):
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    number = serializers.CharField()
    work_order_id = serializers.IntegerField(allow_null=True)
    order_id = serializers.IntegerField(allow_null=True)
    transfer_id = serializers.IntegerField(allow_null=True)
    requisition_id = serializers.IntegerField(allow_null=True)
    purchase_order_id = serializers.IntegerField(allow_null=True)
    material_code = serializers.CharField()
    needed_on = serializers.DateField(allow_null=True)


class PartShown(serializers.Serializer):
    material_code = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    issued = serializers.DecimalField(max_digits=18, decimal_places=6)
    kept = serializers.DecimalField(max_digits=18, decimal_places=6)
    coming = serializers.DecimalField(max_digits=18, decimal_places=6)
    in_stock = serializers.DecimalField(max_digits=18, decimal_places=6)
    ready_at = serializers.DateTimeField(allow_null=True)


class ReasonShown(serializers.Serializer):
    """Quantity put in, what the demands need of it, what lot, scrap and safety stock add, and its dates."""

    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    net = serializers.DecimalField(max_digits=18, decimal_places=6)
    beyond = serializers.DecimalField(max_digits=18, decimal_places=6)
    on_hand = serializers.DecimalField(max_digits=18, decimal_places=6)
    safety_stock = serializers.DecimalField(max_digits=18, decimal_places=6, source="item.safety_stock")
    scrap_percent = serializers.DecimalField(max_digits=6, decimal_places=3, source="item.scrap_percent")
    lot_rule = serializers.CharField(source="item.lot_rule")
    lot_qty = serializers.DecimalField(max_digits=18, decimal_places=6, source="item.lot_qty")
    needed_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    start_on = serializers.DateField(allow_null=True)
    wished_on = serializers.DateField(allow_null=True)
    is_redated = serializers.BooleanField()
    demands = DemandShown(many=True)
    orders = OrderBehindShown(many=True)
    parts = PartShown(many=True)


class DismissBody(Body):
    """Until which day it is quiet, unless what it says changes before."""

    until = Day()


class PromisePartShown(serializers.Serializer):
    source = serializers.CharField()  # type: ignore[assignment]
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    at = serializers.DateTimeField(allow_null=True)
    number = serializers.CharField()
    document_id = serializers.IntegerField(allow_null=True)


class UsableInsteadShown(serializers.Serializer):
    """What lacks, and how much of what is free may be used for it; `need_id` is for `components/ID/use-substitute/`."""

    component = serializers.CharField()
    substitute = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    unit = serializers.CharField()
    need_id = serializers.IntegerField(allow_null=True)


class LinePromiseShown(serializers.Serializer):
    """How much of a line is ready when, and from where; `ready_at` is when the last of it is.

    `instead`: components that lack for it and that somebody may replace by what is free.
    """

    line_id = serializers.IntegerField()
    line_no = serializers.IntegerField()
    material_id = serializers.IntegerField()
    material_code = serializers.CharField()
    quantity = serializers.DecimalField(max_digits=18, decimal_places=6)
    there = serializers.DecimalField(max_digits=18, decimal_places=6)
    ready_at = serializers.DateTimeField(allow_null=True)
    parts = PromisePartShown(many=True)
    instead = UsableInsteadShown(many=True)


class ProposedRow(Row):
    class Meta:
        model = WorkOrder
        fields = (
            "id",
            "number",
            "plant",
            "material",
            "state",
            "quantity",
            "needed_on",
            "start_by_on",
            "planned_start_at",
            "planned_end_at",
            "version",
        )


class PlannedSupplyRow(Row):
    class Meta:
        model = PlannedOrder
        fields = (
            "id",
            "plant",
            "material",
            "kind",
            "quantity",
            "due_at",
            "order_by_on",
            "source_plant",
            "is_firm",
            "problem",
            "closed_at",
            "version",
        )


class ActionMessages(ReadableRows):
    """What somebody should do about a supply, or about too little stock."""

    queryset = ActionMessage.objects.all()
    serializer_class = MessageRow
    view_deed = "erp.view_purchase"
    filterset_fields: Any = ("plant", "material", "kind")
    ordering_fields = ("to_on", "made_at")

    @part("erp.view_purchase", gives=OrderBehindShown(many=True))
    def orders(self, request: Request, pk: str) -> Response:
        """The customers' orders behind it, through all levels."""
        supply = selectors.messages.supply_of(self.get_object())
        behind = selectors.orders_behind_supplies([supply] if supply else [])
        return Response(OrderBehindShown(behind.get(supply, []) if supply else [], many=True).data)

    @deed("erp.write_purchase", takes=DismissBody)
    def dismiss(self, request: Request, pk: str) -> Response:
        """Be quiet about it until a day."""
        message, given = self.get_object(), self.taken()
        now = timezone.now()
        services.dismiss_message(
            message_id=message.pk,
            until=given["until"],
            today=days_of(message.plant, now).today,
            expected_version=self.expected_version(),
        )
        message.refresh_from_db()
        return self.answer(message)


class WorkForStock(ReadableRows):
    """Work orders that no order line has: proposed ones follow material planning."""

    queryset = WorkOrder.objects.filter(sales_order_line=None)
    serializer_class = ProposedRow
    view_deed = "erp.view_work_order"
    filterset_fields: Any = ("plant", "material", "state", "number")

    @part("erp.view_work_order", gives=ReasonShown)
    def why(self, request: Request, pk: str) -> Response:
        """The chain behind its quantity and dates."""
        order = self.get_object()
        return Response(ReasonShown(selectors.why_work_order(order)).data)

    @deed("erp.write_work_order")
    def firm(self, request: Request, pk: str) -> Response:
        """It is scheduled, and planning leaves it alone."""
        order = self.get_object()
        services.firm_work_order(work_order_id=order.pk, now=timezone.now(), expected_version=self.expected_version())
        order.refresh_from_db()
        return self.answer(order)


class PlannedSupply(ReadableRows):
    """What should be bought or moved and is not ordered yet, with its dates and why."""

    queryset = PlannedOrder.objects.all()
    serializer_class = PlannedSupplyRow
    view_deed = "erp.view_purchase"
    filterset_fields: Any = ("plant", "material", "kind", "is_firm")

    @part("erp.view_purchase", gives=ReasonShown)
    def why(self, request: Request, pk: str) -> Response:
        """The chain behind its quantity and dates."""
        return Response(ReasonShown(selectors.why_planned_order(self.get_object())).data)

    @deed("erp.write_purchase")
    def keep(self, request: Request, pk: str) -> Response:
        """Planning leaves it as it is."""
        return self._set(is_firm=True)

    @deed("erp.write_purchase", path="give-back")
    def give_back(self, request: Request, pk: str) -> Response:
        """Planning may change it again."""
        return self._set(is_firm=False)

    def _set(self, *, is_firm: bool) -> Response:
        planned = self.get_object()
        services.firm_planned_order(
            planned_order_id=planned.pk, is_firm=is_firm, expected_version=self.expected_version()
        )
        planned.refresh_from_db()
        return self.answer(planned)


VIEWSETS: list[tuple[str, Any]] = [
    ("action-messages", ActionMessages),
    ("work-for-stock", WorkForStock),
    ("planned-supply", PlannedSupply),
]
