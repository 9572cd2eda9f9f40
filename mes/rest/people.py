"""Hours, bookings, who may work without a skill, handovers and quarantine over REST."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from erp.models import WorkOrderOperation
from masterdata.api.deeds import creates, deed
from masterdata.api.pdf import language_of, pdf_answer, pdf_part
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Moment, Row, Visible
from masterdata.models import Employee, Machine, Plant
from mes import letters, selectors, services
from mes.models import Attendance, AttendanceBreak, Handover, LabourBooking, SkillOverride
from mes.services.events import FloorEvent

SEE, CORRECT, WRITE = "mes.view_hours", "mes.correct_hours", "mes.write_handover"
TAP = "mes.start_operation"


class RestRow(Row):
    """A break; `paid_sec` of it counts as paid time."""

    class Meta:
        model = AttendanceBreak
        fields = ("since_at", "until_at", "paid_sec")


class AttendanceRow(Row):
    """From clock-in to clock-out; `until_at` empty: still here. Paid minutes are without unpaid breaks."""

    breaks = RestRow(many=True, read_only=True)
    paid_min = serializers.SerializerMethodField()

    class Meta:
        model = Attendance
        fields = ("id", "person", "plant", "since_at", "until_at", "breaks", "paid_min")

    def get_paid_min(self, row: Attendance) -> int:
        return selectors.minutes_of(row, now=timezone.now())[1]


class HoursBody(Body):
    """When the person really came and went; `until_at` empty: still here."""

    since_at = Moment()
    until_at = Moment(required=False, allow_null=True)
    reason = serializers.CharField(max_length=200)


class NewHoursBody(HoursBody):
    person = Visible(queryset=Employee.objects.filter(is_active=True))


class ClockBody(Body):
    """`event_id` is made by the sender: the same event again is answered again and not done again."""

    event_id = serializers.UUIDField()
    person = Visible(queryset=Employee.objects.filter(is_active=True))
    happened_at = Moment()


class StrikeBody(Body):
    reason = serializers.CharField(max_length=200)


class Attendances(ReadableRows):
    """Who was here from when to when. What a shift lead puts right is a correction in the log."""

    queryset = Attendance.objects.prefetch_related("breaks").order_by("-since_at", "pk")
    serializer_class = AttendanceRow
    view_deed = SEE
    filterset_fields: Any = {"person": ["exact"], "plant": ["exact"], "since_at": ["gte", "lt"], "until_at": ["isnull"]}

    @creates(CORRECT, takes=NewHoursBody, gives=AttendanceRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Hours of somebody who forgot to clock in."""
        given = self.taken(NewHoursBody)
        person, since = given["person"], given["since_at"]
        services.add_hours(
            person=person, since_at=since, until_at=given.get("until_at"), reason=given["reason"], by=self.caller(),
            now=timezone.now(),
        )  # fmt: skip
        return self.answer(Attendance.objects.get(person=person, since_at=since), status=201)

    @deed(TAP, takes=ClockBody, gives=AttendanceRow, needs_key=False, on_one=False)
    def clock_in(self, request: Request) -> Response:
        """Somebody has come."""
        return self._told("clock_in")

    @deed(TAP, takes=ClockBody, gives=AttendanceRow, needs_key=False, on_one=False)
    def clock_out(self, request: Request) -> Response:
        """Somebody goes; what is joined ends."""
        return self._told("clock_out")

    @deed(TAP, takes=ClockBody, gives=AttendanceRow, needs_key=False, on_one=False)
    def break_start(self, request: Request) -> Response:
        """Somebody takes a break."""
        return self._told("break_start")

    @deed(TAP, takes=ClockBody, gives=AttendanceRow, needs_key=False, on_one=False)
    def break_end(self, request: Request) -> Response:
        """The break is over."""
        return self._told("break_end")

    def _told(self, kind: str) -> Response:
        given = self.taken()
        event = FloorEvent(
            event_id=given["event_id"], operation_id=0, machine_id=0, operator_id=given["person"].pk,
            happened_at=given["happened_at"],
        )  # fmt: skip
        services.tell_of_person(event=event, kind=kind, now=timezone.now())
        return self.shown(AttendanceRow, Attendance.objects.filter(person=given["person"]).latest("since_at"))

    @deed(CORRECT, takes=HoursBody)
    def correct(self, request: Request, pk: str) -> Response:
        """Say when the person really came and went."""
        row, given = self.get_object(), self.taken()
        services.correct_hours(
            attendance=row, since_at=given["since_at"], until_at=given.get("until_at"), reason=given["reason"],
            by=self.caller(), now=timezone.now(),
        )  # fmt: skip
        return self.answer(Attendance.objects.get(person_id=row.person_id, since_at=given["since_at"]))

    @deed(CORRECT, takes=StrikeBody, status=204)
    def strike(self, request: Request, pk: str) -> Response:
        """The person was not here: these hours do not count."""
        services.strike_hours(
            attendance=self.get_object(), reason=self.taken()["reason"], by=self.caller(), now=timezone.now()
        )
        return Response(status=204)


class LabourBookingRow(Row):
    """A person at a job as long as nothing changed; `tended` jobs shared the person."""

    class Meta:
        model = LabourBooking
        fields = ("id", "person", "plant", "operation", "machine", "since_at", "until_at", "tended")


class LabourBookings(ReadableRows):
    """Who worked at what, from when to when."""

    queryset = LabourBooking.objects.order_by("-since_at", "pk")
    serializer_class = LabourBookingRow
    view_deed = SEE
    filterset_fields: Any = {
        "person": ["exact"], "plant": ["exact"], "operation": ["exact"], "machine": ["exact"],
        "operation__work_order": ["exact"], "since_at": ["gte", "lt"], "until_at": ["isnull"],
    }  # fmt: skip


class SkillOverrideRow(Row):
    class Meta:
        model = SkillOverride
        fields = ("id", "person", "plant", "operation", "machine", "skills", "reason", "by", "at")


class OverrideBody(Body):
    person = Visible(queryset=Employee.objects.filter(is_active=True))
    machine = Visible(queryset=Machine.objects.filter(is_active=True))
    operation = Visible(queryset=WorkOrderOperation.objects.all())
    reason = serializers.CharField(max_length=200)


class SkillOverrides(ReadableRows):
    """Who was let do which job without the skill that it needs, by whom and why."""

    queryset = SkillOverride.objects.prefetch_related("skills")
    serializer_class = SkillOverrideRow
    view_deed = SEE
    filterset_fields: Any = ("person", "plant", "operation", "machine")

    @creates("mes.override_skill", takes=OverrideBody, gives=SkillOverrideRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let a person do this job once without the skill."""
        given = self.taken(OverrideBody)
        row = services.allow_without_skill(**given, by=self.caller(), now=timezone.now())
        return self.answer(row, status=201)


class HandoverRow(Row):
    """The handover of a shift; `content` is what it said when it was signed, empty before."""

    class Meta:
        model = Handover
        fields = (
            "id", "plant", "shift_name", "starts_at", "ends_at", "state", "notes", "content", "signed_by", "signed_at",
            "accepted_by", "accepted_at", "remark", "version",
        )  # fmt: skip


class BeginBody(Body):
    plant = Visible(queryset=Plant.objects.all())


class NotesBody(Body):
    notes = serializers.CharField(max_length=4000, allow_blank=True)


class RemarkBody(Body):
    remark = serializers.CharField(max_length=400, required=False, allow_blank=True, default="")


class Handovers(ReadableRows):
    """What one shift tells the next."""

    queryset = Handover.objects.select_related("plant__company", "plant__calendar")
    serializer_class = HandoverRow
    view_deed = SEE
    filterset_fields: Any = ("plant", "state", "shift_name")

    @creates(WRITE, takes=BeginBody, gives=HandoverRow)
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The handover of the shift that is on in the plant; the one that is begun already."""
        plant = self.taken(BeginBody)["plant"]
        return self.answer(services.begin_handover(plant=plant, by=self.caller(), now=timezone.now()), status=201)

    @deed(WRITE, takes=NotesBody)
    def write_notes(self, request: Request, pk: str) -> Response:
        """What no figure says."""
        row = self.get_object()
        return self.answer(services.write_notes(handover=row, notes=self.taken()["notes"], by=self.caller()))

    @deed(WRITE)
    def sign(self, request: Request, pk: str) -> Response:
        """The one who leaves hands over: from then on it stands."""
        return self.answer(services.sign_handover(handover=self.get_object(), by=self.caller(), now=timezone.now()))

    @deed(WRITE, takes=RemarkBody)
    def accept(self, request: Request, pk: str) -> Response:
        """The one who comes has read it."""
        return self.answer(
            services.accept_handover(
                handover=self.get_object(), remark=self.taken()["remark"], by=self.caller(), now=timezone.now()
            )
        )

    @pdf_part(SEE)
    def pdf(self, request: Request, pk: str) -> Response:
        """On paper."""
        return pdf_answer(letters.handover_pdf(self.get_object(), language_of(request)))


VIEWSETS: list[tuple[str, Any]] = [
    ("attendances", Attendances),
    ("labour-bookings", LabourBookings),
    ("skill-overrides", SkillOverrides),
    ("handovers", Handovers),
]
