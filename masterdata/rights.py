"""Rights that follow from memberships: which deeds, in which companies and plants, and which rows that shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.auth.backends import ModelBackend
from django.db.models import Model, Q, QuerySet

from masterdata import scopes
from masterdata.errors import NotAllowed
from masterdata.models import ApiKey, Company, Membership, Plant

M = TypeVar("M", bound=Model)

ADMIN = "admin"

_roles: dict[str, frozenset[str]] = {}


def install(roles: Mapping[str, frozenset[str]]) -> None:
    """Take the table role -> deeds. Called once by the house."""
    _roles.clear()
    _roles.update(roles)


def roles() -> Mapping[str, frozenset[str]]:
    """The table as installed."""
    return _roles


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a deed is allowed: `companies` whole, and `plants` (all of those companies' plants and single ones)."""

    companies: frozenset[int]
    plants: frozenset[int]

    def holds(self, place: Plant | Company | int) -> bool:
        """Whether a plant (row or id) or a company is inside."""
        if isinstance(place, Company):
            return place.pk in self.companies
        return (place.pk if isinstance(place, Plant) else place) in self.plants


NOWHERE = Scope(frozenset(), frozenset())


@dataclass(frozen=True, slots=True)
class _Grant:
    deeds: frozenset[str]
    scope: Scope


def use_key(user: Any, key: ApiKey) -> None:
    """From here on this user object acts through the key: the key's scopes limit what its memberships allow."""
    user.acting_key = key


# role, company, plant (none: the whole company), the company's plants; of the user of the API key with this prefix.
GRANTS_OF_KEY = """
    SELECT m.role, m.company_id, m.plant_id,
        array(SELECT p.id FROM masterdata_plant p WHERE p.company_id = m.company_id)
    FROM masterdata_apikey k JOIN masterdata_membership m ON m.user_id = k.user_id
    WHERE k.prefix = %s ORDER BY m.id
"""


def know(user: Any, found: Iterable[tuple[str, int, int | None, list[int]]]) -> None:
    """Take the user's memberships as `GRANTS_OF_KEY` gives them, so that nobody has to ask for them again."""
    user._grants = [
        _grant(Membership(role=role, company_id=company_id, plant_id=plant_id), {company_id: set(plants)})
        for role, company_id, plant_id, plants in found
    ]
    if user.is_superuser:
        user._grants.append(_first_account())


def scope_of(user: Any, deed: str = "") -> Scope:
    """Where the user may do `deed`; empty: where the user holds any role."""
    if not _is_somebody(user) or (deed and deed not in deeds_of(user)):
        return NOWHERE
    found = [grant.scope for grant in _grants(user) if not deed or deed in grant.deeds]
    if not found:
        return NOWHERE
    return Scope(
        frozenset().union(*(scope.companies for scope in found)), frozenset().union(*(scope.plants for scope in found))
    )


def deeds_of(user: Any) -> frozenset[str]:
    """Everything that the user may do somewhere."""
    if not _is_somebody(user):
        return frozenset()
    mine = frozenset().union(*(grant.deeds for grant in _grants(user)))
    key: ApiKey | None = getattr(user, "acting_key", None)
    return mine & frozenset(key.scopes) if key is not None and key.scopes else mine


def allows(user: Any, deed: str, place: Plant | Company | int | None = None) -> bool:
    """Whether the user may do the deed, in that plant (row or id) or company; none asked: anywhere will do."""
    return deed in deeds_of(user) if place is None else scope_of(user, deed).holds(place)


def demand(user: Any, deed: str, plant: Plant | Company | int | None = None) -> None:
    """Raise NotAllowed unless the user may do `deed` (in that plant or company).

    `user` None is the house itself: a flow, a command, the clockwork.
    """
    if user is not None and not allows(user, deed, plant):
        raise NotAllowed("You lack the right for this. Ask your administrator for it.", deed=deed)


def visible_to(user: Any, rows: QuerySet[M], deed: str = "") -> QuerySet[M]:
    """The rows in the user's companies and plants; with `deed` only where the user may do that.

    Where a model belongs is said in `masterdata.scopes`; a model that says nothing is shown to nobody (it raises).
    """
    belongs = scopes.of(rows.model)
    scope = scope_of(user, deed)
    if scope is NOWHERE:
        return rows.none()
    if belongs is scopes.EVERYBODYS:
        return rows
    condition = Q()
    for path in belongs.plants:
        condition |= _within(rows.model, path, scope.plants)
    for path in belongs.companies:
        condition |= _within(rows.model, path, scope.companies)
    return rows.filter(condition)


def _within(model: type[Model], path: str, ids: Iterable[int]) -> Q:
    """The condition on a path; one that leads through many rows becomes a subquery, so that no row comes twice."""
    condition = Q(**{f"{path}__in": sorted(ids)})
    if scopes.leads_to_many(model, path):
        return Q(pk__in=model._default_manager.filter(condition).values("pk"))
    return condition


def _is_somebody(user: Any) -> bool:
    return bool(getattr(user, "is_authenticated", False) and user.is_active)


def _grants(user: Any) -> list[_Grant]:
    """The user's memberships with their plants, read once per user object (a request)."""
    if getattr(user, "_grants", None) is None:
        memberships = list(Membership.objects.filter(user_id=user.pk).order_by("pk"))
        whole = {one.company_id for one in memberships if one.plant_id is None}
        plants: dict[int, set[int]] = {}
        for plant_id, company_id in Plant.objects.filter(company_id__in=whole).values_list("pk", "company_id"):
            plants.setdefault(company_id, set()).add(plant_id)
        user._grants = [_grant(one, plants) for one in memberships]
        if user.is_superuser:
            user._grants.append(_first_account())
    return list(user._grants)


def _first_account() -> _Grant:
    """`createsuperuser` makes the first account of an installation: an administrator of every company, and no more."""
    companies = frozenset(Company.objects.values_list("pk", flat=True))
    return _Grant(
        _roles.get(ADMIN, frozenset()), Scope(companies, frozenset(Plant.objects.values_list("pk", flat=True)))
    )


def _grant(membership: Membership, plants: Mapping[int, set[int]]) -> _Grant:
    deeds = _roles.get(membership.role, frozenset())
    if membership.plant_id is not None:
        return _Grant(deeds, Scope(frozenset(), frozenset({membership.plant_id})))
    company_id = membership.company_id
    return _Grant(deeds, Scope(frozenset({company_id}), frozenset(plants.get(company_id, ()))))


class MembershipBackend(ModelBackend):
    """Log-in by password; permissions from memberships alone, never from groups or flags."""

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if obj is not None:
            return {deed for deed in deeds_of(user_obj) if scope_of(user_obj, deed).holds(obj)}
        return set(deeds_of(user_obj))

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        return allows(user_obj, perm, obj)

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return any(deed.startswith(f"{app_label}.") for deed in deeds_of(user_obj))
