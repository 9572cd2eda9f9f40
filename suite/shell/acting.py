"""Who does what a page does: facts that are stated while a form is taken name the person and the request."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from masterdata import facts
from masterdata.models import User

READING = ("GET", "HEAD", "OPTIONS", "TRACE")


class ActingMiddleware:
    """Pages' counterpart of what a REST endpoint does for itself. Reading states no facts and is left alone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in READING or not isinstance(request.user, User):
            return self.get_response(request)
        request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        with facts.acting(request.user, request_id):
            return self.get_response(request)
