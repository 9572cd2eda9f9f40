"""Files of the command: read whole, written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from aps.engine.formats.errors import FormatError


class UnwritableError(Exception):
    """The place given for a result takes no file; the message is one line."""


def read(path: Path) -> str:
    """The text of a file. Raises FormatError when there is none."""
    try:
        content = path.read_bytes()
    except OSError as wrong:
        raise FormatError(str(path), "", f"expected a file that can be read: {wrong.strerror}") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        raise FormatError(str(path), f"line {line}", "expected text in UTF-8, got other bytes") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FormatError(str(path), f"line {line}", "expected text, got a binary file")
    return text


def check_writable(path: Path | None) -> None:
    """Refuse early, before anything is computed. Raises UnwritableError."""
    if path is None:
        return
    if path.is_dir():
        raise UnwritableError(f"{path}: expected a file to write, got a folder")
    if not path.parent.is_dir():
        raise UnwritableError(f"{path}: expected a folder that exists")
    if not os.access(path.parent, os.W_OK):
        raise UnwritableError(f"{path}: expected a folder that can be written")


def write(path: Path, text: str) -> None:
    """Write beside the file and put it in its place, so that nobody ever reads half of it. Raises UnwritableError."""
    fresh = None
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, prefix=".", delete=False) as file:
            fresh = Path(file.name)
            file.write(text)
        fresh.chmod(0o666 & ~_umask())
        fresh.replace(path)
    except OSError as wrong:
        if fresh is not None:
            fresh.unlink(missing_ok=True)
        raise UnwritableError(f"{path}: cannot be written: {wrong.strerror}") from None


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
