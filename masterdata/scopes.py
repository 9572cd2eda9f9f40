"""Where rows belong: the path from each model to its plant or company, which limits who sees them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db.models import ForeignKey, Model

from masterdata import models


@dataclass(frozen=True, slots=True)
class Belonging:
    """Paths to plants and to companies: a row is seen by whoever has one of them."""

    plants: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()


EVERYBODYS = Belonging()

# Group-wide rows: whoever has a role anywhere sees them.
_SHARED: set[type[Model]] = {
    models.Address,
    models.Bom,
    models.BomByproduct,
    models.BomLine,
    models.BomSubstitute,
    models.Calendar,
    models.CalendarException,
    models.Contact,
    models.Currency,
    models.ExchangeRate,
    models.LabourGrade,
    models.Material,
    models.MaterialCategory,
    models.Partner,
    models.PartnerAccount,
    models.PaymentTerm,
    models.ReasonCode,
    models.Shift,
    models.ShiftBreak,
    models.Skill,
    models.TaxCode,
    models.Unit,
    models.UnitConversion,
}

_DECLARED: dict[type[Model], Belonging] = {
    models.Company: Belonging(plants=("plants",), companies=("pk",)),
    models.Plant: Belonging(plants=("pk",)),
    models.User: Belonging(plants=("memberships__plant",), companies=("memberships__company",)),
    models.Membership: Belonging(plants=("plant",), companies=("company",)),
    models.ApiKey: Belonging(plants=("user__memberships__plant",), companies=("user__memberships__company",)),
}


def share(*group_wide: type[Model]) -> None:
    """Say that rows of these models belong to the whole group. Called from an app's `ready()`."""
    _SHARED.update(group_wide)


def declare(model: type[Model], belongs: Belonging) -> None:
    """Say where rows of a model belong when its foreign keys do not. Called from an app's `ready()`."""
    _DECLARED[model] = belongs


def of(model: type[Model]) -> Belonging:
    """Where rows of a model belong: as declared; else its plant; else its company (and the plants of its lines); else
    where the first row belongs that it always points to.

    Raises ImproperlyConfigured when nothing says it.
    """
    if model in _SHARED:
        return EVERYBODYS
    if model in _DECLARED:
        return _DECLARED[model]
    found = _found(model)
    if found is None:
        raise ImproperlyConfigured(f"{model.__name__} leads to no plant or company: declare it in masterdata.scopes")
    return found


@lru_cache(maxsize=256)
def _found(model: type[Model]) -> Belonging | None:
    if _points_to(model, "plant", models.Plant):
        return Belonging(plants=("plant",))
    if _points_to(model, "company", models.Company):
        return Belonging(plants=_plants_of_lines(model), companies=("company",))
    for field in model._meta.concrete_fields:
        target = field.related_model
        if not isinstance(field, ForeignKey) or field.null or not isinstance(target, type) or target is model:
            continue
        if target in _SHARED:
            continue
        belongs = _DECLARED.get(target) or _found(target)
        if belongs is not None:
            return Belonging(
                tuple(_join(field.name, path) for path in belongs.plants),
                tuple(_join(field.name, path) for path in belongs.companies),
            )
    return None


def _join(field: str, path: str) -> str:
    return field if path == "pk" else f"{field}__{path}"


def _points_to(model: type[Model], name: str, target: type[Model]) -> bool:
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return field.related_model is target and not getattr(field, "null", False)


def _plants_of_lines(model: type[Model]) -> tuple[str, ...]:
    """A document of a company is also seen by whoever has the plant of one of its lines."""
    try:
        lines = model._meta.get_field("lines").related_model
    except FieldDoesNotExist:
        return ()
    is_placed = isinstance(lines, type) and _points_to(lines, "plant", models.Plant)
    return ("lines__plant",) if is_placed else ()


@lru_cache(maxsize=1024)
def leads_to_many(model: type[Model], path: str) -> bool:
    """Whether the path may lead to several rows."""
    at: type[Model] = model
    for name in path.split("__"):
        if name == "pk":
            return False
        field = at._meta.get_field(name)
        if field.one_to_many or field.many_to_many:
            return True
        target = field.related_model
        if not isinstance(target, type):
            return False
        at = target
    return False
