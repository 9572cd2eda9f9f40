"""The size of a request: what is too large is refused before it is read, whatever page or endpoint it is for."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]

MEGABYTE = 1024 * 1024
USUAL = 10 * MEGABYTE
UPLOADS = 102 * MEGABYTE
"""A hundred megabytes of files, and what a browser writes around them."""
UPLOAD_PATHS = ("/imports/new/", "/api/v1/masterdata/imports/")


class SmallBodies:
    """ASGI: answers 413 when the length that a request announces is too large, or as soon as more has come."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.application(scope, receive, send)
            return
        most = UPLOADS if scope["path"] in UPLOAD_PATHS else USUAL
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > most:
            await _refuse(scope, send, most)
            return
        counted = _Counted(receive, most)
        await self.application(scope, counted, send)
        if counted.is_over:
            await _refuse(scope, send, most)


class _Counted:
    """Receives until it is too much; then the application hears that the caller has gone, and answers nothing."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive, self.left, self.is_over = receive, most, False

    async def __call__(self) -> Message:
        message = await self.receive()
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            self.is_over = True
            return {"type": "http.disconnect"}
        return message


async def _refuse(scope: Any, send: Send, most: int) -> None:
    sentence = f"Send at most {most // MEGABYTE} MB at once. Nothing was kept."
    content, kind = sentence, "text/plain; charset=utf-8"
    if scope["path"].startswith("/api/"):
        problem = {
            "type": "urn:throughline:problem:too_large",
            "title": "Too large",
            "status": 413,
            "code": "too_large",
        }
        content, kind = json.dumps(problem | {"detail": sentence}), "application/problem+json"
    body = content.encode()
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
