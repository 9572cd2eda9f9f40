"""New rows of several tables at once: one prepared statement per table, all in one round trip.

What `bulk_create` does, for rows that need none of its options: no compilation, no parameter per value, and a
statement that is planned once however many rows it writes.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection
from django.db.models import JSONField, Model, Value
from django.db.models.base import ModelState
from django.db.models.expressions import DatabaseDefault
from django.db.models.fields import NOT_PROVIDED

from masterdata import statements
from masterdata.statements import Statement

M = TypeVar("M", bound=Model)
_ahead: ContextVar[tuple[int, defaultdict[type[Model], deque[int]]] | None] = ContextVar("ahead", default=None)
_IDS = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"


@dataclass(frozen=True, slots=True)
class _Table:
    """How rows of a model are written, with their key or with one that the table gives."""

    keyed: str
    keyless: str
    rewritten: str
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
        if field.default is NOT_PROVIDED and field.has_db_default():
            default = field.get_default()
            constant[field.attname] = default.expression.value if isinstance(default.expression, Value) else default
        elif callable(field.default) and field.default is not NOT_PROVIDED:
            called.append((field.attname, field.default))
        else:
            constant[field.attname] = field.get_default()
    return constant, called


@contextmanager
def ids_ahead(times: int) -> Iterator[None]:
    """Inside, ids are taken for so many calls of `give_ids` at once: for work that is done again and again. What is
    left of them at the end is nobody's."""
    token = _ahead.set((times, defaultdict(deque)))
    try:
        yield
    finally:
        _ahead.reset(token)


def give_ids(*groups: Sequence[Model]) -> None:
    """Give new rows the ids that they will have, so that others can point to them before they are written."""
    wanted = [group for group in groups if group]
    if (ahead := _ahead.get()) is not None:
        wanted = [group for group in wanted if not _given(group, *ahead)]
    asked = [_ids(group, len(group)) for group in wanted]
    for group, found in zip(wanted, statements.together(*asked) if asked else [], strict=True):
        for row, (pk,) in zip(group, found, strict=True):
            row.pk = pk


def _ids(group: Sequence[Model], count: int) -> Statement:
    meta = group[0]._meta
    return _IDS, [meta.db_table, meta.pk.column, count]


def _given(group: Sequence[Model], times: int, pools: defaultdict[type[Model], deque[int]]) -> bool:
    pool = pools[type(group[0])]
    if len(pool) < len(group):
        pool.extend(pk for (pk,) in statements.run(*_ids(group, len(group) * times)))
    for row in group:
        row.pk = pool.popleft()
    return True


def rewrite(row: Model) -> None:
    """Write a row that is in the database, all of it, by one prepared statement; no signals are sent."""
    table = _table(type(row))
    values = [getattr(row, name) for name in table.attributes]
    values = [value.value if isinstance(value, Enum) else value for value in values]
    values = [_of_database(value) if isinstance(value, DatabaseDefault) else value for value in values]
    for index, dump in table.dumps.items():
        values[index] = dump(values[index])
    statements.run(table.rewritten, [*values[1:], values[0]])


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
        column = [
            _of_database(value) if type(value) is DatabaseDefault else value for value in map(attrgetter(name), rows)
        ]
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
        _rewritten(model, columns, kinds),
        tuple(field.attname for field in fields),
        {index: _dumped(field) for index, field in enumerate(fields) if isinstance(field, JSONField)},
    )


def _insert(model: type[Model], columns: Sequence[str], casts: Sequence[str]) -> str:
    listed = ", ".join(columns)
    return f'INSERT INTO "{model._meta.db_table}" ({listed}) SELECT * FROM unnest({", ".join(casts)})'  # noqa: S608 (our own words)


def _rewritten(model: type[Model], columns: Sequence[str], kinds: Sequence[str]) -> str:
    pairs = [f"{column} = %s::{kind}" for column, kind in zip(columns, kinds, strict=True)]
    return f'UPDATE "{model._meta.db_table}" SET {", ".join(pairs[1:])} WHERE {pairs[0]}'  # noqa: S608 (our own words)


def _of_database(default: DatabaseDefault) -> Any:
    """What the column would say by itself. Raises TypeError for one that only the database can work out."""
    (expression,) = default.get_source_expressions()
    if not isinstance(expression, Value):
        raise TypeError(f"{expression} is worked out by the database: give the column a value.")
    return expression.value


def _dumped(field: JSONField) -> Callable[[Any], str | None]:
    return lambda value: None if value is None else json.dumps(value, cls=field.encoder)
