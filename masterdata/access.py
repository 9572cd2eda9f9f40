"""Who may do what: the permission that a page demands, and what a person without it gets."""

from __future__ import annotations

import re
from abc import ABC
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, get_urlconf, resolve
from django.views import View

from masterdata.models import User
from masterdata.rights import demand as demand
from masterdata.rights import scope_of as scope_of
from masterdata.rights import visible_to as visible_to

PUBLIC = "public"  # anybody, without a log-in: the log-in page itself, health checks
SIGNED_IN = "signed-in"  # whoever has logged in, whatever the role

_NUMBER = re.compile(r"(?<=/)\d+(?=/|$)")  # whichever row it is, its page is the same

type_of_view = Callable[..., HttpResponseBase]


def may(user: Any, permission: str) -> bool:
    """Whether the user may open a page that demands `permission`."""
    if permission == PUBLIC:
        return True
    if not user.is_authenticated:
        return False
    return permission == SIGNED_IN or bool(user.has_perm(permission))


def person(request: Any) -> User | None:
    """Who does it: whoever is signed in."""
    return request.user if isinstance(request.user, User) else None


def opens(user: Any, url: str) -> bool:
    """Whether the page at an address of ours is one that the user may open; what the page shows is its own business."""
    permission = _permission_at(_NUMBER.sub("0", urlsplit(url).path), get_urlconf() or settings.ROOT_URLCONF)
    return permission is not None and may(user, permission)


@lru_cache(maxsize=4096)
def _permission_at(path: str, urlconf: str) -> str | None:
    """What the page at a path demands, None where there is none; a list asks for the same page of a thousand rows."""
    try:
        view = resolve(path, urlconf).func
    except Resolver404:
        return None
    return str(getattr(view, "permission", SIGNED_IN))


def refuse_without(request: HttpRequest, permission: str) -> HttpResponse | None:
    """The log-in page for strangers, 403 for people without the right, nothing when all is well."""
    if may(request.user, permission):
        return None
    if request.user.is_authenticated:
        raise PermissionDenied(permission)
    answer = redirect_to_login(request.get_full_path())
    if "HX-Request" in request.headers:
        return HttpResponse(status=204, headers={"HX-Redirect": answer.url})
    return answer


def requires(permission: str) -> Callable[[type_of_view], type_of_view]:
    """Declare the permission of a function view; without a declaration the start-up check fails."""

    def declare(view: type_of_view) -> type_of_view:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return refuse_without(request, permission) or view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return declare


class Guarded(View, ABC):
    """A class view whose class names its permission; the view function carries it too, for the start-up check."""

    permission: ClassVar[str] = ""

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Callable[..., HttpResponseBase]:
        if not (initkwargs.get("permission") or cls.permission):
            raise ImproperlyConfigured(f"{cls.__name__} declares no permission")
        view = super().as_view(**initkwargs)
        view.permission = initkwargs.get("permission") or cls.permission  # type: ignore[attr-defined]
        return view

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return refuse_without(request, self.permission) or super().dispatch(request, *args, **kwargs)
