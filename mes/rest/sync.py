"""What tablets send: their queue, photos, and what waits for the shift lead, over REST."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata import facts
from masterdata.access import visible_to
from masterdata.api.deeds import deed
from masterdata.api.endpoints import Endpoint
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Amount, Body, Moment, Row, Visible
from masterdata.models import Employee, Machine, Plant, ReasonCode
from mes import services
from mes.models import Device, EventPhoto, ExecutionEvent, Quarantine
from mes.services import devices, reading
from mes.services.log import batch
from mes.services.log.rewording import Right


class SyncBody(Body):
    """What a device sends together. `device` is its own id, `sent_at` the time of its own clock, `oldest` the lowest
    number that it still holds, `queue` how many it holds beside these. Each of the `events` (at most 100, in the order
    of `seq`): `id` (UUIDv7), `seq`, `kind`, `at` (its own clock), and what its kind needs of `operation`, `machine`,
    `operator`, `good`, `scrap`, `rework`, `reason`, `lot`, `payload`; `is_online` when somebody waits for the answer.
    """

    device = serializers.UUIDField()
    name = serializers.CharField(max_length=80, default="", allow_blank=True)
    plant = Visible(queryset=Plant.objects.all())
    sent_at = Moment()
    oldest = serializers.IntegerField(min_value=1, required=False, allow_null=True)
    queue = serializers.IntegerField(min_value=0, max_value=10**6, default=0)
    app = serializers.CharField(max_length=40, default="", allow_blank=True)
    events = serializers.ListField(child=serializers.DictField(), max_length=batch.MOST_EVENTS)


class SyncAnswer(serializers.Serializer):
    """What became of an event: applied, replay (it was before), quarantined (kept for the shift lead), rejected."""

    id = serializers.CharField()
    status = serializers.ChoiceField(choices=["applied", "replay", "quarantined", "rejected"])
    code = serializers.CharField()
    sentence = serializers.CharField()
    values = serializers.DictField()


class SyncAnswers(serializers.Serializer):
    """`offset_ms`: what is added to the device's time to get the server's."""

    now = serializers.DateTimeField()
    offset_ms = serializers.IntegerField()
    answers = SyncAnswer(many=True)


class Sync(Endpoint):
    """A device empties its queue: each event is done once, by itself."""

    permissions = {"post": "mes.report_operation"}
    keyless = frozenset({"post"})

    def _wrapped(self, handler: Callable[..., Response]) -> Callable[..., Response]:
        """Each event is a transaction of its own: one that can't be holds nobody up."""

        def whole(request: Request, *args: Any, **kwargs: Any) -> Response:
            with facts.acting(self.caller(), ""):
                return handler(request, *args, **kwargs)

        return whole

    @extend_schema(request=SyncBody, responses={200: SyncAnswers})
    def post(self, request: Request) -> Response:
        """Take what was said on the floor, in its order."""
        given, now = self.taken(SyncBody), timezone.now()
        device = services.browser(uid=given["device"], name=given["name"], plant_id=given["plant"].pk)
        said = reading.read_events(device=device, rows=given["events"], by_id=self.caller().pk)
        offset_ms, answers = services.take_batch(
            device=device,
            said=[one for one in said if not isinstance(one, reading.Unreadable)],
            sent_at=given["sent_at"],
            now=now,
            oldest=given.get("oldest"),
            waiting=given["queue"],
            version=given["app"],
            unreadable=[one.number for one in said if isinstance(one, reading.Unreadable) and one.number],
        )
        found = iter(answers)
        rows = [
            _answer(one.id, "rejected", "unreadable", one.sentence, {})
            if isinstance(one, reading.Unreadable)
            else _said(str(one.event.event_id), next(found))
            for one in said
        ]
        return Response({"now": now, "offset_ms": offset_ms, "answers": rows})


def _said(event_id: str, answer: services.log.Answer) -> dict[str, Any]:
    return _answer(event_id, answer.status, answer.code, answer.sentence, answer.values)


def _answer(event_id: str, status: str, code: str, sentence: str, values: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: str(value) for name, value in values.items()}
    return {"id": event_id, "status": status, "code": code, "sentence": sentence, "values": said}


class PhotoBody(Body):
    """`id` is made by the device: the same photo again stays one."""

    id = serializers.UUIDField()
    plant = Visible(queryset=Plant.objects.all())
    photo = serializers.FileField()


class PhotoRow(Row):
    class Meta:
        model = EventPhoto
        fields = ("id", "plant", "content_type", "sha256", "received_at")


class Photos(Endpoint):
    """Photos that events name."""

    permissions = {"post": "mes.report_operation"}
    keyless = frozenset({"post"})
    parser_classes = [MultiPartParser]
    reads_body = False

    @extend_schema(request=PhotoBody, responses={201: PhotoRow})
    def post(self, request: Request) -> Response:
        """Keep a photo (JPEG, PNG or WebP, at most 4 MB)."""
        given = self.taken(PhotoBody)
        content = given["photo"].read(devices.MOST_PHOTO_BYTES + 1)
        photo = services.keep_photo(photo_id=given["id"], content=content, plant_id=given["plant"].pk)
        return Response(PhotoRow(photo).data, status=201)


class Photo(Endpoint):
    """One photo."""

    permissions = {"get": "mes.view_floor"}

    @extend_schema(responses={(200, "image/*"): bytes})
    def get(self, request: Request, pk: uuid.UUID) -> HttpResponse:
        """The picture as it was taken."""
        rows = visible_to(request.user, EventPhoto.objects.all(), "mes.view_floor")
        photo = get_object_or_404(rows, pk=pk)
        answer = HttpResponse(bytes(photo.content), content_type=photo.content_type)
        answer["Content-Disposition"] = "inline"
        return answer


class EventRow(Row):
    """An event of the log; `quarantine` is there when it was kept back."""

    class Meta:
        model = ExecutionEvent
        fields = (
            *("id", "kind", "plant", "operation", "machine", "operator", "device", "device_seq", "good_qty"),
            *("scrap_qty", "rework_qty", "reason", "lot_number", "payload", "corrects", "happened_at", "corrected_at"),
            "received_at",
        )


class CorrectionBody(Body):
    """`id` is made by the sender; `reason` says why the event is taken back."""

    id = serializers.UUIDField()
    reason = serializers.CharField(max_length=200)


class Events(ReadableRows):
    """The log of the floor."""

    lookup_value_regex = "[0-9a-f-]{36}"
    queryset = ExecutionEvent.objects.all()
    serializer_class = EventRow
    view_deed = "mes.view_floor"
    filterset_fields: Any = ("kind", "operation", "machine", "operator", "device", "plant")

    @deed("mes.correct_event", takes=CorrectionBody, gives=EventRow, needs_key=False)
    def correct(self, request: Request, pk: str) -> Response:
        """Take it back, with all that followed from it."""
        event, given = self.get_object(), self.taken()
        row = services.correct(
            event_id=event.pk, by=self.caller(), reason=given["reason"], now=timezone.now(), correction_id=given["id"]
        )
        return self.shown(EventRow, row)


class QuarantineRow(Row):
    class Meta:
        model = Quarantine
        fields = (
            "id", "event", "plant", "code", "sentence", "state", "since_at", "decided_by", "decided_at", "note",
            "replaced_by",
        )  # fmt: skip


class DecisionBody(Body):
    note = serializers.CharField(max_length=400, default="", allow_blank=True)


class RightBody(Body):
    """What is right of the event; what is left out is as it was told. `note` says what was wrong."""

    note = serializers.CharField(max_length=200)
    happened_at = Moment(required=False)
    operator = Visible(queryset=Employee.objects.filter(is_active=True), required=False)
    good = Amount(min_value=0, required=False)
    scrap = Amount(min_value=0, required=False)
    rework = Amount(min_value=0, required=False)
    reason = Visible(queryset=ReasonCode.objects.filter(kind="scrap"), required=False)


class Quarantined(ReadableRows):
    """Events that are kept and wait for the shift lead."""

    queryset = Quarantine.objects.all()
    serializer_class = QuarantineRow
    view_deed = "mes.view_floor"
    filterset_fields: Any = ("plant", "state", "code")

    @deed("mes.decide_quarantine", takes=DecisionBody, gives=QuarantineRow)
    def accept(self, request: Request, pk: str) -> Response:
        """It counts after all."""
        row = services.accept_quarantined(
            quarantine_id=self.get_object().pk, by=self.caller(), now=timezone.now(), note=self.taken()["note"]
        )
        return self.shown(QuarantineRow, row)

    @deed("mes.decide_quarantine", takes=RightBody, gives=QuarantineRow)
    def correct(self, request: Request, pk: str) -> Response:
        """Say it right: a new event counts instead, and the kept one stays in the log."""
        given = self.taken(RightBody)
        right = Right(
            happened_at=given.get("happened_at"),
            operator_id=given["operator"].pk if "operator" in given else None,
            good_qty=given.get("good"),
            scrap_qty=given.get("scrap"),
            rework_qty=given.get("rework"),
            reason_id=given["reason"].pk if "reason" in given else None,
        )
        row = services.correct_quarantined(
            quarantine_id=self.get_object().pk, right=right, note=given["note"], by=self.caller(), now=timezone.now()
        )
        return self.shown(QuarantineRow, row)

    @deed("mes.decide_quarantine", takes=DecisionBody, gives=QuarantineRow)
    def dismiss(self, request: Request, pk: str) -> Response:
        """It never counts; say why."""
        row = services.dismiss_quarantined(
            quarantine_id=self.get_object().pk, by=self.caller(), note=self.taken()["note"], now=timezone.now()
        )
        return self.shown(QuarantineRow, row)


class DeviceRow(Row):
    class Meta:
        model = Device
        fields = (
            *("id", "uid", "name", "plant", "machine", "enrolled_at", "revoked_at", "last_seen_at", "clock_offset_ms"),
            *("queue_length", "app_version"),
        )


class EnrolmentBody(Body):
    """The tablet's name, such as the machine that it hangs at."""

    name = serializers.CharField(max_length=80)
    plant = Visible(queryset=Plant.objects.all())
    machine = Visible(queryset=Machine.objects.filter(is_active=True), required=False, allow_null=True)


class EnrolmentRow(serializers.Serializer):
    """The code is told once; it makes one tablet a device of the plant."""

    code = serializers.CharField()
    name = serializers.CharField()
    expires_at = serializers.DateTimeField()


class Devices(ReadableRows):
    """Tablets and browsers that report."""

    queryset = Device.objects.all()
    serializer_class = DeviceRow
    view_deed = "mes.view_floor"
    filterset_fields: Any = ("plant", "machine")

    @deed("mes.manage_device", takes=EnrolmentBody, gives=EnrolmentRow, on_one=False, status=201)
    def offer_enrolment(self, request: Request) -> Response:
        """A code of eight digits to type at the tablet, good for a quarter of an hour."""
        row, code = services.offer_enrolment(**self.taken(), by=self.caller(), now=timezone.now())
        found = {"code": code, "name": row.name, "expires_at": row.expires_at}
        return self.shown(EnrolmentRow, found, status=201)

    @deed("mes.manage_device", gives=DeviceRow)
    def revoke(self, request: Request, pk: str) -> Response:
        """Lost or retired: it reports nothing any more."""
        return self.shown(DeviceRow, services.revoke_device(device_id=self.get_object().pk, now=timezone.now()))


VIEWSETS: list[tuple[str, Any]] = [("events", Events), ("quarantine", Quarantined), ("devices", Devices)]
