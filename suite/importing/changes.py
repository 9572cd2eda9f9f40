"""Writing rows by their natural key: what is new is created, what differs is changed, the rest is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models

Model = TypeVar("Model", bound=models.Model)
BATCH = 1000


@dataclass
class Count:
    """What an import did to one kind of thing."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0


@dataclass
class Report:
    """Counts per entity, in the order of writing; `step` is told before each entity (progress)."""

    counts: dict[str, Count] = field(default_factory=dict)
    step: Callable[[str, int], None] = lambda entity, rows: None

    def entity(self, name: str, rows: int) -> Count:
        """The counter of an entity that is about to be written."""
        self.step(name, rows)
        return self.counts.setdefault(name, Count())

    def as_object(self) -> dict[str, dict[str, int]]:
        """For `--json`."""
        return {name: vars(count) for name, count in self.counts.items()}


def write(
    model: type[Model],
    wanted: Mapping[Any, Mapping[str, Any]],
    existing: Iterable[Model],
    key: Callable[[Model], Any],
    count: Count,
) -> dict[Any, Model]:
    """Bring `model` to `wanted` (key -> field values); `existing` are the rows that may be meant. Set-based.

    Returns the rows by key. Fields that `wanted` does not name are left alone.
    """
    rows = {key(row): row for row in existing}
    new, changed, names = [], [], set()
    for one, values in wanted.items():
        row = rows.get(one)
        if row is None:
            new.append(model(**values))
            continue
        differing = [name for name, value in values.items() if not _same(getattr(row, name), value)]
        for name in differing:
            setattr(row, name, values[name])
        if differing:
            names.update(differing)
            changed.append(row)
    for row in model._default_manager.bulk_create(new, batch_size=BATCH):
        rows[key(row)] = row
    if changed:
        model._default_manager.bulk_update(changed, sorted(names), batch_size=BATCH)
    count.created += len(new)
    count.changed += len(changed)
    count.unchanged += len(wanted) - len(new) - len(changed)
    return rows


def _same(here: Any, wanted: Any) -> bool:
    return bool(here == wanted)
