"""Wall and CPU time of what a benchmark does, and percentiles."""

from __future__ import annotations

import math
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil


@dataclass
class Spent:
    """Seconds; CPU is that of this process and of the children that it has waited for."""

    wall: float = 0.0
    cpu: float = 0.0


@contextmanager
def measured() -> Iterator[Spent]:
    """What the block takes; known when it has ended."""
    spent, began, cpu = Spent(), time.perf_counter(), _cpu()
    try:
        yield spent
    finally:
        spent.wall, spent.cpu = time.perf_counter() - began, _cpu() - cpu


def milliseconds(deed: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    deed()
    return (time.perf_counter() - began) * 1000


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of the values do not exceed: of 20 values p95 is the 19th."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _cpu() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
