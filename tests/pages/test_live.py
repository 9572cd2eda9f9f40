"""The live stream: a published hint reaches an open page of a person who may see it, through the real broker."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.test import AsyncClient

from masterdata import live
from masterdata.models import Plant
from suite.shell import live as stream
from tests.pages.conftest import person

pytestmark = pytest.mark.urls("tests.pages.gallery")
OnCommit = Callable[..., AbstractContextManager[list[Any]]]


async def heard(events: AsyncIterator[bytes], wanted: str) -> str:
    """The next event of this name, within ten seconds."""

    async def listen() -> str:
        async for event in events:
            if f"event: {wanted}" in event.decode():
                return event.decode()
        raise AssertionError("the stream ended")

    return await asyncio.wait_for(listen(), 10)


def listening(user: Any, then: Callable[[AsyncIterator[bytes]], Any]) -> Any:
    """Open the stream as this person and do `then` with its events."""

    async def run() -> Any:
        client = AsyncClient()
        await client.aforce_login(user)
        answer = await client.get("/live/")
        assert answer["Content-Type"] == "text/event-stream"
        events = aiter(answer.streaming_content)
        try:
            await heard(events, "reset")
            return await then(events)
        finally:
            await events.aclose()

    return async_to_sync(run)()


def published(on_commit: OnCommit, *args: Any, **kwargs: Any) -> None:
    with on_commit(execute=True):
        live.publish(*args, **kwargs)


def test_a_hint_published_on_commit_arrives(plants: list[Plant], django_capture_on_commit_callbacks: OnCommit) -> None:
    async def then(events: AsyncIterator[bytes]) -> dict[str, Any]:
        await sync_to_async(published)(django_capture_on_commit_callbacks, "plan", 7, 3)
        data: dict[str, Any] = json.loads((await heard(events, "change")).split("data: ")[1])
        return data

    assert listening(person("sara", "sales", plants[0]), then) == {"topic": "plan", "id": "7", "version": 3}


def test_a_page_hears_what_changed_between_its_rendering_and_its_listening(
    plants: list[Plant], django_capture_on_commit_callbacks: OnCommit
) -> None:
    """Asked for a minute ago: `plan` and this plant's `machines` changed since; another plant's `alarms` it may not."""
    on_commit = django_capture_on_commit_callbacks
    live._broker(live.settings.REDIS_URL).delete(live.LATELY)
    published(on_commit, "plan", 7)
    published(on_commit, "machines", 1, plant_id=plants[0].pk)
    published(on_commit, "alarms", 1, plant_id=plants[1].pk)
    user = person("omar", "operator", plants[0], everywhere=False)

    async def told(query: str) -> list[str]:
        client = AsyncClient()
        await client.aforce_login(user)
        events = aiter((await client.get(f"/live/{query}")).streaming_content)
        try:
            first = await heard(events, "reset")
            return [line for line in first.splitlines() if "topic" in line]
        finally:
            await events.aclose()

    changed = async_to_sync(told)("?age=60000")
    assert [json.loads(line.removeprefix("data: "))["topic"] for line in changed] == ["machines", "plan"]
    assert async_to_sync(told)("") == []
    assert async_to_sync(told)("?age=minus") == []


def test_what_is_rolled_back_is_not_told(plants: list[Plant], django_capture_on_commit_callbacks: OnCommit) -> None:
    async def then(events: AsyncIterator[bytes]) -> str:
        await sync_to_async(live.publish)("plan", 1)
        await sync_to_async(published)(django_capture_on_commit_callbacks, "orders", 2)
        return await heard(events, "change")

    assert '"orders"' in listening(person("sara", "sales", plants[0]), then)


def test_hints_of_another_plant_are_not_heard(
    plants: list[Plant], django_capture_on_commit_callbacks: OnCommit
) -> None:
    async def then(events: AsyncIterator[bytes]) -> str:
        on_commit = django_capture_on_commit_callbacks
        await sync_to_async(published)(on_commit, "machines", 1, plant_id=plants[1].pk)
        await sync_to_async(published)(on_commit, "machines", 2, plant_id=plants[0].pk)
        return await heard(events, "change")

    only_here = person("omar", "operator", plants[0], everywhere=False)
    assert '"id": "2"' in listening(only_here, then)


def test_a_page_that_does_not_listen_is_reset_instead_of_piling_up() -> None:
    """The queue holds 200; the 201st hint empties it for one reset."""

    async def run() -> list[Any]:
        hub = stream.Hub()
        queue: asyncio.Queue[Any] = asyncio.Queue(stream.MOST_WAITING)
        hub.queues.add(queue)
        for number in range(stream.MOST_WAITING + 1):
            hub._hand_on({"topic": "plan", "id": str(number), "version": None})
        return [queue.get_nowait() for _ in range(queue.qsize())]

    assert async_to_sync(run)() == [stream.RESET]


def test_without_a_broker_publishing_fails_quietly(
    settings: Any, caplog: pytest.LogCaptureFixture, db: None, django_capture_on_commit_callbacks: OnCommit
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    published(django_capture_on_commit_callbacks, "plan", 1)
    assert "live hint not sent" in caplog.text


def test_without_a_broker_pages_are_told_to_poll(settings: Any, plants: list[Plant]) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    user = person("sara", "sales", plants[0])

    async def run() -> str:
        client = AsyncClient()
        await client.aforce_login(user)
        events = aiter((await client.get("/live/")).streaming_content)
        try:
            return await heard(events, "down")
        finally:
            await events.aclose()

    assert async_to_sync(run)() == stream.DOWN
