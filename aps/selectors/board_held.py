"""What a web process last saw of a board: made once for all who ask at once, kept while nothing is written."""

from __future__ import annotations

import datetime as dt
import gc
import hashlib
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from django.db import connection

from aps.selectors import board_versions, board_wire
from aps.selectors.board_picture import Picture
from aps.selectors.board_read import Reading, published_reading
from aps.selectors.board_shared import Shared
from aps.selectors.board_versions import Seen

MOST_TAIL = 50_000
"""Bytes of steps behind the whole after which it is made anew."""


class Whole:
    """All operations of a picture as one part of a message, made when somebody asks for it."""

    def __init__(self, picture: Picture, version: str = "") -> None:
        self.version = version
        self._picture = picture

    @cached_property
    def text(self) -> bytes:
        """As JSON."""
        return text_of(board_wire.part(self._picture))

    @cached_property
    def deflated(self) -> bytes:
        """The same compressed, as blocks in the midst of a stream: those before and behind it are flushed fully."""
        squeezing = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return squeezing.compress(self.text) + squeezing.flush(zlib.Z_FULL_FLUSH)


class Parts(NamedTuple):
    """The parts of a full message: the whole as of some version, and the steps from there, joined."""

    whole: Whole
    steps: bytes

    @property
    def tail(self) -> bytes:
        """What stands behind the whole, with what closes the message."""
        return b"".join((b"," if self.steps else b"", self.steps, b"]}"))

    @property
    def text(self) -> bytes:
        """All of it as JSON."""
        return self.whole.text + self.tail


@dataclass(frozen=True)
class Held:
    """The last reading of a plant, and of which moment of the database it is."""

    moment: str
    seen: Seen
    reading: Reading
    parts: Parts

    @cached_property
    def ground(self) -> tuple[str, bytes]:
        """Machines and calendars as JSON, with a fingerprint of them."""
        return ground_of(self.seen.picture)


_SHARED: Shared[Held] = Shared()


def held_of(plant_id: int, now: dt.datetime) -> Held:
    """A reading that began after this call. Within a transaction nobody else may share it."""
    database = str(connection.settings_dict["NAME"])
    if connection.in_atomic_block:
        return _look(plant_id, now, "", None)
    return _SHARED.read((database, plant_id), lambda before: _look(plant_id, now, moment_of(now), before))


def moment_of(now: dt.datetime) -> str:
    """Which transactions have ended, and the minute: what is read of it is the same as long as this is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return f"{cursor.fetchone()[0]} {now:%Y-%m-%dT%H:%M%z}"


def _look(plant_id: int, now: dt.datetime, moment: str, before: Held | None) -> Held:
    if before is not None and before.moment == moment and before.seen.memory is not None:
        return before
    readings = [] if before is None else [before.reading]

    def read() -> Picture:
        readings[:] = [published_reading(plant_id, now, readings[0] if readings else None)]
        return readings[0].picture

    with _uncollected():
        seen = board_versions.seen(str(plant_id), read, None if before is None else before.seen)
    return Held(moment, seen, readings[0], _parts(str(plant_id), seen, before))


def _parts(key: str, seen: Seen, before: Held | None) -> Parts:
    """Those of `before` with the steps since: that is a twentieth of making the whole anew."""
    if before is not None:
        if _is_same(before.seen, seen):
            return before.parts
        steps = board_versions.parts(key, seen.memory, before.parts.whole.version)
        if steps and sum(map(len, steps)) <= MOST_TAIL:
            return Parts(before.parts.whole, b",".join(steps))
    return Parts(Whole(seen.picture, "" if seen.memory is None else seen.memory.version), b"")


def _is_same(one: Seen, other: Seen) -> bool:
    """Whether all operations are as they were, and machines stand where they stood."""
    return (
        np.array_equal(one.prints.ids, other.prints.ids)
        and np.array_equal(one.prints.marks, other.prints.marks)
        and [row["id"] for row in one.picture.machines] == [row["id"] for row in other.picture.machines]
    )


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing inside is looked through for garbage: so many rows at once would have all of the process looked through.

    That took more than half of the time. They hold no circles: they go as soon as nobody holds them.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def ground_of(shown: Picture) -> tuple[str, bytes]:
    """Work centres, machines and calendars as JSON without its braces, and a fingerprint of that."""
    names = list(dict.fromkeys(str(one[2]) for shifts in shown.shifts for one in shifts))
    at = {name: position for position, name in enumerate(names)}
    values = {
        "calendars": shown.calendars,
        "shift_names": names,
        "shifts": [[[start, end, at[str(name)]] for start, end, name in shifts] for shifts in shown.shifts],
        "machines": shown.machines,
        "work_centres": shown.work_centres,
    }
    text = text_of(values)[1:-1]
    return hashlib.blake2b(text, digest_size=4).hexdigest(), text


def text_of(value: object) -> bytes:
    """As compact JSON."""
    return json.dumps(value, separators=(",", ":")).encode()
