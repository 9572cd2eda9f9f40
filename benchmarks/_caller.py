"""A program that calls the REST interface with an API key, over one connection that stays open."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from django.utils import timezone

from masterdata import accounts, keys
from masterdata.models import Company

Answer = tuple[int, Any]
IDLE_S = 2.0


class UnexpectedAnswerError(Exception):
    """The answer has another status than the benchmark needs."""


class Line:
    """A connection that stays open; opened anew when it was idle so long that the server may have closed it."""

    def __init__(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        self.used = 0.0

    def send(self, method: str, path: str, content: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer."""
        if time.monotonic() - self.used > IDLE_S:
            self.connection.close()
        self.connection.request(method, path, content, headers)
        answer = self.connection.getresponse()
        body = answer.read()
        self.used = time.monotonic()
        return answer.status, body


class Caller:
    """Calls with the key of a new user who has one role in the whole company."""

    def __init__(self, address: str, company: Company, role: str) -> None:
        user = accounts.create_user(
            username=f"bench-{role}-{uuid.uuid4().hex[:6]}", roles=[accounts.Role(role, company)]
        )
        self.token = keys.issue_key(user=user, name="bench", now=timezone.now()).token
        self.line = Line(address)

    def get(self, path: str) -> Answer:
        """GET a path below /api/v1/, or one that begins with a slash."""
        return self._send("GET", path, None, {})

    def post(self, path: str, body: Any = None, *, expected: tuple[int, ...] = (200, 201, 202)) -> Answer:
        """POST with an idempotency key of its own; raises UnexpectedAnswerError."""
        status, answer = self._send("POST", path, body, {"Idempotency-Key": uuid.uuid4().hex})
        if status not in expected:
            raise UnexpectedAnswerError(f"POST {path}: {status} {json.dumps(answer)[:600]}")
        return status, answer

    def _send(self, method: str, path: str, body: Any, more: dict[str, str]) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"} | more
        content = None if body is None else json.dumps(body)
        address = path if path.startswith("/") else f"/api/v1/{path}"
        status, text = self.line.send(method, address, content, headers)
        return status, json.loads(text) if text else None


def until_answered(caller: Caller, path: str, body: Any) -> Any:
    """POST a question and, when it is still being answered, come back until the answer is there."""
    status, answer = caller.post(path, body)
    while status == 202:
        time.sleep(0.02)
        status, answer = caller.get(answer["url"])
    if status != 200:
        raise UnexpectedAnswerError(f"{path}: {status} {json.dumps(answer)[:600]}")
    return answer
