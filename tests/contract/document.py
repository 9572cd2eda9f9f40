"""Reads docs/contract.md: requests with the answers shown, in the order in which they stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

FENCE = re.compile(r"^```(http|json|console)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STATUS = re.compile(r"HTTP/1\.1 (\d{3})")
METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")


class Unreadable(ValueError):
    """The document breaks its own notation."""


@dataclass(frozen=True)
class Message:
    """A request or an answer: first line, headers, JSON body (None: none)."""

    head: str
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True)
class Call:
    """A request and the answer shown. `when` is "", "eventually" or "slow"."""

    line: int
    request: Message
    answer: Message
    when: str = ""

    @property
    def status(self) -> int:
        return int(self.answer.head)


@dataclass(frozen=True)
class Command:
    """A command of manage.py and the JSON that it prints."""

    line: int
    arguments: list[str]
    answer: Any


def steps(text: str) -> Iterator[Call | Command]:
    """Everything that the document shows to be done. Raises Unreadable, naming the line."""
    waiting: tuple[int, str, str] | None = None
    for fence in FENCE.finditer(text):
        line = text.count("\n", 0, fence.start()) + 1
        kind, word, content = fence.group(1), fence.group(2) or "", fence.group(3)
        is_question = kind == "console" or content.startswith(METHODS)
        if is_question == (waiting is not None):
            raise Unreadable(f"line {line}: each request is followed by its answer, each answer follows a request")
        if waiting is None:
            waiting = (line, word, content)
            continue
        yield _step(waiting, kind, word, content, line)
        waiting = None
    if waiting is not None:
        raise Unreadable(f"line {waiting[0]}: this request has no answer")


def _step(asked: tuple[int, str, str], kind: str, word: str, content: str, line: int) -> Call | Command:
    asked_line, asked_word, question = asked
    if kind == "json":
        return Command(asked_line, question.split()[2:], _json(content, line))
    when = asked_word or word
    if when not in ("", "eventually", "slow"):
        raise Unreadable(f"line {line}: no such word after the fence: {when}")
    answer = _message(content, line)
    status = STATUS.match(answer.head)
    if status is None:
        raise Unreadable(f"line {line}: an answer begins with HTTP/1.1 and a status")
    shown = Message(status.group(1), answer.headers, answer.body)
    return Call(asked_line, _message(question, asked_line), shown, when)


def _message(content: str, line: int) -> Message:
    head, _, body = content.partition("\n\n")
    first, *rest = head.strip().splitlines()
    headers = dict(header.split(": ", 1) for header in rest)
    return Message(first, headers, _json(body, line) if body.strip() else None)


def _json(content: str, line: int) -> Any:
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        raise Unreadable(f"line {line}: {error}") from None
