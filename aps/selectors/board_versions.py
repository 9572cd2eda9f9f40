"""Versions of what a board shows: who says which one he has is told only what changed since.

The broker remembers for all web processes a fingerprint of each operation as of the last version, and for each version
what it changed, as the part of a message that is sent. It is a memory, not the truth: when it is lost, or a version is
too old, the answer is the whole plan.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import redis
from django.conf import settings
from numpy.typing import NDArray

from aps.selectors import board_wire
from aps.selectors.board_picture import Picture

KEPT_S = 3 * 24 * 60 * 60
MOST_STEPS = 400
MOST_BYTES = 500_000
"""Steps that are larger together take longer than the whole plan."""
NEWER = 4
"""So many steps may have been added by others since the memory was read."""
TRIES = 3
UNREACHABLE = (redis.ConnectionError, redis.TimeoutError)


class Prints(NamedTuple):
    """Ids of operations, rising, and a fingerprint of each: of its row and of what it is for."""

    ids: NDArray[np.int64]
    marks: NDArray[np.uint64]


class Told(NamedTuple):
    """The picture, the version that it is, and the parts that lead there from `since`; None: the whole is needed."""

    picture: Picture
    version: str
    parts: list[bytes] | None


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


def told(key: str, since: str | None, read: Callable[[], Picture]) -> Told:
    """Read the picture, remember what it changes, and say what leads there from version `since`.

    `read` is called again when another process has remembered a version meanwhile.
    """
    if settings.REDIS_URL:
        try:
            for _ in range(TRIES):
                found = _told(key, since, read)
                if found is not None:
                    return found
        except UNREACHABLE:
            pass
    return Told(read(), "", None)


def forget(key: str) -> None:
    """Remember nothing of it any more: everybody gets the whole plan."""
    _broker(settings.REDIS_URL).delete(_memory(key), _steps(key))


def _told(key: str, since: str | None, read: Callable[[], Picture]) -> Told | None:
    with _broker(settings.REDIS_URL).pipeline() as trip:
        trip.watch(_memory(key))
        kept = _kept(trip.hgetall(_memory(key)))
        picture = read()
        prints, machines = prints_of(picture), ",".join(str(one["id"]) for one in picture.machines)
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
        return Told(picture, kept.version, _parts(key, kept, since))


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


def _parts(key: str, kept: Memory, since: str | None) -> list[bytes] | None:
    """The steps behind `since`; None when it is another memory's, too old, or has changed too much since."""
    token, _, number = (since or "").partition(".")
    behind = kept.number - int(number) if number.isdecimal() else -1
    if token != kept.token or not 0 <= behind <= MOST_STEPS:
        return None
    if not behind:
        return []
    rows = _broker(settings.REDIS_URL).lrange(_steps(key), -behind - NEWER, -1)
    steps = [(int(no), step) for no, _, step in (row.partition(b":") for row in rows)]
    found = [step for no, step in steps if int(number) < no <= kept.number]
    return found if len(found) == behind and sum(map(len, found)) <= MOST_BYTES else None


def prints_of(picture: Picture) -> Prints:
    """Fingerprints of the picture's operations, which stand by id; the same in every process."""
    used: dict[int, str] = {}
    for key, work in picture.work_orders.items():
        line = picture.lines[work.line_id] if work.line_id is not None else None
        order = picture.orders[line.order_id] if line is not None else None
        used[key] = repr((work, line, order, picture.materials[work.material_id]))
    marks = b"".join(
        hashlib.blake2b(f"{tuple(one)}{used[one.work_order_id]}".encode(), digest_size=8).digest()
        for one in picture.operations
    )
    return Prints(np.array([one.id for one in picture.operations], np.int64), np.frombuffer(marks, np.uint64))


def differences(before: Prints, after: Prints) -> tuple[list[int], list[int]]:
    """Ids that are new or differ, and ids that are gone."""
    same = np.isin(after.ids, before.ids, assume_unique=True)
    at = np.searchsorted(before.ids, after.ids[same])
    differs = np.ones(len(after.ids), bool)
    differs[same] = before.marks[at] != after.marks[same]
    gone = before.ids[~np.isin(before.ids, after.ids, assume_unique=True)]
    return after.ids[differs].tolist(), gone.tolist()


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


def _kept(values: dict[bytes, bytes]) -> Memory | None:
    if not values:
        return None
    prints = Prints(np.frombuffer(values[b"ids"], np.int64), np.frombuffer(values[b"marks"], np.uint64))
    return Memory(values[b"token"].decode(), int(values[b"number"]), values[b"machines"].decode(), prints)


def _memory(key: str) -> str:
    return f"throughline:board:{key}"


def _steps(key: str) -> str:
    return f"throughline:board:{key}:steps"


@lru_cache(maxsize=4)
def _broker(url: str) -> Any:
    return redis.Redis.from_url(url, socket_connect_timeout=0.5, socket_timeout=1)
