"""Filters of lists: what the address says, what it does to the rows, and the chip that shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from masterdata import shown


@dataclass(frozen=True, slots=True)
class Chip:
    """An active filter: its words and the address without it."""

    label: Any
    value: str
    without: str


@dataclass(frozen=True)
class Filter:
    """A named restriction in the address; `field` is the model field (default: the key)."""

    key: str
    label: Any
    field: str = ""
    kind = "text"

    @property
    def path(self) -> str:
        return self.field or self.key

    @property
    def names(self) -> list[str]:
        """The parameters that belong to this filter."""
        return [self.key]

    def apply(self, rows: QuerySet[Any], asked: QueryDict) -> QuerySet[Any]:
        text = asked.get(self.key, "").strip()
        return rows.filter(**{f"{self.path}__icontains": text}) if text else rows

    def said(self, asked: QueryDict) -> str:
        """The value in words; empty when the filter is not set."""
        return asked.get(self.key, "").strip()


@dataclass(frozen=True)
class Exactly(Filter):
    """A whole number, as it stands in the address; anything else finds nothing."""

    def apply(self, rows: QuerySet[Any], asked: QueryDict) -> QuerySet[Any]:
        text = asked.get(self.key, "").strip()
        if not text:
            return rows
        return rows.filter(**{self.path: text}) if text.isdecimal() and len(text) < 10 else rows.none()


@dataclass(frozen=True)
class Choice(Filter):
    """One or several of a few values; `choices` is a list of pairs or a function that reads them."""

    choices: Iterable[tuple[Any, Any]] | Callable[[], Iterable[tuple[Any, Any]]] = ()
    kind = "choice"

    def options(self) -> list[tuple[str, str]]:
        pairs = self.choices() if callable(self.choices) else self.choices
        return [(str(value), str(label)) for value, label in pairs]

    def wanted(self, asked: QueryDict) -> list[str]:
        values = asked.getlist(self.key)
        known = {value for value, _label in self.options()} if values else set()
        return [value for value in values if value in known]

    def apply(self, rows: QuerySet[Any], asked: QueryDict) -> QuerySet[Any]:
        wanted = self.wanted(asked)
        return rows.filter(**{f"{self.path}__in": wanted}) if wanted else rows

    def said(self, asked: QueryDict) -> str:
        wanted = self.wanted(asked)
        return ", ".join(label for value, label in self.options() if value in wanted) if wanted else ""


@dataclass(frozen=True)
class Flag(Filter):
    """Yes or nothing; `condition` is the Q that must hold."""

    condition: Q | None = None
    kind = "flag"

    def apply(self, rows: QuerySet[Any], asked: QueryDict) -> QuerySet[Any]:
        if not asked.get(self.key):
            return rows
        return rows.filter(self.condition if self.condition is not None else Q(**{self.path: True}))

    def said(self, asked: QueryDict) -> str:
        return _("yes") if asked.get(self.key) else ""


@dataclass(frozen=True)
class Days(Filter):
    """From and to a day, both inclusive, both optional; set `is_moment` when the field is a datetime."""

    is_moment: bool = False
    kind = "days"

    @property
    def names(self) -> list[str]:
        return [f"{self.key}_from", f"{self.key}_to"]

    def span(self, asked: QueryDict) -> tuple[date | None, date | None]:
        first, last = (self._day(asked.get(name, "")) for name in self.names)
        return first, last

    def apply(self, rows: QuerySet[Any], asked: QueryDict) -> QuerySet[Any]:
        first, last = self.span(asked)
        path = f"{self.path}__date" if self.is_moment else self.path
        if first:
            rows = rows.filter(**{f"{path}__gte": first})
        return rows.filter(**{f"{path}__lte": last}) if last else rows

    def said(self, asked: QueryDict) -> str:
        first, last = self.span(asked)
        words = [_("from %(day)s") % {"day": shown.day(first)}] if first else []
        words += [_("to %(day)s") % {"day": shown.day(last)}] if last else []
        return " ".join(words)

    @staticmethod
    def _day(text: str) -> date | None:
        try:
            return parse_date(text)
        except ValueError:
            return None


def chips(filters: Iterable[Filter], asked: QueryDict) -> list[Chip]:
    """A chip for each filter that is set."""
    return [Chip(one.label, said, "?" + without(asked, *one.names)) for one in filters if (said := one.said(asked))]


def without(asked: QueryDict, *names: str) -> str:
    """The parameters without these, and on the first page."""
    params = asked.copy()
    for name in (*names, "page"):
        params.pop(name, None)
    return params.urlencode()
