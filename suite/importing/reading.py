"""Reading the files: encoding, header, and every value against its column."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from suite.importing.contract import BY_NAME, FILES, Column, File

LARGEST_FILE = 100 * 1024 * 1024
MOST_ROWS = 2_000_000
PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Row:
    """One line of a file with its values in their types. A value that could not be read is a fault, and absent here."""

    file: str
    no: int
    values: dict[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def get(self, column: str) -> Any:
        """The value, or None when it could not be read."""
        return self.values.get(column)

    def fault(self, column: str, expected: str) -> Fault:
        """A fault of this row."""
        value = self.values.get(column)
        return Fault(f"{self.file}.csv", self.no, column, "" if value is None else str(value), expected)


@dataclass
class Staged:
    """What the folder holds, by file; files that are absent hold no rows.

    `lost` names files with keys that could not be read: what they name is unknown, so nothing is missed in them.
    `torn` has the cells of lines that do not fit their header: any of them may be a key.
    """

    rows: dict[str, list[Row]] = field(default_factory=lambda: {file.name: [] for file in FILES})
    torn: dict[str, set[str]] = field(default_factory=lambda: {file.name: set() for file in FILES})
    present: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def reading(self, file: str, *columns: str) -> Iterator[Row]:
        """The rows of a file in which all of these columns could be read."""
        return (row for row in self.rows[file] if all(column in row.values for column in columns))


def read_folder(folder: Path) -> Staged:
    """Read every file of the contract in `folder`. Wrong encodings, headers and values become faults."""
    staged = Staged()
    if not folder.is_dir():
        staged.faults.append(Fault(str(folder), 0, "", "", "a folder with the files of the import contract"))
        return staged
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    for path in found:
        if path.stem not in BY_NAME:
            known = ", ".join(file.file_name for file in FILES)
            staged.faults.append(Fault(path.name, 0, "", "", f"a file of the contract: {known}"))
        else:
            staged.present.add(path.stem)
            if not _read_file(path, BY_NAME[path.stem], staged):
                staged.lost.add(path.stem)
    if not found:
        staged.faults.append(
            Fault(str(folder), 0, "", "", "at least one file of the import contract, such as materials.csv")
        )
    return staged


def _read_file(path: Path, file: File, staged: Staged) -> bool:
    """Whether the file could be read to its end."""
    text = _text(path, staged)
    if text is None:
        return False
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        header = [name.strip() for name in next(reader, [])]
        columns = _check_header(path.name, header, file, staged)
        return bool(columns) and _read_rows(reader, header, columns, file, staged)
    except csv.Error as error:
        expected = f"well-formed CSV with commas and quotes ({error})"
        staged.faults.append(Fault(path.name, reader.line_num, "", "", expected))
        return False


def _text(path: Path, staged: Staged) -> str | None:
    try:
        if path.stat().st_size > LARGEST_FILE:
            staged.faults.append(Fault(path.name, 0, "", "", "a file of at most 100 MB; split it"))
            return None
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        byte = f"byte 0x{error.object[error.start]:02x}"
        expected = "UTF-8; save the file as UTF-8 (CSV) and import it again"
        staged.faults.append(Fault(path.name, line, "", byte, expected))
        return None
    except OSError as error:
        staged.faults.append(Fault(path.name, 0, "", "", f"a file that can be read ({error.strerror})"))
        return None
    if "\x00" in text:
        staged.faults.append(Fault(path.name, 0, "", "", "text without NUL characters"))
        return None
    return text


def _check_header(name: str, header: list[str], file: File, staged: Staged) -> list[Column]:
    """The columns that can be read: those of the contract that stand there once."""
    columns = [column.name for column in file.columns]
    for column in dict.fromkeys(header):
        if column not in columns:
            staged.faults.append(Fault(name, 1, column, column, "only the columns " + ", ".join(columns)))
        elif header.count(column) > 1:
            staged.faults.append(Fault(name, 1, column, column, "each column once"))
    for column in columns:
        if column not in header:
            staged.faults.append(Fault(name, 1, column, "", f"the column {column}, which is missing"))
    return [column for column in file.columns if header.count(column.name) == 1]


def _read_rows(
    reader: Iterator[list[str]], header: list[str], columns: list[Column], file: File, staged: Staged
) -> bool:
    """Whether all rows could be taken up; their values may still be faults."""
    seen: dict[tuple[Any, ...], int] = {}
    kept = staged.rows[file.name]
    for cells in reader:
        number = reader.line_num  # type: ignore[attr-defined]
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            expected = f"{len(header)} values as in the header, found {len(cells)}"
            staged.faults.append(Fault(file.file_name, number, "", ",".join(cells)[:60], expected))
            staged.torn[file.name].update(cell.strip() for cell in cells)
            continue
        if len(kept) >= MOST_ROWS:
            staged.faults.append(Fault(file.file_name, number, "", "", f"at most {MOST_ROWS} rows a file"))
            return False
        row = Row(file.name, number, {})
        _read_values(row, dict(zip(header, cells, strict=True)), columns, staged)
        if all(name in row.values for name in file.key):
            _check_key(row, file, seen, staged)
        else:
            staged.lost.add(file.name)
        kept.append(row)
    return True


def _check_key(row: Row, file: File, seen: dict[tuple[Any, ...], int], staged: Staged) -> None:
    key = tuple(row[name] for name in file.key)
    first = seen.setdefault(key, row.no)
    if first != row.no:
        value = ", ".join(str(part) for part in key)
        expected = f"each {' and '.join(file.key)} once; it stands in row {first} already"
        staged.faults.append(Fault(file.file_name, row.no, file.key[0], value, expected))


def _read_values(row: Row, cells: dict[str, str], columns: list[Column], staged: Staged) -> None:
    for column in columns:
        text = cells[column.name].strip()
        try:
            row.values[column.name] = _value(text, column)
        except (ValueError, InvalidOperation):
            staged.faults.append(Fault(f"{row.file}.csv", row.no, column.name, text, column.expectation))


def _value(text: str, column: Column) -> Any:
    """The typed value; ValueError or InvalidOperation when it is not what the column expects."""
    if not text:
        if column.required:
            raise ValueError
        return "" if column.kind in ("text", "code") else None
    if column.kind == "yes_no":
        return {"yes": True, "no": False}[text.lower()] if text.lower() in ("yes", "no") else _wrong()
    if column.kind == "date":
        return dt.date.fromisoformat(text) if len(text) == 10 else _wrong()
    if column.kind in ("number", "whole"):
        return _number(text, column)
    if len(text) > column.length or (column.choices and text not in column.choices):
        return _wrong()
    return text


def _number(text: str, column: Column) -> Decimal | int:
    number = Decimal(text)
    if not number.is_finite() or not PLAIN_NUMBER.fullmatch(text):
        return _wrong()
    if column.least is not None and (number < column.least or (column.above and number == column.least)):
        return _wrong()
    exponent = number.normalize().as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    if number > column.most or decimals > (0 if column.kind == "whole" else column.decimals):
        return _wrong()
    return int(number) if column.kind == "whole" else number


def _wrong() -> Any:
    raise ValueError
