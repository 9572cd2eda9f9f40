"""Where rows come from: CSV files, read line by line so that no file is ever held whole."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from suite.importing.contract import BY_NAME, FILES, File
from suite.importing.staging import Fault

LARGEST_FILE = 100 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
BOM = b"\xef\xbb\xbf"


class Unreadable(Exception):
    """A file that cannot be read on, with its fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that holds no value that could be meant, and what was expected (a formula in a workbook)."""

    value: str
    expected: str

    def strip(self) -> str:
        """As text."""
        return self.value


Line = tuple[int, list[str | Bad]]


@dataclass(frozen=True)
class Source:
    """One table of the contract: `lines` yields row numbers and cells, the header first; it raises Unreadable."""

    file: File
    shown: str
    lines: Callable[[], Iterator[Line]]


def csv_files(folder: Path, faults: list[Fault]) -> list[Source]:
    """The CSV files of a folder; those that the contract does not know are faults."""
    found = []
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv"):
        if path.stem in BY_NAME:
            found.append(csv_source(path, path.name, BY_NAME[path.stem]))
        else:
            faults.append(unknown_file(path.name))
    return found


def unknown_file(name: str) -> Fault:
    """A file that no column of ours is in."""
    return Fault(name, 0, "", "", f"a file of the contract: {', '.join(file.file_name for file in FILES)}")


def csv_source(path: Path, shown: str, file: File) -> Source:
    """A CSV file of the contract."""
    return Source(file, shown, lambda: _lines(path, shown))


def _lines(path: Path, name: str) -> Iterator[Line]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Unreadable(Fault(name, 0, "", "", "a file of at most 100 MB; split it"))
        with open(path, "rb") as file:
            reader = csv.reader(_text(file, name), strict=True)
            try:
                for cells in reader:
                    yield reader.line_num, list(cells)
            except csv.Error as error:
                expected = f"well-formed CSV with commas and quotes ({error})"
                raise Unreadable(Fault(name, reader.line_num, "", "", expected)) from error
    except OSError as error:
        raise Unreadable(Fault(name, 0, "", "", f"a file that can be read ({error.strerror})")) from error


def _text(file: object, name: str) -> Iterator[str]:
    """The lines of a file as text, none of them longer than LONGEST_LINE."""
    number = 0
    while line := file.readline(LONGEST_LINE):  # type: ignore[attr-defined]
        number += 1
        if len(line) == LONGEST_LINE:
            raise Unreadable(Fault(name, number, "", "", "lines of at most 1 MB; is this a CSV file?"))
        if number == 1:
            line = line.removeprefix(BOM)
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            expected = "UTF-8; save the file as UTF-8 (CSV) and import it again"
            raise Unreadable(Fault(name, number, "", f"byte 0x{line[error.start]:02x}", expected)) from error
        if "\x00" in text:
            raise Unreadable(Fault(name, 0, "", "", "text without NUL characters"))
        yield text
