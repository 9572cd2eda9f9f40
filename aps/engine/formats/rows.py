"""Lines of whole numbers, as the public formats have them: comments and blank lines are passed over."""

from __future__ import annotations

from collections.abc import Iterator

from aps.engine.formats.errors import FormatError, shown

LARGEST = 10**9
"""No number of a public instance is larger; a larger one is a slip, and would not fit the arrays."""


class Row:
    """The numbers of one line, taken one by one."""

    def __init__(self, name: str, line: int, words: list[str]) -> None:
        """`line` counts from 1, in the file."""
        self.name = name
        self.line = line
        self.words = words
        self.at = 0

    def __len__(self) -> int:
        """How many numbers the line has."""
        return len(self.words)

    def take(self, what: str, least: int = 0, most: int = LARGEST) -> int:
        """The next number. Raises FormatError when there is none or it lies outside `least` to `most`."""
        if self.at >= len(self.words):
            raise self.wrong(f"{what}, got the end of the line")
        word = self.words[self.at]
        number = whole(word)
        if number is None:
            raise self.wrong(f"{what} as a whole number, got {shown(word)}")
        if not least <= number <= most:
            limits = f"from {least} to {most}" if most < LARGEST else f"of {least} or more"
            raise self.wrong(f"{what} {limits}, got {shown(word)}")
        self.at += 1
        return number

    def end(self, what: str) -> None:
        """Raises FormatError when numbers are left over behind `what`."""
        if self.at < len(self.words):
            left = len(self.words) - self.at
            raise self.wrong(f"the end of the line behind {what}, got {left} more, first {shown(self.words[self.at])}")

    def wrong(self, expected: str) -> FormatError:
        """The error for this line."""
        return FormatError(self.name, f"line {self.line}", f"expected {expected}")


def whole(word: str) -> int | None:
    """The whole number that the word is, else None."""
    digits = word[1:] if word[:1] == "-" else word
    return int(word) if digits.isascii() and digits.isdigit() and len(digits) < 19 else None


def rows_of(text: str, name: str) -> list[Row]:
    """The lines with numbers. Raises FormatError when there is none."""
    found = list(_rows(text, name))
    if not found:
        raise FormatError(name, "line 1", "expected the numbers of jobs and machines, got an empty file")
    return found


def _rows(text: str, name: str) -> Iterator[Row]:
    for line, content in enumerate(text.splitlines(), 1):
        words = content.split("#", 1)[0].split()
        if words:
            yield Row(name, line, words)


def counted(head: Row, rows: list[Row], expected: int, what: str) -> None:
    """Raises FormatError when there are not as many rows behind `head` as it promises."""
    if len(rows) < expected:
        last = rows[-1] if rows else head
        raise last.wrong(f"{expected} lines of {what}, got {len(rows)} before the end of the file")
    if len(rows) > expected:
        raise rows[expected].wrong(f"the end of the file after {expected} lines of {what}, got one more")
