"""What every part of a problem is held to when it is made."""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import pairwise
from typing import TypeAlias

Id: TypeAlias = int | str
Window: TypeAlias = tuple[int, int]


class ProblemError(ValueError):
    """The problem cannot be planned as given; the message names the id and what was expected."""


class HorizonTooShortError(ProblemError):
    """Work does not fit into the working windows that were given; give longer calendars."""


def expect(holds: bool, who: str, expected: str) -> None:
    if not holds:
        raise ProblemError(f"{who}: expected {expected}")


def check_windows(who: str, windows: Sequence[Window]) -> None:
    for start, end in windows:
        expect(start < end, who, f"windows that end after they start, got ({start}, {end})")


def check_calendar(who: str, windows: Sequence[Window], holes: Sequence[Window]) -> None:
    """Raises unless the windows are there, sorted and without overlap."""
    expect(len(windows) > 0, who, "at least one working window")
    check_windows(who, windows)
    check_windows(who, holes)
    for (_, end), (start, _) in pairwise(windows):
        expect(end <= start, who, f"sorted windows without overlap, got an end {end} before a start {start}")


def unique(kind: str, ids: Sequence[Id]) -> set[Id]:
    """The ids as a set; raises when one is given twice."""
    known: set[Id] = set()
    for one in ids:
        expect(one not in known, f"{kind} {one}", "to be given once")
        known.add(one)
    return known


class Both:
    """What is in either of two sets, without making a third."""

    def __init__(self, one: Set[Id], other: Set[Id]) -> None:
        """Nothing is copied."""
        self.one, self.other = one, other

    def __contains__(self, key: object) -> bool:
        return key in self.one or key in self.other
