"""The notation of docs/contract.md: names in braces, kinds in angle brackets, parts of objects and lists."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Decimal, InvalidOperation
from typing import Any

NAME = re.compile(r"\{([^{}]+)\}")
WHOLE = re.compile(r"\{([^{}]+)\}\Z")
KIND = re.compile(r"<([a-z-]+)(?: with (.+))?>\Z")
MOMENT = re.compile(r"now(?:([+-]\d+)(min|h|d))?\Z")
DAY = re.compile(r"today(?:([+-]\d+)d)?\Z")
UNITS = {"min": "minutes", "h": "hours", "d": "days"}


class Differs(AssertionError):
    """What was answered is not what is shown."""


class Names:
    """What answers have told so far, by name; and dates, times and new ids for requests."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def fill(self, shown: Any) -> Any:
        """A request's text or body with its names replaced."""
        if isinstance(shown, dict):
            return {key: self.fill(value) for key, value in shown.items()}
        if isinstance(shown, list):
            return [self.fill(value) for value in shown]
        if not isinstance(shown, str):
            return shown
        whole = WHOLE.match(shown)
        if whole:
            return self._value(whole.group(1))
        return NAME.sub(lambda found: str(self._value(found.group(1))), shown)

    def _value(self, name: str) -> Any:
        if name.startswith("new "):
            return self.known.setdefault(name, str(uuid.uuid4()))
        now = dt.datetime.now(dt.UTC)
        if moment := MOMENT.match(name):
            return (now + _span(moment.group(1), moment.group(2))).isoformat()
        if day := DAY.match(name):
            return (now.date() + _span(day.group(1), "d")).isoformat()
        if name not in self.known:
            raise Differs(f"no answer has told {{{name}}}")
        return self.known[name]

    def compare(self, shown: Any, got: Any) -> None:
        """Raise Differs unless `got` is what is shown; remember what it tells."""
        self.known |= _told(shown, got, self.known, "the answer")


def _span(count: str | None, unit: str | None) -> dt.timedelta:
    return dt.timedelta(**{UNITS[unit or "d"]: int(count or 0)})


def _told(shown: Any, got: Any, known: dict[str, Any], where: str) -> dict[str, Any]:
    """The names that `got` tells. Raises Differs."""
    if isinstance(shown, dict):
        return _object(shown, got, known, where)
    if isinstance(shown, list):
        return _list(shown, got, known, where)
    if isinstance(shown, str) and (whole := WHOLE.match(shown)):
        return _named(whole.group(1), got, known, where)
    if isinstance(shown, str) and (kind := KIND.match(shown)):
        if not _is_kind(kind.group(1), got) or (kind.group(2) or "") not in str(got):
            raise Differs(f"{where} is {got!r}, shown as {shown}")
        return {}
    if not _same(shown, got):
        raise Differs(f"{where} is {got!r}, shown as {shown!r}")
    return {}


def _object(shown: dict[str, Any], got: Any, known: dict[str, Any], where: str) -> dict[str, Any]:
    if not isinstance(got, dict):
        raise Differs(f"{where} is {got!r}, shown as an object")
    told: dict[str, Any] = {}
    for key, value in shown.items():
        if key not in got:
            raise Differs(f"{where} has no {key!r}: {got!r}")
        told |= _told(value, got[key], known | told, f"{where}.{key}")
    return told


def _list(shown: list[Any], got: Any, known: dict[str, Any], where: str) -> dict[str, Any]:
    """Each element shown is one of those answered; nothing shown: nothing answered."""
    if not isinstance(got, list) or (got and not shown):
        raise Differs(f"{where} is {got!r}, shown as {shown!r}")
    told: dict[str, Any] = {}
    left = list(got)
    for number, element in enumerate(shown):
        reasons = []
        for candidate in left:
            try:
                told |= _told(element, candidate, known | told, f"{where}[{number}]")
            except Differs as reason:
                reasons.append(str(reason))
                continue
            left.remove(candidate)
            break
        else:
            raise Differs("; or ".join(reasons[:5]) or f"{where} is {got!r}, shown as {shown!r}")
    return told


def _named(name: str, got: Any, known: dict[str, Any], where: str) -> dict[str, Any]:
    if name not in known:
        if got is None:
            raise Differs(f"{where} is empty, shown as {{{name}}}")
        return {name: got}
    if not _same(known[name], got):
        raise Differs(f"{where} is {got!r}, {{{name}}} is {known[name]!r}")
    return {}


def _same(shown: Any, got: Any) -> bool:
    """Equal, and of one type; two times when they are the same instant."""
    if type(shown) is type(got) and shown == got:
        return True
    first, second = _moment(shown), _moment(got)
    return first is not None and first == second


def _moment(value: Any) -> dt.datetime | None:
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _is_kind(kind: str, got: Any) -> bool:
    if kind == "number":
        return isinstance(got, int) and not isinstance(got, bool)
    if not isinstance(got, str):
        return False
    if kind == "decimal":
        return _is_decimal(got)
    if kind == "date":
        return re.fullmatch(r"\d{4}-\d\d-\d\d", got) is not None
    if kind == "date-time":
        return _moment(got) is not None
    if kind == "text":
        return bool(got)
    raise Differs(f"there is no kind <{kind}>")


def _is_decimal(got: str) -> bool:
    try:
        return Decimal(got).is_finite()
    except InvalidOperation:
        return False
