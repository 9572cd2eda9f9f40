"""Machines, their events, downtimes and alarms over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata.api.deeds import deed
from masterdata.api.endpoints import Endpoint
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Moment, Row, Visible, VisibleCode
from masterdata.models import Employee, Machine, Plant, ReasonCode
from mes import services
from mes.models import Alarm, Downtime, EscalationRule, MachineEvent, MachineState
from mes.state_fold import OPC_40550


class AlarmRow(Row):
    class Meta:
        model = Alarm
        fields = (
            "id",
            "machine",
            "kind",
            "code",
            "text",
            "state",
            "count",
            "raised_at",
            "acknowledged_at",
            "acknowledged_by",
            "repair_at",
            "repair_by",
            "cleared_at",
            "closed_at",
            "closed_by",
            "reason",
            "note",
            "level",
        )


class DowntimeRow(Row):
    class Meta:
        model = Downtime
        fields = ("id", "machine", "alarm", "since_at", "estimated_until_at", "until_at", "reason", "reported_by")


class StateRow(Row):
    class Meta:
        model = MachineState
        fields = (
            "id",
            "machine",
            "state",
            "since_at",
            "until_at",
            "reason",
            "operation",
            "event",
            "machine_event",
            "downtime",
            "reason_event",
        )


class MachineRow(Row):
    class Meta:
        model = Machine
        fields = ("id", "code", "name", "work_centre", "is_active")


class DownBody(Body):
    """`estimated_until_at` may stay away when nobody knows."""

    since_at = Moment()
    estimated_until_at = Moment(required=False, allow_null=True)
    reason = Visible(queryset=ReasonCode.objects.filter(kind="downtime"), required=False, allow_null=True)
    reported_by = Visible(queryset=Employee.objects.filter(is_active=True), required=False, allow_null=True)


class UpBody(Body):
    until_at = Moment()


class StopReasonBody(Body):
    """Why it stood from `start_at` on, where a stop of the machine lies: to its end, or only to `until_at`."""

    start_at = Moment()
    until_at = Moment(required=False, allow_null=True)
    reason = Visible(queryset=ReasonCode.objects.filter(kind__in=["downtime", "pause"]))


class HelpBody(Body):
    """Who comes reads `what`."""

    what = serializers.CharField(max_length=200)


class CloseAlarmBody(Body):
    """A reason, a few words, or both."""

    reason = Visible(
        queryset=ReasonCode.objects.filter(kind__in=["downtime", "pause"]), required=False, allow_null=True
    )
    note = serializers.CharField(max_length=400, default="", allow_blank=True)


class MachineEventBody(Body):
    """A machine's message; `id` is the sender's own and makes it idempotent, `machine` is the machine's code.

    `state` is one of ours or a word of OPC 40550 (WORKING, READY, STANDBY, ERROR, OFFLINE).
    """

    id = serializers.CharField(max_length=80)
    machine = VisibleCode(queryset=Machine.objects.all())
    state = serializers.ChoiceField(choices=[*MachineState.State.values, *OPC_40550])
    time = Moment()
    code = serializers.CharField(max_length=40, default="", allow_blank=True)


class MachineEventRow(Row):
    machine = serializers.CharField(source="machine.code")
    time = serializers.DateTimeField(source="happened_at")

    class Meta:
        model = MachineEvent
        fields = ("id", "machine", "state", "time", "code", "received_at")


class MachineEvents(Endpoint):
    """What machines and integrations say: the same alarm as the tablet's."""

    permissions = {"post": "mes.send_machine_event"}
    keyless = frozenset({"post"})

    @extend_schema(request=MachineEventBody, responses={200: MachineEventRow, 201: MachineEventRow})
    def post(self, request: Request) -> Response:
        """Take a message: 201 when it is new, 200 when it came before and changes nothing."""
        given = self.taken(MachineEventBody)
        event, is_new = services.take_machine_event(
            event_id=given["id"],
            machine_code=given["machine"].code,
            state=given["state"],
            happened_at=given["time"],
            now=timezone.now(),
            code=given["code"],
        )
        return Response(MachineEventRow(event).data, status=201 if is_new else 200)


class Machines(ReadableRows):
    """Machines on the floor: down and up."""

    queryset = Machine.objects.all()
    serializer_class = MachineRow
    view_deed = "mes.view_floor"
    filterset_fields: Any = ("code", "work_centre", "work_centre__plant", "is_active")

    @deed("mes.report_machine_down", takes=DownBody, gives=DowntimeRow, status=201)
    def report_down(self, request: Request, pk: str) -> Response:
        """It stands still: alarm on every board, a plan around it."""
        machine, given = self.get_object(), self.taken()
        reason = given.get("reason")
        downtime = services.report_machine_down(
            machine_id=machine.pk,
            since_at=given["since_at"],
            now=timezone.now(),
            estimated_until_at=given.get("estimated_until_at"),
            reason_id=reason.pk if reason else None,
            by=given.get("reported_by"),
        )
        return self.shown(DowntimeRow, downtime, status=201)

    @deed("mes.report_machine_up", takes=UpBody, gives=DowntimeRow)
    def report_up(self, request: Request, pk: str) -> Response:
        """It works again."""
        machine = self.get_object()
        downtime = services.report_machine_up(
            machine_id=machine.pk, until_at=self.taken()["until_at"], now=timezone.now()
        )
        return self.shown(DowntimeRow, downtime)

    @deed("mes.give_stop_reason", takes=StopReasonBody, gives=StateRow)
    def give_stop_reason(self, request: Request, pk: str) -> Response:
        """Say afterwards why it stood; two reasons of one stop are two calls. Answers with the interval."""
        machine, given = self.get_object(), self.taken()
        services.give_stop_reason(
            machine_id=machine.pk,
            start_at=given["start_at"],
            until_at=given.get("until_at"),
            reason_id=given["reason"].pk,
            now=timezone.now(),
            by=self.caller(),
        )
        stays = MachineState.objects.filter(machine=machine, since_at__lte=given["start_at"])
        return self.shown(StateRow, stays.order_by("-since_at")[0])

    @deed("mes.call_for_help", takes=HelpBody, gives=AlarmRow, status=201)
    def call_for_help(self, request: Request, pk: str) -> Response:
        """An alarm that whoever comes closes."""
        machine = self.get_object()
        alarm = services.call_for_help(machine_id=machine.pk, what=self.taken()["what"], at=timezone.now())
        return self.shown(AlarmRow, alarm, status=201)


class Alarms(ReadableRows):
    """Alarms: raised, acknowledged, in repair, cleared, closed with a reason."""

    queryset = Alarm.objects.all()
    serializer_class = AlarmRow
    view_deed = "mes.view_floor"
    filterset_fields: Any = ("machine", "machine__code", "state", "code", "kind")

    @deed("mes.acknowledge_alarm")
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Somebody has seen it and takes care."""
        alarm = self.get_object()
        services.acknowledge_alarm(alarm_id=alarm.pk, by=self.caller(), now=timezone.now())
        return self.answer(alarm)

    @deed("mes.acknowledge_alarm")
    def begin_repair(self, request: Request, pk: str) -> Response:
        """Somebody is at the machine."""
        alarm = self.get_object()
        services.begin_repair(alarm_id=alarm.pk, by=self.caller(), now=timezone.now())
        return self.answer(alarm)

    @deed("mes.acknowledge_alarm", takes=CloseAlarmBody)
    def close(self, request: Request, pk: str) -> Response:
        """It is over, and why."""
        alarm, given = self.get_object(), self.taken()
        reason = given.get("reason")
        services.close_alarm(
            alarm_id=alarm.pk,
            by=self.caller(),
            now=timezone.now(),
            reason_id=reason.pk if reason else None,
            note=given["note"],
        )
        return self.answer(alarm)


class ToldBody(Body):
    """Who is told, and after how many minutes that nobody takes an alarm."""

    after_min = serializers.IntegerField(min_value=1)
    told = serializers.CharField(max_length=60)


class EscalationBody(Body):
    plant = Visible(queryset=Plant.objects.all())
    steps = ToldBody(many=True, max_length=9)  # type: ignore[call-arg]


class EscalationRow(Row):
    class Meta:
        model = EscalationRule
        fields = ("id", "plant", "level", "after_min", "told")


class EscalationRows(serializers.Serializer):
    steps = EscalationRow(many=True)


class Escalations(ReadableRows):
    """Who is told of an alarm that nobody takes, step by step."""

    queryset = EscalationRule.objects.order_by("plant", "level")
    serializer_class = EscalationRow
    view_deed = "mes.view_floor"
    filterset_fields: Any = ("plant",)

    @deed("mes.set_escalation", takes=EscalationBody, gives=EscalationRows, on_one=False, path="set")
    def set_steps(self, request: Request) -> Response:
        """The plant's steps from now on; those of before are gone."""
        given = self.taken()
        steps = [(one["after_min"], one["told"]) for one in given["steps"]]
        services.set_escalation(plant_id=given["plant"].pk, steps=steps)
        return self.shown(EscalationRows, {"steps": EscalationRule.objects.filter(plant=given["plant"])})


class Downtimes(ReadableRows):
    """When machines stood still, and why."""

    queryset = Downtime.objects.all()
    serializer_class = DowntimeRow
    view_deed = "mes.view_floor"
    filterset_fields: Any = ("machine", "machine__code", "reason")


class States(ReadableRows):
    """What machines were doing from when to when."""

    queryset = MachineState.objects.all()
    serializer_class = StateRow
    view_deed = "mes.view_floor"
    filterset_fields: Any = {
        "machine": ["exact"],
        "machine__code": ["exact"],
        "state": ["exact"],
        "reason": ["exact"],
        "operation": ["exact"],
        "since_at": ["gte", "lt"],
    }


VIEWSETS: list[tuple[str, Any]] = [
    ("machines", Machines),
    ("alarms", Alarms),
    ("escalations", Escalations),
    ("downtimes", Downtimes),
    ("machine-states", States),
]
