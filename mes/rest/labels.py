"""Labels over REST: ZPL for label printers as plain text, or PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata.api.endpoints import Endpoint
from masterdata.api.pdf import PdfRenderer, pdf_answer
from masterdata.api.serializers import Body
from masterdata.errors import InvalidInput, NotAllowed
from mes import letters
from mes.selectors import labels
from mes.zpl import SIZES, Tag, zpl


class ZplRenderer(BaseRenderer):
    """Hands text on; a refusal stays JSON."""

    media_type, format, charset = "text/plain", "txt", "utf-8"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return data.encode() if isinstance(data, str) else bytes(JSONRenderer().render(data))


class LabelsBody(Body):
    """Which things, by their ids, how many of each, and for which roll."""

    kind = serializers.ChoiceField(choices=list(labels.KINDS))
    ids = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=500)
    copies = serializers.IntegerField(min_value=1, max_value=50, default=1)
    size = serializers.ChoiceField(choices=list(SIZES), default="roll")


class _Labels(Endpoint):
    def tags(self, request: Request) -> tuple[dict[str, Any], labels.Kind, list[Tag]]:
        """What was asked, and the labels. Raises NotAllowed, InvalidInput."""
        given = self.taken(LabelsBody)
        kind = labels.KINDS[given["kind"]]
        if kind not in labels.kinds_for(request.user):
            raise NotAllowed("You lack the right to see what these labels are for.", deed=kind.permission)
        tags = labels.tags_of(kind, request.user, given["ids"])
        if len(tags) < len(set(given["ids"])):
            raise InvalidInput("Some of the ids are unknown. Ask for the list again.", field="ids")
        return given, kind, tags


class LabelsPdf(_Labels):
    """Labels to print on any printer."""

    permissions = {"post": labels.PRINT}
    keyless = frozenset({"post"})
    renderer_classes = [PdfRenderer]

    @extend_schema(request=LabelsBody, responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def post(self, request: Request) -> Response:
        """A PDF with a label on each page. It writes nothing."""
        given, kind, tags = self.tags(request)
        return pdf_answer(letters.labels(str(kind.word), tags, size=given["size"], copies=given["copies"]))


class LabelsZpl(_Labels):
    """Labels for a label printer."""

    permissions = {"post": labels.PRINT}
    keyless = frozenset({"post"})
    renderer_classes = [ZplRenderer, JSONRenderer]

    @extend_schema(request=LabelsBody, responses={(200, "text/plain"): OpenApiTypes.STR})
    def post(self, request: Request) -> Response:
        """ZPL II as plain text: send it to the printer's port as it is. It writes nothing."""
        given, _kind, tags = self.tags(request)
        return Response(zpl(tags, size=given["size"], copies=given["copies"]), content_type="text/plain; charset=utf-8")
