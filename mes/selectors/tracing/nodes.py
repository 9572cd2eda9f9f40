"""What the graph is made of: nodes with names, and what leads from one to the other."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Node:
    """A lot, serial number, work order, supplier or customer of the graph; `url` is empty where the user may not go."""

    key: str
    kind: str
    title: str
    detail: str
    url: str
    is_blocked: bool = False
    is_hidden: bool = False
    at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """So much (base units of what moved; none where the goods are kept by quantity) went from one node to the other.

    `is_perhaps`: through free stock that is kept by quantity, so it may have been any of those that lay there.
    """

    source: str
    target: str
    quantity: Decimal | None
    unit: str
    at: dt.datetime | None
    step: str = ""
    event_count: int = 0
    is_perhaps: bool = False
