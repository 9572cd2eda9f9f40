"""Migrations of a whole house in seconds: a changed model is rendered anew by itself, not with all that it reaches.

Django renders each model that is connected with a changed one, after every operation: here that is nearly all of them,
a thousand times over, and nine tenths of what `migrate` did on an empty database. What an operation writes follows from
the model that it names and from names of tables and columns, so the others may stay as they were. Where that is not so
Django's own way is taken: a change of a column that foreign keys point to, and `RunPython`, which gets all models
rendered afresh. `tests/house/test_migrating.py` compares the schema with that of Django's way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db.migrations.state import ProjectState
from django.db.migrations.utils import field_is_referenced

_reload_all = ProjectState._find_reload_model  # type: ignore[attr-defined]
_alter_field = ProjectState.alter_field


@contextmanager
def lean() -> Iterator[None]:
    """Inside, migrations of this process render only what an operation changes."""
    with (
        mock.patch.object(ProjectState, "_find_reload_model", _reload_one),
        mock.patch.object(ProjectState, "alter_field", _alter),
    ):
        yield


def _reload_one(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> set[tuple[str, str]]:
    """The models to be rendered again: this one. That others are behind is noted, as Django does for itself."""
    state.is_delayed = True
    return {(app_label, model_name.lower())}


def _alter(state: ProjectState, app_label: str, model_name: str, name: str, field: Any, preserve_default: bool) -> None:
    """What foreign keys point to changes with them: the graph must be whole."""
    if field.is_relation or not _is_pointed_to(state, (app_label, model_name.lower()), name, field):
        _alter_field(state, app_label, model_name, name, field, preserve_default)
        return
    state.clear_delayed_apps_cache()
    with mock.patch.object(ProjectState, "_find_reload_model", _reload_all):
        _alter_field(state, app_label, model_name, name, field, preserve_default)


def _is_pointed_to(state: ProjectState, model: tuple[str, str], name: str, field: Any) -> bool:
    """Whether a foreign key points to the field as it was or as it will be."""
    was = state.models[model].fields[name]
    return any(field_is_referenced(state, model, (name, one)) for one in (was, field))
