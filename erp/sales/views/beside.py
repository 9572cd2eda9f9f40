"""What other apps put on an order's page: the house registers it, so that sales need not know them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from erp.sales.models import SalesOrder
from masterdata.pages import Action


class Floor(Protocol):
    """What the floor knows of an operation that was begun."""

    @property
    def people(self) -> tuple[str, ...]: ...

    @property
    def stopped_at(self) -> dt.datetime | None: ...

    @property
    def reason(self) -> str: ...

    @property
    def is_down(self) -> bool: ...


Offered = Callable[[SalesOrder], list[Action]]
FloorNow = Mapping[int, Floor]
Seen = Callable[[Collection[int]], FloorNow]
_offered: list[Offered] = []
_seen: list[Seen] = []


def register(actions: Offered) -> None:
    """Show what `actions` gives for an order; each is checked against the rights of who looks."""
    if actions not in _offered:
        _offered.append(actions)


def register_floor(seen: Seen) -> None:
    """Ask `seen` what the floor knows of begun operations."""
    _seen[:] = [seen]


def offered(order: SalesOrder) -> list[Action]:
    """What others offer for the order."""
    return [action for actions in _offered for action in actions(order)]


def floor(operation_ids: Collection[int]) -> FloorNow:
    """By operation; empty for those that the floor does not know."""
    return _seen[0](operation_ids) if _seen and operation_ids else {}
