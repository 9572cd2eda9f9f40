"""The scheduling board: the published plan of a plant as a message of compact columns, minutes from one epoch."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from aps.selectors import board_versions
from aps.selectors.board_held import Parts, Whole, ground_of, held_of, text_of
from aps.selectors.board_picture import Picture
from aps.selectors.board_scenario import scenario_picture
from masterdata.models import User


class Message(NamedTuple):
    """A board's message in two: what is made for each asker, and all operations when they follow."""

    head: bytes
    parts: Parts | None

    @property
    def text(self) -> bytes:
        """The message as JSON."""
        return self.head if self.parts is None else self.head + self.parts.text


def board(plant_id: int, user: User | None = None, *, now: dt.datetime, since: str | None = None) -> dict[str, Any]:
    """As `board_message`, plain values ready for JSON."""
    found: dict[str, Any] = json.loads(board_message(plant_id, now=now, since=since).text)
    return found


def board_message(
    plant_id: int,
    *,
    now: dt.datetime,
    since: str | None = None,
    scenario_id: int | None = None,
    more: Mapping[str, Any] | None = None,
) -> Message:
    """The board, see `board_wire`, with `more` in its head: what changed since version `since`, else all of it.

    With `scenario_id` it is the plan of a solved scenario, always whole. The number of queries is constant; one answers
    when nothing at all was written since the last asker's.
    """
    if scenario_id is not None:
        shown = scenario_picture(scenario_id, now)
        _, ground = ground_of(shown)
        names = {"kind": "full", "version": "", "since": None}
        return Message(_head(shown, names, more, ground, b""), Parts(Whole(shown), b""))
    held = held_of(plant_id, now)
    told = board_versions.parts(str(plant_id), held.seen.memory, since)
    mark, ground = held.ground
    version = "" if held.seen.memory is None else f"{held.seen.memory.version}.{mark}"
    if told is None:
        names = {"kind": "full", "version": version, "since": None}
        return Message(_head(held.seen.picture, names, more, ground, b""), held.parts)
    names = {"kind": "delta", "version": version, "since": since}
    known = b"" if since is not None and since.endswith(f".{mark}") else ground
    return Message(_head(held.seen.picture, names, more, known, b",".join(told) + b"]}"), None)


def _head(
    shown: Picture, names: Mapping[str, Any], more: Mapping[str, Any] | None, ground: bytes, parts: bytes
) -> bytes:
    head = text_of({**names, **shown.head, **(more or {})})[:-1]
    return head + (b"," + ground if ground else b"") + b',"parts":[' + parts
