"""The description of the interface (OpenAPI), its page, and the answer for addresses that lead nowhere."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata.access import SIGNED_IN, requires
from masterdata.api.endpoints import Endpoint


class Description(Endpoint, SpectacularAPIView):
    """The whole interface in OpenAPI 3."""

    permissions = {"get": SIGNED_IN}
    http_method_names = ["get", "head"]
    renderer_classes = [OpenApiJsonRenderer, JSONRenderer]


# Swagger UI sets style attributes while it draws; this page shows nothing that anybody has typed.
@csp_update({"style-src": ["'self'", "'unsafe-inline'"]})
@requires(SIGNED_IN)
def documentation(request: HttpRequest) -> HttpResponse:
    """The description to read and try, with the reader's own session."""
    return render(request, "suite/api_docs.html")


class Nothing(Endpoint):
    """An address that leads nowhere: the same answer as a row that is not there."""

    permissions = dict.fromkeys(("get", "post", "patch", "delete"), SIGNED_IN)
    schema = None

    def nothing(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise Http404

    get = post = patch = delete = extend_schema(exclude=True)(nothing)
    keyless = frozenset({"post"})
