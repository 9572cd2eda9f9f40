"""The scheduling board: the published plan of a plant as a message of compact columns, minutes from one epoch."""

from __future__ import annotations

import datetime as dt
from typing import Any

from aps import snapshot
from aps.selectors import board_wire
from aps.selectors.board_picture import picture
from masterdata.models import User


def board(plant_id: int, user: User | None = None, *, now: dt.datetime) -> dict[str, Any]:
    """The plant's machines and planned operations, see `board_wire`; plain values, ready for JSON.

    The number of queries is constant.
    """
    inputs = snapshot.read_inputs(plant_id, now)
    return board_wire.message(picture(inputs, inputs.published), inputs.version)
