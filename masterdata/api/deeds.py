"""How an endpoint says what it does: the deed it demands, the body it takes, the answer it gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action

from masterdata.api.serializers import Body

Handler = Callable[..., Any]


class NoBody(Body):
    """A deed that needs nothing but its address: an empty body, or {}."""


def deed(
    permission: str,
    *,
    takes: type[Any] = NoBody,
    gives: type[Any] | None = None,
    on_one: bool = True,
    status: int = 200,
    needs_key: bool = True,
    path: str | None = None,
) -> Callable[[Handler], Any]:
    """A POST that does `permission` on one row (or on the collection).

    `gives` None: the viewset's own serializer. `needs_key` False: the deed carries an idempotent id of its own.
    """

    def declare(handler: Handler) -> Any:
        handler.permission = permission  # type: ignore[attr-defined]
        handler.needs_key = needs_key  # type: ignore[attr-defined]
        address = path or handler.__name__.replace("_", "-")
        routed: Any = action(detail=on_one, methods=["post"], url_path=address)(handler)
        routed.kwargs["takes"] = takes
        described: dict[str, Any] = {"request": None if takes is NoBody else takes}
        if gives is not None:
            described["responses"] = {status: gives}
        return extend_schema(**described)(routed)

    return declare


def asks(
    permission: str,
    *,
    gives: type[Any],
    takes: type[Any] = NoBody,
    on_one: bool = True,
    path: str | None = None,
) -> Callable[[Handler], Any]:
    """A POST that answers a question and writes no business rows: no key is needed."""
    return deed(permission, takes=takes, gives=gives, on_one=on_one, path=path, needs_key=False)


def part(permission: str, *, gives: Any, path: str | None = None) -> Callable[[Handler], Any]:
    """A GET of something that belongs to one row."""

    def declare(handler: Handler) -> Any:
        handler.permission = permission  # type: ignore[attr-defined]
        address = path or handler.__name__.replace("_", "-")
        routed: Any = action(detail=True, methods=["get"], url_path=address, filter_backends=[], pagination_class=None)
        return extend_schema(responses=gives)(routed(handler))

    return declare


def creates(permission: str, *, takes: type[Any], gives: type[Any]) -> Callable[[Handler], Any]:
    """The POST on a collection (`create`) that makes a row by a service of its own."""

    def declare(handler: Handler) -> Any:
        handler.permission = permission  # type: ignore[attr-defined]
        return extend_schema(request=takes, responses={201: gives})(handler)

    return declare


def changes(permission: str, *, takes: type[Any], gives: type[Any]) -> Callable[[Handler], Any]:
    """The PATCH on a row (`partial_update`) that changes it by a service of its own."""

    def declare(handler: Handler) -> Any:
        handler.permission = permission  # type: ignore[attr-defined]
        return extend_schema(request=takes, responses={200: gives})(handler)

    return declare
