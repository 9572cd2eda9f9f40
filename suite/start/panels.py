"""A panel of the start page: lines with how many, what they are worth, and where they lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from masterdata import shown
from masterdata.access import scope_of

Worth = dict[str, Decimal]  # by currency code


@dataclass(frozen=True, slots=True)
class Line:
    """`count` of something, `said` beside it; `tone` is late or risk when it is and somebody should look first."""

    label: Any
    count: int
    url: str
    said: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines of which something waits; `calm` is said when nothing does. `template` draws what is no such line."""

    title: Any
    lines: Sequence[Line] = ()
    calm: Any = ""
    url: str = ""
    link: Any = ""
    template: str = ""
    rows: Sequence[Any] = field(default_factory=list)

    @property
    def waiting(self) -> list[Line]:
        return [line for line in self.lines if line.count]


def plants_for(request: HttpRequest, deed: str) -> list[int]:
    """The plants in which the person may do that: of all, or of the one that is chosen."""
    may = scope_of(request.user, deed).plants
    chosen = [request.plant] if request.plant else request.plants  # type: ignore[attr-defined]
    return sorted(plant.pk for plant in chosen if plant.pk in may)


def worth(amounts: Worth) -> str:
    """Amounts in words, each in its currency."""
    told = [f"{shown.number(amount, 0)} {code}" for code, amount in sorted(amounts.items()) if amount]
    return " + ".join(told)
