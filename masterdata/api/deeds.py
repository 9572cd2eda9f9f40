"""How an endpoint says what it does: the deed it demands, the body it takes, the answer it gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.serializers import BaseSerializer

from masterdata.api.serializers import Body

F = TypeVar("F", bound=Callable[..., Any])


class NoBody(Body):
    """A deed that needs nothing but its address: an empty body, or {}."""


def deed(
    permission: str,
    *,
    takes: type[BaseSerializer] = NoBody,
    gives: type[BaseSerializer] | None = None,
    on_one: bool = True,
    status: int = 200,
    needs_key: bool = True,
    path: str | None = None,
) -> Callable[[F], F]:
    """A POST that does `permission` (on one row, or on the collection).

    `gives` None: the viewset's own serializer. `needs_key` False: the deed carries an idempotent id of its own.
    """

    def declare(handler: F) -> F:
        handler.permission = permission  # type: ignore[attr-defined]
        handler.needs_key = needs_key  # type: ignore[attr-defined]
        extra = action(detail=on_one, methods=["post"], url_path=path or handler.__name__.replace("_", "-"))(handler)
        extra.kwargs["takes"] = takes
        answers = {status: gives} if gives else None
        request = None if takes is NoBody else takes
        return extend_schema(request=request, responses=answers)(extra) if answers else _same_row(extra, request)

    return declare


def asks(
    permission: str,
    *,
    gives: type[BaseSerializer],
    takes: type[BaseSerializer] = NoBody,
    on_one: bool = True,
    path: str | None = None,
) -> Callable[[F], F]:
    """A POST that answers a question and writes no business rows: no key is needed."""
    return deed(permission, takes=takes, gives=gives, on_one=on_one, path=path, needs_key=False)


def _same_row(handler: F, request: Any) -> F:
    return extend_schema(request=request)(handler)
