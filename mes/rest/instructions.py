"""Work instructions and part drawings over REST: read, write, mark, release."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata.access import person
from masterdata.api.deeds import changes, creates, deed
from masterdata.api.rows import ReadableRows
from masterdata.api.serializers import Body, Row, Visible
from masterdata.errors import InvalidInput
from masterdata.models import Material, RoutingOperation
from mes import selectors, services
from mes.models import InstructionStep, PartFeature, PartShape, PictureMark, WorkInstruction
from mes.services.instructions import MarkInput
from mes.services.parts import FeatureInput, ShapeInput

SEE, WRITE = "mes.view_instructions", "mes.write_instructions"


class MarkRow(Row):
    class Meta:
        model = PictureMark
        fields = ("number", "x_percent", "y_percent", "text", "characteristic_id")


class StepRow(Row):
    """`picture` is the id of one at /instructions/pictures/; `shows_drawing`: the variant's drawing instead."""

    marks = MarkRow(many=True)

    class Meta:
        model = InstructionStep
        fields = ("id", "step_no", "title", "text", "picture", "shows_drawing", "marks")


class InstructionRow(Row):
    steps = StepRow(many=True, read_only=True)
    material = serializers.CharField(source="operation.routing.material.code")
    plant = serializers.CharField(source="operation.routing.plant.code")
    sequence = serializers.IntegerField(source="operation.sequence")
    operation_name = serializers.CharField(source="operation.name")

    class Meta:
        model = WorkInstruction
        fields = (
            "id", "operation", "material", "plant", "sequence", "operation_name", "version_no", "state", "note",
            "made_at", "released_at", "retired_at", "version", "steps",
        )  # fmt: skip


class NewInstructionBody(Body):
    operation = Visible(queryset=RoutingOperation.objects.filter(routing__state="frozen"))


class ReleaseInstructionBody(Body):
    """What is new, and why."""

    note = serializers.CharField(max_length=400, default="", allow_blank=True)


class StepBody(Body):
    """A step; with `step` that one is changed. `picture_base64` is a PNG, JPEG or SVG of at most 5 MB."""

    step = serializers.IntegerField(required=False)
    title = serializers.CharField(max_length=120)
    text = serializers.CharField(max_length=4000, default="", allow_blank=True)
    shows_drawing = serializers.BooleanField(default=False)
    picture_name = serializers.CharField(max_length=120, default="picture")
    picture_base64 = serializers.CharField(required=False, max_length=8_000_000)


class MarkBody(Body):
    number = serializers.IntegerField(min_value=1, max_value=99)
    x_percent = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)
    y_percent = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100)
    text = serializers.CharField(max_length=200, default="", allow_blank=True)
    characteristic_id = serializers.IntegerField(required=False, allow_null=True, min_value=1)


class MarksBody(Body):
    """All marks of a step, in place of those before."""

    step = serializers.IntegerField()
    marks = MarkBody(many=True)


class Instructions(ReadableRows):
    """Work instructions per routing operation: a draft is written, then released and never changed."""

    queryset = WorkInstruction.objects.select_related(
        "operation__routing__material", "operation__routing__plant"
    ).prefetch_related("steps__marks")
    serializer_class = InstructionRow
    view_deed = SEE
    filterset_fields: Any = (
        "operation", "operation__routing__material", "operation__routing__material__code", "operation__sequence",
        "state",
    )  # fmt: skip

    @creates(WRITE, takes=NewInstructionBody, gives=InstructionRow)
    def create(self, request: Request) -> Response:
        """A draft: a copy of the operation's latest version, else empty."""
        operation = self.taken(NewInstructionBody)["operation"]
        row = services.write_instruction(operation_id=operation.pk, now=timezone.now(), by=person(request))
        return self.answer(row, status=201)

    @deed(WRITE, takes=StepBody)
    def write_step(self, request: Request, pk: str) -> Response:
        """Add a step at the end of a draft, or change one."""
        row, given = self.get_object(), self.taken()
        services.write_step(
            instruction_id=row.pk, step_id=self._step(row, given), title=given["title"], text=given["text"],
            shows_drawing=given["shows_drawing"], picture=_picture(given),
        )  # fmt: skip
        return self.answer(row)

    @deed(WRITE, takes=MarksBody)
    def mark(self, request: Request, pk: str) -> Response:
        """Set the marks of a step's picture or drawing."""
        row, given = self.get_object(), self.taken()
        marks = [MarkInput(**one) for one in given["marks"]]
        services.mark_picture(instruction_id=row.pk, step_id=self._step(row, given) or 0, marks=marks)
        return self.answer(row)

    @deed(WRITE, takes=ReleaseInstructionBody)
    def release(self, request: Request, pk: str) -> Response:
        """From now on it holds; the version before is retired."""
        row = self.get_object()
        services.release_instruction(
            instruction_id=row.pk, note=self.taken()["note"], now=timezone.now(), by=person(request),
            expected_version=self.expected_version(),
        )  # fmt: skip
        return self.answer(row)

    def _step(self, row: WorkInstruction, given: dict[str, Any]) -> int | None:
        step_id: int | None = given.get("step")
        if step_id is not None and not row.steps.filter(pk=step_id).exists():
            raise InvalidInput("The instruction has no such step.", field="step")
        return step_id


def _picture(given: dict[str, Any]) -> tuple[str, bytes] | None:
    if "picture_base64" not in given:
        return None
    try:
        return given["picture_name"], base64.b64decode(given["picture_base64"], validate=True)
    except (binascii.Error, ValueError):
        raise InvalidInput("The picture is not base64.", field="picture_base64") from None


def _mm(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=8, decimal_places=2, **more)


class PartFeatureRow(Row):
    class Meta:
        model = PartFeature
        fields = (
            "kind", "x_mm", "y_mm", "width_mm", "depth_mm", "count", "pitch_mm", "length_mm", "is_upright"
        )  # fmt: skip


class PartShapeRow(Row):
    """`svg` is the drawing that follows from the figures."""

    features = PartFeatureRow(many=True)
    svg = serializers.SerializerMethodField()
    material_code = serializers.CharField(source="material.code")

    class Meta:
        model = PartShape
        fields = (
            "id", "material", "material_code", "length_mm", "width_mm", "thickness_mm", "grain", "edge_front_mm",
            "edge_back_mm", "edge_left_mm", "edge_right_mm", "version", "features", "svg",
        )  # fmt: skip

    def get_svg(self, row: PartShape) -> str:
        return str(selectors.drawing_of(row.material_id))


class PartFeatureBody(Body):
    kind = serializers.ChoiceField(choices=PartFeature.Kind.choices)
    x_mm, y_mm, width_mm, depth_mm = _mm(min_value=0), _mm(min_value=0), _mm(min_value=0), _mm(min_value=0)
    count = serializers.IntegerField(min_value=1, max_value=400, default=1)
    pitch_mm, length_mm = _mm(min_value=0, default=0), _mm(min_value=0, default=0)
    is_upright = serializers.BooleanField(default=False)


class PartShapeBody(Body):
    """The whole shape, in place of the one before."""

    length_mm, width_mm, thickness_mm = _mm(), _mm(), _mm()
    grain = serializers.ChoiceField(choices=PartShape.Grain.choices, default="", allow_blank=True)
    edge_front_mm, edge_back_mm = _mm(default=0, min_value=0), _mm(default=0, min_value=0)
    edge_left_mm, edge_right_mm = _mm(default=0, min_value=0), _mm(default=0, min_value=0)
    features = PartFeatureBody(many=True, default=list)


class NewPartShapeBody(PartShapeBody):
    material = Visible(queryset=Material.objects.all())


class PartShapes(ReadableRows):
    """Dimensions, edges, holes and grooves of parts, with their drawings."""

    queryset = PartShape.objects.select_related("material").prefetch_related("features")
    serializer_class = PartShapeRow
    view_deed = SEE
    filterset_fields: Any = ("material", "material__code")

    @creates(WRITE, takes=NewPartShapeBody, gives=PartShapeRow)
    def create(self, request: Request) -> Response:
        """The shape of a material that has none yet, or a new one in place of it."""
        given = dict(self.taken(NewPartShapeBody))
        material = given.pop("material")
        return self.answer(services.write_shape(material_id=material.pk, shape=_shape(given)), status=201)

    @changes(WRITE, takes=PartShapeBody, gives=PartShapeRow)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Another shape, whole."""
        row, given = self.get_object(), dict(self.taken(PartShapeBody))
        version = self.expected_version()
        return self.answer(
            services.write_shape(material_id=row.material_id, shape=_shape(given), expected_version=version)
        )


def _shape(given: dict[str, Any]) -> ShapeInput:
    features = [FeatureInput(**one) for one in given.pop("features")]
    return ShapeInput(features=features, **given)


VIEWSETS: list[tuple[str, Any]] = [("instructions", Instructions), ("part-shapes", PartShapes)]
