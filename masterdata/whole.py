"""Whole rows of a model, with the rows that they point to, by a prepared statement: for paths that must be fast."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db.models import Field, Model

from masterdata import statements
from masterdata.statements import Rows, Statement

M = TypeVar("M", bound=Model)


class Whole(Generic[M]):
    """What `select_related(*related)` gives for the rows `t` that meet a condition, without compiling it each time.

    `condition` is SQL after WHERE, with what may follow it (ORDER BY, FOR NO KEY UPDATE OF t), values as %s.
    """

    def __init__(self, model: type[M], condition: str, *related: str) -> None:
        self.model, self.condition, self.related = model, condition, related

    def statement(self, *values: Any) -> Statement:
        """The query, for whoever sends it together with others; `rows` reads its answer."""
        return self._query, values

    def read(self, *values: Any) -> list[M]:
        """The rows, in a round trip of their own."""
        return self.rows(statements.run(*self.statement(*values)))

    def rows(self, found: Rows) -> list[M]:
        """The answer to `statement` as rows of the model."""
        return [self._row(values) for values in found]

    @cached_property
    def _parts(self) -> list[tuple[str, type[Model], Field[Any, Any] | None, list[str]]]:
        """Alias, model, the key that leads to it, and its attributes; the model itself first."""
        models: dict[str, type[Model]] = {"": self.model}
        parts: list[tuple[str, type[Model], Field[Any, Any] | None, list[str]]] = [
            ("t", self.model, None, _attributes(self.model))
        ]
        for path in self.related:
            before, _, name = path.rpartition("__")
            key: Any = models[before]._meta.get_field(name)
            models[path] = key.related_model
            parts.append((path, models[path], key, _attributes(models[path])))
        return parts

    @cached_property
    def _query(self) -> str:
        columns, joins = [], ""
        for alias, model, key, _ in self._parts:
            columns += [f'"{alias}"."{field.column}"' for field in model._meta.concrete_fields]
            if key is not None:
                before = alias.rpartition("__")[0] or "t"
                joins += (
                    f'\n    LEFT JOIN "{model._meta.db_table}" "{alias}" ON "{alias}".id = "{before}"."{key.column}"'
                )
        listed, table = ", ".join(columns), self.model._meta.db_table
        return f'SELECT {listed}\n    FROM "{table}" t{joins}\n    WHERE {self.condition}'  # noqa: S608 (our own words)

    def _row(self, values: Sequence[Any]) -> M:
        made: dict[str, Model] = {}
        at = 0
        for alias, model, key, names in self._parts:
            part = values[at : at + len(names)]
            at += len(names)
            before = made.get(alias.rpartition("__")[0] or "t")
            if key is None:
                made["t"] = model.from_db(None, names, part)
            elif before is not None and getattr(before, key.attname) is not None:
                made[alias] = model.from_db(None, names, part)
                key.set_cached_value(before, made[alias])  # type: ignore[attr-defined]
        row: Any = made["t"]
        return row


def _attributes(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
