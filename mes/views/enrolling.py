"""The page where a tablet becomes a device of the plant: a code from the office, typed or scanned."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from masterdata.access import PUBLIC, Guarded
from masterdata.errors import Refusal
from mes import services

COOKIE = "device"  # suite.shell.tablets reads it
A_YEAR = 365 * 24 * 60 * 60


class Enrol(Guarded):
    """With the code the tablet gets its token; from then on it needs no log-in, only the badge or PIN of who works."""

    permission = PUBLIC

    def get(self, request: HttpRequest) -> HttpResponseBase:
        return self.show(request, request.GET.get("code", ""))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        code = request.POST.get("code", "")
        try:
            uid = uuid.UUID(request.POST.get("uid", ""))
        except ValueError:
            uid = uuid.uuid4()
        try:
            device, token = services.enrol(code=code, uid=uid, now=timezone.now())
        except Refusal as refusal:
            return self.show(request, code, refusal.sentence, status=409)
        station = reverse("mes:station", args=[device.machine.code]) if device.machine else reverse("mes:tablet")
        answer = redirect(station)
        answer.set_cookie(COOKIE, token, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure())
        return answer

    def show(self, request: HttpRequest, code: str, sentence: str = "", status: int = 200) -> HttpResponse:
        """The page with its one field."""
        context = {"page_title": _("Make this a tablet of the plant"), "code": code, "sentence": sentence}
        return render(request, "mes/enrol.html", context, status=status)
