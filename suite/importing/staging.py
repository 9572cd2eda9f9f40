"""What was read: rows with their values in their types, and what is wrong where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from suite.importing.contract import FILES

MOST_FAULTS = 50_000
"""Faults kept of one file: who has that many mends what they have in common, not one after the other."""
MISSING = object()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where: row 1 is the header, 0 the file as a whole."""

    file: str
    row: int
    column: str
    value: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.file}" + (f", row {self.row}" if self.row else "") + (f", {self.column}" if self.column else "")
        found = f": {self.value!r}" if self.value or self.column else ""
        return f"{place}{found} – expected {self.expected}"


class Row:
    """One line of a file with its values in their types. A value that could not be read is a fault, and absent here.

    `layout` says where each column stands in `cells`; all rows of a file share it, so that a row is two small objects.
    """

    __slots__ = ("cells", "file", "layout", "no")

    def __init__(self, file: str, no: int, layout: dict[str, int], cells: Sequence[Any]) -> None:
        self.file = file
        self.no = no
        self.layout = layout
        self.cells = cells

    def __getitem__(self, column: str) -> Any:
        value = self.cells[self.layout[column]]
        if value is MISSING:
            raise KeyError(column)
        return value

    def get(self, column: str) -> Any:
        """The value, or None when it could not be read."""
        return self[column] if self.has(column) else None

    def has(self, column: str) -> bool:
        """Whether the value could be read."""
        at = self.layout.get(column)
        return at is not None and self.cells[at] is not MISSING

    def fault(self, column: str, expected: str) -> Fault:
        """A fault of this row."""
        value = self.get(column)
        return Fault(f"{self.file}.csv", self.no, column, "" if value is None else str(value), expected)


@dataclass
class Staged:
    """What the files hold, by file; files that are absent hold no rows.

    `lost` names files with keys that could not be read: what they name is unknown, so nothing is missed in them.
    `torn` has the cells of lines that do not fit their header: any of them may be a key. `shown` is how a person knows
    a file: its name, or the sheet of a workbook. `samples` are its header and first rows as they stand there.
    `most` is how many rows all files together may have; none: each file has its own limit only.
    """

    rows: dict[str, list[Row]] = field(default_factory=lambda: {file.name: [] for file in FILES})
    torn: dict[str, set[str]] = field(default_factory=lambda: {file.name: set() for file in FILES})
    present: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    shown: dict[str, str] = field(default_factory=dict)
    samples: dict[str, list[list[str]]] = field(default_factory=dict)
    most: int | None = None

    def reading(self, file: str, *columns: str) -> Iterator[Row]:
        """The rows of a file in which all of these columns could be read."""
        return (row for row in self.rows[file] if all(row.has(column) for column in columns))
