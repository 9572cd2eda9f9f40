"""A plan: where and when each operation is done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aps.engine.checks import Id


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and when an operation is done: [start, end) on `machine`, its setup in the minutes from `setup_start`.

    `setup_start` is None and `setup_min` 0 when the machine needs no setup before it. `resources` are the people and
    tools that it takes, one for each of its needs in their order; who sets the machine up comes last.
    """

    machine: Id
    start: int
    end: int
    setup_start: int | None = None
    setup_min: int = 0
    resources: tuple[Id, ...] = ()


@dataclass(frozen=True, eq=True)
class Plan(Mapping[Id, Placement]):
    """Placements by operation id."""

    placements: Mapping[Id, Placement] = field(default_factory=dict)

    def __getitem__(self, operation: Id) -> Placement:
        """Return where the operation is; raises KeyError when it is not planned."""
        return self.placements[operation]

    def __iter__(self) -> Iterator[Id]:
        """Iterate over the operation ids."""
        return iter(self.placements)

    def __len__(self) -> int:
        """Count the operations planned."""
        return len(self.placements)

    @property
    def hash(self) -> str:
        """The same for the same placements, whatever their order or the process."""
        rows = sorted(
            f"{key!r}|{p.machine!r}|{p.start}|{p.end}|{p.setup_start}" + (f"|{p.resources!r}" if p.resources else "")
            for key, p in self.placements.items()
        )
        return hashlib.sha256("\n".join(rows).encode()).hexdigest()
