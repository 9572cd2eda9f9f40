"""Rules of the audit that are worked out from the models: keys stay in one company, the database's guards stand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import models
from django.utils.translation import gettext_lazy as _

from masterdata.invariants import Invariant
from masterdata.models import Company

APPS = ("masterdata", "erp", "crm", "aps", "mes")
NEWEST = 100_000
"""So many rows of a table are looked at where somebody waits."""
Row = type[models.Model]
Path = tuple[models.ForeignKey[Any, Any], ...]


@cache
def keys_stay_in_one_company() -> Invariant:
    """All foreign keys of a row that lead to a company lead to the same one."""
    return Invariant(
        "keys_stay_in_one_company",
        "All that a row points to is of one company (materials, partners, units and calendars are everybody's)",
        "\nUNION ALL\n".join(_crossing(row, keys) for row, keys in company_keys().items()),
        recent="\nUNION ALL\n".join(_crossing(row, keys, _newest(row)) for row, keys in company_keys().items()),
        scope=_("of each kind of record the newest 100,000"),
    )


@cache
def guards_stand() -> Invariant:
    """What data cannot show afterwards (nobody changed a posted row) holds as long as its guard stands."""
    triggers = ", ".join(f"('{row._meta.db_table}', '{item.get_pgid(row)}')" for row, item in pgtrigger.registered())
    rules = ", ".join(f"('{row._meta.db_table}', '{rule.name}')" for row in _rows() for rule in row._meta.constraints)
    return Invariant(
        "guards_stand",
        "Every trigger and every constraint of the models is in the database and switched on",
        f"""
        SELECT g.place, g.name AS trigger FROM (VALUES {triggers}) AS g (place, name)
        WHERE NOT EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = to_regclass(g.place)
            AND t.tgname = g.name AND t.tgenabled IN ('O', 'A'))
        UNION ALL
        SELECT g.place, g.name FROM (VALUES {rules}) AS g (place, name)
        WHERE NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conrelid = to_regclass(g.place)
                AND c.conname = g.name AND c.convalidated)
            AND NOT EXISTS (SELECT 1 FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid
                WHERE i.indrelid = to_regclass(g.place) AND n.relname = g.name AND i.indisvalid AND i.indisunique)
        """,  # noqa: S608 (names of our own models)
    )


def company_keys() -> dict[Row, dict[str, Path]]:
    """Per row with two keys or more that lead to a company: key -> the way from the row to the company."""
    homes = _homes()
    found = {}
    for row in _rows():
        keys = {key.name: (key, *homes[_target(key)]) for key in _keys(row) if _target(key) in homes}
        if len(keys) > 1:
            found[row] = keys
    return found


def group_wide() -> set[str]:
    """Rows that no company owns."""
    return {row._meta.label for row in _rows()} - {row._meta.label for row in _homes()}


def _homes() -> dict[Row, Path]:
    """Row -> the shortest way to its company by keys that are never empty."""
    homes: dict[Row, Path] = {Company: ()}
    while True:
        found: dict[Row, Path] = {}
        for row in _rows():
            ways = [key for key in _keys(row) if not key.null and _target(key) in homes]
            if row not in homes and ways:
                found[row] = (ways[0], *homes[_target(ways[0])])
        if not found:
            return homes
        homes |= found


def _rows() -> Iterator[Row]:
    for row in apps.get_models():
        if row._meta.app_label in APPS:
            yield row


def _keys(row: Row) -> Iterator[models.ForeignKey[Any, Any]]:
    for field in row._meta.get_fields():
        if isinstance(field, models.ForeignKey):
            yield field


def _target(key: models.ForeignKey[Any, Any]) -> Row:
    assert isinstance(key.related_model, type)
    return key.related_model


def _newest(row: Row) -> str:
    """The condition for a table's newest rows; empty where keys are no numbers that rise."""
    key = row._meta.pk
    while isinstance(key, models.ForeignKey):
        key = key.target_field
    if not isinstance(key, models.AutoField | models.BigAutoField):
        return ""
    name = row._meta.pk.column
    return f"t.{name} > (SELECT max({name}) FROM {row._meta.db_table}) - {NEWEST} AND "  # noqa: S608 (our own models)


def _crossing(row: Row, keys: dict[str, Path], which: str = "") -> str:
    """The query for rows whose keys lead to different companies."""
    joins: dict[Path, str] = {}
    ends = {name: _company_id(path, joins) for name, path in keys.items()}
    first = f"coalesce({', '.join(ends.values())})"
    others = " OR ".join(f"{first} <> {end}" for end in ends.values())
    named = ", ".join(
        f"'{name} ' || (SELECT code FROM masterdata_company WHERE id = {end})"  # noqa: S608 (our own models)
        for name, end in ends.items()
    )
    tables = " ".join(
        f"LEFT JOIN {_target(path[-1])._meta.db_table} {alias}"
        f" ON {alias}.{_target(path[-1])._meta.pk.column} = {joins.get(path[:-1], 't')}.{path[-1].column}"
        for path, alias in joins.items()
    )
    return (
        f"SELECT '{row._meta.label}' AS record, t.{row._meta.pk.column}::text AS id,"  # noqa: S608 (our own models)
        f" concat_ws(', ', {named}) AS companies FROM {row._meta.db_table} t {tables} WHERE {which}({others})"
    )


def _company_id(path: Path, joins: dict[Path, str]) -> str:
    """The SQL for the company at the path's end; what has to be joined on the way is added to `joins`."""
    for length in range(1, len(path)):
        joins.setdefault(path[:length], f"j{len(joins) + 1}")
    return f"{joins.get(path[:-1], 't')}.{path[-1].column}"
