"""The live stream: one Redis subscription per process, handed on to every open page as server-sent events."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakKeyDictionary

import redis.asyncio as redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from redis.exceptions import RedisError

from masterdata.access import SIGNED_IN, requires
from masterdata.live import CHANNEL, LATELY, LATELY_S
from masterdata.models import User
from suite.shell.plants import plants_of

log = logging.getLogger(__name__)

KEEP_ALIVE_S = 20
RECHECK_S = 60
MOST_WAITING = 200
MARGIN_S = 0.1
"""Clocks of two servers may differ by so much."""
RESET = "event: reset\ndata: {}\n\n"
DOWN = "event: down\ndata: {}\n\n"


class Lately:
    """A hint for each topic that changed between a page's rendering and its listening: told once."""

    def __init__(self, since: float | None) -> None:
        self.since = since

    async def told(self, plants: set[int]) -> str:
        since, self.since = self.since, None
        if since is None:
            return ""
        try:
            async with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2) as broker:
                found: Any = await broker.zrangebyscore(LATELY, since, "+inf")
        except (RedisError, OSError) as error:
            log.warning("what changed lately could not be read: %s", error)
            return ""
        changed = (what.decode().split("|", 1) for what in found)
        topics = {topic for plant, topic in changed if not plant or int(plant) in plants}
        return "".join(_as_event({"topic": topic, "id": "", "version": None}, plants) for topic in sorted(topics))


class Hub:
    """Hands hints from Redis to the queues of the open streams of one event loop."""

    def __init__(self) -> None:
        self.queues: set[asyncio.Queue[str | dict[str, Any]]] = set()
        self.is_up = False
        self.task: asyncio.Task[None] | None = None

    def join(self) -> asyncio.Queue[str | dict[str, Any]]:
        queue: asyncio.Queue[str | dict[str, Any]] = asyncio.Queue(MOST_WAITING)
        self.queues.add(queue)
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self._listen())
        return queue

    def leave(self, queue: asyncio.Queue[str | dict[str, Any]]) -> None:
        self.queues.discard(queue)
        if not self.queues and self.task is not None:
            self.task.cancel()
            self.task = None
            self.is_up = False

    async def _listen(self) -> None:
        wait_s = 0.5
        while True:
            try:
                async with (
                    redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2) as broker,
                    broker.pubsub() as subscription,
                ):
                    await subscription.subscribe(CHANNEL)
                    async for message in subscription.listen():
                        wait_s = 0.5
                        self._take(message)
            except (RedisError, OSError) as error:
                if self.is_up:
                    log.warning("live subscription lost: %s", error)
            self.is_up = False
            self._hand_on(DOWN)
            await asyncio.sleep(wait_s)
            wait_s = min(wait_s * 2, 10)

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "subscribe":
            self.is_up = True
            self._hand_on(RESET)
        elif message["type"] == "message":
            self._hand_on(json.loads(message["data"]))

    def _hand_on(self, item: str | dict[str, Any]) -> None:
        for queue in self.queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(RESET)
            else:
                queue.put_nowait(item)


_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


@requires(SIGNED_IN)
def stream(request: HttpRequest) -> StreamingHttpResponse:
    """The stream of one browser. Rights are checked now and each minute; a refused browser is told nothing more.

    `age` is how many milliseconds ago the page was asked for: what changed since then is told first.
    """
    plants = {plant.pk for plant in plants_of(request.user)}
    user_id = request.user.pk
    assert user_id is not None
    _give_back_connection()
    age = request.GET.get("age", "")
    since = time.time() - min(int(age) / 1000 + MARGIN_S, LATELY_S) if age.isdecimal() else None
    answer = StreamingHttpResponse(_events(user_id, plants, Lately(since)), content_type="text/event-stream")
    answer["Cache-Control"] = "no-cache, no-transform"
    answer["X-Accel-Buffering"] = "no"
    return answer


async def _events(user_id: int, plants: set[int], lately: Lately) -> AsyncIterator[str]:
    hub = _hubs.setdefault(asyncio.get_running_loop(), Hub())
    queue = hub.join()
    checked = time.monotonic()
    try:
        yield "retry: 2000\n\n"
        if hub.is_up:
            queue.put_nowait(RESET)
        while True:
            try:
                item = await asyncio.wait_for(queue.get(), KEEP_ALIVE_S)
            except TimeoutError:
                yield ": keep-alive\n\n"
            else:
                if text := await _told(item, plants, lately):
                    yield text
            if time.monotonic() - checked > RECHECK_S:
                checked = time.monotonic()
                still = await sync_to_async(_plants_now)(user_id)
                if still is None:
                    return
                plants = still
    finally:
        hub.leave(queue)


async def _told(item: str | dict[str, Any], plants: set[int], lately: Lately) -> str:
    text = _as_event(item, plants)
    return text + await lately.told(plants) if item == RESET else text


def _as_event(item: str | dict[str, Any], plants: set[int]) -> str:
    if isinstance(item, str):
        return item
    if item.get("plant") is not None and item["plant"] not in plants:
        return ""
    hint = {"topic": item["topic"], "id": item["id"], "version": item["version"]}
    return f"event: change\ndata: {json.dumps(hint)}\n\n"


def _plants_now(user_id: int) -> set[int] | None:
    """The plants the user may see by now; None when the log-in has been taken away."""
    try:
        user = User.objects.filter(pk=user_id, is_active=True).first()
        return {plant.pk for plant in plants_of(user)} if user else None
    finally:
        _give_back_connection()


def _give_back_connection() -> None:
    """An open stream must not keep a connection of the pool for hours."""
    if not connection.in_atomic_block:
        connection.close()
