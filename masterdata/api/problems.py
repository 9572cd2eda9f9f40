"""Whatever goes wrong is answered as problem details (RFC 9457), never with internals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.exceptions import ValidationError as ModelInvalid
from django.core.signals import got_request_exception
from django.db import DataError, OperationalError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response

from masterdata.errors import NotAllowed, Refusal
from masterdata.records import invalid_input

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "Malformed request",
    401: "Not logged in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Refused",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Unsupported media type",
    422: "Key used for something else",
    428: "Version missing",
    429: "Too many requests",
    500: "Internal error",
    503: "Busy",
}


class IdempotencyKeyMissing(Refusal):
    """A key must name each deed, so that sending it twice does it once."""

    code = "idempotency_key_missing"
    status = 400


class KeyReused(Refusal):
    """The idempotency key was used for another request."""

    code = "key_reused"
    status = 422


class VersionMissing(Refusal):
    """A change must say which version it changes."""

    code = "version_missing"
    status = 428


def problem(
    code: int, sentence: str, *, kind: str = "", errors: list[dict[str, str]] | None = None, **more: Any
) -> Response:
    """An answer in problem details. `kind` is the stable code of the problem."""
    kind = kind or TITLES.get(code, "error").lower().replace(" ", "_")
    body: dict[str, Any] = {
        "type": f"urn:throughline:problem:{kind}",
        "title": TITLES.get(code, "Error"),
        "status": code,
        "code": kind,
        "detail": sentence,
    }
    if errors:
        body["errors"] = errors
    return Response(body | more, status=code, content_type=CONTENT_TYPE)


def answer(exc: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's exception handler: every exception becomes a problem; only the unforeseen is logged."""
    if isinstance(exc, Refusal):
        return refusal(exc, getattr(context.get("view"), "taken_as", None))
    for kinds, say in _KNOWN:
        if isinstance(exc, kinds):
            return say(exc)
    if isinstance(exc, OperationalError) and _is_contention(exc):
        return _busy()
    return _crash(exc, context)


def not_found() -> Response:
    """One body for what never was and for what belongs to somebody else."""
    return problem(404, "There is nothing here that you may see.")


def refusal(exc: Refusal, body: Any = None) -> Response:
    """A refusal as an answer: its sentence, code and values, the field as the `body` (a serializer) calls it."""
    values = dict(exc.values)
    errors = values.pop("errors", None)
    if errors is None and exc.field:
        errors = [{"field": as_sent(exc.field, body), "code": exc.code, "detail": exc.sentence}]
    more = {"values": plain(values)} if values else {}
    return problem(exc.status, exc.sentence, kind=exc.code, errors=errors, **more)


def as_sent(field: str, body: Any) -> str:
    """A field of a service as the sender of the body knows it: "material_id" is its `material`, "lines.0.debit" what
    the body of the lines says by `called`."""
    said = []
    for part in field.split("."):
        names = getattr(body, "_declared_fields", {})
        name = part
        if not part.isdecimal():
            brief = part.removesuffix("_id")
            name = getattr(body, "called", {}).get(part) or (brief if part not in names and brief in names else part)
            inside = names.get(name)
            body = getattr(inside, "child", inside)
        said.append(name)
    return ".".join(said)


def plain(value: Any) -> Any:
    """Values as JSON carries them: numbers that count as strings, everything unknown as its text."""
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _malformed_fields(exc: exceptions.ValidationError) -> Response:
    return problem(400, "Some fields are not as expected.", kind="invalid_input", errors=list(_errors(exc.detail)))


def _api_exception(exc: exceptions.APIException) -> Response:
    kinds = {401: "not_logged_in", 403: "not_allowed"}
    response = problem(exc.status_code, str(exc.detail), kind=kinds.get(exc.status_code, ""))
    if header := getattr(exc, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(exc, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def _busy() -> Response:
    response = problem(503, "Others work on the same rows. Send it again in a moment.", kind="busy")
    response["Retry-After"] = "1"
    return response


def _errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested findings as a flat list: field "lines.0.quantity", code, sentence."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _errors(inner, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            is_leaf = isinstance(inner, exceptions.ErrorDetail)
            yield from _errors(inner, path if is_leaf else f"{path}.{number}".lstrip("."))
    else:
        yield {"field": path, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}


def _is_contention(exc: OperationalError) -> bool:
    """Lock timeout, deadlock, serialisation failure or statement timeout, by PostgreSQL's code."""
    return getattr(exc.__cause__, "sqlstate", "") in {"55P03", "40P01", "40001", "57014"}


def _crash(exc: Exception, context: Mapping[str, Any]) -> Response:
    request = context.get("request")
    log.error("request_crashed", exc_info=exc)
    got_request_exception.send(sender=type(context.get("view")), request=getattr(request, "_request", None))
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    sentence = "Something broke on our side and has been logged. Nothing was changed."
    return problem(status.HTTP_500_INTERNAL_SERVER_ERROR, sentence, request_id=str(request_id))


_KNOWN: list[tuple[Any, Callable[[Any], Response]]] = [
    ((Http404, exceptions.NotFound), lambda _exc: not_found()),
    (PermissionDenied, lambda _exc: refusal(NotAllowed("You lack the right for this."))),
    (exceptions.ValidationError, _malformed_fields),
    (exceptions.ParseError, lambda _exc: problem(400, "The body is not valid JSON.", kind="malformed")),
    (exceptions.APIException, _api_exception),
    (ModelInvalid, lambda exc: refusal(invalid_input(exc))),
    (RecursionError, lambda _exc: problem(400, "The body is nested too deeply.", kind="malformed")),
    (RequestDataTooBig, lambda _exc: problem(413, "The body is larger than this endpoint takes.")),
    (DataError, lambda _exc: problem(400, "A value is larger than its column holds.", kind="out_of_range")),
]
