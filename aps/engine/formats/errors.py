"""The one error of all readers, and how what was found is shown in it."""

from __future__ import annotations

LONGEST = 60


class FormatError(ValueError):
    """A file cannot be read; the message is one line with file, line or JSON path, and what was expected."""

    def __init__(self, name: str, where: str, expected: str) -> None:
        """`where` is "line 3" or "$.orders[2].weight", empty for the file as a whole."""
        place = f"{name}, {where}" if where else name
        super().__init__(" ".join(f"{place}: {expected}".split()))


def shown(value: object) -> str:
    """What was found, on one line and not too long."""
    text = value if isinstance(value, str) and value.isprintable() else repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
