"""What a row of the engine's benchmark is: figures with goals, a measurement per seed, baselines measured once."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from suite.stack import places

Sample = dict[str, Any]
"""Figure key to number, or to a word where there is none ("no solution"); `detail` holds what else is worth keeping."""
Baselines = dict[str, dict[str, Any]]
"""Name of the baseline to its Sample."""

CP_SAT, BEST_RULE = "CP-SAT alone", "best rule"
NOT_BUILT, NO_SOLUTION = "not built", "no solution"
SHARED = places.ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Settings:
    """How much of everything: shares of the full seconds and of the full sizes, workers, and where the data lies.

    Goals are judged only at full size.
    """

    seconds_scale: float = 1.0
    size_scale: float = 1.0
    workers: int = 2
    data: Path = SHARED
    jsp: Path = SHARED / "jsp"
    say: Callable[[str], None] = field(default=lambda _: None, compare=False)

    @property
    def is_full(self) -> bool:
        """Whether the figures may be held against the goals."""
        return self.seconds_scale >= 1 and self.size_scale >= 1

    def seconds(self, full: float) -> float:
        """The budget of a search."""
        return max(0.05, full * self.seconds_scale)

    def operations(self, full: int) -> int:
        """The size of a factory."""
        return max(40, round(full * self.size_scale))

    def times(self, full: int) -> int:
        """How often something is asked or done."""
        return max(2, round(full * min(self.size_scale, self.seconds_scale**0.5)))


@dataclass(frozen=True)
class Goal:
    """One figure of a row; `key` is where it stands in a Sample."""

    key: str
    title: str
    unit: str
    goal: float | None = None
    more_is_better: bool = False
    digits: int = 1


class Skipped(Exception):
    """The row cannot be measured here; the message says why."""


@dataclass(frozen=True)
class Row:
    """`measure(settings, seed)` is called per seed, `baselines(settings)` once; figures are medians over the seeds.

    `minutes` is about what one seed takes at full size, `once` what the baselines take.
    """

    name: str
    title: str
    goals: tuple[Goal, ...]
    measure: Callable[[Settings, int], Sample]
    baselines: Callable[[Settings], Baselines] | None = None
    minutes: float = 1.0
    once: float = 0.0


def figures(row: Row, samples: Iterable[Sample], baselines: Baselines, *, is_full: bool) -> list[dict[str, Any]]:
    """Each figure of the row with goal, verdict and baselines; a word instead of a value is never met."""
    found, rows = [], list(samples)
    for goal in row.goals:
        values = [sample[goal.key] for sample in rows if goal.key in sample]
        numbers = [value for value in values if isinstance(value, int | float)]
        words = [value for value in values if isinstance(value, str)]
        value = words[0] if words else statistics.median(numbers) if numbers else None
        found.append(
            {
                "key": goal.key,
                "figure": goal.title,
                "value": rounded(value),
                "unit": goal.unit,
                "goal": goal.goal,
                "met": verdict(goal, value) if is_full else None,
                "least": rounded(min(numbers, default=None)),
                "most": rounded(max(numbers, default=None)),
                "baselines": {name: rounded(one[goal.key]) for name, one in baselines.items() if goal.key in one},
            }
        )
    return found


def verdict(goal: Goal, value: Any) -> bool | None:
    """Whether the goal is met; None without a goal or a value."""
    if goal.goal is None or value is None:
        return None
    if isinstance(value, str):
        return False
    return bool(value >= goal.goal if goal.more_is_better else value <= goal.goal)


def rounded(value: Any) -> Any:
    """Four digits are enough of any measured number."""
    return float(f"{value:.4g}") if isinstance(value, float) else value


def keyed(rows: Iterable[Row]) -> Mapping[str, Row]:
    """Rows by name."""
    return {row.name: row for row in rows}
