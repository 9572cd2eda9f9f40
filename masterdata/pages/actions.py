"""What a page offers to do: links and buttons in its header, tabs, and what happened (the timeline)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from masterdata.access import may


@dataclass(frozen=True, slots=True)
class Action:
    """A link (`post=False`) or a deed (`post=True`: a small form with CSRF token and idempotency key).

    `is_main` makes it the one teal button; `permission` hides it from those who may not; `confirm` is asked first;
    `fields` are hidden inputs of a deed.
    """

    label: Any
    url: str
    icon: str = ""
    permission: str = ""
    post: bool = False
    is_main: bool = False
    confirm: Any = ""
    fields: Mapping[str, Any] = field(default_factory=dict)

    def is_for(self, user: Any) -> bool:
        return not self.permission or may(user, self.permission)


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of a document: a template rendered with the page, or (with `url`) a panel fetched from another app."""

    key: str
    label: Any
    template: str = ""
    url: str = ""
    count: int | str | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a timeline: when, what, who; `tone` good, bad or empty; `url` leads to the cause."""

    at: datetime
    sentence: Any
    icon: str = "circle"
    who: Any = ""
    detail: Any = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the chain behind a number (Why?): each waits for the one below it; the last one is the cause.

    `is_cause`: why it is late, in red. `is_most`: what explains most, late or not.
    """

    title: Any
    detail: Any = ""
    icon: str = "circle"
    value: Any = ""
    note: Any = ""
    url: str = ""
    is_cause: bool = False
    is_most: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """What a list without rows says, and the next step."""

    title: Any
    hint: Any = ""
    icon: str = "list-search"
    action: Action | None = None


def offered(actions: list[Action], user: Any) -> list[Action]:
    """The actions that the user may take."""
    return [action for action in actions if action.is_for(user)]
