"""In which line of a JSON text a path points: what a reader has found wrong, an editor can go to."""

from __future__ import annotations

import json
import re

STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
SPACE = re.compile(r"[ \t\n\r]*")
DECODER = json.JSONDecoder()


def located(text: str, path: str) -> str:
    """ "line 12, $.operations[5].start"; the line of the innermost part that is there. `text` is valid JSON."""
    at = _skip(text, 0)
    for key, index in STEP.findall(path):
        found = _step(text, at, key, int(index or 0))
        if found < 0:
            break
        at = found
    return f"line {text.count(chr(10), 0, at) + 1}, ${path}"


def _step(text: str, at: int, key: str, index: int) -> int:
    """Where the member of that key begins, without a key the element of that index; -1 when there is none."""
    is_object = text[at] == "{"
    if text[at] not in "{[" or is_object != bool(key):
        return -1
    at, number = _skip(text, at + 1), 0
    while text[at] not in "}]":
        name = ""
        if is_object:
            name, at = DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        if name == key if is_object else number == index:
            return at
        _, at = DECODER.raw_decode(text, at)
        at, number = _skip(text, at), number + 1
        if text[at] == ",":
            at = _skip(text, at + 1)
    return -1


def _skip(text: str, at: int) -> int:
    found = SPACE.match(text, at)
    assert found is not None
    return found.end()
