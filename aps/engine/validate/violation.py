"""A broken rule."""

from __future__ import annotations

from dataclasses import dataclass

from aps.engine.checks import Id


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: its kind, the operations concerned, and what is wrong in a sentence.

    Kinds: missing, unknown, machine, past, release, precedence, transfer, latest, closed, duration, split, overlap,
    setup, batch, capacity, resource, busy, pinned, started, done.
    """

    kind: str
    operations: tuple[Id, ...]
    sentence: str
