"""Sheets of an Excel workbook as tables of the contract, read row by row.

A workbook keeps what people see and what they typed apart, so some cells hold no value that could be meant: formulas,
errors, dates stored as numbers. Those are faults that say what to do in Excel.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from suite.importing.contract import BY_NAME, Column, File
from suite.importing.packs import check_zip
from suite.importing.sources import Bad, Line, Source, Unreadable
from suite.importing.staging import Fault

ABOUT = "about"
"""The sheet of the template that explains the others; it holds no data."""
MOST_COLUMNS = 60
DIGITS = 15
"""What a workbook keeps of a number."""
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000
"""Days as Excel counts them, from 1954 to 2119: a whole number in a date column is one of these."""
EPOCH = dt.date(1899, 12, 30)
ZEROS = re.compile(r"0{2,40}")


def sheet_sources(path: Path, name: str, faults: list[Fault]) -> list[Source]:
    """The sheets of a workbook that hold rows; unknown ones and a workbook that cannot be read are faults."""
    book = _opened(path, name, faults)
    if book is None:
        return []
    found: dict[str, Source] = {}
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what the file says of its size may be wrong, and would cut rows off
        entity = "_".join(sheet.title.lower().split())
        shown = f"{name}, sheet {sheet.title}"
        if entity == ABOUT or not _has_rows(sheet, entity):
            continue
        if entity not in BY_NAME:
            known = ", ".join(BY_NAME)
            faults.append(Fault(shown, 0, "", "", f"a sheet named after what it holds: {known}"))
        elif entity in found:
            faults.append(Fault(shown, 0, "", "", f"one sheet for {entity}"))
        else:
            found[entity] = Source(BY_NAME[entity], shown, _reader(sheet, BY_NAME[entity]))
    if not found and not faults:
        faults.append(Fault(name, 0, "", "", "a workbook with rows in at least one sheet, under its header"))
    return list(found.values())


def _opened(path: Path, name: str, faults: list[Fault]) -> Any:
    """The workbook, opened to be read row by row, or None with a fault."""
    from openpyxl import load_workbook  # a third of a second to import, and only imports and exports need it
    from openpyxl.utils.exceptions import InvalidFileException

    if fault := check_zip(path, name):
        faults.append(fault)
        return None
    try:
        return load_workbook(path, read_only=True, data_only=False, keep_links=False)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, ParseError, OSError) as error:
        expected = f"an Excel workbook (.xlsx) that opens; save it again as .xlsx ({type(error).__name__})"
        faults.append(Fault(name, 0, "", "", expected))
        return None


def _has_rows(sheet: Any, entity: str) -> bool:
    """Whether anything stands there; of a sheet of the contract, under its header: an unfilled template has nothing."""
    first = 2 if entity in BY_NAME else 1
    try:
        rows = sheet.iter_rows(min_row=1, max_col=MOST_COLUMNS)
        is_header = True
        for row in rows:
            if any(cell.value is not None for cell in row):
                if first == 1 or not is_header:
                    return True
                if not _is_header(row, BY_NAME[entity]):
                    return True
                is_header = False
    except (ParseError, ValueError, TypeError, KeyError, zipfile.BadZipFile):
        return True
    return False


def _is_header(row: Any, file: File) -> bool:
    names = {column.name for column in file.columns}
    return any(str(cell.value).strip() in names for cell in row)


def _reader(sheet: Any, file: File) -> Any:
    return lambda: _lines(sheet, file)


def _lines(sheet: Any, file: File) -> Iterator[Line]:
    """Header and rows; the header is the first row in which anything stands."""
    columns = {column.name: column for column in file.columns}
    header: list[str] = []
    try:
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
            cells = list(row)
            if not header:
                header = _header(cells)
                if header:
                    yield number, list(header)
                continue
            filled = max((at for at, cell in enumerate(cells, start=1) if cell.value is not None), default=0)
            if not filled:
                continue
            cells = cells[: max(filled, len(header))]
            cells += [None] * (len(header) - len(cells))
            kinds = [columns.get(name) for name in header] + [None] * (len(cells) - len(header))
            yield number, [_cell(cell, column) for cell, column in zip(cells, kinds, strict=True)]
    except (ParseError, ValueError, TypeError, KeyError, zipfile.BadZipFile, OSError) as error:
        expected = f"a sheet that can be read; save the workbook again as .xlsx ({type(error).__name__})"
        raise Unreadable(Fault(file.file_name, 0, "", "", expected)) from error


def _header(cells: list[Any]) -> list[str]:
    texts = ["" if cell.value is None else str(cell.value).strip() for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return texts


def _cell(cell: Any, column: Column | None) -> str | Bad:
    """A cell's value as the CSV of the contract would have it."""
    value = None if cell is None else cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Bad(
            str(getattr(value, "text", value))[:80], "a value, not a formula: copy the column and paste it as values"
        )
    if cell.data_type == "e":
        return Bad(str(value), "a value; this cell shows an error of Excel")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return _date(value, column)
    if isinstance(value, int | float):
        return _number(value, column, str(cell.number_format))
    return str(value)


def _date(value: Any, column: Column | None) -> str | Bad:
    if column is not None and column.kind != "date":
        expected = f"{column.expectation}; Excel has made a date of it: format the column as text and type it again"
        return Bad(str(value), expected)
    if isinstance(value, dt.datetime):
        if value.time() != dt.time():
            return Bad(str(value), "a date without a time of day")
        value = value.date()
    return value.isoformat() if isinstance(value, dt.date) else Bad(str(value), "a date such as 2026-01-31")


def _number(value: int | float, column: Column | None, shown_as: str) -> str | Bad:
    """A number to the fifteen digits that a workbook keeps: 0.1 + 0.2 is 0.3 there too."""
    text = _plain(value)
    if column is None:
        return text
    if column.kind == "date" and value == int(value) and FIRST_SERIAL <= value <= LAST_SERIAL:
        meant = EPOCH + dt.timedelta(days=int(value))
        return Bad(text, f"a date; {text} is how Excel stores {meant}: format the column as a date")
    if column.kind in ("code", "text") and ZEROS.fullmatch(shown_as) and "." not in text:
        return text.rjust(len(shown_as), "0")
    return text


def _plain(value: int | float) -> str:
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{DIGITS}g}"
    if "e" in text or "n" in text:  # 1e+20, inf, nan
        return text if "n" in text else f"{value:.10f}".rstrip("0").rstrip(".") if abs(value) < 1 else f"{value:.0f}"
    return text
