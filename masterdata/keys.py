"""API keys: issued once, kept only as a hash, found by prefix."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from masterdata import rights, statements
from masterdata.errors import InvalidInput
from masterdata.models import ApiKey, User

MARK = "tl"
USED_EVERY = dt.timedelta(minutes=1)
_KEY_FIELDS = [field.attname for field in ApiKey._meta.concrete_fields]
_USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
_KEY = f"""
    SELECT {", ".join(f'k."{field.column}"' for field in ApiKey._meta.concrete_fields)},
        {", ".join(f'u."{field.column}"' for field in User._meta.concrete_fields)}
    FROM masterdata_apikey k JOIN masterdata_user u ON u.id = k.user_id WHERE k.prefix = %s
"""  # noqa: S608 (our own words)


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key; `token` is what its holder sends. It is shown once and kept nowhere."""

    key: ApiKey
    token: str


@transaction.atomic
def issue_key(
    *, user: User, name: str, scopes: Sequence[str] = (), expires_at: dt.datetime | None = None, now: dt.datetime
) -> IssuedKey:
    """A key with 256 random bits that acts as `user`, within `scopes` (deeds; none: all that the user may)."""
    known = frozenset().union(*rights.roles().values())
    if unknown := sorted(set(scopes) - known):
        raise InvalidInput(f"There is no permission called {unknown[0]}.", field="scopes", unknown=unknown)
    if expires_at is not None and expires_at <= now:
        raise InvalidInput("Give an expiry that lies ahead.", field="expires_at")
    prefix, secret = secrets.token_hex(5), secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        user=user,
        name=name,
        prefix=prefix,
        secret_sha256=_hash(secret),
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    return IssuedKey(key, f"{MARK}_{prefix}_{secret}")


@transaction.atomic
def revoke_key(*, key_id: int, now: dt.datetime) -> ApiKey:
    """From now on the key opens nothing; a second time changes nothing."""
    key = ApiKey.objects.order_by("pk").select_for_update().get(pk=key_id)
    if key.revoked_at is None:
        key.revoked_at = now
        key.save(update_fields=["revoked_at"])
    return key


def key_of(token: str, *, now: dt.datetime) -> ApiKey | None:
    """The valid key that a token belongs to: known, not expired, not revoked, of an active user.

    One round trip, in which the user's memberships come along.
    """
    mark, _, rest = token.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or not secret or len(prefix) > 12:
        return None
    found, grants = statements.together((_KEY, [prefix]), (rights.GRANTS_OF_KEY, [prefix]))
    if not found:
        return None
    key = ApiKey.from_db(None, _KEY_FIELDS, found[0][: len(_KEY_FIELDS)])
    if not hmac.compare_digest(key.secret_sha256, _hash(secret)):
        return None
    key.user = User.from_db(None, _USER_FIELDS, found[0][len(_KEY_FIELDS) :])
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now) or not key.user.is_active:
        return None
    rights.know(key.user, grants)
    return key


def note_use(key: ApiKey, *, now: dt.datetime) -> None:
    """Remember when the key was last used, to the minute: a busy key does not write at each request."""
    if key.last_used_at is None or key.last_used_at <= now - USED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USED_EVERY)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def _hash(secret: str) -> str:
    """A plain hash is enough for a secret of 256 random bits: there is nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()
