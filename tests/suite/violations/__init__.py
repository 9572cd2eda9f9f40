"""For each invariant of the audit a way to break it behind the database's back, in a shop that has a row of everything.

A case is one statement, or several, run with triggers and foreign keys off. It breaks as little as it can; what it
returns is in the row that the audit shows. Constraints that refuse the statement even so are dropped before.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """`sql` breaks `invariant` and returns one value of the row to be found; `also` are all others that it breaks."""

    invariant: str
    sql: str
    also: frozenset[str] = frozenset()
    drop: tuple[str, ...] = ()
    what: str = ""

    @property
    def name(self) -> str:
        return f"{self.invariant}-{self.what}" if self.what else self.invariant


def case(invariant: str, sql: str, *also: str, drop: tuple[str, ...] = (), what: str = "") -> Case:
    """A case in one line."""
    return Case(invariant, sql, frozenset(also), drop, what)
