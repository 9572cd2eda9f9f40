"""The base of every REST view: who may, once only, in one transaction, with problems for answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import structlog
from rest_framework.exceptions import ErrorDetail, NotAuthenticated, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from masterdata import facts
from masterdata.access import SIGNED_IN
from masterdata.api.deeds import NoBody
from masterdata.api.once import fingerprint, in_one_go, key_in, once
from masterdata.api.permissions import MayDoIt
from masterdata.errors import InvalidInput
from masterdata.models import ApiKey, User


class Endpoint(APIView):
    """A view that declares a permission per method (or per action, in a viewset).

    A writing method runs in one transaction; a POST by key is done once per Idempotency-Key.
    """

    permission_classes = [MayDoIt]
    http_method_names = ["get", "post", "patch", "delete", "head"]
    permissions: ClassVar[Mapping[str, str]] = {}
    keyless: ClassVar[frozenset[str]] = frozenset()
    reads_body = True
    taken_as: Any = None  # the serializer that has read the body

    @classmethod
    def permission_for(cls, name: str) -> str:
        """The permission that a method ("get") or an action ("list", "confirm") demands; "" when none is declared."""
        return str(cls.permissions.get(name) or getattr(getattr(cls, name, None), "permission", ""))

    @classmethod
    def permissions_by_method(cls, actions: Mapping[str, str]) -> dict[str, str]:
        """HTTP method -> permission, for the start-up check; an undeclared one is ""."""
        named = actions or {name: name for name in cls.http_method_names if hasattr(cls, name)}
        answered = [method for method in named if method in cls.http_method_names and method != "head"]
        return {method.upper(): cls.permission_for(named[method]) for method in answered}

    def permission_now(self) -> str:
        """What the request at hand demands; a method that the address does not have is refused as such later."""
        name = getattr(self, "action", None) or (self.request.method or "").lower()
        return self.permission_for("get" if name == "head" else str(name)) or SIGNED_IN

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Read the body whole before anybody parses it, check rights, then wrap a writing handler."""
        if self.reads_body:
            _ = request._request.body
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        handler = getattr(self, method, None)
        if method in ("post", "patch", "delete") and handler is not None:
            setattr(self, method, self._wrapped(handler))

    def _wrapped(self, handler: Callable[..., Response]) -> Callable[..., Response]:
        def whole(request: Request, *args: Any, **kwargs: Any) -> Response:
            request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))

            def deed() -> Response:
                with facts.acting(self.caller(), request_id):
                    return handler(request, *args, **kwargs)

            key = key_in(request, is_required=self._needs_key()) if request.method == "POST" else ""
            return once(request, key, deed, self.fingerprint(request)) if key else in_one_go(deed)

        return whole

    def fingerprint(self, request: Request) -> str:
        """What tells a request from another one with the same key."""
        return fingerprint(request)

    def _needs_key(self) -> bool:
        if not isinstance(self.request.auth, ApiKey):
            return False
        name = getattr(self, "action", None) or "post"
        return name not in self.keyless and bool(getattr(getattr(self, name, None), "needs_key", True))

    # For handlers ------------------------------------------------------------------------------------------------

    def taken(self, serializer: type[Any] | None = None) -> dict[str, Any]:
        """The body as the deed's `takes` (or the given serializer) understands it."""
        kind = serializer or getattr(self, "takes", None) or NoBody
        self.taken_as = kind
        body = kind(data=self.request.data, context={"request": self.request, "view": self})
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def taken_if_any(self) -> dict[str, Any]:
        """The same where nothing has to be said: a request without a JSON body says nothing."""
        is_said = "json" in self.request.META.get("CONTENT_TYPE", "") and int(self.request.META["CONTENT_LENGTH"] or 0)
        return self.taken() if is_said else {}

    def caller(self) -> User:
        """Who calls; there is always somebody once the rights are checked."""
        user = self.request.user
        if not isinstance(user, User):
            raise NotAuthenticated
        return user

    def expected_version(self) -> int | None:
        """The version in If-Match, None without the header. Services raise StaleVersion when it is another one."""
        sent = self.request.headers.get("If-Match", "").strip()
        if sent in ("", "*"):
            return None
        number = sent.removeprefix("W/").strip('"')
        if not number.isascii() or not number.isdigit() or len(number) > 9:
            raise InvalidInput("If-Match carries the ETag that the row was read with.", field="If-Match")
        return int(number)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """The version of a row that is answered is its ETag."""
        response = super().finalize_response(request, response, *args, **kwargs)
        version = response.data.get("version") if isinstance(getattr(response, "data", None), dict) else None
        if isinstance(version, int) and response.status_code < 300:
            response["ETag"] = f'"{version}"'
        return response


def no_such_parameter(names: list[str]) -> ValidationError:
    """A misspelt filter must not show everything."""
    return ValidationError({name: [ErrorDetail("There is no such parameter.", code="unknown_field")] for name in names})


def wrong_parameter(name: str, sentence: str) -> ValidationError:
    """A parameter whose value cannot be meant."""
    return ValidationError({name: [ErrorDetail(sentence, code="invalid")]})
