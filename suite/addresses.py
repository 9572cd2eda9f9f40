"""Every address of the house with the permission it demands; the start-up check refuses one that declares none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, URLResolver, get_resolver

from masterdata.access import PUBLIC, SIGNED_IN

# Open to strangers, by URL name. Static files are served before any view is asked.
OPEN = frozenset(
    {
        "healthz",
        "readyz",
        "suite:login",
        "suite:logout",
        "suite:theme",
        "mes:worker",
        "mes:manifest",
        "mes:enrol",
        "crm:offer",
        "crm:order_seen",
    }
)


@dataclass(frozen=True, slots=True)
class Address:
    """One address: `permissions` is HTTP method -> permission ("*" when the view does not tell methods apart)."""

    pattern: str
    name: str
    view: Any
    permissions: dict[str, str]


def addresses(resolver: URLResolver | None = None) -> list[Address]:
    """Every address of the URL configuration."""
    return list(_walk(resolver or get_resolver(), "", ()))


def undeclared(found: list[Address]) -> list[str]:
    """What is wrong: addresses without a permission, with an unknown one, or open without standing in the list."""
    from suite.roles import DEEDS

    known = DEEDS | {PUBLIC, SIGNED_IN}
    wrong = []
    for one in found:
        if not one.permissions and one.name not in OPEN:
            wrong.append(f"/{one.pattern} ({one.name or 'unnamed'}) declares no permission")
        for method, permission in one.permissions.items():
            if permission not in known:
                wrong.append(f"/{one.pattern} {method} demands {permission!r}, which suite/roles.py gives to nobody")
            elif permission == PUBLIC and one.name not in OPEN:
                wrong.append(f"/{one.pattern} ({one.name}) is open, but stands not in suite.addresses.OPEN")
    return wrong


def refuse_undeclared() -> None:
    """Stop a start with an address that declares no permission."""
    if wrong := undeclared(addresses()):
        raise ImproperlyConfigured("; ".join(wrong))


def register_check() -> None:
    """Make it a system check: `manage.py check`, and with it every start."""
    checks.register(_check, checks.Tags.security)


def _check(**_: Any) -> list[checks.CheckMessage]:
    return [checks.Error(sentence, id="suite.E001") for sentence in undeclared(addresses())]


def _walk(resolver: URLResolver, prefix: str, names: tuple[str, ...]) -> Iterator[Address]:
    if resolver.namespace:
        names = (*names, resolver.namespace)
    for entry in resolver.url_patterns:
        pattern = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, pattern, names)
        elif isinstance(entry, URLPattern):
            name = ":".join((*names, entry.name)) if entry.name else ""
            yield Address(pattern, name, entry.callback, _permissions(entry.callback))


def _permissions(view: Any) -> dict[str, str]:
    """What a view declares: `requires` and `Guarded` mark the function, a REST view its class."""
    if marked := getattr(view, "permission", ""):
        return {"*": marked}
    declared = getattr(getattr(view, "cls", None), "permissions_by_method", None)
    if declared is None:
        return {}
    return dict(declared(getattr(view, "actions", None) or {}))
