"""The reason behind a date: the chain of waits, as data and in sentences."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Why:
    """Why a line ends when it does: the binding wait first, then the chain."""

    sentence: str
    links: tuple[str, ...]


def why(*, line_id: int, now: dt.datetime) -> Why | None:
    """The chain behind a sales order line's planned end; None when nothing of it is planned."""
    return None
