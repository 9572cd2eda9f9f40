"""Who calls: an API key in the Authorization header, or the session of a person who has logged in."""

from __future__ import annotations

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from masterdata import keys, rights
from masterdata.models import ApiKey, User


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer tl_<prefix>_<secret>`. Nothing else is told about a key that does not hold."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        now = timezone.now()
        key = keys.key_of(token.strip(), now=now)
        if key is None:
            raise AuthenticationFailed("This API key is unknown, expired or revoked.")
        keys.note_use(key, now=now)
        rights.use_key(key.user, key)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="Throughline"'
