"""Whose a fact is: its company and plants, found by the ids that it carries; and where its rows are read over REST.

The house says which field of a fact names a row of which model (`install`). A row's company and plants are where
`masterdata.scopes` says that it belongs, the same that decides who sees it. A fact whose company cannot be told is told
to nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Model

from masterdata import scopes
from masterdata.models import Company, FactRecord


@dataclass(frozen=True)
class Place:
    """What an id in a fact names: a row of `model`, read at `/api/v1/<rest>/<id>/` (empty: nowhere)."""

    model: type[Model]
    rest: str = ""

    @property
    def name(self) -> str:
        """What the link is called."""
        return str(self.model._meta.verbose_name).replace(" ", "_")


@dataclass
class Whose:
    """Companies and plants that a fact is about."""

    companies: set[int] = field(default_factory=set)
    plants: set[int] = field(default_factory=set)

    def add(self, other: Whose) -> None:
        self.companies |= other.companies
        self.plants |= other.plants


_fields: dict[str, Place] = {}
_of_kind: dict[tuple[str, str], Place] = {}


def install(by_field: Mapping[str, Place], of_kind: Mapping[tuple[str, str], Place]) -> None:
    """Take the table field -> row; `of_kind` (fact, field) -> row comes before it. Called once by the house."""
    _fields.clear()
    _fields.update(by_field)
    _of_kind.clear()
    _of_kind.update(of_kind)


def place_of(kind: str, name: str) -> Place | None:
    """What the field of a fact of that kind names."""
    return _of_kind.get((kind, name)) or _fields.get(name.removesuffix("s") if name.endswith("_ids") else name)


def placed(kind: str, names: Iterable[str]) -> list[str]:
    """Of a fact's fields those that say whose it is."""
    return [name for name in names if place_of(kind, name) is not None]


def whose(records: Sequence[FactRecord]) -> list[Whose]:
    """Of each fact; one query for each model that they name, however many facts."""
    named: list[list[tuple[Place, int]]] = [list(_named(record)) for record in records]
    wanted: dict[type[Model], set[int]] = defaultdict(set)
    for rows in named:
        for place, pk in rows:
            wanted[place.model].add(pk)
    known = {model: _rows(model, ids) for model, ids in wanted.items()}
    found = []
    for rows in named:
        one = Whose()
        for place, pk in rows:
            one.add(known[place.model].get(pk, Whose()))
        found.append(one)
    return found


def links(kind: str, payload: Mapping[str, object]) -> dict[str, str]:
    """Where the single rows that a fact names are read."""
    found = {}
    for name, value in payload.items():
        place = place_of(kind, name)
        if place is not None and place.rest and isinstance(value, int):
            found[name.removesuffix("_id")] = f"/api/v1/{place.rest}/{value}/"
    return found


def _named(record: FactRecord) -> Iterable[tuple[Place, int]]:
    for name, value in record.payload.items():
        place = place_of(record.kind, name)
        if place is not None:
            values = value if isinstance(value, list) else [value]
            yield from ((place, one) for one in values if isinstance(one, int))


def _rows(model: type[Model], ids: set[int]) -> dict[int, Whose]:
    belongs = scopes.of(model)
    if belongs is scopes.EVERYBODYS:
        return {}
    of_plants = [("pk", "company") if path == "pk" else (path, f"{path}__company") for path in belongs.plants]
    if model is Company:
        of_plants = []
    plants = [plant for plant, _company in of_plants]
    companies = [company for _plant, company in of_plants] + list(belongs.companies)
    found: dict[int, Whose] = defaultdict(Whose)
    for pk, *values in model._default_manager.filter(pk__in=ids).order_by().values_list("pk", *plants, *companies):
        found[pk].plants.update(one for one in values[: len(plants)] if one is not None)
        found[pk].companies.update(one for one in values[len(plants) :] if one is not None)
    return found
