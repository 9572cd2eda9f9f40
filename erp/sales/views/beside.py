"""Buttons that other apps put on an order's page: the house registers them, so that sales need not know them."""

from __future__ import annotations

from collections.abc import Callable

from erp.sales.models import SalesOrder
from masterdata.pages import Action

Offered = Callable[[SalesOrder], list[Action]]
_offered: list[Offered] = []


def register(actions: Offered) -> None:
    """Show what `actions` gives for an order; each is checked against the rights of who looks."""
    if actions not in _offered:
        _offered.append(actions)


def offered(order: SalesOrder) -> list[Action]:
    """What others offer for the order."""
    return [action for actions in _offered for action in actions(order)]
