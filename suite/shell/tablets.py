"""An enrolled tablet needs no log-in: its token opens the pages and the queue of the floor, as the plant's tablets."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from masterdata.models import User
from mes import services as mes

COOKIE = "device"
PLACES = (
    *("/tablet/", "/live/", "/floor/strip/", "/instructions/pictures/"),
    *("/api/v1/mes/sync/", "/api/v1/mes/photos/"),
)
"""Addresses that a tablet without a log-in opens; everything else asks for one."""


class TabletMiddleware:
    """`request.device` is the enrolled tablet that asks, and `request.user` its plant's, when nobody is logged in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.device = None  # type: ignore[attr-defined]
        token = request.COOKIES.get(COOKIE, "") if request.path.startswith(PLACES) else ""
        if token and (device := mes.device_by_token(token)) is not None:
            request.device = device  # type: ignore[attr-defined]
            if isinstance(device.user, User) and not request.user.is_authenticated:
                request.user = device.user
        return self.get_response(request)
