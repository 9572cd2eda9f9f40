"""The register of what the global search looks through; each app adds its own kinds when it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from masterdata.access import may


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: `title` is its number or code, `detail` what tells it from others."""

    title: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class Provider:
    """One kind of thing: `find(user, text, limit)` returns at most `limit` hits that the user may see."""

    key: str
    label: Any
    icon: str
    permission: str
    find: Callable[[Any, str, int], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind."""

    provider: Provider
    hits: list[Hit]


_providers: dict[str, Provider] = {}


def register(provider: Provider) -> None:
    """Add a kind; called from an app's `ready()`. The same key again replaces it."""
    _providers[provider.key] = provider


def among(
    rows: Callable[[Any], QuerySet[Any]], fields: Sequence[str], hit: Callable[[Any], Hit]
) -> Callable[[Any, str, int], Iterable[Hit]]:
    """A `find` over the rows visible to a user: each word must stand in one of the fields."""

    def find(user: Any, text: str, limit: int) -> Iterable[Hit]:
        return [hit(row) for row in rows(user).filter(words_in(fields, text))[:limit]]

    return find


def words_in(fields: Sequence[str], text: str) -> Q:
    """A condition: each word of the text is contained in at least one of the fields."""
    condition = Q()
    for word in text.split():
        one_word = Q()
        for field in fields:
            one_word |= Q(**{f"{field}__icontains": word})
        condition &= one_word
    return condition


def find_everywhere(user: Any, text: str, limit: int = 6) -> list[Group]:
    """What the user may see of what the text names, grouped by kind; kinds without a hit are left out."""
    text = text.strip()
    if len(text) < 2:
        return []
    groups = [
        Group(provider, list(provider.find(user, text, limit)))
        for provider in _providers.values()
        if may(user, provider.permission)
    ]
    return [group for group in groups if group.hits]
