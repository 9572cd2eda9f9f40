"""Addresses that hold what no text can: refused before anything looks them up."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


class PlainTextMiddleware:
    """A NUL in a parameter of a page answers 400; the database could not even be asked for it. REST says so itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") and not request.path.startswith("/api/"):
            return render(request, "400.html", {"page_title": _("That address is broken")}, status=400)
        return self.get_response(request)
