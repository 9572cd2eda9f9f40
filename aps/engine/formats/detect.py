"""Which format a text is in, and the reader for it."""

from __future__ import annotations

from pathlib import PurePath

from aps.engine.formats import fjs, jsp, problem_json
from aps.engine.formats.instance import Instance

READERS = {"fjs": fjs.read, "jsp": jsp.read, "json": problem_json.read}
AUTO = "auto"


def sniff(text: str, name: str) -> str:
    """The format: JSON by its first brace, the others by suffix, else by their lines. Raises FormatError when empty."""
    suffix = PurePath(name).suffix.lower().lstrip(".")
    if text.lstrip()[:1] in ("{", "[") or suffix == "json":
        return "json"
    if suffix in READERS:
        return suffix
    return "jsp" if jsp.looks_like_it(text, name) else "fjs"


def read(text: str, name: str, format_: str = AUTO) -> Instance:
    """The problem in `format_` (auto, fjs, jsp or json); `name` is that of the file. Raises FormatError."""
    return READERS[sniff(text, name) if format_ == AUTO else format_](text, name)
