"""A request sent twice has one effect: its key goes in first, in the deed's transaction; the twin gets the answer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

from django.db import OperationalError, transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from masterdata import statements
from masterdata.api.problems import IdempotencyKeyMissing, KeyReused
from masterdata.errors import InvalidInput
from masterdata.models import IdempotencyKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
TRIES = 5
SHAPE = re.compile(r"[\x21-\x7e]{1,120}")
KEPT_HEADERS = ("ETag", "Location")
# Waits while a twin is at work; gives no row when the twin has done it.
_PUT_IN = """
    INSERT INTO masterdata_idempotencykey (user_id, key, fingerprint, created_at) VALUES (%s, %s, %s, %s)
    ON CONFLICT (user_id, key) DO NOTHING RETURNING id
"""
_KEEP = "UPDATE masterdata_idempotencykey SET status = %s, answer = %s WHERE id = %s"


def key_in(request: Request, *, is_required: bool) -> str:
    """The request's idempotency key; "" when there is none and none is required."""
    key = request.headers.get(HEADER, "")
    if not key:
        if is_required:
            raise IdempotencyKeyMissing(f"Send a header {HEADER} with a value of your own for each new deed.")
        return ""
    if not SHAPE.fullmatch(key):
        raise InvalidInput(f"{HEADER} is up to 120 printable characters without spaces.", field=HEADER)
    return key


def once(request: Request, key: str, deed: Callable[[], Response], fingerprint: str) -> Response:
    """Do the deed and keep its answer with the key; for a twin return what was kept.

    A twin that comes while the first still runs waits for its commit. A refusal or a crash undoes key and deed alike,
    so that the same request may be sent again.
    """
    try:
        return in_one_go(lambda: _first(request, key, fingerprint, deed))
    except _TwinError:
        kept = IdempotencyKey.objects.get(user_id=_user_id(request), key=key)
    if kept.fingerprint != fingerprint:
        raise KeyReused(f"This {HEADER} was used for another request. Take a new one for a new deed.")
    return _again(kept)


def in_one_go(deed: Callable[[], Response]) -> Response:
    """The deed in one transaction; deadlocks and serialisation failures are tried again, up to five times."""
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return deed()
        except OperationalError as error:
            if attempt == TRIES or getattr(error.__cause__, "sqlstate", "") not in {"40001", "40P01"}:
                raise
    raise AssertionError("unreachable")


class _TwinError(Exception):
    """Somebody else has put the same key in first."""


def _first(request: Request, key: str, fingerprint: str, deed: Callable[[], Response]) -> Response:
    mine = statements.run(_PUT_IN, [_user_id(request), key, fingerprint, timezone.now()])
    if not mine:
        raise _TwinError
    response = deed()
    if isinstance(response.data, bytes):  # a document: nothing was done, and it is made again
        IdempotencyKey.objects.filter(pk=mine[0][0]).delete()
        return response
    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
    body = JSONRenderer().render(response.data).decode() or "null"
    statements.run(_KEEP, [response.status_code, f'{{"body": {body}, "headers": {json.dumps(headers)}}}', mine[0][0]])
    return response


def _user_id(request: Request) -> int:
    """Who the key belongs to; rights are checked before, so it is somebody."""
    return int(request.user.pk or 0)


def _again(kept: IdempotencyKey) -> Response:
    answer: dict[str, Any] = kept.answer or {}
    headers = dict(answer.get("headers", {})) | {REPLAYED: "true"}
    return Response(answer.get("body"), status=kept.status or 200, headers=headers)


def fingerprint(request: Request) -> str:
    """SHA-256 of method, path with query, and body as it came."""
    plain = request._request
    head = f"{plain.method} {plain.get_full_path()}\n".encode()
    return hashlib.sha256(head + plain.body).hexdigest()
