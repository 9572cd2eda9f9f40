"""One click over REST: accept and schedule a quotation, schedule an order, take it back."""

from __future__ import annotations

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from crm.models import Quotation, QuotationScheduling
from erp.models import SalesOrder
from masterdata.api.deeds import deed
from masterdata.api.rows import ReadableRows, RowDeeds
from masterdata.api.serializers import Body, Row
from suite.deeds import schedule_order, schedule_quotation, undo_schedule
from suite.deeds.schedule_quotation import Scheduled


class SchedulingRow(Row):
    """A quotation that was accepted and scheduled in one deed. `is_placed`: in the plan at once, else by the planner.

    Taken back it has `undone_at`.
    """

    class Meta:
        model = QuotationScheduling
        fields = (
            "id",
            "quotation",
            "order",
            "state_before",
            "is_placed",
            "late_lines",
            "scheduled_at",
            "scheduled_by",
            "undone_at",
            "undone_by",
        )


class ScheduledShown(Body):
    """The order. `is_placed`: it stands in the plan, else the planner was asked. `late_lines`: after their promise."""

    order = serializers.IntegerField()
    order_number = serializers.CharField()
    is_placed = serializers.BooleanField()
    late_lines = serializers.IntegerField()


class Schedulings(ReadableRows):
    """What one click scheduled."""

    queryset = QuotationScheduling.objects.all()
    serializer_class = SchedulingRow
    view_deed = "crm.view"
    filterset_fields = ("quotation", "order", "is_placed")


class QuotationSchedules(RowDeeds):
    """One click on a quotation."""

    queryset = Quotation.objects.all()
    view_deed = "crm.view"

    @deed("crm.accept_quotation", gives=ScheduledShown)
    def schedule(self, request: Request, pk: str) -> Response:
        """Accept it and put the order into the gaps of the published plan at once; nobody else moves."""
        done = schedule_quotation.schedule_quotation(
            quotation_id=self.get_object().pk,
            now=timezone.now(),
            by=self.caller(),
            expected_version=self.expected_version(),
        )
        return Response(_told(done))


class OrderSchedules(RowDeeds):
    """One click on an order."""

    queryset = SalesOrder.objects.all()
    view_deed = "erp.view_order"

    @deed("erp.confirm_order", gives=ScheduledShown)
    def schedule(self, request: Request, pk: str) -> Response:
        """Give a confirmed order that no plan has yet its places at once; one that stands in the plan stays there."""
        done = schedule_order.schedule_order(order_id=self.get_object().pk, now=timezone.now(), by=self.caller())
        return Response(_told(done))

    @deed("erp.cancel_order", gives=SchedulingRow)
    def undo_schedule(self, request: Request, pk: str) -> Response:
        """Take it off the plan, cancel it, and open its quotation again, while nothing of it has begun."""
        undone = undo_schedule.undo_schedule(order_id=self.get_object().pk, now=timezone.now(), by=self.caller())
        return self.shown(SchedulingRow, undone)


def _told(done: Scheduled) -> dict[str, object]:
    return {
        "order": done.order.pk,
        "order_number": done.order.number,
        "is_placed": done.is_placed,
        "late_lines": done.late_lines,
    }


router = SimpleRouter()
router.register("crm/quotation-schedulings", Schedulings, basename="quotation-schedulings")
router.register("crm/quotations", QuotationSchedules, basename="quotation-schedules")
router.register("erp/sales-orders", OrderSchedules, basename="order-schedules")

urlpatterns = router.urls
