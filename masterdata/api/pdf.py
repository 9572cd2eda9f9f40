"""Documents over REST: a GET under a row that answers with a PDF."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata.api.endpoints import wrong_parameter
from masterdata.documents.printing import Pdf
from masterdata.models import Language

Handler = Callable[..., Any]


class PdfRenderer(BaseRenderer):
    """Hands bytes on; a refusal instead of a document stays JSON."""

    media_type, format, charset = "application/pdf", "pdf", None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if isinstance(data, bytes):
            return data
        found: Any = JSONRenderer().render(data)
        return bytes(found) if found else json.dumps(data).encode()


def pdf_part(permission: str, *, path: str = "pdf") -> Callable[[Handler], Any]:
    """A GET of a row's document; `language` asks for another language than the reader's."""

    def declare(handler: Handler) -> Any:
        handler.permission = permission  # type: ignore[attr-defined]
        routed: Any = action(
            detail=True,
            methods=["get"],
            url_path=path,
            filter_backends=[],
            pagination_class=None,
            renderer_classes=[PdfRenderer],
        )
        asked = OpenApiParameter("language", str, enum=Language.values)
        answer = {(200, "application/pdf"): OpenApiTypes.BINARY}
        return extend_schema(responses=answer, parameters=[asked])(routed(handler))

    return declare


def language_of(request: Request) -> str:
    """The language asked for; raises a problem for one that documents do not speak."""
    asked = request.query_params.get("language", "")
    if asked and asked not in Language.values:
        raise wrong_parameter("language", f"There is no {asked}. Choose from: {', '.join(Language.values)}.")
    return str(asked)


def pdf_answer(pdf: Pdf) -> Response:
    """The document with its file name."""
    headers = {"Content-Disposition": f"inline; filename*=UTF-8''{quote(pdf.file_name)}"}
    return Response(pdf.content, headers=headers, content_type="application/pdf")
