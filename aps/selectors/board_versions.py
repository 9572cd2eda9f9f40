"""Versions of what a board shows: who says which one he has is told only what changed since.

The broker remembers for all web processes a fingerprint of each operation as of the last version, and for each version
what it changed, as the part of a message that is sent. It is a memory, not the truth: when it is lost, or a version is
too old, the answer is the whole plan.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import redis
from django.conf import settings

from aps.selectors import board_wire
from aps.selectors.board_picture import Picture
from aps.selectors.board_prints import Prints, differences, prints_of

KEPT_S = 3 * 24 * 60 * 60
MOST_STEPS = 400
MOST_BYTES = 500_000
"""Steps that are larger together take longer than the whole plan."""
NEWER = 4
"""So many steps may have been added by others since the memory was read."""
TRIES = 3
UNREACHABLE = (redis.ConnectionError, redis.TimeoutError)


class Memory(NamedTuple):
    """What the broker holds: the versions of `token` count up from 0; each but that one has a step."""

    token: str
    number: int
    machines: str
    prints: Prints

    @property
    def version(self) -> str:
        """As a board names it."""
        return f"{self.token}.{self.number}"


class Seen(NamedTuple):
    """A picture with its fingerprints, and what was remembered with it; None: the broker cannot be reached."""

    picture: Picture
    prints: Prints
    memory: Memory | None


def seen(key: str, read: Callable[[], Picture], before: Seen | None = None) -> Seen:
    """Read the picture and remember what it changes; `before` is what this process saw last.

    `read` is called again when another process has remembered a version meanwhile.
    """
    if settings.REDIS_URL:
        try:
            for _ in range(TRIES):
                found = _seen(key, read, before)
                if found is not None:
                    return found
        except UNREACHABLE:
            pass
    picture = read()
    return Seen(picture, prints_of(picture, before and (before.picture, before.prints)), None)


def parts(key: str, memory: Memory | None, since: str | None) -> list[bytes] | None:
    """The steps that lead there from version `since`; None: the whole is needed.

    It is when the version is another memory's, too old, or has changed too much since.
    """
    token, number, *_ = [*(since or "").split("."), ""]
    if memory is None or token != memory.token or not number.isdecimal():
        return None
    behind = memory.number - int(number)
    if not 0 < behind <= MOST_STEPS:
        return None if behind else []
    try:
        rows = _broker(settings.REDIS_URL).lrange(_steps(key), -behind - NEWER, -1)
    except UNREACHABLE:
        return None
    steps = [(int(no), step) for no, _, step in (row.partition(b":") for row in rows)]
    found = [step for no, step in steps if int(number) < no <= memory.number]
    return found if len(found) == behind and sum(map(len, found)) <= MOST_BYTES else None


def forget(key: str) -> None:
    """Remember nothing of it any more: everybody gets the whole plan."""
    _broker(settings.REDIS_URL).delete(_memory(key), _steps(key))


def _seen(key: str, read: Callable[[], Picture], before: Seen | None) -> Seen | None:
    with _broker(settings.REDIS_URL).pipeline() as trip:
        trip.watch(_memory(key))
        kept = _kept(trip, key, before)
        picture = read()
        prints = prints_of(picture, before and (before.picture, before.prints))
        machines = ",".join(str(one["id"]) for one in picture.machines)
        try:
            if kept is None or kept.machines != machines:
                kept = Memory(uuid.uuid4().hex[:12], 0, machines, prints)
                trip.multi()
                trip.delete(_steps(key))
                _keep(trip, key, kept)
                trip.execute()
            else:
                kept = _step(trip, key, kept, picture, prints)
        except redis.WatchError:
            return None
        trip.reset()
        return Seen(picture, prints, kept)


def _step(trip: Any, key: str, kept: Memory, picture: Picture, prints: Prints) -> Memory:
    """Remember what differs from the last version as a new one; nothing does: the last one stands."""
    changed, gone = differences(kept.prints, prints)
    if not changed and not gone:
        return kept
    made = kept._replace(number=kept.number + 1, prints=prints)
    trip.multi()
    step = json.dumps(board_wire.part(picture, changed, gone), separators=(",", ":"))
    trip.rpush(_steps(key), f"{made.number}:{step}")
    trip.ltrim(_steps(key), -MOST_STEPS, -1)
    trip.expire(_steps(key), KEPT_S)
    _keep(trip, key, made)
    trip.execute()
    return made


def _keep(trip: Any, key: str, kept: Memory) -> None:
    values = {
        "token": kept.token,
        "number": kept.number,
        "machines": kept.machines,
        "ids": kept.prints.ids.tobytes(),
        "marks": kept.prints.marks.tobytes(),
    }
    trip.hset(_memory(key), mapping=values)
    trip.expire(_memory(key), KEPT_S)


def _kept(trip: Any, key: str, before: Seen | None) -> Memory | None:
    """What is remembered; the fingerprints only when this process has not just those."""
    token, number, machines = trip.hmget(_memory(key), "token", "number", "machines")
    if token is None:
        return None
    known = before.memory if before is not None else None
    if known is not None and (known.token, known.number) == (token.decode(), int(number)):
        return known
    token, number, machines, ids, marks = trip.hmget(_memory(key), "token", "number", "machines", "ids", "marks")
    if token is None:
        return None
    prints = Prints(np.frombuffer(ids, np.int64), np.frombuffer(marks, np.uint64))
    return Memory(token.decode(), int(number), machines.decode(), prints)


def _memory(key: str) -> str:
    return f"throughline:board:{key}"


def _steps(key: str) -> str:
    return f"throughline:board:{key}:steps"


@lru_cache(maxsize=4)
def _broker(url: str) -> Any:
    return redis.Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=1)
