"""Requests that are too large: refused before they are read, by what they announce or as they come."""

from __future__ import annotations

import asyncio
from typing import Any

from suite.shell.bodies import MEGABYTE, UPLOADS, USUAL, SmallBodies


def ask(path: str, announced: int | None, pieces: list[bytes]) -> tuple[int, bytes, int]:
    """Status, body, and how many pieces were taken, of a request to an application that reads all of it."""
    taken, sent = 0, []

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": pieces[taken - 1], "more_body": taken < len(pieces)}

    async def send(message: Any) -> None:
        sent.append(message)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            if not message["more_body"]:
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    headers = [] if announced is None else [(b"content-length", str(announced).encode())]
    scope = {"type": "http", "path": path, "headers": headers}
    asyncio.run(SmallBodies(application)(scope, receive, send))
    return sent[0]["status"], sent[1]["body"], taken


def test_an_announced_giant_is_refused_unread() -> None:
    status, body, taken = ask("/imports/new/", UPLOADS + 1, [b"x"])
    assert (status, taken) == (413, 0)
    assert body == b"Send at most 102 MB at once. Nothing was kept."


def test_a_giant_without_a_length_is_refused_as_it_comes() -> None:
    status, body, taken = ask("/api/v1/erp/sales-orders/", None, [b"x" * MEGABYTE] * 50)
    assert (status, taken) == (413, USUAL // MEGABYTE + 1)
    assert b'"code": "too_large"' in body


def test_files_may_be_large_where_files_are_uploaded_and_nowhere_else() -> None:
    assert ask("/imports/new/", 50 * MEGABYTE, [b"x"])[0] == 200
    assert ask("/login/", 50 * MEGABYTE, [b"x"])[0] == 413
    assert ask("/login/", 10, [b"x"])[0] == 200


def test_a_length_that_is_no_number_is_refused() -> None:
    async def never(*args: Any) -> None:
        raise AssertionError

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/", "headers": [(b"content-length", b"many")]}
    asyncio.run(SmallBodies(never)(scope, never, send))
    assert sent[0]["status"] == 413
