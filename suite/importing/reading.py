"""Reading the files: header, and every value against its column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from suite.importing.contract import Column, File
from suite.importing.sources import Bad, Line, Source, Unreadable, csv_files
from suite.importing.staging import MISSING, MOST_FAULTS, Fault, Row, Staged

MOST_ROWS = 2_000_000
SAMPLE = 6
PLAIN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
KNOWN_VALUES = 100_000
"""Values kept by their text: codes and quantities come again and again, and are then one object."""

Tell = Callable[[str, int], None]


def read_folder(folder: Path) -> Staged:
    """Read every file of the contract in `folder`. Wrong encodings, headers and values become faults."""
    staged = Staged()
    if not folder.is_dir():
        staged.faults.append(Fault(str(folder), 0, "", "", "a folder with the files of the import contract"))
        return staged
    sources = csv_files(folder, staged.faults)
    read_sources(sources, staged)
    if not sources and not staged.faults:
        staged.faults.append(
            Fault(str(folder), 0, "", "", "at least one file of the import contract, such as materials.csv")
        )
    return staged


def read_sources(sources: Sequence[Source], staged: Staged, tell: Tell = lambda shown, rows: None) -> None:
    """Read each source into `staged`; `tell` hears every thousand rows how many of a source were read."""
    for source in sources:
        staged.present.add(source.file.name)
        staged.shown[source.file.file_name] = source.shown
        if not _read_source(source, staged, tell):
            staged.lost.add(source.file.name)


def _read_source(source: Source, staged: Staged, tell: Tell) -> bool:
    """Whether the file could be read to its end."""
    lines = source.lines()
    try:
        _, cells = next(lines, (1, []))
        header = [cell.strip() for cell in cells]
        staged.samples[source.file.name] = [header]
        columns = _check_header(source.file.file_name, header, source.file, staged)
        return bool(columns) and _read_rows(lines, header, columns, source, staged, tell)
    except Unreadable as error:
        fault = error.fault
        staged.faults.append(Fault(source.file.file_name, fault.row, fault.column, fault.value, fault.expected))
        return False


def _check_header(name: str, header: list[str], file: File, staged: Staged) -> list[Column]:
    """The columns that can be read: those of the contract that stand there once."""
    if separator := _separator(header):
        expected = f"commas between the columns; this file has {separator}"
        staged.faults.append(Fault(name, 1, "", header[0][:60], expected))
        return []
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


def _separator(header: list[str]) -> str:
    """The word for what separates the columns when it is no comma."""
    alone = header[0] if len(header) == 1 else ""
    return next((word for sign, word in ((";", "semicolons"), ("\t", "tabs")) if sign in alone), "")


def _read_rows(
    lines: Iterator[Line], header: list[str], columns: list[Column], source: Source, staged: Staged, tell: Tell
) -> bool:
    """Whether all rows could be taken up; their values may still be faults."""
    file, before = source.file, len(staged.faults)
    places = [(header.index(column.name), column) for column in columns]
    layout = {column.name: at for at, column in enumerate(columns)}
    room = None if staged.most is None else staged.most - sum(map(len, staged.rows.values()))
    seen: dict[Any, int] = {}
    known: dict[tuple[str, str], Any] = {}
    kept, sample = staged.rows[file.name], staged.samples[file.name]
    for number, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(sample) < SAMPLE:
            sample.append([cell.strip()[:80] for cell in cells])
        if len(cells) != len(header):
            _torn(number, cells, header, file, staged)
            continue
        if (limit := _limit(len(kept), len(staged.faults) - before, room)) is not None:
            staged.faults.append(Fault(file.file_name, number, "", "", limit))
            return False
        values = [_read_cell(number, cells[at], column, source, known, staged) for at, column in places]
        row = Row(file.name, number, layout, tuple(values))
        if all(row.has(name) for name in file.key):
            _check_key(row, file, seen, staged)
        else:
            staged.lost.add(file.name)
        kept.append(row)
        if len(kept) % 1000 == 0:
            tell(source.shown, len(kept))
    tell(source.shown, len(kept))
    return True


def _limit(rows: int, faults: int, room: int | None) -> str | None:
    """What was expected when a file has too many rows or faults to be read on, or there is no room for more rows."""
    if room is not None and rows >= room:
        return "fewer rows in all files together; import the rest by another upload"
    if rows >= MOST_ROWS:
        return f"at most {MOST_ROWS} rows a file"
    return f"fewer than {MOST_FAULTS} faults in a file; it was not read on" if faults >= MOST_FAULTS else None


def _torn(number: int, cells: list[str | Bad], header: list[str], file: File, staged: Staged) -> None:
    """A line that does not fit its header."""
    expected = f"{len(header)} values as in the header, found {len(cells)}"
    found = ",".join(cell.value if isinstance(cell, Bad) else cell for cell in cells)
    staged.faults.append(Fault(file.file_name, number, "", found[:60], expected))
    staged.torn[file.name].update(cell.strip() for cell in cells)


def _check_key(row: Row, file: File, seen: dict[Any, int], staged: Staged) -> None:
    key = row[file.key[0]] if len(file.key) == 1 else tuple(row[name] for name in file.key)
    first = seen.setdefault(key, row.no)
    if first != row.no:
        value = ", ".join(str(row[name]) for name in file.key)
        expected = f"each {' and '.join(file.key)} once; it stands in row {first} already"
        staged.faults.append(Fault(file.file_name, row.no, file.key[0], value, expected))


def _read_cell(
    number: int, cell: str | Bad, column: Column, source: Source, known: dict[tuple[str, str], Any], staged: Staged
) -> Any:
    """The typed value, or MISSING with a fault."""
    text = cell.strip()
    try:
        if isinstance(cell, Bad):
            raise ValueError
        value = known.get((column.name, text), MISSING)
        if value is MISSING:
            value = _value(text, column)
            if len(known) < KNOWN_VALUES:
                known[column.name, text] = value
        return value
    except (ValueError, InvalidOperation):
        expected = cell.expected if isinstance(cell, Bad) else column.expectation
        staged.faults.append(Fault(source.file.file_name, number, column.name, text, expected))
        return MISSING


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
