"""JSON by tables: a table names the fields of an object, and reads and writes it. A new field is one line there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from aps.engine.formats.errors import FormatError, shown
from aps.engine.formats.lines import located
from aps.engine.problem import ProblemError

LARGEST = 1 << 39
"""No time and no number of a file is larger; the engine's arrays hold twice as much."""


class Wrong(Exception):
    """Something in the JSON is not what was expected; every level on the way out puts its step in front."""

    def __init__(self, expected: str, path: str = "") -> None:
        """`expected` is the whole sentence; `path` leads to the place."""
        super().__init__(expected)
        self.expected = expected
        self.path = path

    def inside(self, step: str) -> Wrong:
        """The same one level further out."""
        return Wrong(self.expected, step + self.path)


def _not(expected: str, value: object) -> Wrong:
    return Wrong(f"expected {expected}, got {shown(value)}")


@dataclass(frozen=True, slots=True)
class Kind:
    """How a value is read from JSON (raising Wrong) and written to it."""

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def whole(least: int = -LARGEST, most: int = LARGEST) -> Kind:
    """A whole number within limits."""

    def read(value: Any) -> int:
        if type(value) is not int:
            raise _not("a whole number", value)
        if value < least:
            raise _not(f"a whole number of {least} or more", value)
        if value > most:
            raise _not(f"a whole number up to {most}", value)
        return value

    return Kind(read, _same)


def _read_id(value: Any) -> int | str:
    if type(value) is str or type(value) is int:
        return value
    raise _not("an id, a text or a whole number", value)


def _read_text(value: Any) -> str:
    if type(value) is not str:
        raise _not("a text", value)
    return value


def _read_claim(value: Any) -> bool:
    if type(value) is not bool:
        raise _not("true or false", value)
    return value


TIME = whole()
MINUTES = whole(0)
IDENT = Kind(_read_id, _same)
TEXT = Kind(_read_text, _same)
CLAIM = Kind(_read_claim, _same)


def one_of(make: Callable[[str], Any], values: Iterable[str]) -> Kind:
    """One of some words, made into what they stand for."""
    known = list(values)

    def read(value: Any) -> Any:
        if value not in known:
            raise _not(f"one of {', '.join(known)}", value)
        return make(value)

    return Kind(read, str)


def many(kind: Kind) -> Kind:
    """A list, as a tuple."""

    def read(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise _not("a list", value)
        try:
            return tuple([kind.read(one) for one in value])
        except Wrong:
            for at, one in enumerate(value):
                _step(kind, one, f"[{at}]")
            raise

    return Kind(read, lambda values: [kind.write(one) for one in values])


def optional(kind: Kind) -> Kind:
    """The kind or null."""
    return Kind(
        lambda value: None if value is None else kind.read(value),
        lambda value: None if value is None else kind.write(value),
    )


def _step(kind: Kind, value: Any, step: str) -> None:
    try:
        kind.read(value)
    except Wrong as wrong:
        raise wrong.inside(step) from None


def _read_window(value: Any) -> tuple[int, int]:
    if type(value) is not list or len(value) != 2 or type(value[0]) is not int or type(value[1]) is not int:
        raise _not("a pair [start, end] of whole numbers", value)
    if max(abs(value[0]), abs(value[1])) > LARGEST:
        raise _not(f"times up to {LARGEST}", value)
    return value[0], value[1]


WINDOWS = many(Kind(_read_window, list))

REQUIRED: Any = object()


@dataclass(frozen=True)
class Field:
    """One key: its kind, what it is when it is left out, the attribute it is read into, how it is got for writing."""

    name: str
    kind: Kind
    default: Any = REQUIRED
    into: str = ""
    get: Callable[[Any], Any] | None = None

    @property
    def attribute(self) -> str:
        """The argument that the maker gets."""
        return self.into or self.name

    def of(self, thing: Any) -> Any:
        """The value in the object that is written."""
        return self.get(thing) if self.get else attrgetter(self.attribute)(thing)


class Table:
    """The fields of one kind of object. Reading checks every key; writing leaves out what is as by default."""

    def __init__(self, make: Callable[..., Any], *fields: Field) -> None:
        """`make` gets the fields by their attribute; what it refuses (ProblemError) is reported at the object."""
        self.make = make
        self.fields = fields
        self.names = frozenset(field.name for field in fields)
        self.rows = [(field.name, field.attribute, field.kind.read, field.default is REQUIRED) for field in fields]
        self.kind = Kind(self.read, self.write)

    def read(self, value: Any) -> Any:
        """Make the object. Raises Wrong."""
        if type(value) is not dict:
            raise _not("an object {...}", value)
        try:
            return self.make(**self._given(value))
        except ProblemError as wrong:
            raise Wrong(str(wrong)) from wrong

    def _given(self, value: dict[str, Any]) -> dict[str, Any]:
        """The fields that are there, read; every key is one of them, and none is missing."""
        given = {}
        for name, attribute, read, is_required in self.rows:
            if name in value:
                try:
                    given[attribute] = read(value[name])
                except Wrong as wrong:
                    raise wrong.inside(f".{name}") from None
            elif is_required:
                raise Wrong(f"expected the key {name}, got {_keys(value)}")
        for key in value:
            if key not in self.names:
                known = ", ".join(field.name for field in self.fields)
                raise Wrong(f"expected only the keys {known}, got {shown(key)}")
        return given

    def write(self, thing: Any) -> dict[str, Any]:
        """The object for JSON."""
        written = {}
        for field in self.fields:
            value = field.of(thing)
            if field.default is REQUIRED or value != field.default:
                written[field.name] = field.kind.write(value)
        return written


def _keys(value: dict[str, Any]) -> str:
    return shown(", ".join(value)) if value else "none"


def parsed(text: str, name: str) -> Any:
    """The JSON of a file. Raises FormatError."""
    if not text.strip():
        raise FormatError(name, "line 1", "expected JSON, got an empty file")
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as wrong:
        raise FormatError(name, f"line {wrong.lineno}", f"expected JSON: {wrong.msg}") from None
    except Wrong as wrong:
        raise FormatError(name, "$", wrong.expected) from None
    except (RecursionError, ValueError):
        raise FormatError(name, "$", "expected JSON of sensible depth and numbers") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Wrong(f"expected each key of an object once, got {shown(twice)} twice")
    return found


def read(table: Table, text: str, name: str) -> Any:
    """The object that a file holds. Raises FormatError with line and JSON path."""
    return made(table, parsed(text, name), text, name)


def made(table: Table, value: Any, text: str, name: str) -> Any:
    """The object from the parsed JSON of a text. Raises FormatError with line and JSON path."""
    try:
        return table.read(value)
    except Wrong as wrong:
        raise FormatError(name, located(text, wrong.path), wrong.expected) from None
