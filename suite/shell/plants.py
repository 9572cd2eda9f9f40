"""The plant switch: which plants a person may see, which one is chosen, and its time zone for the page."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from masterdata.access import SIGNED_IN, requires, scope_of
from masterdata.models import Plant, User


def plants_of(user: Any) -> list[Plant]:
    """The plants in which the user has any role."""
    ids = scope_of(user).plants
    return list(Plant.objects.filter(pk__in=ids)) if ids else []


class PlantMiddleware:
    """Sets `request.plants`, `request.plant` (None: all) and the time zone that the page's times are in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_page = not request.path.startswith(("/api/", "/healthz", "/readyz", "/static/"))
        plants = plants_of(request.user) if is_page else []
        chosen = next((plant for plant in plants if plant.pk == getattr(request.user, "plant_id", None)), None)
        if len(plants) == 1:
            chosen = plants[0]
        request.plants = plants  # type: ignore[attr-defined]
        request.plant = chosen  # type: ignore[attr-defined]
        zone = chosen or (plants[0] if plants else None)
        if zone is None:
            return self.get_response(request)
        with timezone.override(zoneinfo.ZoneInfo(zone.time_zone)):
            return self.get_response(request)


@requires(SIGNED_IN)
@require_POST
def choose_plant(request: HttpRequest) -> HttpResponse:
    """Remember the plant; one that the user may not see changes nothing."""
    wish = request.POST.get("plant", "")
    chosen = next((plant for plant in plants_of(request.user) if str(plant.pk) == wish), None)
    if chosen is not None or wish == "":
        User.objects.filter(username=request.user.get_username()).update(plant=chosen)
    return redirect(back(request))


def back(request: HttpRequest) -> str:
    """The page the form came from, if it is one of ours."""
    url = request.POST.get("next", "")
    return url if url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure()) else "/"
