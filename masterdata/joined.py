"""Rows of several models out of one prepared statement: what `select_related` does, where each millisecond counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model

M = TypeVar("M", bound=Model)


class Joined:
    """How a row of a statement becomes objects: the first model, and others under it by dotted path.

    `select` is the list of columns: each part is a model, its alias in the statement, and the path from the first
    model to it (empty for itself). A part that the statement's outer join left empty is None.
    """

    def __init__(self, *parts: tuple[type[Model], str, str]) -> None:
        self._parts = [
            (model, path, [field.attname for field in model._meta.concrete_fields]) for model, _, path in parts
        ]
        self.select = ", ".join(
            f'{alias}."{field.column}"' for model, alias, _ in parts for field in model._meta.concrete_fields
        )

    def build(self, row: Sequence[Any]) -> Any:
        """The first model's object with the others set on it, as if Django had read them."""
        at, made = 0, {}
        for model, path, names in self._parts:
            values = row[at : at + len(names)]
            at += len(names)
            made[path] = None if values[0] is None else model.from_db("default", names, list(values))
            if path:
                above, _, name = path.rpartition(".")
                owner = made[above]
                if owner is not None:
                    owner._state.fields_cache[name] = made[path]
        return made[""]
