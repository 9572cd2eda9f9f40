"""The scheduling board: the published plan of a plant as a message of compact columns, minutes from one epoch."""

from __future__ import annotations

import datetime as dt
import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from aps.selectors import board_versions, board_wire
from aps.selectors.board_picture import Picture
from aps.selectors.board_read import published_picture
from aps.selectors.board_scenario import scenario_picture
from masterdata.models import User


def board(plant_id: int, user: User | None = None, *, now: dt.datetime, since: str | None = None) -> dict[str, Any]:
    """As `board_message`, plain values ready for JSON."""
    found: dict[str, Any] = json.loads(board_message(plant_id, now=now, since=since))
    return found


def board_message(
    plant_id: int,
    *,
    now: dt.datetime,
    since: str | None = None,
    scenario_id: int | None = None,
    more: Mapping[str, Any] | None = None,
) -> bytes:
    """The board as JSON, see `board_wire`, with `more` in its head: what changed since version `since`, else all of it.

    With `scenario_id` it is the plan of a solved scenario, always whole. The number of queries is constant.
    """
    if scenario_id is not None:
        return _message(scenario_picture(scenario_id, now), "", None, None, more)
    with _uncollected():
        told = board_versions.told(str(plant_id), since, lambda: published_picture(plant_id, now))
        return _message(told.picture, told.version, since, told.parts, more)


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


def _message(
    shown: Picture, version: str, since: str | None, parts: list[bytes] | None, more: Mapping[str, Any] | None
) -> bytes:
    is_delta = parts is not None
    head = {
        "kind": "delta" if is_delta else "full",
        "version": version,
        "since": since if is_delta else None,
        **shown.head,
        **(more or {}),
        "calendars": shown.calendars,
        "machines": shown.machines,
    }
    told = [_json(board_wire.part(shown))] if parts is None else parts
    return _json(head)[:-1] + b',"parts":[' + b",".join(told) + b"]}"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
