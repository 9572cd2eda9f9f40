"""Live updates: a hint that something changed, sent to every open page after the commit."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)

CHANNEL = getattr(settings, "LIVE_CHANNEL", "throughline:live")
LATELY = f"{CHANNEL}:lately"
"""The sorted set of what changed lately: `plant|topic` (no plant: `|topic`) by the second of its last hint."""
LATELY_S = 120
"""How long a page may take from its rendering until it listens."""
_gathered: ContextVar[dict[str, None] | None] = ContextVar("gathered", default=None)


def publish(
    topic: str,
    id: str | int,  # noqa: A002 - the hint's own word
    version: int | None = None,
    *,
    plant_id: int | None = None,
) -> None:
    """Tell open pages, once the transaction has committed, that `topic` changed.

    The hint carries no data: pages fetch their part again, with their own rights. With `plant_id` only people of that
    plant hear it. A broker that cannot be reached costs freshness, not truth: pages then poll.
    """
    hint = json.dumps({"topic": topic, "id": str(id), "version": version, "plant": plant_id})
    if (gathered := _gathered.get()) is not None:
        gathered[hint] = None
    else:
        transaction.on_commit(lambda: _send([hint]))


@contextmanager
def gathering() -> Iterator[None]:
    """What is published inside is told once and together, after the commit. Call it in the transaction."""
    gathered: dict[str, None] = {}
    token = _gathered.set(gathered)
    try:
        yield
    finally:
        _gathered.reset(token)
    if gathered:
        transaction.on_commit(lambda: _send(list(gathered)))


def publish_many(topic: str, ids: Collection[str | int]) -> None:
    """As `publish` for each of them, in one trip to the broker."""
    hints = [json.dumps({"topic": topic, "id": str(one), "version": None, "plant": None}) for one in ids]
    if hints:
        transaction.on_commit(lambda: _send(hints))


def _send(hints: Sequence[str]) -> None:
    try:
        with _broker(settings.REDIS_URL).pipeline(transaction=False) as trip:
            now = time.time()
            trip.zadd(LATELY, {_what(hint): now for hint in hints})
            trip.zremrangebyscore(LATELY, "-inf", now - LATELY_S)
            for hint in hints:
                trip.publish(CHANNEL, hint)
            trip.execute()
    except (redis.ConnectionError, redis.TimeoutError) as error:
        log.warning("live hint not sent: %s", error)


def _what(hint: str) -> str:
    row = json.loads(hint)
    return f"{'' if row['plant'] is None else row['plant']}|{row['topic']}"


@lru_cache(maxsize=4)
def _broker(url: str) -> Any:
    return redis.Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=1)
