"""What orders cost beside production, over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.cost import services
from erp.cost.models import CostBooking
from erp.cost.models.bookings import BOOKABLE
from erp.sales.models import SalesOrder
from masterdata.api.deeds import creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Day, Row, Visible
from masterdata.models import Partner, Plant


class BookingRow(Row):
    class Meta:
        model = CostBooking
        fields = (
            "id", "sales_order", "plant", "element", "amount", "text", "against", "partner", "entry", "reverses",
            "booked_at",
        )  # fmt: skip


class BookingBody(Body):
    """`amount` in the company's currency; against the accrual; `partner` is whose invoice will come."""

    sales_order = Visible(queryset=SalesOrder.objects.all())
    plant = Visible(queryset=Plant.objects.all())
    element = serializers.ChoiceField(choices=[str(one) for one in BOOKABLE])
    amount = serializers.DecimalField(max_digits=20, decimal_places=4)
    text = serializers.CharField(max_length=200)
    partner = Visible(queryset=Partner.objects.all(), required=False, allow_null=True)
    posted_on = Day(required=False, allow_null=True)


class UndoBody(Body):
    text = serializers.CharField(max_length=200)


class OrderCosts(ReadableRows):
    """Freight, installation, penalties and other costs of orders."""

    queryset = CostBooking.objects.all()
    serializer_class = BookingRow
    view_deed = "erp.view_cost"
    filterset_fields: Any = ("sales_order", "plant", "element", "partner")

    @creates("erp.book_order_cost", takes=BookingBody, gives=BookingRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Put a cost on an order."""
        given = self.taken(BookingBody)
        order, plant = given.pop("sales_order"), given.pop("plant")
        booking = services.book_order_cost(
            order_id=order.pk, plant_id=plant.pk, now=timezone.now(), by=self.caller(), **given
        )
        return self.answer(booking, status=201)

    @deed("erp.book_order_cost", takes=UndoBody, status=201, gives=BookingRow)
    def undo(self, request: Request, pk: str) -> Response:
        """Undo a booking by one the other way."""
        text = self.taken()["text"]
        booking = services.reverse_order_cost(
            booking_id=self.get_object().pk, text=text, now=timezone.now(), by=self.caller()
        )
        return self.answer(booking, status=201)


VIEWSETS: list[tuple[str, Any]] = [("order-costs", OrderCosts)]
