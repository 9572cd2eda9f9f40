"""A form sent twice has one effect: the hidden key of a form, kept with the answer in the deed's own transaction."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from masterdata import facts
from masterdata.errors import Refusal
from masterdata.models import IdempotencyKey, User

FIELD = "idempotency_key"
NOT_CONTENT = {FIELD, "csrfmiddlewaretoken"}


class KeyReused(Refusal):
    """The same key came with another content: a programming error or a page kept open across two deeds."""

    code = "key_reused"
    status = 422


def new_key() -> str:
    return uuid.uuid4().hex


def once(request: HttpRequest, deed: Callable[[], str]) -> str:
    """Do `deed` (returns the address to go to) unless this form's key has been used; then return its first address.

    The key is inserted first, in the same transaction: a twin that runs meanwhile waits for it. A refusal undoes both,
    so the form can be corrected and sent again.
    """
    key = request.POST.get(FIELD, "")[:120]
    if not key:
        with transaction.atomic(), facts.acting(_user(request)):
            return deed()
    try:
        with transaction.atomic():
            used = IdempotencyKey.objects.create(user_id=_user_id(request), key=key, fingerprint=_fingerprint(request))
            with facts.acting(_user(request)):
                url = deed()
            used.answer = {"url": url}
            used.status = 302
            used.save(update_fields=["answer", "status"])
            return url
    except IntegrityError:
        first = IdempotencyKey.objects.filter(user_id=_user_id(request), key=key).first()
        if first is None:
            raise
        if first.fingerprint != _fingerprint(request):
            raise KeyReused("This form was already sent with other values. Reload the page and try again.") from None
        return str((first.answer or {}).get("url", request.path))


def _user(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _user_id(request: HttpRequest) -> Any:
    return request.user.pk


def _fingerprint(request: HttpRequest) -> str:
    content = sorted((name, request.POST.getlist(name)) for name in request.POST if name not in NOT_CONTENT)
    return hashlib.sha256(f"{request.method} {request.path} {content}".encode()).hexdigest()
