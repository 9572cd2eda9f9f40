"""New rows of several tables at once: one prepared statement per table, all in one round trip.

What `bulk_create` does, for rows that need none of its options: no compilation, no parameter per value, and a
statement that is planned once however many rows it writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection
from django.db.models import JSONField, Model
from django.db.models.base import ModelState
from django.db.models.fields import NOT_PROVIDED

from masterdata import statements
from masterdata.statements import Statement

M = TypeVar("M", bound=Model)
_IDS = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"


@dataclass(frozen=True, slots=True)
class _Table:
    """How rows of a model are written, with their key or with one that the table gives."""

    keyed: str
    keyless: str
    attributes: tuple[str, ...]
    dumps: dict[int, Callable[[Any], Any]]


def new(model: type[M], **values: Any) -> M:
    """A row that is to be inserted, from the values of its columns (`order_id`, not `order`); other fields default.

    What the model's constructor does for a row, without looking at each field: for rows by the ten thousand.
    """
    row = model.__new__(model)
    row._state = ModelState()
    attributes = row.__dict__
    constant, made = _defaults(model)
    attributes.update(constant)
    for name, default in made:
        if name not in values:
            attributes[name] = default()
    attributes.update(values)
    return row


@cache
def _defaults(model: type[Model]) -> tuple[dict[str, Any], list[tuple[str, Callable[[], Any]]]]:
    """Defaults that are the same for each row, and those that are called for it."""
    constant: dict[str, Any] = {}
    called = []
    for field in model._meta.concrete_fields:
        if callable(field.default) and field.default is not NOT_PROVIDED:
            called.append((field.attname, field.default))
        else:
            constant[field.attname] = field.get_default()
    return constant, called


def give_ids(*groups: Sequence[Model]) -> None:
    """Give new rows the ids that they will have, so that others can point to them before they are written."""
    wanted = [group for group in groups if group]
    asked = [(_IDS, [group[0]._meta.db_table, group[0]._meta.pk.column, len(group)]) for group in wanted]
    for group, found in zip(wanted, statements.together(*asked) if asked else [], strict=True):
        for row, (pk,) in zip(group, found, strict=True):
            row.pk = pk


def insert(*groups: Sequence[Model]) -> None:
    """Write new rows, the groups in this order. Rows without a key get one from the table and do not learn it.

    Call `give_ids` first where others point to them. Defaults of fields hold; signals are not sent. Raises what
    `bulk_create` raises.
    """
    written = [group for group in groups if group]
    if written:
        statements.together(*(statement(group) for group in written))
    are_written(*written)


def are_written(*groups: Sequence[Model]) -> None:
    """Tell rows that they are in the database now, for whoever has sent their `statement`."""
    for group in groups:
        for row in group:
            row._state.adding = False
            row._state.db = connection.alias


def statement(rows: Sequence[Model]) -> Statement:
    """The INSERT of rows of one model, for whoever sends it together with something else."""
    table = _table(type(rows[0]))
    is_keyed = rows[0].pk is not None
    attributes = table.attributes if is_keyed else table.attributes[1:]
    values: list[Any] = []
    for index, name in enumerate(attributes, start=0 if is_keyed else 1):
        column = list(map(attrgetter(name), rows))
        dump = table.dumps.get(index)
        values.append(statements.array(map(dump, column) if dump else column))
    return (table.keyed if is_keyed else table.keyless), values


@cache
def _table(model: type[Model]) -> _Table:
    """The key comes first. Lengths and scales are left to the columns: a cast to varchar(60) would cut in silence."""
    fields = sorted(model._meta.local_concrete_fields, key=lambda field: not field.primary_key)
    kinds = [re.sub(r"\(.*?\)", "", str(field.db_type(connection))) for field in fields]
    columns = [f'"{field.column}"' for field in fields]
    casts = [f"%s::{kind}[]" for kind in kinds]
    return _Table(
        _insert(model, columns, casts),
        _insert(model, columns[1:], casts[1:]),
        tuple(field.attname for field in fields),
        {index: _dumped(field) for index, field in enumerate(fields) if isinstance(field, JSONField)},
    )


def _insert(model: type[Model], columns: Sequence[str], casts: Sequence[str]) -> str:
    listed = ", ".join(columns)
    return f'INSERT INTO "{model._meta.db_table}" ({listed}) SELECT * FROM unnest({", ".join(casts)})'  # noqa: S608 (our own words)


def _dumped(field: JSONField) -> Callable[[Any], str | None]:
    return lambda value: None if value is None else json.dumps(value, cls=field.encoder)
