"""What is done to operations on the floor, and what machines were told to do, over REST."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_filters import ChoiceFilter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.models import WorkOrderOperation
from masterdata.api.deeds import deed
from masterdata.api.lists import Filters
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Moment, Row, Visible
from masterdata.models import Employee, Machine, Material, ReasonCode
from mes import selectors, services
from mes.held import FINISHED, HELD, shown
from mes.models import Dispatch, LabourBooking, OperationRun
from mes.rest.people import LabourBookingRow
from mes.services.runs import FloorEvent


class WithHolds(ReadableRows):
    """Rows that show a run's state: which operations quality holds is asked once an answer."""

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "held": self.held}

    @cached_property
    def held(self) -> set[int]:
        """Filled when the rows of the answer are known."""
        return set()

    def mark(self, operation_ids: Iterable[int]) -> None:
        """Ask it of these operations."""
        self.held.update(selectors.held_operations(operation_ids))


class DispatchRow(Row):
    class Meta:
        model = Dispatch
        fields = ("id", "operation", "plant", "machine", "planned_start_at", "planned_end_at", "setup_min", "plan_no")


class RunRow(Row):
    """`state` is what people see: held while quality holds the operation; `progress` says how far the work is."""

    state = serializers.SerializerMethodField()
    progress = serializers.CharField(source="state", read_only=True)

    def get_state(self, row: OperationRun) -> str:
        return shown(row.state, is_held=row.operation_id in self.context["held"])

    class Meta:
        model = OperationRun
        fields = (
            "id",
            "operation",
            "machine",
            "operator",
            "state",
            "progress",
            "started_at",
            "finished_at",
            "good_qty",
            "scrap_qty",
            "rework_qty",
            "pause_reason",
        )


class OperationRow(Row):
    """An operation as the floor sees it; `run` is there once it has been started."""

    run = RunRow(allow_null=True, default=None)
    work_order_number = serializers.CharField(source="work_order.number")

    class Meta:
        model = WorkOrderOperation
        fields = (
            "id",
            "work_order",
            "work_order_number",
            "sequence",
            "name",
            "work_centre",
            "good_qty",
            "scrap_qty",
            "rework_qty",
            "mends",
            "quantity",
            "planned_machine",
            "planned_start_at",
            "planned_end_at",
            "started_at",
            "finished_at",
            "run",
        )


class EventBody(Body):
    """`event_id` is made by the sender (UUIDv7): the same event again is answered again and not done again."""

    event_id = serializers.UUIDField()
    machine = Visible(queryset=Machine.objects.all())
    operator = Visible(queryset=Employee.objects.filter(is_active=True), required=False, allow_null=True)
    happened_at = Moment()


class PauseBody(EventBody):
    reason = Visible(queryset=ReasonCode.objects.filter(kind="pause"), required=False, allow_null=True)


class ConsumedBody(Body):
    """Parts that were scanned: of which material, out of which lot, how many."""

    material = Visible(queryset=Material.objects.all())
    lot = serializers.CharField(max_length=50, default="", allow_blank=True)
    quantity = Amount(min_value=0, default=Decimal(1))


class ReportBody(EventBody):
    """Pieces since the last report; scrapped ones need a `reason`, those to rework are mended by a step of their own.
    `lot`: the number of what the last operation makes, when it is not to be the work order's. `consumed`: parts that
    were scanned; `serials`: the number of each good piece.
    """

    good_qty = Amount(min_value=0, default=0)
    scrap_qty = Amount(min_value=0, default=0)
    rework_qty = Amount(min_value=0, default=0)
    reason = Visible(queryset=ReasonCode.objects.filter(kind="scrap"), required=False, allow_null=True)
    lot = serializers.CharField(max_length=50, default="", allow_blank=True)
    consumed = ConsumedBody(many=True, required=False, max_length=500)  # type: ignore[call-arg]
    serials = serializers.ListField(child=serializers.CharField(max_length=50), required=False, max_length=500)


class JoinBody(EventBody):
    operator = Visible(queryset=Employee.objects.filter(is_active=True))


class Operations(WithHolds):
    """Operations on the floor: set up, start, pause, resume, report, finish; who joins and leaves. Each body carries an
    event id."""

    queryset = WorkOrderOperation.objects.select_related("work_order", "run")
    serializer_class = OperationRow
    view_deed = "mes.view_floor"
    filterset_fields: Any = ("work_order", "work_order__plant", "work_order__sales_order_line__order", "work_centre")

    @deed("mes.start_operation", takes=EventBody, gives=RunRow, needs_key=False, path="setup")
    def set_up(self, request: Request, pk: str) -> Response:
        """Begin to set the machine up; start follows when it is done."""
        return self._done(services.set_up)

    @deed("mes.start_operation", takes=EventBody, gives=RunRow, needs_key=False)
    def start(self, request: Request, pk: str) -> Response:
        """Begin on a machine."""
        return self._done(services.start)

    @deed("mes.start_operation", takes=PauseBody, gives=RunRow, needs_key=False)
    def pause(self, request: Request, pk: str) -> Response:
        """Stop the clock."""
        return self._done(services.pause)

    @deed("mes.start_operation", takes=EventBody, gives=RunRow, needs_key=False)
    def resume(self, request: Request, pk: str) -> Response:
        """Start the clock again."""
        return self._done(services.resume)

    @deed("mes.report_operation", takes=ReportBody, gives=RunRow, needs_key=False)
    def report(self, request: Request, pk: str) -> Response:
        """Book pieces: stock, cost, ledger and the order's status move with it."""
        return self._done(services.report)

    @deed("mes.report_operation", takes=ReportBody, gives=RunRow, needs_key=False)
    def finish(self, request: Request, pk: str) -> Response:
        """Book the last pieces, or none, and end the operation."""
        return self._done(services.finish)

    @deed("mes.start_operation", takes=JoinBody, gives=LabourBookingRow, needs_key=False)
    def join(self, request: Request, pk: str) -> Response:
        """Somebody works here too, from now on."""
        return self._told("join")

    @deed("mes.start_operation", takes=JoinBody, gives=LabourBookingRow, needs_key=False)
    def leave(self, request: Request, pk: str) -> Response:
        """Somebody works here no longer; the job goes on."""
        return self._told("leave")

    def _told(self, kind: str) -> Response:
        operation, given = self.get_object(), self.taken()
        event = FloorEvent(
            event_id=given["event_id"], operation_id=operation.pk, machine_id=given["machine"].pk,
            operator_id=given["operator"].pk, happened_at=given["happened_at"],
        )  # fmt: skip
        services.tell_of_person(event=event, kind=kind, now=timezone.now())
        bookings = LabourBooking.objects.filter(operation=operation, person=given["operator"])
        return self.shown(LabourBookingRow, bookings.latest("since_at"))

    def _done(self, service: Callable[..., OperationRun]) -> Response:
        operation, given = self.get_object(), self.taken()
        operator, reason = given.get("operator"), given.get("reason")
        event = FloorEvent(
            event_id=given["event_id"],
            operation_id=operation.pk,
            machine_id=given["machine"].pk,
            operator_id=operator.pk if operator else None,
            happened_at=given["happened_at"],
            good_qty=given.get("good_qty", 0),
            scrap_qty=given.get("scrap_qty", 0),
            rework_qty=given.get("rework_qty", Decimal(0)),
            reason_id=reason.pk if reason else None,
            lot_number=given.get("lot", ""),
            payload=_scanned(given),
        )
        run = service(event=event, now=timezone.now())
        self.mark([operation.pk])
        return self.shown(RunRow, run)

    def prepare(self, rows: list[WorkOrderOperation]) -> list[WorkOrderOperation]:
        self.mark(row.pk for row in rows)
        return rows


def _scanned(given: Mapping[str, Any]) -> dict[str, Any]:
    """Parts and serial numbers as an event's payload has them."""
    payload: dict[str, Any] = {}
    if given.get("consumed"):
        payload["consumed"] = [
            {"material": one["material"].pk, "lot": one["lot"], "quantity": f"{one['quantity'].normalize():f}"}
            for one in given["consumed"]
        ]
    if given.get("serials"):
        payload["serials"] = given["serials"]
    return payload


class Dispatches(ReadableRows):
    """What machines were told to do, in the plan's order."""

    queryset = Dispatch.objects.order_by("machine", "planned_start_at")
    serializer_class = DispatchRow
    view_deed = "mes.view_floor"
    filterset_fields: Any = ("plant", "machine", "machine__code", "operation", "operation__work_order", "plan_no")


class RunFilters(Filters):
    """`state` as it is shown: what quality holds is found by held alone."""

    state = ChoiceFilter(choices=[*OperationRun.State.choices, (HELD, "Held")], method="of_state")

    def of_state(self, rows: QuerySet[OperationRun], name: str, asked: str) -> QuerySet[OperationRun]:
        is_held = Exists(selectors.holds().filter(operation=OuterRef("operation"), released_at=None))
        if asked == HELD:
            return rows.filter(is_held).exclude(state=FINISHED)
        return rows.filter(state=asked) if asked == FINISHED else rows.filter(~is_held, state=asked)

    class Meta:
        model = OperationRun
        fields = ("operation", "machine", "state", "operator", "operation__work_order")


class Runs(WithHolds):
    """What is being done and what was."""

    queryset = OperationRun.objects.all()
    serializer_class = RunRow
    view_deed = "mes.view_floor"
    filterset_class = RunFilters

    def prepare(self, rows: list[OperationRun]) -> list[OperationRun]:
        self.mark(row.operation_id for row in rows)
        return rows


VIEWSETS: list[tuple[str, Any]] = [("operations", Operations), ("dispatches", Dispatches), ("operation-runs", Runs)]
