"""What every template knows: navigation, plants, theme, address of the live stream."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from suite.shell.navigation import navigation

THEMES = ("light", "dark")


def shell(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "")
    return {
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "plants": getattr(request, "plants", []),
        "plant": getattr(request, "plant", None),
        "theme": theme if theme in THEMES else "",
        "is_folded": request.COOKIES.get("nav") == "folded",
        "live_url": reverse("suite:live"),
        "search_url": reverse("suite:search"),
    }
