"""Invariants of the shop floor, by subject."""

from __future__ import annotations

from masterdata.invariants import Invariant
from mes.invariants import labour, machines, quality, runs, tracing

INVARIANTS: list[Invariant] = [
    *runs.INVARIANTS,
    *machines.INVARIANTS,
    *tracing.INVARIANTS,
    *labour.INVARIANTS,
    *quality.INVARIANTS,
]
