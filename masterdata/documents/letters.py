"""What a letter says, before it is set: facts, a table, totals, payment. Values are written out in one language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who writes: the name, the address line by line, and the columns of small print at the foot."""

    name: str
    lines: Sequence[str] = ()
    footer: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table; a wide one takes what the others leave."""

    title: str
    side: Literal["left", "right", "center"] = "left"
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, and smaller under it."""

    main: str
    sub: Sequence[str] = ()
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One cell for each column, or a heading over all of them."""

    cells: Sequence[Cell] = ()
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Total:
    label: str
    value: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Payment:
    """How to pay: facts, and a code that a banking app reads (SVG)."""

    facts: Sequence[tuple[str, str]]
    code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """A letter in one language. `mark` is written across the first page: draft, cancelled. `signed` says who signed it
    and when, under the `drawing` (SVG); `signature` leaves room to sign by hand.

    `dated_on` is the file's own date, so that the same document is the same bytes; an archival one must have it.
    """

    language: str
    title: str
    number: str
    sender: Sender
    page_of: str
    recipient: Sequence[str] = ()
    facts: Sequence[tuple[str, str]] = ()
    intro: Sequence[str] = ()
    columns: Sequence[Column] = ()
    rows: Sequence[Row] = ()
    totals: Sequence[Total] = ()
    closing: Sequence[str] = ()
    payment: Payment | None = None
    signature: Sequence[str] = ()
    signed: Sequence[str] = ()
    drawing: str = ""
    mark: str = ""
    dated_on: dt.date | None = None
    paper: str = field(default="a4")

    def data(self) -> dict[str, Any]:
        """For the template."""
        day = self.dated_on
        found = asdict(self) | {"lang": self.language.split("-", 1)[0]}
        found["date"] = [day.year, day.month, day.day] if day else None
        del found["dated_on"]
        return found
